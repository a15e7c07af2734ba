"""Who is at work: the one user of this machine, or whoever has signed in.

Local mode needs no sign-in and listens on this machine only. Shared mode (``[auth]`` in
``.streamlit/secrets.toml``) signs people in with OpenID Connect; what they may do is looked up in
the store at every action, never in what a session says.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage.errors import InputError, JangkauError
from coverage.language import _
from coverage.store import LOCAL, NotAllowedError, Store, open_store, users
from coverage.store.people import role_label
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.store.schema import User

#: Pages that a role may open; staff, planners and administrators open all.
_PAGES: dict[str, frozenset[str]] = {
    "viewer": frozenset({"peta", "desa", "indikator", "wilayah"}),
    "village": frozenset({"peta", "desa", "kerja", "wilayah"}),
    "provider": frozenset({"peta", "desa", "kemitraan"}),
}
#: Topics of a village's story, in its order.
TOPICS = ("service", "why", "left_out", "deal", "price", "second", "gain", "plan")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: A sign-in is asked for again after this many hours, whatever the identity provider says.
_HOURS = 12.0


def shared() -> bool:
    """Whether people sign in (shared mode).

    Raises
    ------
    InputError
        Where the app can be reached from other machines and nobody signs in.
    """
    if _signs_in():
        return True
    if st.get_option("server.address") not in _LOOPBACK:
        raise InputError(
            _("Other machines can reach this app, but nobody signs in"),
            where="server.address",
            todo=_("Let it listen on localhost, or set up signing in: see docs/deploy.md"),
        )
    return False


@st.cache_resource(show_spinner=False)
def _signs_in() -> bool:
    from streamlit.auth_util import get_secrets_auth_section

    return bool(get_secrets_auth_section())


@st.cache_resource(show_spinner=False)
def store(in_shared_mode: bool) -> Store:
    """The store, open as long as the server runs; only in local mode the local user may act."""
    return open_store(trusted=frozenset() if in_shared_mode else frozenset({LOCAL}))


def here() -> Store:
    """The store of this app."""
    return store(shared())


def acting() -> str:
    """Id of whoever is at work in this run; empty where nobody has signed in.

    Raises
    ------
    NotAllowedError
        Where the sign-in is of somebody who is not known, or whose account is closed.
    """
    if not shared():
        return LOCAL
    claims: dict[str, Any] = dict(st.user) if st.user.is_logged_in else {}
    if not claims or _expired(claims):
        return ""
    return users.sign_in(
        here(),
        str(claims.get("iss", "")),
        str(claims.get("sub", "")),
        str(claims.get("email", "")),
        email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name", "")),
    ).id


def _expired(claims: dict[str, Any]) -> bool:
    """Whether the sign-in is too old, or does not say how old it is."""
    hours = float(os.environ.get("JANGKAU_SESSION_HOURS", _HOURS))
    issued = claims.get("iat")
    return not isinstance(issued, int | float) or time.time() - issued > hours * 3600


def user() -> User | None:
    """Whoever is at work, as the store knows them now."""
    who = acting()
    return users.get(here(), who) if who else None


def door() -> User | None:
    """The user; where nobody is, or may be, say what to do and draw nothing else."""
    try:
        found = user()
    except NotAllowedError as error:
        st.error(f"{literal(error.what)}. {literal(error.todo)}", icon=":material/lock:")
        st.button(_("Sign out"), on_click=st.logout)
        return None
    if found is None:
        st.header(_("Jangkau"), anchor=False)
        st.write(_("Please sign in. An administrator of your office must have added your e-mail address."))
        st.button(_("Sign in"), icon=":material/login:", type="primary", on_click=st.login)
    return found


def may_open(found: User, page: str) -> bool:
    """Whether a page is among those of the user's role."""
    allowed = _PAGES.get(found.role)
    return allowed is None or page in allowed


def badge(found: User) -> None:
    """Who is at work, in the header."""
    if found.id == LOCAL:
        with st.container(key="machine", width="content"):
            st.badge(
                _("This machine only"),
                icon=":material/computer:",
                color="gray",
                help=_("One user, no sign-in. Work is kept in {place}.").format(place=literal(here().where)),
            )
        return
    label = literal(found.name or found.email)
    with st.container(key="person", width="content"), st.popover(label, icon=":material/person:"):
        st.write(literal(role_label(found.role)))
        st.button(_("Sign out"), on_click=st.logout)


def secrets() -> bool:
    """Whether whoever is at work may see what is for staff only; an unknown user may not."""
    from coverage.store import deals

    try:
        return deals.secret_figures(here(), acting())
    except JangkauError:
        return False


def require(action: str) -> None:
    """Refuse whoever is at work and may not do this, as the store knows them now.

    Raises
    ------
    NotAllowedError
    """
    with here().work(acting(), action, write=False):
        pass


def may_do(action: str) -> bool:
    """Whether whoever is at work may do this at all."""
    try:
        require(action)
    except NotAllowedError:
        return False
    return True


def own_deals(analysis: Analysis) -> frozenset[str] | None:
    """Ids of the deals that whoever is at work may see, where these are not all: a provider's, a village's."""
    from coverage.store import deals, region_key

    found = user()
    if found is not None and found.role not in ("village", "provider"):
        return None
    seen = deals.visible(here(), acting(), region_key(analysis.region), analysis.deals)
    return frozenset(seen["deal_id"]) if "deal_id" in seen.columns else frozenset()


def open_terms() -> frozenset[str] | None:
    """Villages whose terms whoever is at work may read where no table of deals tells whose they are; none: all."""
    found = user()
    if found is not None and found.role not in ("village", "provider"):
        return None
    return frozenset({found.village_code} if found is not None and found.role == "village" else ())


def topics(analysis: Analysis, village_code: str) -> tuple[str, ...]:
    """Topics of a village's story that whoever is at work may read: terms of others' deals are not among them."""
    own, found = own_deals(analysis), user()
    best = analysis.gain.loc[analysis.gain["village_code"] == village_code, "best_deal_id"]
    if own is None or set(best.dropna()) <= own:
        # What others would offer is not for a provider to see.
        return tuple(t for t in TOPICS if t != "second" or found is None or found.role != "provider")
    return tuple(topic for topic in TOPICS if topic not in ("deal", "price", "second"))
