"""Bringing a database up to this version of the program: forward only, all steps or none."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from coverage.language import _
from coverage.store.faults import StoreError

FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "jangkau_version"
_LOCK = 0x4A414E47  # PostgreSQL's advisory locks have numbers for names
_one_at_a_time = threading.Lock()  # Alembic keeps the running environment in a global


def revisions() -> list[str]:
    """All revisions, oldest first."""
    return [step.revision for step in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions()))]


def upgrade(engine: Engine, where: str, to: str = "head") -> None:
    """Make the tables or bring them up to date.

    Parameters
    ----------
    engine : Engine
        The database.
    where : str
        Its place, for messages.
    to : str
        Revision to stop at, by default the newest.

    Raises
    ------
    StoreError
        Where the database was made by a newer version of the program or by another program: it is
        left untouched.
    """
    steps = revisions()
    with engine.connect() as connection:
        if _revision(connection, steps, where) == (steps[-1] if to == "head" else to):
            return
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as raw:  # outside any transaction
            raw.cursor().execute("PRAGMA journal_mode = WAL")  # kept in the file from now on
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with _one_at_a_time, engine.execution_options(jangkau_writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        _revision(connection, steps, where)  # another process may have been faster
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _revision(connection: Connection, steps: list[str], where: str) -> str:
    """The revision of a database; empty where it has no tables yet."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if tables and (connection.dialect.name == "sqlite" or tables & _own_tables()):
            raise StoreError(
                _("This database belongs to another program"),
                where=where,
                todo=_("Choose another with DATABASE_URL or JANGKAU_DATA"),
            )
        return ""
    found: Any = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    if found is not None and found not in steps:
        raise StoreError(
            _("This store was made by a newer version of Jangkau"),
            where=where,
            todo=_("Update Jangkau, then try again"),
        )
    return str(found or "")


def _own_tables() -> set[str]:
    from coverage.store.schema import Base

    return set(Base.metadata.tables)
