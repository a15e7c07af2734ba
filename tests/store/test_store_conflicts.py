"""No update is lost: who comes second is told, and may merge or overwrite on purpose."""

from __future__ import annotations

import pytest

from coverage.language import using
from coverage.scenario import Scenario
from coverage.store import CONSOLE, Conflict, Store, audit, matches, merge, overwrite, scenarios
from coverage.store.conflicts import three_way
from coverage.store.matches import Offer

REGION = "33.27"


def _both_change(store: Store, mine: Scenario, theirs: Scenario, user: str = CONSOLE) -> Conflict:
    saved = scenarios.save(store, CONSOLE, REGION, Scenario(name="s", assumptions={"a": 1.0, "b": 1.0}))
    scenarios.save(store, user, REGION, theirs, scenario_id=saved.id, version=saved.version)
    with pytest.raises(Conflict) as told:
        scenarios.save(store, CONSOLE, REGION, mine, scenario_id=saved.id, version=saved.version)
    return told.value


def test_second_is_told_who_and_when(store: Store, people: dict[str, str]) -> None:
    mine, theirs = Scenario(name="s", budget_idr=1e9), Scenario(name="s", budget_idr=2e9)
    with using("en"):
        conflict = _both_change(store, mine, theirs, people["planner"])
        assert "Changed by planner at 20" in str(conflict)
        assert "overwrite" in str(conflict)
    stored, scenario = scenarios.load(store, CONSOLE, conflict.row_id)
    assert (scenario.budget_idr, stored.version) == (2e9, 2)
    assert (conflict.base["version"], conflict.theirs["version"], conflict.theirs_version) == (1, 2, 2)
    assert conflict.base["body"]["budget_idr"] == Scenario().budget_idr
    assert (conflict.mine["body"]["budget_idr"], conflict.theirs["body"]["budget_idr"]) == (1e9, 2e9)


def test_merge_keeps_both_where_they_differ_and_asks_where_they_clash(store: Store) -> None:
    mine = Scenario(name="renamed", budget_idr=1e9, assumptions={"a": 2.0, "b": 1.0, "c": 3.0})
    theirs = Scenario(name="s", objective="people", budget_idr=2e9, assumptions={"b": 5.0})
    conflict = _both_change(store, mine, theirs)
    with pytest.raises(Conflict) as asked:
        merge(store, CONSOLE, conflict)
    assert set(asked.value.clashes) == {"body.budget_idr", "body.assumptions.a"}  # changed here, taken away there
    merge(store, CONSOLE, asked.value, {"body.budget_idr": "mine", "body.assumptions.a": "theirs"})
    _stored, merged = scenarios.load(store, CONSOLE, conflict.row_id)
    assert (merged.name, merged.budget_idr, merged.objective) == ("renamed", 1e9, "people")
    assert merged.assumptions == {"b": 5.0, "c": 3.0}


def test_overwrite_is_on_purpose_and_leaves_a_trail(store: Store) -> None:
    conflict = _both_change(store, Scenario(name="s", budget_idr=1e9), Scenario(name="s", budget_idr=2e9))
    overwrite(store, CONSOLE, conflict)
    assert scenarios.load(store, CONSOLE, conflict.row_id)[1].budget_idr == 1e9
    budgets = [e.after["body"]["budget_idr"] for e in audit.entries(store, CONSOLE, REGION, entity_id=conflict.row_id)]
    assert budgets == [1e9, 2e9, 12e9]
    with pytest.raises(Conflict):  # the same conflict is no licence for a third time
        overwrite(store, CONSOLE, conflict)


def test_a_match_takes_steps_and_no_leaps(store: Store) -> None:
    offer = Offer("d", "o", "33.27.01.2001", "alpha", "provider_alone")
    match = matches.propose(store, CONSOLE, REGION, offer)
    assert matches.propose(store, CONSOLE, REGION, offer).id == match.id
    for status, note in (("contacted", "surat"), ("negotiating", ""), ("agreed", "rapat"), ("built", "")):
        match = matches.set_status(store, CONSOLE, match.id, match.version, status, date="2026-10-01", note=note)
    steps = matches.history(store, CONSOLE, REGION, match.id)
    assert [(s.old, s.new) for s in steps] == [
        ("proposed", "contacted"), ("contacted", "negotiating"), ("negotiating", "agreed"), ("agreed", "built"),
    ]  # fmt: skip
    assert (steps[0].date, steps[0].note, steps[0].created_by) == ("2026-10-01", "surat", CONSOLE)
    for wrong in ("proposed", "declined", "sold"):
        with pytest.raises(Exception, match="cannot become"), using("en"):
            matches.set_status(store, CONSOLE, match.id, match.version, wrong)
    for date in ("2999-01-01", "yesterday", "2026-13-01"):
        with pytest.raises(Exception, match="date"), using("en"):
            matches.set_status(store, CONSOLE, match.id, match.version, "agreed", date=date)
    sample = matches.propose(store, CONSOLE, REGION, Offer("e", "o", "v", "p", "m"), sample=True)
    with pytest.raises(Exception, match="sample"), using("en"):
        matches.set_status(store, CONSOLE, sample.id, 1, "contacted")
    matches.set_status(store, CONSOLE, sample.id, 1, "contacted", sample_confirmed=True)
    # An overwritten status must follow too.
    matches.set_status(store, CONSOLE, sample.id, 2, "declined", sample_confirmed=True)
    with pytest.raises(Conflict) as told:
        matches.set_status(store, CONSOLE, sample.id, 2, "negotiating", sample_confirmed=True)
    with pytest.raises(Exception, match="cannot become"), using("en"):
        overwrite(store, CONSOLE, told.value)
    matches.choose(store, CONSOLE, REGION, offer, "pin")
    matches.choose(store, CONSOLE, REGION, Offer("f", "o", "v", "p", "m"), "forbid")
    assert matches.wishes(store, CONSOLE, REGION) == matches.Wishes(("d",), ("f",))


def test_three_way_by_hand() -> None:
    base = {"x": 1, "y": {"a": 1, "b": 2}, "z": [1]}
    assert three_way(base, {"x": 2}, {**base, "z": [2]}, {}) == ({"x": 2}, [])
    assert three_way(base, {"y": {"a": 9, "b": 2}}, {**base, "y": {"a": 1}}, {}) == ({"y": {"a": 9}}, [])
    assert three_way(base, {"z": [3]}, {**base, "z": [2]}, {}) == ({"z": [2]}, ["z"])
    assert three_way(base, {"z": [3]}, {**base, "z": [3]}, {}) == ({"z": [3]}, [])
    assert three_way({}, {"x": 1}, {"x": 2}, {"x": "theirs"}) == ({"x": 2}, [])
