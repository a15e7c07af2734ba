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
from coverage.partnership.terms import price_zone, village_payoff

#: Levers, in the order they are told, with what they mean.
LEVERS = {
    "subsidy": mark("Public money once, at the start"),
    "higher_price": mark("A higher price"),
    "longer_term": mark("A longer contract"),
    "guarantee": mark("A guaranteed number of subscribers"),
    "more_subscribers": mark("More subscribers"),
    "join_neighbours": mark("Sharing the backhaul with neighbours"),
    "another_technology": mark("Another technology"),
    "lower_cost": mark("Building cheaper"),
}
#: Levers that somebody can decide on, in the order of preference where they cost the same.
_DECIDED = ("join_neighbours", "another_technology", "longer_term", "guarantee", "higher_price", "subsidy")

_LONGEST_YEARS = 30


_COLUMNS = ["lever", "amount", "unit", "closes", "cost_idr", "available"]


def ways_to_close(
    plan: Project,
    terms: Terms,
    assumptions: Assumptions,
    *,
    neighbours_carry: float = float("nan"),
    other_subsidy_idr: float = float("nan"),
) -> pd.DataFrame:
    """How much of each lever, alone, brings the provider's NPV at this price to zero.

    Parameters
    ----------
    plan : Project
        The deal's economics; its first asset is the access, the others its backhaul.
    terms : Terms
        Price and shares; its subsidy is left out.
    assumptions : Assumptions
        ``market.adoption_*``.
    neighbours_carry : float
        Share of the backhaul's cost that the neighbours who would join carry, as
        :func:`coverage.partnership.clusters` divides it; NaN: it is not known who would join.
    other_subsidy_idr : float
        Public money that the best deal of another technology needs in this village; NaN: there is none.

    Returns
    -------
    DataFrame
        Columns ``lever`` (keys of :data:`LEVERS`), ``amount``, ``unit``, ``closes`` (whether the lever
        can do it at all), ``cost_idr`` (what the village and public funds give up for it, present value;
        NaN where nobody can decide it) and ``available`` (of neighbours: what they carry). Empty where
        there is no gap.
    """
    bare = replace(terms, subsidy_idr=0.0)
    price = terms.price_idr_month
    value = float(Curve(plan, bare).provider(price)[0])
    if value >= 0:
        return pd.DataFrame(columns=_COLUMNS)
    gap = -value
    expected = float(plan.market.subscribers(price))
    needed = Curve(plan, replace(bare, guaranteed_subscribers=0.0)).break_even_subscribers(price)
    higher = next((p for p in price_zone(plan, bare).break_even_idr_month if p > price), np.nan)
    years, guaranteed = _term(plan, bare, assumptions), _guarantee(plan, bare)
    backhaul = with_assets(plan, plan.assets[1:]).cost_pv_idr(plan.finance.hurdle_rate)
    whole = plan.cost_pv_idr(plan.finance.hurdle_rate)
    share = gap / backhaul if backhaul > 0 else np.inf
    carried = neighbours_carry if np.isfinite(neighbours_carry) else 1.0
    dearer = _given_up(plan, bare, replace(bare, price_idr_month=higher)) if np.isfinite(higher) else np.nan
    sure = replace(bare, guaranteed_subscribers=guaranteed)
    promised = _given_up(plan, bare, sure) if np.isfinite(guaranteed) else np.nan
    rows = [
        ("subsidy", gap, "Rp", True, gap, np.nan),
        ("higher_price", higher, "Rp/month", np.isfinite(higher), dearer, np.nan),
        ("longer_term", years, "year", np.isfinite(years), 0.0, np.nan),
        ("guarantee", guaranteed, "subscribers", np.isfinite(guaranteed), promised, np.nan),
        ("more_subscribers", needed / expected - 1.0 if expected > 0 else np.inf, "share", np.isfinite(needed),
         np.nan, np.nan),
        ("join_neighbours", share, "share", share <= carried, 0.0, neighbours_carry),
        ("another_technology", other_subsidy_idr, "Rp", other_subsidy_idr < gap, other_subsidy_idr, np.nan),
        ("lower_cost", gap / whole if whole > 0 else np.inf, "share", gap <= whole, np.nan, np.nan),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=_COLUMNS)


def cheapest_way(ways: pd.DataFrame) -> str:
    """The lever that closes the gap for the least that village and public funds give up; empty where there is no gap.

    Parameters
    ----------
    ways : DataFrame
        As :func:`ways_to_close` tells them.
    """
    able = ways[ways["closes"].astype(bool) & ways["lever"].isin(_DECIDED)]
    if able.empty:
        return ""
    order = able["lever"].map(_DECIDED.index)
    ranked = able.assign(_cost=able["cost_idr"].round(), _order=order).sort_values(["_cost", "_order"])
    return str(ranked["lever"].iloc[0])


def _given_up(plan: Project, before: Terms, after: Terms) -> float:
    """What other terms take from the village, present value at the social rate."""
    worth = [float(village_payoff(plan, terms.price_idr_month, terms)[0]) for terms in (before, after)]
    return worth[0] - worth[1]


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
