"""Tables of a PostgreSQL database with PostGIS as files to import: ``postgresql://host/db#schema.table``.

Passwords may stand in the address, in ``PGPASSWORD`` or in ``~/.pgpass``; they are never shown or
written anywhere.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from coverage.errors import InputError
from coverage.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")
_CONNECT_S = 10
_MOST_ROWS = 2_000_000


@dataclass(frozen=True)
class Place:
    """A database and what is named in it; printing it hides the password.

    ``schema`` and ``table`` are empty where the address does not name them.
    """

    address: str
    schema: str
    table: str

    def __repr__(self) -> str:
        return f"Place({self.shown})"

    @property
    def shown(self) -> str:
        """The address without user and password."""
        bare = re.sub(r"//[^/]*@", "//", self.address)
        name = ".".join(part for part in (self.schema, self.table) if part)
        return f"{bare.split('?')[0]}#{name}" if name else bare.split("?")[0]


def is_database(text: object) -> bool:
    """Whether a text is the address of a database rather than a file."""
    return str(text).lower().startswith(_SCHEMES)


def place(text: str) -> Place:
    """Take an address apart: ``postgresql://user@host:5432/db#schema.table``.

    A single name after ``#`` is the table, in the schema ``public``.

    Raises
    ------
    InputError
        Where names are no plain names.
    """
    address, _mark, names = text.partition("#")
    parts = [part for part in names.split(".") if part]
    if len(parts) > 2 or any(not _NAME.fullmatch(part) for part in parts):
        raise InputError(
            _("This is not the name of a table"),
            where=names,
            todo=_("Write it as postgresql://host/database#schema.table"),
        )
    schema, table = ([*parts[:-1], ""] if len(parts) < 2 else parts)[0], parts[-1] if parts else ""
    return Place(address, schema or ("public" if table else ""), table)


@contextlib.contextmanager
def connected(where: Place) -> Iterator[Connection]:
    """One transaction on the database; all of it happens, or nothing.

    Raises
    ------
    InputError
        Where the database cannot be reached or refuses; the message names no password.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        url = make_url(where.address).set(drivername="postgresql+psycopg")
        engine = create_engine(url, connect_args={"connect_timeout": _CONNECT_S}, hide_parameters=True)
    except (ArgumentError, ValueError):
        raise InputError(
            _("This is not the address of a database"),
            where=where.shown,
            todo=_("Write it as postgresql://host/database#schema.table"),
        ) from None
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise InputError(  # the library's own message may hold the address
            _("The database refuses: {reason}").format(reason=_reason(error)),
            where=where.shown,
            todo=_("Check the address, the user's rights and that the server runs"),
        ) from None
    finally:
        engine.dispose()


def _reason(error: Any) -> str:
    """The first line of what the server said, without the address."""
    cause = getattr(error, "orig", None)
    said = getattr(getattr(cause, "diag", None), "message_primary", None)
    return str(said) if said else type(cause or error).__name__


def read(where: Place) -> gpd.GeoDataFrame | pd.DataFrame:
    """A whole table or view; rows in the order of their values, so that the same table reads the same.

    Raises
    ------
    InputError
        Where there is no such table, it is too large, or the database refuses.
    """
    from sqlalchemy import func, select, table, text

    with connected(where) as connection:
        named = table(where.table, schema=where.schema)
        count = connection.execute(select(func.count()).select_from(named)).scalar_one()
        if count > _MOST_ROWS:
            raise InputError(
                _("The table has {count} rows, more than can be imported").format(count=count), where=where.shown
            )
        found = connection.execute(
            text(
                "SELECT column_name FROM information_schema.columns WHERE udt_name IN ('geometry', 'geography')"
                " AND table_schema = :schema AND table_name = :table ORDER BY ordinal_position"
            ),
            {"schema": where.schema, "table": where.table},
        ).scalars()
        shapes = list(found)
        query = str(select(text("*")).select_from(named).compile(connection))
        if not shapes:
            frame = pd.read_sql(text(query), connection)
        else:
            frame = gpd.read_postgis(query, connection, geom_col=shapes[0]).drop(columns=shapes[1:])
            if shapes[0] != "geometry":
                frame = frame.rename_geometry("geometry")
    keys = [c for c in frame.columns if c != "geometry"]
    order = frame[keys].astype("str").sort_values(keys, kind="stable").index if keys else frame.index
    return frame.loc[order].reset_index(drop=True)


def as_file(text: str, folder: Path) -> Path:
    """A table of a database as a file that every reader takes: GeoParquet, or CSV without geometry.

    Parameters
    ----------
    text : str
        ``postgresql://host/database#schema.table``.
    folder : Path
        Where to write; the file is named after the table.

    Raises
    ------
    InputError
        Where the address names no table, or the database refuses.
    """
    where = place(text)
    if not where.table:
        raise InputError(
            _("The address names no table"),
            where=where.shown,
            todo=_("Write it as postgresql://host/database#schema.table"),
        )
    frame = read(where)
    if isinstance(frame, gpd.GeoDataFrame):
        path = folder / f"{where.schema}.{where.table}.parquet"
        frame.to_parquet(path, index=False)
    else:
        path = folder / f"{where.schema}.{where.table}.csv"
        frame.to_csv(path, index=False, encoding="utf-8")
    return path
