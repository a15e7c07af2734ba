"""Files handed in: safe names, true endings, limits; and regions kept under plain names."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from region_files import boundaries

from coverage.language import using
from coverage.region import QualityError, Report, library
from coverage.region.uploads import safe_name, take


def handed(folder: Path, name: str, content: bytes) -> Path:
    return take(name, io.BytesIO(content), folder / "in", "boundaries", Report())


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\temp\\desa.geojson", "desa.geojson"),
        ("/abs/desa batas.zip", "desa_batas.zip"),
        (".bashrc", "bashrc"),
        ("..", "file"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_only_the_last_part_of_a_name_is_used(tmp_path: Path, name: str, plain: str) -> None:
    assert safe_name(name) == plain
    if plain.endswith(".csv"):
        path = handed(tmp_path, name, b"a,b\n1,2\n")
        assert path.parent == tmp_path / "in"


def test_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    first, second = handed(tmp_path, "a.csv", b"1"), handed(tmp_path, "a.csv", b"2")
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("desa.exe", b"MZ", "cannot be read here"),
        ("desa", b"x", "cannot be read here"),
        ("desa.xlsx", b"nama;kode\n", "not what its ending .xlsx says"),
        ("desa.csv", b"PK\x03\x04\x00\x00", "not what its ending .csv says"),
        ("desa.geojson", b"PK\x03\x04", "not what its ending .geojson says"),
        ("dem.tif", b"<html>", "a web page, not data"),
        ("510.csv.gz", b"RATE_LIMITED", "too many downloads"),
        ("desa.geojson", b"", "The file is empty"),
        ("desa.zip", b"Rar!", "not what its ending .zip says"),
    ],
)
def test_a_file_that_belies_its_ending_is_refused(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    with using("en"), pytest.raises(QualityError, match=expected):
        handed(tmp_path, name, content)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_over_the_limit_is_refused_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coverage.region.uploads.LIMIT_BYTES", 3 * 1024**2)
    with using("en"), pytest.raises(QualityError, match="larger than 3 MB"):
        handed(tmp_path, "a.csv", b"a" * (5 * 1024**2))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_true_files_are_taken(tmp_path: Path) -> None:
    for name in ("v.geojson", "v.gpkg", "v.fgb", "v.parquet"):
        path = boundaries(tmp_path, name)
        assert handed(tmp_path, name, path.read_bytes()).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["../../evil", "/etc", "..", "", "Kabupaten Pemalang", "x" * 500, "a/b\\c\x00d"])
def test_a_region_is_kept_inside_the_library_whatever_its_name(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JANGKAU_REGIONS", str(tmp_path))
    place = library.place(name)
    assert place.parent == tmp_path
    assert 0 < len(place.name) <= 60
    assert library.kept() == {}
