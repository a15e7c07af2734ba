"""Who pays and gets what in a deal, year by year; what each side makes of it; who does what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from coverage.language import _, number, percent, rupiah_short
from coverage.partnership import (
    DUTY_LABELS,
    PARTY_LABELS,
    Deal,
    Terms,
    by_party,
    cash_flow,
    measures,
    responsibilities,
)
from coverage.partnership.cashflow import Curve

#: Format of amounts in tables.
_AMOUNT: Any = rupiah_short


def show(found: Deal, terms: Terms) -> None:
    """The cash flow of every party, and what the provider makes of it."""
    plan = found.project
    years = plan.finance.horizon_years
    table = by_party(cash_flow(plan, terms), years)
    with st.expander(_("Cash flow of every party"), icon=":material/table:"):
        shown = table.loc[:, (table != 0).any()]
        shown.columns = [_(PARTY_LABELS[party]) for party in shown.columns]
        st.dataframe(shown.style.format(dict.fromkeys(shown.columns, _AMOUNT)))
        st.caption(_("Year {first} is when it is built.").format(first=number(0)))
        told = measures(table["provider"].to_numpy(), plan.finance.hurdle_rate)
        needed = Curve(plan, terms).break_even_subscribers(terms.price_idr_month)
        gap = max(0.0, -float(Curve(plan, _without(terms)).provider(terms.price_idr_month)[0]))
        rows = [
            (_("NPV at its hurdle rate of {rate}").format(rate=percent(plan.finance.hurdle_rate, 1)),
             rupiah_short(told["npv_idr"])),
            (_("IRR (return a year)"), percent(told["irr"], 1) if pd.notna(told["irr"]) else _("none")),
            (_("Money is back after"), _years(told["payback_years"])),
            (_("Break-even (subscribers)"), number(-(-needed // 1)) if needed < float("inf") else _("never")),
            (_("Gap without public money"), rupiah_short(gap)),
        ]  # fmt: skip
        st.dataframe(
            pd.DataFrame(rows, columns=["what", "value"]), hide_index=True,
            column_config={"what": _("Provider"), "value": _("Value")},
        )  # fmt: skip


def duties(business_model: str) -> None:
    """Who does, pays, earns and owns what."""
    with st.expander(_("Who does what"), icon=":material/diversity_3:"):
        table = responsibilities(business_model)
        st.dataframe(
            pd.DataFrame(
                {
                    "duty": [_(DUTY_LABELS[duty]) for duty in table["duty"]],
                    "party": [_(PARTY_LABELS[party]) for party in table["party"]],
                }
            ),
            hide_index=True,
            column_config={"duty": st.column_config.TextColumn(_("Duty"), width="large"), "party": _("Who")},
        )


def _without(terms: Terms) -> Terms:
    return replace(terms, subsidy_idr=0.0)


def _years(years: float) -> str:
    return _("{years} years").format(years=number(years, 1)) if pd.notna(years) else _("never")
