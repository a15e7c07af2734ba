"""The first minute: three steps for each kind of people, each step a page that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from coverage.language import _, mark, number
from coverage.ui import parts, people, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.store.schema import User

_ROLES = {
    "village": mark("a village"),
    "office": mark("Kominfo or Diskominfo"),
    "planner": mark("planning (Bappeda)"),
}
#: Page and what it answers, in the order in which it helps.
_STEPS = {
    "village": (
        ("desa", mark("How it is served and why, what can be done, what that costs a month.")),
        ("peta", mark("Look at the neighbours: sharing a link with them makes it cheaper.")),
        ("kerja", mark("Report what the signal of your hamlet is really like.")),
    ),
    "office": (
        ("kemitraan", mark("See for each village the provider that fits, why, and on what terms both would sign.")),
        ("peta", mark("Switch the map to Service and Operators to see who is left out.")),
        ("data", mark("Check how good the data are before you write to anybody.")),
    ),
    "planner": (
        ("skenario", mark("Set a budget and an aim; the best plan is made at once. Compare two under Compare.")),
        ("indikator", mark("See which indicators move, where, and how certain that is.")),
        ("asumsi", mark("Every number behind it can be read and changed.")),
    ),
}
#: Who signs in as one of these need not say so.
_SIGNED_IN = {"village": "village", "staff": "office", "planner": "planner"}


def show(user: User, villages: dict[str, str], page: str) -> None:
    """Ask who is here; show the way to pages that are open to them.

    Parameters
    ----------
    user : User
        Whoever is at work.
    villages : dict
        What every village is found by, by its code.
    page : str
        Name of the page that is being drawn.
    """
    if st.session_state.get("tour_page") != page:  # a link of the tour was followed: it must not hide the answer
        st.session_state.update(tour_page=page, tour_open=False)
    with st.container(key="tour", width="content"):
        box = st.popover(_("New here?"), icon=":material/waving_hand:", key="tour_open", on_change="rerun")
    if not box.open:
        return
    with box:
        role = st.pills(
            _("I am from"),
            list(_ROLES),
            default=_SIGNED_IN.get(user.role),
            format_func=lambda r: _(_ROLES[r]),
            key="role",
            persist_state="session",
        )
        if role is None:
            st.write(_("Choose, and three steps lead to your answer."))
            return
        if role == "village":
            parts.village_box(_("Which village?"), villages, "tour_village", _go)
        _steps(role, user)


def _go() -> None:
    """Open the page of the village that was chosen (a callback)."""
    if code := st.session_state["tour_village"]:
        state.choose_village(code)
        st.session_state.update(goto="desa", tour_open=False)


def _steps(role: str, user: User) -> None:
    titles = {
        "peta": _("Map"),
        "desa": _("Village"),
        "kemitraan": _("Deals"),
        "skenario": _("Scenario"),
        "indikator": _("Indicators"),
        "data": _("Data"),
        "asumsi": _("Assumptions"),
        "kerja": _("Work"),
    }
    steps = [(page, text) for page, text in _STEPS[role] if people.may_open(user, page)]
    for place, (page, text) in enumerate(steps, 1):
        told = literal(_(text))
        st.markdown(f"**{number(place)}** {told}")
        st.page_link(parts.page(page), label=titles[page], icon=":material/arrow_forward:")
