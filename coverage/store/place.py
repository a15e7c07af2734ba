"""Where people's work is kept: SQLite in a data folder, or PostgreSQL by ``DATABASE_URL``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from coverage.errors import InputError
from coverage.language import _

FILE = "jangkau.db"
_POSTGRES = "postgresql+psycopg"


def data_folder() -> Path:
    """The folder of the user's choosing (``JANGKAU_DATA``), else where programs keep a user's data."""
    if chosen := os.environ.get("JANGKAU_DATA"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "jangkau"


def database_url(given: str | None = None) -> URL:
    """The database: the one given, else ``DATABASE_URL``, else a SQLite file in the data folder.

    Parameters
    ----------
    given : str, optional
        ``sqlite:///…`` or ``postgresql://…``.

    Raises
    ------
    InputError
        Where the address cannot be read or is of another kind of database.
    """
    text = given or os.environ.get("DATABASE_URL") or ""
    if not text:
        return URL.create("sqlite", database=str(data_folder() / FILE))
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise _unknown() from error
    kind = url.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return url.set(drivername=_POSTGRES)
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url
    raise _unknown()


def _unknown() -> InputError:
    return InputError(
        _("This is not the address of a database that Jangkau knows"),
        where="DATABASE_URL",
        todo=_("Write it as postgresql://user:password@host/database or sqlite:////folder/file.db"),
    )
