"""When no deal stands by itself: how much of each lever closes the gap, and how firm the zone is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.language import mark
from coverage.partnership.cashflow import Curve
from coverage.partnership.market import adoption
from coverage.partnership.project import Asset, Project, Terms, with_assets
from coverage.partnership.terms import price_zone

#: Levers, in the order they are told, with what they mean.
LEVERS = {
    "subsidy": mark("Public money once, at the start"),
    "higher_price": mark("A higher price"),
    "longer_term": mark("A longer contract"),
    "guarantee": mark("A guaranteed number of subscribers"),
    "more_subscribers": mark("More subscribers"),
    "join_neighbours": mark("Sharing the backhaul with neighbours"),
    "lower_cost": mark("Building cheaper"),
}

_LONGEST_YEARS = 30


def ways_to_close(plan: Project, terms: Terms, assumptions: Assumptions) -> pd.DataFrame:
    """How much of each lever, alone, brings the provider's NPV at this price to zero.

    Parameters
    ----------
    plan : Project
        The deal's economics; its first asset is the access, the others its backhaul.
    terms : Terms
        Price and shares; its subsidy is left out.
    assumptions : Assumptions
        ``market.adoption_*``.

    Returns
    -------
    DataFrame
        Columns ``lever`` (keys of :data:`LEVERS`), ``amount``, ``unit`` and ``closes``: whether the
        lever can do it at all. Empty where there is no gap.
    """
    bare = replace(terms, subsidy_idr=0.0)
    price = terms.price_idr_month
    value = float(Curve(plan, bare).provider(price)[0])
    if value >= 0:
        return pd.DataFrame(columns=["lever", "amount", "unit", "closes"])
    expected = float(plan.market.subscribers(price))
    needed = Curve(plan, replace(bare, guaranteed_subscribers=0.0)).break_even_subscribers(price)
    zone = price_zone(plan, bare)
    higher = [p for p in zone.break_even_idr_month if p > price]
    years = _term(plan, bare, assumptions)
    backhaul = with_assets(plan, plan.assets[1:]).cost_pv_idr(plan.finance.hurdle_rate)
    whole = plan.cost_pv_idr(plan.finance.hurdle_rate)
    rows = [
        ("subsidy", -value, "Rp", True),
        ("higher_price", higher[0] if higher else float("nan"), "Rp/month", bool(higher)),
        ("longer_term", years, "year", np.isfinite(years)),
        ("guarantee", _guarantee(plan, bare), "subscribers", np.isfinite(_guarantee(plan, bare))),
        ("more_subscribers", needed / expected - 1.0 if expected > 0 else np.inf, "share", np.isfinite(needed)),
        ("join_neighbours", -value / backhaul if backhaul > 0 else np.inf, "share", -value <= backhaul),
        ("lower_cost", -value / whole if whole > 0 else np.inf, "share", -value <= whole),
    ]
    return pd.DataFrame(rows, columns=["lever", "amount", "unit", "closes"])


def _term(plan: Project, terms: Terms, assumptions: Assumptions) -> float:
    """Years of contract at which the NPV reaches zero; NaN where none up to thirty does."""
    for years in range(plan.finance.horizon_years + 1, _LONGEST_YEARS + 1):
        longer = with_assets(
            replace(
                plan,
                finance=replace(plan.finance, horizon_years=years),
                adoption=adoption(years, assumptions),
            ),
            plan.assets,
        )
        if Curve(longer, terms).provider(terms.price_idr_month)[0] >= 0:
            return float(years)
    return float("nan")


def _guarantee(plan: Project, terms: Terms) -> float:
    """Guaranteed subscribers at which the NPV reaches zero (bisection); NaN where all homes are too few."""
    low, high = 0.0, plan.market.potential

    def value(count: float) -> float:
        return float(Curve(plan, replace(terms, guaranteed_subscribers=count)).provider(terms.price_idr_month)[0])

    if value(high) < 0:
        return float("nan")
    for _step in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if value(middle) < 0 else (low, middle)
    return high


def zone_sensitivity(
    plan: Project,
    terms: Terms,
    adoption_factors: tuple[float, ...] = (0.7, 1.0, 1.3),
    cost_factors: tuple[float, ...] = (0.8, 1.0, 1.2),
) -> pd.DataFrame:
    """The zone of agreement when adoption and costs differ from what is assumed.

    Returns
    -------
    DataFrame
        One row per pair of factors: ``adoption_factor, cost_factor, price_lowest_idr_month,
        price_highest_idr_month, best_price_idr_month, best_npv_idr``; prices NaN where no price works.
    """
    rows = []
    for people in adoption_factors:
        for cost in cost_factors:
            assets = tuple(Asset(a.capex_idr * cost, a.opex_idr_per_year * cost, a.lifetime_years) for a in plan.assets)
            market = replace(plan.market, potential=plan.market.potential * people)
            zone = price_zone(replace(with_assets(plan, assets), market=market), terms)
            lowest, highest = zone.signed_between()
            rows.append((people, cost, lowest, highest, zone.best_idr_month, zone.best_npv_idr))
    columns = [
        "adoption_factor",
        "cost_factor",
        "price_lowest_idr_month",
        "price_highest_idr_month",
        "best_price_idr_month",
        "best_npv_idr",
    ]
    return pd.DataFrame(rows, columns=columns)
