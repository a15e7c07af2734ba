"""Many people at once: ``python benchmarks/load.py [--people 20] [--minutes 5] [--app app.py]``.

Simulated people open the app of this machine and click: a village, a layer, another page, the
language, now and then another budget (which makes a new plan). They speak Streamlit's own protocol
over its websocket, as the browser does, and wait a moment between clicks. A click is over when the
server says that the page is drawn; drawing in the browser is not in it. Prints clicks, errors,
median and 95th percentile per kind of click, and the server's memory over time; ends with 1 where an
error occurred or a limit is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

ROOT = Path(__file__).parents[1]
P95_LIMIT_S = 1.5
#: The server's memory may grow by this share between the first and the last quarter of the time.
GROWTH_LIMIT = 0.10
THINK_S = (1.0, 5.0)
WAIT_S = 60.0
#: What people do, and how often.
CLICKS = {"village": 40, "page": 30, "layer": 15, "language": 7, "budget": 8}
CHOICES = {"layer": "layer_choice", "language": "lang"}
MOST_PEOPLE, MOST_MINUTES = 50, 30.0


@dataclass
class Tally:
    """What was measured."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


@dataclass
class Visitor:
    """One person in front of a browser."""

    url: str
    dice: random.Random
    tally: Tally
    pages: dict[str, str] = field(default_factory=dict)
    page: str = ""
    query: str = ""
    widgets: dict[str, Any] = field(default_factory=dict)
    states: dict[str, WidgetState] = field(default_factory=dict)
    fragments: dict[str, float] = field(default_factory=dict)
    kept: dict[str, ForwardMsg] = field(default_factory=dict)
    socket: Any = None

    async def visit(self, until: float) -> None:
        """Open the app and click until the time is over."""
        async with connect(self.url, subprotocols=["streamlit"], max_size=None, open_timeout=WAIT_S) as self.socket:
            await self._timed("open", self._run())
            while time.monotonic() < until:
                await self._think()
                kind = self.dice.choices(list(CLICKS), list(CLICKS.values()))[0]
                await self._timed(kind, self._click(kind))

    async def _think(self) -> None:
        """Look at the page; meanwhile its running fragments ask again, as in the browser."""
        until = time.monotonic() + self.dice.uniform(*THINK_S)
        while time.monotonic() < until:
            await asyncio.sleep(min([*self.fragments.values(), until - time.monotonic(), 1.0]))
            for name in list(self.fragments):
                await self._run(fragment=name)

    async def _timed(self, kind: str, action: Any) -> None:
        began = time.monotonic()
        try:
            await asyncio.wait_for(action, WAIT_S)
        except TimeoutError:
            self.tally.errors.append(f"{kind}: no answer within {WAIT_S:.0f} s")
        self.tally.seconds[kind].append(time.monotonic() - began)

    async def _click(self, kind: str) -> None:
        if kind == "page":
            self.page = self.dice.choice(sorted(self.pages.values()))
            self.states = {name: state for name, state in self.states.items() if "search" in name or "lang" in name}
        elif kind == "village" and (box := self._widget("selectbox", "search")) is not None:
            self._set(box.id, string_value=self.dice.choice(list(box.options)))
        elif kind in CHOICES and (group := self._widget("button_group", CHOICES[kind])) is not None:
            self._set_choice(group)
        elif kind == "budget" and (slider := self._widget("slider", "budget_")) is not None:
            self._set(slider.id, double_array_value=float(self.dice.randrange(1, 30)))
        await self._run()

    def _widget(self, kind: str, key: str) -> Any:
        found = [w for name, (k, w) in self.widgets.items() if k == kind and name.rsplit("-", 1)[-1].startswith(key)]
        return found[0] if found else None

    def _set_choice(self, group: Any) -> None:
        choice = self.dice.randrange(len(group.options))
        self._set(group.id, string_array_value=group.options[choice].content)

    def _set(self, name: str, **value: Any) -> None:
        state = WidgetState(id=name)
        for kind, content in value.items():
            if kind.endswith("_array_value"):
                getattr(state, kind).data.append(content)
            else:
                setattr(state, kind, content)
        self.states[name] = state

    async def _run(self, fragment: str = "") -> None:
        """Ask for a run of the page (or of one fragment) and take everything up to its end."""
        message = BackMsg()
        ask = message.rerun_script
        if not fragment:
            self.widgets.clear()
            self.fragments.clear()
        ask.query_string, ask.page_script_hash, ask.fragment_id = self.query, self.page, fragment
        ask.is_auto_rerun = bool(fragment)
        ask.cached_message_hashes.extend(self.kept)
        ask.widget_states.widgets.extend(self.states.values())
        await self.socket.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(await self.socket.recv())
            if told.WhichOneof("type") == "ref_hash":
                told = self.kept.get(told.ref_hash, told)
            elif told.metadata.cacheable:
                self.kept[told.hash] = told
            if self._take(told):
                return

    def _take(self, told: ForwardMsg) -> bool:
        """Note what a message brings; whether the run is over."""
        kind = told.WhichOneof("type")
        if kind == "new_session":
            self.page = told.new_session.page_script_hash or self.page
        elif kind == "navigation":
            self.pages = {page.url_pathname: page.page_script_hash for page in told.navigation.app_pages}
            self.page = told.navigation.page_script_hash or self.page
        elif kind == "page_info_changed":
            self.query = told.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.fragments[told.auto_rerun.fragment_id] = told.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            self.fragments.clear()
        elif kind == "delta" and told.delta.WhichOneof("type") == "new_element":
            element = told.delta.new_element
            what = element.WhichOneof("type")
            if what == "exception" or (what == "alert" and element.alert.format == element.alert.ERROR):
                text = element.exception.message if what == "exception" else element.alert.body
                self.tally.errors.append(f"{what}: {text[:200]}")
            elif what in ("selectbox", "button_group", "slider"):
                widget = getattr(element, what)
                self.widgets[widget.id] = (what, widget)
        elif kind == "script_finished":
            if told.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self.tally.errors.append("the page does not compile")
            return told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False


async def watch(process: int, tally: Tally, until: float, every: float) -> None:
    """Note the server's resident memory in MB."""
    began = time.monotonic()
    while time.monotonic() < until:
        with suppress(OSError):
            text = Path(f"/proc/{process}/status").read_text()
            kilobytes = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS"))
            tally.memory.append((time.monotonic() - began, kilobytes / 1024))
        await asyncio.sleep(every)


async def crowd(url: str, process: int, people: int, seconds: float, seed: int = 1) -> Tally:
    """Let people click for a while; they come one after the other within a tenth of the time."""
    tally = Tally()
    until = time.monotonic() + seconds

    async def one(number: int) -> None:
        await asyncio.sleep(number * seconds / 10 / people)
        try:
            dice = random.Random(seed * 1000 + number)  # noqa: S311 - no secret
            await Visitor(url, dice, tally).visit(until)
        except Exception as error:  # noqa: BLE001 - a person whose connection breaks is a result, not the end
            tally.errors.append(f"{type(error).__name__}: {error}"[:200])

    await asyncio.gather(watch(process, tally, until, max(seconds / 60, 0.5)), *(one(n) for n in range(people)))
    return tally


def quarters(memory: list[tuple[float, float]]) -> tuple[float, float]:
    """Median memory in the second and in the last quarter of the time (in the first the caches fill)."""
    values = [value for _at, value in memory]
    size = max(1, len(values) // 4)
    return statistics.median(values[size : 2 * size] or values), statistics.median(values[-size:])


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def report(tally: Tally, *, limits: bool = True) -> int:
    """Print what was measured; 1 where a limit is broken or an error occurred."""
    every = [second for kind, values in tally.seconds.items() if kind != "open" for second in values]
    for kind, values in [*sorted(tally.seconds.items()), ("all clicks", every)]:
        if values:
            print(f"{kind:>12} {len(values):6d} p50 {statistics.median(values):6.2f} s  p95 {p95(values):6.2f} s")
    early, late = quarters(tally.memory)
    print(f"memory of the server: {early:.0f} MB in the second quarter, {late:.0f} MB in the last")
    print(f"errors: {len(tally.errors)}")
    for text in sorted(set(tally.errors))[:10]:
        print(" ", text)
    broken = bool(tally.errors) or not every
    if limits:
        broken |= p95(every or [0.0]) > P95_LIMIT_S or late > early * (1 + GROWTH_LIMIT)
    return int(broken)


def serve(app: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The app on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "JANGKAU_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", app, "--server.port", str(port)],
            cwd=ROOT, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    for _attempt in range(600):
        with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
            return process, port
        time.sleep(0.1)
    process.kill()
    raise RuntimeError("the app did not start")


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--app", default="app.py")
    asked = parser.parse_args()
    people, minutes = min(asked.people, MOST_PEOPLE), min(asked.minutes, MOST_MINUTES)
    with tempfile.TemporaryDirectory() as name:
        process, port = serve(asked.app, Path(name))
        try:
            url = f"ws://localhost:{port}/_stcore/stream"
            warm = asyncio.run(crowd(url, process.pid, 1, 15.0))
            print(f"{people} people for {minutes:g} minutes; load before {os.getloadavg()[0]:.1f}")
            tally = asyncio.run(crowd(url, process.pid, people, minutes * 60, seed=2))
            tally.errors += warm.errors
            return report(tally)
        finally:
            process.terminate()
            process.wait(timeout=30)
            log = (Path(name) / "server.log").read_text(errors="replace")
            print("faults in the server's log:", log.count('"level": "error"') + log.count("Traceback"))


if __name__ == "__main__":
    sys.exit(main())
