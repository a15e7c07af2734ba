"""When two people change the same thing: told, and then merged field by field or overwritten on purpose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coverage.errors import JangkauError
from coverage.language import _

if TYPE_CHECKING:
    from coverage.store.database import Store
    from coverage.store.schema import Versioned

_ABSENT = object()


class Conflict(JangkauError):  # noqa: N818 - it is a question to the user, not a fault
    """Somebody changed a thing since the user opened it; nothing was saved.

    Attributes
    ----------
    base : dict
        The values when the user opened it (without personal data).
    mine : dict
        What the user wanted to change: column -> value.
    theirs : dict
        The values that are stored now, of ``theirs_version``.
    changed_by, changed_at : str
        Who changed it (name, else id) and when (UTC, ISO).
    clashes : tuple of str
        After a merge was tried: the fields that both changed, dotted.
    """

    def __init__(
        self,
        *,
        table: type[Versioned],
        row_id: str,
        region_code: str,
        action: str,
        base: dict[str, Any],
        mine: dict[str, Any],
        theirs: dict[str, Any],
        theirs_version: int,
        changed_by: str,
        changed_at: str,
        clashes: tuple[str, ...] = (),
    ) -> None:
        self.table = table
        self.row_id = row_id
        self.region_code = region_code
        self.action = action
        self.base = base
        self.mine = mine
        self.theirs = theirs
        self.theirs_version = theirs_version
        self.changed_by = changed_by
        self.changed_at = changed_at
        self.clashes = clashes
        super().__init__(
            _("Changed by {name} at {time} since you opened it").format(name=changed_by, time=_moment(changed_at)),
            todo=_("Merge both changes, or overwrite theirs with yours")
            if not clashes
            else _("Both of you changed: {fields}. Choose for each, or overwrite theirs with yours").format(
                fields=", ".join(clashes)
            ),
        )

    def with_clashes(self, clashes: tuple[str, ...]) -> Conflict:
        """The same, with the fields that both changed."""
        given = {name: value for name, value in vars(self).items() if name in self._FIELDS}
        return Conflict(**{**given, "clashes": clashes})

    _FIELDS = (
        "table",
        "row_id",
        "region_code",
        "action",
        "base",
        "mine",
        "theirs",
        "theirs_version",
        "changed_by",
        "changed_at",
    )


def merge(store: Store, acting: str, conflict: Conflict, choose: Mapping[str, str] | None = None) -> Versioned:
    """Save both changes where they concern different fields.

    Parameters
    ----------
    acting : str
        Id of the acting user; the role is checked again.
    conflict : Conflict
        As it was told.
    choose : mapping, optional
        For fields that both changed, dotted as in ``clashes``: ``"mine"`` or ``"theirs"``.

    Raises
    ------
    Conflict
        Where both changed the same field and nothing is chosen for it, or where a third change came
        in between: nothing is saved.
    """
    with store.work(acting, conflict.action, conflict.region_code) as work:
        merged, clashes = three_way(conflict.base, conflict.mine, conflict.theirs, choose or {})
        if clashes:
            raise conflict.with_clashes(tuple(clashes))
        return work.change(conflict.table, conflict.row_id, conflict.theirs_version, merged)


def overwrite(store: Store, acting: str, conflict: Conflict) -> Versioned:
    """Save the user's change over the other's, which stays in the audit log.

    Raises
    ------
    Conflict
        Where a third change came in between: nothing is saved.
    """
    with store.work(acting, conflict.action, conflict.region_code) as work:
        return work.change(conflict.table, conflict.row_id, conflict.theirs_version, conflict.mine)


def three_way(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], choose: Mapping[str, str], at: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """Merge changes made on the same base, field by field; structured fields name by name.

    Returns
    -------
    dict, list of str
        For every field of ``mine`` the value to save, and the dotted names where both sides differ
        from the base and from each other.
    """
    merged: dict[str, Any] = {}
    clashes: list[str] = []
    for name in mine:
        where = f"{at}.{name}" if at else name
        value = _merged(
            base.get(name, _ABSENT), mine[name], theirs.get(name, _ABSENT), choose, where=where, clashes=clashes
        )
        if value is not _ABSENT:
            merged[name] = value
    return merged, clashes


def _merged(base: Any, mine: Any, theirs: Any, choose: Mapping[str, str], *, where: str, clashes: list[str]) -> Any:
    if theirs in (mine, base):
        return mine
    if mine == base:
        return theirs
    if where in choose:
        return mine if choose[where] == "mine" else theirs
    if isinstance(mine, dict) and isinstance(theirs, dict):
        known = base if isinstance(base, dict) else {}
        names = sorted({*mine, *theirs})  # a name that one side took away is absent there
        inner: dict[str, Any] = {}
        for name in names:
            value = _merged(
                known.get(name, _ABSENT),
                mine.get(name, _ABSENT),
                theirs.get(name, _ABSENT),
                choose,
                where=f"{where}.{name}",
                clashes=clashes,
            )
            if value is not _ABSENT:
                inner[name] = value
        return inner
    clashes.append(where)
    return theirs


def _moment(at: str) -> str:
    """A moment of the store on this machine's clock, to the minute."""
    return dt.datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")
