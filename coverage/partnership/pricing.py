"""The terms of one deal: which price, how much public money, and what each side then has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from coverage.assumptions import Assumptions
from coverage.options import present_value
from coverage.partnership.cashflow import Curve
from coverage.partnership.funders import available_idr
from coverage.partnership.models import MODELS
from coverage.partnership.project import Project, Terms
from coverage.partnership.terms import Bargain, Zone, nash_all, price_zones, village_payoff
from coverage.tables import HOME_TECHNOLOGIES


@dataclass(frozen=True, eq=False)
class Priced:
    """A deal with its terms, and the money columns of its row in :class:`coverage.tables.Deals`."""

    project: Project
    terms: Terms
    row: dict[str, float]


def price_deal(plan: Project, technology: str, assumptions: Assumptions) -> Priced | None:
    """Settle the terms of one deal, or None where it makes no sense; see :func:`price_deals`."""
    return price_deals([plan], [technology], assumptions)[0]


def price_deals(plans: Sequence[Project], technologies: Sequence[str], assumptions: Assumptions) -> list[Priced | None]:
    """Settle the terms of deals, each as if it were alone; None where one makes no sense.

    A deal that stands by itself is priced by the Nash bargain between provider and village, whose
    alternative to home fibre is the home satellite that anyone can buy; where villages may pay a part
    at the start, the bargain is over that too, within their fund. A subsidised deal, and a resale that
    no price carries, sell at what the village can bear and the subsidy fills the gap.

    Parameters
    ----------
    plans : sequence of Project
        The deals' economics; all markets have the same shape of willingness.
    technologies : sequence of str
        Option technology of each.
    assumptions : Assumptions
        ``market.reseller_share``, ``market.village_share``, ``market.price_satellite_home``, ``funding.*``.
    """
    blanks = [Terms(0.0, village_share=_village_share(plan, assumptions)) for plan in plans]
    zones = price_zones(plans, blanks)
    bargained = [
        row
        for row, (plan, zone) in enumerate(zip(plans, zones, strict=True))
        if not MODELS[plan.business_model].subsidised and (zone.best_npv_idr >= 0 or _cofunded(plan))
    ]
    fund = available_idr("dana_desa", "desa", "capital", assumptions)
    bargains = nash_all(
        [plans[row] for row in bargained],
        [blanks[row] for row in bargained],
        [0.0 for _row in bargained],
        [_alternative_idr(plans[row], technologies[row], assumptions) for row in bargained],
        [fund if _cofunded(plans[row]) else 0.0 for row in bargained],
    )
    agreed = dict(zip(bargained, bargains, strict=True))
    return [
        _settled(plan, blank, zone, agreed.get(row))
        for row, (plan, blank, zone) in enumerate(zip(plans, blanks, zones, strict=True))
    ]


def _village_share(plan: Project, assumptions: Assumptions) -> float:
    model = MODELS[plan.business_model]
    if model.resale:
        return assumptions["market.reseller_share"]
    return assumptions["market.village_share"] if model.village_earns else 0.0


def _cofunded(plan: Project) -> bool:
    return MODELS[plan.business_model].fills_gap == "village_budget"


def _alternative_idr(plan: Project, technology: str, assumptions: Assumptions) -> float:
    """What the village has without the deal."""
    if technology in HOME_TECHNOLOGIES:
        return households_pv(plan, assumptions["market.price_satellite_home"])
    return 0.0


def _settled(plan: Project, blank: Terms, zone: Zone, bargain: Bargain | None) -> Priced | None:
    """The bargain, else what public money makes of the deal."""
    if bargain is not None:
        return Priced(plan, bargain.terms, _row(plan, bargain.terms, zone))
    model = MODELS[plan.business_model]
    if not (model.subsidised or model.resale):
        return None
    price = _regulated_price(plan, blank, zone)
    if price is None:
        return None
    terms = replace(blank, price_idr_month=price)
    gap = max(0.0, -float(Curve(plan, terms).provider(price)[0]))
    if model.code == "public_subsidy" and gap == 0:
        return None  # it is the provider alone
    settled = replace(terms, subsidy_idr=gap)
    return Priced(plan, settled, _row(plan, settled, zone))


def households_pv(plan: Project, price_idr_month: float) -> float:
    """Present value of the households' consumer surplus at a price, at the social rate."""
    years = float(plan.adoption @ plan.finance.discount(plan.finance.social_rate))
    return float(plan.market.surplus_idr_year(price_idr_month)) * years


def _regulated_price(plan: Project, terms: Terms, zone: Zone) -> float | None:
    """Price of a subsidised deal: what the village can bear, at which a reseller must not lose."""
    if plan.market.tariff_idr_month is not None:
        return plan.market.tariff_idr_month
    cap = min(plan.market.affordable_idr_month, zone.best_idr_month)
    if not plan.resale:
        return cap
    grid = np.linspace(cap, max(plan.market.highest_price(), cap), 200)
    bearable = np.flatnonzero(Curve(plan, terms).enterprise(grid) >= 0)
    return float(grid[bearable[0]]) if bearable.size else None


def _row(plan: Project, terms: Terms, zone: Zone) -> dict[str, float]:
    money, demand = plan.finance, plan.market
    costs = present_value(
        [asset.capex_idr for asset in plan.assets],
        [asset.opex_idr_per_year for asset in plan.assets],
        [asset.lifetime_years for asset in plan.assets],
        rate=money.hurdle_rate,
        horizon_years=money.horizon_years,
        residual_share=money.residual_share,
    )
    price = terms.price_idr_month
    curve = Curve(plan, replace(terms, subsidy_idr=0.0))
    value = float(curve.provider(price)[0])
    subscribers = float(demand.subscribers(price))
    yearly = subscribers * price * 12 / (1 + money.ppn) * demand.incremental_share + demand.base_idr_year
    lowest, highest = zone.signed_between()
    return {
        "price_idr_month": price,
        "affordable_idr_month": demand.affordable_idr_month,
        "subscribers": subscribers,
        "revenue_idr_per_year": yearly,
        "access_cost_pv_idr": float(costs[0]),
        "backhaul_cost_pv_idr": float(costs[1:].sum()),
        "capital_idr": float(sum(asset.capex_idr for asset in plan.assets)),
        "npv_idr": value,
        "subsidy_idr": max(0.0, -value),
        "income_pv_idr": value + float(costs.sum()),
        "price_lowest_idr_month": lowest,
        "price_highest_idr_month": highest,
        "village_payoff_idr": float(village_payoff(plan, price, terms)[0]),
        "enterprise_npv_idr": float(curve.enterprise(price)[0]),
        "contribution_idr": terms.contribution_idr,
        "village_share": terms.village_share,
    }
