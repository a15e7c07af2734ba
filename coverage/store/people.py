"""Who may do what: roles, actions, and whose things are one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage.language import _
from coverage.store.faults import NotAllowedError

if TYPE_CHECKING:
    from coverage.store.schema import User

ROLES = ("viewer", "village", "provider", "planner", "staff", "admin")

#: The one user of an office that works alone, and whoever sits at the command line. They exist in
#: every store but may act only where the store was opened for them.
LOCAL, CONSOLE = "local", "console"

_OFFICE = frozenset({"planner", "staff", "admin"})
_STAFF = frozenset({"staff", "admin"})
_ADMIN = frozenset({"admin"})
_READERS = _OFFICE | {"viewer"}
_VILLAGE = frozenset({"village"})
_PROVIDER = frozenset({"provider"})
_EVERYBODY = frozenset(ROLES)
_NOBODY: frozenset[str] = frozenset()

#: Action -> roles that may do it to everything, roles that may do it to their own things.
ACTIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "scenario.read": (_READERS, _NOBODY),
    "scenario.save": (_OFFICE, _NOBODY),
    "scenario.remove": (_OFFICE, _NOBODY),
    "result.read": (_READERS, _NOBODY),
    "result.save": (_OFFICE, _NOBODY),
    "match.read": (_READERS, _VILLAGE | _PROVIDER),
    "match.propose": (_OFFICE, _NOBODY),
    "match.choose": (_OFFICE, _NOBODY),
    "match.status": (_STAFF, _NOBODY),
    "deal.read": (_READERS, _VILLAGE | _PROVIDER),
    "deal.edit": (_OFFICE, _VILLAGE | _PROVIDER),
    "evidence.read": (_OFFICE, _VILLAGE),
    "evidence.report": (_OFFICE, _VILLAGE),
    "evidence.review": (_STAFF, _NOBODY),
    "correction.read": (_OFFICE, _VILLAGE),
    "correction.report": (_OFFICE, _VILLAGE),
    "correction.review": (_STAFF, _NOBODY),
    "assumption.read": (_READERS, _NOBODY),
    "assumption.change": (_OFFICE, _NOBODY),
    "figures.secret": (_STAFF, _NOBODY),
    "region.import": (_STAFF, _NOBODY),
    "feedback.give": (_EVERYBODY, _NOBODY),
    "feedback.read": (_STAFF, _NOBODY),
    "audit.read": (_STAFF, _NOBODY),
    "user.read": (_ADMIN, _NOBODY),
    "user.change": (_ADMIN, _NOBODY),
    "backup.write": (_ADMIN, _NOBODY),
    "backup.restore": (_ADMIN, _NOBODY),
}


def role_label(role: str) -> str:
    """A role in the reader's language."""
    return {
        "viewer": _("viewer"),
        "village": _("village"),
        "provider": _("provider"),
        "planner": _("planner"),
        "staff": _("staff"),
        "admin": _("administrator"),
    }.get(role, role)


def built_in_name(user_id: str) -> str:
    """What the two users are called whom nobody added; empty for everybody else."""
    return {LOCAL: _("the user of this machine"), CONSOLE: _("the command line")}.get(user_id, "")


def may(user: User, action: str) -> bool:
    """Whether the user's role may do this at all, to everything or to things of its own."""
    everything, own = ACTIONS[action]
    return user.active and user.role in everything | own


def may_touch(user: User, action: str, row: Any) -> bool:
    """Whether the user may do this to this very row (anything with the columns that say whose it is)."""
    everything, own = ACTIONS[action]
    region_code = getattr(row, "region_code", "")
    if not user.active or (user.region_code and user.region_code != region_code):
        return False
    if user.role in everything:
        return True
    if user.role not in own:
        return False
    if user.role == "village":
        return bool(user.village_code) and getattr(row, "village_code", "") == user.village_code
    return bool(user.provider_id) and getattr(row, "provider_id", "") == user.provider_id


def refuse(user: User | None) -> NotAllowedError:
    """The error for a user who may not do what was asked."""
    if user is None:
        return NotAllowedError(_("You are not known here"), todo=_("Ask an administrator to add you"))
    if not user.active:
        return NotAllowedError(_("Your account is closed"), todo=_("Ask an administrator"))
    return NotAllowedError(
        _("The role {role} may not do this").format(role=role_label(user.role)), todo=_("Ask an administrator")
    )
