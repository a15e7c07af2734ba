"""Replies of residents, pasted from SMS or WhatsApp: what is read, what is not, and on into the queue."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from coverage.access.replies import Replies, replies
from coverage.errors import JangkauError
from coverage.language import _, ngettext, number
from coverage.outputs import words
from coverage.store import evidence, region_key
from coverage.store.evidence import Report
from coverage.store.people import may
from coverage.ui import people
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.region import Region

#: Who reported, in the store and in tables: the sender's number is not kept.
SENDER = "SMS/WhatsApp"
#: Stands for the operator where the message names none.
_UNNAMED = "?"
_LIMIT = 200_000


def show(region: Region) -> None:
    """A box to paste messages into; what was read may be put into the queue of reports."""
    user = people.user()
    if user is None or not may(user, "evidence.report"):
        return
    st.subheader(_("Replies by SMS or WhatsApp"), anchor=False)
    st.write(
        _(
            "The village pages carry a message that residents fill in and send. "
            "Paste what arrived, one message after the other; time stamps and names around it do no harm."
        )
    )
    left, right = st.columns([3, 1])
    text = left.text_area(
        _("Messages"), key="pasted", height=160, max_chars=_LIMIT,
        placeholder="JANGKAU 33.27.01.2001 …\nDusun: …\nOperator: …\nSinyal (tidak ada/lemah/baik): …",
    )  # fmt: skip
    day = right.date_input(_("Received on"), max_value="today", format="DD/MM/YYYY", key="pasted_day")
    everyone = st.checkbox(
        _("Messages without an operator speak of all operators"), key="pasted_everyone",
        help=_("Otherwise nothing follows from them where the signal is weak or missing: another operator may reach"),
    )  # fmt: skip
    if not (text or "").strip():
        return
    received = day if isinstance(day, dt.date) else dt.date.today()
    found = replies(text, region.villages, region.settlements, received)
    _read(found, region)
    _unread(found)
    if len(found.evidence) and st.button(
        _("Put into the queue of reports"), key="pasted_save", icon=":material/playlist_add:", type="primary"
    ):
        _save(found, region, everyone=everyone)


def _read(found: Replies, region: Region) -> None:
    rows = found.evidence
    text = ngettext("**{count} message was read.**", "**{count} messages were read.**", len(rows))
    st.markdown(text.format(count=number(len(rows))))
    if rows.empty:
        return
    villages = dict(zip(region.villages["village_code"], region.villages["village_name"], strict=True))
    st.dataframe(
        pd.DataFrame(
            {
                "village": rows["village_code"].map(villages),
                "hamlet": [found.answers[name]["hamlet"] for name in rows["evidence_id"]],
                "operator": [found.answers[name]["operator"] for name in rows["evidence_id"]],
                "signal": rows["access_class"].map(words.access_class),
                "date": rows["date"],
            }
        ),
        hide_index=True, placeholder="–", key="pasted_rows",
        column_config={
            "village": st.column_config.TextColumn(_("Village"), pinned=True), "hamlet": _("Hamlet"),
            "operator": _("Operator"), "signal": _("Service"), "date": _("Date"),
        },
    )  # fmt: skip


def _unread(found: Replies) -> None:
    if not found.unread:
        return
    text = ngettext("{count} message was not read:", "{count} messages were not read:", len(found.unread))
    lines = "\n".join(f"- {literal(one.text)}" for one in found.unread)
    st.warning(f"{text.format(count=number(len(found.unread)))}\n\n{lines}", icon=":material/error:")


def _reports(found: Replies, region: Region, *, everyone: bool) -> list[Report]:
    """The messages as reports, the operator under the region's name where it has one."""
    operators = {name.casefold(): name for name in sorted(set(region.cells["operator"]))}
    made = []
    for row in found.evidence.to_dict("records"):
        said = found.answers[row["evidence_id"]]
        named = " ".join(said["operator"].split())
        hamlet = said["hamlet"] if not row["settlement_id"] else ""
        made.append(
            Report(
                village_code=row["village_code"],
                signals={operators.get(named.casefold(), named[:80]) or _UNNAMED: row["access_class"]},
                date=row["date"],
                reporter=SENDER,
                settlement_id=row["settlement_id"],
                everyone=everyone and not named,
                remark=_("Hamlet as written: {name}").format(name=hamlet[:200]) if hamlet else "",
            )
        )
    return made


def _save(found: Replies, region: Region, *, everyone: bool) -> None:
    store, acting, key = people.here(), people.acting(), region_key(region)
    try:
        held = {
            (row.village_code, row.settlement_id, row.date, tuple(sorted(row.signals.items())))
            for row in evidence.listed(store, acting, key)
            if row.reporter == SENDER
        }
        fresh = [
            made
            for made in _reports(found, region, everyone=everyone)
            if (made.village_code, made.settlement_id, made.date, tuple(sorted(made.signals.items()))) not in held
        ]
        for made in fresh:
            evidence.report(store, acting, key, made)
    except JangkauError as error:
        st.error(literal(f"{error.what}. {error.todo}"), icon=":material/error:")
        return
    known = len(found.evidence) - len(fresh)
    text = ngettext(
        "{count} report waits on page Work, to be reviewed.", "{count} reports wait on page Work, to be reviewed.",
        len(fresh),
    ).format(count=number(len(fresh)))  # fmt: skip
    if known:
        text += " " + ngettext(
            "{count} was there already.", "{count} were there already.", known
        ).format(count=number(known))  # fmt: skip
    st.success(text, icon=":material/check:")
