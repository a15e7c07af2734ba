"""Trying other terms: both sides' worth over the price, and what would close a gap."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from coverage.language import _, language, number, percent, rupiah_short
from coverage.partnership import LEVERS, Deal, Terms, both_sides, deal, ways_to_close
from coverage.ui import state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_POINTS = 121
_MILLION = 1e6
_PROVIDER, _VILLAGE = "#0072b2", "#d55e00"


@st.cache_resource(max_entries=64, show_spinner=False)
def _deal(analysis_key: str, deal_id: str, years: int, _analysis: Analysis) -> Deal:
    del analysis_key  # names the entry
    return deal(
        deal_id,
        _analysis.option_set,
        _analysis.region.villages,
        _analysis.region.providers,
        _analysis.assumptions.override({"funding.horizon_years": years}),
    )


@st.fragment
def editor(analysis: Analysis, deal_id: str) -> None:
    """Price, term and payments of one deal, to be moved; both sides' worth beside them."""
    state.speak()
    key = f"terms-{deal_id}"
    usual = round(analysis.assumptions["funding.horizon_years"])
    years = int(st.session_state.get(f"{key}-years", usual))
    found = _deal(state.here().analysis_key, deal_id, years, analysis)
    agreed = _deal(state.here().analysis_key, deal_id, usual, analysis).terms
    terms = _controls(key, found, agreed, years, usual, analysis)
    prices = np.linspace(0.0, _top(found, agreed), _POINTS)
    curve = both_sides(found.project, prices, terms)
    now = both_sides(found.project, [terms.price_idr_month], terms).iloc[0]
    with st.container(horizontal=True):
        _worth(_("Provider (NPV)"), float(now["provider_npv_idr"]))
        _worth(_("Village"), float(now["village_payoff_idr"]))
        subscribers = float(found.project.market.subscribers(np.array([terms.price_idr_month]))[0])
        st.metric(_("Subscribers"), number(subscribers), width="content")
    st.altair_chart(_chart(curve, terms.price_idr_month))
    st.caption(_("Reckoned for this deal alone, with its own link; in the plan neighbours share links."))
    _verdict(curve, now)
    _levers(found, terms, analysis)


def _top(found: Deal, agreed: Terms) -> float:
    """Right end of the price axis: twice what people would pay, or the price where that is dearer."""
    return float(max(2.0 * found.project.market.willing_idr_month, 1.2 * agreed.price_idr_month))


def _controls(key: str, found: Deal, agreed: Terms, years: int, usual: int, analysis: Analysis) -> Terms:
    fund = analysis.assumptions["funding.dana_desa"] * analysis.assumptions["funding.dana_desa_discretionary"]
    lump = max(2.0 * agreed.subsidy_idr, float(found.project.capital[0]))
    for name, value in (
        ("price", round(agreed.price_idr_month / 1e3)),
        ("subsidy", round(agreed.subsidy_idr / _MILLION)),
        ("village", round(agreed.contribution_idr / _MILLION)),
        ("share", round(agreed.village_share * 100)),
        ("years", years),
    ):
        st.session_state.setdefault(f"{key}-{name}", value)
    fixed = found.project.market.tariff_idr_month is not None
    left, right = st.columns(2)
    with left:
        price = st.slider(
            _("Price a month"), 0, round(_top(found, agreed) / 1e3), key=f"{key}-price", format=_("Rp %d thousand"),
            disabled=fixed, help=_("A mobile operator sells at its national price.") if fixed else None,
        )  # fmt: skip
        st.slider(_("Term (years)"), 1, 2 * usual, key=f"{key}-years")
    with right:
        subsidy = st.slider(
            _("Public money"), 0, max(1, round(lump / _MILLION)), key=f"{key}-subsidy", format=_("Rp %d million")
        )
        village = st.slider(
            _("The village pays once"), 0, max(1, round(fund / _MILLION)), key=f"{key}-village",
            format=_("Rp %d million"),
        )  # fmt: skip
    share = agreed.village_share
    if found.project.resale:
        share = st.slider(_("BUMDes keeps of sales"), 0, 100, key=f"{key}-share", format="%d%%") / 100.0
    st.button(_("Back to the recommended terms"), icon=":material/undo:", type="tertiary", on_click=_reset, args=(key,))
    moved = st.session_state[f"{key}-price"] != round(agreed.price_idr_month / 1e3)
    return replace(
        agreed,
        price_idr_month=price * 1e3 if moved and not fixed else agreed.price_idr_month,
        subsidy_idr=_unless_moved(subsidy, agreed.subsidy_idr),
        contribution_idr=_unless_moved(village, agreed.contribution_idr),
        village_share=share,
    )


def _unless_moved(millions: float, agreed: float) -> float:
    """The agreed amount to the rupiah while the control stands on it."""
    return agreed if millions == round(agreed / _MILLION) else millions * _MILLION


def _reset(key: str) -> None:
    for name in ("price", "subsidy", "village", "share", "years"):
        st.session_state.pop(f"{key}-{name}", None)


def _worth(label: str, value: float) -> None:
    st.metric(
        label,
        rupiah_short(value),
        delta=_("gains") if value >= 0 else _("loses"),
        delta_color="normal" if value >= 0 else "inverse",
        delta_arrow="off",
        width="content",
    )


def _chart(curve: pd.DataFrame, price: float) -> Any:
    long = pd.concat(
        [
            pd.DataFrame({"price": curve["price_idr_month"] / 1e3, "idr": curve[column] / _MILLION, "side": side})
            for column, side in (("provider_npv_idr", _("Provider (NPV)")), ("village_payoff_idr", _("Village")))
        ]
    )
    x = alt.X("price:Q", title=_("Price a month, thousand rupiah"))
    lines = (
        alt.Chart(long)
        .mark_line()
        .encode(
            x=x,
            y=alt.Y("idr:Q", title=_("Rp million, present value")),
            color=alt.Color(
                "side:N",
                title=None,
                sort=None,
                scale=alt.Scale(range=[_PROVIDER, _VILLAGE]),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    zone = curve.loc[curve["both_gain"], "price_idr_month"] / 1e3
    layers = []
    if not zone.empty:
        band = pd.DataFrame({"from": [zone.min()], "to": [zone.max()]})
        layers.append(
            alt.Chart(band).mark_rect(color="#009e73", opacity=0.16).encode(x=alt.X("from:Q", title=None), x2="to:Q")
        )
    zero = alt.Chart(pd.DataFrame({"idr": [0.0]})).mark_rule(color="#767676").encode(y="idr:Q")
    here = alt.Chart(pd.DataFrame({"price": [price / 1e3]})).mark_rule(strokeDash=[4, 3]).encode(x="price:Q")
    return alt.layer(*layers, zero, lines, here).properties(height=240).configure(locale=_numbers())


def _numbers() -> alt.Locale:
    """Thousands and decimals of the language in force."""
    marks = (".", ",") if language() == "id" else (",", ".")
    return alt.Locale(number=alt.NumberLocale(thousands=marks[0], decimal=marks[1], grouping=[3], currency=["Rp", ""]))


def _verdict(curve: pd.DataFrame, now: pd.Series) -> None:
    zone = curve.loc[curve["both_gain"], "price_idr_month"]
    if zone.empty:
        st.warning(_("At no price do both sides gain. Below stands what would close the gap."), icon=":material/block:")
        return
    said = _("Both sides gain between {low} and {high} a month (green).").format(
        low=rupiah_short(float(zone.min())), high=rupiah_short(float(zone.max()))
    )
    if now["both_gain"]:
        st.success(said, icon=":material/handshake:")
    else:
        st.warning(said, icon=":material/balance:")


def _levers(found: Deal, terms: Terms, analysis: Analysis) -> None:
    ways = ways_to_close(found.project, terms, analysis.assumptions)
    if ways.empty:
        return
    with st.expander(_("What would close the gap without public money?"), icon=":material/construction:"):
        st.markdown(
            "\n".join(
                f"- {literal(_(LEVERS[way['lever']]))}: **{literal(_amount(way))}**"
                for way in ways.to_dict("records")
                if way["lever"] != "subsidy" or way["closes"]
            )
        )


def _amount(way: dict[Any, Any]) -> str:
    if not way["closes"]:
        return _("cannot do it alone")
    amount = float(way["amount"])
    if way["unit"] == "Rp":
        return rupiah_short(amount)
    if way["unit"] == "Rp/month":
        return _("{price} a month").format(price=rupiah_short(amount))
    if way["unit"] == "year":
        return _("{years} years").format(years=number(amount))
    if way["unit"] == "share":
        return percent(amount)
    return _("{count} subscribers").format(count=number(amount))
