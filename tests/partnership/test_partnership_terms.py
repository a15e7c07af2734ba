"""The price: two roots, none, the Nash bargain against a fine search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from partnership_world import A, plan

from coverage.partnership import Terms, both_sides, nash, npv, price_zone, village_payoff


@settings(max_examples=50, deadline=None)
@given(st.floats(1e8, 3e9), st.floats(0, 1.5e8), st.floats(20, 800), st.booleans())
def test_zone_agrees_with_a_fine_search(capex, opex, potential, taxed):
    a = A.override({"funding.income_tax": 0.22}) if taxed else A
    deal = plan(capex=capex, opex=opex, potential=potential, assumptions=a)
    zone = price_zone(deal, Terms(0.0))
    grid = np.linspace(0, deal.market.highest_price(), 20_001)
    value = npv(deal, grid, Terms(0.0))
    assert zone.best_npv_idr >= value.max() - 1e-6 * abs(value.max()) - 1
    assert len(zone.break_even_idr_month) in (0, 1, 2)
    for root in zone.break_even_idr_month:
        assert abs(npv(deal, root, Terms(0.0))[0]) <= 1e-4 * capex
    if zone.best_npv_idr < 0:
        assert zone.break_even_idr_month == ()
    else:
        low, high = zone.signed_between()
        inside = (grid > low * 1.001) & (grid < high * 0.999)
        assert (value[inside] >= 0).all()


def test_two_roots_one_root_no_root():
    assert len(price_zone(plan(potential=600), Terms(0.0)).break_even_idr_month) == 2
    assert price_zone(plan(potential=5), Terms(0.0)).break_even_idr_month == ()
    # Paid for in advance it never loses by raising the price: only too low a price is a loss.
    paid = Terms(0.0, subsidy_idr=1.05 * plan().cost_pv_idr(0.14))
    assert len(price_zone(plan(), paid).break_even_idr_month) == 1


def test_a_narrow_peak_between_two_grid_points_is_found():
    base = plan(potential=400)
    best = price_zone(base, Terms(0.0)).best_npv_idr
    # A charge that leaves Rp 1,000 of the best NPV.
    zone = price_zone(base, Terms(0.0, subsidy_idr=-(best - 1_000.0)))
    assert zone.best_npv_idr == pytest.approx(1_000.0, abs=50)
    assert len(zone.break_even_idr_month) == 2


@settings(max_examples=30, deadline=None)
@given(st.floats(100, 900), st.sampled_from(["provider_alone", "bumdes_resale"]), st.sampled_from([0.0, 2e8]))
def test_nash_beats_every_other_price(potential, model, limit):
    deal = plan(model, potential=potential)
    terms = Terms(0.0, village_share=0.3 if model == "bumdes_resale" else 0.0)
    settled = nash(deal, terms, contribution_limit_idr=limit)
    grid = np.linspace(0, deal.market.highest_price(), 4001)
    ours, theirs = npv(deal, grid, terms), village_payoff(deal, grid, terms)
    lump = np.clip((theirs - ours) / 2, 0, limit)
    product = np.where((ours + lump >= 0) & (theirs - lump >= 0), (ours + lump) * (theirs - lump), -1)
    if model == "bumdes_resale":
        product = np.where(deal.market.subscribers(grid) * (grid / 1.11 * 0.3 - 30_000) >= 0, product, -1)
    if settled is None:
        assert product.max() <= 0
        return
    assert settled.product >= product.max() * (1 - 1e-4)
    assert settled.terms.contribution_idr <= limit
    assert npv(deal, settled.terms.price_idr_month, settled.terms)[0] == pytest.approx(settled.provider_npv_idr, abs=1)
    told = village_payoff(deal, settled.terms.price_idr_month, settled.terms)[0]
    assert told == pytest.approx(settled.village_payoff_idr, abs=1)


def test_transfers_never_shrink_the_pie():
    deal = plan(potential=400)
    alone = nash(deal, Terms(0.0))
    free = nash(deal, Terms(0.0), contribution_limit_idr=1e12)
    assert free.provider_npv_idr + free.village_payoff_idr >= alone.provider_npv_idr + alone.village_payoff_idr - 1
    assert free.terms.price_idr_month < alone.terms.price_idr_month


def test_a_better_alternative_moves_the_price_and_a_too_good_one_ends_the_talk():
    deal = plan(potential=600)
    plain = nash(deal, Terms(0.0))
    spoilt = nash(deal, Terms(0.0), village_alternative_idr=0.5 * plain.village_payoff_idr)
    assert spoilt.terms.price_idr_month < plain.terms.price_idr_month
    assert nash(deal, Terms(0.0), village_alternative_idr=1e12) is None


def test_zero_surplus_is_not_a_deal_and_a_tariff_is_one_price():
    assert nash(plan(potential=5), Terms(0.0)) is None
    fixed = plan(potential=600, tariff_idr_month=180_000.0)
    assert nash(fixed, Terms(0.0)).terms.price_idr_month == 180_000
    assert price_zone(fixed, Terms(0.0)).best_idr_month == 180_000


def test_both_sides_gain_exactly_where_neither_loses():
    deal, terms = plan(potential=600), Terms(0.0, subsidy_idr=2e8)
    curve = both_sides(deal, np.linspace(0, 3e5, 301), terms)
    low, high = price_zone(deal, terms).signed_between()
    prices = curve["price_idr_month"]
    inside = prices.between(low, high) & (village_payoff(deal, prices, terms) >= 0)
    assert curve["both_gain"].tolist() == inside.tolist()
    assert curve["both_gain"].any()
    # a rupiah more of public money is a rupiah more for the provider, and nothing for the village
    more = both_sides(deal, prices, Terms(0.0, subsidy_idr=3e8))
    assert (more["provider_npv_idr"] - curve["provider_npv_idr"]).to_numpy() == pytest.approx(1e8)
    assert more["village_payoff_idr"].to_numpy() == pytest.approx(curve["village_payoff_idr"].to_numpy())
