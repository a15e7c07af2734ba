"""Whatever the order, encoding, delimiter or number style of a file, it reads as the same thing."""

from __future__ import annotations

import codecs
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from region_files import boundaries, village_frame

from coverage import assumptions
from coverage.region import Report
from coverage.region.importer import Choices, Files, villages_context
from coverage.region.sources.registry import Context, read

ASSUMED = assumptions.load()
NAMES = ["Plakaran", "Mandirãja", "Walangsanga"]
CODES = ["33.27.01.2001", "33.27.01.2002", "33.27.01.1003"]
PEOPLE = [1234, 56, 1_200_300]
LON, LAT = [109.3125, 109.3625, 109.4], [-7.0625, -7.075, -7.0875]
QUICK = settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

encodings = st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "utf-16"])
code_styles = {
    "dotted": CODES,
    "digits": [c.replace(".", "") for c in CODES],
    "float": [c.replace(".", "") + ".0" for c in CODES],
    "spaced": [f" {c} " for c in CODES],
    "decimal comma": [c.replace(".", "") + ",0" for c in CODES],
    "thousands": [f"{int(c.replace('.', '')):,}".replace(",", ".") for c in CODES],
    "scientific": [f"{int(c.replace('.', '')):.9E}" for c in CODES],
}
thousands = {
    "plain": [str(n) for n in PEOPLE],
    "point": [f"{n:,}".replace(",", ".") for n in PEOPLE],
    "comma": [f"{n:,}" for n in PEOPLE],
    "blank": [f"{n:,}".replace(",", " ") for n in PEOPLE],
    "float": [f"{n}.0" for n in PEOPLE],
}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("context")
    _villages, known = villages_context(Files(boundaries(folder, nama=NAMES)), Choices(), ASSUMED, Report())
    return known


def written(
    path: Path, columns: dict[str, list[str]], order: list[int], delimiter: str, encoding: str, end: str
) -> Path:
    names = list(columns)
    rows = [[names[i] for i in order], *([columns[names[i]][row] for i in order] for row in range(3))]
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in rows]
    text = end.join(delimiter.join(row) for row in quoted) + end
    path.write_bytes(codecs.encode(text, encoding))
    return path


@QUICK
@given(
    order=st.permutations(range(4)),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=encodings,
    end=st.sampled_from(["\n", "\r\n"]),
    code=st.sampled_from(sorted(code_styles)),
    people=st.sampled_from(sorted(thousands)),
)
def test_people_are_the_same_in_every_dialect(
    tmp_path: Path, context: Context, order: list[int], delimiter: str, encoding: str, end: str, code: str, people: str
) -> None:
    columns = {
        "Kode Desa": code_styles[code],
        "Desa/Kelurahan": NAMES,
        "Kecamatan": ["Moga"] * 3,
        "Jumlah Penduduk": thousands[people],
    }
    report = Report()
    path = written(tmp_path / "p.csv", columns, order, delimiter, encoding, end)
    found = read("population", path, context, report).frame["population"]
    assert dict(found) == dict(zip(CODES, map(float, PEOPLE), strict=True))
    assert not report.codes("error")


@pytest.mark.parametrize("style", ["3.32701E+09", "27.0", "33.27", "#######"])
def test_a_code_that_a_spreadsheet_cut_short_is_told_and_never_guessed(
    tmp_path: Path, context: Context, style: str
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"kode_desa;penduduk\n{style};9\n33.27.01.2001;7\n")
    report = Report()
    found = read("population", path, context, report).frame["population"]
    assert dict(found) == {"33.27.01.2001": 7.0}
    assert [(p.row, p.value) for p in report if p.code == "wrong_code"] == [("1", style)]


@QUICK
@given(
    order=st.permutations(range(4)),
    delimiter=st.sampled_from([";", "\t"]),
    encoding=encodings,
    comma=st.booleans(),
    swapped=st.booleans(),
    metres=st.booleans(),
)
def test_places_are_the_same_in_every_dialect(
    tmp_path: Path,
    context: Context,
    order: list[int],
    delimiter: str,
    encoding: str,
    comma: bool,
    swapped: bool,
    metres: bool,
) -> None:
    points = gpd.GeoSeries(gpd.points_from_xy(LON, LAT), crs=4326)
    xy = points.to_crs(context.crs) if metres else points
    swapped = swapped and not metres  # metres with swapped axes lie nowhere: nothing tells them apart
    east, north = [f"{v:.3f}" if metres else str(v) for v in xy.x], [f"{v:.3f}" if metres else str(v) for v in xy.y]
    if comma:
        east, north = [v.replace(".", ",") for v in east], [v.replace(".", ",") for v in north]
    lon, lat = (north, east) if swapped else (east, north)
    columns = {"NPSN": ["1", "2", "3"], "Nama": ["SD A", "SD B", "SD Ç"], "Lintang": lat, "Bujur": lon}
    report = Report()
    path = written(tmp_path / "f.csv", columns, order, delimiter, encoding, "\n")
    found = read("facilities", path, context, report).frame
    np.testing.assert_allclose([p.x for p in found["geometry"]], LON, atol=1e-6)
    np.testing.assert_allclose([p.y for p in found["geometry"]], LAT, atol=1e-6)
    assert ("swapped" in report.codes("warning")) == swapped


@QUICK
@given(
    crs=st.sampled_from([4326, 32749, 3857, 23830, 4755, None]),
    swapped=st.booleans(),
    null=st.booleans(),
    order=st.permutations(range(3)),
    kind=st.sampled_from(["geojson", "gpkg", "parquet"]),
    code=st.sampled_from(sorted(code_styles)),
)
def test_villages_are_the_same_in_every_coordinate_system(
    tmp_path: Path, crs: int | None, swapped: bool, null: bool, order: list[int], kind: str, code: str
) -> None:
    given_crs = crs or 4326
    if kind == "geojson" and crs not in (4326, None):
        kind = "gpkg"  # GeoJSON is in degrees
    frame = village_frame(kode=code_styles[code]).to_crs(given_crs)
    if swapped and given_crs == 4326:
        frame = frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=4326)
    frame = frame.iloc[order].reset_index(drop=True)
    if null:
        extra = frame.iloc[[0]].assign(kode="33.27.01.2009", nama="Tanpa").set_geometry([None], crs=frame.crs)
        frame = gpd.GeoDataFrame(pd.concat([frame, extra], ignore_index=True), crs=frame.crs)
    if crs is None and kind != "geojson":  # GeoJSON always means degrees
        frame = frame.set_crs(None, allow_override=True)
    path = tmp_path / f"v.{kind}"
    path.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that no coordinate system is stated is meant
        frame.to_parquet(path) if kind == "parquet" else frame.to_file(path)
    stated = "EPSG:4326" if crs is None else ""
    report = Report()
    villages, _context = villages_context(Files(path), Choices(crs=stated), ASSUMED, report)
    assert villages["village_code"].tolist() == sorted(CODES)
    np.testing.assert_allclose(villages.total_bounds, (109.30, -7.10, 109.42, -7.05), atol=1e-5)
    assert ("null_geometry_dropped" in report.codes("warning")) == null
    assert ("swapped" in report.codes("warning")) == (swapped and given_crs == 4326)
