"""Together is cheaper: the villages that would share a link or a mast, what each pays alone and together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
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
    if told := outputs.told(analysis, village_code):
        head = literal(_("Together is cheaper"))
        st.markdown(f"**{head}.** {literal(' '.join(told))}")


def show(analysis: Analysis, village_code: str) -> None:
    """The groups of a village: those with whom it could share a mast, and a link."""
    mast, found = outputs.masts(analysis).get(village_code), group(analysis, village_code)
    if mast is not None:
        _mast(analysis, mast, village_code)
    if found is not None:
        _links(analysis, found, village_code)
    elif mast is None:
        st.info(_("No other recommended deal would share this village's mast or link: it stands alone."))


def _mast(analysis: Analysis, found: Together, village_code: str) -> None:
    head = literal(_("One mast for several"))
    st.markdown(f"**{head}.** {literal(found.sentence(village_code))}")
    cluster, money = found.cluster, rupiah_short
    order = [cluster.village_codes.index(c) for c in (village_code, *cluster.invite_first(village_code))]
    owners = analysis.option_set.options.set_index("option_id")["village_code"]
    sites = {str(owners[name]) for name in cluster.masts}
    mark = _("mast here")
    st.dataframe(
        pd.DataFrame(
            [
                (
                    found.names[cluster.village_codes[k]] + (f" ({mark})" if cluster.village_codes[k] in sites else ""),
                    money(float(cluster.alone_idr[k])),
                    money(float(cluster.split.shares[k])),
                )
                for k in order
            ],
            columns=["name", "alone", "together"],
        ),
        key=f"mast-{village_code}-{language()}",
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(_("Village"), pinned=True),
            "alone": _("Mast and link alone"),
            "together": _("Mast and link together"),
        },
    )
    public = outputs.public_money(analysis, found)
    if public is not None:
        told = _("Public money for all of them: {together} instead of {alone}, each deal with its own link.")
        st.markdown(literal(told.format(together=money(public.together_idr), alone=money(public.alone_idr))))
    st.caption(literal(found.rule))


def _links(analysis: Analysis, found: Together, village_code: str) -> None:
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
