"""Each kind of file beside boundaries: read, placed, joined, doubted."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import xlsxwriter
from region_files import boundaries
from shapely.geometry import LineString, Point, box

from coverage import assumptions
from coverage import region as room
from coverage.assumptions import Assumptions
from coverage.cli import main
from coverage.region import QualityError, Region, Report
from coverage.region import sources as sources_package
from coverage.region.importer import Choices, Files, import_region
from coverage.region.sources.facilities import kind_of
from coverage.region.sources.registry import readers
from coverage.region.sources.towers import operators_in, technologies_in

CODES = ("33.27.01.2001", "33.27.01.2002", "33.27.01.1003")
BPS = ("3327010001", "3327010002", "3327010003")


@pytest.fixture(scope="module")
def assumed() -> Assumptions:
    return assumptions.load()


def imported(folder: Path, assumed: Assumptions, **files: object) -> tuple[Region, Report]:
    given = Files(boundaries(folder), **files)  # type: ignore[arg-type]
    region, report = import_region(given, Choices(), assumed)
    room.save(region, folder / "saved", overwrite=True)  # every table keeps its contract
    return region, report


def workbook(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Daftar")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def test_every_kind_of_layer_has_a_reader() -> None:
    for kind in ("cells", "population", "facilities", "roads", "fibre", "settlements", "evidence", "providers"):
        assert readers(kind), kind
        assert list(readers(kind)) == sorted(readers(kind), key=lambda r: r.rank)


# ---------------------------------------------------------------- facilities


@pytest.mark.parametrize(
    ("said", "name", "kind"),
    [
        ("", "SMKS ISLAM RANDUDONGKAL", "school"),
        ("Puskesmas", "Moga", "health_centre"),
        ("", "Puskesmas Pembantu Cikadu", "health_post"),
        ("", "Balai Desa Gapura", "village_hall"),
        ("tourism", "X", "tourism"),
        ("", "Curug Sibedil", "tourism"),
        ("", "DPMPTSP Kabupaten", "licensing_office"),
        ("", "Toko", ""),
    ],
)
def test_kinds_of_facilities(said: str, name: str, kind: str) -> None:
    assert kind_of(said, name) == kind


def test_facilities_are_placed_and_doubted(tmp_path: Path, assumed: Assumptions) -> None:
    table = tmp_path / "f.csv"
    table.write_text(
        "nama;npsn;kecamatan;latitude;longitude;internet\n"
        "SMAN 1 MOGA;1;Moga;-7,08;109,31;ya\n"
        "SMKN 1 MOGA;1;Moga;-7,08;109,35;tidak\n"
        "SMP JAUH;3;Moga;-6,98;110,43;\n"
        "MTS TERBALIK;4;Moga;109,39;-7,07;\n"
        "SD TANPA TEMPAT;5;Moga;;;\n"
        "Toko Abadi;6;Moga;-7,08;109,35;\n"
    )
    region, report = imported(tmp_path, assumed, facilities=(table,))
    found = region.facilities.set_index("facility_id")
    assert found["village_code"].to_dict() == {"1": "33.27.01.2001", "1-2": "33.27.01.2002", "4": "33.27.01.1003"}
    assert found["online"].iloc[:2].tolist() == [1, 0]
    told = {(p.code, p.row) for p in report if p.layer == "facilities"}
    assert told >= {
        ("shared_id", "2"),
        ("outside", "3"),
        ("swapped", "4"),
        ("bad_coordinates", "5"),
        ("unknown_kind", "6"),
    }


def test_utm_coordinates_in_a_table_are_converted(tmp_path: Path, assumed: Assumptions) -> None:
    point = gpd.GeoSeries([Point(109.31, -7.08)], crs=4326).to_crs(32749).iloc[0]
    book = workbook(tmp_path / "f.xlsx", [["Daftar sekolah"], ["Nama", "X", "Y"], ["SD 1", point.x, point.y]])
    region, _report = imported(tmp_path, assumed, facilities=(book,))
    assert region.facilities.geometry.iloc[0].distance(Point(109.31, -7.08)) < 1e-5


@pytest.mark.shared
def test_real_schools_have_two_wrong_places_and_a_shared_npsn(shared: Path, assumed: Assumptions) -> None:
    real = shared / "data" / "real"
    files = Files(real / "desa_3327_pemalang_kemendagri.geojson", facilities=(real / "sma_smk_3327_pemalang_2021.csv",))
    region, report = import_region(files, Choices(), assumed)
    assert [p.row for p in report if p.code == "outside"] == ["18", "56"]
    assert [(p.row, p.value) for p in report if p.code == "shared_id"] == [("24", "20324238")]
    assert len(region.facilities) == 74
    assert set(region.facilities["kind"]) == {"school"}


# ---------------------------------------------------------------- towers


def test_operators_and_generations_in_words() -> None:
    assert operators_in("Tsel, XL & Indosat / Smartfren") == ["Telkomsel", "XLSmart", "Indosat Ooredoo Hutchison"]
    assert operators_in("-") == []
    assert technologies_in("2G/4G LTE") == ["2g", "4g"]


def test_regency_tower_list_from_a_workbook(tmp_path: Path, assumed: Assumptions) -> None:
    book = workbook(
        tmp_path / "menara.xlsx",
        [
            ["DAFTAR MENARA TELEKOMUNIKASI"],
            [],
            ["ID Menara", "Pemilik", "Operator", "Teknologi", "Tinggi Menara", "Latitude", "Longitude"],
            ["M-1", "PT Menara", "Telkomsel, XL", "2G/4G", "52", -7.08, 109.31],
            ["M-2", "PT Menara", "", "", "", -7.07, 109.35],
            ["M-3", "PT Lain", "Indosat", "", 42, -7.06, 109.39],
        ],
    )
    region, report = imported(tmp_path, assumed, cells=(book,))
    assert region.sites["height_m"].tolist() == [52, assumed["region.tower_height_m"], 42]
    assert region.sites["owner"].tolist() == ["PT Menara", "PT Menara", "PT Lain"]
    assert sorted(zip(region.cells["operator"], region.cells["technology"], strict=True)) == [
        ("Indosat Ooredoo Hutchison", "4g"),
        ("Telkomsel", "2g"),
        ("Telkomsel", "4g"),
        ("XLSmart", "2g"),
        ("XLSmart", "4g"),
    ]
    assert set(region.completeness.values()) == {"unknown"}
    assert "assumed_technology" in report.codes("warning")


def test_user_may_declare_a_list_complete(tmp_path: Path, assumed: Assumptions) -> None:
    book = workbook(
        tmp_path / "m.xlsx",
        [["site id", "operator", "teknologi", "lat", "long"], ["1", "Telkomsel", "4G", -7.08, 109.31]],
    )
    files = Files(boundaries(tmp_path), cells=(book,))
    region, _report = import_region(files, Choices(complete=("Telkomsel",)), assumed)
    assert region.completeness == {"Telkomsel": "complete"}


def test_bakti_list_and_overpass_answer(tmp_path: Path, assumed: Assumptions) -> None:
    bakti = workbook(
        tmp_path / "bakti.xlsx",
        [
            ["Kode Kel./Desa", "Site ID", "Long", "Lat", "On Air Actual", "Phase"],
            ["33.27.01.2001", "B1", 109.31, -7.08, dt.date(2022, 1, 1).isoformat(), "2"],
        ],
    )
    overpass = tmp_path / "towers.json"
    overpass.write_text(
        json.dumps(
            {
                "generator": "Overpass API",
                "elements": [
                    {"type": "node", "id": 7, "lat": -7.07, "lon": 109.35, "tags": {"operator": "XL", "height": "45"}},
                    {"type": "way", "id": 8, "center": {"lat": -7.06, "lon": 109.39}, "tags": {"man_made": "mast"}},
                ],
            }
        )
    )
    region, _report = imported(tmp_path, assumed, cells=(bakti, overpass))
    assert len(region.sites) == 3
    assert region.cells["operator"].tolist() == ["XLSmart"]
    assert "BAKTI" in region.layers["sites"].source
    assert "OpenStreetMap" in region.layers["sites"].source
    assert region.layers["sites"].kind == "open"


# ---------------------------------------------------------------- roads, fibre, hamlets


def test_roads_of_osm_and_of_the_regency(tmp_path: Path, assumed: Assumptions) -> None:
    lines = [LineString([(109.31, -7.08), (109.36, -7.07)]), LineString([(109.31, -7.09), (109.36, -7.09)])]
    far = LineString([(106.8, -6.2), (106.9, -6.2)])
    frame = gpd.GeoDataFrame(
        {"osm_id": ["1", "2", "3"], "fclass": ["trunk", "footway", "primary"]}, geometry=[*lines, far], crs=4326
    )
    frame.to_file(tmp_path / "roads.gpkg")
    region, report = imported(tmp_path, assumed, roads=tmp_path / "roads.gpkg")
    assert region.roads[["road_id", "road_class"]].to_numpy().tolist() == [["1", "primary"]]
    assert "roads_left_out" in report.codes()
    answer = {
        "generator": "Overpass API",
        "elements": [
            {
                "type": "way",
                "id": 5,
                "tags": {"highway": "residential"},
                "geometry": [{"lat": -7.08, "lon": 109.31}, {"lat": -7.07, "lon": 109.32}],
            }
        ],
    }
    (tmp_path / "roads.json").write_text(json.dumps(answer))
    region, _report = imported(tmp_path, assumed, roads=tmp_path / "roads.json")
    assert region.roads["road_class"].tolist() == ["local"]


def test_fibre_standard_lines_and_tables(tmp_path: Path, assumed: Assumptions) -> None:
    standard = {
        "networks": [
            {
                "id": "n",
                "nodes": [
                    {
                        "id": "1",
                        "location": {"type": "Point", "coordinates": [109.31, -7.08]},
                        "physicalInfrastructureProvider": {"name": "Serat"},
                    }
                ],
                "spans": [],
            }
        ]
    }
    (tmp_path / "ofds.json").write_text(json.dumps(standard))
    region, report = imported(tmp_path, assumed, fibre=tmp_path / "ofds.json")
    assert region.fibre_points[["owner", "capacity_mbps"]].iloc[0].tolist() == [
        "Serat",
        assumed["region.fibre_capacity_mbps"],
    ]
    assert "assumed_fibre_capacity" in report.codes()
    line = gpd.GeoDataFrame({"owner": ["A"]}, geometry=[LineString([(109.31, -7.08), (109.38, -7.08)])], crs=4326)
    line.to_file(tmp_path / "line.geojson")
    region, _report = imported(tmp_path, assumed, fibre=tmp_path / "line.geojson")
    assert len(region.fibre_points) == 4  # 7.7 km, one every 2 km with both ends
    (tmp_path / "pop.csv").write_text("nama,pemilik,kapasitas,lat,lon\nPOP Moga,B,500,-7.08,109.31\n")
    region, _report = imported(tmp_path, assumed, fibre=tmp_path / "pop.csv")
    assert region.fibre_points["capacity_mbps"].tolist() == [500]


def test_hamlets_share_the_people_of_their_village(tmp_path: Path, assumed: Assumptions) -> None:
    (tmp_path / "dusun.csv").write_text(
        "dusun,jiwa,lat,lon\nKrajan,300,-7.08,109.31\nSikidang,100,-7.07,109.32\nAtas,,-7.08,109.36\n"
    )
    region, report = imported(tmp_path, assumed, settlements=tmp_path / "dusun.csv")
    people = region.villages.set_index("village_code")["population"]
    hamlets = region.settlements.set_index("settlement_name")["population"]
    assert hamlets["Krajan"] == pytest.approx(people["33.27.01.2001"] * 0.75)
    assert hamlets["Atas"] == pytest.approx(people["33.27.01.2002"])
    assert "hamlets_completed" in report.codes("warning")
    assert hamlets.sum() == pytest.approx(people.sum())


# ---------------------------------------------------------------- evidence, providers


def test_podes_takes_the_weaker_answer(tmp_path: Path, assumed: Assumptions) -> None:
    crosswalk = tmp_path / "x.csv"
    crosswalk.write_text(
        "kode_kemendagri,nama,kode_bps\n33.27.01.2001,Plakaran,3327010001\n33.27.01.2002,Mandiraja,3327010002\n"
    )
    (tmp_path / "podes2024.csv").write_text(
        "IDDESA,NAMA_DESA,R1005A,R1005C,R1005D\n3327010001,PLAKARAN,1,1,3\n3327010002,MANDIRAJA,0,4,4\n1101010001,X,0,1,1\n"
    )
    region, report = imported(tmp_path, assumed, evidence=(tmp_path / "podes2024.csv",), crosswalk=crosswalk)
    told = region.evidence.set_index("village_code")
    assert told["access_class"].to_dict() == {"33.27.01.2001": "weak", "33.27.01.2002": "none"}
    assert set(told["evidence"]) == {"reported"}
    assert set(told["date"]) == {"2024-12-31"}
    assert "outside_many" in report.codes()


def test_podes_counts_towers_that_no_list_has_and_operators_that_reach(tmp_path: Path, assumed: Assumptions) -> None:
    crosswalk = tmp_path / "x.csv"
    crosswalk.write_text("kode,kode_bps\n" + "".join(f"{a},{b}\n" for a, b in zip(CODES, BPS, strict=True)))
    (tmp_path / "podes2024.csv").write_text(
        "IDDESA,NAMA_DESA,R1005A,R1005B,R1005C,R1005D\n"
        f"{BPS[0]},PLAKARAN,2,3,1,1\n{BPS[1]},MANDIRAJA,1,0,2,1\n{BPS[2]},WALANGSANGA,0,1,3,2\n"
    )
    lists = tmp_path / "m.csv"
    lists.write_text("id_menara,operator,teknologi,lat,lon\nM1,Telkomsel,4G,-7.07,109.32\n")
    files = {"evidence": (tmp_path / "podes2024.csv",), "crosswalk": crosswalk}
    region, report = imported(tmp_path, assumed, cells=(lists,), **files)
    assert region.evidence.set_index("village_code")["access_class"].to_dict() == {
        CODES[0]: "served", CODES[1]: "none", CODES[2]: "weak",
    }  # fmt: skip
    assert [(p.layer, p.row, p.facts["count"]) for p in report if p.code == "towers_missing"] == [
        ("cells", CODES[1], "1")
    ]
    _region, report = imported(tmp_path, assumed, **files)
    assert "towers_missing" not in report.codes()  # without any list there is nothing to compare


def test_podes_tells_where_village_halls_stand_and_whether_they_are_online(
    tmp_path: Path, assumed: Assumptions
) -> None:
    crosswalk = tmp_path / "x.csv"
    crosswalk.write_text("kode,kode_bps\n" + "".join(f"{a},{b}\n" for a, b in zip(CODES, BPS, strict=True)))
    (tmp_path / "podes2024.csv").write_text(
        "IDDESA,NAMA_KEC,NAMA_DESA,R307B_LAT,R307B_LONG,R1005C,R1006B\n"
        f"{BPS[0]},MOGA,PLAKARAN,-7.08,109.31,1,1\n{BPS[1]},MOGA,MANDIRAJA,,,4,2\n"
        f"{BPS[2]},MOGA,WALANGSANGA,-6.2,106.8,4,4\n1101010001,X,X,3.1,97.1,1,1\n"
    )
    (tmp_path / "dusun.csv").write_text("dusun,penduduk,lat,lon\nKrajan,9,-7.06,109.35\nSikidang,90,-7.07,109.36\n")
    given = {"facilities": (tmp_path / "podes2024.csv",), "settlements": tmp_path / "dusun.csv"}
    region, report = imported(tmp_path, assumed, crosswalk=crosswalk, **given)
    halls = region.facilities.set_index("village_code")
    assert set(halls["kind"]) == {"village_hall"}
    assert halls["online"].to_dict() == {CODES[0]: 1, CODES[1]: 0, CODES[2]: 0}
    assert halls["facility_name"][CODES[0]] == "Kantor Desa Plakaran"
    assert halls["facility_name"][CODES[2]] == "Kantor Kelurahan Walangsanga"
    assert halls.geometry[CODES[0]].distance(Point(109.31, -7.08)) < 1e-9
    assert halls.geometry[CODES[1]].distance(Point(109.36, -7.07)) < 1e-9  # the largest hamlet
    assert halls.geometry[CODES[2]].within(region.villages.set_index("village_code").geometry[CODES[2]])
    assert [p.facts["count"] for p in report if p.code == "offices_estimated"] == ["2"]
    assert "outside_many" in report.codes("info")


def test_bps_codes_without_crosswalk_are_told_as_such(tmp_path: Path, assumed: Assumptions) -> None:
    path = tmp_path / "podes2024.csv"
    path.write_text("IDDESA,R1005C,R1005D,R1006B\n1101010001,1,1,1\n")
    villages = boundaries(tmp_path, kode=["11.01.01.2001", "11.01.01.2002", "11.01.01.2003"], kec_kode=["11.01.01"] * 3)
    for kind in ("evidence", "facilities"):
        with pytest.raises(QualityError, match="BPS"):
            import_region(Files(villages, **{kind: (path,)}), Choices(), assumed)


TOY = """
import pandas as pd
from coverage.region.sources.columns import Source
from coverage.region.sources.registry import Read, Reader

SOURCE = Source("toy", "facilities", "Toy", "CC0 1.0", "open", "https://toy.example", ())

def read_toy(path, context, report):
    import geopandas as gpd
    rows = [line.split("@") for line in path.read_text().splitlines()[1:]]
    places = gpd.points_from_xy([float(r[1]) for r in rows], [float(r[2]) for r in rows])
    frame = {"facility_id": [r[0] for r in rows], "facility_name": "Toy", "kind": "school"}
    frame["village_code"] = context.villages["village_code"].iloc[0]
    return Read(gpd.GeoDataFrame(frame, geometry=places, crs=4326), SOURCE, "2026-01-01")

def read_outlines(path, context, report):
    import geopandas as gpd
    from shapely import from_wkt
    rows = [line.split("@") for line in path.read_text().splitlines()[1:]]
    frame = {"kode": [r[0] for r in rows], "nama": [r[1] for r in rows]}
    return Read(gpd.GeoDataFrame(frame, geometry=from_wkt([r[2] for r in rows]), crs=4326), SOURCE)

READERS = (
    Reader("facilities", lambda p: p.head.startswith("%TOY"), read_toy),
    Reader("boundaries", lambda p: p.head.startswith("%TOY"), read_outlines),
)
"""


def test_a_new_source_is_one_file(tmp_path: Path, assumed: Assumptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module laid into the package is found, and nothing else changes."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "toy_source.py").write_text(TOY)
    places, outlines = tmp_path / "places.txt", tmp_path / "outlines.txt"
    places.write_text("%TOY\nS1@109.32@-7.07\n")
    square = "POLYGON((109.3 -7.1, 109.34 -7.1, 109.34 -7.05, 109.3 -7.05, 109.3 -7.1))"
    outlines.write_text(f"%TOY\n33.27.01.2001@Plakaran@{square}\n")
    with pytest.raises(QualityError):
        import_region(Files(outlines), Choices(), assumed)
    monkeypatch.setattr(sources_package, "__path__", [*sources_package.__path__, str(tmp_path / "modules")])
    readers.cache_clear()
    try:
        region, _report = import_region(Files(outlines, facilities=(places,)), Choices(), assumed)
    finally:
        sys.modules.pop("coverage.region.sources.toy_source", None)
        readers.cache_clear()
    assert region.villages["village_name"].tolist() == ["Plakaran"]
    assert region.facilities["facility_id"].tolist() == ["S1"]
    assert region.layers["facilities"].licence == region.layers["villages"].licence == "CC0 1.0"
    room.save(region, tmp_path / "r")
    assert room.load(tmp_path / "r").layers["facilities"].source == "Toy https://toy.example"


def test_idm_answers(tmp_path: Path, assumed: Assumptions) -> None:
    def answer(code: str, signal: int, internet: int) -> dict[str, object]:
        rows = [{"INDIKATOR": "Skor Sinyal Tlp", "SKOR": signal}, {"INDIKATOR": "Lain", "SKOR": 5}]
        rows.append({"INDIKATOR": "Skor Akses Internet Warga", "SKOR": internet})
        data = {"SUMMARIES": {"TAHUN": 2024}, "ROW": rows, "IDENTITAS": [{"id_desa": code}]}
        return {"status": 200, "mapData": data}

    path = tmp_path / "idm.json"
    path.write_text(json.dumps([answer("3327012001", 5, 5), answer("3327012002", 5, 0)]))
    region, _report = imported(tmp_path, assumed, evidence=(path,))
    assert region.evidence["access_class"].tolist() == ["served", "none"]
    path.write_text('{"mapData": {}}')
    with pytest.raises(QualityError):
        imported(tmp_path, assumed, evidence=(path,))


def test_ookla_proves_presence_never_absence(tmp_path: Path, assumed: Assumptions) -> None:
    tiles = pd.DataFrame(
        {
            "quadkey": ["a", "b", "c"],
            "tile": [box(x, -7.08, x + 0.005, -7.075).wkt for x in (109.31, 109.32, 109.36)],
            "avg_d_kbps": [20000, 10000, 50],
            "tests": [3, 1, 2],
        }
    )
    path = tmp_path / "2020-01-01_performance_mobile_tiles.parquet"
    tiles.to_parquet(path)
    region, _report = imported(tmp_path, assumed, evidence=(path,))
    told = region.evidence.set_index("village_code")
    assert told["access_class"].to_dict() == {"33.27.01.2001": "served", "33.27.01.2002": "weak"}
    assert told["samples"].tolist() == [4, 2]
    assert set(told["method"]) == {"speed_test"}
    assert set(told["date"]) == {"2020-03-28"}


def test_own_list_of_blank_spots(tmp_path: Path, assumed: Assumptions) -> None:
    (tmp_path / "blankspot.csv").write_text(
        "desa,kecamatan,status,tanggal\nPlakaran,Moga,Tidak ada,2025-05-01\n"
        "Mandi raja,Moga,lemah,2025-05-02\nX,Moga,?,\n"
    )
    region, report = imported(tmp_path, assumed, evidence=(tmp_path / "blankspot.csv",))
    assert region.evidence["access_class"].tolist() == ["none", "weak"]
    assert "unknown_class" in report.codes("warning")


def test_blank_spots_by_hamlet_and_by_coordinates(tmp_path: Path, assumed: Assumptions) -> None:
    (tmp_path / "dusun.csv").write_text("dusun,lat,lon\nKrajan,-7.08,109.31\nSikidang,-7.06,109.33\n")
    (tmp_path / "a.csv").write_text("desa,kecamatan,dusun,status\nPlakaran,Moga,Dusun Sikidang,blank spot\n")
    (tmp_path / "b.csv").write_text("lat,lon,status\n-7.079,109.311,lemah\n-6.0,109.3,lemah\n")
    lists = (tmp_path / "a.csv", tmp_path / "b.csv")
    region, report = imported(tmp_path, assumed, settlements=tmp_path / "dusun.csv", evidence=lists)
    names = region.settlements.set_index("settlement_id")["settlement_name"]
    assert region.evidence["settlement_id"].map(names).tolist() == ["Sikidang", "Krajan"]
    assert set(region.evidence["village_code"]) == {"33.27.01.2001"}
    assert [p.row for p in report if p.code == "outside"] == ["2"]


def test_grades_fall_with_kind_and_warnings(tmp_path: Path, assumed: Assumptions) -> None:
    region, report = imported(tmp_path, assumed)
    told = room.grades(region.layers, report).set_index("layer")["grade"]
    assert told["villages"] == "C"  # open, but without a date and with an estimated population
    assert told["settlements"] == told["providers"] == "E"  # estimated, on no stated day
    assert told["terrain"] == told["roads"] == ""
    assert list(told.index) == list(room.LAYERS)


def test_provider_list_must_be_whole(tmp_path: Path, assumed: Assumptions) -> None:
    header = "provider_id,nama,jenis,teknologi,imbal_hasil,modal,pangsa,boleh_jual_kembali"
    (tmp_path / "p.csv").write_text(f'{header}\nx,PT X,isp,ftth,"0,14",1000000000,0,ya\n')
    region, _report = imported(tmp_path, assumed, providers=tmp_path / "p.csv")
    row = region.providers.iloc[0]
    assert (row["hurdle_rate"], bool(row["resale_allowed"])) == (0.14, True)
    (tmp_path / "p.csv").write_text("provider_id,nama,jenis\nx,PT X,isp\n")
    with pytest.raises(QualityError) as caught:
        imported(tmp_path, assumed, providers=tmp_path / "p.csv")
    assert caught.value.report.codes("error") == ["missing_column"] * 5


# ---------------------------------------------------------------- corrections


def test_corrections_are_applied_kept_and_applied_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.csv").write_text("nama,npsn,kecamatan,lat,lon\nSMP JAUH,3,Moga,-6.98,110.43\n")
    (tmp_path / "fix.csv").write_text(
        "layer,match_column,match_value,column,value\nfacilities,facility_id,3,lon,109.31\n"
        "facilities,facility_id,3,lat,-7.08\nfacilities,facility_id,99,lat,0\n"
    )
    words = ["import", str(tmp_path / "r"), "--boundaries", str(boundaries(tmp_path)), "--lang", "en"]
    words += ["--facilities", str(tmp_path / "f.csv")]
    assert main([*words, "--corrections", str(tmp_path / "fix.csv")]) == 0
    report = room.load_report(tmp_path / "r")
    assert report.codes().count("corrected") == 2
    assert "correction_unused" in report.codes("warning")
    assert len(room.load(tmp_path / "r").facilities) == 1
    assert main([*words, "--replace"]) == 0
    assert len(room.load(tmp_path / "r").facilities) == 1
    assert "Corrected as the corrections file says" in capsys.readouterr().out
