"""Land cover, areas not to build on and indicator baselines: read, checked, kept, and used on the grid."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from region_files import boundaries
from shapely.geometry import box

from coverage import assumptions
from coverage import region as room
from coverage.cli import main
from coverage.raster import Raster
from coverage.region.importer import Choices, Files, import_region


def worldcover(path: Path, west: float, values: np.ndarray) -> Path:
    """A tile of 10 m pixels (1/12000 degree), named and typed as ESA's."""
    step = 1 / 1200  # coarser, to stay small
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype="uint8",
        crs=4326,
        nodata=0,
        transform=Affine(step, 0, west, 0, -step, -6.9),
    ) as target:
        target.write(values.astype("uint8"), 1)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[room.Region, room.Report, Path]:
    tmp = tmp_path_factory.mktemp("optional")
    trees, homes = np.full((400, 240), 10), np.full((400, 240), 50)
    homes[100:110, 0:60] = 77  # no class of WorldCover
    tiles = (
        worldcover(tmp / "ESA_WorldCover_10m_2021_v200_S09E108_Map.tif", 109.14, trees),
        worldcover(tmp / "ESA_WorldCover_10m_2021_v200_S09E109_Map.tif", 109.34, homes),
    )
    west, middle, east = box(109.30, -7.10, 109.34, -7.05), box(109.34, -7.1, 109.38, -7.05), box(109.38, -7.1, 110, -7)
    gpd.GeoDataFrame(
        {"FUNGSIKWS": ["Hutan Lindung (HL)", "Cagar Alam", "Areal Penggunaan Lain"]},
        geometry=[west, middle, east],
        crs=4326,
    ).to_crs(32749).to_file(tmp / "kawasan_hutan.gpkg")
    gpd.GeoDataFrame({"KELAS_BAHAYA": ["Tinggi", "Rendah", "?"]}, geometry=[west, middle, east], crs=4326).to_file(
        tmp / "bahaya.geojson"
    )
    (tmp / "nilai.csv").write_text(
        "indikator;kode_wilayah;nilai;tahun;sumber\nB5;3327;0,12;2024;BPS\nB5;33.27.01;0,2;2024;\n"
        "B5;3327012001;1,5;2023;\nB5;99.99;1;2023;\nB5;33.27;x;2023;\nB5;3327;0,3;2024;\n",
    )
    files = Files(
        boundaries(tmp),
        land_cover=tiles,
        exclusions=(tmp / "kawasan_hutan.gpkg", tmp / "bahaya.geojson"),
        baselines=(tmp / "nilai.csv",),
    )
    region, report = import_region(files, Choices(date="2026-11-24"), assumptions.load())
    return region, report, tmp


def test_land_cover_tiles_are_one_map_of_classes(made: tuple[room.Region, room.Report, Path]) -> None:
    region, report, _tmp = made
    assert region.land_cover is not None
    assert region.land_cover.sample([109.31, 109.39], [-7.07, -7.07]).tolist() == [10, 50]
    assert set(np.unique(region.land_cover.values[np.isfinite(region.land_cover.values)])) == {10, 50}
    assert region.layers["land_cover"].licence == "CC BY 4.0"
    assert "unknown_land_cover" in report.codes("warning")


def test_classes_are_never_blended_on_the_metric_grid(made: tuple[room.Region, room.Report, Path]) -> None:
    region, _report, _tmp = made
    grid = region.metric_terrain(250.0, 1000.0)
    found = region.land_cover_on(grid)
    assert found is not None
    assert found.shape == grid.shape
    assert set(np.unique(found.values[np.isfinite(found.values)])) == {10, 50}
    assert np.isfinite(found.values).mean() > 0.9


def test_areas_tell_their_rule_and_free_ones_are_left_out(made: tuple[room.Region, room.Report, Path]) -> None:
    region, report, _tmp = made
    rows = region.exclusions[["kind", "rule", "exclusion_name"]].to_numpy().tolist()
    assert rows == [
        ["forest", "permit", "Hutan Lindung (HL)"],
        ["forest", "forbidden", "Cagar Alam"],
        ["hazard", "forbidden", "Tinggi"],
    ]
    assert report.codes().count("exclusions_left_out") == 2
    assert report.codes("warning").count("exclusions_not_told") == 1
    assert region.exclusions.crs == "EPSG:4326"


def test_forest_codes_of_the_ministry_are_named(tmp_path: Path) -> None:
    """The ministry's own map has the function as a number, which a shapefile may turn into 1001.0."""
    codes = [1001.0, 1002.0, 10024.0, 1003.0, 1004.0, 1005.0, 1007.0, 5001.0, 9999.0]
    frame = gpd.GeoDataFrame({"FUNGSIKWS": codes}, geometry=[box(109.3, -7.1, 109.4, -7.05)] * len(codes), crs=4326)
    frame.to_file(tmp_path / "KWSHUTAN_AR_250K.shp")
    files = Files(boundaries(tmp_path), exclusions=(tmp_path / "KWSHUTAN_AR_250K.shp",))
    region, report = import_region(files, Choices(), assumptions.load())
    rules = region.exclusions.groupby("exclusion_name")["rule"].agg(["first", "size"])
    assert rules.to_dict("index") == {
        "Hutan lindung": {"first": "permit", "size": 1},
        "Hutan produksi tetap": {"first": "permit", "size": 1},
        "Hutan produksi terbatas": {"first": "permit", "size": 1},
        "Hutan produksi yang dapat dikonversi": {"first": "permit", "size": 1},
        "Kawasan suaka alam atau pelestarian alam": {"first": "forbidden", "size": 2},
    }
    told = {p.code: p.facts["count"] for p in report if p.layer == "exclusions"}
    assert told == {"exclusions_left_out": "2", "exclusions_not_told": "1"}


def test_points_in_forbidden_areas_are_told_from_those_that_need_a_permit() -> None:
    areas = gpd.GeoDataFrame(
        {"exclusion_id": ["1", "2"], "kind": "forest", "rule": ["forbidden", "permit"], "exclusion_name": ""},
        geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)],
        crs=4326,
    )
    lon, lat = [0.5, 1.5, 2.5], [0.5, 0.5, 0.5]
    assert room.excluded(areas, lon, lat).tolist() == [True, False, False]
    assert room.excluded(areas, lon, lat, ("forbidden", "permit")).tolist() == [True, True, False]
    assert not room.excluded(room.empty("exclusions"), lon, lat).any()


def test_baselines_know_their_area(made: tuple[room.Region, room.Report, Path]) -> None:
    region, report, _tmp = made
    found = region.baselines[["area_code", "value", "year"]].to_numpy().tolist()
    assert found == [["33.27", 0.12, 2024.0], ["33.27.01", 0.2, 2024.0], ["33.27.01.2001", 1.5, 2023.0]]
    assert {"unknown_area", "wrong_type_number", "duplicate_dropped"} <= set(report.codes("warning"))


def test_they_are_kept_in_the_package_with_their_schema(made: tuple[room.Region, room.Report, Path]) -> None:
    region, report, tmp = made
    room.save(region, tmp / "r", report=report)
    back = room.load(tmp / "r")
    assert back.land_cover is not None
    assert region.land_cover is not None
    np.testing.assert_array_equal(back.land_cover.values, region.land_cover.values)
    assert back.exclusions.equals(region.exclusions)
    assert back.baselines.equals(region.baselines)
    package = json.loads((tmp / "r" / "datapackage.json").read_text())
    of = {resource["name"]: resource for resource in package["resources"]}
    assert of["land_cover"]["unit"] == "class"
    assert {field["name"] for field in of["exclusions"]["schema"]["fields"]} >= {"kind", "rule", "geometry"}
    assert room.grades(back.layers, report).set_index("layer").loc["exclusions", "grade"]


def test_a_raster_elsewhere_and_a_file_that_tells_no_function_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = worldcover(tmp_path / "far.tif", 120.0, np.full((50, 50), 10))
    words = ["import", str(tmp_path / "r"), "--boundaries", str(boundaries(tmp_path)), "--lang", "en"]
    assert main([*words, "--land-cover", str(far)]) == 2
    assert "does not touch the region" in capsys.readouterr().err
    gpd.GeoDataFrame({"colour": ["red"]}, geometry=[box(109.3, -7.1, 109.4, -7)], crs=4326).to_file(
        tmp_path / "x.geojson"
    )
    assert main([*words, "--exclusions", str(tmp_path / "x.geojson")]) == 2
    assert "no known kind" in capsys.readouterr().err


def test_a_region_without_them_is_whole() -> None:
    sample = room.load(Path(__file__).parents[2] / "data" / "pemalang")
    assert sample.land_cover is None
    assert sample.land_cover_on(Raster(np.zeros((2, 2), np.float32), Affine(90, 0, 0, 0, -90, 0), "EPSG:32749")) is None
    assert not len(sample.exclusions)
    assert not len(sample.baselines)
