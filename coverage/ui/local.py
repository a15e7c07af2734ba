"""Tables of the village page: its hamlets, its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.language import _, number, percent
from coverage.outputs import maps, words
from coverage.ui import state
from coverage.ui.drawn import drawn

if TYPE_CHECKING:
    from coverage.analysis import Analysis


@drawn
def settlements(analysis: Analysis, code: str) -> None:
    """The hamlets of a village, the worst first."""
    found = analysis.access.settlements
    mine = found[found["village_code"] == code]
    if mine.empty:
        st.info(_("No hamlets of this village are known."))
        return
    share = (mine["population_covered"] / mine["population"]).where(mine["population"] > 0, 0.0)
    frame = pd.DataFrame(
        {
            "name": mine["settlement_name"],
            "access": mine["access_class"].map(words.access_class),
            "people": mine["population"],
            "share": share,
            "left_out": (mine["population"] - mine["population_covered"]).clip(lower=0),
            "signal": mine["rsrp_dbm"],
            "evidence": mine["evidence"].map(words.evidence),
        }
    ).sort_values(["share", "name"])
    formats: dict[str, Any] = {"people": number, "left_out": number, "share": percent, "signal": number}
    st.dataframe(
        frame.style.format(formats, na_rep="–"),
        hide_index=True,
        placeholder="–",
        column_config={
            "name": st.column_config.TextColumn(_("Hamlet"), pinned=True),
            "access": _("Service"),
            "people": st.column_config.NumberColumn(_("People")),
            "share": st.column_config.NumberColumn(_("Covered")),
            "left_out": st.column_config.NumberColumn(_("Left out")),
            "signal": st.column_config.NumberColumn(
                _("Signal (dBm)"), help=_("Strength of the 4G signal (RSRP): −95 is good, −115 is hardly usable")
            ),
            "evidence": _("Basis"),
        },
    )


def neighbours(analysis: Analysis, code: str) -> None:
    """The villages that touch this one, and what they have; a click goes there."""
    villages = analysis.region.villages
    shape = villages.loc[villages["village_code"] == code, "geometry"].iloc[0]
    near = villages[villages.geometry.intersects(shape.buffer(_TOUCH_DEG)) & (villages["village_code"] != code)]
    if near.empty:
        st.info(_("No neighbours are known."))
        return
    access = analysis.access.villages.set_index("village_code")["access_class"]
    best = analysis.gain.set_index("village_code")["best_deal_id"].map(maps.deal_technology(analysis))
    frame = pd.DataFrame(
        {
            "name": near["village_name"].to_numpy(),
            "access": [words.access_class(access.get(c, "unknown")) for c in near["village_code"]],
            "deal": [words.technology(t) if isinstance(t := best.get(c), str) else "–" for c in near["village_code"]],
        }
    )
    codes = near["village_code"].tolist()
    key = f"neighbours-{code}"
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        placeholder="–",
        on_select=lambda: _go(key, codes),
        selection_mode="single-row",
        column_config={"name": _("Village"), "access": _("Service"), "deal": _("Best deal")},
    )


#: Borders drawn by different hands rarely touch exactly (about 100 m).
_TOUCH_DEG = 0.001


def _go(key: str, codes: list[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        state.choose_village(codes[rows[0]])
