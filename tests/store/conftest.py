"""The same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest

from coverage.store import CONSOLE, Store, open_store, users
from coverage.store.users import Person

REGION = "33.27"
VILLAGE, OTHER_VILLAGE = "33.27.01.2001", "33.27.01.2002"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/jangkau.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store, with the command line trusted."""
    opened = open_store(store_url, trusted=frozenset({CONSOLE}))
    yield opened
    opened.close()


@pytest.fixture
def people(store: Store) -> dict[str, str]:
    """One user of every role, and a second village and provider: name -> id."""
    made = {
        role: users.add(store, CONSOLE, Person(f"{role}@example.org", role, role))
        for role in ("viewer", "planner", "staff", "admin")
    }
    for name, code, provider in (("village", VILLAGE, "alpha"), ("other", OTHER_VILLAGE, "beta")):
        role = f"{name}_village" if name == "other" else "village"
        made[role] = users.add(store, CONSOLE, Person(f"{role}@example.org", "village", village_code=code))
        role = f"{name}_provider" if name == "other" else "provider"
        made[role] = users.add(store, CONSOLE, Person(f"{role}@example.org", "provider", provider_id=provider))
    return {name: user.id for name, user in made.items()}


@pytest.fixture(scope="session")
def processes() -> Iterator[BaseContext]:
    """Processes that start at once, because a server that has imported everything forks them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["store_workers"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))  # for the server itself
        forkserver.ensure_running()
        yield context
