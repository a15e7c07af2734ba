"""The assumptions as a searchable table, and the control that changes one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from coverage import assumptions as files
from coverage.assumptions import Assumption, Assumptions
from coverage.language import _
from coverage.outputs import words
from coverage.ui import people, state
from coverage.ui.words import literal

_KEY = "assumptions"


def known() -> Assumptions:
    """All assumptions with the scenario's changes."""
    return files.load().override(st.session_state["scenario"]["assumptions"])


def open_names(found: Assumptions) -> list[str]:
    """Names that whoever is at work may see: the returns that providers ask for are for staff alone."""
    secret = people.secrets()
    return [name for name in found if secret or "hurdle" not in name]


def show(found: Assumptions, names: list[str]) -> None:
    """Search, table, and the form for the row that is chosen."""
    changed = st.session_state["scenario"]["assumptions"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(_("Search"), placeholder=_("word, name, unit or source"), key="assumption_search")
        topics = sorted({name.split(".")[0] for name in names})
        topic = st.selectbox(
            _("Topic"), topics, index=None, format_func=words.topic, placeholder=_("all"), key="assumption_topic"
        )
    only = st.pills(_("Show only"), ("judgement", "changed"), format_func=_only, key="assumption_only")
    rows = [found.row(name) for name in names]
    rows = [row for row in rows if _matches(row, text, topic, only, changed)]
    if not rows:
        st.info(_("No assumption matches the search."))
        return
    table = st.dataframe(
        _frame(rows, changed),
        key=_KEY,
        hide_index=True,
        height=min(460, 40 + 36 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "note": st.column_config.TextColumn(_("Assumption"), pinned=True, width="large"),
            "value": _("Value"),
            "range": _("Range"),
            "unit": _("Unit"),
            "basis": st.column_config.TextColumn(_("Basis"), help=_("Judgement: no source stands behind it")),
            "source": st.column_config.TextColumn(_("Source"), width="medium"),
            "year": _("Year"),
            "name": _("Name"),
        },
    )
    picked = table["selection"]["rows"]
    if picked and picked[0] < len(rows):
        _edit(rows[picked[0]], changed)
    else:
        st.caption(_("Choose a row to read all of it or to try another value."))
    if changed:
        st.button(_("Undo all changes"), icon=":material/restart_alt:", on_click=_reset_all)


def _only(code: str) -> str:
    return {"judgement": _("judgement"), "changed": _("changed")}[code]


def _matches(row: Assumption, text: str, topic: str | None, only: str | None, changed: dict[str, float]) -> bool:
    everything = " ".join((row.name, row.note_id, row.note_en, row.unit, row.source)).lower()
    return (
        all(word in everything for word in text.lower().split())
        and (not topic or row.name.split(".")[0] == topic)
        and (only != "judgement" or row.is_judgement)
        and (only != "changed" or row.name in changed)
    )


def _frame(rows: list[Assumption], changed: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "note": [("● " if row.name in changed else "") + row.note for row in rows],
            "value": [words.value(row.value, row.unit) for row in rows],
            "range": [f"{words.value(row.low, row.unit)} – {words.value(row.high, row.unit)}" for row in rows],
            "unit": [words.unit(row.unit) for row in rows],
            "basis": [_("judgement") if row.is_judgement else _("with source") for row in rows],
            "source": [row.source or "–" for row in rows],
            "year": [row.year for row in rows],
            "name": [row.name for row in rows],
        }
    )


def _edit(row: Assumption, changed: dict[str, float]) -> None:
    with st.container(border=True):
        st.markdown(f"**{literal(row.note)}** · {literal(row.name)}")
        if row.is_judgement:
            st.badge(_("judgement"), icon=":material/psychology:", color="orange")
        else:
            st.caption(f"{literal(row.source)} ({literal(row.year)})")
        key = f"value-{row.name}"
        st.session_state.setdefault(key, row.value)
        span = row.high - row.low
        st.number_input(
            _("Value ({unit}), plausible from {low} to {high}").format(
                unit=literal(words.unit(row.unit)),
                low=words.value(row.low, row.unit),
                high=words.value(row.high, row.unit),
            ),
            key=key,
            step=span / 20 or None,
            format="%g",
        )
        with st.container(horizontal=True):
            st.button(_("Calculate with this value"), type="primary", on_click=_apply, args=(row.name,))
            if row.name in changed:
                st.button(_("Back to the default"), on_click=_reset, args=(row.name,))
        value = st.session_state[key]
        if not row.low <= value <= row.high:
            st.warning(_("This value lies outside the plausible range."))


def _apply(name: str) -> None:
    value = float(st.session_state[f"value-{name}"])
    changed = dict(st.session_state["scenario"]["assumptions"])
    if value == files.load()[name]:
        changed.pop(name, None)
    else:
        changed[name] = value
    state.change_scenario(assumptions=changed)


def _reset(name: str) -> None:
    changed = {k: v for k, v in st.session_state["scenario"]["assumptions"].items() if k != name}
    st.session_state.pop(f"value-{name}", None)
    state.change_scenario(assumptions=changed)


def _reset_all() -> None:
    for name in st.session_state["scenario"]["assumptions"]:
        st.session_state.pop(f"value-{name}", None)
    state.change_scenario(assumptions={})
