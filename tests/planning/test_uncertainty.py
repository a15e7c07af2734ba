"""What survives when the assumptions are wrong: the quick re-scoring agrees with the whole chain."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from ridge_world import ridge_region

from coverage.analysis import Analysis, analyse
from coverage.assumptions import Assumption, load
from coverage.errors import Cancelled
from coverage.options import social_cost
from coverage.planning import check_plan, factors
from coverage.planning.instance import eligible
from coverage.planning.rescoring import Rescorer, rescorer
from coverage.planning.robust import carry_out, worth_of_rows
from coverage.planning.uncertainty import Uncertainty, uncertainty
from coverage.scenario import Scenario

BUDGET = Scenario(budget_idr=6e9)
#: Assumptions changed one by one or together, and how closely gain and value must agree with the chain.
CHANGES = {
    "radio.threshold_usable_dbm": -102.0,
    "demand.gb_per_month": 12.0,
    "cost.tower_radio": 38_000.0,
    "cost.fibre_metre": 120_000.0,
    "market.penetration_mobile": 0.5,
    "market.arpu_mobile": 40_000.0,
    "indicators.share_outcome": 0.15,
    "indicators.effect_light_tower_online": 0.9,
    "indicators.effect_satellite_wifi_facility": 0.85,
    "funding.residual_share": 0.2,
}


@cache
def world() -> Analysis:
    return analyse(ridge_region(450.0), BUDGET)


@cache
def scorer() -> Rescorer:
    found = world()
    kept = eligible(found.deals, found.option_set.options, found.access.villages, BUDGET)
    return rescorer(found, kept[list(found.deals.columns)])


def drawn(**values: float) -> factors.Draws:
    draws = factors.nominal(world().assumptions, scorer().reach.counts)
    draws.values.update({name: np.array([value]) for name, value in values.items()})
    return draws


@cache
def result(seed: int = 1) -> Uncertainty:
    return uncertainty(world().plan, world(), BUDGET, draws=32, seed=seed, candidates=1, sobol_base=8)


def by_option(values: np.ndarray) -> pd.Series:
    return scorer().reach.rows.assign(v=values).groupby("option_id")["v"].sum()


def test_at_the_assumptions_in_force_it_is_the_chain_itself() -> None:
    found, out = world(), scorer().draw(drawn())
    people = scorer().reach.rows.assign(v=out.people[0]).query("v > 0").set_index(["option_id", "settlement_id"])["v"]
    reach = found.option_set.reach.set_index(["option_id", "settlement_id"])["population_gained"]
    np.testing.assert_allclose(people, reach.reindex(people.index), rtol=1e-9)
    gain = by_option(out.gain[0])
    truth = found.benefit.groupby("option_id")["index_gain"].sum().reindex(gain.index)
    np.testing.assert_allclose(gain, truth, rtol=0.01)
    deals = scorer().deals
    np.testing.assert_allclose(out.access[0], deals["access_cost_pv_idr"], rtol=1e-9)
    np.testing.assert_allclose(out.route[0], deals["backhaul_cost_pv_idr"], rtol=1e-9, atol=1.0)
    value = (deals["npv_idr"] + deals["backhaul_cost_pv_idr"]).to_numpy()
    np.testing.assert_allclose(out.value[0], value, rtol=1e-6, atol=1000.0)
    np.testing.assert_allclose(out.link[0], social_cost(found.option_set.links, found.assumptions), rtol=1e-9, atol=1.0)


def test_other_assumptions_agree_with_the_whole_chain() -> None:
    again = analyse(ridge_region(450.0), BUDGET.model_copy(update={"assumptions": CHANGES}))
    out = scorer().draw(drawn(**CHANGES))
    gain, truth = by_option(out.gain[0]), again.benefit.groupby("option_id")["index_gain"].sum()
    same = gain.index.intersection(truth[truth > 0].index)
    assert len(same) >= 2  # towers may move to a better place; what stays is compared
    np.testing.assert_allclose(gain[same], truth[same], rtol=0.1)
    theirs = again.deals.drop_duplicates("option_id").set_index("option_id")
    ours = pd.Series(out.access[0], scorer().deals["option_id"])
    both = ours.index.intersection(theirs.index)
    np.testing.assert_allclose(ours[both], theirs["access_cost_pv_idr"][both], rtol=0.05)
    covered = scorer().reach.covered(drawn(**CHANGES))[0] * scorer().reach.population
    np.testing.assert_allclose(covered, again.access.settlements["population_covered"], atol=0.02 * covered.max())


def test_a_stronger_signal_never_covers_fewer_people() -> None:
    levels = [drawn(**{"uncertainty.signal_common_db": db}) for db in (-20, -12, 0, 8, 20)]
    covered = [scorer().reach.covered(level)[0].sum() for level in levels]
    assert (np.diff(covered) >= 0).all()
    towers = scorer().reach.rows["technology"].eq("light_tower").to_numpy()
    traffic = scorer().traffic
    reached = [float(scorer().reach.shares(level, traffic)[0][0, towers].sum()) for level in levels]
    assert (np.diff(reached) >= 0).all()
    assert (np.diff(scorer().reach.tower_curve, axis=1) >= 0).all()
    assert scorer().reach.tower_curve.max() > 0


def test_dearer_works_cost_more_in_proportion() -> None:
    plain, dear = scorer().draw(drawn()), scorer().draw(drawn(**{"uncertainty.cost_overrun": 1.4}))
    assert (dear.access > plain.access).all()
    assert (dear.access <= 1.4 * plain.access + 1).all()
    np.testing.assert_allclose(dear.gain, plain.gain)


def test_draws_fill_every_range_evenly() -> None:
    draws = factors.latin_hypercube(world().assumptions, (3, 2, 2), 50, seed=4)
    for rows in factors.uncertain(world().assumptions).values():
        assert rows  # every group has something to be wrong about
        for row in rows:
            values = draws[row.name]
            assert values.min() >= row.low
            assert values.max() <= row.high
            steps = np.sort(values)
            limits = factors.quantile(row, np.arange(51) / 50)
            assert ((steps >= limits[:-1] - 1e-9) & (steps <= limits[1:] + 1e-9)).all()  # one in each fiftieth


def test_an_override_outside_its_range_widens_it() -> None:
    row = Assumption("x", 9.0, 1.0, 5.0, "1", "", "", "", "", "x.csv")
    assert factors.quantile(row, np.array([0.0, 1.0])).tolist() == [1.0, 9.0]


def test_a_plan_is_carried_out_as_far_as_the_money_goes() -> None:
    found, quick = world(), scorer()
    draws = drawn()
    out = quick.draw(draws)
    worth = worth_of_rows(out, quick.reach.rows, BUDGET, found)
    links = np.flatnonzero(found.option_set.links["link_id"].isin(set(found.plan.links["link_id"])).to_numpy())
    rich = carry_out(found.plan, quick, out, worth, links, 1e12)
    assert rich.worth[0] == pytest.approx(found.plan.benefit, rel=0.01)
    assert rich.public_idr[0] == pytest.approx(found.plan.public_idr, rel=0.01, abs=1e6)
    poor = carry_out(found.plan, quick, out, worth, links, 0.0)
    assert poor.worth[0] < rich.worth[0] or found.plan.public_idr == 0
    assert poor.whole[0] == rich.whole[0]


def test_shares_of_draws_and_what_matters() -> None:
    found = result()
    for column in ("top_share", "best_share"):
        assert found.villages[column].between(0, 1).all()
    assert (found.villages["gain_low"] <= found.villages["gain_high"]).all()
    assert set(world().plan.chosen["village_code"]) == set(found.villages.query("in_plan")["village_code"])
    assert found.tornado["swing"].is_monotonic_decreasing
    swing = found.tornado.set_index("name")["swing"]
    assert swing["indicators.share_outcome"] > 0.01
    assert swing["cost.fibre_metre"] == 0  # money changes no gain of the whole plan …
    assert (found.tornado.set_index("name")["money_swing_idr"]["cost.tower_metre"]) > 0  # … but what it takes
    assert set(found.sobol["group"]) == set(factors.GROUPS)
    assert found.sobol["total"].max() > 0.2
    assert found.coverage["share_covered"].is_monotonic_increasing


def test_the_robust_plan_is_sound_and_never_worse_than_the_nominal_one() -> None:
    robust = result().robust
    table = robust.candidates
    assert table["within"][robust.best] >= table["within"][0]
    assert table["within"].between(0, 1).all()
    assert table["regret_90"].ge(0).all()
    assert robust.is_nominal == (robust.best == 0)
    if robust.is_nominal:
        assert check_plan(robust.plan, world(), BUDGET) == []


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    again = uncertainty(world().plan, world(), BUDGET, draws=32, seed=1, candidates=1, sobol_base=8)
    pd.testing.assert_frame_equal(again.villages, result().villages)
    pd.testing.assert_frame_equal(again.sobol, result().sobol)
    pd.testing.assert_frame_equal(again.robust.candidates, result().robust.candidates)
    assert not result(2).villages.equals(result().villages)


def test_it_tells_how_far_it_is_and_can_be_stopped() -> None:
    told: list[float] = []

    def watch(_label: str, share: float) -> None:
        told.append(share)
        if share > 0.5:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        uncertainty(world().plan, world(), BUDGET, draws=64, progress=watch)
    assert told == sorted(told)


def test_a_plan_of_nothing_is_uncertain_about_nothing() -> None:
    nothing = replace(
        world().plan,
        chosen=world().plan.chosen.iloc[:0],
        links=world().plan.links.iloc[:0],
        benefit=0.0,
        public_idr=0.0,
    )
    found = uncertainty(nothing, world(), BUDGET, draws=16, candidates=1)
    assert not found.villages["in_plan"].any()
    assert found.sobol.empty


def test_every_sampled_name_is_an_assumption() -> None:
    names = set(load())
    for _label, prefixes in factors.GROUPS.values():
        for prefix in prefixes:
            assert any(name.startswith(prefix) for name in names), prefix
