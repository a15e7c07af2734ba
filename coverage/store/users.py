"""People: who they are, their role, and their sign-in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from coverage.errors import InputError
from coverage.language import _
from coverage.store.people import CONSOLE, LOCAL, ROLES, refuse
from coverage.store.schema import AuditEntry, User
from coverage.store.work import new_id, now

if TYPE_CHECKING:
    from coverage.store.database import Store

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Person:
    """Somebody to be added; ``village_code`` and ``provider_id`` say whose things are theirs."""

    email: str
    role: str
    name: str = ""
    village_code: str = ""
    provider_id: str = ""
    region_code: str = ""


def add(store: Store, acting: str, person: Person) -> User:
    """Let somebody in: they sign in with this e-mail address.

    Raises
    ------
    InputError
        Where the address is none, or the role is unknown or lacks its village or provider.
    StoreError
        Where the address is known already.
    NotAllowedError
    """
    values = {**vars(person), "email": person.email.strip().lower()}
    _check(values)
    with store.work(acting, "user.change", person.region_code) as work:
        return work.add(User(issuer="", subject="", active=True, **values))


def change(store: Store, acting: str, user_id: str, version: int, **changes: Any) -> User:
    """Change role, scope, name, or close the account (``active=False``); it holds from the next action on.

    Raises
    ------
    InputError
        Where the role is unknown or lacks its village or provider, or nobody would be administrator.
    Conflict, NotAllowedError, NotFoundError, StoreError
    """
    allowed = {"name", "role", "village_code", "provider_id", "region_code", "active"}
    if unknown := set(changes) - allowed:
        raise InputError(_("This cannot be changed"), where=", ".join(sorted(unknown)))
    with store.work(acting, "user.change") as work:
        user = work.get(User, user_id)
        if user_id in (LOCAL, CONSOLE):
            raise InputError(_("The built-in user stays as it is"), where=user_id)
        _check({**{name: getattr(user, name) for name in ("email", *allowed)}, **changes})
        changed = work.change(User, user_id, version, changes)
        if acting != CONSOLE and _admins(work) == 0:
            raise InputError(_("Somebody must stay administrator"), todo=_("Make another one first"))
        return changed


def _admins(work: Any) -> int:
    query = select(func.count()).where(User.role == "admin", User.active, User.id.not_in([LOCAL, CONSOLE]))
    return int(work.session.scalar(query))


def _check(values: dict[str, Any]) -> None:
    if not _EMAIL.fullmatch(values["email"]):
        raise InputError(_("This is not an e-mail address"), where=values["email"][:80])
    if values["role"] not in ROLES:
        raise InputError(
            _("There is no such role"),
            where=values["role"][:40],
            todo=_("Known are: {names}").format(names=", ".join(ROLES)),
        )
    if values["role"] == "village" and not values["village_code"]:
        raise InputError(_("A village's user needs the code of the village"), where=values["email"])
    if values["role"] == "provider" and not values["provider_id"]:
        raise InputError(_("A provider's user needs the provider"), where=values["email"])


def listed(store: Store, acting: str) -> list[User]:
    """Everybody, by address; the built-in users first.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "user.read", write=False) as work:
        users = work.session.scalars(select(User).order_by(User.email, User.id))
        limit = work.user.region_code
        return [user for user in users if not limit or user.region_code == limit]


def get(store: Store, user_id: str) -> User:
    """The user as stored now, to say on the page who is signed in.

    Raises
    ------
    NotAllowedError
        Where the user is unknown or closed.
    """
    with store.session() as session:
        user = session.get(User, user_id)
    if user is None or not user.active or (user_id in (LOCAL, CONSOLE) and user_id not in store.trusted):
        raise refuse(user if user is not None and user_id not in (LOCAL, CONSOLE) else None)
    return user


def sign_in(store: Store, issuer: str, subject: str, email: str, *, email_verified: bool, name: str = "") -> User:
    """The user behind an identity that OpenID Connect has proven.

    At the first sign-in the identity is bound to the user with its verified address; from then on
    only the issuer's subject counts, so that an address given to somebody else opens nothing.

    Raises
    ------
    NotAllowedError
        Where nobody has added them, or the account is closed.
    StoreError
    """
    if not issuer or not subject:
        raise refuse(None)
    with store.session(write=True) as session:
        user = session.scalars(select(User).where(User.issuer == issuer, User.subject == subject)).first()
        if user is None and email_verified and email.strip():
            free = select(User).where(User.email == email.strip().lower(), User.subject == "")
            user = session.scalars(free).first()
            if user is not None:
                user.issuer, user.subject = issuer, subject
                user.name = user.name or name[:200]
                session.add(_bound(user))
        if user is None:
            raise refuse(None)
        if not user.active:
            raise refuse(user)
        return user


def _bound(user: User) -> AuditEntry:
    """The audit log's word that an identity now belongs to a user."""
    facts = {"region_code": user.region_code, "version": 0, "before": None, "after": {"bound": True}}
    return AuditEntry(
        id=new_id(), at=now(), user_id=user.id, action="user.bind", kind=User.__tablename__, entity_id=user.id, **facts
    )
