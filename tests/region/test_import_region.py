"""Regions from files as published: joins, clusters, terrain and what is told about them."""

from __future__ import annotations

import gzip
import math
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from region_files import CELLS, boundaries, cells, village_frame
from shapely.geometry import Point

from coverage import assumptions
from coverage import region as room
from coverage.assumptions import Assumptions
from coverage.language import using
from coverage.raster import Raster
from coverage.region import QualityError, Region, Report
from coverage.region.importer import Choices, Files, import_region
from coverage.region.joins import Likeness, match_names
from coverage.region.settle import estimate_settlements
from coverage.region.sites import gather, leaders
from coverage.region.sources.radios import as_radios, operators_at
from coverage.region.sources.tabular import read_table
from coverage.region.terrain import read_terrain, tile_names
from coverage.region.text import area_codes, dotted, looks_kemendagri, name_key, numbers, village_codes


@pytest.fixture(scope="module")
def assumed() -> Assumptions:
    return assumptions.load()


def imported(files: Files, assumed: Assumptions, **choices: object) -> tuple[Region, Report]:
    return import_region(files, Choices(date="2026-01-02", **choices), assumed)  # type: ignore[arg-type]


# ---------------------------------------------------------------- boundaries


@pytest.mark.parametrize("name", ["v.geojson", "v.gpkg", "v.shp", "v.parquet", "v.fgb"])
def test_every_vector_format_gives_the_same_villages(tmp_path: Path, name: str, assumed: Assumptions) -> None:
    region, _report = imported(Files(boundaries(tmp_path, name)), assumed)
    assert list(region.villages["village_code"]) == ["33.27.01.1003", "33.27.01.2001", "33.27.01.2002"]
    assert list(region.villages["kind"]) == ["kelurahan", "desa", "desa"]
    assert (region.code, region.name) == ("33.27", "Kabupaten Pemalang")
    assert set(region.villages["district_name"]) == {"Moga"}


def test_zipped_shapefile_in_utm_is_found_and_reprojected(tmp_path: Path, assumed: Assumptions) -> None:
    folder = tmp_path / "shp"
    folder.mkdir()
    village_frame().to_crs(32749).to_file(folder / "desa.shp")
    with zipfile.ZipFile(tmp_path / "desa.zip", "w") as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"data/{part.name}")
    region, report = imported(Files(tmp_path / "desa.zip"), assumed)
    assert region.bounds[0] == pytest.approx(109.30, abs=1e-4)
    assert "reprojected" in report.codes()


@pytest.mark.parametrize("crs", [4326, 32749, 3857, 23830, 9470])
def test_coordinate_systems_in_use_come_out_the_same(tmp_path: Path, crs: int, assumed: Assumptions) -> None:
    village_frame().to_crs(crs).to_file(tmp_path / "v.gpkg")
    region, _report = imported(Files(tmp_path / "v.gpkg"), assumed)
    assert region.villages.crs == "EPSG:4326"
    assert region.bounds == pytest.approx((109.30, -7.10, 109.42, -7.05), abs=2e-4)


def test_archive_of_all_levels_gives_the_villages(tmp_path: Path, assumed: Assumptions) -> None:
    levels = {"adm1": {"ADM1_EN": "Jawa Tengah", "ADM1_PCODE": "ID33"}, "adm2": {"ADM2_EN": "Pemalang"}}
    levels["adm4"] = {"ADM4_PCODE": "ID3327010001", "ADM4_EN": "Plakaran", "ADM3_EN": "Moga", "ADM2_EN": "Pemalang"}
    with zipfile.ZipFile(tmp_path / "idn_adm.zip", "w") as archive:
        for name, fields in levels.items():
            shape = gpd.GeoDataFrame({k: [v] for k, v in fields.items()}, geometry=village_frame().geometry[:1])
            shape.to_file(tmp_path / f"idn_admbnda_{name}.shp")
            for part in sorted(tmp_path.glob(f"idn_admbnda_{name}.*")):
                archive.write(part, f"idn_adm/{part.name}")
    region, report = imported(Files(tmp_path / "idn_adm.zip"), assumed)
    assert region.villages["village_code"].tolist() == ["33.27.01.2001"]
    assert "adm4" in next(p.what for p in report if p.code == "several_in_archive")


def test_big_rbi_columns_and_codes_turned_to_numbers(tmp_path: Path, assumed: Assumptions) -> None:
    frame = gpd.GeoDataFrame(
        {
            "KDEPUM": ["33.27.01.2001", "33.27.01.2002"],
            "WADMKD": ["PLAKARAN", "MANDIRAJA"],
            "WADMKC": ["Moga", "Moga"],
            "WADMKK": ["Pemalang", "Pemalang"],
        },
        geometry=list(village_frame().geometry[:2]),
        crs=4326,
    )
    frame.to_file(tmp_path / "rbi.gpkg")
    region, _report = imported(Files(tmp_path / "rbi.gpkg"), assumed)
    assert region.layers["villages"].kind == "official"
    assert region.name == "Kabupaten Pemalang"
    frame["KDEPUM"] = [3327012001.0, 3327012002.0]
    frame.to_file(tmp_path / "numbers.gpkg")
    again, _report = imported(Files(tmp_path / "numbers.gpkg"), assumed)
    assert list(again.villages["village_code"]) == list(region.villages["village_code"])


def test_bps_codes_go_through_a_crosswalk_and_names_as_a_last_resort(tmp_path: Path, assumed: Assumptions) -> None:
    village_frame()[["geometry"]].assign(
        ADM4_PCODE=["ID3327010001", "ID3327010002", "ID3327019999"],
        ADM4_EN=["Plakaran", "Mandi Raja", "Wangkelang"],
        ADM3_EN="Moga",
        ADM2_EN="Pemalang",
    ).to_file(tmp_path / "hdx.geojson")
    (tmp_path / "x.csv").write_text(
        "kode_kemendagri;nama;kecamatan;kode_bps;match\n"
        "33.27.01.2001;Plakaran;Moga;3327010001;name\n33.27.01.2002;Mandiraja;Moga;3327010002;doubt\n"
        "33.27.01.2004;Wangkelan;Moga;;\n33.27.01.2005;Banyumudal;Moga;;\n"
    )
    region, report = imported(Files(tmp_path / "hdx.geojson", crosswalk=tmp_path / "x.csv"), assumed)
    villages = region.villages.set_index("village_code")["village_name"]
    assert villages.to_dict() == {
        "33.27.01.2001": "Plakaran",
        "33.27.01.2002": "Mandiraja",
        "33.27.01.2004": "Wangkelan",
    }
    assert report.codes().count("fuzzy_match") == 1
    assert [(p.code, p.row) for p in report if p.code in {"new_village", "doubtful_match"}] == [
        ("doubtful_match", "33.27.01.2002"),
        ("new_village", "33.27.01.2005"),
    ]


def test_only_the_regency_asked_for_is_kept(tmp_path: Path, assumed: Assumptions) -> None:
    path = boundaries(tmp_path, kode=["33.10.01.2001", "33.27.01.2001", "33.27.01.2002"], kec_kode=["", "", ""])
    region, _report = imported(Files(path), assumed, code="33.10")
    assert region.code == "33.10"
    assert len(region.villages) == 1


# ---------------------------------------------------------------- text and names


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("33.27.01.2001", "33.27.01.2001"),
        ("3327012001", "33.27.01.2001"),
        ("3327012001.0", "33.27.01.2001"),
        ("3327012001,0", "33.27.01.2001"),
        ("3.327.012.001", "33.27.01.2001"),
        ("3,327012001E+09", "33.27.01.2001"),
        (" 33.27.01.2001 ", "33.27.01.2001"),
        ("33.10", ""),
        ("3.327012E+09", ""),
        ("", ""),
    ],
)
def test_village_codes(written: str, code: str) -> None:
    assert dotted(village_codes(pd.Series([written]))).tolist() == [code]


@pytest.mark.parametrize(
    ("written", "code"),
    [("3327", "33.27"), ("33.1", "33.10"), ("33,27", "33.27"), ("3327.0", "33.27"), ("332701", "33.27.01"),
     ("3327012001", "33.27.01.2001"), ("33", "33"), ("27.0", ""), ("desa", "")],
)  # fmt: skip
def test_codes_of_areas_survive_a_spreadsheet(written: str, code: str) -> None:
    assert area_codes(pd.Series([written])).tolist() == [code]
    assert area_codes(pd.Series([], dtype="str")).tolist() == []


def test_the_two_code_systems_are_told_apart() -> None:
    assert looks_kemendagri(pd.Series(["3327012001", "3327011004"]))
    assert not looks_kemendagri(pd.Series(["3327010001", "3327140011"]))


@pytest.mark.parametrize(
    ("written", "whole", "value"),
    [
        ("1.234", True, 1234),
        ("1.234", False, 1.234),
        ("1,5", False, 1.5),
        ("1.234,5", False, 1234.5),
        ("1,234.5", False, 1234.5),
        ("12 345", True, 12345),
        ("1.234.567", True, 1234567),
        ("-6,9", False, -6.9),
        ("n/a", False, math.nan),
        ("1e999", False, math.nan),
    ],
)
def test_numbers_as_people_write_them(written: str, whole: bool, value: float) -> None:
    assert numbers(pd.Series([written]), whole=whole).tolist() == pytest.approx([value], nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(
    order=st.permutations(["kode_desa", "nama_desa", "kecamatan", "jumlah_penduduk"]),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "utf-16"]),
    title=st.booleans(),
)
def test_tables_in_any_order_encoding_and_delimiter(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], separator: str, encoding: str, title: bool
) -> None:
    values = {"kode_desa": "33.27.01.2001", "nama_desa": "Désa Açu", "kecamatan": "Moga", "jumlah_penduduk": "1.234"}
    lines = ["Jumlah Penduduk, menurut desa"] if title else []
    lines += [separator.join(order), separator.join(values[name] for name in order)]
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    frame = read_table(path, "population", Report())
    assert frame[list(values)].iloc[0].to_dict() == values


def test_names_match_only_with_a_clear_lead() -> None:
    reference = pd.DataFrame(
        {
            "village_code": ["33.27.01.2001", "33.27.01.2002", "33.27.02.2001"],
            "village_name": ["Gendoang", "Gendowong", "Karangsari"],
            "district_name": ["Moga", "Moga", "Pulosari"],
        }
    )
    frame = pd.DataFrame(
        {"village_name": ["Desa Karang Sari", "Gendowang", "Xyz"], "district_name": ["Kec. Pulosari", "Moga", "Moga"]}
    )
    report = Report()
    found = match_names(frame, reference, Likeness(86, 10), "population", report)
    assert found.tolist() == ["33.27.02.2001", "", ""]
    assert report.codes() == ["unmatched", "unmatched"]
    assert "Gendoang" in next(iter(report)).what
    assert name_key("Kelurahan  Mulyo-Harjo") == "mulyoharjo"


# ---------------------------------------------------------------- population


def test_population_table_with_thousands_and_a_gap(tmp_path: Path, assumed: Assumptions) -> None:
    table = tmp_path / "p.csv"
    table.write_text("Kecamatan;Desa;Jumlah Penduduk;Jumlah KK\nMoga;Plakaran;4.321;1.111\nMoga;Mandi Raja;5.000;\n")
    region, report = imported(Files(boundaries(tmp_path), population=table), assumed)
    villages = region.villages.set_index("village_code")
    assert villages.loc["33.27.01.2001", ["population", "households"]].tolist() == [4321, 1111]
    assert villages.loc["33.27.01.2002", "households"] == round(5000 / assumed["region.household_size"])
    assert "missing_population" in report.codes("warning")
    assert villages.loc["33.27.01.1003", "population"] > 0


def test_population_raster_is_summed_within_borders(tmp_path: Path, assumed: Assumptions) -> None:
    path = tmp_path / "pop.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=100,
        width=200,
        count=1,
        dtype="float32",
        crs=4326,
        nodata=-99999,
        transform=Affine(0.001, 0, 109.25, 0, -0.001, -7.03),
    ) as target:
        values = np.full((100, 200), 2.0, dtype="float32")
        values[:, :50] = -99999
        target.write(values, 1)
    region, _report = imported(Files(boundaries(tmp_path), population=path), assumed)
    assert region.villages["population"].sum() == pytest.approx(2 * 120 * 50, rel=1e-3)


def test_hamlets_stand_where_a_raster_has_people(tmp_path: Path, assumed: Assumptions) -> None:
    values = np.zeros((100, 150))
    values[20:23, 20:23] = 300  # 2,700 people in the west of the first village
    values[55, 35] = 300  # and 300 in its east; nobody in the second village, some in the third
    values[40:50, 100] = 10
    path = dem(tmp_path / "pop.tif", 109.29, -7.04, 0.001, values)
    region, report = imported(Files(boundaries(tmp_path), population=path), assumed)
    first = region.settlements[region.settlements["village_code"] == "33.27.01.2001"]
    assert 2 <= len(first) <= math.ceil(3000 / assumed["region.settlement_people"])
    assert first["population"].min() == pytest.approx(300, rel=0.01)  # the far hamlet is not lost in the crowd
    assert first["population"].sum() == pytest.approx(3000, rel=1e-3)
    assert (Raster.read(path).sample(first.geometry.x, first.geometry.y) > 0).all()
    assert first["population"].max() < 1500  # the crowd of 2,700 is divided, not one hamlet
    assert "settlements_from_raster" in report.codes("info")
    assert set(region.settlements["village_code"]) == set(region.villages["village_code"])


def test_population_of_another_place_is_refused(tmp_path: Path, assumed: Assumptions) -> None:
    table = tmp_path / "p.csv"
    table.write_text("kode_desa,penduduk\n33.27.01.2001,10\n33.27.01.2001,20\n")
    with pytest.raises(QualityError) as caught:
        imported(Files(boundaries(tmp_path), population=table), assumed)
    assert caught.value.report.codes("error") == ["duplicate"]


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_opencellid_with_and_without_header(tmp_path: Path, header: bool, packed: bool, assumed: Assumptions) -> None:
    path = cells(tmp_path, header=header)
    if packed:
        path = tmp_path / "510.csv.gz"
        path.write_bytes(gzip.compress((tmp_path / "510.csv").read_bytes()))
    region, report = imported(Files(boundaries(tmp_path), cells=(path,)), assumed)
    assert len(region.sites) == 3
    told = region.cells.set_index(["operator", "technology"])
    assert sorted(told.index) == [("Telkomsel", "2g"), ("Telkomsel", "4g"), ("XL Axiata", "4g")]
    assert told.loc[("Telkomsel", "4g"), "sectors"] == 2
    assert region.completeness == {"Telkomsel": "partial", "XL Axiata": "partial"}
    assert region.layers["cells"].date == "2024-11-12"
    assert "partial_cells" in report.codes()
    assert (region.sites["position_uncertainty_m"] > 300).all()


def test_mergers_change_who_runs_a_network() -> None:
    assert operators_at("2021-12-31")[510, 89] == "3 Indonesia"
    assert operators_at("2022-01-04")[510, 89] == operators_at("2022-01-04")[510, 1] == "Indosat Ooredoo Hutchison"
    assert operators_at("2025-04-15")[510, 9] == "Smartfren"
    assert operators_at("2025-04-16")[510, 9] == operators_at("2025-04-16")[510, 11] == "XLSmart"


def test_stale_moved_double_and_foreign_cells(tmp_path: Path, assumed: Assumptions) -> None:
    rows = (
        *CELLS,
        CELLS[0].replace("1731432544", "1731432000"),  # an older entry of the same cell
        "LTE,510,10,3837,48566019,-1,109.40,-7.07,1000,2,1,1,1731432544,0",  # 9 km from its station
        "GSM,510,10,4869,777,0,109.35,-7.08,2000,4,1,1,1400000000,0",  # unseen for ten years
        "CDMA,510,9,1,5,0,109.35,-7.08,2000,4,1,1,1731432544,0",
        "LTE,510,77,1,999,0,109.35,-7.08,2000,4,1,1,1731432544,0",  # a network in no list
        "LTE,510,10,3837,48566020,-1,abc,-7.07,1000,2,1,1,1731432544,0",
        "LTE,510,10,1,2,-1,106.8,-6.2,1000,2,1,1,1731432544,0",  # Jakarta
    )
    region, report = imported(Files(boundaries(tmp_path), cells=(cells(tmp_path, *rows),)), assumed)
    found = report.codes()
    for code in ("duplicate_dropped", "moved_cells", "stale_cells", "unsupported_radio", "unknown_network", "bad_rows"):
        assert found.count(code) == 1, code
    assert set(region.cells["operator"]) == {"Telkomsel", "XL Axiata", "510-77"}
    assert region.cells["radio_ids"].str.count("510").sum() == 5


def test_cells_along_a_road_do_not_become_one_tower() -> None:
    x = np.arange(0, 5000, 100.0)
    groups = leaders(x, np.zeros_like(x), np.ones_like(x), 400)
    spans = [np.ptp(x[groups == g]) for g in range(groups.max() + 1)]
    assert max(spans) <= 800
    assert len(spans) > 5


def test_shared_towers_keep_their_operators(assumed: Assumptions) -> None:
    frame = pd.DataFrame(
        {
            "radio_id": ["a", "b", "c"],
            "operator": ["A", "B", "B"],
            "technology": "4g",
            "lon": [109.3, 109.3002, 109.35],
            "lat": -7.1,
            "position_uncertainty_m": [20.0, 20.0, 20.0],
        }
    )
    sites, made = gather(as_radios(frame), "EPSG:32749", assumed, Report())
    assert len(sites) == 2
    shared = made.groupby("site_id")["operator"].agg(set)
    assert {"A", "B"} in list(shared)
    room.LAYERS["cells"].table.validate(made)  # type: ignore[union-attr]
    room.LAYERS["sites"].table.validate(sites)  # type: ignore[union-attr]


# ---------------------------------------------------------------- terrain and hamlets


def dem(path: Path, west: float, north: float, step: float, values: np.ndarray, **profile: object) -> Path:
    settings = {"driver": "GTiff", "crs": 4326, "nodata": -32768, "dtype": "int16", "count": 1, **profile}
    transform = Affine(step, 0, west, 0, -step, north)
    height, width = values.shape
    with rasterio.open(path, "w", height=height, width=width, transform=transform, **settings) as target:
        target.write(values.astype("int16"), 1)
    return path


BOX = (109.2, -7.2, 109.5, -6.95)


def test_tiles_are_merged_voids_filled_and_the_sea_is_level(tmp_path: Path, assumed: Assumptions) -> None:
    left = np.full((400, 200), 500)
    left[100:104, 100:104] = -32768
    right = np.full((200, 50), 100)  # half as far east as the region reaches
    right[:50] = -60  # the sea floor
    tiles = (dem(tmp_path / "a.tif", 109.1, -6.9, 0.001, left), dem(tmp_path / "b.tif", 109.3, -6.9, 0.002, right))
    report = Report()
    raster, _source = read_terrain(tiles, BOX, assumed, report)
    assert raster is not None
    assert np.isfinite(raster.values).all()
    assert raster.sample([109.25, 109.35, 109.35, 109.45], [-7.1, -7.1, -6.96, -7.1]).tolist() == [500, 100, 0, 0]
    assert raster.sample([109.2015], [-7.0015])[0] == pytest.approx(500)
    assert sorted(report.codes()) == ["sea_level", "voids_filled"]


def test_heights_do_not_depend_on_how_much_is_cut_out(tmp_path: Path, assumed: Assumptions) -> None:
    steep = np.random.default_rng(3).integers(0, 2000, (1500, 1800))
    tile = dem(tmp_path / "utm.tif", 290_000, 9_240_000, 30, steep, crs="EPSG:32749")
    wide, _source = read_terrain((tile,), (109.15, -7.2, 109.5, -6.95), assumed, Report())
    cut, _source = read_terrain((tile,), (109.2, -7.1, 109.3, -7.0), assumed, Report())
    assert wide is not None
    assert cut is not None
    x, y = cut.xy(*np.indices(cut.shape))
    assert np.abs(wide.sample(x, y) - cut.values).max() < 0.1


def test_terrain_of_another_place_names_the_tile_to_get(tmp_path: Path, assumed: Assumptions) -> None:
    report = Report()
    with pytest.raises(QualityError, match="S08E109"):
        read_terrain((dem(tmp_path / "a.tif", 100, 0, 0.01, np.ones((10, 10))),), BOX, assumed, report)
    assert tile_names((109.2, -7.2, 109.5, -6.9)) == ["S08E109", "S07E109"]


def test_hgt_tile_gets_its_place_from_its_name(tmp_path: Path, assumed: Assumptions) -> None:
    heights = np.tile(np.linspace(0, 1200, 1201), (1201, 1)).astype(">i2")
    path = tmp_path / "S08E109.hgt"
    heights.tofile(path)
    with zipfile.ZipFile(tmp_path / "S08E109.SRTMGL1.hgt.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
    with zipfile.ZipFile(tmp_path / "both.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "S08E108.hgt")
        archive.write(path, "S08E109.hgt")
    wide, _source = read_terrain((tmp_path / "both.zip",), (108.8, -7.5, 109.4, -7.2), assumed, Report())
    assert wide is not None
    assert wide.sample([108.85, 109.25], [-7.3, -7.3]) == pytest.approx([1020, 300], abs=2)
    for source in (path, tmp_path / "S08E109.SRTMGL1.hgt.zip"):
        raster, _source = read_terrain((source,), (109.2, -7.5, 109.4, -7.2), assumed, Report())
        assert raster is not None
        assert raster.sample([109.25], [-7.3])[0] == pytest.approx(300, abs=2)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(QualityError):
        read_terrain((path,), (109.2, -7.5, 109.4, -7.2), assumed, Report())


def test_estimated_hamlets_lie_inside_on_gentle_ground(tmp_path: Path, assumed: Assumptions) -> None:
    steep = np.zeros((300, 500))
    steep[:, 262:] = np.arange(238) * 40  # east of 109.36 the ground rises 40 m per pixel
    tile = dem(tmp_path / "a.tif", 109.15, -6.95, 0.0008, steep)
    region, _report = imported(Files(boundaries(tmp_path), terrain=(tile,)), assumed)
    hamlets = region.settlements
    for village in region.villages.itertuples():
        own = hamlets[hamlets["village_code"] == village.village_code]
        assert own.within(village.geometry).all()
        assert own["population"].sum() == pytest.approx(village.population)
        assert len(own) == min(
            math.ceil(village.population / assumed["region.settlement_people"]), assumed["region.settlement_most"]
        )
    middle = hamlets[hamlets["village_code"] == "33.27.01.2002"]  # half flat, half steep
    assert (middle.geometry.x < 109.362).mean() > 0.8
    again = estimate_settlements(region.villages, region.terrain, assumed)
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(hamlets))


# ---------------------------------------------------------------- the whole


def test_same_files_give_the_same_bytes_and_a_region_that_loads(tmp_path: Path, assumed: Assumptions) -> None:
    files = Files(boundaries(tmp_path), cells=(cells(tmp_path),))
    for name in "ab":
        region, report = imported(files, assumed)
        room.save(region, tmp_path / name, created="2026-01-02", report=report)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name
    back = room.load(tmp_path / "a")
    assert not back.is_sample
    assert set(back.providers["kind"]) == {"mobile", "isp", "tower", "bumdes", "satellite"}
    assert back.providers["market_share"].sum() == pytest.approx(1)
    assert room.load_report(tmp_path / "a").codes() == [p.code for p in report]


def test_the_report_speaks_both_languages(tmp_path: Path, assumed: Assumptions) -> None:
    _region, report = imported(Files(boundaries(tmp_path)), assumed)
    frames = {}
    for language in ("id", "en"):
        with using(language):
            frames[language] = report.frame()
    assert list(frames["en"].columns) == ["severity", "layer", "row", "column", "value", "what", "todo"]
    assert (frames["en"]["what"] != frames["id"]["what"]).all()


def test_point_layers_are_no_villages(tmp_path: Path, assumed: Assumptions) -> None:
    gpd.GeoDataFrame({"kode": ["33.27.01.2001"], "nama": ["x"]}, geometry=[Point(109.3, -7)], crs=4326).to_file(
        tmp_path / "p.geojson"
    )
    with pytest.raises(QualityError):
        imported(Files(tmp_path / "p.geojson"), assumed)
