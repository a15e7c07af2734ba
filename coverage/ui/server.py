"""The server of the app gets ready while the first browser is still loading the page."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

_LOG = logging.getLogger(__name__)
_NAME = "warm-up"
#: Streamlit's own log of a fault quotes its text, which may quote a file or a person; the journal has the rest.
_QUOTES = "streamlit.error_util"
_WONDERS = "streamlit.runtime.scriptrunner_utils.script_run_context"


@asynccontextmanager
async def ready(_app: Any) -> AsyncGenerator[None]:
    """Load the region and its analysis beside the server's start; visitors find them there."""
    # Streamlit wonders about work outside a visitor's run; here that is wanted.
    logging.getLogger(_WONDERS).addFilter(lambda record: record.threadName != _NAME)
    if os.environ.get("JANGKAU_LOG") != "text":
        logging.getLogger(_QUOTES).addFilter(lambda record: record.exc_info is None)
    threading.Thread(target=_warm, daemon=True, name=_NAME).start()
    yield


def told(error: Exception) -> bool:
    """A fault that a page let through, told in a sentence; nothing else is shown of it."""
    from coverage.ui.main import show_fault

    return show_fault(error)


def _warm() -> None:
    from coverage.errors import JangkauError
    from coverage.ui import main

    try:
        main.warm()
    except JangkauError as error:  # the first visitor is told, with what to do
        _LOG.info("not ready: %s", error)
