"""The worksheet of a village enterprise: what it earns, what it risks, when the money is back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.errors import InputError
from coverage.language import _, number, percent, rupiah_short
from coverage.outputs.documents.content import (
    Document,
    Part,
    Subject,
    document,
    duties,
    held,
    kept_lines,
    procurement,
    service_rows,
    subject,
)
from coverage.partnership import (
    KeptTerms,
    Project,
    Terms,
    best_deals,
    by_party,
    cash_flow,
    deal,
    measures,
    with_kept,
)
from coverage.partnership.project import Years

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_RESALE = "bumdes_resale"
#: The village's two purses.
_PURSES = ("village_enterprise", "village_budget")


def bumdes_worksheet(analysis: Analysis, village_code: str, kept: Mapping[str, KeptTerms] | None = None) -> Document:
    """Reckon a village enterprise's business of reselling: ROI, NPV, IRR, break-even, year by year.

    The deal is one of resale: the one whose terms people set, else the one that stands on the match list,
    else the one that takes the least public money, then of the most worth to the village. It is reckoned
    alone and with its own link.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    village_code : str
        A desa.
    kept : mapping, optional
        Terms that people set, by deal id: they stand in place of those calculated, and the sheet says so.

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
    deal_id = _which(analysis, mine, kept or {})
    own = (kept or {}).get(deal_id, KeptTerms())
    about = subject(analysis, deal_id, own)
    assumptions = analysis.assumptions.override({"funding.horizon_years": about.term_years})
    made = deal(deal_id, analysis.option_set, analysis.region.villages, analysis.region.providers, assumptions)
    plan = made.project
    terms = with_kept(plan, made.terms, _as_on_the_screen(analysis, about))
    horizon = plan.finance.horizon_years
    parties = by_party(cash_flow(plan, terms), horizon)
    enterprise, budget = (parties[purse].to_numpy(float) for purse in _PURSES)
    village = enterprise + budget
    parts = (
        Part(_("The business"), text=kept_lines(about), rows=service_rows(about)),
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


def _which(analysis: Analysis, mine: pd.DataFrame, kept: Mapping[str, KeptTerms]) -> str:
    """The deal of resale that people work on, or the first to look at."""
    set_by_people = mine[mine["deal_id"].isin({name for name, own in kept.items() if own.any})]
    if not set_by_people.empty:
        # Of several the one that was set last.
        return str(max(set_by_people["deal_id"], key=lambda name: (kept[name].at, name)))
    listed = mine[mine["deal_id"].isin({*analysis.plan.chosen["deal_id"], *analysis.unaided})]
    return str(best_deals(mine if listed.empty else listed).iloc[0]["deal_id"])


def _as_on_the_screen(analysis: Analysis, about: Subject) -> KeptTerms:
    """The terms that the editor shows: what people set, else what was calculated over the usual horizon."""
    region = analysis.region
    usual = deal(
        str(about.deal["deal_id"]), analysis.option_set, region.villages, region.providers, analysis.assumptions
    ).terms
    kept = about.kept
    return replace(
        kept,
        price_idr_month=held(kept.price_idr_month, usual.price_idr_month),
        subsidy_idr=held(kept.subsidy_idr, usual.subsidy_idr),
        contribution_idr=held(kept.contribution_idr, usual.contribution_idr),
        village_share=held(kept.village_share, usual.village_share),
    )


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
    """Subscribers at which the village gets back what it pays: its result is proportional to them.

    What it pays every year must come back every year, what it pays once over the whole term.
    """
    subscribers = float(plan.market.subscribers(np.array([terms.price_idr_month]))[0])
    full = float(village[-1])
    fixed = float((plan.running * terms.village_running_share)[-1])
    each = (full + fixed) / (subscribers * float(plan.adoption[-1])) if subscribers > 0 else 0.0
    if each <= 0:
        return _("never")
    once = terms.contribution_idr / float(plan.adoption[1:].sum())
    return number(ceil((fixed + once) / each))
