"""Together is cheaper: the villages that would share a link, what each pays alone and together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage.language import _, language, rupiah_short
from coverage.outputs import together as outputs
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.outputs.together import Together


def group(analysis: Analysis, village_code: str) -> Together | None:
    """The group that a village's recommended deal would share links with, if there is one."""
    return outputs.groups(analysis).get(village_code)


def sentence(analysis: Analysis, village_code: str) -> None:
    """One paragraph for the village: what it saves, whom to ask first."""
    found = group(analysis, village_code)
    if found is not None:
        head = literal(_("Together is cheaper"))
        st.markdown(f"**{head}.** {literal(found.sentence(village_code))}")


def show(analysis: Analysis, village_code: str) -> None:
    """The whole group of a village."""
    found = group(analysis, village_code)
    if found is None:
        st.info(_("No other recommended deal would share this village's link: it stands alone."))
        return
    st.markdown(literal(found.sentence(village_code)))
    table = outputs.prices(analysis, found)
    order = [village_code, *found.cluster.invite_first(village_code)]
    table = table.set_index("village_code").loc[order].reset_index()
    shown = ["name", "backhaul_alone_idr", "backhaul_together_idr"]
    for what in ("price", "subsidy"):
        unit = "_idr_month" if what == "price" else "_idr"
        shown += [f"{what}_alone{unit}", f"{what}_together{unit}"]
    money: Any = rupiah_short
    st.dataframe(
        table[shown].style.format(dict.fromkeys(shown[1:], money)),
        key=f"together-{village_code}-{language()}",
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(_("Village"), pinned=True),
            "backhaul_alone_idr": st.column_config.NumberColumn(_("Link alone")),
            "backhaul_together_idr": st.column_config.NumberColumn(_("Link together")),
            "price_alone_idr_month": st.column_config.NumberColumn(_("Price alone")),
            "price_together_idr_month": st.column_config.NumberColumn(_("Price together")),
            "subsidy_alone_idr": st.column_config.NumberColumn(_("Public money alone")),
            "subsidy_together_idr": st.column_config.NumberColumn(_("Public money together")),
        },
    )
    st.caption(literal(found.rule))
    st.caption(
        _("The villages stand in the order in which to invite them. The plan divides the links otherwise: what a deal "
          "earns pays first, public money the rest.")
    )  # fmt: skip
