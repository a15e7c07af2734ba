"""Each lever, pulled as far as told, must close the gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from partnership_world import A, plan

from coverage.partnership import Terms, cheapest_way, npv, price_zone, village_payoff, ways_to_close, zone_sensitivity
from coverage.partnership.project import Asset, project, with_assets


@pytest.fixture
def levers():
    deal = plan(potential=420, capex=7e8)
    terms = Terms(80_000.0)
    return deal, terms, ways_to_close(deal, terms, A).set_index("lever")


def value(deal, terms) -> float:
    return float(npv(deal, terms.price_idr_month, terms)[0])


def test_subsidy_price_guarantee_and_subscribers_close_the_gap(levers):
    deal, terms, told = levers
    assert value(deal, terms) < 0
    assert value(deal, replace(terms, subsidy_idr=told.loc["subsidy", "amount"])) == pytest.approx(0, abs=1)
    assert told.loc["higher_price", "closes"]
    assert value(deal, replace(terms, price_idr_month=told.loc["higher_price", "amount"])) == pytest.approx(0, abs=2e4)
    guaranteed = replace(terms, guaranteed_subscribers=told.loc["guarantee", "amount"])
    assert value(deal, guaranteed) == pytest.approx(0, abs=1e3)
    grown = replace(deal.market, potential=deal.market.potential * (1 + told.loc["more_subscribers", "amount"]))
    assert value(replace(deal, market=grown), terms) == pytest.approx(0, abs=1e3)


def test_cheaper_building_and_shared_backhaul_close_the_gap(levers):
    deal, terms, told = levers
    cut = 1 - told.loc["lower_cost", "amount"]
    cheaper = with_assets(
        deal, tuple(Asset(a.capex_idr * cut, a.opex_idr_per_year * cut, a.lifetime_years) for a in deal.assets)
    )
    assert value(cheaper, terms) == pytest.approx(0, abs=1e3)
    if told.loc["join_neighbours", "closes"]:
        part = 1 - told.loc["join_neighbours", "amount"]
        access, link = deal.assets
        shared = with_assets(
            deal, (access, Asset(link.capex_idr * part, link.opex_idr_per_year * part, link.lifetime_years))
        )
        assert value(shared, terms) == pytest.approx(0, abs=1e3)


def test_a_longer_term_is_the_first_that_pays(levers):
    _deal, terms, told = levers
    years = told.loc["longer_term", "amount"]
    if not told.loc["longer_term", "closes"]:
        assert np.isnan(years)
        return

    def at(horizon: float) -> float:
        a = A.override({"funding.horizon_years": horizon})
        deal = plan(potential=420, capex=7e8, assumptions=a)
        return value(deal, terms)

    assert at(years) >= 0 > at(years - 1)


def test_what_neighbours_carry_and_another_technology_decide_what_closes_the_gap():
    deal, terms = plan(potential=420, capex=7e8), Terms(80_000.0)
    gap = -value(deal, terms)

    def told(**given):
        return ways_to_close(deal, terms, A, **given).set_index("lever")

    needed = told().loc["join_neighbours", "amount"]
    for carried in (needed * 0.99, needed * 1.01):
        row = told(neighbours_carry=carried).loc["join_neighbours"]
        access, link = deal.assets
        left = 1 - carried
        shared = with_assets(
            deal, (access, Asset(link.capex_idr * left, link.opex_idr_per_year * left, link.lifetime_years))
        )
        assert row["closes"] == (value(shared, terms) >= 0)
        assert row["available"] == carried
    assert not told().loc["another_technology", "closes"]
    assert told(other_subsidy_idr=gap / 2).loc["another_technology", "closes"]
    assert not told(other_subsidy_idr=gap * 2).loc["another_technology", "closes"]


def test_the_way_named_cheapest_gives_up_least():
    deal, terms = plan(potential=420, capex=7e8), Terms(80_000.0)
    ways = ways_to_close(deal, terms, A, other_subsidy_idr=0.0, neighbours_carry=0.0)
    cost = ways.set_index("lever")["cost_idr"]
    before = village_payoff(deal, terms.price_idr_month, terms)[0]
    sure = replace(terms, guaranteed_subscribers=ways.set_index("lever").loc["guarantee", "amount"])
    assert cost["guarantee"] == pytest.approx(before - village_payoff(deal, sure.price_idr_month, sure)[0])
    assert cheapest_way(ways) == "another_technology"
    without = ways_to_close(deal, terms, A, neighbours_carry=0.0)
    able = without[without["closes"].astype(bool)].set_index("lever")["cost_idr"].dropna()
    assert able[cheapest_way(without)] == pytest.approx(able.min(), abs=1)
    assert cheapest_way(ways_to_close(plan(potential=900), Terms(160_000.0), A)) == ""


def test_no_gap_no_levers_and_hopeless_cases_say_so():
    assert ways_to_close(plan(potential=900), Terms(160_000.0), A).empty
    told = ways_to_close(plan(potential=3), Terms(100_000.0), A).set_index("lever")
    assert told.loc["subsidy", "closes"]
    assert not told.loc["higher_price", "closes"]
    assert not told.loc["guarantee", "closes"]
    assert not told.loc["longer_term", "closes"]


def test_the_zone_widens_with_adoption_and_narrows_with_cost():
    told = zone_sensitivity(plan(potential=600), Terms(0.0)).set_index(["adoption_factor", "cost_factor"])
    best = told["best_npv_idr"]
    assert best[1.3, 1.0] > best[1.0, 1.0] > best[0.7, 1.0]
    assert best[1.0, 0.8] > best[1.0, 1.0] > best[1.0, 1.2]
    assert best[1.0, 1.0] == pytest.approx(price_zone(plan(potential=600), Terms(0.0)).best_npv_idr)
    assert told.loc[(1.3, 0.8), "price_lowest_idr_month"] < told.loc[(1.0, 1.0), "price_lowest_idr_month"]


def test_projects_can_be_put_together_anew():
    deal = plan()
    again = project(deal.assets, deal.market, deal.business_model, "ftth", deal.finance.hurdle_rate, A)
    assert np.array_equal(with_assets(deal, deal.assets).capital, again.capital)
