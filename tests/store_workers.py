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

from coverage import outputs
from coverage.errors import JangkauError
from coverage.outputs import site
from coverage.region import save
from coverage.scenario import Scenario
from coverage.store import CONSOLE, Conflict, Store, merge, open_store, scenarios
from coverage.store.backup import write_backup
from coverage.store.restore import restore_backup
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


def save_on_and_on(url: str, seed: int, acknowledged: int) -> None:
    """Save scenario and result together, and note every name that was acknowledged, until killed."""
    store = open_store(url, trusted=CONSOLE_ONLY)
    number = 0
    while True:
        name = f"{seed}-{number}"
        outcome = Outcome({"number": number}, chosen=[{"deal_id": name, "text": "x" * 20_000}])
        saved = scenarios.save(store, CONSOLE, REGION, Scenario(name=name), outcome=outcome)
        os.write(acknowledged, f"{name}\n".encode())
        wanted = Scenario(name=f"{name}-again")
        scenarios.save(store, CONSOLE, REGION, wanted, scenario_id=saved.id, version=1, outcome=outcome)
        os.write(acknowledged, f"{name}-again\n".encode())
        number += 1


def import_on_and_on(folder: Path, kind: str) -> None:
    """Write results of one kind into the same place until killed."""
    analysis = fake_analysis.make_analysis()
    makers: dict[str, Callable[[], object]] = {
        "import": lambda: save(analysis.region, folder / "region", overwrite=True),
        "run": lambda: outputs.write(analysis, folder / "out"),
        "publish": lambda: site.publish(analysis, folder / "site", sample=True),
    }
    while True:
        makers[kind]()


def back_up_on_and_on(url: str, file: Path) -> None:
    """Write a backup over the last one until killed."""
    store = open_store(url, trusted=CONSOLE_ONLY)
    while True:
        write_backup(store, CONSOLE, file, [])


def restore_until_killed(url: str, file: Path, folder: Path) -> None:
    """Restore a backup once."""
    store = open_store(url, trusted=CONSOLE_ONLY)
    restore_backup(store, CONSOLE, file, folder)
    store.close()


def fill_the_disk(url: str, limit_bytes: int, told: Any) -> None:
    """Save ever more under a limit on the size of files; tell the names acknowledged and the message."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = open_store(url, trusted=CONSOLE_ONLY)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    for number in range(10_000):
        try:
            outcome = Outcome({}, chosen=[{"text": "x" * 50_000}])
            scenarios.save(store, CONSOLE, REGION, Scenario(name=f"n{number}"), outcome=outcome)
        except JangkauError as error:
            told.put(("message", str(error)))
            return
        told.put(("saved", f"n{number}"))


def without_rights(task: str, url: str, folder: Path, told: Any) -> None:
    """Try to open, save or back up as somebody who may not write the folder; tell the message."""
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
