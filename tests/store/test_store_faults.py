"""Many writers, killed processes, full disks and closed folders: nothing acknowledged is lost, nothing is half."""

from __future__ import annotations

from itertools import pairwise
from multiprocessing.context import BaseContext

import store_workers

from coverage.store import CONSOLE, Store, audit, scenarios

REGION = "33.27"


def test_many_writers_lose_nothing_and_all_are_told(
    store: Store, store_url: str, processes: BaseContext, long_run: bool
) -> None:
    """Every accepted value was stored in its turn and undid nobody's; every other was refused to its face."""
    writers, times = (8, 60) if long_run else (4, 6)
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
