"""Many writers, killed processes, full disks and closed folders: nothing acknowledged is lost, nothing is half."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from itertools import pairwise
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import fake_analysis
import pytest
import store_workers
from sqlalchemy import select

from coverage import region as room
from coverage.scenario import Scenario
from coverage.store import CONSOLE, Store, audit, open_store, scenarios
from coverage.store.restore import restore_backup
from coverage.store.schema import AuditEntry, Result, SavedScenario

REGION = "33.27"


@pytest.mark.long
def test_many_writers_lose_nothing_and_all_are_told(
    store: Store, store_url: str, processes: BaseContext, long_run: bool
) -> None:
    """Every accepted value was stored in its turn and undid nobody's; every other was refused to its face."""
    writers, times = (8, 60) if long_run else (4, 15)
    names = ["common", *(f"own{w}" for w in range(writers))]
    saved = scenarios.save(store, CONSOLE, REGION, store_workers.shared(names))
    told = processes.Queue()
    crowd = [
        processes.Process(
            target=store_workers.change_values, args=(store_url, saved.id, ["common", f"own{w}"], times, w, told)
        )
        for w in range(writers)
    ]
    for process in crowd:
        process.start()
    outcomes = [told.get(timeout=120) for _ in range(writers * times)]
    for process in crowd:
        process.join(60)
        assert process.exitcode == 0
    accepted = {(name, value) for name, value, outcome in outcomes if outcome in ("saved", "merged")}
    trail = list(reversed(audit.entries(store, CONSOLE, REGION, entity_id=saved.id, limit=10_000)))
    assert [entry.version for entry in trail] == list(range(1, len(accepted) + 2))
    states = [entry.after["body"]["assumptions"] for entry in trail]
    steps = [set(after.items()) - set(before.items()) for before, after in pairwise(states)]
    assert all(len(step) == 1 for step in steps)  # one value each, and nobody else's set back
    assert set().union(*steps) == accepted
    assert scenarios.load(store, CONSOLE, saved.id)[1].assumptions == states[-1]
    assert len({outcome for _name, _value, outcome in outcomes}) > 1  # they did get in each other's way


def _kill_after(process: Any, ready: Path, lines: int, delay_s: float) -> None:
    """Kill a process as hard as can be, some time after it has begun to do its work."""
    deadline = time.monotonic() + 60
    while process.is_alive() and time.monotonic() < deadline:
        if lines == 0 or (ready.exists() and len(ready.read_bytes().splitlines()) >= lines):
            break
        time.sleep(0.002)
    time.sleep(delay_s)
    assert process.is_alive(), "it ended by itself"
    process.kill()
    process.join()


@pytest.mark.long
def test_killed_while_saving(store_url: str, processes: BaseContext, tmp_path: Path, long_run: bool) -> None:
    """The store opens, holds all that was acknowledged, and no scenario without its result."""
    rounds = 300 if long_run else 20
    chance = random.Random(5)  # noqa: S311
    notes = tmp_path / "acknowledged"
    for seed in range(rounds):
        process = processes.Process(target=store_workers.save_on_and_on, args=(store_url, seed, notes))
        process.start()
        have = len(notes.read_bytes().splitlines()) if notes.exists() else 0
        _kill_after(process, notes, have + 1, chance.random() * 0.05)
        store = open_store(store_url, trusted=frozenset({CONSOLE}))
        _check_whole(store, notes.read_text().split(), seed + 1)
        store.close()


def _check_whole(store: Store, acknowledged: list[str], kills: int) -> None:
    with store.session() as session:
        if store.engine.dialect.name == "sqlite":
            assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        saved = session.execute(select(SavedScenario.id, SavedScenario.version)).all()
        results = Counter(session.scalars(select(Result.scenario_id)))
        told = session.execute(select(AuditEntry.entity_id, AuditEntry.after).where(AuditEntry.kind == "scenarios"))
        trail = [(entity, after["name"]) for entity, after in told]
    assert {row.id: row.version for row in saved} == dict(results)
    assert Counter(entity for entity, _name in trail) == results
    names = {name for _entity, name in trail}
    assert set(acknowledged) <= names
    assert len(names) - len(acknowledged) <= kills  # at most what was on its way when it was killed


@pytest.mark.long
def test_killed_while_making_the_store(empty_url: str, processes: BaseContext, tmp_path: Path, long_run: bool) -> None:
    """A store whose first start was cut short is made at the next."""
    for number in range(60 if long_run else 12):
        process = processes.Process(target=store_workers.save_on_and_on, args=(empty_url, number, tmp_path / "a"))
        process.start()
        _kill_after(process, tmp_path, 0, 0.01 + 0.05 * (number % 12))
    store = open_store(empty_url, trusted=frozenset({CONSOLE}))
    scenarios.save(store, CONSOLE, REGION, Scenario(name="first"))
    store.close()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["import", "run", "publish", "plan", "backup"])
def test_killed_while_writing_files(
    kind: str, processes: BaseContext, tmp_path: Path, long_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there stays there whole until the new is there whole."""
    monkeypatch.setenv("JANGKAU_CACHE", str(tmp_path / "cache"))
    url = f"sqlite:///{tmp_path}/data/jangkau.db"
    store = open_store(url, trusted=frozenset({CONSOLE}))
    for number in range(20):
        scenarios.save(store, CONSOLE, REGION, Scenario(name=f"n{number}"))
    store.close()
    before: set[str] = set()
    chance = random.Random(7)  # noqa: S311
    for _ in range(60 if long_run else 5):
        process = processes.Process(target=store_workers.write_on_and_on, args=(kind, tmp_path, url))
        process.start()
        once = tmp_path / f"{kind}.once"
        while not once.exists() and process.is_alive():
            time.sleep(0.005)
        _kill_after(process, tmp_path, 0, chance.random() * 0.4)
        before = _check_files(kind, tmp_path, before, url)


def _check_files(kind: str, folder: Path, before: set[str], url: str) -> set[str]:
    if kind == "plan":
        for number in range(200):
            assert store_workers.remembered_number(number) == store_workers.number_bytes(number)
        return before
    if kind == "backup":
        other = open_store(f"sqlite:///{folder}/other{len(list(folder.iterdir()))}.db", trusted=frozenset({CONSOLE}))
        restore_backup(other, CONSOLE, folder / "b.jangkau", folder / "regions")
        assert len(scenarios.listed(other, CONSOLE, REGION)) == 20
        other.close()
        return before
    place = folder / kind
    if not (folder / f"{kind}.once").exists():
        assert not place.exists()
        return before
    if kind == "import":
        assert len(room.load(place).villages) == fake_analysis.COLUMNS * fake_analysis.ROWS
    names = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    if kind == "publish":
        assert len(names) == 2 * (1 + 3 + 30)
        assert all((place / name).read_text().rstrip().endswith("</html>") for name in names)
    assert names
    assert not before or names == before
    return names


def test_full_disk(processes: BaseContext, tmp_path: Path) -> None:
    """The message says what to do, and everything saved before is there."""
    url = f"sqlite:///{tmp_path}/data/jangkau.db"
    open_store(url).close()
    told = processes.Queue()
    process = processes.Process(target=store_workers.fill_the_disk, args=(url, 1_000_000, told))
    process.start()
    words = []
    while not words or words[-1][0] == "saved":
        words.append(told.get(timeout=60))
    process.join()
    assert "the disk is full" in words[-1][1]
    store = open_store(url, trusted=frozenset({CONSOLE}))
    saved = [name for kind, name in words if kind == "saved"]
    assert saved
    assert {row.name for row in scenarios.listed(store, CONSOLE, REGION)} == set(saved)
    _check_whole(store, saved, 0)
    scenarios.save(store, CONSOLE, REGION, Scenario(name="there is room again"))
    store.close()


@pytest.mark.parametrize("limit_bytes", [0, 1000, 40_000])
def test_full_disk_at_the_first_start(processes: BaseContext, tmp_path: Path, limit_bytes: int) -> None:
    """No store is better than half a one: once there is room, it is made."""
    url = f"sqlite:///{tmp_path}/data/jangkau.db"
    told = processes.Queue()
    process = processes.Process(target=store_workers.fill_the_disk, args=(url, limit_bytes, told))
    process.start()
    assert "the disk is full" in told.get(timeout=60)[1]
    process.join()
    store = open_store(url, trusted=frozenset({CONSOLE}))
    assert scenarios.listed(store, CONSOLE, REGION) == []
    store.close()


@pytest.mark.parametrize("task", ["open", "save", "backup"])
def test_closed_folder(task: str, processes: BaseContext, tmp_path: Path) -> None:
    """Who may not write is told so, and nothing is left behind."""
    folder = Path("/tmp") / f"jangkau-closed-{tmp_path.name}-{time.time_ns()}"
    folder.mkdir(mode=0o755)
    url = f"sqlite:///{folder}/{'new/' if task == 'open' else ''}jangkau.db"
    try:
        if task != "open":
            store = open_store(url, trusted=frozenset({CONSOLE}))
            scenarios.save(store, CONSOLE, REGION, Scenario(name="kept"))
            store.close()
            (folder / "jangkau.db").chmod(0o444)
        folder.chmod(0o555)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        told = processes.Queue()
        process = processes.Process(target=store_workers.without_rights, args=(task, url, folder, told))
        process.start()
        message = told.get(timeout=60)
        process.join()
        assert str(folder) in message
        assert "JANGKAU_DATA" in message or "Choose another folder" in message
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
