"""Everything of a region and its work in one file, back somewhere else, equal; a bad file changes nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import fake_analysis
import pytest

from coverage import region as room
from coverage.cli.main import main
from coverage.errors import JangkauError
from coverage.language import using
from coverage.scenario import Scenario
from coverage.store import (
    CONSOLE,
    NotAllowedError,
    Store,
    changes,
    corrections,
    deals,
    evidence,
    matches,
    open_store,
    region_key,
    scenarios,
    users,
)  # fmt: skip
from coverage.store.archive import MANIFEST
from coverage.store.backup import write_backup
from coverage.store.corrections import Correction
from coverage.store.evidence import Report
from coverage.store.matches import Offer
from coverage.store.restore import restore_backup
from coverage.store.scenarios import Outcome, outcome_of
from coverage.store.users import Person

VILLAGE = fake_analysis.code(0)


@pytest.fixture(scope="session")
def analysis() -> Any:
    made = fake_analysis.make_analysis()
    made.keys = {"plan": "a key of what it depends on"}
    return made


@pytest.fixture
def full(store: Store, people: dict[str, str], analysis: Any, tmp_path: Path) -> tuple[str, Path]:
    """A store with something of everything, and the region's folder."""
    folder = tmp_path / "a region"
    key = region_key(room.save(analysis.region, folder))
    planner, staff = people["planner"], people["staff"]
    strange = Scenario(name="<b>'; DROP TABLE users; -- é 日本 \U0001f600", budget_idr=0.1 + 0.2)
    saved = scenarios.save(store, planner, key, strange, outcome=outcome_of(analysis), note="a\nb")
    scenarios.save(store, planner, key, strange, scenario_id=saved.id, version=1, outcome=Outcome({"x": 1e-320}))
    offer = Offer("d1", "o1", VILLAGE, "alpha", "provider_alone")
    matches.set_status(
        store, staff, matches.propose(store, staff, key, offer, sample=True).id, 1, "contacted", sample_confirmed=True
    )
    deals.edit(store, staff, key, offer, 0, {"price_idr_month": 150_000.5})
    report = Report(VILLAGE, {"Operator A": "none"}, "2026-10-01", "Bu Sri", everyone=True)
    filed = evidence.report(store, staff, key, report, b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    evidence.review(store, staff, filed.id, 1, "accept")
    corrections.report(store, staff, key, Correction("sites", "s1", "height_m", "42", "Bu Sri", VILLAGE))
    changes.change(store, planner, key, "market.ppn", 0.12)
    scenarios.save(store, planner, "99.99", Scenario(name="another region"))
    return key, folder


def _other(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Store:
    """An empty store of the other kind."""
    if store.engine.dialect.name == "postgresql":
        return open_store(f"sqlite:///{tmp_path}/other/jangkau.db", trusted=frozenset({CONSOLE}))
    return open_store(request.getfixturevalue("postgres_server").create(), trusted=frozenset({CONSOLE}))


@pytest.mark.postgres
def test_round_trip_to_the_other_kind_of_database(
    store: Store, full: tuple[str, Path], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    key, folder = full
    first = write_backup(store, CONSOLE, tmp_path / "first.jangkau", [folder], [key])
    assert first.read_bytes() == write_backup(store, CONSOLE, tmp_path / "x", [folder], [key]).read_bytes()
    other = _other(request, store, tmp_path)
    try:
        back = restore_backup(other, CONSOLE, first, tmp_path / "elsewhere", with_users=True)
        assert back.folders == (tmp_path / "elsewhere" / "a region",)
        assert back.region_codes == (key,)
        again = write_backup(other, CONSOLE, tmp_path / "again.jangkau", back.folders, [key])
        assert again.read_bytes() == first.read_bytes()
        for path in folder.iterdir():
            assert (back.folders[0] / path.name).read_bytes() == path.read_bytes()
        assert [row.name for row in scenarios.listed(other, CONSOLE, "99.99")] == []
        listed = scenarios.listed(other, CONSOLE, key)
        assert scenarios.load(other, CONSOLE, listed[0].id)[1].budget_idr == 0.1 + 0.2
        # It goes on from where it was: versions count on, the same people sign in.
        planner = next(user for user in users.listed(other, CONSOLE) if user.role == "planner")
        scenarios.save(other, planner.id, key, Scenario(name="n"), scenario_id=listed[0].id, version=2)
        with using("en"), pytest.raises(JangkauError, match="already"):
            restore_backup(other, CONSOLE, first, tmp_path / "third")
        assert not (tmp_path / "third").exists()
    finally:
        other.close()


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_restored_people_come_back_closed_unless_asked_for(
    store: Store, full: tuple[str, Path], people: dict[str, str], tmp_path: Path
) -> None:
    key, _folder = full
    file = write_backup(store, CONSOLE, tmp_path / "b", [], [key])
    other = open_store(f"sqlite:///{tmp_path}/other/jangkau.db", trusted=frozenset({CONSOLE}))
    mine = users.add(other, CONSOLE, Person("admin@example.org", "viewer"))  # the address of the backup's administrator
    restore_backup(other, CONSOLE, file, tmp_path / "r")
    with pytest.raises(NotAllowedError):
        users.get(other, people["planner"])
    assert [(u.id, u.role) for u in users.listed(other, CONSOLE) if u.active and u.email] == [(mine.id, "viewer")]
    assert scenarios.listed(other, CONSOLE, key)[0].created_by == people["planner"]
    other.close()


def _changed(source: Path, target: Path, change: Any, *, seal: bool) -> Path:
    """A copy of a backup with files changed; with ``seal`` all checksums are made right again."""
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
        comment = archive.comment
    change(files)
    if seal:
        manifest = json.loads(files[MANIFEST])
        others = {name: content for name, content in files.items() if name != MANIFEST}
        manifest["files"] = {n: {"sha256": hashlib.sha256(c).hexdigest(), "size": len(c)} for n, c in others.items()}
        files[MANIFEST] = json.dumps(manifest).encode()
        comment = hashlib.sha256(files[MANIFEST]).hexdigest().encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = comment
    return target


def _edit(name: str, old: bytes, new: bytes) -> Any:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


BAD = {
    "one letter": (_edit("work/scenarios.jsonl", b"DROP", b"DROQ"), False),
    "manifest": (_edit(MANIFEST, b'"version": 1', b'"version": 1 '), False),
    "file taken away": (lambda files: files.pop("work/matches.jsonl"), False),
    "path out of the folder": (lambda files: files.update({"regions/../../evil": b"x"}), True),
    "absolute path": (lambda files: files.update({"/tmp/evil": b"x"}), True),
    "hidden file": (lambda files: files.update({"regions/a region/.bashrc": b"x"}), True),
    "unknown table": (lambda files: files.update({"work/sqlite_master.jsonl": b"{}\n"}), True),
    "unknown role": (_edit("work/users.jsonl", b'"role": "planner"', b'"role": "emperor"'), True),
    "unknown column": (_edit("work/scenarios.jsonl", b'"removed"', b'"evil"'), True),
    "wrong type": (_edit("work/scenarios.jsonl", b'"version": 2', b'"version": "2; DROP TABLE users"'), True),
    "no JSON": (_edit("work/matches.jsonl", b"{", b"["), True),
    "row of another region": (_edit("work/matches.jsonl", b"contoh", b"contoh2"), True),
    "long text": (_edit("work/scenarios.jsonl", b"a\\nb", b"x" * 100_000), True),
    "newer": (_edit(MANIFEST, b'"revision": "', b'"revision": "9'), True),
    "damaged layer": (_edit("regions/a region/villages.parquet", b"PAR1", b"PAR2"), True),
}


def _scrambled(good: Path, folder: Path, name: str) -> Path:
    """The backup with bytes of one file's compressed stream overwritten."""
    content = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as archive:
        entry = archive.getinfo(name)
    lengths = content[entry.header_offset + 26 : entry.header_offset + 30]
    start = entry.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    content[start : start + 8] = b"\xff" * 8
    made = folder / f"bad stream {name.replace('/', '-')}"
    made.write_bytes(content)
    return made


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_bad_backups_change_nothing(full: tuple[str, Path], store: Store, tmp_path: Path) -> None:
    key, folder = full
    good = write_backup(store, CONSOLE, tmp_path / "good", [folder], [key])
    other = open_store(f"sqlite:///{tmp_path}/other/jangkau.db", trusted=frozenset({CONSOLE}))
    empty = write_backup(other, CONSOLE, tmp_path / "e1", []).read_bytes()
    target = tmp_path / "regions"
    files = [_changed(good, tmp_path / f"bad {name}", change, seal=seal) for name, (change, seal) in BAD.items()]
    cut = tmp_path / "bad cut short"
    cut.write_bytes(good.read_bytes()[:-500])
    bomb = tmp_path / "bad bomb"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, b"[" * 50_000_000)
    scrambled = [_scrambled(good, tmp_path, name) for name in zipfile.ZipFile(good).namelist()]
    for file in [*files, *scrambled, cut, bomb, tmp_path / "missing", folder]:
        with pytest.raises(JangkauError):  # noqa: PT012 - says which file was taken
            restore_backup(other, CONSOLE, file, target)
            pytest.fail(f"{file.name} was taken")
        assert not target.exists() or not list(target.iterdir()), file
        assert write_backup(other, CONSOLE, tmp_path / "e2", []).read_bytes() == empty, file
    assert not (tmp_path / "evil").exists()
    restore_backup(other, CONSOLE, good, target)  # the right one still goes
    other.close()


def test_the_commands(
    analysis: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    room.save(analysis.region, tmp_path / "home" / "regions" / "contoh")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("JANGKAU_DATA", str(tmp_path / "home"))
    monkeypatch.setenv("JANGKAU_LANG", "en")
    assert main(["users", "add", "Boss@Example.org", "--role", "admin"]) == 0
    assert main(["users", "add", "desa@example.org", "--role", "village", "--village", VILLAGE]) == 0
    assert main(["users", "change", "desa@example.org", "--closed"]) == 0
    assert main(["users", "add", "x@example.org", "--role", "village"]) == 2
    assert main(["users", "change", "nobody@example.org", "--closed"]) == 2
    capsys.readouterr()
    assert main(["users", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed == ["boss@example.org\tadmin", f"desa@example.org\tvillage\t{VILLAGE}\tclosed"]
    file = tmp_path / "all.jangkau"
    assert main(["backup", str(file)]) == 0
    monkeypatch.setenv("JANGKAU_DATA", str(tmp_path / "elsewhere"))
    assert main(["restore", str(file), "--users"]) == 0
    assert len(room.load(tmp_path / "elsewhere" / "regions" / "contoh").villages) == 30
    capsys.readouterr()
    main(["users", "list"])
    assert "boss@example.org\tadmin" in capsys.readouterr().out
    assert main(["restore", str(file)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["restore", __file__]) == 2
    assert "no backup of Jangkau" in capsys.readouterr().err
