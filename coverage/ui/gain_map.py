"""Where the gain arises: a map and a ranking, for the whole index, a pillar, a programme or one indicator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage.language import _, number
from coverage.outputs import gain_maps, maps
from coverage.ui import drawing, state
from coverage.ui.drawn import drawn

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def show(analysis: Analysis) -> None:
    """Controls, the map and the villages that gain beside it."""
    scopes = gain_maps.scopes(analysis)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        scope, item = st.selectbox(
            _("What gains"), list(scopes), format_func=scopes.__getitem__, key="gain_scope", persist_state="session"
        )
        measure = st.segmented_control(
            _("Counted"),
            gain_maps.MEASURES,
            default=gain_maps.MEASURES[0],
            format_func=gain_maps.measure_title,
            key="gain_measure",
            required=True,
            wrap=True,
        )
    choice = gain_maps.Choice(measure or gain_maps.MEASURES[0], scope, item)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        drawing.show(drawing.View(choice.name), state.village())
        st.caption(maps.layer(analysis, choice.name).note)
    with right:
        _ranking(analysis, choice)


@drawn
def _ranking(analysis: Analysis, choice: gain_maps.Choice) -> None:
    table = gain_maps.ranking(analysis, choice)
    if table.empty:
        st.info(_("Nothing gains here with this plan."))
        return
    digits = maps.gain_digits(table["gain"])
    formats: dict[str, Any] = {"gain": lambda value: "+" + number(value, digits)}
    shown = table.assign(name=table["name"] + " · " + table["district"]).drop(columns="district")
    st.dataframe(
        shown.style.format(formats),
        hide_index=True,
        height=drawing.HEIGHT_PX,
        column_config={
            "name": st.column_config.TextColumn(_("Village"), pinned=True),
            "gain": st.column_config.NumberColumn(_("Index gain")),
            "reason": st.column_config.TextColumn(_("Why here"), width="large"),
        },
    )
