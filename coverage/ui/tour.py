"""The first minute: three steps for each kind of people, each step a page that answers."""

from __future__ import annotations

import streamlit as st

from coverage.language import _, mark
from coverage.ui import parts, people
from coverage.ui.words import literal

_ROLES = {
    "village": mark("a village"),
    "office": mark("Kominfo or Diskominfo"),
    "planner": mark("planning (Bappeda)"),
}
#: Page and what it answers, in the order in which it helps.
_STEPS = {
    "village": (
        ("desa", mark("Find your village by name at the top, then read how it is served and why.")),
        ("kemitraan", mark("See the best deal for it, its price, and whom to invite.")),
        ("peta", mark("Look at the neighbours: sharing a link with them makes it cheaper.")),
    ),
    "office": (
        ("kemitraan", mark("See for each village the provider that fits, and on what terms both would sign.")),
        ("peta", mark("Switch the map to Service and Operators to see who is left out.")),
        ("data", mark("Check how good the data are before you write to anybody.")),
    ),
    "planner": (
        ("skenario", mark("Set a budget and an aim; the best plan for it is made at once.")),
        ("indikator", mark("See which indicators move, where, and how certain that is.")),
        ("asumsi", mark("Every number behind it can be read and changed.")),
    ),
}


def show() -> None:
    """Ask who is here; show the way."""
    with st.popover(_("New here?"), icon=":material/waving_hand:"):
        role = st.pills(
            _("I am from"), list(_ROLES), format_func=lambda r: _(_ROLES[r]), key="role", persist_state="session"
        )
        if role is None:
            st.write(_("Choose, and three steps lead to your answer."))
        else:
            _steps(role)


def _steps(role: str) -> None:
    titles = {
        "peta": _("Map"),
        "desa": _("Village"),
        "kemitraan": _("Deals"),
        "skenario": _("Scenario"),
        "indikator": _("Indicators"),
        "data": _("Data"),
        "asumsi": _("Assumptions"),
    }
    user = people.user()
    for (page, text), number in zip(_STEPS[role], "123", strict=True):
        told = literal(_(text))
        st.markdown(f"**{number}** {told}")
        if user is None or not people.may_open(user, page):
            continue
        st.page_link(parts.page(page), label=titles[page], icon=":material/arrow_forward:")
