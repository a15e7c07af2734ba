"""The foot of every page: how old the data are, what the words of the trade mean, and a way to say what is wrong."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _, date
from coverage.outputs import glossary
from coverage.store import feedback, region_key
from coverage.ui import journal, people, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.region import Region

_WORDS = "feedback_words"


def show(region: Region | None, page: str) -> None:
    """Draw it; without a region where many are shown."""
    with st.container(key="foot", horizontal=True, vertical_alignment="center"):
        if region is not None and (said := data_dates(region)):
            st.caption(literal(said), width="content")
        with st.popover(_("Words explained"), icon=":material/menu_book:", type="tertiary"):
            st.markdown("\n".join(f"- {literal(sentence)}" for sentence in glossary.sentences()))
        with st.popover(_("Something wrong?"), icon=":material/feedback:", type="tertiary"):
            _form(region, page)


def data_dates(region: Region) -> str:
    """From when the data are, in words; empty where no layer says."""
    dates = sorted(layer.date for layer in region.layers.values() if layer.date)
    if not dates:
        return ""
    if dates[0] == dates[-1]:
        return _("Data of {date}").format(date=_day(dates[0]))
    return _("Data from {first} to {last}").format(first=_day(dates[0]), last=_day(dates[-1]))


def _day(text: str) -> str:
    try:
        return date(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _form(region: Region | None, page: str) -> None:
    st.text_area(
        _("What is wrong or missing on this page?"),
        max_chars=2000,
        key=_WORDS,
        help=_("It is kept for the staff of this office, with the page and the village that you look at."),
    )
    st.button(_("Send"), icon=":material/send:", key="feedback_send", on_click=_send, args=(region, page))
    if trouble := st.session_state.pop("feedback_trouble", None):
        st.warning(f"{literal(trouble.what)}. {literal(trouble.todo)}", icon=":material/error:")
    elif st.session_state.pop("feedback_sent", False):
        st.success(_("Thank you. The staff will read it."))


def _send(region: Region | None, page: str) -> None:
    """Keep what was written (a callback)."""
    state.speak()
    code = region_key(region) if region is not None else ""
    try:
        feedback.give(people.here(), people.acting(), code, page, st.session_state[_WORDS], state.village())
    except JangkauError as error:
        st.session_state["feedback_trouble"] = error
        return
    journal.event("feedback", page=page)
    st.session_state[_WORDS] = ""
    st.session_state["feedback_sent"] = True


def received(region: Region) -> None:
    """What people wrote, the latest first."""
    found = feedback.listed(people.here(), people.acting(), region_key(region))
    if not found:
        st.info(_("Nobody wrote yet. Every page has the question Something wrong? at its foot."))
    for row in found[:100]:
        with st.container(border=True):
            parts = [_day(row.created_at[:10]), row.page, row.village_code]
            st.caption(literal(" · ".join(part for part in parts if part)))
            st.markdown(literal(row.words))
