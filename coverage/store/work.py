"""One unit of work: rows are read, added and changed for an acting user, checked, versioned and audited."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Select, String, inspect, select, update
from sqlalchemy.orm import Session

from coverage.errors import InputError
from coverage.language import _
from coverage.store.conflicts import Conflict
from coverage.store.faults import NotFoundError
from coverage.store.people import ACTIONS, built_in_name, may_touch, refuse
from coverage.store.schema import JSON_LIMIT, AuditEntry, Json, Kept, Match, StatusChange, User, Versioned
from coverage.store.steps import check_step

R = TypeVar("R", bound=Kept)
V = TypeVar("V", bound=Versioned)

#: Set by the store itself, never among the changes that people make.
_OWN = frozenset({"id", "version", "created_at", "created_by", "changed_at", "changed_by"})


def new_id() -> str:
    """A key that no other row has; keys made one after another sort in that order."""
    return f"{time.time_ns():016x}{secrets.token_hex(6)}"


def now() -> str:
    """Now in UTC, as the store writes it."""
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Work:
    """A transaction of one user for one action, as :meth:`coverage.store.database.Store.work` opens it."""

    session: Session
    user: User
    action: str
    region_code: str
    now: str

    # ------------------------------------------------------------ reading

    def get(self, table: type[R], row_id: str) -> R:
        """A row that the user may touch.

        Raises
        ------
        NotFoundError, NotAllowedError
        """
        row = self.session.get(table, row_id, populate_existing=True)
        if row is None:
            raise NotFoundError(_("This is not in the store any more"), todo=_("Load the page again"))
        self.check(row)
        return row

    def select(self, table: type[R]) -> Select[R]:
        """The rows of the region that the user may see, in the order they were made."""
        query = select(table).where(table.region_code == self.region_code).order_by(table.id)
        if self.user.region_code and self.user.region_code != self.region_code:
            raise refuse(self.user)
        everything, _own = ACTIONS[self.action]
        if self.user.role in everything:
            return query
        mine = {"village": "village_code", "provider": "provider_id"}[self.user.role]
        whose = getattr(self.user, mine)
        if not whose or not hasattr(table, mine):
            raise refuse(self.user)
        return query.where(getattr(table, mine) == whose)

    def all(self, table: type[R]) -> list[R]:
        """All of :meth:`select`."""
        return list(self.session.scalars(self.select(table)))

    def check(self, row: Any) -> None:
        """Refuse a row that is not the user's to touch.

        Raises
        ------
        NotAllowedError
        """
        if not may_touch(self.user, self.action, row):
            raise refuse(self.user)

    # ------------------------------------------------------------ writing

    def add(self, row: R) -> R:
        """A new row, checked and audited.

        Raises
        ------
        NotAllowedError, InputError
        """
        row.id = row.id or new_id()
        row.created_at, row.created_by = self.now, self.user.id
        if isinstance(row, Versioned):
            row.version, row.changed_at, row.changed_by = 1, self.now, self.user.id
        self.session.add(row)
        check_values(type(row), {column.key: getattr(row, column.key) for column in inspect(type(row)).columns})
        with self.session.no_autoflush:
            self.check(_with_defaults(row))
        self.session.flush()
        self.audit(row, None, snapshot(row))
        return row

    def change(self, table: type[V], row_id: str, version: int, changes: Mapping[str, Any]) -> V:
        """Change a row, if nobody has since the given version.

        Parameters
        ----------
        version : int
            The version of the row that the user saw.
        changes : mapping
            Column -> new value.

        Returns
        -------
        Versioned
            The row as it is now.

        Raises
        ------
        Conflict
            Where somebody changed it in between: nothing is changed.
        NotAllowedError, NotFoundError, InputError
        """
        row = self.get(table, row_id)
        if row.version != version:
            raise self._conflict(row, version, changes)
        if unknown := set(changes) & _OWN:
            raise ValueError(f"not for people to change: {sorted(unknown)}")
        check_values(table, changes)
        if isinstance(row, Match) and changes.get("status", row.status) != row.status:
            check_step(row.status, changes["status"])
        before = snapshot(row)
        statement = (
            update(table)
            .where(table.id == row_id, table.version == version)
            .values(**changes, version=version + 1, changed_at=self.now, changed_by=self.user.id)
            .execution_options(synchronize_session=False)
        )
        done = cast("CursorResult[Any]", self.session.execute(statement)).rowcount
        self.session.refresh(row)
        if not done:
            raise self._conflict(row, version, changes)
        self.check(row)  # nobody gives a thing of theirs to somebody else
        self.audit(row, before, snapshot(row))
        if isinstance(row, Match) and row.status != before["status"]:
            self._note_status(row, str(before["status"]))
        return row

    def audit(self, row: Any, before: dict[str, Any] | None, after: dict[str, Any] | None, kind: str = "") -> None:
        """Note who did what; ``row`` says to which thing."""
        self.session.add(
            AuditEntry(
                id=new_id(),
                at=self.now,
                user_id=self.user.id,
                action=self.action,
                kind=kind or row.__tablename__,
                entity_id=row.id,
                region_code=row.region_code,
                version=getattr(row, "version", 0),
                before=before,
                after=after,
            )
        )

    def _note_status(self, row: Match, old: str) -> None:
        step = StatusChange(
            id=new_id(),
            region_code=row.region_code,
            created_at=self.now,
            created_by=self.user.id,
            match_id=row.id,
            village_code=row.village_code,
            provider_id=row.provider_id,
            old=old,
            new=row.status,
            date=row.status_date,
            note=row.status_note,
        )
        self.session.add(step)

    def _conflict(self, row: Versioned, version: int, changes: Mapping[str, Any]) -> Conflict:
        entry = self.session.scalars(
            select(AuditEntry).where(
                AuditEntry.kind == cast("Any", row).__tablename__,
                AuditEntry.entity_id == row.id,
                AuditEntry.version == version,
            )
        ).first()
        changer = self.session.get(User, row.changed_by)
        return Conflict(
            table=type(row),
            row_id=row.id,
            region_code=row.region_code,
            action=self.action,
            base=dict(entry.after or {}) if entry else dict.fromkeys(changes) if version == 0 else {},
            mine=dict(changes),
            theirs={column.key: getattr(row, column.key) for column in inspect(type(row)).columns},
            theirs_version=row.version,
            changed_by=built_in_name(row.changed_by) or (changer.name if changer else "") or row.changed_by,
            changed_at=row.changed_at,
        )


def snapshot(row: Any) -> dict[str, Any]:
    """A row's values for the audit log: without pictures and personal data."""
    found: dict[str, Any] = {}
    for name, column in inspect(type(row)).columns.items():
        value = getattr(row, name)
        if not column.info.get("personal") and not isinstance(value, bytes):
            found[name] = value
    return found


def _with_defaults(row: Any) -> Any:
    """The row with the defaults that would be set when it is written."""
    for name, column in inspect(type(row)).columns.items():
        if getattr(row, name) is None and column.default is not None and column.default.is_scalar:
            setattr(row, name, cast("Any", column.default).arg)
    return row


def check_values(table: type[Any], values: Mapping[str, Any]) -> None:
    """Refuse text that is too long or that no database can hold, and structures beyond the limit.

    Raises
    ------
    InputError
        With the field.
    """
    columns = inspect(table).columns
    for name, value in values.items():
        kind = columns[name].type
        if isinstance(value, str) and isinstance(kind, String):
            _check_text(name, value, kind.length)
        elif isinstance(kind, Json) and value is not None:
            _check_json(name, value)


def _check_text(name: str, value: str, limit: int | None) -> None:
    if limit is not None and len(value) > limit:
        raise InputError(_("The text is longer than {limit} characters").format(limit=limit), where=name)
    if any(ord(character) < 32 and character not in "\n\t\r" for character in value) or _is_broken(value):
        raise InputError(_("The text holds characters that cannot be kept"), where=name, todo=_("Type it again"))


def _is_broken(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _check_json(name: str, value: Any) -> None:
    try:
        length = len(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(_("A value in it cannot be kept"), where=name, todo=_("Check its numbers")) from error
    if length > JSON_LIMIT:
        raise InputError(_("It is too large to be kept"), where=name)
