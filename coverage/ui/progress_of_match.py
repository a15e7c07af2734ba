"""How far a match has come: steps with date and note, pins, and who else changed it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _, date
from coverage.store import Conflict, Store, conflicts, matches, region_key
from coverage.store.matches import Offer
from coverage.store.steps import NEXT, status_label
from coverage.ui import people, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.store.schema import Match

_COLOUR = {
    "proposed": "gray",
    "contacted": "blue",
    "negotiating": "orange",
    "agreed": "green",
    "built": "violet",
    "declined": "red",
}


def statuses(analysis: Analysis) -> dict[str, str]:
    """Deal id -> status in words, of the matches on record that the user may see."""
    try:
        found = matches.listed(people.here(), people.acting(), region_key(analysis.region))
    except JangkauError:
        return {}
    return {match.deal_id: status_label(match.status) for match in found}


def steps(analysis: Analysis, deal_id: str) -> None:
    """The standing of one match and what may follow."""
    store, acting, key = people.here(), people.acting(), region_key(analysis.region)
    try:
        match = _find(store, acting, key, deal_id)
        if match is None:
            st.info(_("This match is not on record yet: it is only calculated."))
            st.button(
                _("Put it on record"), icon=":material/bookmark_add:", on_click=_propose, args=(analysis, deal_id)
            )
        else:
            _standing(store, acting, key, match)
        _choice(analysis, deal_id, match.choice if match else "")
    except JangkauError as error:
        st.error(f"{literal(error.what)}. {literal(error.todo)}", icon=":material/lock:")
    _trouble(store, acting)


def _find(store: Store, acting: str, key: str, deal_id: str) -> Match | None:
    return next((match for match in matches.listed(store, acting, key) if match.deal_id == deal_id), None)


def _offer(analysis: Analysis, deal_id: str) -> Offer:
    row = analysis.deals.set_index("deal_id").loc[deal_id]
    return Offer(
        deal_id, str(row["option_id"]), str(row["village_code"]), str(row["provider_id"]), str(row["business_model"])
    )


def _propose(analysis: Analysis, deal_id: str) -> None:
    _try(
        lambda: matches.propose(
            people.here(),
            people.acting(),
            region_key(analysis.region),
            _offer(analysis, deal_id),
            sample=analysis.region.is_sample,
        )
    )


def _standing(store: Store, acting: str, key: str, match: Match) -> None:
    st.badge(status_label(match.status), color=_COLOUR[match.status])  # type: ignore[arg-type]
    past = matches.history(store, acting, key, match.id)
    if past:
        table = pd.DataFrame(
            {
                "date": [date(dt.date.fromisoformat(step.date)) for step in past],
                "status": [status_label(step.new) for step in past],
                "note": [step.note for step in past],
            }
        )
        st.dataframe(
            table,
            hide_index=True,
            placeholder="–",
            column_config={"date": _("Date"), "status": _("Status"), "note": _("Note")},
        )
    with st.form(f"step-{match.id}", border=True):
        following = st.selectbox(_("Next"), NEXT[match.status], format_func=status_label)
        day = st.date_input(_("When"), max_value="today", format="DD/MM/YYYY")
        note = st.text_input(_("Note"), max_chars=500)
        sure = st.checkbox(_("I know that these are sample data")) if match.sample else True
        if st.form_submit_button(_("Save"), icon=":material/save:"):
            _try(
                lambda: matches.set_status(
                    store, acting, match.id, match.version, str(following), date=day.isoformat(), note=note,
                    sample_confirmed=sure,
                )
            )  # fmt: skip
            st.rerun()


def _choice(analysis: Analysis, deal_id: str, now: str) -> None:
    """Pin or rule out: plans made from now on obey."""
    labels = {"": _("let the plan decide"), "pin": _("must be in the plan"), "forbid": _("must not be in the plan")}
    key = f"choice-{deal_id}"
    st.session_state[key] = now
    st.segmented_control(
        _("This match"),
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        required=True,
        on_change=lambda: _try(
            lambda: matches.choose(
                people.here(),
                people.acting(),
                region_key(analysis.region),
                _offer(analysis, deal_id),
                st.session_state[key],
                sample=analysis.region.is_sample,
            )
        ),
        help=_("Staff may fix or rule out a match; the plan is then made around it."),
    )


def _try(action: Any) -> None:
    """Do it; what went wrong is said at the next drawing."""
    state.speak()  # a callback runs before the page does
    st.session_state.pop("match_trouble", None)
    try:
        action()
    except JangkauError as error:
        st.session_state["match_trouble"] = error


def _trouble(store: Store, acting: str) -> None:
    error = st.session_state.get("match_trouble")
    if error is None:
        return
    if not isinstance(error, Conflict):
        st.session_state.pop("match_trouble")
        st.error(f"{literal(error.what)}. {literal(error.todo)}", icon=":material/error:")
        return
    st.warning(f"{literal(error.what)}. {literal(error.todo)}", icon=":material/group:")
    with st.container(horizontal=True):
        st.button(_("Merge both"), on_click=lambda: _try(lambda: conflicts.merge(store, acting, error)))
        st.button(_("Overwrite with mine"), on_click=lambda: _try(lambda: conflicts.overwrite(store, acting, error)))
        st.button(_("Drop mine"), on_click=lambda: st.session_state.pop("match_trouble", None))
