"""Village boundaries of every public source, and the crosswalk of codes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.region.facts import FOLDER
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.columns import Source
from coverage.region.sources.points import extent
from coverage.region.sources.registry import Context, Read, Reader, read
from coverage.region.sources.tabular import read_table
from coverage.region.sources.vector import placed, read_vector
from coverage.region.sources.wilayah import read_wilayah
from coverage.region.text import clean, dotted, looks_kemendagri, village_codes


@dataclass(frozen=True)
class Boundaries:
    """Outlines as read.

    ``frame`` has the polygons in EPSG:4326 and any of ``kemendagri_code, bps_code`` (as written),
    ``village_name, kind, district_code, district_name, regency_name, area_km2`` as text.
    """

    frame: gpd.GeoDataFrame
    source: Source
    date: str


def read_boundaries(path: Path, context: Context, report: Report, crs: str = "") -> Boundaries:
    """Read a boundary file with the reader that recognises it, place and clean it.

    Parameters
    ----------
    path : Path
        As downloaded: GeoJSON, GeoPackage, (zipped) Shapefile or FileGDB, GeoParquet, SQL dump.
    context : Context
        Without villages yet: what matters is where the country lies and what people put right before.
    crs : str
        CRS to assume where the file states none.

    Raises
    ------
    QualityError
        Where the file is no boundary file, or its position cannot be told.
    """
    found = read("boundaries", path, context, report)
    raw = found.frame
    fields = context.renamed(raw, "boundaries", report)
    if not {"kemendagri_code", "bps_code", "village_name"} & set(fields.columns):
        shown = ", ".join(str(c) for c in raw.columns[:8])
        expected = "KDEPUM, ADM4_PCODE, kode + nama"
        report.add("error", "unknown_format", "boundaries", value=path.name, columns=shown, expected=expected)
        report.refuse_errors(path.name)
    columns.require(fields, "boundaries", ("village_name",), report)
    report.refuse_errors(path.name)
    frame = gpd.GeoDataFrame(fields, geometry="geometry", crs=gpd.GeoDataFrame(raw).crs)
    frame = placed(frame, "boundaries", report, extent(context), crs)
    for column in frame.columns.drop("geometry"):
        if column == "area_km2":
            continue
        before = frame[column].astype("str")
        frame[column] = clean(frame[column])
        if column == "village_name":
            hidden = before.str.contains(r"[\x00-\x1f\x7f]", regex=True)
            report.add_rows("warning", "control_characters", "boundaries", frame[column][hidden], column)
    date = found.date or (str(frame["date"].max())[:10] if "date" in frame.columns else "")
    return Boundaries(frame, found.source, date)


def read_outlines(path: Path, _context: Context, report: Report) -> Read:
    """Outlines of BIG RBI, HDX COD-AB, Kemendagri style, geoBoundaries, GADM, BPS or of no known source.

    Returns
    -------
    Read
        ``frame``: the columns as written and ``geometry``, in the CRS of the file.
    """
    raw = read_vector(path, "boundaries", report)
    return Read(raw, columns.recognised(raw, "boundaries", "boundary_file"))


def read_dump(path: Path, _context: Context, report: Report) -> Read:
    """Outlines of an SQL dump of cahyadsn/wilayah_boundaries, as :func:`read_outlines` returns them."""
    return Read(read_wilayah(path, report), columns.sources()["kemendagri_sql"])


def read_crosswalk(path: Path, _context: Context, report: Report) -> Read:
    """Read a table of Kemendagri and BPS codes.

    Returns
    -------
    Read
        ``frame``: ``village_code`` (dotted), ``bps_code`` (ten digits or empty), ``village_name``,
        ``other_name, district_name, kind, match`` (empty where the table has none).
    """
    frame = columns.renamed(read_table(path, "crosswalk", report), "crosswalk")
    columns.require(frame, "crosswalk", ("kemendagri_code", "bps_code"), report)
    report.refuse_errors(path.name)
    kemendagri, bps = village_codes(frame["kemendagri_code"]), village_codes(frame["bps_code"])
    if not looks_kemendagri(kemendagri) and looks_kemendagri(bps):
        kemendagri, bps = bps, kemendagri
    result = pd.DataFrame({"village_code": dotted(kemendagri), "bps_code": bps})
    for column in ("village_name", "other_name", "district_name", "kind", "match"):
        result[column] = clean(frame[column]) if column in frame.columns else ""
    report.add_rows("warning", "wrong_code", "crosswalk", frame["kemendagri_code"][result["village_code"] == ""])
    return Read(result[result["village_code"] != ""].reset_index(drop=True), columns.sources()["crosswalk_table"])


def own_crosswalk() -> pd.DataFrame:
    """The crosswalk that comes with Jangkau (Pemalang), in the columns of :func:`read_crosswalk`."""
    facts = pd.read_csv(FOLDER / "pemalang_villages.csv", dtype=str, keep_default_na=False, encoding="utf-8")
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


READERS = (
    Reader("boundaries", lambda p: p.suffix == ".sql", read_dump, rank=0),
    Reader("boundaries", lambda _probe: True, read_outlines, rank=9),
    Reader("crosswalk", lambda _probe: True, read_crosswalk, rank=9),
)
