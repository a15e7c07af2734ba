"""The worksheet of a village enterprise: what it earns, what it risks, when the money is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.errors import InputError
from coverage.language import _, number, percent, rupiah_short
from coverage.outputs.documents.content import Document, Part, document, duties, procurement, service_rows, subject
from coverage.partnership import Project, Terms, best_deals, by_party, cash_flow, deal, measures
from coverage.partnership.project import Years

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_RESALE = "bumdes_resale"
#: The village's two purses.
_PURSES = ("village_enterprise", "village_budget")


def bumdes_worksheet(analysis: Analysis, village_code: str) -> Document:
    """Reckon a village enterprise's business of reselling: ROI, NPV, IRR, break-even, year by year.

    The deal is the one of resale that takes the least public money, then of the most worth to the
    village, alone and with its own link.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    village_code : str
        A desa.

    Raises
    ------
    InputError
        Where the village has no deal in which its enterprise resells.
    """
    deals = analysis.deals
    mine = deals[(deals["village_code"] == village_code) & (deals["business_model"] == _RESALE)]
    if mine.empty:
        raise InputError(
            _("No provider here lets the village enterprise resell"),
            where=village_code,
            todo=_("Only a desa has a village enterprise, and the provider's terms must allow resale."),
        )
    about = subject(analysis, str(best_deals(mine).iloc[0]["deal_id"]))
    made = deal(
        str(about.deal["deal_id"]),
        analysis.option_set,
        analysis.region.villages,
        analysis.region.providers,
        analysis.assumptions,
    )
    plan, terms = made.project, made.terms
    horizon = plan.finance.horizon_years
    parties = by_party(cash_flow(plan, terms), horizon)
    enterprise, budget = (parties[purse].to_numpy(float) for purse in _PURSES)
    village = enterprise + budget
    parts = (
        Part(_("The business"), rows=service_rows(about)),
        Part(_("Does it pay for the village?"), text=_verdict(village, plan), rows=_measures(village, plan, terms)),
        Part(
            _("Year by year"),
            rows=tuple(
                (
                    number(year),
                    number(float(plan.market.subscribers(np.array([terms.price_idr_month]))[0] * plan.adoption[year])),
                    rupiah_short(float(enterprise[year])),
                    rupiah_short(float(budget[year])),
                    rupiah_short(float(village[: year + 1].sum())),
                )
                for year in range(horizon + 1)
            ),
            heads=(_("Year"), _("Subscribers"), _("Village enterprise (BUMDes)"), _("Village budget"), _("Sum so far")),
        ),
        duties(_RESALE),
        Part(
            _("Questions for the village meeting"),
            items=(
                _("Who runs the business, and who stands in for them?"),
                _("How many homes have said in writing that they will subscribe?"),
                _("Who repairs what, within how many hours, and who pays?"),
                _("What happens when fewer subscribe than expected?"),
                _("Who owns the equipment when the term is over?"),
            ),
        ),
        procurement(str(about.village["kind"])),
    )
    title = _("Worksheet of the village enterprise (BUMDes)")
    subtitle = _("{village}, with {provider}").format(
        village=about.village["village_name"], provider=about.provider["provider_name"]
    )
    return document(analysis, "bumdes_worksheet", title, subtitle, parts)


def _verdict(village: Years, plan: Project) -> tuple[str, ...]:
    worth = measures(village, plan.finance.social_rate)["npv_idr"]
    if worth >= 0:
        return (_("Yes: over {years} years it is worth {npv} to the village.").format(
            years=number(plan.finance.horizon_years), npv=rupiah_short(worth)
        ),)  # fmt: skip
    return (_("No: over {years} years the village loses {npv}.").format(
        years=number(plan.finance.horizon_years), npv=rupiah_short(-worth)
    ),)  # fmt: skip


def _measures(village: Years, plan: Project, terms: Terms) -> tuple[tuple[str, str], ...]:
    found = measures(village, plan.finance.social_rate)
    paid = -float(village[village < 0].sum())
    nothing = _("none: no money is laid out")
    return (
        (_("Price a month, tax included"), rupiah_short(terms.price_idr_month)),
        (_("What the enterprise keeps of sales"), percent(terms.village_share)),
        (_("NPV (present value of all that comes in and goes out)"), rupiah_short(found["npv_idr"])),
        (_("IRR (return a year)"), percent(found["irr"], 1) if np.isfinite(found["irr"]) else nothing),
        (_("ROI (gain per rupiah laid out)"), percent(float(village.sum()) / paid) if paid > 0 else nothing),
        (_("Money is back after"), _back(found["payback_years"])),
        (_("Break-even (subscribers)"), _break_even(village, plan, terms)),
    )  # fmt: skip


def _back(years: float) -> str:
    if not np.isfinite(years):
        return _("never")
    return _("{years} years").format(years=number(years, 1)) if years > 0 else _("at once")


def _break_even(village: Years, plan: Project, terms: Terms) -> str:
    """Subscribers at which the enterprise's yearly result is zero: its result is proportional to them."""
    subscribers = float(plan.market.subscribers(np.array([terms.price_idr_month]))[0])
    full = float(village[-1])
    fixed = float((plan.running * terms.village_running_share)[-1])
    each = (full + fixed) / (subscribers * float(plan.adoption[-1])) if subscribers > 0 else 0.0
    if each <= 0:
        return _("never")
    return number(fixed / each)
