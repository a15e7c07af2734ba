"""Two maps of the same ground beside each other: another layer, or another plan on the same layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.language import _, language, number, rupiah_short
from coverage.outputs import beside, maps, summary
from coverage.ui import drawing, map_controls, other_plan, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.ui.drawing import Plan

_SECOND, _ROWS = "second", "differing"


def show(here: state.Here, analysis: Analysis, selected: str) -> bool:
    """Draw both maps; nothing where there is nothing to compare with."""
    if state.second_plan():
        known = other_plan.choices(here)
        if state.second_plan() not in known:
            return False
        map_controls.choose()
        _plans(analysis, other_plan.chosen(here, known), selected)
        return True
    if not state.second_map():
        return False
    map_controls.choose()
    _layers(analysis, selected)
    return True


def _layers(analysis: Analysis, selected: str) -> None:
    name = state.second_map()
    left, right = st.columns(2, gap="small")
    with left:
        st.markdown(f"**{literal(maps.title(state.layer()))}**")
        map_controls.draw(selected, linked=True)
    with right:
        st.markdown(f"**{literal(maps.title(name))}**")
        drawing.show(drawing.View(name, map_controls.over(), name=_SECOND, linked=True), selected)
        st.caption(literal(maps.layer(analysis, name).note))


def _plans(analysis: Analysis, other: Plan | None, selected: str) -> None:
    """The plan at hand and another one on the same layer, what differs, and what each adds up to."""
    name = state.layer()
    left, right = st.columns(2, gap="small")
    with left:
        st.markdown("**" + literal(_("This plan: {plan}").format(plan=other_plan.said(analysis.scenario))) + "**")
        map_controls.draw(selected, linked=True, against=other)
    with right:
        if other is None:  # its work tells above how far it is
            return
        plan = other_plan.said(other.analysis.scenario)
        st.markdown("**" + literal(_("{name} ({plan})").format(name=other.name, plan=plan)) + "**")
        drawing.show(drawing.View(name, map_controls.over(), name=_SECOND, linked=True, of=other), selected)
        st.caption(literal(drawing.marks(state.here().analysis_key, other, name, analysis)["differsTold"]))
    _sums(analysis, other)
    _differing(analysis, other, name, selected)


def _sums(analysis: Analysis, other: Plan) -> None:
    both = [summary.totals(analysis), summary.totals(other.analysis)]
    digits = maps.gain_digits(pd.Series([sums.index_gain for sums in both]))
    table = pd.DataFrame(
        [
            [number(sums.villages), number(sums.population_gained), "+" + number(sums.index_gain, digits),
             rupiah_short(sums.subsidy_idr)]
            for sums in both
        ],
        index=[_("This plan"), literal(other.name)],
        columns=[_("Villages in the plan"), _("People newly reached"), _("Index gain"), _("Public money used")],
    )  # fmt: skip
    st.table(table)


@st.cache_data(max_entries=32, show_spinner=False)
def _rows(key: str, other_key: str, layer: str, spoken: str, _left: Any, _right: Any) -> pd.DataFrame:
    """Kept, since every click shows them again."""
    del key, other_key, spoken  # they name the entry
    return beside.table(_left, _right, layer)


def _differing(analysis: Analysis, other: Plan, name: str, selected: str) -> None:
    """The villages that differ, with what each map says; a click chooses one."""
    found = _rows(state.here().analysis_key, other.key, name, language(), analysis, other.analysis)
    if found.empty:
        return
    with st.expander(_("Villages that differ"), icon=":material/compare_arrows:", expanded=False):
        chosen = [found.index.get_loc(selected)] if selected in found.index else []
        state.mirror(_ROWS, {"selection": {"rows": chosen, "columns": [], "cells": []}})
        codes = found.index.tolist()
        st.dataframe(
            found,
            key=_ROWS,
            hide_index=True,
            height=280,
            on_select=lambda: _picked(codes),
            selection_mode="single-row",
            column_config={
                "name": st.column_config.TextColumn(_("Village"), pinned=True),
                "district": _("District"),
                "left": _("This plan"),
                "right": st.column_config.TextColumn(other.name),
            },
        )


def _picked(codes: list[str]) -> None:
    rows = st.session_state[_ROWS]["selection"]["rows"]
    if rows:
        state.choose_village(codes[rows[0]])
