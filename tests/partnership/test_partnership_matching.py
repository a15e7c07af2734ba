"""Matching against brute force: the best match, and the least blocking gain that any payoffs can leave."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.errors import PlanningError
from coverage.partnership.linear import minimise
from coverage.partnership.matching import match, match_beside, match_of_plan


def table(worth: list[list[float]], capital: list[list[float]]) -> pd.DataFrame:
    """Deals of villages (rows) with providers (columns)."""
    rows = [
        {
            "deal_id": f"v{v}|p{p}",
            "village_code": f"v{v}",
            "provider_id": f"p{p}",
            "village_payoff_idr": w,
            "npv_idr": 0.0,
            "subsidy_idr": 0.0,
            "capital_idr": capital[v][p],
        }
        for v, row in enumerate(worth)
        for p, w in enumerate(row)
    ]
    return pd.DataFrame(rows)


def who(limits: list[float], builds: list[float] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"provider_id": [f"p{p}" for p in range(len(limits))], "capital_limit_idr": limits})
    return frame if builds is None else frame.assign(build_limit=builds)


def brute_force(worth, capital, limits) -> tuple[float, list[float]]:
    """Best worth, and the least epsilon of every match that reaches it (all coalitions, one LP each)."""
    worth, capital = np.array(worth), np.array(capital)
    n, m = worth.shape

    def fits(p: int, members: tuple[int, ...]) -> bool:
        return sum(capital[v, p] for v in members) <= limits[p] + 1e-9

    best, matches = -1.0, []
    for choice in product(range(-1, m), repeat=n):
        own = [tuple(v for v in range(n) if choice[v] == p) for p in range(m)]
        if all(fits(p, own[p]) for p in range(m)):
            total = sum(worth[v, p] for v, p in enumerate(choice) if p >= 0)
            if total > best + 1e-9:
                best, matches = total, []
            if total >= best - 1e-9:
                matches.append((choice, own))
    told = []
    for choice, own in matches:
        rows, high = [], []
        for p in range(m):
            paid = np.zeros(n + 1)
            paid[list(own[p])] = 1.0
            mine = sum(worth[v, p] for v in own[p])
            rows.append(paid.copy())
            high.append(mine)
            for picked in product((0, 1), repeat=n):
                members = tuple(v for v in range(n) if picked[v])
                if fits(p, members):
                    row = paid.copy()
                    row[list(members)] -= 1.0
                    row[n] = -1.0
                    rows.append(row)
                    high.append(mine - sum(worth[v, p] for v in members))
        upper = np.array([np.inf if choice[v] >= 0 else 0.0 for v in range(n)] + [np.inf])
        low = np.full(len(rows), -np.inf)
        told.append(minimise(np.eye(n + 1)[n], np.array(rows), low, high, upper=upper).objective)
    return best, told


cases = st.tuples(st.integers(1, 4), st.integers(1, 3)).flatmap(
    lambda size: st.tuples(
        st.lists(st.lists(st.integers(0, 9), min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]),
        st.lists(st.lists(st.integers(1, 5), min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]),
        st.lists(st.integers(1, 10), min_size=size[1], max_size=size[1]),
    )
)


@settings(max_examples=60, deadline=None)
@given(cases)
def test_best_match_and_least_epsilon_agree_with_brute_force(case):
    worth, capital, limits = case
    found = match(table(worth, capital), who(limits))
    best, epsilons = brute_force(worth, capital, limits)
    assert found.surplus_idr == pytest.approx(best, abs=1e-6)
    assert any(found.epsilon_idr == pytest.approx(e, abs=1e-6) for e in epsilons)
    assert (found.table["village_payoff_idr"] >= -1e-9).all()
    provider = found.table.groupby("provider_id")["provider_payoff_idr"].sum()
    assert (provider >= -1e-6).all()
    both = found.table["village_payoff_idr"] + found.table["provider_payoff_idr"]
    assert np.allclose(both, found.table["surplus_idr"])


#: Capital that no price can share: whatever the payoffs, some provider gains a third by leaving.
EMPTY_CORE = ([[7, 8], [1, 8], [5, 5], [6, 3]], [[4, 2], [2, 3], [3, 3], [2, 2]], [4, 4])


def test_an_empty_core_is_told_and_not_called_stable():
    worth, capital, limits = EMPTY_CORE
    told = match(table(worth, capital), who(limits))
    assert not told.stable
    assert told.epsilon_idr == pytest.approx(1 / 3, abs=1e-6)
    assert min(abs(told.epsilon_idr - e) for e in brute_force(worth, capital, limits)[1]) < 1e-6


def test_one_provider_takes_the_best_set_and_nobody_can_object():
    found = match(table([[5], [4], [3]], [[3], [2], [2]]), who([4]))
    assert found.table["deal_id"].tolist() == ["v1|p0", "v2|p0"]
    assert found.stable
    assert found.table["runner_up_deal_id"].isna().all()


def test_build_limit_counts_deals():
    found = match(table([[5], [4], [3]], [[1], [1], [1]]), who([100], [2]))
    assert found.table["deal_id"].tolist() == ["v0|p0", "v1|p0"]


def test_worthless_deals_are_never_matched():
    found = match(table([[0.0], [-3.0]], [[1], [1]]), who([10]))
    assert found.table.empty
    assert found.stable
    assert match(table([[1.0]], [[1]]).iloc[:0], who([10])).table.empty


def test_pins_and_bans_of_staff_are_solved_around():
    deals = table([[5, 1], [4, 3]], [[2, 2], [2, 2]])
    free = match(deals, who([2, 2]))
    assert free.table["deal_id"].tolist() == ["v0|p0", "v1|p1"]
    pinned = match(deals, who([2, 2]), pins={"v1": "v1|p0"})
    assert pinned.table["deal_id"].tolist() == ["v0|p1", "v1|p0"]
    banned = match(deals, who([2, 2]), forbidden={"v0|p0"})
    assert "v0|p0" not in set(banned.table["deal_id"])
    with pytest.raises(PlanningError, match=r"v0\|p0"):
        match(deals, who([2, 2]), pins={"v1": "v0|p0"})
    with pytest.raises(PlanningError):
        match(deals, who([2, 2]), pins={"v0": "v0|p0", "v1": "v1|p0"})


def test_a_plans_deals_are_kept_and_only_their_payoffs_computed():
    deals = table([[5, 1], [4, 3]], [[2, 2], [2, 2]])
    plan = match(deals, who([9, 9]), chosen={"v0|p1"})
    assert plan.table["deal_id"].tolist() == ["v0|p1"]
    assert not plan.stable  # p0 and v0 would both gain by leaving it
    assert plan.epsilon_idr > 0


def test_margin_says_when_another_match_is_better():
    deals = table([[5, 4], [4, 1]], [[2, 2], [2, 2]])
    found = match(deals, who([2, 2]), margins=True).table.set_index("village_code")
    assert found.loc["v0", "deal_id"] == "v0|p1"
    assert found.loc["v1", "margin_idr"] == pytest.approx(8 - 6)
    assert found.loc["v0", "runner_up_deal_id"] == "v0|p0"


def test_same_input_same_match():
    worth, capital, limits = EMPTY_CORE
    once, again = (match(table(worth, capital), who(limits)) for _ in range(2))
    pd.testing.assert_frame_equal(once.table, again.table)
    assert once.epsilon_idr == again.epsilon_idr


def plan_of(deals: pd.DataFrame, chosen: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """The plan's rows of some deals: their share of the links and their public money."""
    rows = deals[deals["deal_id"].isin(chosen)]
    return rows[["deal_id", "village_code", "provider_id"]].assign(
        backhaul_cost_pv_idr=[chosen[d][0] for d in rows["deal_id"]],
        subsidy_idr=[chosen[d][1] for d in rows["deal_id"]],
    )


def test_a_plans_deal_is_worth_what_both_have_with_its_links_and_its_public_money():
    deals = table([[5, 1], [4, 3]], [[2, 2], [2, 2]]).assign(backhaul_cost_pv_idr=2.0)
    found = match_of_plan(deals, plan_of(deals, {"v0|p0": (0.5, 1.5), "v1|p1": (2.0, 0.0)}), who([9, 9]))
    told = found.table.set_index("village_code")
    assert told.loc["v0", "surplus_idr"] == pytest.approx(5 + 2 - 0.5 + 1.5)
    assert told.loc["v1", "surplus_idr"] == pytest.approx(3)
    assert told.loc["v0", "runner_up_deal_id"] == "v0|p1"
    assert told.loc["v0", "margin_idr"] == pytest.approx(8 - 1)
    assert told.loc["v1", "margin_idr"] == pytest.approx(3 - 4)
    both = told["village_payoff_idr"] + told["provider_payoff_idr"]
    assert np.allclose(both, told["surplus_idr"])


def test_who_would_leave_a_plan_is_named_and_really_gains_it():
    deals = table([[5, 1], [4, 3]], [[2, 2], [2, 2]]).assign(backhaul_cost_pv_idr=0.0)
    plan = match_of_plan(deals, plan_of(deals, {"v0|p1": (0.0, 0.0)}), who([9, 9]))
    assert plan.blocking is not None
    assert plan.blocking.provider_id == "p0"
    assert plan.blocking.left == ()
    assert plan.blocking.gain_idr == pytest.approx(plan.epsilon_idr)
    payoff = plan.table.set_index("village_code")["village_payoff_idr"]
    worth = dict(zip(deals["deal_id"], deals["village_payoff_idr"], strict=True))
    gain = sum(worth[d] - payoff.get(d.split("|")[0], 0.0) for d in plan.blocking.deal_ids)
    assert gain == pytest.approx(plan.epsilon_idr, abs=1e-6)
    # Public money that goes only with the plan holds it together.
    held = match_of_plan(deals, plan_of(deals, {"v0|p0": (0.0, 9.0), "v1|p0": (0.0, 9.0)}), who([9, 9]))
    assert held.stable
    assert held.blocking is None


@settings(max_examples=30, deadline=None)
@given(cases)
def test_a_rough_division_tells_what_it_really_leaves(case):
    worth, capital, limits = case
    deals = table(worth, capital)
    exact, rough = match(deals, who(limits)), match(deals, who(limits), within=0.05)
    assert rough.stable == exact.stable
    assert exact.epsilon_idr - 1e-6 <= rough.epsilon_idr <= exact.epsilon_idr + 0.11 * rough.surplus_idr + 1e-6
    payoff = rough.table.set_index("village_code")["village_payoff_idr"]
    for p, limit in enumerate(limits):
        mine = float(rough.table.loc[rough.table["provider_id"] == f"p{p}", "provider_payoff_idr"].sum())
        for some in product((False, True), repeat=len(worth)):
            villages = [v for v, joins in enumerate(some) if joins]
            if sum(capital[v][p] for v in villages) <= limit:
                gain = sum(worth[v][p] - payoff.get(f"v{v}", 0.0) for v in villages) - mine
                assert gain <= rough.epsilon_idr + 1e-5


@settings(max_examples=30, deadline=None)
@given(cases)
def test_the_named_blocking_set_gains_epsilon_within_the_limits(case):
    worth, capital, limits = case
    deals = table(worth, capital)
    found = match(deals, who(limits))
    if found.stable:
        assert found.blocking is None
        return
    assert found.blocking is not None
    p = int(found.blocking.provider_id[1:])
    mine = found.table[found.table["provider_id"] == f"p{p}"]
    kept = set(mine["village_code"]) - set(found.blocking.left)
    joined = {d.split("|")[0] for d in found.blocking.deal_ids} | kept
    assert sum(capital[int(v[1:])][p] for v in joined) <= limits[p] + 1e-9
    payoff = found.table.set_index("village_code")["village_payoff_idr"]
    after = sum(worth[int(v[1:])][p] - payoff.get(v, 0.0) for v in joined)
    now = float(mine["provider_payoff_idr"].sum())
    assert after - now == pytest.approx(found.epsilon_idr, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(cases, st.data())
def test_what_is_signed_beside_a_plan_is_the_best_that_the_plan_leaves_room_for(case, data):
    """Against every way of giving the other villages a deal without public money."""
    worth, capital, limits = np.array(case[0]), np.array(case[1]), case[2]
    n, m = worth.shape
    # Some deals need public money, some cost the provider more than they bring: nobody signs those beside the plan.
    flaw = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n * m, max_size=n * m))).reshape(n, m)
    deals = table(case[0], case[1]).assign(backhaul_cost_pv_idr=0.0)
    deals["subsidy_idr"] = np.where(flaw.ravel() == 0, 1.0, 0.0)
    deals["npv_idr"] = np.where(flaw.ravel() == 1, -1.0, 0.0)
    first = data.draw(st.integers(0, m - 1))
    planned = {f"v0|p{first}": (0.0, 5.0)}
    used = max(0, capital[0, first] - int(flaw[0, first] == 0))
    found = match_beside(deals, plan_of(deals, planned), who(limits))
    best = 0.0
    for choice in product(range(-1, m), repeat=n - 1):
        pairs = [(v + 1, p) for v, p in enumerate(choice) if p >= 0]
        spent = [sum(capital[v, p] for v, p in pairs if p == q) + (used if q == first else 0) for q in range(m)]
        room = [max(limits[q], used if q == first else 0) for q in range(m)]
        if all(flaw[v, p] > 1 for v, p in pairs) and all(s <= r for s, r in zip(spent, room, strict=True)):
            best = max(best, float(sum(worth[v, p] for v, p in pairs)))
    by_id = deals.set_index("deal_id")
    mine = by_id.loc[list(found)]
    assert mine["village_payoff_idr"].sum() == pytest.approx(best)
    assert mine["village_code"].is_unique
    assert "v0" not in set(mine["village_code"])
    assert (mine["subsidy_idr"] == 0).all()
    assert (mine["npv_idr"] >= 0).all()


def test_with_those_beside_it_a_plan_leaves_nobody_outside_who_would_sign():
    """Three villages sign by themselves; without them on the list their provider gains all that they bring."""
    deals = table([[5, 1], [4, 3], [6, 2], [2, 2]], [[1, 1]] * 4).assign(backhaul_cost_pv_idr=0.0)
    plan = plan_of(deals, {"v0|p0": (0.0, 3.0)})
    before = match_of_plan(deals, plan, who([9, 9]))
    assert before.epsilon_idr == pytest.approx(4 + 6 + 2)
    beside = match_beside(deals, plan, who([9, 9]))
    assert {d.split("|")[0] for d in beside} == {"v1", "v2", "v3"}
    after = match_of_plan(deals, plan, who([9, 9]), beside=beside)
    assert after.stable
    assert set(after.table["village_code"]) == {"v0", "v1", "v2", "v3"}
    # With capital for two only, one village stays outside, and it cannot better what its provider has.
    tight = match_beside(deals, plan, who([2, 1]))
    assert len(tight) == 2
    assert len(match_of_plan(deals, plan, who([2, 1]), beside=tight).table) == 3
