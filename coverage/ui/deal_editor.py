"""Trying and keeping other terms: both sides' worth over the price, and what would close a gap."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from coverage.language import _, number, rupiah_short
from coverage.partnership import Deal, KeptTerms, Terms, both_sides, deal
from coverage.ui import charts, deal_closing, deal_flow, kept_terms, state

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_POINTS = 121
_MILLION = 1e6
_PROVIDER, _VILLAGE = "#0072b2", "#d55e00"
#: Terms that enter the worth of both sides.
_PRICED = ("price_idr_month", "subsidy_idr", "contribution_idr", "village_share")


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
    kept = kept_terms.of_deal(analysis.region, deal_id)
    agreed = _deal(state.here().analysis_key, deal_id, usual, analysis)
    speed = _speed(analysis, deal_id)
    _fill(key, agreed.terms, kept, usual, speed)
    years = int(st.session_state[f"{key}-years"])
    found = _deal(state.here().analysis_key, deal_id, years, analysis)
    shown = _controls(key, found, agreed.terms, kept, analysis)
    terms = replace(
        agreed.terms, **{name: value for name, value in shown.items() if value is not None and name in _PRICED}
    )
    prices = np.linspace(0.0, _top(found, agreed.terms), _POINTS)
    curve = both_sides(found.project, prices, terms)
    now = both_sides(found.project, [terms.price_idr_month], terms).iloc[0]
    with st.container(horizontal=True):
        _worth(_("Provider (NPV)"), float(now["provider_npv_idr"]))
        _worth(_("Village"), float(now["village_payoff_idr"]))
        subscribers = float(found.project.market.subscribers(np.array([terms.price_idr_month]))[0])
        st.metric(_("Subscribers"), number(subscribers), width="content")
    charts.show(_chart(curve, terms.price_idr_month))
    st.caption(_("Reckoned for this deal alone, with its own link; in the plan neighbours share links."))
    _verdict(curve, now)
    promised = float(st.session_state[f"{key}-speed"])
    shown |= {
        "term_years": _moved(years, 1.0, usual, kept.term_years),
        "speed_mbps": _moved(promised, 1.0, speed, kept.speed_mbps),
    }
    kept_terms.bar(analysis, deal_id, shown, int(st.session_state[f"{key}-version"]), lambda: _reset(key))
    deal_closing.show(analysis, deal_id, found, terms)
    deal_flow.show(found, terms)


def _top(found: Deal, agreed: Terms) -> float:
    """Right end of the price axis: twice what people would pay, or the price where that is dearer."""
    return float(max(2.0 * found.project.market.willing_idr_month, 1.2 * agreed.price_idr_month))


def _speed(analysis: Analysis, deal_id: str) -> float:
    """Speed of the option that the deal is about."""
    options = analysis.option_set.options
    return float(options.loc[options["option_id"] == deal_id.split("|", maxsplit=1)[0], "capacity_mbps"].iloc[0])


def _fill(key: str, agreed: Terms, kept: KeptTerms, usual: int, speed: float) -> None:
    """Give the controls their first values: what people kept, else what was calculated."""
    st.session_state.setdefault(f"{key}-version", kept.version)
    first = {
        "price": round(_or(kept.price_idr_month, agreed.price_idr_month) / 1e3),
        "subsidy": round(_or(kept.subsidy_idr, agreed.subsidy_idr) / _MILLION),
        "village": round(_or(kept.contribution_idr, agreed.contribution_idr) / _MILLION),
        "share": round(_or(kept.village_share, agreed.village_share) * 100),
        "years": round(_or(kept.term_years, usual)),
        "speed": round(_or(kept.speed_mbps, speed)),
    }
    for name, value in first.items():
        st.session_state.setdefault(f"{key}-{name}", value)


def _or(kept: float | None, calculated: float) -> float:
    return calculated if kept is None else kept


def _controls(key: str, found: Deal, agreed: Terms, kept: KeptTerms, analysis: Analysis) -> dict[str, float | None]:
    """The controls; what they say of each term, None where that is what was calculated."""
    usual = round(analysis.assumptions["funding.horizon_years"])
    fund = analysis.assumptions["funding.dana_desa"] * analysis.assumptions["funding.dana_desa_discretionary"]
    lump = max(2.0 * agreed.subsidy_idr, float(found.project.capital[0]))
    held = {name: float(st.session_state[f"{key}-{name}"]) for name in ("price", "subsidy", "village", "years")}
    fixed = found.project.market.tariff_idr_month is not None
    left, right = st.columns(2)
    with left:
        top = max(round(_top(found, agreed) / 1e3), round(held["price"]))
        price = st.slider(
            _("Price a month"), 0, top, key=f"{key}-price", format=_("Rp %d thousand"),
            disabled=fixed, help=_("This provider sells at one price everywhere.") if fixed else None,
        )  # fmt: skip
        st.slider(_("Term (years)"), 1, max(2 * usual, round(held["years"])), key=f"{key}-years")
        st.number_input(_("Speed promised (Mbps)"), 1, 100_000, key=f"{key}-speed")
    with right:
        most = max(1, round(lump / _MILLION), round(held["subsidy"]))
        subsidy = st.slider(_("Public money"), 0, most, key=f"{key}-subsidy", format=_("Rp %d million"))
        most = max(1, round(fund / _MILLION), round(held["village"]))
        village = st.slider(_("The village pays once"), 0, most, key=f"{key}-village", format=_("Rp %d million"))
    share = agreed.village_share
    if found.project.resale or agreed.village_share > 0:
        share = st.slider(_("BUMDes keeps of sales"), 0, 100, key=f"{key}-share", format="%d%%") / 100.0
    st.button(_("Back to the kept or calculated terms"), icon=":material/undo:", type="tertiary",
              on_click=_reset, args=(key,))  # fmt: skip
    return {
        "price_idr_month": None if fixed else _moved(price, 1e3, agreed.price_idr_month, kept.price_idr_month),
        "subsidy_idr": _moved(subsidy, _MILLION, agreed.subsidy_idr, kept.subsidy_idr),
        "contribution_idr": _moved(village, _MILLION, agreed.contribution_idr, kept.contribution_idr),
        "village_share": _moved(share * 100, 0.01, agreed.village_share, kept.village_share),
    }


def _moved(control: float, unit: float, calculated: float, kept: float | None) -> float | None:
    """What a control says; while it stands on the calculated or the kept amount, that is meant to the rupiah."""
    if round(control) == round(calculated / unit):
        return None
    if kept is not None and round(control) == round(kept / unit):
        return kept
    return control * unit


def _reset(key: str) -> None:
    for name in ("price", "subsidy", "village", "share", "years", "speed", "version"):
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
    return alt.layer(*layers, zero, lines, here).properties(height=240)


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
