"""What can go wrong with the store, in words; and what a database's own errors mean to people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exc

from coverage.errors import JangkauError
from coverage.language import _


class StoreError(JangkauError):
    """The store cannot be opened, read or written; what was there is as it was."""


class NotAllowedError(JangkauError):
    """The acting user may not do this."""


class NotFoundError(JangkauError):
    """There is no such thing in the store."""


def from_database(error: Exception, where: str) -> StoreError:
    """The fault of a database as a message: what happened, where, and what to do.

    Parameters
    ----------
    error : Exception
        As raised by SQLAlchemy (``orig`` is the driver's own) or by the driver.
    where : str
        The store, without its password.
    """
    original = getattr(error, "orig", None) or error
    code = str(getattr(original, "sqlite_errorname", "") or getattr(original, "sqlstate", "") or "")
    for beginnings, make in _MEANINGS:
        if code.startswith(beginnings):
            what, todo = make()
            return StoreError(what, where=where, todo=todo)
    if isinstance(error, exc.IntegrityError):
        return StoreError(_("This contradicts what is stored already"), where=where, todo=_("Load the page again"))
    if not code and isinstance(error, exc.OperationalError | exc.TimeoutError | exc.InterfaceError):
        what, todo = _unreachable()
        return StoreError(what, where=where, todo=todo)
    return StoreError(_("The store refused this"), where=where, todo=_("Nothing was changed; check what you entered"))


def _full() -> tuple[str, str]:
    return _("Nothing was saved: the disk is full or cannot be written"), _("Make room on the disk and save again")


def _read_only() -> tuple[str, str]:
    return (
        _("Nothing was saved: the data folder may not be written"),
        _("Check its permissions, or choose another folder with JANGKAU_DATA"),
    )


def _cannot_open() -> tuple[str, str]:
    return (
        _("The store cannot be opened"),
        _("Check the folder and its permissions, or choose another folder with JANGKAU_DATA"),
    )


def _busy() -> tuple[str, str]:
    return _("Nothing was saved: others are writing at the moment"), _("Save again")


def _damaged() -> tuple[str, str]:
    return _("The store's file is damaged or is no store"), _("Restore it with: python -m coverage restore")


def _unreachable() -> tuple[str, str]:
    return _("The database does not answer"), _("Check that it runs and that DATABASE_URL is right")


def _taken() -> tuple[str, str]:
    return _("There is one of this name already"), _("Choose another name, or open the one that exists")


#: Beginnings of SQLite's error names and of PostgreSQL's SQLSTATE codes.
_MEANINGS: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("SQLITE_FULL", "SQLITE_IOERR", "53100", "58030"), _full),
    (("SQLITE_READONLY", "25006", "42501"), _read_only),
    (("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"), _cannot_open),
    (("SQLITE_BUSY", "SQLITE_LOCKED", "40001", "40P01", "55P03"), _busy),
    (("SQLITE_CORRUPT", "SQLITE_NOTADB"), _damaged),
    (("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"), _taken),
    (("08", "57P", "53300", "28", "3D000"), _unreachable),
)
