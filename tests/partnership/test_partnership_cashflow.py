"""Money: what one pays another receives, and what is left is the project's own cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from partnership_world import A, plan

from coverage.errors import InputError
from coverage.options import annuity_factor
from coverage.partnership import MODELS, Market, Terms, adoption, by_party, cash_flow, measures, npv
from coverage.partnership.cashflow import Curve

TAXED = A.override({"funding.income_tax": 0.22})
terms_given = st.builds(
    Terms,
    price_idr_month=st.floats(0, 600_000),
    village_share=st.floats(0, 0.6),
    subsidy_idr=st.floats(0, 2e9),
    contribution_idr=st.floats(0, 1e8),
    village_capital_share=st.floats(0, 1),
    village_running_share=st.floats(0, 1),
    guaranteed_subscribers=st.one_of(st.just(0.0), st.floats(0, 400)),
)


@settings(max_examples=60, deadline=None)
@given(terms_given, st.sampled_from(sorted(MODELS)), st.booleans(), st.sampled_from(["ftth", "satellite_wifi"]))
def test_transfers_net_to_zero_and_the_rest_is_the_projects_cost(terms, model, taxed, technology):
    deal = plan(
        model, technology=technology, assumptions=TAXED if taxed else A, incremental_share=0.7, base_idr_year=1e7
    )
    flow = cash_flow(deal, terms)
    size = flow["amount_idr"].abs().max()
    transfers = flow[flow["transfer"]].groupby(["year", "item"])["amount_idr"].sum()
    assert np.abs(transfers).max() <= 1e-9 * size
    real = flow[~flow["transfer"]].groupby("year")["amount_idr"].sum()
    whole = flow.groupby("year")["amount_idr"].sum()
    assert np.allclose(real.reindex(whole.index, fill_value=0.0), whole, atol=1e-9 * size)
    assets = -(deal.capital + deal.running)
    seen = flow[flow["item"].isin(["capital", "running"])].groupby("year")["amount_idr"].sum()
    assert np.allclose(seen.reindex(range(len(assets)), fill_value=0.0), assets)


@settings(max_examples=60, deadline=None)
@given(terms_given, st.sampled_from(sorted(MODELS)), st.booleans())
def test_npv_of_the_price_search_is_that_of_the_yearly_table(terms, model, taxed):
    deal = plan(model, assumptions=TAXED if taxed else A)
    table = by_party(cash_flow(deal, terms), deal.finance.horizon_years)
    told = npf.npv(deal.finance.hurdle_rate, table["provider"].to_numpy())
    curve = Curve(deal, terms)
    assert npv(deal, terms.price_idr_month, terms)[0] == pytest.approx(told, rel=1e-9, abs=1.0)
    told = npf.npv(deal.finance.social_rate, table["village_enterprise"].to_numpy())
    assert curve.enterprise(terms.price_idr_month)[0] == pytest.approx(told, rel=1e-9, abs=1.0)


def test_a_year_by_hand():
    """300 potential homes at their median price of Rp 250,000: 150 pay, in year 10 practically all."""
    deal = plan()
    flow = cash_flow(deal, Terms(250_000.0))
    last = flow[flow["year"] == 10].groupby(["party", "item"])["amount_idr"].sum()
    gross = 150 * 250_000 * 12
    net = gross / 1.11
    assert last["households", "sales"] == pytest.approx(-gross, rel=1e-6)
    assert last["state", "ppn"] == pytest.approx(net * 0.11, rel=1e-6)
    assert last["state", "levies"] == pytest.approx(net * 0.0175, rel=1e-6)
    assert last["provider", "customer_care"] == pytest.approx(-150 * 30_000 * 12, rel=1e-6)


def test_reseller_keeps_its_share_of_sales_and_pays_for_care():
    flow = cash_flow(plan("bumdes_resale"), Terms(250_000.0, village_share=0.3))
    last = flow[flow["year"] == 10].groupby(["party", "item"])["amount_idr"].sum()
    net = 150 * 250_000 * 12 / 1.11
    assert last["provider", "wholesale"] == pytest.approx(0.7 * net, rel=1e-6)
    assert last.loc["village_enterprise"].sum() == pytest.approx(0.3 * net - 150 * 30_000 * 12, rel=1e-6)
    assert last["state", "levies"] == pytest.approx(0.7 * net * 0.0175, rel=1e-6)


def test_subsidy_and_contribution_raise_the_provider_by_exactly_that():
    deal = plan()
    bare = npv(deal, 150_000.0, Terms(150_000.0))[0]
    helped = npv(deal, 150_000.0, Terms(150_000.0, subsidy_idr=1e8, contribution_idr=2e7))[0]
    assert helped - bare == pytest.approx(1.2e8)


def test_cost_of_the_assets_is_their_annuity_when_all_residual_counts():
    whole = A.override({"funding.residual_share": 1.0})
    deal = plan(assumptions=whole, opex=0.0)
    yearly = 5e8 / annuity_factor(0.14, 15) + 1e8 / annuity_factor(0.14, 25)
    assert deal.cost_pv_idr(0.14) == pytest.approx(yearly * annuity_factor(0.14, 10))


def test_adoption_follows_the_reported_growth_of_a_village_network():
    """BUMDes Bintang Baru grew from 15 to 216 users in 8 months: within the range of speeds, not beyond."""
    low, high = A.row("market.adoption_speed").low, A.row("market.adoption_speed").high
    needed = np.log(216 / 15) / (8 / 12)
    assert low < needed < high
    share = adoption(10, A)
    assert share[0] == 0
    assert (np.diff(share) > 0).all()
    assert share[-1] > 0.99


def test_demand_falls_with_price_and_meets_the_published_elasticity():
    market = Market(100.0, 250_000.0, A["market.willing_shape"], 100_000.0)
    price = np.array([0.0, 100_000.0, 250_000.0, 1e6])
    assert market.subscribers(price)[0] == 100
    assert market.subscribers(price)[2] == 50
    assert (np.diff(market.subscribers(price)) < 0).all()
    low, high = market.subscribers([164_000.0, 166_000.0])
    assert np.log(high / low) / np.log(166 / 164) == pytest.approx(-0.62, abs=0.1)


def test_consumer_surplus_is_the_area_under_the_demand():
    market = Market(100.0, 250_000.0, 3.0, 100_000.0)
    grid = np.linspace(180_000, 60e6, 2_000_001)
    area = np.trapezoid(market.subscribers(grid), grid) * 12
    assert float(market.surplus_idr_year(180_000.0)) == pytest.approx(area, rel=1e-3)
    assert float(market.surplus_idr_year(8e6)) > 0


@pytest.mark.parametrize("price", [-1.0, float("nan")])
def test_an_impossible_price_is_refused(price):
    with pytest.raises(InputError):
        npv(plan(), price, Terms(0.0))


def test_measures_of_a_plain_loan():
    told = measures([-100.0, 60.0, 60.0], 0.1)
    assert told["npv_idr"] == pytest.approx(-100 + 60 / 1.1 + 60 / 1.21)
    assert told["irr"] == pytest.approx(0.13066, abs=1e-4)
    assert told["payback_years"] == pytest.approx(1 + 40 / 60)
    assert np.isnan(measures([-100.0, 10.0, 10.0], 0.1)["payback_years"])


def test_a_project_without_anybody_costs_what_it_costs():
    deal = plan(potential=0.0)
    assert npv(deal, 100_000.0, Terms(100_000.0))[0] == pytest.approx(-deal.cost_pv_idr(0.14))
    assert replace(deal.market, potential=0.0).subscribers(0.0) == 0
