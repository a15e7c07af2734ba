"""Who may come in, and who did what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _
from coverage.store import ROLES, audit, region_key, users
from coverage.store.people import role_label
from coverage.store.users import Person
from coverage.ui import people
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.region import Region
    from coverage.store.schema import AuditEntry, User


def persons(region: Region) -> None:
    """Add people, change their role, close accounts."""
    store, acting = people.here(), people.acting()
    if not people.shared():
        st.info(_("On this machine there is one user and no sign-in. How an office shares Jangkau: docs/deploy.md."))
    with st.form("person", border=True, clear_on_submit=True):
        email = st.text_input(_("E-mail"), max_chars=200)
        role = st.selectbox(_("Role"), ROLES, format_func=role_label)
        village = st.text_input(_("Code of the village (role village)"), max_chars=13)
        provider = st.selectbox(
            _("Provider (role provider)"), ["", *region.providers["provider_id"]], format_func=lambda p: p or "–"
        )
        if st.form_submit_button(_("Add"), icon=":material/person_add:"):
            try:
                users.add(store, acting, Person(email, str(role), village_code=village, provider_id=str(provider)))
            except JangkauError as error:
                st.error(f"{literal(error.what)}. {literal(error.todo)}", icon=":material/error:")
            else:
                st.success(_("Added."), icon=":material/check:")
    for user in users.listed(store, acting):
        if user.email:
            _person(user)


def _person(user: User) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        scope = " · ".join(part for part in (user.village_code, user.provider_id) if part)
        st.markdown(
            f"**{literal(user.email)}** {literal(user.name)} · {literal(role_label(user.role))} {literal(scope)}",
            width="stretch",
        )
        st.button(
            _("Close the account") if user.active else _("Open the account"),
            key=f"active-{user.id}",
            on_click=_set_active,
            args=(user.id, user.version, not user.active),
        )


def _set_active(user_id: str, version: int, active: bool) -> None:
    try:
        users.change(people.here(), people.acting(), user_id, version, active=active)
    except JangkauError as error:
        st.session_state["work_trouble"] = f"{error.what}. {error.todo}"


def log(region: Region) -> None:
    """The audit log of the region, newest first."""
    found = audit.entries(people.here(), people.acting(), region_key(region))
    table = pd.DataFrame(
        {
            "when": [_moment(entry) for entry in found],
            "who": [entry.user_id for entry in found],
            "what": [entry.action for entry in found],
            "before": [_shown(entry.before) for entry in found],
            "after": [_shown(entry.after) for entry in found],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        placeholder="–",
        column_config={
            "when": _("When (UTC)"),
            "who": _("Who"),
            "what": _("What"),
            "before": st.column_config.TextColumn(_("Before"), width="medium"),
            "after": st.column_config.TextColumn(_("After"), width="medium"),
        },
    )


def _moment(entry: AuditEntry) -> str:
    written: str = vars(entry)["at"]
    return written[:19].replace("T", " ")


def _shown(values: dict[str, object] | None) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)[:2000] if values else ""
