"""The match list and the terms of a match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage.language import _, number, rupiah_short
from coverage.outputs import match_list, standing, words
from coverage.outputs.basis import basis
from coverage.outputs.documents.content import kept_lines, subject
from coverage.partnership import reason_words, refused
from coverage.partnership.licences import licence
from coverage.partnership.models import MODELS
from coverage.partnership.sharing import SHARING_LABELS
from coverage.ui import charts, deal_flow, later, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.partnership import KeptTerms

_KEY = "matches"


def filtered(frame: pd.DataFrame) -> pd.DataFrame:
    """Filters by district, provider, status and by whether it takes public money; the rows that pass."""
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
        listed = st.selectbox(
            _("Listed as"), sorted(frame["listed"].unique()), index=None, placeholder=_("all"), key="match_listed"
        )
    if listed:
        frame = frame[frame["listed"] == listed]
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
            "listed",
            "status",
            "terms",
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
            "people": st.column_config.NumberColumn(
                _("Newly reached"), help=_("Nobody counts twice: who is reached from two sites counts for one of them.")
            ),
            "next_best": _("Next best"),
            "listed": _("Listed as"),
            "status": _("Status"),
            "terms": _("Terms"),
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


def terms(analysis: Analysis, deal_id: str, kept: KeptTerms, *, npv: bool = True) -> None:
    """The money of a match: what comes in over its life and what it costs; terms that people kept stand first."""
    deal = analysis.deals[analysis.deals["deal_id"] == deal_id].iloc[0]
    about, calculated = subject(analysis, deal_id, kept), subject(analysis, deal_id)
    with st.container(horizontal=True):
        st.metric(_("Price a month"), rupiah_short(about.price_idr_month), width="content")
        st.metric(_("Subscribers"), number(about.subscribers), width="content")
        st.metric(_("Public money"), rupiah_short(about.subsidy_idr), width="content")
    if kept.any:
        st.info(literal(" ".join(kept_lines(about))), icon=":material/edit_note:")
    cost, backhaul, subsidy = calculated.access_idr, calculated.backhaul_idr, calculated.subsidy_idr
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
            x=alt.X(
                "million:Q",
                title=_("Rp million, present value over the lifetime"),
                axis=alt.Axis(format=",d", tickCount=4),
            ),
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
        .properties(height=230)
    )
    charts.show(chart)
    if kept.any:
        st.caption(_("The bars are as calculated."))
    facts(analysis, deal)
    deal_flow.duties(str(deal["business_model"]))
    _bill(analysis, str(deal["option_id"]))
    if not npv:
        return
    owed = rupiah_short(float(deal["npv_idr"]))
    st.caption(literal(_("To the provider, before public money, it is worth {npv} (NPV).").format(npv=owed)))


def _bill(analysis: Analysis, option_id: str) -> None:
    """The bill of quantities, and on which judgement it hangs."""
    found = basis(analysis, option_id)
    if found.sentence:
        mark = literal(_("judgement"))
        st.caption(f":orange-badge[{mark}] {literal(found.sentence)}")
    with st.expander(_("Bill of quantities"), icon=":material/receipt_long:"):
        kinds = {"capex": _("once"), "opex": _("a year")}
        money: Any = rupiah_short
        table = found.lines.assign(
            kind=found.lines["kind"].map(kinds),
            quantity=[f"{number(q, 0 if q >= 100 else 1)} {words.unit(u)}" for q, u in
                      zip(found.lines["quantity"], found.lines["unit"], strict=True)],
            basis=[_("judgement") if judged else source for judged, source in
                   zip(found.lines["judgement"], found.lines["source"], strict=True)],
        )  # fmt: skip
        shown = ["note", "quantity", "unit_cost_idr", "amount_idr", "kind", "basis"]
        st.dataframe(
            table[shown].style.format(dict.fromkeys(("unit_cost_idr", "amount_idr"), money)),
            hide_index=True,
            column_config={
                "note": st.column_config.TextColumn(_("What"), pinned=True),
                "quantity": _("Quantity"),
                "unit_cost_idr": st.column_config.NumberColumn(_("Each")),
                "amount_idr": st.column_config.NumberColumn(_("Amount")),
                "kind": _("When"),
                "basis": st.column_config.TextColumn(_("Basis"), width="large"),
            },
        )


def firm(analysis: Analysis, code: str, *, secrets: bool) -> None:
    """Who comes second and what would turn it round; for staff with figures, and how firm the whole list is."""
    second = standing.seconds(analysis, (code,)).get(code)
    if second is None:
        st.info(_("Nobody else offers anything here: there is no second."))
    else:
        st.markdown(literal(second.sentence))
        st.markdown(literal(second.turn))
        if secrets:
            _for_staff(second.secret)
    whole = later.found(standing.firmness, analysis) if secrets else None
    if whole is not None and (split := whole.split(code)):
        st.markdown(
            literal(
                _(
                    "So that as little as possible is gained by leaving, the village would have {village} of this "
                    "match and the provider {provider}, public money included."
                ).format(village=rupiah_short(split[0]), provider=rupiah_short(split[1]))
            )
        )


def whole_list(analysis: Analysis, *, secrets: bool) -> None:
    """One line on the whole list: whether anybody gains by leaving it; for staff also who."""
    whole = later.found(standing.firmness, analysis)
    if whole is None:
        st.caption(_("Weighing whether anybody would gain by leaving the list…"))
        later.watch(standing.firmness, analysis)
        return
    icon = ":material/verified:" if whole.match.stable else ":material/balance:"
    st.caption(
        f"{icon} {literal(whole.sentence)}",
        help=_(
            "Counted in what each side has from a deal (present value). Who leaves the list does without its public "
            "money. Only at zero is the list called stable."
        ),
    )
    if secrets and whole.who:
        with st.expander(_("Who would gain outside the list"), icon=":material/lock:"):
            _for_staff(whole.who)


def _for_staff(text: str) -> None:
    mark = literal(_("For staff only"))
    st.markdown(f":gray-badge[{mark}] {literal(text)}")


def refused_ones(analysis: Analysis, code: str) -> None:
    """Which providers and ways to run it are not offered here, and why."""
    villages = analysis.region.villages
    row = villages[villages["village_code"] == code].drop(columns="geometry").iloc[0]
    village = {str(name): value for name, value in row.items()}
    options = analysis.option_set.options
    found = refused(
        options[options["village_code"] == code], village, analysis.region.providers,
        analysis.deals[analysis.deals["village_code"] == code], analysis.assumptions,
    )  # fmt: skip
    if found.empty:
        return
    names = analysis.region.providers.set_index("provider_id")["provider_name"]
    with st.expander(_("Who is not offered here, and why"), icon=":material/block:"):
        st.dataframe(
            pd.DataFrame(
                {
                    "provider": found["provider_id"].map(names),
                    "technology": found["technology"].map(words.technology),
                    "model": [words.business_model(m) if m else _("all") for m in found["business_model"]],
                    "reason": [reason_words(r, str(village["kind"]), analysis.assumptions) for r in found["reason"]],
                }
            ),
            hide_index=True,
            column_config={
                "provider": st.column_config.TextColumn(_("Provider"), pinned=True), "technology": _("Technology"),
                "model": _("How it is run"), "reason": st.column_config.TextColumn(_("Why not"), width="large"),
            },
        )  # fmt: skip
