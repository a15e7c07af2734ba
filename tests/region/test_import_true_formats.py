"""Every source's own format, as published: a small file of each is recognised, read, and named as its source."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import rasterio.shutil
import xlsxwriter
from affine import Affine
from region_files import boundaries, village_frame
from shapely.geometry import LineString, MultiPolygon, Point, box

from coverage import assumptions
from coverage.region import Report
from coverage.region.importer import Choices, Files, import_region, villages_context
from coverage.region.sources.columns import sources
from coverage.region.sources.registry import Read, read
from coverage.region.terrain import read_terrain

ASSUMED = assumptions.load()
CODES = ["33.27.01.2001", "33.27.01.2002", "33.27.01.1003"]
BPS = ["3327010001", "3327010002", "3327010003"]
NAMES = ["Plakaran", "Mandiraja", "Walangsanga"]
BOX = (109.25, -7.15, 109.47, -7.0)


def crosswalk(folder: Path) -> Path:
    path = folder / "crosswalk.csv"
    rows = zip(CODES, BPS, NAMES, strict=True)
    lines = ["kode_kemendagri,kode_bps2020,nama_kemendagri,kecamatan", *(f"{a},{b},{c},Moga" for a, b, c in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def shapes() -> gpd.GeoSeries:
    return village_frame().geometry


# ---------------------------------------------------------------- boundaries


def geoboundaries(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {
            "shapeName": NAMES,
            "shapeISO": "",
            "shapeID": [f"17423467B{n}" for n in range(3)],
            "shapeGroup": "IDN",
            "shapeType": "ADM4",
        },
        geometry=shapes(),
        crs=4326,
    )
    frame.to_file(folder / "geoBoundaries-IDN-ADM4_simplified.geojson")
    return folder / "geoBoundaries-IDN-ADM4_simplified.geojson"


def gadm(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {
            "GID_4": [f"IDN.10.22.7.{n}_1" for n in range(3)],
            "GID_0": "IDN",
            "COUNTRY": "Indonesia",
            "NAME_1": "JawaTengah",
            "NAME_2": "Pemalang",
            "NAME_3": "Moga",
            "NAME_4": NAMES,
            "TYPE_4": "Desa",
            "CC_4": "NA",
        },
        geometry=[MultiPolygon([shape]) for shape in shapes()],
        crs=4326,
    )
    frame.to_file(folder / "gadm41_IDN_4.geojson")
    inner = (folder / "gadm41_IDN_4.geojson").rename(folder / "gadm41_IDN_4.json")
    with zipfile.ZipFile(folder / "gadm41_IDN_4.json.zip", "w") as archive:
        archive.write(inner, inner.name)
    return folder / "gadm41_IDN_4.json.zip"


def bps(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"idprov": "33", "nmprov": "JAWA TENGAH", "nmkab": "PEMALANG", "nmkec": "MOGA", "iddesa": BPS, "nmdesa": NAMES},
        geometry=shapes(),
        crs=4326,
    )
    frame.to_file(folder / "final_desa_3327.gpkg")
    return folder / "final_desa_3327.gpkg"


def big_gdb(folder: Path) -> Path:
    path = folder / "RBI10K_ADMINISTRASI_DESA_20230928.gdb"
    frame = gpd.GeoDataFrame(
        {
            "NAMOBJ": NAMES,
            "KDEPUM": CODES,
            "KDEBPS": BPS,
            "KDPKAB": "33.27",
            "WADMKD": NAMES,
            "WADMKC": "Moga",
            "WADMKK": "Pemalang",
            "WADMPR": "Jawa Tengah",
            "LUASWH": 24.4,
        },
        geometry=[MultiPolygon([shape]) for shape in shapes()],
        crs=4326,
    )
    lines = gpd.GeoDataFrame({"REMARK": ["batas"]}, geometry=[LineString(shapes().iloc[0].exterior)], crs=4326)
    lines.to_file(path, driver="OpenFileGDB", layer="ADMINISTRASI_LN_DESAKEL")
    frame.to_file(path, driver="OpenFileGDB", layer="ADMINISTRASI_AR_DESAKEL", mode="a")
    return path


def big_gdb_zipped(folder: Path) -> Path:
    path = big_gdb(folder)
    shutil.make_archive(str(folder / "RBI10K"), "zip", folder, path.name)
    shutil.rmtree(path)
    return folder / "RBI10K.zip"


@pytest.mark.parametrize(
    ("make", "source"),
    [
        (geoboundaries, "geoboundaries"),
        (gadm, "gadm"),
        (bps, "bps_boundaries"),
        (big_gdb, "big_rbi"),
        (big_gdb_zipped, "big_rbi"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # GDAL's remarks while the test file is written
def test_boundaries(tmp_path: Path, make: Callable[[Path], Path], source: str) -> None:
    region, report = import_region(Files(make(tmp_path), crosswalk=crosswalk(tmp_path)), Choices(), ASSUMED)
    assert region.villages["village_code"].tolist() == sorted(CODES)
    assert region.villages["village_name"].tolist() == ["Walangsanga", "Plakaran", "Mandiraja"]
    assert region.layers["villages"].source == sources()[source].label
    assert not report.errors


# ---------------------------------------------------------------- other layers


def kontur(folder: Path) -> Path:
    # H3 cells of resolution 8 as Kontur publishes them: their index, people, outlines in EPSG:3857
    hexes = [Point(x, -7.075).buffer(0.004, 2) for x in (109.32, 109.36, 109.36)]
    frame = gpd.GeoDataFrame(
        {"h3": ["888d93a4b1fffff", "888d93a4b3fffff", "888d93a4b5fffff"], "population": [120.0, 40.0, 5.0]},
        geometry=hexes,
        crs=4326,
    )
    frame.to_crs(3857).to_file(folder / "kontur_population_ID_20231101.gpkg", layer="population")
    packed = folder / "kontur_population_ID_20231101.gpkg.gz"
    packed.write_bytes(gzip.compress((folder / "kontur_population_ID_20231101.gpkg").read_bytes()))
    return packed


def raster(path: Path, crs: object, transform: Affine, values: np.ndarray, nodata: float | None) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        crs=crs,
        transform=transform,
        nodata=nodata,
    ) as target:
        target.write(values, 1)
    return path


def worldpop(folder: Path) -> Path:
    values = np.full((120, 200), -99999, dtype="float32")
    values[66:96, 84:96] = 1.5
    transform = Affine(1 / 1200, 0, 109.25, 0, -1 / 1200, -7.0)
    return raster(folder / "idn_ppp_2020_constrained.tif", 4326, transform, values, -99999)


def ghsl(folder: Path) -> Path:
    west, south, east, north = gpd.GeoSeries([box(*BOX)], crs=4326).to_crs("ESRI:54009").total_bounds
    size = (int((north - south) / 100), int((east - west) / 100))
    transform = Affine(100, 0, west, 0, -100, north)
    return raster(folder / "GHS_POP_E2025_54009_100.tif", "ESRI:54009", transform, np.full(size, 0.5), -200)


def overpass(folder: Path) -> Path:
    elements = [
        {
            "type": "node",
            "id": 1,
            "lat": -7.07,
            "lon": 109.32,
            "tags": {
                "man_made": "tower",
                "tower:type": "communication",
                "operator": "Telkomsel",
                "height": "52",
                "communication:mobile_phone": "yes",
            },
        },
        {"type": "way", "id": 2, "center": {"lat": -7.08, "lon": 109.36}, "tags": {"man_made": "communications_tower"}},
    ]
    content = {"version": 0.6, "generator": "Overpass API 0.7.62", "osm3s": {}, "elements": elements}
    (folder / "towers.json").write_text(json.dumps(content))
    return folder / "towers.json"


def bakti(folder: Path) -> Path:
    path = folder / "Daftar BTS BAKTI.xlsx"
    header = ["No", "Kode Kel./Desa", "Provinsi", "Kab/Kota", "Kecamatan", "Kelurahan/Desa", "Sub-Regional", "Kategori"]
    header += ["Site ID", "Regional", "Long", "Lat", "On Air Actual", "Phase"]
    row = [1, 3327012001, "JAWA TENGAH", "PEMALANG", "MOGA", "PLAKARAN", "JAWA", "NON 3T"]
    row += ["BKT0001", "JAWA", 109.32, -7.07, "2023-05-01", "Phase 1"]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Site")
        sheet.write_row(0, 0, ["Daftar BTS"])
        sheet.write_row(2, 0, header)
        sheet.write_row(3, 0, row)
    return path


def ookla(folder: Path) -> Path:
    west, south, step = 109.315, -7.075, 360 / 2**16
    tile = f"POLYGON(({west} {south}, {west + step} {south}, {west + step} {south + step}, {west} {south}))"
    frame = pd.DataFrame(
        {
            "quadkey": ["3100230101010101"],
            "tile": [tile],
            "tile_x": [west],
            "tile_y": [south],
            "avg_d_kbps": [22000],
            "avg_u_kbps": [9000],
            "avg_lat_ms": [31],
            "avg_lat_down_ms": [np.nan],
            "avg_lat_up_ms": [np.nan],
            "tests": [40],
            "devices": [12],
        }
    )
    frame.to_parquet(folder / "2025-04-01_performance_mobile_tiles.parquet")
    return folder / "2025-04-01_performance_mobile_tiles.parquet"


def idm(folder: Path) -> Path:
    row = {"NO": 37, "KETERANGAN": "", "KEGIATAN": "", "NILAI": None, "PUSAT": "Komdigi", "ROW_CELL": 1}
    content = {
        "status": 200,
        "error": False,
        "mapData": {
            "SUMMARIES": {"SKOR_SAAT_INI": 0.7, "STATUS": "MAJU", "TARGET_STATUS": "MANDIRI", "TAHUN": 2024},
            "ROW": [
                {**row, "INDIKATOR": "Skor Sinyal Tlp", "SKOR": 5},
                {**row, "INDIKATOR": "Skor Internet Kantor Desa", "SKOR": 5},
                {**row, "INDIKATOR": "Skor Akses Internet Warga", "SKOR": 3},
            ],
            "IDENTITAS": [{"nama_provinsi": "JAWA TENGAH", "id_desa": "3327012001", "nama_desa": "PLAKARAN"}],
        },
    }
    (folder / "3327012001.json").write_text(json.dumps(content))
    return folder / "3327012001.json"


def podes(folder: Path) -> Path:
    lines = [
        "IDDESA,R101,R102,R103,R104,NAMA_PROV,NAMA_KAB,NAMA_KEC,NAMA_DESA,R1005A,R1005B,R1005C,R1005D,R1006B",
        "3327010001,33,27,010,001,JAWA TENGAH,PEMALANG,MOGA,PLAKARAN,1,3,1,2,2",
        "1101010001,11,01,010,001,ACEH,SIMEULUE,TEUPAH SELATAN,LATIUNG,0,0,4,4,4",
    ]
    (folder / "podes2024_desa.csv").write_text("\n".join(lines) + "\n")
    return folder / "podes2024_desa.csv"


def ofds_json(folder: Path) -> Path:
    node = {
        "id": "1",
        "name": "POP Moga",
        "location": {"type": "Point", "coordinates": [109.32, -7.07]},
        "physicalInfrastructureProvider": {"id": "0", "name": "Telkom"},
        "status": "operational",
        "type": ["pointOfPresence"],
    }
    network = {"id": "fd7b30d6", "name": "Jateng", "nodes": [node], "spans": [], "crs": {"name": "EPSG:4326"}}
    (folder / "network-package.json").write_text(json.dumps({"networks": [network]}))
    return folder / "network-package.json"


def ofds_geojson(folder: Path) -> Path:
    properties = {"id": "1", "networkProviders": [{"name": "Telkom"}], "network": {"id": "fd7b30d6"}}
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [109.32, -7.07]},
        "properties": properties,
    }
    (folder / "nodes.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return folder / "nodes.geojson"


def school_points(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"osm_id": ["7"], "amenity": ["school"], "name": ["SDN 1 Plakaran"]}, geometry=[Point(109.32, -7.07)], crs=4326
    )
    frame.to_crs(32749).to_file(folder / "sekolah.gpkg")
    return folder / "sekolah.gpkg"


def hamlet_points(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"id": ["D1"], "dusun": ["Krajan"], "jiwa": [300]}, geometry=[Point(109.32, -7.07)], crs=4326
    )
    frame.to_file(folder / "dusun.geojson")
    return folder / "dusun.geojson"


def spatial_plan(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"POLA_RUANG": ["Sempadan Sungai", "Kawasan Permukiman"]}, geometry=[box(*BOX), box(*BOX)], crs=4326
    )
    frame.to_file(folder / "rtrw.geojson")
    return folder / "rtrw.geojson"


def own_areas(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"jenis": ["land_status"], "aturan": ["permit"], "nama": ["Tanah adat"]}, geometry=[box(*BOX)], crs=4326
    )
    frame.to_parquet(folder / "tanah.parquet")
    return folder / "tanah.parquet"


def _people(expected: float) -> Callable[[Read], None]:
    def check(found: Read) -> None:
        assert found.frame["population"].sum() == pytest.approx(expected, rel=0.02)

    return check


def _says(**expected: str) -> Callable[[Read], None]:
    def check(found: Read) -> None:
        assert len(found.frame) == 1
        assert {name: found.frame.iloc[0][name] for name in expected} == expected

    return check


def _towers(found: Read) -> None:
    assert found.frame["operator"].tolist() == ["Telkomsel", ""]
    assert found.frame["height_m"].iloc[0] == 52
    assert found.completeness == {"Telkomsel": "partial"}


def _bakti(found: Read) -> None:
    assert found.frame[["lon", "lat"]].to_numpy().tolist() == [[109.32, -7.07]]
    assert found.frame["station"].str.endswith("BKT0001").all()


@pytest.mark.parametrize(
    ("layer", "make", "source", "check"),
    [
        ("population", kontur, "kontur", _people(165)),
        ("population", worldpop, "population_raster", _people(30 * 12 * 1.5)),
        ("population", ghsl, "population_raster", _people(0.5 * 3 * 24.5e6 / 1e4)),
        ("cells", overpass, "overpass_towers", _towers),
        ("cells", bakti, "bakti_list", _bakti),
        ("evidence", ookla, "ookla", _says(access_class="served", evidence="measured", date="2025-06-28")),
        ("evidence", idm, "idm", _says(access_class="weak", evidence="reported", date="2024-12-31")),
        ("evidence", podes, "podes", _says(access_class="weak", evidence="reported", village_code=CODES[0])),
        ("fibre", ofds_json, "ofds", _says(owner="Telkom")),
        ("fibre", ofds_geojson, "ofds", _says(owner="Telkom")),
        ("facilities", school_points, "facility_vector", _says(kind="school", village_code=CODES[0])),
        ("settlements", hamlet_points, "hamlet_points", _says(settlement_name="Krajan", village_code=CODES[0])),
        ("exclusions", own_areas, "exclusion_file", _says(kind="land_status", rule="permit")),
    ],
)
def test_layers(
    tmp_path: Path, layer: str, make: Callable[[Path], Path], source: str, check: Callable[[Read], None]
) -> None:
    files = Files(boundaries(tmp_path), crosswalk=crosswalk(tmp_path))
    _villages, context = villages_context(files, Choices(), ASSUMED, Report())
    report = Report()
    found = read(layer, make(tmp_path), context, report)
    assert not report.errors
    assert found.source.name == source
    check(found)


def test_zones_that_are_not_told_are_listed(tmp_path: Path) -> None:
    _villages, context = villages_context(Files(boundaries(tmp_path)), Choices(), ASSUMED, Report())
    report = Report()
    found = read("exclusions", spatial_plan(tmp_path), context, report)
    assert found.source.name == "spatial_plan"
    assert found.frame[["rule", "exclusion_name"]].to_numpy().tolist() == [["forbidden", "Sempadan Sungai"]]
    assert [p.value for p in report if p.code == "exclusions_not_told"] == ["Kawasan Permukiman"]


# ---------------------------------------------------------------- terrain


def hgt(folder: Path, name: str, height: int, void: bool = False) -> Path:
    """An SRTM3 tile: 1201 x 1201 big-endian int16, row 0 in the north, -32768 for voids."""
    values = np.full((1201, 1201), height, dtype=">i2")
    if void:
        values[100:160, 380:440] = -32768
    (folder / name).write_bytes(values.tobytes())
    return folder / name


def hgt_zip(folder: Path) -> tuple[Path, ...]:
    inner = hgt(folder, "S08E109.hgt", 321)
    with zipfile.ZipFile(folder / "S08E109.SRTMGL1.hgt.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "S08E109.hgt")
    return (folder / "S08E109.SRTMGL1.hgt.zip",)


def cog(folder: Path) -> tuple[Path, ...]:
    transform = Affine(1 / 1200, 0, 109.0, 0, -1 / 1200, -7.0)
    plain = raster(folder / "plain.tif", 4326, transform, np.full((1200, 1200), 321, dtype="float32"), None)
    path = folder / "Copernicus_DSM_COG_10_S08_00_E109_00_DEM.tif"
    with rasterio.open(plain) as source:
        rasterio.shutil.copy(source, path, driver="COG", compress="DEFLATE")
    return (path,)


def mosaic(folder: Path) -> tuple[Path, ...]:
    """Two sheets that meet inside the region, the western one with a void, in UTM and in degrees."""
    west = hgt(folder, "S08E109.hgt", 321, void=True)
    metric = Affine(90, 0, 320_000, 0, -90, 9_230_000)
    east = raster(folder / "DEMNAS_1308-52_v1.0.tif", 32749, metric, np.full((400, 400), 321, dtype="float32"), -9999)
    return west, east


@pytest.mark.parametrize(("make", "source"), [(hgt_zip, "srtm_hgt"), (cog, "dem_raster"), (mosaic, "dem_raster")])
def test_terrain(tmp_path: Path, make: Callable[[Path], tuple[Path, ...]], source: str) -> None:
    report = Report()
    found, known = read_terrain(make(tmp_path), BOX, ASSUMED, report)
    assert found is not None
    assert known.name == source
    west, south, east, _north = BOX
    inside = found.sample(*np.meshgrid(np.linspace(west + 0.01, east - 0.01, 30), np.linspace(south + 0.01, -7.01, 30)))
    assert np.allclose(inside, 321, atol=1)
    if make is mosaic:
        assert "voids_filled" in report.codes("warning")
