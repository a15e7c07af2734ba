"""The server's log: one JSON object a line, nobody named but by the id of the user."""

from __future__ import annotations

import json
import logging
import os
import secrets
from typing import Any

_LOG = logging.getLogger("jangkau")


class _Lines(logging.Formatter):
    """A record as one line of JSON: time (UTC), level, event and its values."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "values", {}),
        }
        return json.dumps(told, ensure_ascii=False, default=str)


def set_up() -> None:
    """Write to standard error, once for the process; ``JANGKAU_LOG=text`` leaves plain lines."""
    if _LOG.handlers:
        return
    handler = logging.StreamHandler()
    if os.environ.get("JANGKAU_LOG") != "text":
        handler.setFormatter(_Lines())
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.INFO)
    _LOG.propagate = False


def event(name: str, *, user: str = "", **values: object) -> None:
    """Something happened; `values` hold no names, addresses or reports."""
    set_up()
    _LOG.info(name, extra={"values": {"user": user, **values} if user else values})


def failure(name: str, error: BaseException, *, user: str = "") -> str:
    """Something failed: the kind of error and where, not its text, which may quote a file.

    Returns
    -------
    str
        The id of the event, by which a user's report finds it in the log.
    """
    set_up()
    trace, steps = error.__traceback__, []
    while trace is not None:
        steps.append(f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}")
        trace = trace.tb_next
    number = secrets.token_hex(4)
    where = [step for step in steps if step.startswith("coverage.")]
    values = {"id": number, "kind": type(error).__name__, "where": "".join(steps[-1:]), "by": where[-5:], "user": user}
    _LOG.error(name, extra={"values": values})
    return number
