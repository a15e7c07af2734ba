"""A running app and a real browser for the browser tests.

The server runs as on a user's desk: a terminal as its input, DISPLAY set, a fresh home folder. An
audit hook in the server process notes every connection that it tries to make beyond this machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FAKE_APP = "tests/ui/fake_app.py"
START_S = 60

_AUDIT = """
import ipaddress, json, os, sys
_path = os.environ["JANGKAU_TEST_AUDIT"]
def _local(host):
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
def _hook(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and not _local(args[1][0]):
        what = [event, str(args[1])]
    elif event == "socket.getaddrinfo" and not _local(args[0]):
        what = [event, str(args[0])]
    else:
        return
    with open(_path, "a") as stream:
        stream.write(json.dumps(what) + "\\n")
sys.addaudithook(_hook)
"""


def browser_binary() -> str | None:
    """Chromium of the machine; ``None`` lets Playwright use its own."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass
class Server:
    """A running app."""

    url: str
    process: subprocess.Popen[bytes]
    audit: Path
    log: Path
    started_s: float

    def outside(self) -> list[Any]:
        """Connections beyond this machine that the server process tried to make."""
        lines = self.audit.read_text().splitlines() if self.audit.exists() else []
        return [json.loads(line) for line in lines]


def start_server(folder: Path, app: str = FAKE_APP, mode: str = "", data: str = "") -> Server:
    """Start Streamlit on a free port of this machine and wait until it answers."""
    home = folder / "home"
    hook = folder / "hook"
    home.mkdir(parents=True)
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(_AUDIT)
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "HOME": str(home),
        "DISPLAY": ":77",
        "PYTHONPATH": f"{hook}{os.pathsep}{ROOT}",
        "JANGKAU_TEST": mode,
        "JANGKAU_TEST_AUDIT": str(folder / "audit.jsonl"),
    }
    ours, theirs = pty.openpty()
    log = folder / "server.log"
    began = time.monotonic()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                app,
                "--server.port",
                str(port),
                *(["--", data] if data else []),
            ],
            cwd=ROOT,
            env=environment,
            stdin=theirs,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    os.close(theirs)
    process.terminal = ours  # type: ignore[attr-defined]  # kept open as long as the process
    url = f"http://localhost:{port}"
    while time.monotonic() - began < START_S:
        with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=2):
            return Server(url, process, folder / "audit.jsonl", log, time.monotonic() - began)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    process.wait()
    raise RuntimeError(f"the app did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start (once each) the app on some data; at the end nothing may have called outside or asked for e-mail."""
    running: dict[tuple[str, str, str], Server] = {}

    def get(app: str = FAKE_APP, mode: str = "", data: str = "") -> Server:
        """``data`` is the folder that the app is started with."""
        if (app, mode, data) not in running:
            running[app, mode, data] = start_server(tmp_path_factory.mktemp("server"), app, mode, data)
        return running[app, mode, data]

    yield get
    for server in running.values():
        server.process.terminate()
        server.process.wait(timeout=20)
        os.close(server.process.terminal)  # type: ignore[attr-defined]
        assert server.outside() == []
        assert "email" not in server.log.read_text().lower()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser; skipped where there is none. One at a time: other modules start their own."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=browser_binary(),
                args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
            )
        except sync_api.Error as error:
            pytest.skip(f"no Chromium here: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page with what happened on it: requests beyond this machine, dialogs, faults."""

    page: Any
    outside: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def frame(self) -> Any:
        """The frame of the map."""
        handle = self.page.locator(".st-key-map iframe").element_handle(timeout=30_000)
        return handle.content_frame()

    def wait_for_map(self, layer: str = "manfaat", timeout: float = 60_000) -> None:
        """Wait until the map is painted with a layer."""
        self.page.wait_for_selector(".st-key-map iframe", timeout=timeout)
        self.page.frame_locator(".st-key-map iframe").locator(f'[data-layer="{layer}"]').wait_for(timeout=timeout)

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a place of the map is on the page, in pixels."""
        point = self.frame.evaluate(
            "p => { const q = jangkau.map().latLngToContainerPoint(p); return [q.x, q.y]; }", [lat, lon]
        )
        box = self.page.locator(".st-key-map iframe").bounding_box()
        return box["x"] + point[0], box["y"] + point[1]

    def colour(self, lat: float, lon: float) -> list[int]:
        """Red, green, blue, alpha of the canvas at a place."""
        found = self.frame.evaluate(
            """p => { const map = jangkau.map(), canvas = map.getPane('overlayPane').querySelector('canvas');
                const at = map.latLngToContainerPoint(p), box = map.getContainer().getBoundingClientRect();
                const c = canvas.getBoundingClientRect(), k = canvas.width / c.width;
                const x = Math.round((at.x + box.left - c.left) * k), y = Math.round((at.y + box.top - c.top) * k);
                return Array.from(canvas.getContext('2d').getImageData(x, y, 1, 1).data); }""",
            [lat, lon],
        )
        return list(found)

    def press(self, lat: float, lon: float) -> None:
        """Click a place of the map."""
        self.page.locator(".st-key-map").scroll_into_view_if_needed()
        self.page.mouse.click(*self.at(lat, lon))


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    """Open an address; at the end of the test no request may have left this machine."""
    contexts: list[tuple[Any, Visit]] = []

    def open_address(url: str, *, width: int = 1366, height: int = 900) -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        seen = Visit(page)

        def note(request: Any) -> None:
            if not request.url.startswith(("data:", "blob:", "http://localhost:", "ws://localhost:")):
                seen.outside.append(request.url)

        def dismiss(dialog: Any) -> None:
            seen.dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("request", note)
        page.on("websocket", note)
        page.on("dialog", dismiss)
        page.on("pageerror", lambda error: seen.faults.append(str(error)))
        page.goto(url)
        contexts.append((context, seen))
        return seen

    yield open_address
    for context, seen in contexts:
        context.close()
        assert seen.outside == []
        assert seen.dialogs == []
        assert seen.faults == []
