"""What the plan moves in the indicators: by dimension and by district."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from coverage.language import _, number, rupiah_short
from coverage.outputs import maps, summary

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def answer(analysis: Analysis) -> str:
    """What the plan adds to the index, in one sentence."""
    sums = summary.totals(analysis)
    digits = maps.gain_digits(analysis.gain["index_gain_plan"])
    return _("A plan of {budget} raises the index by {gain} points").format(
        budget=rupiah_short(analysis.scenario.budget_idr), gain=number(sums.index_gain, digits)
    )


def dimensions(analysis: Analysis) -> None:
    """The five dimensions in the ministry's order and the change in each."""


def by_district(analysis: Analysis) -> pd.DataFrame:
    """The plan's gain and its villages per district.

    Returns
    -------
    DataFrame
        Columns ``district, gain, villages``; the greatest gain first.
    """
    gain = analysis.gain.merge(analysis.region.villages[["village_code", "district_name"]], on="village_code")
    table = gain.groupby("district_name", as_index=False).agg(
        gain=("index_gain_plan", "sum"), villages=("in_plan", "sum")
    )
    table = table.rename(columns={"district_name": "district"})
    return table.sort_values(["gain", "district"], ascending=[False, True]).reset_index(drop=True)


def districts(analysis: Analysis) -> None:
    """Bars of the plan's gain per district, and the same as a table."""
    table = by_district(analysis)
    digits = maps.gain_digits(table["gain"])
    table["said"] = [number(value, digits) for value in table["gain"]]
    bars = (
        alt.Chart(table)
        .mark_bar(color="#008837")
        .encode(
            x=alt.X("gain:Q", title=_("Index points within the plan"), axis=alt.Axis(labels=False, ticks=False)),
            y=alt.Y("district:N", sort=None, title=None),
            tooltip=[
                alt.Tooltip("district:N", title=_("District")),
                alt.Tooltip("said:N", title=_("Index gain")),
                alt.Tooltip("villages:Q", title=_("Villages in the plan")),
            ],
        )
    )
    text = bars.mark_text(align="left", dx=4).encode(text="said:N")
    st.altair_chart((bars + text).properties(height=28 * len(table) + 40))
