"""Who gains: by need, remoteness and income; every place's score; what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.language import _, language, number, percent
from coverage.outputs import maps
from coverage.scenario import FOLDER, load_scenario
from coverage.ui import state
from coverage.ui.drawn import drawn
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)


def groups(analysis: Analysis) -> None:
    """The plan's gain by thirds of the villages, and how much need weighs in the next plan."""
    _thirds(analysis)
    value = state.scenario().equity_weight
    state.mirror("equity_weight", value)
    st.select_slider(
        _("How much need weighs in the plan"),
        sorted({*_WEIGHTS, value}),
        key="equity_weight",
        format_func=lambda weight: number(weight, 1),
        on_change=lambda: state.change_scenario(equity_weight=st.session_state["equity_weight"]),
        help=_("0: every gain counts the same. 1: where need is greatest it counts twice. Moving it makes a new plan."),
    )


@drawn
def _thirds(analysis: Analysis) -> None:
    from coverage.indicators import by_group

    access, gain = analysis.access.villages, analysis.gain
    table = by_group(
        analysis.region.villages,
        dict(zip(access["village_code"], access["need"], strict=True)),
        dict(zip(gain["village_code"], gain["index_gain_plan"], strict=True)),
    )
    frame = pd.DataFrame(
        {
            _("Group"): [_group(g, level) for g, level in zip(table["grouping"], table["level"], strict=True)],
            _("Villages"): [number(v) for v in table["villages"]],
            _("Part of the people"): [percent(v) for v in table["population_share"]],
            _("Part of the gain"): [percent(v) for v in table["gain_share"]],
        }
    )
    st.dataframe(frame, hide_index=True)
    if "income" not in set(table["grouping"]):
        st.caption(_("Income per village is not known in this region, so it is not shown."))


def _group(grouping: str, level: str) -> str:
    return {
        ("need", "low"): _("Need: lowest third"),
        ("need", "middle"): _("Need: middle third"),
        ("need", "high"): _("Need: highest third"),
        ("remoteness", "low"): _("Near the middle of the district"),
        ("remoteness", "middle"): _("Farther out"),
        ("remoteness", "high"): _("Most remote third"),
        ("income", "low"): _("Income: lowest third"),
        ("income", "middle"): _("Income: middle third"),
        ("income", "high"): _("Income: highest third"),
    }[grouping, level]


def places(analysis: Analysis) -> None:
    """Scores of every district and village, now and with the plan."""
    level = st.segmented_control(
        _("Scores of"),
        ("district", "village"),
        default="district",
        format_func=lambda code: _("Districts") if code == "district" else _("Villages"),
        key="place_level",
        required=True,
    )
    _scores_of(analysis, str(level))


@drawn
def _scores_of(analysis: Analysis, level: str) -> None:
    from coverage.indicators import by_place

    villages = analysis.region.villages
    key, name = f"{level}_code", f"{level}_name"
    table = by_place(analysis.scores, villages, key)
    names = villages.drop_duplicates(key).set_index(key)[name]
    frame = table.assign(name=table[key].map(names))[["name", "gain", "score_before", "score_after"]]
    digits = maps.gain_digits(frame["gain"])
    formats: dict[str, Any] = {
        "score_before": lambda value: number(value, 2),
        "score_after": lambda value: number(value, 2),
        "gain": lambda value: "+" + number(value, digits),
    }
    st.dataframe(
        frame.style.format(formats, na_rep="–"),
        hide_index=True,
        placeholder="–",
        column_config={
            "name": st.column_config.TextColumn(_("Name"), pinned=True),
            "score_before": st.column_config.NumberColumn(
                _("Score now"), help=_("0 to 4, only what connectivity moves")
            ),
            "score_after": st.column_config.NumberColumn(_("Score with the plan")),
            "gain": st.column_config.NumberColumn(_("Index gain")),
        },
    )


@drawn
def excluded(analysis: Analysis) -> None:
    """Say which indicators are left out because the region has no data for them."""
    table = analysis.scores.indicators
    table = table[~table["included"]]
    if len(table):
        names = "; ".join(table["name_id" if language() == "id" else "name_en"])
        st.info(
            literal(_("Left out for want of data, not counted as zero: {names}").format(names=names)),
            icon=":material/visibility_off:",
        )


@drawn
def published(analysis: Analysis) -> None:
    """Say which indicators start from a published value, and whose it is."""
    table = analysis.framework.published
    if len(table):
        names = analysis.framework.names
        told = "; ".join(
            f"{names[row['id']]} ({row['source']}, {round(row['year'])})" for row in table.to_dict("records")
        )
        st.caption(literal(_("Start from published values: {names}").format(names=told)))


def quick_wins() -> None:
    """A button that plans for what can stand within one to two years on little money."""
    st.button(
        _("Plan quick wins"),
        icon=":material/bolt:",
        on_click=_take_quick_wins,
        help=_("A ready scenario: Wi-Fi over satellite only, on little money, standing within one to two years."),
    )


def _take_quick_wins() -> None:
    ready = load_scenario(FOLDER / "quick_wins.toml").model_dump(exclude={"name"}, exclude_unset=True)
    state.change_scenario(**{name: list(v) if isinstance(v, tuple) else v for name, v in ready.items()})
