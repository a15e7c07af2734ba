"""Many people at once: ``python benchmarks/load.py [--people 20] [--minutes 5] [--think 7] [--app app.py]``.

Simulated people open the app of this machine and click: a village, a layer, another page, the
language, now and then another budget (which makes a new plan). They speak Streamlit's own protocol
over its websocket, as the browser does. A click is over when the server says that the page is drawn;
drawing in the browser is not in it.

Between clicks people look at what they see: for a time that is exponentially distributed and cut at ten
times its mean, as is usual for simulated visitors. The mean of 7 s is a judgement, on the fast side: a map
with a village's story takes longer to read; ``--think 3`` makes them hurry.

Prints clicks per second, median and 95th percentile per kind of click, errors, the processor time
per click, and the memory of the server with its second process over time; ends with 1 where an error
occurred or a limit is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.processes import family, resident_mb, worked_s  # noqa: E402
from benchmarks.server import listening, running  # noqa: E402

P95_LIMIT_S = 1.5
#: The server's memory may grow by this share between the first and the last quarter of the time.
GROWTH_LIMIT = 0.10
THINK_S = 7.0
#: Nobody thinks longer than this many times the mean.
LONGEST_THOUGHT = 10.0
WAIT_S = 60.0
#: A fragment of a page answers within this time, or it is gone.
FRAGMENT_S = 20.0
#: The first analysis of a server that has kept nothing takes minutes.
FIRST_S = 900.0
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
    #: How long it was measured, and the processor time that the server took meanwhile.
    lasted_s: float = 0.0
    worked_s: float = 0.0


@dataclass
class Visitor:
    """One person in front of a browser."""

    url: str
    dice: random.Random
    tally: Tally
    think_s: float = THINK_S
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
        thought = min(self.dice.expovariate(1 / self.think_s), LONGEST_THOUGHT * self.think_s)
        until = time.monotonic() + thought
        while time.monotonic() < until:
            await asyncio.sleep(min([*self.fragments.values(), until - time.monotonic(), 1.0]))
            for name in list(self.fragments):
                try:
                    await asyncio.wait_for(self._run(fragment=name), FRAGMENT_S)
                except TimeoutError:  # a fragment that is gone by now gets no answer
                    self.fragments.pop(name, None)

    async def _timed(self, kind: str, action: Any) -> None:
        began = time.monotonic()
        try:
            await asyncio.wait_for(action, WAIT_S)
        except TimeoutError:
            name = next((name for name, page in self.pages.items() if page == self.page), "")
            self.tally.errors.append(f"{kind}: no answer within {WAIT_S:.0f} s on {name!r}")
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
    """Note the resident memory of the server and its processes in MB, and their processor time."""
    began = time.monotonic()
    before: dict[int, float] = {}
    while time.monotonic() < until:
        with suppress(OSError):
            running = family(process)
            tally.memory.append((time.monotonic() - began, sum(map(resident_mb, running))))
            now = {one: worked_s(one) for one in running}
            before = {one: before.get(one, spent if not before else 0.0) for one, spent in now.items()}
            tally.worked_s = sum(now.values()) - sum(before.values())
        await asyncio.sleep(every)
    tally.lasted_s = time.monotonic() - began


async def first_visit(url: str, seconds: float) -> Tally:
    """One person waits for the first result and looks around, as whoever opens the app in the morning."""
    tally = Tally()
    one = Visitor(url, random.Random(1), tally)  # noqa: S311 - no secret
    until = time.monotonic() + seconds
    async with connect(url, subprotocols=["streamlit"], max_size=None, open_timeout=WAIT_S) as one.socket:
        await one._run()
        while one.fragments and time.monotonic() < until:
            await one._think()
            await one._run()
        for kind in CLICKS:
            await one._click(kind)
    return tally


async def crowd(url: str, process: int, people: int, seconds: float, seed: int = 1, think_s: float = THINK_S) -> Tally:
    """Let people click for a while; they come one after the other within a tenth of the time."""
    tally = Tally()
    until = time.monotonic() + seconds

    async def one(number: int) -> None:
        await asyncio.sleep(number * seconds / 10 / people)
        try:
            dice = random.Random(seed * 1000 + number)  # noqa: S311 - no secret
            await Visitor(url, dice, tally, think_s).visit(until)
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
    if every and tally.lasted_s:
        rate, cost = len(every) / tally.lasted_s, 1000 * tally.worked_s / len(every)
        print(f"{rate:.1f} clicks a second, {cost:.0f} ms of processor time each, plans included")
    early, late = quarters(tally.memory)
    print(f"memory of the server: {early:.0f} MB in the second quarter, {late:.0f} MB in the last")
    print(f"errors: {len(tally.errors)}")
    for text in sorted(set(tally.errors))[:10]:
        print(" ", text)
    broken = bool(tally.errors) or not every
    if limits:
        broken |= p95(every or [0.0]) > P95_LIMIT_S or late > early * (1 + GROWTH_LIMIT)
    return int(broken)


@contextmanager
def serve(app: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The app with data and log in a folder of its own."""
    environment = {**os.environ, "JANGKAU_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    with (folder / "server.log").open("wb") as log, running(app=app, environment=environment, log=log) as started:
        listening(started[1])
        yield started


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--think", type=float, default=THINK_S, help="mean seconds between clicks")
    parser.add_argument("--app", default="app.py")
    asked = parser.parse_args()
    people, minutes = min(asked.people, MOST_PEOPLE), min(asked.minutes, MOST_MINUTES)
    with tempfile.TemporaryDirectory() as name:
        try:
            with serve(asked.app, Path(name)) as (process, port):
                url = f"ws://localhost:{port}/_stcore/stream"
                warm = asyncio.run(first_visit(url, FIRST_S))
                think = max(asked.think, 0.1)
                load = os.getloadavg()[0]
                print(f"{people} people for {minutes:g} minutes, {think:g} s between clicks; load before {load:.1f}")
                tally = asyncio.run(crowd(url, process.pid, people, minutes * 60, seed=2, think_s=think))
            tally.errors += warm.errors
            return report(tally)
        finally:
            log = (Path(name) / "server.log").read_text(errors="replace")
            faults = [line for line in log.splitlines() if '"level": "error"' in line or "Traceback" in line]
            print("faults in the server's log:", len(faults), *faults[:3], sep="\n  ")


if __name__ == "__main__":
    sys.exit(main())
