"""A PostgreSQL server for the tests: the one named by ``JANGKAU_TEST_POSTGRES``, else a temporary one.

The temporary server runs as a user who is not root, in a folder of its own, and listens on a socket
in that folder only. Tests ask for ``postgres_url`` (an empty database of their own) or for
``postgis_url`` (the same with the extension), as URLs that SQLAlchemy and psycopg understand.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

_PATIENCE_S = 60.0
_DRIVER = "postgresql+psycopg"


@dataclass(frozen=True)
class Server:
    """Where a server is; ``admin`` names a database in which others can be made."""

    admin: URL

    def create(self, *, postgis: bool = False, copy_of: str = "") -> str:
        """Make a database, empty or a copy of another that nobody is connected to, and give its URL."""
        name = f"jangkau_{uuid.uuid4().hex[:12]}"
        self._run(f"CREATE DATABASE {name}" + (f" TEMPLATE {make_url(copy_of).database}" if copy_of else ""))
        url = self.admin.set(database=name)
        if postgis:
            with psycopg.connect(_conninfo(url), autocommit=True) as connection:
                connection.execute("CREATE EXTENSION postgis")
        return url.render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database made by :meth:`create`, and whoever is still connected to it."""
        self._run(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def has_postgis(self) -> bool:
        """Whether the extension is installed on the server."""
        with psycopg.connect(_conninfo(self.admin)) as connection:
            found = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone()
        return found is not None

    def _run(self, statement: str) -> None:
        with psycopg.connect(_conninfo(self.admin), autocommit=True) as connection:
            connection.execute(statement)


def _conninfo(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _binaries() -> Path | None:
    """The folder of the newest server that is installed."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").is_file()), None)


def _unprivileged() -> str | None:
    """Whom the server runs as where we are root, for it refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _start(binaries: Path, folder: Path, user: str | None) -> subprocess.Popen[bytes]:
    subprocess.run(
        [binaries / "initdb", "-D", folder / "data", "-U", "jangkau", "-E", "UTF8", "--no-locale", "--no-sync",
         "--auth=trust"],
        user=user, check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    quick = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{folder}'",
        "fsync": "off",
        "max_connections": "60",
        "shared_buffers": "16MB",
        "lc_messages": "'C'",
    }
    with (folder / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.writelines(f"{name} = {value}\n" for name, value in quick.items())
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data"], user=user, stdout=log, stderr=log, cwd=folder
        )


def _await(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            psycopg.connect(_conninfo(server.admin), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the test server did not start:\n{log.read_text()}") from error
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A running server; the test is skipped where there is none and none can be started."""
    if given := os.environ.get("JANGKAU_TEST_POSTGRES"):
        yield Server(make_url(given).set(drivername=_DRIVER))
        return
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server: set JANGKAU_TEST_POSTGRES or install the package postgresql")
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="jangkau-pg-", dir="/tmp"))  # a socket's path must be short
    if user:
        shutil.chown(folder, user)
    process = None
    try:
        process = _start(binaries, folder, user)
        server = Server(URL.create(_DRIVER, username="jangkau", database="postgres", query={"host": str(folder)}))
        _await(server, process, folder / "log")
        yield server
    finally:
        if process is not None:
            process.send_signal(2)  # SIGINT: close connections and stop
            process.wait(_PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """An empty database of the test's own."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def postgis_url(postgres_server: Server) -> Iterator[str]:
    """An empty database with PostGIS; skipped where the extension is not installed."""
    if not postgres_server.has_postgis():
        pytest.skip("the PostgreSQL server has no PostGIS: install postgresql-postgis")
    url = postgres_server.create(postgis=True)
    yield url
    postgres_server.drop(url)
