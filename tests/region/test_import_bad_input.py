"""Bad input of every kind is refused whole, in one clear message, and leaves nothing behind."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from region_files import boundaries, cells, village_frame
from shapely.geometry import Point, Polygon, box

from coverage import region as room
from coverage.cli import main


def run(tmp_path: Path, *words: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["import", str(tmp_path / "new"), "--lang", "en", *map(str, words)])
    shown = capsys.readouterr()
    return code, shown.err + shown.out


def refused(tmp_path: Path, text: str, *expected: str) -> None:
    for part in expected:
        assert part in text
    assert "Traceback" not in text
    assert not (tmp_path / "new").exists()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".new")]


def test_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(tmp_path, "--boundaries", tmp_path / "none.geojson", capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "none.geojson", "does not exist")


def test_wrong_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.geojson"
    village_frame()[["kec_nama", "geometry"]].rename(columns={"kec_nama": "colour"}).to_file(path)
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "no known kind", "colour", "KDEPUM")


def test_no_crs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = boundaries(tmp_path, "b.shp")
    path.with_suffix(".prj").unlink()
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "does not say in which coordinate system", "--crs")
    code, text = run(tmp_path, "--boundaries", path, "--crs", "EPSG:4326", capsys=capsys)
    assert code == 0
    assert "was taken as you asked" in text


def test_wrong_crs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.geojson"
    village_frame().to_crs(32749).set_crs(4326, allow_override=True).to_file(path)
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "do not lie in Indonesia")


@pytest.mark.parametrize("east", [1e300, 500.0, 179.99])
def test_coordinates_beyond_the_country(tmp_path: Path, east: float, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.geojson"
    far = [box(-east, -7.1, east, -7.0), box(east, -7.1, east + 0.1, -7.0), box(-east, 7.1, -east + 0.1, 8.0)]
    village_frame().set_geometry(far, crs=4326).to_file(path)
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "do not lie in Indonesia")


def test_duplicate_village_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = boundaries(tmp_path, kode=["33.27.01.2001", "33.27.01.2001", "33.27.01.1003"])
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "row 2", "more than once")


def test_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "e.csv").write_bytes(b"")
    code, text = run(tmp_path, "--boundaries", boundaries(tmp_path), "--cells", tmp_path / "e.csv", capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "e.csv", "empty")


def test_truncated_geotiff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "dem.tif"
    heights = np.random.default_rng(1).integers(0, 900, (1, 400, 400)).astype("int16")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=400,
        width=400,
        count=1,
        dtype="int16",
        crs=4326,
        transform=Affine(0.001, 0, 109.1, 0, -0.001, -6.9),
    ) as target:
        target.write(heights)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    code, text = run(tmp_path, "--boundaries", boundaries(tmp_path), "--terrain", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "dem.tif", "cannot be read")


def test_hostile_village_name_stays_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "<img src=x onerror=alert(1)>"
    path = boundaries(tmp_path, nama=[name, "A\u0007B\u202e", '=HYPERLINK("x")'])
    code, _text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 0
    villages = room.load(tmp_path / "new").villages
    assert sorted(villages["village_name"]) == [name, '=HYPERLINK("x")', "A B"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"RATE_LIMITED", "too many downloads"),
        (b'{"error":"INVALID_TOKEN"}', "key is not valid"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        (b"\x00\x01\x02 not data", "no known kind"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_error_bodies_are_not_data(
    tmp_path: Path, body: bytes, expected: str, packed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ("510.csv.gz" if packed else "510.csv")
    path.write_bytes(gzip.compress(body) if packed else body)
    code, text = run(tmp_path, "--boundaries", boundaries(tmp_path), "--cells", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, expected)


def test_truncated_gzip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "510.csv.gz"
    path.write_bytes(gzip.compress(cells(tmp_path).read_bytes())[:-9])
    code, text = run(tmp_path, "--boundaries", boundaries(tmp_path), "--cells", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "cannot be read")


@pytest.mark.parametrize("entry", ["../evil.geojson", "/evil.geojson", "a/../../evil.geojson", "C:\\evil.geojson"])
def test_archive_that_leaves_its_folder(tmp_path: Path, entry: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, boundaries(tmp_path).read_bytes())
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "leaves its folder")


def test_zip_bomb(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coverage.region.sources.files.LIMIT_BYTES", 1_000_000)
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.geojson", b" " * 5_000_000)
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "once unpacked")
    path = tmp_path / "b.geojson.gz"
    path.write_bytes(gzip.compress(b" " * 5_000_000))
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "once unpacked")


@pytest.mark.parametrize("content", [b"{", b"{}", b"PK\x03\x04broken", b'{"type":"FeatureCollection","features":[]}'])
def test_broken_boundary_files(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.geojson"
    path.write_bytes(content)
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "b.geojson")


def test_shapefile_without_its_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = boundaries(tmp_path, "b.shp")
    path.with_suffix(".shx").unlink()
    path.with_suffix(".dbf").unlink()
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "b.shp")


def test_points_are_no_boundaries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.geojson"
    village_frame().set_geometry([Point(109.3, -7.1)] * 3, crs=4326).to_file(path)
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "Point", "Polygon")


def test_bps_codes_without_crosswalk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.geojson"
    village_frame()[["geometry"]].assign(
        ADM4_PCODE=["ID1101010001", "ID1101010002", "ID1101010003"], ADM4_EN=list("abc"), ADM3_EN="x"
    ).to_file(path)
    code, text = run(tmp_path, "--boundaries", path, capsys=capsys)
    assert code == 2
    refused(tmp_path, text, "no crosswalk", "--crosswalk")


def test_folder_that_exists_is_untouched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").write_text("keep")
    code, text = run(tmp_path, "--boundaries", boundaries(tmp_path), capsys=capsys)
    assert code == 2
    assert "--replace" in text
    assert (tmp_path / "new" / "mine.txt").read_text() == "keep"


def test_no_region_and_wrong_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["check", str(tmp_path / "x")], ["run", str(tmp_path), "--out", "x", "--budget", "a lot"], ["fly"]):
        assert main([*words, "--lang", "en"]) == 2
        assert "Traceback" not in capsys.readouterr().err


def _null(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry([frame.geometry.iloc[0], None, frame.geometry.iloc[2]], crs=4326)


def _bow_tie(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    bow = Polygon([(109.34, -7.10), (109.38, -7.05), (109.38, -7.10), (109.34, -7.05)])
    return frame.set_geometry([frame.geometry.iloc[0], bow, frame.geometry.iloc[2]], crs=4326)


def _swapped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    turned = [Polygon([(y, x) for x, y in polygon.exterior.coords]) for polygon in frame.geometry]
    return frame.set_geometry(turned, crs=4326)


def _overlapping(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry([box(109.30, -7.10, 109.36, -7.05), *frame.geometry.iloc[1:]], crs=4326)


@pytest.mark.parametrize(
    ("change", "code", "villages"),
    [
        (_null, "null_geometry_dropped", 2),
        (_bow_tie, "repaired_geometry", 3),
        (_swapped, "swapped", 3),
        (_overlapping, "overlap", 3),
    ],
)
def test_flaws_are_repaired_and_told(
    tmp_path: Path,
    change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame],
    code: str,
    villages: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "b.geojson"
    path.write_text(json.dumps(json.loads(change(village_frame()).to_json())))
    assert run(tmp_path, "--boundaries", path, capsys=capsys)[0] == 0
    made = room.load(tmp_path / "new")
    assert code in room.load_report(tmp_path / "new").codes("warning")
    assert len(made.villages) == villages
    assert made.villages.geometry.is_valid.all()
    assert made.bounds[0] == pytest.approx(109.30, abs=0.01)


def test_overlap_is_cut_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.geojson"
    _overlapping(village_frame()).to_file(path)
    assert run(tmp_path, "--boundaries", path, "--resolve-overlaps", capsys=capsys)[0] == 0
    villages = room.load(tmp_path / "new").villages.to_crs(32749)
    assert villages.geometry.iloc[0].intersection(villages.geometry.iloc[1]).area < 1
    assert villages.area.iloc[1] == pytest.approx(village_frame().to_crs(32749).area.iloc[0], rel=1e-3)
