"""Village boundaries of every public source, and the crosswalk of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.region.corrections import Corrections
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.columns import Source
from coverage.region.sources.files import opened
from coverage.region.sources.tabular import read_table
from coverage.region.sources.vector import placed, read_vector
from coverage.region.sources.wilayah import read_wilayah
from coverage.region.text import clean, dotted, looks_kemendagri, village_codes

_FACTS = columns.FOLDER.parent / "facts" / "pemalang_villages.csv"


@dataclass(frozen=True)
class Boundaries:
    """Outlines as read.

    ``frame`` has the polygons in EPSG:4326 and any of ``kemendagri_code, bps_code`` (as written),
    ``village_name, kind, district_code, district_name, regency_name, area_km2`` as text.
    """

    frame: gpd.GeoDataFrame
    source: Source
    date: str


def read_boundaries(
    path: Path, report: Report, extent: Mapping[str, float], crs: str = "", corrections: Corrections | None = None
) -> Boundaries:
    """Read a boundary file of BIG RBI, HDX COD-AB, Kemendagri style, geoBoundaries, GADM or BPS.

    Parameters
    ----------
    path : Path
        As downloaded: GeoJSON, GeoPackage, (zipped) Shapefile or FileGDB, GeoParquet.
    extent : mapping
        ``west, south, east, north`` of the country in degrees.
    crs : str
        CRS to assume where the file states none.
    corrections : Corrections, optional
        What people put right before.

    Raises
    ------
    QualityError
        Where the file is no boundary file, or its position cannot be told.
    """
    with opened(path, "boundaries", report) as inner:
        is_sql = inner.suffix.lower() == ".sql"
        raw = read_wilayah(inner, report) if is_sql else read_vector(inner, "boundaries", report)
    source = columns.recognised(raw, "boundaries", "boundary_file")
    fields = (corrections or Corrections()).applied(columns.renamed(raw, "boundaries"), "boundaries", report)
    frame = gpd.GeoDataFrame(fields, geometry="geometry", crs=raw.crs)
    if not {"kemendagri_code", "bps_code", "village_name"} & set(frame.columns):
        shown = ", ".join(str(c) for c in raw.columns[:8])
        expected = "KDEPUM, ADM4_PCODE, kode + nama"
        report.add("error", "unknown_format", "boundaries", value=path.name, columns=shown, expected=expected)
        report.refuse_errors(path.name)
    columns.require(frame, "boundaries", ("village_name",), report)
    report.refuse_errors(path.name)
    frame = placed(frame, "boundaries", report, extent, crs)
    for column in frame.columns.drop("geometry"):
        if column == "area_km2":
            continue
        before = frame[column].astype("str")
        frame[column] = clean(frame[column])
        if column == "village_name":
            hidden = before.str.contains(r"[\x00-\x1f\x7f]", regex=True)
            report.add_rows("warning", "control_characters", "boundaries", frame[column][hidden], column)
    date = str(frame["date"].max())[:10] if "date" in frame.columns else ""
    return Boundaries(frame, source, date)


def read_crosswalk(path: Path, report: Report) -> pd.DataFrame:
    """Read a table of Kemendagri and BPS codes.

    Returns
    -------
    DataFrame
        ``village_code`` (dotted), ``bps_code`` (ten digits or empty), ``village_name``,
        ``other_name, district_name, kind, match`` (empty where the table has none).
    """
    with opened(path, "crosswalk", report) as inner:
        frame = columns.renamed(read_table(inner, "crosswalk", report), "crosswalk")
    columns.require(frame, "crosswalk", ("kemendagri_code", "bps_code"), report)
    report.refuse_errors(path.name)
    kemendagri, bps = village_codes(frame["kemendagri_code"]), village_codes(frame["bps_code"])
    if not looks_kemendagri(kemendagri) and looks_kemendagri(bps):
        kemendagri, bps = bps, kemendagri
    result = pd.DataFrame({"village_code": dotted(kemendagri), "bps_code": bps})
    for column in ("village_name", "other_name", "district_name", "kind", "match"):
        result[column] = clean(frame[column]) if column in frame.columns else ""
    report.add_rows("warning", "wrong_code", "crosswalk", frame["kemendagri_code"][result["village_code"] == ""])
    return result[result["village_code"] != ""].reset_index(drop=True)


def own_crosswalk() -> pd.DataFrame:
    """The crosswalk that comes with Jangkau (Pemalang), in the columns of :func:`read_crosswalk`."""
    facts = pd.read_csv(_FACTS, dtype=str, keep_default_na=False, encoding="utf-8")
    return pd.DataFrame(
        {
            "village_code": facts["code"],
            "bps_code": facts["bps_code_2020"],
            "village_name": facts["name"],
            "other_name": "",
            "district_name": facts["district"],
            "kind": facts["kind"],
            "match": "",
        }
    )
