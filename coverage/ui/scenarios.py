"""Building a scenario: ready ones, and the controls to change them; the plans of the session."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd
import streamlit as st

from coverage.language import _, number, percent, rupiah_short
from coverage.outputs import maps, summary, words
from coverage.outputs.compare import scenario_name
from coverage.partnership.models import MODELS
from coverage.scenario import FOLDER, Measure, Scenario, load_scenario
from coverage.tables import OPTION_TECHNOLOGIES
from coverage.ui import parts, scenario_rules, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.region import Region

MEASURES: tuple[str, ...] = get_args(Measure)
LEAST_COST = "least_cost"
_SHOWN = 5
#: What a target begins with, by what is counted.
_TARGETS = {"index_gain": 0.02, "people": 20_000.0, "villages": 10.0, "equity": 0.02}


@cache
def ready() -> dict[str, Scenario]:
    """The ready scenarios by name, the best mix first."""
    found = {path.stem: load_scenario(path) for path in sorted(FOLDER.glob("*.toml"))}
    return dict(sorted(found.items(), key=lambda item: (item[0] != "best_mix", item[0])))


def choose_ready() -> None:
    """Begin with a ready scenario (a callback); nothing chosen changes nothing."""
    name = st.session_state["pick_ready"]
    if name is None:
        return
    state.reset_scenario()
    state.change_scenario(**ready()[name].model_dump(mode="json"))


def chosen_ready() -> str | None:
    """The ready scenario that the session's scenario still is, or none where it was changed."""
    now = state.scenario()
    name = now.name
    return name if name in ready() and now == ready()[name] else None


def controls(region: Region) -> None:
    """Everything that makes a scenario, the few that matter most first."""
    state.mirror("pick_ready", chosen_ready())
    st.selectbox(
        _("Begin with a ready scenario"),
        list(ready()),
        index=None,
        format_func=scenario_name,
        placeholder=_("own rules"),
        key="pick_ready",
        on_change=choose_ready,
    )
    parts.budget("skenario")
    _objective()
    with st.expander(_("More rules"), icon=":material/rule:"):
        _choice("technologies", _("What may be built"), OPTION_TECHNOLOGIES, words.technology)
        _models()
        names = village_names(region)
        _villages("must", _("Villages that must be served"), names)
        _villages("never", _("Villages that stay out"), names)
        keep("include_unknown")
        st.toggle(
            _("Include villages of which too little is known"),
            key="pick_include_unknown",
            on_change=take,
            args=("include_unknown",),
        )
        scenario_rules.districts()
    with st.expander(_("Whose money"), icon=":material/payments:"):
        scenario_rules.money()
    with st.expander(_("As a file"), icon=":material/description:"):
        scenario_rules.as_file()
    scenario_rules.decide()
    st.button(_("Back to the start"), icon=":material/restart_alt:", on_click=state.reset_scenario, type="tertiary")


def keep(name: str) -> None:
    """Give the control of a field the value that the scenario has."""
    value = getattr(state.scenario(), name)
    state.mirror(f"pick_{name}", list(value) if isinstance(value, tuple) else value)


def take(name: str) -> None:
    """Take the value of a field from its control (a callback)."""
    value = st.session_state[f"pick_{name}"]
    if name == "technologies" and not value:
        return  # a plan without anything to build answers nothing
    state.change_scenario(**{name: value})


def _choice(name: str, label: str, options: tuple[str, ...], said: Any) -> None:
    keep(name)
    st.pills(label, options, format_func=said, selection_mode="multi", key=f"pick_{name}", on_change=take, args=(name,))


def _models() -> None:
    """Business models; none chosen means all, and so it is shown."""
    state.mirror("pick_business_models", list(state.scenario().business_models) or list(MODELS))
    st.pills(
        _("Business models"),
        tuple(MODELS),
        format_func=words.business_model,
        selection_mode="multi",
        key="pick_business_models",
        on_change=_take_models,
    )


def _take_models() -> None:
    chosen = st.session_state["pick_business_models"]
    state.change_scenario(business_models=[] if len(chosen) == len(MODELS) else chosen)


def _villages(name: str, label: str, names: dict[str, str]) -> None:
    keep(name)
    st.multiselect(
        label,
        list(names),
        format_func=lambda code: names.get(code, code),
        placeholder=_("none"),
        key=f"pick_{name}",
        on_change=take,
        args=(name,),
    )


def _objective() -> None:
    keep("objective")
    st.radio(
        _("Aim"),
        (*MEASURES, LEAST_COST),
        format_func=lambda code: words.objective(code).capitalize(),
        key="pick_objective",
        on_change=_take_objective,
    )
    target = state.scenario().target
    if target is not None:
        state.mirror("pick_target", float(target.amount))
        step = 0.005 if target.of in ("index_gain", "equity") else 1.0
        st.number_input(
            _("Reach at least ({what})").format(what=words.measure(target.of)),
            min_value=step,
            step=step,
            format="%.3f" if step < 1 else "%.0f",
            key="pick_target",
            on_change=lambda: state.change_scenario(
                target={"of": target.of, "amount": st.session_state["pick_target"]}
            ),
        )


def _take_objective() -> None:
    objective = st.session_state["pick_objective"]
    of = state.scenario().measure
    target = {"of": of, "amount": _TARGETS[of]} if objective == LEAST_COST else None
    state.change_scenario(objective=objective, target=target)


def village_names(region: Region) -> dict[str, str]:
    """Code → name and district."""
    villages = region.villages
    rows = zip(villages["village_code"], villages["village_name"], villages["district_name"], strict=True)
    return {code: f"{name} · {district}" for code, name, district in rows}


def answer(analysis: Analysis) -> str:
    """What the budget buys, in one sentence."""
    sums = summary.totals(analysis)
    return _("{budget} newly reaches {people} people in {villages} villages").format(
        budget=rupiah_short(min(analysis.scenario.budget_idr, max(sums.subsidy_idr, 0.0)))
        if analysis.scenario.objective == LEAST_COST
        else rupiah_short(analysis.scenario.budget_idr),
        people=number(sums.population_gained),
        villages=number(sums.villages),
    )


def note(here: state.Here) -> None:
    """Remember the totals of the analysis that is shown, once per scenario."""
    if here.analysis is None:
        return
    history: dict[str, Any] = st.session_state.setdefault("history", {})
    if here.analysis_key not in history:
        history[here.analysis_key] = (here.analysis.scenario, summary.totals(here.analysis))
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
