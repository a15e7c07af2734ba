"""Check an offer: a contract draft goes in, who gives and gets what comes out."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _, number, percent, rupiah_short
from coverage.partnership import PARTIES, PARTY_LABELS, Offer, OfferCheck, by_party, check_offer
from coverage.ui import charts
from coverage.ui.words import literal

_MILLION = 1e6
#: Format of amounts in tables.
_AMOUNT: Any = rupiah_short
_VERDICTS = {
    "fair": (":material/check_circle:", "success"),
    "careful": (":material/error:", "warning"),
    "unfair": (":material/cancel:", "error"),
}


@st.fragment
def offer_form(assumptions: Assumptions) -> None:
    """The form and its answer."""
    from coverage.ui import state

    state.speak()
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.markdown(_("Copy the numbers from the contract draft. Nothing leaves this machine."))
        offer, kind = _form()
    with right:
        try:
            found = check_offer(offer, assumptions, kind)
        except InputError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
        _answer(found)


def _form() -> tuple[Offer, str]:
    kinds = {"desa": _("desa"), "kelurahan": _("kelurahan")}
    kind = st.segmented_control(
        _("Village or kelurahan"), list(kinds), format_func=kinds.__getitem__, default="desa", required=True
    )
    first, second = st.columns(2)
    with first:
        capex = st.number_input(
            _("Equipment and works (Rp million)"), 0.0, 100_000.0, 60.0, 1.0, "%.0f", key="offer_capex"
        )
        price = st.number_input(_("Price a month (Rp thousand)"), 0.0, 10_000.0, 100.0, 5.0, "%.0f", key="offer_price")
        years = st.number_input(_("Term (years)"), 1, 30, 5, key="offer_years")
        mbps = st.number_input(_("Bandwidth (Mbps)"), 0.0, 100_000.0, 50.0, 10.0, "%.0f", key="offer_mbps")
    with second:
        running = st.number_input(
            _("Running cost a month (Rp million)"), 0.0, 10_000.0, 3.0, 0.5, "%.1f", key="offer_opex"
        )
        subscribers = st.number_input(_("Expected subscribers"), 0, 1_000_000, 60, key="offer_subscribers")
        life = st.number_input(_("Equipment lasts (years)"), 1, 30, 5, key="offer_life")
        guaranteed = st.number_input(_("Guaranteed subscribers"), 0, 1_000_000, 0, key="offer_guaranteed")
    capex_share = st.slider(_("The village pays of the equipment"), 0, 100, 100, format="%d%%", key="offer_capex_share")
    opex_share = st.slider(_("The village pays of running it"), 0, 100, 0, format="%d%%", key="offer_opex_share")
    income_share = st.slider(_("The village gets of sales"), 0, 100, 30, format="%d%%", key="offer_income_share")
    sells = st.toggle(_("BUMDes sells and cares for customers"), value=True, key="offer_sells")
    owns = st.toggle(_("The equipment is the village's at the end"), value=False, key="offer_owns")
    offer = Offer(
        capex_idr=capex * _MILLION,
        opex_idr_month=running * _MILLION,
        price_idr_month=price * 1e3,
        subscribers=float(subscribers),
        years=int(years),
        village_capex_share=capex_share / 100,
        village_opex_share=opex_share / 100,
        village_revenue_share=income_share / 100,
        mbps=mbps,
        lifetime_years=float(life),
        guaranteed_subscribers=float(guaranteed),
        village_sells=sells,
        village_owns=owns,
    )
    return offer, str(kind)


def _answer(found: OfferCheck) -> None:
    said = {
        "fair": _("Fair: income is shared about as the costs are."),
        "careful": _("Careful: talk about these points before signing."),
        "unfair": _("Not fair to the village: do not sign it like this."),
    }[found.verdict]
    icon, tone = _VERDICTS[found.verdict]
    getattr(st, tone)(said, icon=icon)
    rows = {str(side): row for side, row in found.sides.to_dict("index").items()}
    table = pd.DataFrame(
        {
            "what": [
                _("Puts in"),
                _("of all costs"),
                _("Gets"),
                _("of all income"),
                _("Is left with (NPV)"),
                _("with fewer subscribers"),
            ],
            **{side: _column(row) for side, row in rows.items()},
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={"what": "", "village": _("Village"), "provider": _("Provider")},
    )
    st.caption(
        _("Fair would be {share} of sales for the village: as much as it carries of the cost.").format(
            share=percent(found.fair_share)
        )
    )
    for finding in found.findings:
        mark = ":material/cancel:" if finding.severity == "unfair" else ":material/error:"
        st.markdown(f"{mark} **{literal(finding.sentence)}**  \n{literal(finding.ask)}")
    _cash(found)


def _column(side: dict[Any, Any]) -> list[str]:
    return [
        rupiah_short(side["cost_pv_idr"]),
        percent(side["cost_share"]),
        rupiah_short(side["income_pv_idr"]),
        percent(side["income_share"]),
        rupiah_short(side["npv_idr"]),
        rupiah_short(side["npv_stress_idr"]),
    ]


def _cash(found: OfferCheck) -> None:
    """Who has how much in hand after every year."""
    years = int(found.flow["year"].max())
    sums = by_party(found.flow, years).cumsum()
    shown = [party for party in PARTIES if party in ("provider", "village_enterprise", "village_budget")]
    long = pd.concat(
        [
            pd.DataFrame({"year": sums.index, "million": sums[party] / _MILLION, "party": _(PARTY_LABELS[party])})
            for party in shown
        ]
    )
    chart = (
        alt.Chart(long)
        .mark_line(point=True)
        .encode(
            x=alt.X("year:O", title=_("Year"), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("million:Q", title=_("Rp million, sum so far")),
            color=alt.Color(
                "party:N",
                title=None,
                sort=None,
                scale=alt.Scale(range=["#0072b2", "#d55e00", "#cc79a7"]),
                legend=alt.Legend(orient="top", columns=2),
            ),
        )
        .properties(height=300)
    )
    charts.show(chart)
    with st.expander(_("Cash flow of every party"), icon=":material/table:"):
        whole = by_party(found.flow, years)
        whole.columns = [_(PARTY_LABELS[party]) for party in whole.columns]
        st.dataframe(whole.style.format(dict.fromkeys(whole.columns, _AMOUNT)))
        st.caption(_("Year {first} is when it is built.").format(first=number(0)))
