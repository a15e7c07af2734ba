"""Opening the store, and the one way of reading and writing it: a unit of work for an acting user."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, exc
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from coverage.language import _
from coverage.store import migrate
from coverage.store.faults import StoreError, from_database
from coverage.store.people import ACTIONS, CONSOLE, LOCAL, may, refuse
from coverage.store.place import database_url
from coverage.store.schema import User
from coverage.store.work import Work, now

_BUSY_S = 30
_WRITES = "jangkau_writes"


@dataclass(frozen=True)
class Store:
    """An open store. Give it back with :meth:`close`; threads may share it.

    ``trusted`` names the built-in users that may act: nobody in shared mode, :data:`people.LOCAL`
    in local mode, :data:`people.CONSOLE` at the command line.
    """

    engine: Engine
    trusted: frozenset[str] = frozenset()

    @property
    def where(self) -> str:
        """The place of the store, without its password."""
        url = self.engine.url
        return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @contextmanager
    def session(self, *, write: bool = False, snapshot: bool = False) -> Iterator[Session]:
        """A transaction: all of it is kept or nothing; ``snapshot`` reads one moment, however long it takes.

        Raises
        ------
        StoreError
            Where the database refuses; nothing was changed.
        """
        options: dict[str, Any] = {_WRITES: write}
        if snapshot and self.engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with Session(self.engine.execution_options(**options), expire_on_commit=False) as session, session.begin():
                yield session
        except exc.SQLAlchemyError as error:
            raise from_database(error, self.where) from error

    @contextmanager
    def work(self, acting: str, action: str, region_code: str = "", *, write: bool = True) -> Iterator[Work]:
        """A unit of work of one user: who it is and what the role allows is looked up anew each time.

        Parameters
        ----------
        acting : str
            Id of the acting user, as the sign-in gave it; nothing else that a session says is believed.
        action : str
            A key of :data:`coverage.store.people.ACTIONS`.
        region_code : str
            The region's work concerned, from :func:`coverage.store.region_key`.

        Raises
        ------
        NotAllowedError
            Where the user is unknown, closed, or the role does not allow it.
        StoreError
            Where the database refuses; nothing was changed.
        """
        if action not in ACTIONS:
            raise ValueError(f"no such action: {action}")
        with self.session(write=write) as session:
            user = session.get(User, acting)
            if user is None or (acting in (LOCAL, CONSOLE) and acting not in self.trusted):
                raise refuse(None)
            if not may(user, action):
                raise refuse(user)
            session.expunge(user)  # who acts stays who they were, also while they change themselves
            yield Work(session, user, action, region_code, now())


def open_store(url: str | None = None, *, trusted: frozenset[str] = frozenset()) -> Store:
    """Open the store, make it where there is none, and bring it up to this version of the program.

    Parameters
    ----------
    url : str, optional
        By default ``DATABASE_URL``, else a SQLite file in the data folder (``JANGKAU_DATA``).
    trusted : frozenset of str
        Built-in users that may act through this store, see :class:`Store`.

    Raises
    ------
    StoreError
        Where it cannot be opened, belongs to another program, or was made by a newer version: it
        is left untouched.
    """
    place = database_url(url)
    store = Store(_engine(place), trusted)
    try:
        _make_folder(place)
        try:
            migrate.upgrade(store.engine, store.where)
        except (exc.SQLAlchemyError, sqlite3.Error) as error:
            raise from_database(error, store.where) from error
    except BaseException:
        store.close()
        raise
    return store


def _make_folder(place: URL) -> None:
    if place.get_backend_name() != "sqlite":
        return
    file = Path(str(place.database))
    folder = file.parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            file.touch(mode=0o600)  # for nobody else's eyes; its journals take the same
    except OSError as error:
        raise StoreError(
            _("The data folder cannot be made"),
            where=str(folder),
            todo=_("Check its permissions, or choose another folder with JANGKAU_DATA"),
        ) from error


def _engine(place: URL) -> Engine:
    if place.get_backend_name() != "sqlite":
        return create_engine(place, pool_pre_ping=True)
    engine = create_engine(place, connect_args={"timeout": _BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:  # noqa: ARG001
        connection.isolation_level = None  # we begin transactions ourselves, see below
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")  # acknowledged means on the disk

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A writer takes the lock at once and waits its turn; taking it half-way would fail where others wrote.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
