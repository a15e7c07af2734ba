"""A running app and a real browser for the browser tests, both without any network but the loopback.

The server runs as on a user's desk: a terminal as its input, DISPLAY set, a fresh home folder. An
audit hook in the server process notes every connection that it tries to make beyond this machine.
"""

from __future__ import annotations

import functools
import json
import os
import pty
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from ui.settling import PATIENCE_S

ROOT = Path(__file__).parents[2]
FAKE_APP = "tests/ui/fake_app.py"
#: Longest waits for the server and for anything on a page: many times what a slow machine needs.
START_S, PATIENCE_MS = PATIENCE_S, 1000.0 * PATIENCE_S

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


# Runs where servers and browsers run, as long as they do; told 0 it finds a free port, told a port it looks
# whether anybody listens there.
_HOLD = """
import fcntl, socket, struct, sys
if "apart" in sys.argv:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        flags = struct.pack('16sh', b'lo', 0x1 | 0x40)
        fcntl.ioctl(s, 0x8914, flags + bytes(16))  # SIOCSIFFLAGS: up, running
    with socket.socket() as s:
        s.settimeout(2)
        if s.connect_ex(('192.0.2.1', 80)) == 0:
            sys.exit('there is a network')
print('ready', flush=True)
for line in sys.stdin:
    try:
        if int(line):
            socket.create_connection(('localhost', int(line)), timeout=2).close()
            print(1, flush=True)
        else:
            with socket.socket() as s:
                s.bind(('localhost', 0))
                print(s.getsockname()[1], flush=True)
    except OSError:
        print(0, flush=True)
"""
#: Commands that take the network away, and how to enter where it was taken from; the last one does neither.
_AWAY = (
    (["unshare", "-n"], ["-n"]),
    (["unshare", "-r", "-n"], ["-U", "-n", "--preserve-credentials"]),
    ([], []),
)


@dataclass
class Ground:
    """Where servers and browsers run: beside each other, and apart from every network where that can be done."""

    process: subprocess.Popen[str]
    enter: list[str]

    @property
    def apart(self) -> bool:
        """Whether the network was taken away."""
        return bool(self.enter)

    def _ask(self, number: int) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(number, file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def free_port(self) -> int:
        """A port on which nobody listens."""
        return self._ask(0)

    def listens(self, port: int) -> bool:
        """Whether somebody listens on a port."""
        return self._ask(port) == 1

    def holds(self, pid: int) -> bool:
        """Whether a process runs here."""
        here, there = (Path(f"/proc/{number}/ns/net").readlink() for number in (self.process.pid, pid))
        return here == there


@pytest.fixture(scope="session")
def ground() -> Iterator[Ground]:
    """A place with nothing but its own loopback; an ordinary one where this machine allows no other."""
    for away, enter in _AWAY:
        if not all(shutil.which(name) for name in (*away[:1], *(["nsenter"] if enter else []))):
            continue
        words = [*away, sys.executable, "-c", _HOLD, *(["apart"] if away else [])]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            if process.stdout.readline() == "ready\n":
                yield Ground(process, ["nsenter", "-t", str(process.pid), *enter] if enter else [])
                return
    raise RuntimeError("not even an ordinary process starts here")


def browser_binary() -> str | None:
    """Chromium of the machine; ``None`` lets Playwright use its own."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session", autouse=True)
def _components_are_found_once() -> Iterator[None]:
    """Streamlit's test runner reads the description of every package that is installed, for each page anew."""
    with pytest.MonkeyPatch.context() as patch:
        found = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@dataclass
class Server:
    """A running app."""

    url: str
    process: subprocess.Popen[bytes]
    audit: Path
    log: Path
    started_s: float

    @property
    def regions(self) -> Path:
        """Where regions are kept that somebody imports."""
        return self.log.parent / "regions"

    def outside(self) -> list[Any]:
        """Connections beyond this machine that the server process tried to make."""
        lines = self.audit.read_text().splitlines() if self.audit.exists() else []
        return [json.loads(line) for line in lines]


def start_server(folder: Path, ground: Ground, app: str = FAKE_APP, mode: str = "", data: str = "") -> Server:
    """Start Streamlit on a free port and wait until it answers."""
    home = folder / "home"
    hook = folder / "hook"
    home.mkdir(parents=True)
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(_AUDIT)
    port = ground.free_port()
    environment = {
        **os.environ,
        "HOME": str(home),
        "DISPLAY": ":77",
        "PYTHONPATH": f"{hook}{os.pathsep}{ROOT}",
        "JANGKAU_TEST": mode,
        "JANGKAU_TEST_AUDIT": str(folder / "audit.jsonl"),
        "JANGKAU_REGIONS": str(folder / "regions"),
    }
    ours, theirs = pty.openpty()
    log = folder / "server.log"
    began = time.monotonic()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                *ground.enter,
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
        if ground.listens(port):
            return Server(url, process, folder / "audit.jsonl", log, time.monotonic() - began)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    process.wait()
    raise RuntimeError(f"the app did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory, ground: Ground) -> Iterator[Callable[..., Server]]:
    """Start (once each) the app on some data; at the end nothing may have called outside or asked for e-mail."""
    running: dict[tuple[str, str, str], Server] = {}

    def get(app: str = FAKE_APP, mode: str = "", data: str = "") -> Server:
        """``data`` is the folder that the app is started with."""
        if (app, mode, data) not in running:
            running[app, mode, data] = start_server(tmp_path_factory.mktemp("server"), ground, app, mode, data)
        return running[app, mode, data]

    yield get
    for server in running.values():
        server.process.terminate()
        server.process.wait(timeout=60)
        os.close(server.process.terminal)  # type: ignore[attr-defined]
        assert server.outside() == []
        assert "email" not in server.log.read_text().lower()


def _browser_there(ground: Ground, binary: str, folder: Path) -> str:
    """A program that starts the browser where the servers are."""
    if not ground.apart:
        return binary
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec {shlex.join([*ground.enter, binary])} "$@"\n')
    script.chmod(0o755)
    return str(script)


@pytest.fixture(scope="module")
def chromium(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real browser; skipped where there is none. One at a time: other modules start their own."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        binary = browser_binary() or playwright.chromium.executable_path
        try:
            browser = playwright.chromium.launch(
                executable_path=_browser_there(ground, binary, tmp_path_factory.mktemp("browser")),
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
        handle = self.page.locator(".st-key-map iframe").element_handle(timeout=PATIENCE_MS)
        return handle.content_frame()

    def wait_for_map(self, layer: str = "manfaat", timeout: float = PATIENCE_MS) -> None:
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
        context.set_default_timeout(PATIENCE_MS)
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
