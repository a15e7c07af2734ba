"""The villages as a table: the same selection as the map, sortable, for those who cannot use a map."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from coverage.kept import kept
from coverage.language import _, number, rupiah_short
from coverage.outputs import maps, words
from coverage.ui import people, state
from coverage.ui.written import written

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

    from coverage.analysis import Analysis

_KEY = "villages"


@kept
def table(analysis: Analysis, own: frozenset[str] | None = None) -> tuple[pd.Index[str], Styler]:
    """Codes of the villages and the table that tells of them, made once, since every click shows it.

    Parameters
    ----------
    own : frozenset of str, optional
        Ids of the deals whose terms may be read, where these are not all.
    """
    frame = villages_frame(analysis)
    if own is not None:
        frame = _without_others(frame, analysis, own)
    digits = maps.gain_digits(frame["per_billion"])
    writers: dict[str, Callable[[float], str]] = {
        "people": number,
        "left_out": number,
        "price": rupiah_short,
        "subsidy": rupiah_short,
        "per_billion": lambda value: number(value, digits),
    }
    return frame.index, written(frame, writers)


def villages_frame(analysis: Analysis) -> pd.DataFrame:
    """One row per village, indexed by its code: what the table shows.

    Returns
    -------
    DataFrame
        Index ``village_code``; columns ``name, district, access, people, left_out, deal, price, subsidy,
        per_billion, plan``. Sorted by ``per_billion``, then code.
    """
    villages = analysis.region.villages.set_index("village_code")
    access = analysis.access.villages.set_index("village_code").reindex(villages.index)
    gain = analysis.gain.set_index("village_code").reindex(villages.index)
    deals = analysis.deals.set_index("deal_id")
    technology = gain["best_deal_id"].map(maps.deal_technology(analysis))
    frame = pd.DataFrame(
        {
            "name": villages["village_name"],
            "district": villages["district_name"],
            "access": access["access_class"].fillna("unknown").map(words.access_class),
            "people": villages["population"],
            "left_out": access["population_left_out"],
            "deal": technology.map(lambda t: words.technology(t) if isinstance(t, str) else "–"),
            "price": gain["best_deal_id"].map(deals["price_idr_month"]).astype(float),
            "subsidy": gain["best_deal_id"].map(deals["subsidy_idr"]).astype(float),
            "per_billion": gain["gain_per_billion"].astype(float),
            "plan": gain["in_plan"].fillna(False).astype(bool),
        }
    )
    order = frame.assign(code=frame.index).sort_values(["per_billion", "code"], ascending=[False, True])
    return frame.loc[order.index]


def _without_others(frame: pd.DataFrame, analysis: Analysis, own: frozenset[str]) -> pd.DataFrame:
    """The table without the terms of deals that are not the user's to see."""
    best = analysis.gain.set_index("village_code")["best_deal_id"].reindex(frame.index)
    hidden = ~best.isin(own)
    return frame.assign(price=frame["price"].mask(hidden), subsidy=frame["subsidy"].mask(hidden))


def show(selected: str) -> None:
    """Draw the table; a click on a row chooses the village."""
    here = state.here()
    if here.analysis is None:
        return
    codes, shown = table(here.analysis, people.own_deals(here.analysis))
    chosen = [codes.get_loc(selected)] if selected in codes else []
    state.mirror(_KEY, {"selection": {"rows": chosen, "columns": [], "cells": []}})
    st.dataframe(
        shown,
        key=_KEY,
        hide_index=True,
        placeholder="–",
        height=320,
        on_select=lambda: _picked(list(codes)),
        selection_mode="single-row",
        column_config={
            "name": st.column_config.TextColumn(_("Village"), pinned=True),
            "district": _("District"),
            "access": _("Service"),
            "people": st.column_config.NumberColumn(_("People")),
            "left_out": st.column_config.NumberColumn(_("Left out"), help=_("People without a usable 4G signal")),
            "deal": _("Best deal"),
            "price": st.column_config.NumberColumn(_("Price a month")),
            "subsidy": st.column_config.NumberColumn(_("Public money")),
            "per_billion": st.column_config.NumberColumn(
                _("Index points per Rp 1 billion"), help=_("By its best deal alone; do not add")
            ),
            "plan": st.column_config.CheckboxColumn(_("In the plan")),
        },
    )


def _picked(codes: list[str]) -> None:
    rows = st.session_state[_KEY]["selection"]["rows"]
    if rows:
        state.choose_village(codes[rows[0]])
