"""Periksa penawaran: the real unfair case, a fair one, and what cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from partnership_world import A

from coverage.errors import InputError
from coverage.language import using
from coverage.partnership import FINDINGS, Offer, check_offer

#: Pandeglang: villages paid all of the Rp 60 million and were given 30 % of revenue.
PANDEGLANG = Offer(
    capex_idr=60e6,
    opex_idr_month=2.2e6,
    price_idr_month=165_000,
    subscribers=60,
    years=5,
    village_capex_share=1.0,
    village_opex_share=1.0,
    village_revenue_share=0.30,
)


def codes(offer: Offer, kind: str = "desa") -> set[str]:
    return {finding.code for finding in check_offer(offer, A, kind).findings}


@pytest.mark.parametrize("opex_share", [0.0, 0.5, 1.0])
def test_pandeglang_is_called_unfair_whoever_pays_the_bandwidth(opex_share):
    told = check_offer(replace(PANDEGLANG, village_opex_share=opex_share), A)
    assert told.verdict == "unfair"
    assert {"share_below_cost", "village_loses", "provider_risks_nothing"} <= {f.code for f in told.findings}
    assert told.sides.loc["village", "income_share"] == pytest.approx(0.30, abs=1e-6)
    assert told.fair_share > 0.5
    assert told.sides.loc["provider", "npv_idr"] > 0 > told.sides.loc["village", "npv_idr"]


def test_with_nothing_put_in_the_fair_share_of_the_provider_is_nothing():
    assert check_offer(PANDEGLANG, A).fair_share == pytest.approx(1.0, abs=0.01)


def test_asking_for_the_fair_share_cures_it():
    told = check_offer(replace(PANDEGLANG, village_opex_share=0.0), A)
    better = replace(PANDEGLANG, village_opex_share=0.0, village_revenue_share=told.fair_share, village_owns=True)
    again = check_offer(better, A)
    assert again.verdict != "unfair"
    sides = again.sides
    assert sides.loc["village", "npv_idr"] / sides.loc["village", "cost_pv_idr"] == pytest.approx(
        sides.loc["provider", "npv_idr"] / sides.loc["provider", "cost_pv_idr"], abs=0.03
    )


def test_provider_builds_village_sells_vouchers_is_fair():
    """Jalatunda: the provider builds, the BUMDes sells, no village money."""
    offer = Offer(60e6, 2.2e6, 100_000, 80, 5, village_revenue_share=0.4, mbps=150)
    told = check_offer(offer, A)
    assert told.verdict == "fair"
    assert told.sides.loc["village", "npv_idr"] > 0


def test_money_of_both_sides_adds_up():
    told = check_offer(PANDEGLANG, A)
    transfers = told.flow[told.flow["transfer"]].groupby("year")["amount_idr"].sum()
    assert np.allclose(transfers, 0, atol=1e-3)
    assert told.sides[["cost_share", "income_share"]].sum().to_numpy() == pytest.approx([1.0, 1.0])


def test_a_guarantee_shifts_the_risk_to_the_village():
    offer = Offer(60e6, 2.2e6, 90_000, 80, 5, village_revenue_share=0.35)
    bound = replace(offer, guaranteed_subscribers=80)
    free, held = check_offer(offer, A).sides, check_offer(bound, A).sides
    drop_free = free["npv_idr"] - free["npv_stress_idr"]
    drop_held = held["npv_idr"] - held["npv_stress_idr"]
    assert drop_held["village"] > drop_free["village"]
    assert drop_held["provider"] < drop_free["provider"]
    assert "guarantee_on_village" in codes(bound)


def test_a_kelurahan_cannot_pay_or_resell():
    assert "no_budget_of_its_own" in codes(PANDEGLANG, "kelurahan")
    assert "no_budget_of_its_own" not in codes(PANDEGLANG, "desa")
    harmless = Offer(60e6, 2.2e6, 90_000, 80, 5, village_sells=False)
    assert "no_budget_of_its_own" not in codes(harmless, "kelurahan")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"price_idr_month": 300_000}, "price_above_line"),
        ({"years": 12}, "term_beyond_life"),
        ({"mbps": 10}, "bandwidth_thin"),
        ({"capex_idr": 200e6}, "beyond_village_fund"),
    ],
)
def test_each_clause_is_seen(change, code):
    assert code in codes(replace(PANDEGLANG, **change))
    assert code not in codes(replace(PANDEGLANG, price_idr_month=90_000, mbps=500))


@pytest.mark.parametrize(
    "change",
    [
        {"price_idr_month": -1.0},
        {"village_revenue_share": 1.2},
        {"years": 0},
        {"capex_idr": float("nan")},
        {"subscribers": float("inf")},
    ],
)
def test_impossible_offers_are_refused_and_named(change):
    with pytest.raises(InputError, match=next(iter(change))):
        check_offer(replace(PANDEGLANG, **change), A)


def test_an_offer_without_subscribers_or_equipment_is_no_crash():
    empty = check_offer(replace(PANDEGLANG, subscribers=0), A)
    assert empty.sides.loc["village", "npv_idr"] < 0
    assert check_offer(replace(PANDEGLANG, capex_idr=0, opex_idr_month=0), A).verdict in ("fair", "careful", "unfair")


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_finding_can_be_said(language):
    with using(language):
        for finding in check_offer(replace(PANDEGLANG, guaranteed_subscribers=50, mbps=20, years=8), A).findings:
            assert "{" not in finding.sentence + finding.ask
    assert all(len(pair) == 2 for pair in FINDINGS.values())
