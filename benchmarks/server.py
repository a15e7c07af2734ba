"""The app on a free port of this machine, and a browser for it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
_PATIENCE_S = 60.0


@contextmanager
def running(
    *arguments: str,
    app: str = "app.py",
    environment: Mapping[str, str] | None = None,
    log: IO[bytes] | int | None = None,
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start the app and end it afterwards; it may not listen yet (:func:`listening`).

    Parameters
    ----------
    arguments : str
        For the app, e.g. a folder.
    app : str
        File that Streamlit runs.
    environment : mapping of str, optional
        In place of this process's.
    log : file, optional
        Takes what the server says; by default nobody does.

    Yields
    ------
    process, port
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    said = subprocess.DEVNULL if log is None else log
    given = ["--", *arguments] if arguments else []
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", app, "--server.port", str(port), *given],
        cwd=ROOT, env=dict(environment or os.environ), stdout=said, stderr=None if log is None else said,
    )  # fmt: skip
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def listening(port: int) -> None:
    """Wait until a server listens.

    Raises
    ------
    TimeoutError
        Where none does within a minute.
    """
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("localhost", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the app did not start")


def chromium(playwright: Any) -> Any:
    """The machine's own Chromium."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
