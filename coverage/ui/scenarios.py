"""Building a scenario and comparing the plans of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pandas as pd
import streamlit as st

from coverage.language import _, number, percent, rupiah_short
from coverage.outputs import maps, summary, words
from coverage.scenario import Objective
from coverage.ui import state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.region import Region

OBJECTIVES: tuple[str, ...] = get_args(Objective)
_SHOWN = 5


def keep(name: str) -> None:
    """Give the control of a field the value that the scenario has."""
    state.mirror(f"pick_{name}", st.session_state["scenario"][name])


def take(name: str) -> None:
    """Take the value of a field from its control (a callback)."""
    value = st.session_state[f"pick_{name}"]
    if name == "technologies" and not value:
        return  # a plan without anything to build answers nothing
    state.change_scenario(**{name: value})


def village_names(region: Region) -> dict[str, str]:
    """Code → name and district."""
    villages = region.villages
    rows = zip(villages["village_code"], villages["village_name"], villages["district_name"], strict=True)
    return {code: f"{name} · {district}" for code, name, district in rows}


def answer(analysis: Analysis) -> str:
    """What the budget buys, in one sentence."""
    sums = summary.totals(analysis)
    return _("{budget} newly reaches {people} people in {villages} villages").format(
        budget=rupiah_short(analysis.scenario.budget_idr),
        people=number(sums.population_gained),
        villages=number(sums.villages),
    )


def note(here: state.Here) -> None:
    """Remember the totals of the analysis that is shown, once per scenario."""
    if here.analysis is None:
        return
    history: dict[str, Any] = st.session_state.setdefault("history", {})
    history.setdefault(here.analysis_key, (here.analysis.scenario, summary.totals(here.analysis)))
    while len(history) > _SHOWN:
        del history[next(iter(history))]


def compare() -> None:
    """The latest plans side by side: the same rows, one column per plan."""
    history = st.session_state.get("history", {})
    gains = pd.Series([sums.index_gain for _scenario, sums in history.values()], dtype=float)
    digits = maps.gain_digits(gains)
    columns: dict[str, list[str]] = {}
    for position, (scenario, sums) in enumerate(history.values(), start=1):
        columns[_("Plan {number}").format(number=position)] = [
            rupiah_short(scenario.budget_idr),
            words.objective(scenario.objective),
            number(len(scenario.technologies)),
            number(len(scenario.assumptions)),
            number(sums.villages),
            number(sums.population_gained),
            "+" + number(sums.index_gain, digits),
            rupiah_short(sums.subsidy_idr),
            rupiah_short(sums.cost_pv_idr),
            percent(sums.gap, 1),
        ]
    rows = [
        _("Budget of public money"),
        _("Aim"),
        _("Technologies allowed"),
        _("Assumptions changed"),
        _("Villages in the plan"),
        _("People newly reached"),
        _("Index gain"),
        _("Public money used"),
        _("Cost over the lifetime, all funds"),
        _("Proven gap"),
    ]
    st.table(pd.DataFrame(columns, index=rows).map(literal))
    st.caption(_("Every plan that you calculate here joins the table; the latest {count} stay.").format(count=_SHOWN))


def changed_assumptions(analysis: Analysis) -> None:
    """Say which assumptions differ from the defaults."""
    changed = analysis.scenario.assumptions
    if changed:
        rows = [analysis.assumptions.row(name) for name in sorted(changed)]
        names = ", ".join(f"{row.note} = {words.value(row.value, row.unit)} {row.unit}" for row in rows)
        st.info(literal(_("Changed assumptions: {names}").format(names=names)))
