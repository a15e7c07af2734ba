"""The indicator framework to edit: weights, targets and ranges, checked before they count."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from coverage.errors import AssumptionError
from coverage.indicators import DIMENSIONS, EDITABLE, Framework, changed_framework, label, load_framework, schemes
from coverage.language import _, number
from coverage.outputs import words
from coverage.ui import state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

_WEIGHT_STEP = 1.0


def show() -> None:
    """Dimension weights, the table of indicators, what differs from the defaults, apply and reset."""
    base, scenario = _changed({}, {}), state.scenario()
    now = _changed(scenario.indicators, scenario.dimension_weights)
    round_ = st.session_state.setdefault("framework_round", 0)
    weights = _weights(base, scenario.dimension_weights, round_)
    st.caption(_("A changed target or range no longer rests on its source and counts as judgement."))
    edited = st.data_editor(
        _table(now),
        key=f"framework_{round_}",
        hide_index=True,
        disabled=["id", "name", "dimension", "source"],
        column_config={
            "id": st.column_config.TextColumn(" ", pinned=True),
            "name": st.column_config.TextColumn(_("Indicator"), pinned=True, width="large"),
            "dimension": _("Dimension"),
            "weight": st.column_config.NumberColumn(_("Weight"), format="%g"),
            "floor": st.column_config.NumberColumn(_("Value of score 0"), format="%g"),
            "target": st.column_config.NumberColumn(_("Target"), format="%g"),
            "low": st.column_config.NumberColumn(_("Target, low"), format="%g"),
            "high": st.column_config.NumberColumn(_("Target, high"), format="%g"),
            "source": _("Source"),
        },
    )
    changes = changed_numbers(base, edited)
    for line in differences(base, changes, weights):
        st.markdown(f"- {literal(line)}")
    try:
        _changed(changes, weights)
    except AssumptionError as error:
        st.error("  \n".join(literal(line) for line in [f"{error.what}:", *error.todo.splitlines()]))
        usable = False
    else:
        usable = True
    with st.container(horizontal=True):
        st.button(
            _("Calculate with these"),
            type="primary",
            disabled=not usable or (changes == scenario.indicators and weights == scenario.dimension_weights),
            on_click=state.change_scenario,
            kwargs={"indicators": changes, "dimension_weights": weights},
        )
        st.button(_("Back to the defaults"), icon=":material/restart_alt:", on_click=_reset)


@st.cache_resource(max_entries=64, show_spinner=False)
def _changed(changes: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> Framework:
    """The framework with changes, read and checked once; faults are told anew each time."""
    return changed_framework(load_framework(), changes, weights)


def _weights(base: Framework, own: Mapping[str, float], round_: int) -> dict[str, float]:
    """Dimension weights: those of the evaluation (then nothing is returned) or the user's."""
    published = schemes()
    shares = {d: 100 * base.weights[d] for d in DIMENSIONS}
    columns = st.columns(len(DIMENSIONS))
    given = {
        code: float(
            column.number_input(
                label(code),
                min_value=0.0,
                value=float(own.get(code, shares[code])),
                step=_WEIGHT_STEP,
                key=f"weight_{code}_{round_}",
            )
        )
        for code, column in zip(DIMENSIONS, columns, strict=True)
    }
    known = "; ".join(
        f"{scheme}: " + "/".join(number(w) for w in table.set_index("dimension")["weight"].reindex(DIMENSIONS))
        for scheme, table in published.groupby("scheme")
    )
    st.caption(literal(_("Weights of the dimensions, in any scale. Published: {known}").format(known=known)))
    same = all(abs(given[d] - shares[d]) < 1e-9 for d in DIMENSIONS)
    return {} if same else given


def _table(framework: Framework) -> pd.DataFrame:
    table = framework.indicators
    return pd.DataFrame(
        {
            "id": table["id"],
            "name": framework.names.to_numpy(),
            "dimension": [label(d) for d in table["dimension"]],
            **{name: table[name].astype(float) for name in EDITABLE},
            "source": table["source"].where(table["source"] != "", _("judgement")),
        }
    )


def changed_numbers(base: Framework, edited: pd.DataFrame) -> dict[str, dict[str, float]]:
    """What in an edited table differs from the defaults; an emptied cell is no number."""
    changes: dict[str, dict[str, float]] = {}
    for row, new in zip(base.indicators.to_dict("records"), edited.to_dict("records"), strict=True):
        for name in EDITABLE:
            value = float("nan") if pd.isna(new[name]) else float(new[name])
            if value != float(row[name]):
                changes.setdefault(str(row["id"]), {})[name] = value
    return changes


def differences(base: Framework, changes: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> list[str]:
    """Every change in words: from what to what."""
    table, names = base.indicators.set_index("id").to_dict("index"), base.names
    titles = {
        "weight": _("Weight"),
        "floor": _("Value of score 0"),
        "target": _("Target"),
        "low": _("Target, low"),
        "high": _("Target, high"),
    }
    told = [
        _("{name}: {what} {before} → {after}").format(
            name=f"{i} {names[i]}",
            what=titles[field].lower(),
            before=words.value(float(table[i][field])),
            after="–" if math.isnan(value) else words.value(value),
        )
        for i, values in changes.items()
        for field, value in values.items()
    ]
    if weights:
        told += [
            _("{name}: {what} {before} → {after}").format(
                name=label(d), what=titles["weight"].lower(), before=number(100 * base.weights[d]),
                after=words.value(weights[d]),
            )
            for d in DIMENSIONS
            if abs(weights[d] - 100 * base.weights[d]) > 1e-9
        ]  # fmt: skip
    return told


def _reset() -> None:
    # a new round of keys: the editor forgets what was typed
    st.session_state["framework_round"] += 1
    state.change_scenario(indicators={}, dimension_weights={})
