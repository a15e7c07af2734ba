"""Check an offer: who puts in what, who earns what, who carries the risk, and what to ask for.

The yardstick of fairness is the oldest one of joint ventures: income is shared as costs are. A party
that bears 80 % of the present value of building and running should get about 80 % of the income
from sales; what is far from it is said, with the number to ask for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _, mark, number, percent, rupiah_short
from coverage.partnership.cashflow import Curve, by_party, cash_flow, measures
from coverage.partnership.market import Market
from coverage.partnership.project import Asset, Project, Terms, project

VILLAGE = ("village_budget", "village_enterprise")
Sides = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Offer:
    """A contract draft in numbers.

    Money in Rp. ``capex_idr`` and ``lifetime_years`` of the equipment, ``opex_idr_month`` running
    costs (bandwidth, power, upkeep); the ``village_*_share`` (0..1) say what the village pays of
    them and gets of sales; ``subscribers`` expected at maturity at ``price_idr_month`` (PPN
    included); ``mbps`` bandwidth delivered to the village; ``years`` the contract's term;
    ``guaranteed_subscribers`` whose bills the village pays when fewer subscribe;
    ``village_sells`` whether the village enterprise sells and cares for customers;
    ``village_owns`` whether the equipment is the village's at the end.
    """

    capex_idr: float
    opex_idr_month: float
    price_idr_month: float
    subscribers: float
    years: int
    village_capex_share: float = 0.0
    village_opex_share: float = 0.0
    village_revenue_share: float = 0.0
    mbps: float = 0.0
    lifetime_years: float = 5.0
    guaranteed_subscribers: float = 0.0
    village_sells: bool = True
    village_owns: bool = False

    def check(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        InputError
            With every field that is negative, beyond 1 for a share, or not a number.
        """
        wrong = []
        for name, value in vars(self).items():
            bad = not np.isfinite(value) or value < 0 or (name.endswith("_share") and value > 1)
            if bad or (name in ("years", "lifetime_years") and value < 1):
                wrong.append(f"{name} = {value}")
        if wrong:
            raise InputError(
                _("The offer has impossible numbers"),
                where=", ".join(wrong),
                todo=_("Amounts must be zero or more, shares between 0 and 1, terms at least one year"),
            )


@dataclass(frozen=True)
class Finding:
    """One thing to know before signing: a code of :data:`FINDINGS`, how bad it is, and its numbers."""

    code: str
    severity: str
    values: dict[str, str]

    @property
    def sentence(self) -> str:
        """What is the matter, in the reader's language."""
        return _(FINDINGS[self.code][0]).format(**self.values)

    @property
    def ask(self) -> str:
        """What to ask for, in the reader's language."""
        return _(FINDINGS[self.code][1]).format(**self.values)


#: Code -> what is the matter, what to ask for.
FINDINGS: dict[str, tuple[str, str]] = {
    "share_below_cost": (
        mark("The village carries {cost} of the cost but gets {income} of the income."),
        mark("Ask for at least {fair} of sales, or let the provider pay {capex} of the equipment."),
    ),
    "village_loses": (
        mark("Over the contract the village loses {loss}, counted in today's money."),
        mark("Do not sign before the share, the price or the number of subscribers is better."),
    ),
    "provider_risks_nothing": (
        mark("With {stress} fewer subscribers the village loses money and the provider still earns."),
        mark("Ask the provider to pay part of the equipment, or for a minimum income for the village."),
    ),
    "price_above_line": (
        mark("The price {price} is above what an average household can bear, {line}."),
        mark("Ask for a cheaper basic package, or expect fewer subscribers."),
    ),
    "term_beyond_life": (
        mark("The contract runs {years} years, the equipment lasts about {life}."),
        mark("Write down who pays for new equipment after {life} years."),
    ),
    "guarantee_on_village": (
        mark("The village guarantees {guaranteed} subscribers; {expected} are expected."),
        mark("Ask to drop the guarantee, or to lower it to {breakeven} subscribers."),
    ),
    "bandwidth_thin": (
        mark("Each subscriber gets {each} Mbps in busy hours; about {needed} are needed."),
        mark("Ask for at least {total} Mbps for the village, and for that number in the contract."),
    ),
    "not_the_owner": (
        mark("The village pays {capex} of the equipment but does not own it at the end."),
        mark("Ask that the equipment becomes the village's."),
    ),
    "no_budget_of_its_own": (
        mark("A kelurahan has no village fund and no BUMDes: it cannot pay or resell."),
        mark("Ask the regency to take the village's part, or for an offer without one."),
    ),
    "beyond_village_fund": (
        mark("The village pays {paid}; about {fund} of a year's village fund could go to internet."),
        mark("Ask to pay in parts, or for a smaller part."),
    ),
}


@dataclass(frozen=True, eq=False)
class OfferCheck:
    """What an offer means for each side.

    Attributes
    ----------
    flow : DataFrame
        :func:`coverage.partnership.cash_flow` of the offer.
    sides : DataFrame
        Rows ``village`` (budget and enterprise) and ``provider``; columns ``npv_idr, irr,
        payback_years, cost_pv_idr, cost_share, income_pv_idr, income_share, npv_stress_idr``.
    fair_share : float
        Part of sales that matches the village's part of the cost.
    verdict : str
        ``fair``, ``unfair`` or ``careful``.
    findings : tuple of Finding
        Worst first.
    """

    flow: pd.DataFrame
    sides: pd.DataFrame
    fair_share: float
    verdict: str
    findings: tuple[Finding, ...]


def offer_project(offer: Offer, assumptions: Assumptions) -> tuple[Project, Terms]:
    """The offer as a project and terms; its market has the expected subscribers at its price.

    Both sides are valued at the social rate: their own rates are not in the contract.
    """
    shape = assumptions["market.willing_shape"]
    income = assumptions["market.household_income"]
    willing = income * assumptions["market.willing_home"]
    potential = offer.subscribers * (1.0 + (offer.price_idr_month / willing) ** shape)
    demand = Market(potential, willing, shape, income * assumptions["market.affordable_share"])
    rate = assumptions["funding.social_rate"]
    term = assumptions.override({"funding.horizon_years": offer.years})
    asset = Asset(offer.capex_idr, offer.opex_idr_month * 12.0, offer.lifetime_years)
    model = "bumdes_resale" if offer.village_sells else "provider_alone"
    plan = project((asset,), demand, model, "ftth", rate, term)
    terms = Terms(
        offer.price_idr_month,
        village_share=offer.village_revenue_share,
        village_capital_share=offer.village_capex_share,
        village_running_share=offer.village_opex_share,
        guaranteed_subscribers=offer.guaranteed_subscribers,
    )
    return plan, terms


def check_offer(offer: Offer, assumptions: Assumptions, village_kind: str = "desa") -> OfferCheck:
    """See through an offer before signing.

    Parameters
    ----------
    offer : Offer
        The contract draft in numbers.
    assumptions : Assumptions
        ``market.*``, ``funding.*``, ``cost.customer_care``.
    village_kind : str
        ``desa`` or ``kelurahan``.

    Raises
    ------
    InputError
        Where the offer has impossible numbers.
    """
    offer.check()
    plan, terms = offer_project(offer, assumptions)
    flow = cash_flow(plan, terms)
    stressed = replace(offer, subscribers=offer.subscribers * (1.0 - assumptions["funding.stress_share"]))
    stress_flow = cash_flow(*offer_project(stressed, assumptions))
    sides = _sides(flow, stress_flow, plan)
    fair = min(max(sides["village"]["cost_share"], 0.0), 1.0)
    findings = _findings(offer, sides, fair, plan, terms, village_kind, assumptions)
    worst = {finding.severity for finding in findings}
    verdict = "unfair" if "unfair" in worst else "careful" if "careful" in worst else "fair"
    return OfferCheck(flow, pd.DataFrame.from_dict(sides, orient="index"), fair, verdict, findings)


def _sides(flow: pd.DataFrame, stress: pd.DataFrame, plan: Project) -> Sides:
    years = plan.finance.horizon_years
    rate = plan.finance.social_rate
    discount = plan.finance.discount(rate)
    net, low = by_party(flow, years), by_party(stress, years)
    rows: Sides = {}
    for side, parties in (("village", VILLAGE), ("provider", ("provider",))):
        mine = flow[flow["party"].isin(parties)]
        worth = mine["amount_idr"] * discount[mine["year"].to_numpy()]
        cost = -float(worth[mine["item"].isin(("capital", "running", "customer_care"))].sum())
        income = float(worth[mine["item"].isin(("sales", "ppn", "wholesale", "revenue_share", "guarantee"))].sum())
        told = measures(net[list(parties)].sum(axis=1).to_numpy(), rate)
        stressed = measures(low[list(parties)].sum(axis=1).to_numpy(), rate)["npv_idr"]
        rows[side] = {**told, "cost_pv_idr": cost, "income_pv_idr": income, "npv_stress_idr": stressed}
    for what in ("cost", "income"):
        whole = sum(row[f"{what}_pv_idr"] for row in rows.values())
        for row in rows.values():
            row[f"{what}_share"] = row[f"{what}_pv_idr"] / whole if whole > 0 else 0.0
    return rows


def _findings(
    offer: Offer, sides: Sides, fair: float, plan: Project, terms: Terms, village_kind: str, a: Assumptions
) -> tuple[Finding, ...]:
    village, provider = sides["village"], sides["provider"]
    tolerance = a["funding.fair_tolerance"]
    found: list[Finding] = []

    def add(code: str, severity: str, **values: str) -> None:
        found.append(Finding(code, severity, values))

    paid = offer.capex_idr * offer.village_capex_share
    takes_part = paid > 0 or offer.village_opex_share > 0 or offer.village_sells
    if village_kind == "kelurahan" and takes_part:
        add("no_budget_of_its_own", "unfair")
    if village["npv_idr"] < 0:
        add("village_loses", "unfair", loss=rupiah_short(-village["npv_idr"]))
    if village["income_share"] < fair - tolerance:
        add(
            "share_below_cost",
            "unfair",
            cost=percent(village["cost_share"]),
            income=percent(village["income_share"]),
            fair=percent(fair),
            capex=percent(1.0 - _capex_share_for(offer, sides)),
        )
    if village["npv_stress_idr"] < 0 <= provider["npv_stress_idr"]:
        add("provider_risks_nothing", "unfair", stress=percent(a["funding.stress_share"]))
    if paid > 0 and not offer.village_owns and offer.village_capex_share > 0.5:
        add("not_the_owner", "careful", capex=percent(offer.village_capex_share))
    if offer.guaranteed_subscribers > 0:
        add(
            "guarantee_on_village",
            "careful",
            guaranteed=number(offer.guaranteed_subscribers),
            expected=number(offer.subscribers),
            breakeven=number(min(_break_even(plan, terms), offer.guaranteed_subscribers)),
        )
    line = plan.market.affordable_idr_month
    if offer.price_idr_month > line:
        add("price_above_line", "careful", price=rupiah_short(offer.price_idr_month), line=rupiah_short(line))
    if offer.years > offer.lifetime_years:
        add("term_beyond_life", "careful", years=number(offer.years), life=number(offer.lifetime_years))
    needed = a["market.mbps_per_home"]
    if offer.mbps > 0 and offer.subscribers > 0 and offer.mbps / offer.subscribers < needed:
        each = offer.mbps / offer.subscribers
        add(
            "bandwidth_thin",
            "careful",
            each=number(each, 1),
            needed=number(needed, 1),
            total=number(needed * offer.subscribers),
        )
    fund = a["funding.dana_desa"] * a["funding.dana_desa_discretionary"]
    if village_kind == "desa" and paid > fund:
        add("beyond_village_fund", "careful", paid=rupiah_short(paid), fund=rupiah_short(fund))
    return tuple(sorted(found, key=lambda finding: finding.severity != "unfair"))


def _break_even(plan: Project, terms: Terms) -> float:
    free = replace(terms, guaranteed_subscribers=0.0)
    return Curve(plan, free).break_even_subscribers(terms.price_idr_month)


def _capex_share_for(offer: Offer, sides: Sides) -> float:
    """The village's part of the equipment at which its part of the cost matches its part of the income."""
    whole = sum(side["cost_pv_idr"] for side in sides.values())
    if offer.village_capex_share == 0 or whole <= 0 or offer.capex_idr <= 0:
        return offer.village_capex_share
    excess = (sides["village"]["cost_share"] - sides["village"]["income_share"]) * whole
    return min(max(offer.village_capex_share - excess / offer.capex_idr, 0.0), 1.0)
