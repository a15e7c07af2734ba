"""The match list and the terms of a match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage.language import _, number, rupiah_short
from coverage.outputs import match_list, words
from coverage.partnership.licences import licence
from coverage.partnership.models import MODELS
from coverage.partnership.sharing import SHARING_LABELS
from coverage.ui import state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_KEY = "matches"


def filtered(frame: pd.DataFrame) -> pd.DataFrame:
    """Filters by district and provider, and the rows that pass."""
    with st.container(horizontal=True):
        district = st.selectbox(
            _("District"), sorted(frame["district"].unique()), index=None, placeholder=_("all"), key="match_district"
        )
        provider = st.selectbox(
            _("Provider"), sorted(frame["provider"].unique()), index=None, placeholder=_("all"), key="match_provider"
        )
        status = st.selectbox(
            _("Status"), sorted(frame["status"].dropna().unique()), index=None, placeholder=_("all"), key="match_status"
        )
    if district:
        frame = frame[frame["district"] == district]
    if status:
        frame = frame[frame["status"] == status]
    return frame[frame["provider"] == provider] if provider else frame


def table(frame: pd.DataFrame) -> None:
    """The match list; a click on a row chooses the village."""
    codes = frame["village_code"].tolist()
    rows = [codes.index(state.village())] if state.village() in codes else []
    state.mirror(_KEY, {"selection": {"rows": rows, "columns": [], "cells": []}})
    formats: dict[str, Any] = {"price": rupiah_short, "subsidy": rupiah_short, "people": number}
    st.dataframe(
        frame.style.format(formats),
        key=_KEY,
        hide_index=True,
        placeholder="–",
        height=460,
        on_select=lambda: _picked(codes),
        selection_mode="single-row",
        column_order=[
            "name",
            "provider",
            "price",
            "subsidy",
            "people",
            "status",
            "technology",
            "model",
            "district",
            "next_best",
        ],
        column_config={
            "name": st.column_config.TextColumn(_("Village"), pinned=True),
            "district": _("District"),
            "provider": _("Provider"),
            "technology": _("Technology"),
            "model": _("How it is run"),
            "price": st.column_config.NumberColumn(_("Price a month")),
            "subsidy": st.column_config.NumberColumn(_("Public money")),
            "people": st.column_config.NumberColumn(_("Newly reached")),
            "next_best": _("Next best"),
            "status": _("Status"),
        },
    )


def alternatives(analysis: Analysis, code: str) -> None:
    """What every other provider could offer the village."""
    found = match_list.alternatives(analysis, code)
    st.markdown(_("Every provider's best deal here. Invite more than one, on the same terms."))
    formats: dict[str, Any] = {"price": rupiah_short, "subsidy": rupiah_short}
    st.dataframe(
        found.style.format(formats),
        hide_index=True,
        column_order=["provider", "price", "subsidy", "technology", "model", "in_plan"],
        column_config={
            "provider": st.column_config.TextColumn(_("Provider"), pinned=True),
            "technology": _("Technology"),
            "model": _("How it is run"),
            "price": st.column_config.NumberColumn(_("Price a month")),
            "subsidy": st.column_config.NumberColumn(_("Public money")),
            "in_plan": st.column_config.CheckboxColumn(_("In the plan?")),
        },
    )


def facts(analysis: Analysis, deal: pd.Series) -> None:
    """What feeds the deal, how it is shared, under which licence, and how fast one can send today."""
    option = analysis.option_set.options.set_index("option_id").loc[deal["option_id"]]
    kinds = analysis.region.providers.set_index("provider_id")["kind"]
    told = []
    feed = option.get("feed")
    if isinstance(feed, str) and feed:
        told.append(_("Fed by: {link}.").format(link=words.link_kind(feed)))
    model = MODELS.get(str(deal["business_model"]))
    if model is not None and model.sharing:
        told.append(_("Shared by several operators: {how}.").format(how=_(SHARING_LABELS[model.sharing])))
    needed = licence(str(option["technology"]), str(kinds.get(deal["provider_id"], "")))
    if needed:
        told.append(_("Licence needed: {licence}.").format(licence=needed))
    villages = analysis.access.villages.set_index("village_code")
    uplink = villages["uplink_mbps"].get(deal["village_code"]) if "uplink_mbps" in villages else None
    if uplink is not None and pd.notna(uplink):
        told.append(_("Today one can send {mbps} Mbps in the busy hour.").format(mbps=number(float(uplink), 1)))
    st.markdown("\n".join(f"- {literal(line)}" for line in told))


def _picked(codes: list[str]) -> None:
    rows = st.session_state[_KEY]["selection"]["rows"]
    if rows:
        state.choose_village(codes[rows[0]])


def chosen(frame: pd.DataFrame) -> str:
    """The chosen village where it has a match, else the first of the list."""
    codes = frame["village_code"].tolist()
    return state.village() if state.village() in codes else (codes[0] if codes else "")


def terms(analysis: Analysis, code: str, *, npv: bool = True) -> None:
    """The money of a match: what comes in over its life and what it costs."""
    mine = analysis.plan.chosen[analysis.plan.chosen["village_code"] == code].iloc[0]
    deal = analysis.deals.set_index("deal_id").loc[mine["deal_id"]]
    with st.container(horizontal=True):
        st.metric(_("Price a month"), rupiah_short(float(deal["price_idr_month"])), width="content")
        st.metric(_("Subscribers"), number(float(deal["subscribers"])), width="content")
        st.metric(_("Public money"), rupiah_short(float(mine["subsidy_idr"])), width="content")
    cost, subsidy = float(mine["access_cost_pv_idr"]), float(mine["subsidy_idr"])
    backhaul = float(mine["backhaul_cost_pv_idr"])
    parts = pd.DataFrame(
        [
            (_("costs"), _("access"), cost),
            (_("costs"), _("share of the links"), backhaul),
            (_("paid by"), _("public money"), subsidy),
            (_("paid by"), _("subscribers and provider"), max(0.0, cost + backhaul - subsidy)),
        ],
        columns=["side", "part", "idr"],
    )
    parts["said"] = parts["idr"].map(rupiah_short)
    parts["position"] = range(len(parts))
    parts["million"] = parts["idr"] / 1e6
    chart = (
        alt.Chart(parts)
        .mark_bar()
        .encode(
            x=alt.X("million:Q", title=_("Rp million, present value over the lifetime"), axis=alt.Axis(format="d")),
            y=alt.Y("side:N", title=None, sort=None, axis=alt.Axis(labelLimit=90)),
            color=alt.Color(
                "part:N",
                title=None,
                sort=None,
                scale=alt.Scale(domain=list(parts["part"]), range=["#0072b2", "#8fbcd8", "#d55e00", "#009e73"]),
                legend=alt.Legend(orient="top", columns=1),
            ),
            order=alt.Order("position:Q"),
            tooltip=[alt.Tooltip("part:N", title=_("Part")), alt.Tooltip("said:N", title=_("Amount"))],
        )
        .properties(height=280)
    )
    st.altair_chart(chart)
    facts(analysis, deal)
    if not npv:
        return
    owed = rupiah_short(float(deal["npv_idr"]))
    st.caption(literal(_("To the provider, before public money, it is worth {npv} (NPV).").format(npv=owed)))
