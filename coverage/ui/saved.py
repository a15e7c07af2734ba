"""Saved scenarios: keep the present one under a name, take one up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _, number, rupiah_short
from coverage.outputs import summary, words
from coverage.store import Conflict, conflicts, region_key, scenarios
from coverage.ui import people, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.store.schema import SavedScenario


def show(here: state.Here) -> None:
    """Save and load, with what each saved scenario gave."""
    store, acting, key = people.here(), people.acting(), region_key(here.region)
    with st.form("save", border=True, width=640):
        name = st.text_input(_("Name"), max_chars=80, key="save_name")
        note = st.text_input(_("Note"), max_chars=500, key="save_note")
        if here.analysis is not None:
            sums = summary.totals(here.analysis)
            st.caption(
                _("Now: {budget}, {goal}; {villages} villages, {people} people.").format(
                    budget=rupiah_short(state.scenario().budget_idr),
                    goal=words.objective(state.scenario().objective),
                    villages=number(sums.villages),
                    people=number(sums.population_gained),
                )
            )
        if st.form_submit_button(_("Save the present scenario"), icon=":material/save:"):
            _save(here, name, note)
    found = scenarios.listed(store, acting, key)
    latest = scenarios.latest_results(store, acting, key)
    if not found:
        st.info(_("Nothing is saved yet."))
    for saved in found:
        result = latest.get(saved.id)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(_line(saved, result.figures if result else {}), width="stretch")
            st.button(
                _("Take up"), key=f"take-{saved.id}", icon=":material/upload:", on_click=_take_up, args=(saved.id,)
            )
            st.button(
                _("Remove"), key=f"remove-{saved.id}", icon=":material/delete:", on_click=_remove,
                args=(saved.id, saved.version),
            )  # fmt: skip
    _trouble()


def _line(saved: SavedScenario, figures: dict[str, Any]) -> str:
    said = f"**{literal(saved.name)}**"
    if saved.note:
        said += f" · {literal(saved.note)}"
    budget = saved.body.get("budget_idr")
    if isinstance(budget, int | float):
        said += f" · {literal(rupiah_short(float(budget)))}"
    gain = figures.get("index_gain")
    if isinstance(gain, int | float):
        said += f" · +{number(float(gain), 3)}"
    return said


def _save(here: state.Here, name: str, note: str) -> None:
    store, acting, key = people.here(), people.acting(), region_key(here.region)
    wanted = state.scenario().model_copy(update={"name": name})
    outcome = scenarios.outcome_of(here.analysis) if here.analysis is not None else None
    held = {saved.name: saved for saved in scenarios.listed(store, acting, key)}.get(name.strip())
    opened = st.session_state.get("opened_scenario", {})
    try:
        scenarios.save(
            store, acting, key, wanted, note=note,
            scenario_id=held.id if held else "",
            version=opened.get(held.id, held.version) if held else 0,
            outcome=outcome,
        )  # fmt: skip
    except JangkauError as error:
        st.session_state["save_trouble"] = error
    else:
        st.session_state.pop("save_trouble", None)
        st.success(_("Saved."), icon=":material/check:")


def _take_up(scenario_id: str) -> None:
    try:
        saved, scenario = scenarios.load(people.here(), people.acting(), scenario_id)
    except JangkauError as error:
        st.session_state["save_trouble"] = error
        return
    st.session_state["opened_scenario"] = {
        **st.session_state.get("opened_scenario", {}),
        saved.id: saved.version,
    }
    st.session_state["save_name"] = saved.name
    st.session_state["scenario"] = {
        **state.first_scenario(),
        **scenario.model_dump(mode="json", exclude_defaults=True, exclude={"name"}),
    }


def _remove(scenario_id: str, version: int) -> None:
    try:
        scenarios.remove(people.here(), people.acting(), scenario_id, version)
    except JangkauError as error:
        st.session_state["save_trouble"] = error


def _trouble() -> None:
    error = st.session_state.get("save_trouble")
    if error is None:
        return
    st.warning(f"{literal(error.what)}. {literal(error.todo)}", icon=":material/error:")
    if isinstance(error, Conflict):
        with st.container(horizontal=True):
            st.button(_("Merge both"), on_click=_settle, args=("merge", error), key="save_merge")
            st.button(_("Overwrite with mine"), on_click=_settle, args=("overwrite", error), key="save_overwrite")
            st.button(_("Drop mine"), on_click=_settle, args=("drop", error), key="save_drop")
    else:
        st.session_state.pop("save_trouble")


def _settle(how: str, error: Conflict) -> None:
    st.session_state.pop("save_trouble", None)
    try:
        if how == "merge":
            conflicts.merge(people.here(), people.acting(), error)
        elif how == "overwrite":
            conflicts.overwrite(people.here(), people.acting(), error)
    except JangkauError as again:
        st.session_state["save_trouble"] = again
