"""More of a scenario: whose money, a minimum for every district, a thorough plan, and the scenario as a file."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.errors import JangkauError, ScenarioError
from coverage.language import _, language, number, rupiah_short
from coverage.outputs import glossary
from coverage.partnership import load_funders
from coverage.scenario import Scenario, load_scenario
from coverage.ui import boxes, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_BILLION = 1e9
_PROVIDER = "provider"
_LIMIT_MB = 1


def funder_label(funder: str) -> str:
    """A funder in the reader's language."""
    funders = load_funders()
    if funder in funders.index:
        return str(funders.loc[funder, f"label_{'id' if language() == 'id' else 'en'}"])
    return _("Public money") if funder == "public" else funder


# ---------------------------------------------------------------- rules


def money() -> None:
    """Budgets of single funders; all empty: whoever may pay, up to the budget above."""
    held = state.scenario().budgets
    st.caption(_("Leave all at 0 and whoever may pay does, up to the budget above. Else the budget is their sum."))
    for funder in load_funders().index:
        if funder == _PROVIDER:
            continue
        amount = state.scenario().funder_budget(funder) if funder in held else 0.0
        key = f"pick_budget_{funder}"
        state.mirror(key, amount / _BILLION)
        label = _("{funder} (Rp billion)").format(funder=funder_label(str(funder)))
        by_year = isinstance(held.get(str(funder)), tuple)
        st.number_input(
            label, 0.0, 1_000_000.0, step=0.5, format="%.1f", key=key, on_change=_take_money, disabled=by_year,
            help=_("Given by year in the file of the scenario") if by_year else glossary.explain(label),
        )  # fmt: skip


def _take_money() -> None:
    held = state.scenario().budgets
    found: dict[str, Any] = {}
    for funder in load_funders().index:
        if isinstance(held.get(str(funder)), tuple):
            found[str(funder)] = list(held[str(funder)])  # type: ignore[arg-type]
        elif (amount := st.session_state.get(f"pick_budget_{funder}", 0.0)) > 0:
            found[str(funder)] = amount * _BILLION
    changes: dict[str, Any] = {"budgets": found}
    if found:
        changes["budget_idr"] = sum(sum(v) if isinstance(v, list) else v for v in found.values())
    state.change_scenario(**changes)


def districts() -> None:
    """How many villages of every district must be in the plan."""
    state.mirror("pick_district_minimum", state.scenario().minimum.villages_per_district)
    st.number_input(
        _("Villages of every district at least"), 0, 50, key="pick_district_minimum", on_change=_take_districts,
        help=_("All of them, where deals are possible in fewer"),
    )  # fmt: skip


def _take_districts() -> None:
    minimum = state.scenario().minimum.model_dump(mode="json")
    state.change_scenario(minimum={**minimum, "villages_per_district": st.session_state["pick_district_minimum"]})


def decide() -> None:
    """A button that gives the plan the work that a decision deserves."""
    now = state.scenario()
    thorough = now.decided()
    if now == thorough:
        st.caption(_("This plan was sought thoroughly: take it to decide upon."))
        return
    st.button(
        _("Plan thoroughly, to decide"), icon=":material/gavel:", key="decide", on_click=_decide,
        help=_("Searches longer, up to a minute or two, so that hardly a better plan can exist"),
    )  # fmt: skip


def _decide() -> None:
    thorough = state.scenario().decided()
    state.change_scenario(node_limit=thorough.node_limit, gap_target=thorough.gap_target)


# ---------------------------------------------------------------- who pays what


def funding(analysis: Analysis) -> None:
    """Who pays how much of the plan, and for how many villages."""
    table = analysis.plan.funding
    if table.empty:
        return
    sums = table.groupby("funder").agg(
        amount=("amount_idr", "sum"), links=("links_idr", "sum"), villages=("village_code", "nunique")
    )
    budgets = analysis.scenario.budgets
    order = [*budgets, *[name for name in sums.index if name not in budgets]]
    sums = sums.reindex([name for name in order if name in sums.index])
    st.subheader(_("Who pays what"), anchor=False)
    frame = pd.DataFrame(
        {
            _("Who pays"): [
                _("Provider, from what subscribers pay") if name == _PROVIDER else funder_label(str(name))
                for name in sums.index
            ],
            _("Amount"): [rupiah_short(v) for v in sums["amount"]],
            _("of it for links"): [rupiah_short(v) for v in sums["links"]],
            _("Villages"): [number(v) for v in sums["villages"]],
        }
    )
    if budgets:
        frame[_("Budget")] = [
            rupiah_short(analysis.scenario.funder_budget(str(name))) if name in budgets else "–" for name in sums.index
        ]
    st.table(frame.map(literal).set_index(_("Who pays")))


# ---------------------------------------------------------------- the scenario as a file


def as_file() -> None:
    """The scenario as TOML, out and in."""
    st.download_button(
        _("Scenario as a file (TOML)"), toml(state.scenario()).encode(), "scenario.toml", "application/toml",
        icon=":material/download:", on_click="ignore", key="scenario_file",
        help=_("The command line reads it too: plan --scenario"),
    )  # fmt: skip
    with st.form("scenario_in", border=False, clear_on_submit=True):
        boxes.tell("scenario_up", _LIMIT_MB, ("toml",))
        given = st.file_uploader(
            _("Take up a scenario file"), type=["toml"], max_upload_size=_LIMIT_MB, key="scenario_up"
        )
        sent = st.form_submit_button(_("Take up"), icon=":material/upload:")
    if not sent or given is None:
        return
    try:
        scenario = read(given.name, given.getvalue())
    except JangkauError as error:
        st.error(literal(f"{error.where}: {error.what}. {error.todo}"), icon=":material/error:")
        return
    st.session_state["scenario"] = {
        **state.first_scenario(), **scenario.model_dump(mode="json", exclude_defaults=True),
    }  # fmt: skip
    st.rerun()


def read(name: str, content: bytes) -> Scenario:
    """A scenario that somebody handed in; it may stand on a ready one, not on files of this machine.

    Raises
    ------
    ScenarioError
    """
    try:
        base = tomllib.loads(content.decode("utf-8")).get("base", "")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(_("The scenario file is not TOML"), where=name, todo=str(error)) from error
    if isinstance(base, str) and base.endswith(".toml"):
        raise ScenarioError(
            _("A scenario that is handed in cannot stand on another file"), where=name,
            todo=_("Let it stand on a ready scenario, or write everything into it"),
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.toml"
        path.write_bytes(content)
        return load_scenario(path)


def toml(scenario: Scenario) -> str:
    """A scenario as TOML: what differs from the default; :func:`coverage.scenario.load_scenario` reads it back."""
    given = scenario.model_dump(mode="json", exclude_defaults=True)
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in given.items() if value is not None)


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
