"""A backup back into a store and region folders: checked first, then all of it or nothing."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from coverage.errors import InputError, JangkauError
from coverage.language import _
from coverage.store import migrate
from coverage.store.archive import Archive, damaged, not_a_backup, read
from coverage.store.faults import StoreError
from coverage.store.people import CONSOLE, LOCAL, ROLES, refuse
from coverage.store.schema import CHOICES, REVIEW_STATES, STATUSES, TABLES, AuditEntry, Base, Json, User
from coverage.store.work import Work, check_values, new_id
from coverage.swap import draft_folder

if TYPE_CHECKING:
    from coverage.store.database import Store

_BATCH = 500
_ALLOWED = {"role": ROLES, "status": STATUSES, "choice": CHOICES, "state": REVIEW_STATES}


@dataclass(frozen=True)
class Restored:
    """What came back: region folders, keys of the regions' work, and how many rows."""

    folders: tuple[Path, ...]
    region_codes: tuple[str, ...]
    rows: int


def restore_backup(store: Store, acting: str, path: Path, folder: Path, *, with_users: bool = False) -> Restored:
    """Bring back what a backup holds.

    Parameters
    ----------
    path : Path
        The backup.
    folder : Path
        Where the region folders are made.
    with_users : bool
        Whether people may sign in as before; by default those whom this store does not know come
        back closed, only so that the work names who did it.

    Raises
    ------
    InputError
        Where the file is no backup or is damaged: nothing was changed.
    StoreError
        Where the store already holds work on such a region, or the backup is of a newer version.
    RegionError
        Where a region folder exists already.
    NotAllowedError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = read(archive, str(path))
            with store.work(acting, "backup.restore") as work:
                if work.user.region_code:
                    raise refuse(work.user)
                return _restored(work, found, path, folder, with_users)
    except (zipfile.BadZipFile, OSError) as error:
        if isinstance(error, OSError) and path.is_file() and zipfile.is_zipfile(path):
            raise InputError(
                _("The folder cannot be written"),
                where=str(folder),
                todo=_("Choose another folder or make room on the disk"),
            ) from error
        raise not_a_backup(str(path)) from error


def _restored(work: Work, found: Archive, path: Path, folder: Path, with_users: bool) -> Restored:
    if found.manifest["revision"] not in migrate.revisions():
        raise StoreError(
            _("This backup was made by a newer version of Jangkau"),
            where=str(path),
            todo=_("Update Jangkau, then try again"),
        )
    codes = [str(code) for code in found.manifest["region_codes"]]
    _check_free(work.session, codes)
    targets = [folder / name for name in found.region_names()]
    made: list[Path] = []
    workshop = _unpacked(found, folder, targets) if targets else None
    try:
        rows = _write_rows(work, found, str(path), codes, with_users)
        for target in targets:
            os.replace(workshop / target.name, target)  # type: ignore[operator]  # noqa: PTH105 - refuses what is there
            made.append(target)
        work.session.commit()
    except BaseException:
        for target in made:
            shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)
    return Restored(tuple(targets), tuple(codes), rows)


def _check_free(session: Session, codes: Sequence[str]) -> None:
    for table in TABLES:
        column = table.__table__.c.region_code
        if table is not User and session.scalar(select(func.count()).where(column.in_(codes))):
            raise StoreError(
                _("This store already holds work on the region"),
                where=", ".join(codes),
                todo=_("Restore into an empty store: choose another with JANGKAU_DATA or DATABASE_URL"),
            )


def _unpacked(found: Archive, folder: Path, targets: Sequence[Path]) -> Path:
    """A folder beside the targets with all region folders in it, checked by loading them."""
    from coverage.errors import RegionError
    from coverage.region import load

    for target in targets:
        if target.exists():
            raise RegionError(_("The folder exists already"), where=str(target), todo=_("Choose another folder"))
    folder.mkdir(parents=True, exist_ok=True)
    workshop = draft_folder(folder / "restore")
    try:
        for name in found.files:
            if name.startswith("regions/"):
                file = workshop / name.removeprefix("regions/")
                file.parent.mkdir(parents=True, exist_ok=True)
                with found.open(name) as source, file.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
        for target in targets:
            load(workshop / target.name)
    except BaseException:
        shutil.rmtree(workshop, ignore_errors=True)
        raise
    return workshop


def _write_rows(work: Work, found: Archive, where: str, codes: Sequence[str], with_users: bool) -> int:
    count = 0
    try:
        for table in TABLES:
            known = set(work.session.scalars(select(table.__table__.c.id)))
            batch: list[dict[str, Any]] = []
            for values in found.rows(table):
                row = _checked(table, values, codes, where)
                if row["id"] in known:
                    continue
                batch.append(_newcomer(work.session, row, with_users) if table is User else row)
                count += 1
                if len(batch) >= _BATCH:
                    work.session.execute(insert(table), batch)
                    batch = []
            if batch:
                work.session.execute(insert(table), batch)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise damaged(where) from error
    entry = {"id": new_id(), "at": work.now, "user_id": work.user.id, "action": work.action, "kind": "backup"}
    facts = {"entity_id": "", "region_code": "", "version": 0, "before": None}
    work.session.execute(
        insert(AuditEntry), [{**entry, **facts, "after": {"region_codes": list(codes), "rows": count}}]
    )
    return count


def _checked(table: type[Base], values: dict[str, Any], codes: Sequence[str], where: str) -> dict[str, Any]:
    """A row with every column, each of its type; columns that an older version did not have get their default."""
    columns = inspect(table).columns
    if unknown := set(values) - set(columns.keys()):
        raise ValueError(f"unknown columns {sorted(unknown)}")
    row: dict[str, Any] = {}
    for name, column in columns.items():
        default = getattr(column.default, "arg", None)
        value = row[name] = values.get(name, default)
        if value is None and column.nullable:
            continue
        kinds = _kinds(column.type)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ValueError(f"{name} is no {kinds}")
        if name in _ALLOWED and value not in _ALLOWED[name]:
            raise ValueError(f"{name} cannot be {value}")
    try:
        check_values(table, row)
    except JangkauError as error:
        raise damaged(where) from error
    if table is not User and row["region_code"] and row["region_code"] not in codes:
        raise ValueError("a row of another region")
    return row


def _kinds(column: TypeEngine[Any]) -> tuple[type, ...]:
    if isinstance(column, Json):
        return (dict, list)
    return (float, int) if column.python_type is float else (column.python_type,)


def _newcomer(session: Session, row: dict[str, Any], with_users: bool) -> dict[str, Any]:
    """A user whom this store does not know: closed unless asked for, and never in another's name."""
    taken = (
        session.scalars(select(User.id).where((User.email == row["email"]) & (User.email != ""))).first()
        or session.scalars(
            select(User.id).where(
                (User.issuer == row["issuer"]) & (User.subject == row["subject"]) & (User.subject != "")
            )
        ).first()
    )
    if taken or row["id"] in (LOCAL, CONSOLE):
        return {**row, "email": "", "issuer": "", "subject": "", "active": False}
    return {**row, "active": bool(row["active"]) and with_users}
