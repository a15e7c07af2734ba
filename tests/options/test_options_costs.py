"""Costs: every line traceable, present values exact."""

from __future__ import annotations

import numpy as np
import numpy_financial as npf
import pytest

from coverage.assumptions import Assumption, Assumptions, load
from coverage.errors import AssumptionError
from coverage.options import annuity_factor, capital_flow, present_value, unit_cost


def one(name: str, value: float, unit: str) -> Assumptions:
    row = Assumption(name, value, value, value, unit, "", "", "", "", "test.csv")
    return Assumptions({name: row, "cost.idr_per_usd": load().row("cost.idr_per_usd")})


def test_dollars_and_months_become_rupiah_a_year():
    cost = unit_cost(one("cost.x", 100.0, "USD/site/month"), "cost.x")
    assert cost.idr == pytest.approx(100 * 16_500 * 12)
    assert (cost.unit, cost.kind) == ("site", "opex")


@pytest.mark.parametrize("unit", ["m", "EUR/m", "Rp", "Rp/m/week"])
def test_a_unit_that_is_not_a_price_is_refused(unit):
    with pytest.raises(AssumptionError):
        unit_cost(one("cost.x", 1.0, unit), "cost.x")


def test_a_negative_cost_is_refused():
    with pytest.raises(AssumptionError):
        unit_cost(one("cost.x", -1.0, "Rp/m"), "cost.x")


def test_every_cost_assumption_is_a_price():
    for name in load().topic("cost"):
        if name != "cost.idr_per_usd":
            assert unit_cost(load(), name).idr > 0


@pytest.mark.parametrize("lifetime", [3, 5, 7, 10, 15, 25])
@pytest.mark.parametrize("rate", [0.0, 0.08, 0.15])
def test_with_full_residual_the_present_value_is_the_exact_annuity(lifetime, rate):
    horizon = 10
    flow = capital_flow(lifetime, horizon, rate, 1.0)
    annuity = float(npf.pmt(rate, lifetime, -1.0))
    assert npf.npv(rate, flow) == pytest.approx(annuity * annuity_factor(rate, horizon))
    assert annuity == pytest.approx(1 / annuity_factor(rate, lifetime))


def test_an_asset_is_bought_again_when_its_life_ends_but_not_at_the_horizon():
    assert np.flatnonzero(capital_flow(5, 10, 0.1, 0.0)).tolist() == [0, 5]
    assert np.flatnonzero(capital_flow(4, 10, 0.1, 0.0)).tolist() == [0, 4, 8]
    assert np.flatnonzero(capital_flow(25, 10, 0.1, 0.0)).tolist() == [0]


def test_present_value_by_hand():
    value = present_value(100.0, 10.0, 10, rate=0.1, horizon_years=2, residual_share=0.0)
    assert value == pytest.approx(100 + 10 / 1.1 + 10 / 1.21)
    both = present_value([100.0, 0.0], [10.0, 10.0], [10, 1], rate=0.1, horizon_years=2, residual_share=0.0)
    assert both[0] == pytest.approx(value)


def test_java_costs_lie_between_the_published_marks():
    """BAKTI's remote 4G site is Rp 3.1 bn with opex 10-12.5 % of it: a light tower on Java is cheaper."""
    a = load()
    capex = 32 * unit_cost(a, "cost.tower_metre").idr + sum(
        unit_cost(a, f"cost.{item}").idr
        for item in ("tower_site_build", "tower_install", "tower_radio", "tower_power_grid")
    )
    opex = sum(unit_cost(a, f"cost.{item}").idr for item in ("tower_maintenance", "tower_energy"))
    assert 1.0e9 < capex < 3.1e9
    assert 0.08 < opex / capex < 0.125
