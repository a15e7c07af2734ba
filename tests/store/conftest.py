"""The same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
from collections.abc import Iterator
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest
from postgres_server import Server

from coverage.store import CONSOLE, Store, open_store, users
from coverage.store.users import Person

REGION = "33.27"
VILLAGE, OTHER_VILLAGE = "33.27.01.2001", "33.27.01.2002"


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database in which there is nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/jangkau.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=KINDS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store that has people but no work: a copy, for making one takes longer."""
    if request.param == "sqlite":
        (tmp_path / "data").mkdir()
        shutil.copyfile(request.getfixturevalue("ready_file"), tmp_path / "data" / "jangkau.db")
        yield f"sqlite:///{tmp_path}/data/jangkau.db"
        return
    server, ready = request.getfixturevalue("postgres_server"), request.getfixturevalue("ready_database")
    url = server.create(copy_of=ready)
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def ready_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with people, as a file."""
    file = tmp_path_factory.mktemp("ready") / "jangkau.db"
    _add_people(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def ready_database(postgres_server: Server) -> str:
    """A store with people, on the server."""
    url = postgres_server.create()
    _add_people(url)
    return url


def _add_people(url: str) -> None:
    """One user of every role, and a second village and provider."""
    store = open_store(url, trusted=frozenset({CONSOLE}))
    for role in ("viewer", "planner", "staff", "admin"):
        users.add(store, CONSOLE, Person(f"{role}@example.org", role, role))
    for prefix, code, provider in (("", VILLAGE, "alpha"), ("other_", OTHER_VILLAGE, "beta")):
        users.add(store, CONSOLE, Person(f"{prefix}village@example.org", "village", village_code=code))
        users.add(store, CONSOLE, Person(f"{prefix}provider@example.org", "provider", provider_id=provider))
    store.close()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store, with the command line trusted."""
    opened = open_store(store_url, trusted=frozenset({CONSOLE}))
    yield opened
    opened.close()


@pytest.fixture
def people(store: Store) -> dict[str, str]:
    """Name -> id of everybody; the names are the roles, and ``other_village``, ``other_provider``."""
    return {user.email.partition("@")[0]: user.id for user in users.listed(store, CONSOLE) if user.email}


@pytest.fixture(scope="session")
def processes() -> Iterator[BaseContext]:
    """Processes that start at once, because a server that has imported everything forks them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["store_workers"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))  # for the server itself
        forkserver.ensure_running()
        yield context
