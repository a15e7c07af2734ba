"""A second plan beside the one at hand: which there are, and the chosen one, made where it is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from coverage.language import _, rupiah_short
from coverage.outputs import maps, words
from coverage.outputs.compare import scenario_name
from coverage.scenario import PLENTY_IDR
from coverage.store import region_key
from coverage.store import scenarios as kept
from coverage.ui import bench, main, people, scenarios, state
from coverage.ui.drawing import Plan

if TYPE_CHECKING:
    from coverage.scenario import Scenario

#: Begins of the codes: ready scenarios, kept ones, plans of this session.
_READY, _KEPT, _SESSION = "siap-", "simpanan-", "rencana-"
#: As much of the key of an analysis as tells the plans of a session apart.
_DIGITS = 12
_CHOICE = "compare_choice"
#: The layer on which two plans differ most plainly.
_PLAN_LAYER = "rencana"


def choices(here: state.Here) -> dict[str, str]:
    """Code and name of every plan that can stand beside the one at hand."""
    found = {_READY + name: _("Scenario: {name}").format(name=scenario_name(name)) for name in scenarios.ready()}
    if people.may_do("scenario.read"):
        rows = kept.listed(people.here(), people.acting(), region_key(here.region))
        found |= {_KEPT + row.id: _("Saved: {name}").format(name=row.name) for row in rows}
    for key, (scenario, _sums) in st.session_state.get("history", {}).items():
        if key != here.analysis_key:
            found[_SESSION + key[:_DIGITS]] = _("Before: {plan}").format(plan=said(scenario))
    return found


def said(scenario: Scenario) -> str:
    """A plan in a few words: its budget and its aim."""
    plenty = scenario.budget_idr >= PLENTY_IDR
    budget = _("as much as it takes") if plenty else rupiah_short(scenario.budget_idr)
    return f"{budget}, {words.objective(scenario.objective)}"


def _scenario(code: str) -> Scenario | None:
    """What a code stands for."""
    if code.startswith(_READY):
        return scenarios.ready().get(code.removeprefix(_READY))
    if code.startswith(_KEPT):
        return kept.load(people.here(), people.acting(), code.removeprefix(_KEPT))[1]
    history = st.session_state.get("history", {})
    return next((s for key, (s, _sums) in history.items() if code == _SESSION + key[:_DIGITS]), None)


def chosen(here: state.Here, known: dict[str, str]) -> Plan | None:
    """The plan beside; where it is not made yet, its work is shown and nothing is returned.

    ``known`` are the :func:`choices`; a code that is not among them, of an old address, shows nothing.
    """
    code = state.second_plan()
    scenario = _scenario(code) if code in known else None
    if scenario is None:
        return None
    key = main.analysis_key(here.region_key, scenario)
    analysis = bench.now("beside", key, main._make(here.region, scenario))
    return None if analysis is None else Plan(key, analysis, known[code])


def choose(here: state.Here) -> None:
    """What stands beside the map: a layer, a ready or saved scenario, a plan of this session."""
    plans = choices(here)
    names = {name: _("Layer: {name}").format(name=maps.title(name)) for name in maps.LAYERS} | plans
    state.mirror(_CHOICE, state.second_map() if state.second_map() in names else None)
    st.selectbox(
        _("Compare with"),
        list(names),
        index=None,
        format_func=lambda code: names.get(code, code),
        key=_CHOICE,
        placeholder=_("Compare with…"),
        label_visibility="collapsed",
        width=260,
        on_change=_take,
    )


def _take() -> None:
    """Compare with what was chosen (a callback); plans are compared where they differ most plainly."""
    st.session_state["banding"] = st.session_state[_CHOICE] or ""
    if state.second_plan():
        st.session_state["lapis"] = _PLAN_LAYER
