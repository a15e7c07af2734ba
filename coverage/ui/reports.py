"""Signal reports: the form that villages fill in, and the queue that staff work through."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _, date, ngettext
from coverage.outputs import words
from coverage.store import Store, evidence, region_key
from coverage.store.evidence import Report
from coverage.store.reviews import state_label
from coverage.ui import boxes, people, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.region import Region
    from coverage.store.schema import SignalReport, User

_PHOTO_MB = 5
_STATES = {"open": "blue", "asked": "orange", "accepted": "green", "rejected": "red"}


def form(region: Region, user: User) -> None:
    """Report the signal of a place."""
    names = dict(zip(region.villages["village_code"], region.villages["village_name"], strict=True))
    if user.role == "village":
        names = {code: name for code, name in names.items() if code == user.village_code}
    if not names:
        st.info(_("Your village is not in this region."))
        return
    codes = list(names)
    start = codes.index(state.village()) if state.village() in names else 0
    code = st.selectbox(
        _("Village"), codes, index=start, format_func=lambda c: f"{names[c]} · {c}", key="report_village"
    )
    hamlets = region.settlements[region.settlements["village_code"] == code]
    places = {"": _("the whole village")} | dict(zip(hamlets["settlement_id"], hamlets["settlement_name"], strict=True))
    operators = sorted(set(region.cells["operator"]))
    with st.form("report", border=True, clear_on_submit=True):
        place = st.selectbox(_("Where"), list(places), format_func=places.__getitem__)
        signals: dict[str, str] = {}
        said = {"": "–", "none": _("no signal"), "weak": _("weak"), "served": _("good")}
        for operator in operators:
            signals[operator] = st.segmented_control(
                literal(operator), list(said), format_func=said.__getitem__, default="", required=True,
                key=f"report-{operator}",
            )  # fmt: skip
        everyone = st.checkbox(_("No other operator can be received there"))
        day = st.date_input(_("When"), max_value="today", format="DD/MM/YYYY")
        reporter = st.text_input(_("Who saw it"), max_chars=120)
        remark = st.text_area(_("Remark"), max_chars=1000)
        boxes.tell("report_photo", _PHOTO_MB, ("jpg", "png"))
        photo = st.file_uploader(
            _("Photo of the phone (optional)"), type=["jpg", "jpeg", "png"], max_upload_size=_PHOTO_MB,
            key="report_photo",
        )  # fmt: skip
        if st.form_submit_button(_("Send"), icon=":material/send:", type="primary"):
            made = Report(
                village_code=str(code),
                signals={name: value for name, value in signals.items() if value},
                date=day.isoformat(),
                reporter=reporter,
                settlement_id=str(place),
                everyone=everyone,
                remark=remark,
            )
            try:
                evidence.report(
                    people.here(), people.acting(), region_key(region), made, photo.getvalue() if photo else None
                )
            except JangkauError as error:
                st.error(f"{literal(error.what)}. {literal(error.todo)}", icon=":material/error:")
            else:
                st.success(_("Thank you. Staff will look at it; once accepted it changes the map."))


def queue(region: Region) -> None:
    """Reports that wait, to be accepted, asked about or rejected."""
    store, acting, key = people.here(), people.acting(), region_key(region)
    waiting = evidence.listed(store, acting, key, "open", "asked")
    decided = evidence.listed(store, acting, key, "accepted", "rejected")
    st.markdown(
        ngettext("**{count} report waits.**", "**{count} reports wait.**", len(waiting)).format(count=len(waiting))
    )
    for row in waiting[:20]:
        _card(store, acting, region, row)
    if decided:
        with st.expander(_("Decided"), icon=":material/history:"):
            for row in reversed(decided[-50:]):
                st.markdown(_line(region, row))


def _line(region: Region, row: SignalReport) -> str:
    names = dict(zip(region.villages["village_code"], region.villages["village_name"], strict=True))
    told = ", ".join(f"{operator}: {words.access_class(value)}" for operator, value in sorted(row.signals.items()))
    place = names.get(row.village_code, row.village_code)
    return literal(f"{place} · {date(dt.date.fromisoformat(row.date))} · {told} · {row.reporter}") + (
        f" :{_STATES[row.state]}-badge[{literal(state_label(row.state))}]"
    )


def _card(store: Store, acting: str, region: Region, row: SignalReport) -> None:
    with st.container(border=True):
        st.markdown(_line(region, row))
        if row.remark:
            st.caption(literal(row.remark))
        if row.photo_id:
            found = evidence.photo_of(store, acting, row.id)
            if found:
                st.image(found[1], width=240)
        note = st.text_input(_("Note"), key=f"note-{row.id}", max_chars=500)
        with st.container(horizontal=True):
            for verdict, label, icon in (
                ("accept", _("Accept"), ":material/check:"),
                ("ask", _("Ask back"), ":material/help:"),
                ("reject", _("Reject"), ":material/close:"),
            ):
                st.button(
                    label, key=f"{verdict}-{row.id}", icon=icon, on_click=_review,
                    args=(store, acting, row, verdict, note),
                )  # fmt: skip


def _review(store: Store, acting: str, row: Any, verdict: str, note: str) -> None:
    try:
        evidence.review(store, acting, row.id, row.version, verdict, note)
    except JangkauError as error:
        st.session_state["work_trouble"] = f"{error.what}. {error.todo}"
