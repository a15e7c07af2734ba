"""What the plan moves in the indicators: by dimension, by driver, by pillar, by district."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage.language import _, language, number, percent, rupiah_short
from coverage.outputs import maps, summary
from coverage.ui import charts, theme
from coverage.ui.drawn import drawn

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_SCALE = 4.0


def answer(analysis: Analysis) -> str:
    """What the plan adds to the index, in one sentence."""
    sums = summary.totals(analysis)
    digits = maps.gain_digits(analysis.gain["index_gain_plan"])
    return _("A plan of {budget} raises the index by {gain} points").format(
        budget=rupiah_short(analysis.scenario.budget_idr), gain=number(sums.index_gain, digits)
    )


@drawn
def certainty(analysis: Analysis) -> None:
    """The range of the gain, and how much of it is judgement."""
    scores = analysis.scores
    digits = maps.gain_digits(pd.Series([scores.gain]))
    st.markdown(
        _("It may be as little as {low} or as much as {high}. {share} of it rests on judgement.").format(
            low=number(scores.gain_low, digits),
            high=number(scores.gain_high, digits),
            share=percent(scores.judgement_share),
        )
    )


def dimensions(analysis: Analysis) -> None:
    """The five dimensions in the ministry's order, the change in each, and now → after if entered."""
    _dimensions(analysis, _entered())


@drawn
def _dimensions(analysis: Analysis, now: dict[str, float] | None) -> None:
    from coverage.indicators import by_dimension, label

    table = by_dimension(analysis.scores, analysis.framework, analysis.assumptions, now)
    digits = maps.gain_digits(table["gain"])
    table["name"] = [label(code) for code in table["dimension"]]
    _bars(table, "name", digits, ranged=True)
    shown: dict[str, list[str]] = {
        _("Dimension"): table["name"].tolist(),
        _("Index gain"): ["+" + number(v, digits) for v in table["gain"]],
        _("Range"): [
            f"{number(low, digits)} – {number(high, digits)}"
            for low, high in zip(table["gain_low"], table["gain_high"], strict=True)
        ],
        _("Weight"): [percent(v) for v in table["weight"]],
        _("Moved by connectivity"): [percent(v) for v in table["connectivity_share"]],
        _("Change of its score (0–4)"): ["+" + number(v, digits) for v in table["change"]],
    }
    if now is not None:
        pairs = zip(table["now"], table["after"], strict=True)
        shown[_("Now → after")] = [f"{number(a, 2)} → {number(b, digits)}" for a, b in pairs]
    st.dataframe(pd.DataFrame(shown), hide_index=True)


def _entered() -> dict[str, float] | None:
    """The ministry's scores of today, where the user gives all five: they are not public."""
    from coverage.indicators import DIMENSIONS, label

    with st.expander(_("Enter today's scores to see now → after"), icon=":material/edit:"):
        st.caption(_("The ministry does not publish the five parts. Enter all five if you have them (0 to 4)."))
        columns = st.columns(len(DIMENSIONS))
        values = {
            code: column.number_input(
                label(code), 0.0, _SCALE, value=None, step=0.01, key=f"now_{code}", persist_state="session"
            )
            for code, column in zip(DIMENSIONS, columns, strict=True)
        }
    given = {code: float(value) for code, value in values.items() if value is not None}
    return given if len(given) == len(DIMENSIONS) else None


@drawn
def drivers(analysis: Analysis) -> None:
    """What moves the index: each driver's score before and after, the largest gain first."""
    from coverage.indicators import by_driver

    column = "name_id" if language() == "id" else "name_en"
    names = analysis.framework.drivers.set_index("driver")[column]
    _before_after(by_driver(analysis.scores), "driver", lambda code: str(names.get(code, code)), _("What changes"))


@drawn
def pillars(analysis: Analysis) -> None:
    """The six pillars: score before and after."""
    from coverage.indicators import by_pillar, label

    _before_after(by_pillar(analysis.scores), "pillar", label, _("Pillar"))


@drawn
def programmes(analysis: Analysis) -> None:
    """The programmes that the regency named, and what each gains."""
    from coverage.indicators import by_programme

    column = "programme_id" if language() == "id" else "programme_en"
    _before_after(by_programme(analysis.scores), column, str, _("Programme"))


def _before_after(table: pd.DataFrame, key: str, name: Callable[[str], str], title: str) -> None:
    digits = maps.gain_digits(table["gain"])
    frame = pd.DataFrame(
        {
            "name": [name(code) for code in table[key]],
            "gain": table["gain"],
            "before": table["score_before"],
            "after": table["score_after"],
        }
    )
    formats: dict[str, Any] = {
        "before": lambda value: number(value, 2),
        "after": lambda value: number(value, 2),
        "gain": lambda value: "+" + number(value, digits),
    }
    st.dataframe(
        frame.style.format(formats, na_rep="–"),
        hide_index=True,
        placeholder="–",
        column_config={
            "name": st.column_config.TextColumn(title, pinned=True, width=220),
            "before": st.column_config.NumberColumn(_("Score now"), help=_("0 to 4, only what connectivity moves")),
            "after": st.column_config.NumberColumn(_("Score with the plan")),
            "gain": st.column_config.NumberColumn(_("Index gain")),
        },
    )


def by_district(analysis: Analysis) -> pd.DataFrame:
    """The plan's gain and its villages per district.

    Returns
    -------
    DataFrame
        Columns ``name, gain, villages``; the greatest gain first, districts without gain left out.
    """
    gain = analysis.gain.merge(analysis.region.villages[["village_code", "district_name"]], on="village_code")
    table = gain.groupby("district_name", as_index=False).agg(
        gain=("index_gain_plan", "sum"), villages=("in_plan", "sum")
    )
    table = table[table["gain"] > 0].rename(columns={"district_name": "name"})
    return table.sort_values(["gain", "name"], ascending=[False, True]).reset_index(drop=True)


@drawn
def districts(analysis: Analysis) -> None:
    """Bars of the plan's gain per district."""
    table = by_district(analysis)
    if table.empty:
        st.info(_("With this budget no district gains."))
        return
    _bars(table, "name", maps.gain_digits(table["gain"]), ranged=False)


def _bars(table: pd.DataFrame, name: str, digits: int, *, ranged: bool) -> None:
    """Horizontal bars of ``gain`` with their numbers; with the range as a line where there is one."""
    table = table.assign(said=["+" + number(value, digits) for value in table["gain"]])
    if ranged:  # beside the name: at the end of the range the number would seem to be that end
        table[name] = table[name] + "  " + table["said"]
    base = alt.Chart(table).encode(y=alt.Y(f"{name}:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)))
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    value = alt.X("gain:Q", title=_("Index points within the plan"), axis=axis)
    tip = [alt.Tooltip(f"{name}:N", title=" "), alt.Tooltip("said:N", title=_("Index gain"))]
    chart = base.mark_bar(color=theme.ACCENT).encode(x=value, tooltip=tip)
    if ranged:
        chart += base.mark_rule(strokeWidth=2, color=theme.INK).encode(x="gain_low:Q", x2="gain_high:Q")
    else:
        chart += base.mark_text(align="left", dx=6, color=theme.INK).encode(x=value, text="said:N")
    # A number right of the longest bar finds no room there otherwise.
    room = {"left": 5, "top": 5, "bottom": 5, "right": 5 if ranged else 50}
    charts.show(chart.properties(height=28 * len(table) + 36, padding=room))
