"""Terms that one side may set for its own deal: typed in, kept with name and date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from coverage.language import _
from coverage.outputs.documents.content import Subject, subject
from coverage.store import deals as store_deals
from coverage.ui import kept_terms, people

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.partnership import KeptTerms

#: Term -> unit in which it is typed, its step.
_UNITS = {
    "price_idr_month": (1e3, 1.0),
    "speed_mbps": (1.0, 1.0),
    "term_years": (1.0, 1.0),
    "village_share": (0.01, 1.0),
    "contribution_idr": (1e6, 1.0),
    "subsidy_idr": (1e6, 1.0),
}


def form(analysis: Analysis, deal_id: str, kept: KeptTerms) -> None:
    """The terms that whoever is at work may set; what others may set is not shown."""
    mine = _mine()
    if not mine:
        st.info(_("Your role sets no terms."))
        return
    about = subject(analysis, deal_id, kept)
    key = f"side-{deal_id}"
    st.session_state.setdefault(f"{key}-version", kept.version)
    st.markdown(_("What you would agree to. The other side sees it; nobody signs anything here."))
    shown: dict[str, float | None] = {}
    for name in mine:
        unit, step = _UNITS[name]
        st.session_state.setdefault(f"{key}-{name}", round(_held(about, name) / unit, 1))
        typed = st.number_input(_label(name), 0.0, 1e7, step=step, format="%g", key=f"{key}-{name}")
        own, calculated = getattr(kept, name), _held(subject(analysis, deal_id), name)
        if round(typed, 1) == round(calculated / unit, 1):
            shown[name] = None
        elif own is not None and round(typed, 1) == round(own / unit, 1):
            shown[name] = own
        else:
            shown[name] = typed * unit

    def again() -> None:
        for name in (*_UNITS, "version"):
            st.session_state.pop(f"{key}-{name}", None)

    kept_terms.bar(analysis, deal_id, shown, int(st.session_state[f"{key}-version"]), again)


def _mine() -> list[str]:
    """Terms that the role may set; the store checks it again when they are kept."""
    user = people.user()
    if user is None or not people.may_do("deal.edit"):
        return []
    if user.role in ("village", "provider"):
        return [name for name, side in store_deals.TERMS.items() if side == user.role]
    return list(store_deals.TERMS)


def _held(about: Subject, name: str) -> float:
    return float(getattr(about, name))


def _label(name: str) -> str:
    return {
        "price_idr_month": _("Price a month (Rp thousand)"),
        "speed_mbps": _("Speed promised (Mbps)"),
        "term_years": _("Term (years)"),
        "village_share": _("BUMDes keeps of sales (%)"),
        "contribution_idr": _("The village pays once (Rp million)"),
        "subsidy_idr": _("Public money (Rp million)"),
    }[name]
