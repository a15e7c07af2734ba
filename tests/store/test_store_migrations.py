"""From every earlier version to this one, forward only; a newer store is refused and left as it was."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from coverage.errors import InputError
from coverage.language import using
from coverage.store import CONSOLE, Store, StoreError, audit, evidence, open_store, scenarios, users
from coverage.store.database import _engine
from coverage.store.evidence import Report
from coverage.store.migrate import VERSION_TABLE, revisions, upgrade
from coverage.store.place import database_url
from coverage.store.schema import Base

STAMP = "2026-01-01T00:00:00.000000Z"
VERSION = sa.table(VERSION_TABLE, sa.column("version_num"))


def _insert(connection: sa.Connection, name: str, /, **values: object) -> None:
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    text = {c.name: "" for c in table.columns if isinstance(c.type, sa.String) and not c.nullable}
    connection.execute(table.insert().values(**{**text, **values}))


def _old_rows(engine: sa.Engine) -> None:
    """Rows as the first version wrote them."""
    kept = {"region_code": "33.27", "created_at": STAMP, "created_by": "local"}
    versioned = {**kept, "version": 1, "changed_at": STAMP, "changed_by": "local"}
    report = {"village_code": "33.27.01.2001", "reporter": "Bu Sri", "state": "open", "date": "2026-01-01"}
    found = {"evidence": "reported", "method": "survey", "samples": 1.0, "signals": '{"A":"none"}', "everyone": True}
    entry = {"at": STAMP, "user_id": "local", "kind": "scenarios", "entity_id": "s1", "version": 1}
    with engine.begin() as connection:
        _insert(connection, "scenarios", id="s1", name="Lama", body='{"budget_idr":7e9}', removed=False, **versioned)
        _insert(connection, "signal_reports", id="r1", **versioned, **report, **found)
        _insert(connection, "audit", id="a1", **entry)


@pytest.mark.parametrize("revision", revisions()[:-1])
def test_every_earlier_version_comes_up(empty_url: str, revision: str) -> None:
    place = database_url(empty_url)
    Path(place.database or "").parent.mkdir(exist_ok=True) if place.get_backend_name() == "sqlite" else None
    engine = _engine(place)
    upgrade(engine, "", revision)
    _old_rows(engine)
    engine.dispose()
    store = open_store(empty_url, trusted=frozenset({CONSOLE}))
    saved, scenario = scenarios.load(store, CONSOLE, "s1")
    assert (saved.name, scenario.budget_idr) == ("Lama", 7e9)
    accepted = evidence.review(store, CONSOLE, "r1", 1, "accept")
    assert accepted.photo_id == ""
    assert len(evidence.evidence_rows(store, CONSOLE, "33.27")) == 1
    with_photo = evidence.report(
        store, CONSOLE, "33.27", Report("33.27.01.2001", {"A": "weak"}, "", "Bu Sri"), b"\xff\xd8\xff photo"
    )
    assert evidence.photo_of(store, CONSOLE, with_photo.id) == ("image/jpeg", b"\xff\xd8\xff photo")
    with store.session() as session:
        assert session.scalar(sa.select(VERSION.c.version_num)) == revisions()[-1]
    store.close()


def test_migrations_make_what_the_schema_says(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": VERSION_TABLE, "render_item": None}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_the_audit_log_can_only_grow(store: Store) -> None:
    users.add(store, CONSOLE, users.Person("a@example.org", "viewer"))
    for statement in ("UPDATE audit SET user_id = 'x'", "DELETE FROM audit"):
        with pytest.raises(StoreError), store.session(write=True) as session:
            session.execute(sa.text(statement))
    assert {entry.user_id for entry in audit.entries(store, CONSOLE, "")} == {CONSOLE}


def test_a_newer_store_is_refused_untouched(store_url: str, tmp_path: Path) -> None:
    store = open_store(store_url)
    with store.session(write=True) as session:
        session.execute(VERSION.update().values(version_num="9999"))
        session.execute(sa.text("CREATE TABLE of_the_future (id INTEGER)"))
    store.close()
    file = tmp_path / "data" / "jangkau.db"
    before = hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""
    with using("en"), pytest.raises(StoreError, match="newer version of Jangkau"):
        open_store(store_url)
    engine = _engine(database_url(store_url))
    with engine.connect() as connection:
        assert connection.scalar(sa.select(VERSION.c.version_num)) == "9999"
        assert "of_the_future" in sa.inspect(connection).get_table_names()
    engine.dispose()
    assert not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_many_may_open_a_new_store_at_once(empty_url: str) -> None:
    faults: list[BaseException] = []

    def opens() -> None:
        try:
            store = open_store(empty_url, trusted=frozenset({CONSOLE}))
            users.listed(store, CONSOLE)
            store.close()
        except BaseException as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    threads = [threading.Thread(target=opens) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_what_is_no_store_of_ours_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alien = tmp_path / "cookies.db"
    engine = sa.create_engine(f"sqlite:///{alien}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE cookies (id INTEGER)")
    engine.dispose()
    before = alien.read_bytes()
    with using("en"), pytest.raises(StoreError, match="another program"):
        open_store(f"sqlite:///{alien}")
    assert alien.read_bytes() == before
    text = tmp_path / "notes.db"
    text.write_text("not a database at all, but longer than a header is " * 20)
    with using("en"), pytest.raises(StoreError, match="damaged or is no store"):
        open_store(f"sqlite:///{text}")
    for address in ("mysql://x/y", "sqlite://", "sqlite:///:memory:", "::::", "' OR 1=1"):
        with pytest.raises(InputError):
            database_url(address)
    with using("en"), pytest.raises(StoreError, match="does not answer"):
        open_store("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("JANGKAU_DATA", str(tmp_path / "mine"))
    open_store().close()
    assert (tmp_path / "mine" / "jangkau.db").stat().st_mode & 0o077 == 0
