"""Every role on every action: what the table promises is what the server does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from coverage.errors import InputError, JangkauError
from coverage.scenario import Scenario
from coverage.store import (
    ACTIONS,
    CONSOLE,
    LOCAL,
    Conflict,
    NotAllowedError,
    Store,
    audit,
    changes,
    corrections,
    deals,
    evidence,
    feedback,
    matches,
    merge,
    open_store,
    overwrite,
    scenarios,
    users,
)  # fmt: skip
from coverage.store.backup import write_backup
from coverage.store.corrections import Correction
from coverage.store.evidence import Report
from coverage.store.matches import Offer
from coverage.store.scenarios import Outcome
from coverage.store.users import Person

REGION = "33.27"
VILLAGE, OTHER = "33.27.01.2001", "33.27.01.2002"
OURS = Offer("d1", "o1", VILLAGE, "alpha", "provider_alone")
THEIRS = Offer("d2", "o2", OTHER, "beta", "provider_alone")
SIGNAL = Report(VILLAGE, {"Operator A": "none", "Operator B": "weak"}, "2026-10-01", "Bu Sri", everyone=True)
TOWER = Correction("sites", "s1", "height_m", "42", "Bu Sri", VILLAGE)


def _restore(store: Store, user: str, world: dict[str, Any]) -> object:
    from coverage.store.restore import restore_backup

    source = world["folder"] / "empty.jangkau"
    if not source.exists():
        write_backup(store, CONSOLE, source, [], region_codes=["99.99"])
    return restore_backup(store, user, source, world["folder"] / "regions")


#: Action -> what somebody does, and who may (on things of their own, for villages and providers).
TRIES: dict[str, tuple[Callable[[Store, str, dict[str, Any]], object], str]] = {
    "scenario.read": (lambda s, u, x: scenarios.load(s, u, x["scenario"].id), "viewer planner staff admin"),
    "scenario.save": (lambda s, u, x: scenarios.save(s, u, REGION, Scenario(name=u)), "planner staff admin"),
    "scenario.remove": (
        lambda s, u, x: scenarios.remove(s, u, _new_scenario(s).id, 1),
        "planner staff admin",
    ),
    "result.read": (lambda s, u, x: scenarios.results(s, u, REGION, x["scenario"].id), "viewer planner staff admin"),
    "result.save": (
        lambda s, u, x: scenarios.save_result(s, u, REGION, x["scenario"].id, 1, Outcome({})),
        "planner staff admin",
    ),
    "match.read": (
        lambda s, u, x: _only(matches.listed(s, u, REGION), "d1"),
        "viewer village provider planner staff admin",
    ),
    "match.propose": (lambda s, u, x: matches.propose(s, u, REGION, OURS), "planner staff admin"),
    "match.choose": (lambda s, u, x: matches.choose(s, u, REGION, OURS, "pin"), "planner staff admin"),
    "match.status": (
        lambda s, u, x: matches.set_status(s, u, _new_match(s).id, 1, "contacted"),
        "staff admin",
    ),
    "deal.read": (
        lambda s, u, x: deals.visible(s, u, REGION, FRAME).loc[0, "price_idr_month"],
        "viewer village provider planner staff admin",
    ),
    "deal.edit": (
        lambda s, u, x: deals.edit(s, u, REGION, _new_offer(), 0, _term_of(s, u)),
        "village provider planner staff admin",
    ),
    "evidence.read": (lambda s, u, x: _mine(evidence.listed(s, u, REGION)), "village planner staff admin"),
    "evidence.report": (lambda s, u, x: evidence.report(s, u, REGION, SIGNAL), "village planner staff admin"),
    "evidence.review": (
        lambda s, u, x: evidence.review(s, u, evidence.report(s, CONSOLE, REGION, SIGNAL).id, 1, "accept"),
        "staff admin",
    ),
    "correction.read": (lambda s, u, x: corrections.listed(s, u, REGION)[0], "village planner staff admin"),
    "correction.report": (lambda s, u, x: corrections.report(s, u, REGION, TOWER), "village planner staff admin"),
    "correction.review": (
        lambda s, u, x: corrections.review(s, u, corrections.report(s, CONSOLE, REGION, TOWER).id, 1, "reject", "no"),
        "staff admin",
    ),
    "assumption.read": (lambda s, u, x: changes.listed(s, u, REGION), "viewer planner staff admin"),
    "assumption.change": (
        lambda s, u, x: changes.change(s, u, f"{REGION}-{u}", "market.ppn", 0.12),
        "planner staff admin",
    ),
    "figures.secret": (lambda s, u, x: _true(deals.secret_figures(s, u, REGION)), "staff admin"),
    "region.import": (lambda s, u, x: _allowed(s, u, "region.import"), "staff admin"),
    "feedback.give": (
        lambda s, u, x: feedback.give(s, u, REGION, "peta", f"{u}: salah"),
        "viewer village provider planner staff admin",
    ),
    "feedback.read": (lambda s, u, x: feedback.listed(s, u, REGION)[0].words.index("salah"), "staff admin"),
    "audit.read": (lambda s, u, x: audit.entries(s, u, REGION)[0], "staff admin"),
    "user.read": (lambda s, u, x: users.listed(s, u), "admin"),
    "user.change": (lambda s, u, x: users.add(s, u, Person(f"new-{u}@example.org", "viewer")), "admin"),
    "backup.write": (lambda s, u, x: write_backup(s, u, x["folder"] / f"{u}.jangkau", []), "admin"),
    "backup.restore": (_restore, "admin"),
}
FRAME = pd.DataFrame(
    {
        "deal_id": ["d1", "d2"],
        "village_code": [VILLAGE, OTHER],
        "provider_id": ["alpha", "beta"],
        "price_idr_month": [150e3, 160e3],
        "subsidy_idr": [1e9, 2e9],
        "npv_idr": [-1e9, -2e9],
        "village_payoff_idr": [5e8, 6e8],
        "affordable_idr_month": [180e3, 190e3],
        "price_lowest_idr_month": [120e3, 130e3],
        "price_highest_idr_month": [170e3, 180e3],
        "hurdle_rate": [0.12, 0.15],
        "a_column_added_later": [1.0, 2.0],
    }
)
_counter = iter(range(10**6))


def _new_scenario(store: Store) -> Any:
    return scenarios.save(store, CONSOLE, REGION, Scenario(name=f"n{next(_counter)}"))


def _new_offer() -> Offer:
    return Offer(f"n{next(_counter)}", "o", VILLAGE, "alpha", "provider_alone")


def _new_match(store: Store) -> Any:
    return matches.propose(store, CONSOLE, REGION, _new_offer())


def _term_of(store: Store, user_id: str) -> dict[str, float | None]:
    return {"contribution_idr": 1e6} if users.get(store, user_id).role == "village" else {"price_idr_month": 1e5}


def _allowed(store: Store, user_id: str, action: str) -> None:
    with store.work(user_id, action, write=False):
        pass


def _only(found: list[Any], deal_id: str) -> Any:
    return next(match for match in found if match.deal_id == deal_id)


def _mine(found: list[Any]) -> Any:
    return next(row for row in found if row.village_code == VILLAGE)


def _true(value: bool) -> None:
    if not value:
        raise NotAllowedError("no")


@pytest.fixture
def world(store: Store, people: dict[str, str], tmp_path: Any) -> dict[str, Any]:
    """One thing of each kind."""
    for offer in (OURS, THEIRS):
        matches.propose(store, CONSOLE, REGION, offer)
    evidence.report(store, CONSOLE, REGION, SIGNAL)
    corrections.report(store, CONSOLE, REGION, TOWER)
    return {"scenario": scenarios.save(store, CONSOLE, REGION, Scenario(name="s")), "folder": tmp_path}


def test_roles_each_on_each_action(store: Store, people: dict[str, str], world: dict[str, Any]) -> None:
    assert set(TRIES) == set(ACTIONS)
    for action, (attempt, allowed) in TRIES.items():
        for role in ("viewer", "village", "provider", "planner", "staff", "admin"):
            if role in allowed.split():
                attempt(store, people[role], world)
            else:
                with pytest.raises(NotAllowedError):  # noqa: PT012 - says who could do what
                    attempt(store, people[role], world)
                    pytest.fail(f"{role} could do {action}")


def test_roles_village_and_provider_touch_only_their_own(store: Store, people: dict[str, str], world: Any) -> None:
    theirs = evidence.report(store, CONSOLE, REGION, Report(OTHER, {"A": "none"}, "2026-10-01", "Pak Budi"))
    village, provider = people["village"], people["provider"]
    for forbidden in (
        lambda: evidence.report(store, village, REGION, Report(OTHER, {"A": "none"}, "", "x")),
        lambda: evidence.answer(store, village, theirs.id, 1, SIGNAL),
        lambda: evidence.photo_of(store, village, theirs.id),
        lambda: deals.edit(store, village, REGION, THEIRS, 0, {"contribution_idr": 1.0}),
        lambda: deals.edit(store, village, REGION, OURS, 0, {"price_idr_month": 1.0}),
        lambda: deals.edit(store, provider, REGION, THEIRS, 0, {"price_idr_month": 1.0}),
        lambda: deals.edit(store, provider, REGION, OURS, 0, {"subsidy_idr": 1.0}),
    ):
        with pytest.raises(NotAllowedError):
            forbidden()
    mine = evidence.listed(store, village, REGION)[0]
    with pytest.raises(NotAllowedError):  # a report of one's own cannot be turned into one about another village
        evidence.answer(store, village, mine.id, 1, Report(OTHER, {"A": "none"}, "", "x"))
    assert evidence.listed(store, people["staff"], REGION)[0].village_code == VILLAGE
    assert [match.deal_id for match in matches.listed(store, village, REGION)] == ["d1"]
    assert [match.deal_id for match in matches.listed(store, people["other_provider"], REGION)] == ["d2"]


def test_roles_see_only_their_side_of_a_deal(store: Store, people: dict[str, str]) -> None:
    seen = {role: deals.visible(store, user, REGION, FRAME) for role, user in people.items()}
    secret = {"affordable_idr_month", "price_lowest_idr_month", "price_highest_idr_month", "hurdle_rate"}
    for role in ("viewer", "village", "provider", "planner"):
        assert not (secret | {"a_column_added_later"}) & set(seen[role].columns), role
    assert list(seen["staff"].columns) == list(seen["admin"].columns) == list(FRAME.columns)
    assert "npv_idr" in seen["provider"]
    assert "village_payoff_idr" not in seen["provider"]
    assert "village_payoff_idr" in seen["village"]
    assert not {"npv_idr", "subsidy_idr"} & set(seen["village"].columns)
    assert not {"npv_idr", "village_payoff_idr"} & set(seen["planner"].columns)
    assert seen["village"]["deal_id"].tolist() == seen["provider"]["deal_id"].tolist() == ["d1"]
    # An edit, and a conflict over it, hide the other side's terms too.
    deals.edit(store, people["staff"], REGION, OURS, 0, {"subsidy_idr": 9e9, "price_idr_month": 1e5})
    assert deals.edits(store, people["village"], REGION)["d1"].subsidy_idr is None
    assert deals.edits(store, people["staff"], REGION)["d1"].subsidy_idr == 9e9
    with pytest.raises(Conflict) as told:
        deals.edit(store, people["village"], REGION, OURS, 0, {"contribution_idr": 1e6})
    assert "subsidy_idr" not in told.value.theirs
    merge(store, people["village"], told.value)
    assert deals.edits(store, people["staff"], REGION)["d1"].subsidy_idr == 9e9
    assert deals.edits(store, people["staff"], REGION)["d1"].contribution_idr == 1e6


def test_kept_terms_tell_who_set_what_and_hide_the_other_side(store: Store, people: dict[str, str]) -> None:
    staff, village = people["staff"], people["village"]
    assert deals.kept(store, staff, REGION) == {}
    first = deals.edit(store, staff, REGION, OURS, 0, {"subsidy_idr": 9e9, "price_idr_month": 1e5})
    deals.edit(store, village, REGION, OURS, first.version, {"contribution_idr": 1e6})
    kept = deals.kept(store, staff, REGION)["d1"]
    assert (kept.subsidy_idr, kept.price_idr_month, kept.contribution_idr, kept.version) == (9e9, 1e5, 1e6, 2)
    assert kept.at
    assert kept.any
    seen = deals.kept(store, village, REGION)["d1"]
    assert seen.subsidy_idr is None
    assert seen.contribution_idr == 1e6
    past = deals.history(store, staff, REGION, "d1")
    assert [sorted(change.after) for change in past] == [["contribution_idr"], ["price_idr_month", "subsidy_idr"]]
    assert past[0].by == kept.by != past[1].by
    assert past[1].before == {"price_idr_month": None, "subsidy_idr": None}
    assert [sorted(change.after) for change in deals.history(store, village, REGION, "d1")] == [
        ["contribution_idr"],
        ["price_idr_month"],
    ]
    assert deals.history(store, people["other_provider"], REGION, "d1") == []
    # Back to what was calculated: the row stays for its history, nothing of it holds.
    deals.edit(store, staff, REGION, OURS, 2, dict.fromkeys(deals.TERMS))
    assert not deals.kept(store, staff, REGION)["d1"].any
    with pytest.raises(InputError):
        deals.edit(store, staff, REGION, OURS, 3, {"village_share": 1.5})


def test_roles_are_looked_up_anew_and_built_in_users_need_trust(store: Store, people: dict[str, str]) -> None:
    staff = people["staff"]
    matches.propose(store, staff, REGION, OURS)
    users.change(store, people["admin"], staff, 1, role="viewer")
    with pytest.raises(NotAllowedError):
        matches.propose(store, staff, REGION, THEIRS)
    users.change(store, people["admin"], staff, 2, active=False)
    for ghost in (staff, LOCAL, "", "nobody", "' OR 1=1 --", people["admin"] + " "):
        with pytest.raises(NotAllowedError):
            scenarios.listed(store, ghost, REGION)
        with pytest.raises(NotAllowedError):
            users.get(store, ghost)
    local = open_store(store.engine.url.render_as_string(hide_password=False), trusted=frozenset({LOCAL}))
    assert users.get(local, LOCAL).role == "admin"
    with pytest.raises(NotAllowedError):
        users.get(local, CONSOLE)
    local.close()


def test_roles_of_one_region_end_at_its_border(store: Store, people: dict[str, str]) -> None:
    planner = users.add(store, CONSOLE, Person("one@example.org", "planner", region_code=REGION)).id
    elsewhere = scenarios.save(store, CONSOLE, "33.28", Scenario(name="x"))
    scenarios.save(store, planner, REGION, Scenario(name="x"))
    for forbidden in (
        lambda: scenarios.listed(store, planner, "33.28"),
        lambda: scenarios.load(store, planner, elsewhere.id),
        lambda: scenarios.save(store, planner, "33.28", Scenario(name="y")),
        lambda: scenarios.remove(store, planner, elsewhere.id, 1),
    ):
        with pytest.raises(NotAllowedError):
            forbidden()
    assert deals.visible(store, planner, "33.28", FRAME).empty


def test_a_conflict_in_other_hands_opens_nothing(store: Store, people: dict[str, str]) -> None:
    saved = scenarios.save(store, people["planner"], REGION, Scenario(name="s"))
    scenarios.save(store, people["staff"], REGION, Scenario(name="t"), scenario_id=saved.id, version=1)
    with pytest.raises(Conflict) as told:
        scenarios.save(store, people["planner"], REGION, Scenario(name="u"), scenario_id=saved.id, version=1)
    for act in (merge, overwrite):
        with pytest.raises(NotAllowedError):
            act(store, people["viewer"], told.value)


def test_sign_in_binds_an_identity_once(store: Store, people: dict[str, str]) -> None:
    issuer = "https://login.example.org"
    with pytest.raises(NotAllowedError):  # an address that nobody has proven
        users.sign_in(store, issuer, "sub-1", "staff@example.org", email_verified=False)
    found = users.sign_in(store, issuer, "sub-1", "Staff@Example.org ", email_verified=True, name="Siti")
    assert found.id == people["staff"]
    assert users.sign_in(store, issuer, "sub-1", "new@example.org", email_verified=True).id == people["staff"]
    assert [e.action for e in audit.entries(store, CONSOLE, "", entity_id=found.id)] == ["user.bind", "user.change"]
    for subject, email in (
        ("sub-2", "staff@example.org"),
        ("sub-3", "stranger@example.org"),
        ("", "viewer@example.org"),
    ):
        with pytest.raises(NotAllowedError):
            users.sign_in(store, issuer, subject, email, email_verified=True)
    with pytest.raises(NotAllowedError):
        users.sign_in(store, "https://evil.example", "sub-1", "staff@example.org", email_verified=True)


def test_users_are_checked(store: Store, people: dict[str, str]) -> None:
    for person in (
        Person("not an address", "viewer"),
        Person("a@b.org", "root"),
        Person("a@b.org", "village"),
        Person("a@b.org", "provider"),
        Person("viewer@example.org", "viewer"),
    ):
        with pytest.raises(JangkauError):
            users.add(store, CONSOLE, person)
    with pytest.raises(InputError):  # the last administrator
        users.change(store, people["admin"], people["admin"], 1, role="viewer")
    assert users.get(store, people["admin"]).role == "admin"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Messages in English, as the tests read them."""
    from coverage.language import using

    with using("en"):
        yield
