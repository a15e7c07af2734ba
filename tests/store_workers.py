"""What the tests of the store let other processes do: write, be killed while they do, or run out of room."""

from __future__ import annotations

import os
import random
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fake_analysis

from coverage import cache
from coverage.errors import JangkauError
from coverage.language import set_language
from coverage.outputs import site
from coverage.outputs.folder import written
from coverage.outputs.tables import write_csv, write_geopackage
from coverage.region import save
from coverage.scenario import Scenario
from coverage.store import CONSOLE, Conflict, Store, merge, open_store, scenarios
from coverage.store.backup import write_backup
from coverage.store.scenarios import Outcome

REGION = "33.27"
CONSOLE_ONLY = frozenset({CONSOLE})


def shared(names: list[str]) -> Scenario:
    """A scenario with named values at zero that many will change."""
    return Scenario(name="shared", assumptions=dict.fromkeys(names, 0.0))


def change_values(url: str, scenario_id: str, own: list[str], times: int, seed: int, told: Any) -> None:
    """Set values of one shared scenario; on a conflict merge or give up, as chance has it.

    No two tries set the same value. ``told`` receives, for each try, the name, the value and what came of it.
    """
    chance = random.Random(seed)  # noqa: S311
    store = open_store(url, trusted=CONSOLE_ONLY)
    for number in range(1, times + 1):
        saved, scenario = scenarios.load(store, CONSOLE, scenario_id)
        name, value = chance.choice(own), seed * 1000.0 + number
        wanted = scenario.model_copy(update={"assumptions": {**scenario.assumptions, name: value}})
        try:
            scenarios.save(store, CONSOLE, REGION, wanted, scenario_id=scenario_id, version=saved.version)
            told.put((name, value, "saved"))
        except Conflict as conflict:
            told.put((name, value, _settle(store, conflict, chance)))
    store.close()


def _settle(store: Store, conflict: Conflict, chance: random.Random) -> str:
    while chance.random() < 0.9:
        try:
            merge(store, CONSOLE, conflict)
        except Conflict as again:
            if again.clashes:
                return "clashed"
            conflict = again
        else:
            return "merged"
    return "given up"


def save_on_and_on(url: str, seed: int, acknowledged: Path) -> None:
    """Save scenario and result together, and note every name that was acknowledged, until killed."""
    store = open_store(url, trusted=CONSOLE_ONLY)
    number = 0
    note = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        name = f"{seed}-{number}"
        outcome = Outcome({"number": number}, chosen=[{"deal_id": name, "text": "x" * 20_000}])
        saved = scenarios.save(store, CONSOLE, REGION, Scenario(name=name), outcome=outcome)
        os.write(note, f"{name}\n".encode())
        wanted = Scenario(name=f"{name}-again")
        scenarios.save(store, CONSOLE, REGION, wanted, scenario_id=saved.id, version=1, outcome=outcome)
        os.write(note, f"{name}-again\n".encode())
        number += 1


def write_on_and_on(kind: str, folder: Path, url: str) -> None:
    """Write results of one kind into the same place, again and again, until killed."""
    analysis = fake_analysis.make_analysis()
    makers: dict[str, Callable[[], object]] = {
        "import": lambda: save(analysis.region, folder / "import", overwrite=True),
        "run": lambda: tables_only(analysis, folder / "run"),
        "publish": lambda: site.publish(analysis, folder / "publish", sample=True),
        "plan": lambda: [remembered_number(n) for n in range(1000)],
        "backup": lambda: write_backup(open_store(url, trusted=CONSOLE_ONLY), CONSOLE, folder / "b.jangkau", []),
    }
    while True:
        makers[kind]()
        (folder / f"{kind}.once").touch()


def tables_only(analysis: Any, out: Path) -> list[Path]:
    """What ``run`` writes, without its map: many files into one folder."""
    return written(out, lambda folder: [*write_csv(analysis, folder), write_geopackage(analysis, folder / "j.gpkg")])


def remembered_number(number: int) -> bytes:
    """A result of the chain, kept by content as the stages of an analysis are."""
    return cache.remembered("test", cache.key(number, os.environ["JANGKAU_CACHE"]), lambda: number_bytes(number))


def number_bytes(number: int) -> bytes:
    """What is kept under the number."""
    return str(number).encode() * 5000


def fill_the_disk(url: str, limit_bytes: int, told: Any) -> None:
    """Save ever more under a limit on the size of files; tell the names acknowledged and the message."""
    set_language("en")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    try:
        store = open_store(url, trusted=CONSOLE_ONLY)
        for number in range(10_000):
            outcome = Outcome({}, chosen=[{"text": "x" * 50_000}])
            scenarios.save(store, CONSOLE, REGION, Scenario(name=f"n{number}"), outcome=outcome)
            told.put(("saved", f"n{number}"))
    except JangkauError as error:
        told.put(("message", str(error)))


def without_rights(task: str, url: str, folder: Path, told: Any) -> None:
    """Try to open, save or back up as somebody who may not write the folder; tell the message."""
    set_language("en")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    try:
        store = open_store(url, trusted=CONSOLE_ONLY)
        if task == "save":
            scenarios.save(store, CONSOLE, REGION, Scenario(name="x"))
        else:
            write_backup(store, CONSOLE, folder / "b.jangkau", [])
    except JangkauError as error:
        told.put(str(error))
    else:
        told.put("")
