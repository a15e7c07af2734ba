"""Roads: OSM extracts, Overpass answers and the regency's own lines."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.errors import GEOSException

from coverage.region.layers import CRS
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.points import extent, is_overpass, text_of, unique_ids
from coverage.region.sources.probe import Probe
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.sources.vector import placed, read_vector
from coverage.region.sources.workbook import read_json


@cache
def _classes() -> dict[str, str]:
    rows = columns.table("road_classes").to_dict("records")
    return {str(r["value"]): str(r["road_class"]) for r in rows}


def read_roads(path: Path, context: Context, report: Report) -> Read:
    """Road centre lines that touch the region with its margin; table *Roads* in EPSG:4326.

    Paths on which no cable can be laid (steps, footways) are left out and counted.
    """
    raw = _overpass(path, report) if is_overpass(Probe(path)) else read_vector(path, "roads", report)
    source = columns.recognised(raw, "roads", "road_vector")
    frame = gpd.GeoDataFrame(columns.renamed(raw, "roads"), geometry="geometry", crs=raw.crs)
    frame = placed(frame, "roads", report, extent(context))
    lines = shapely.get_type_id(frame.geometry.to_numpy())
    frame = frame[(lines == shapely.GeometryType.LINESTRING) | (lines == shapely.GeometryType.MULTILINESTRING)]
    if not len(frame):
        found = next((str(kind) for kind in raw.geom_type if kind), "–")
        report.add("error", "wrong_geometry", "roads", value=path.name, found=found, expected="LineString")
        report.refuse_errors(path.name)
    frame = frame[shapely.intersects(frame.geometry.to_numpy(), shapely.box(*context.box))]
    said = text_of(frame, "road_class", "unclassified").str.lower()
    frame = frame.assign(road_class=said.map(_classes()))
    unused = frame["road_class"].isna()
    if unused.any():
        kinds = ", ".join(sorted(said[unused].unique())[:5])
        report.add("info", "roads_left_out", "roads", value=kinds, count=int(unused.sum()))
    frame = frame[~unused].reset_index(drop=True)
    if not len(frame):
        report.add("error", "outside_region", "roads", value=path.name)
        report.refuse_errors(path.name)
    written = text_of(frame, "road_id")
    ids = written if written.is_unique else pd.Series("", index=frame.index, dtype="str")
    frame["road_id"] = unique_ids(ids, ids, "roads", report, "R")
    return Read(frame[["road_id", "road_class", "geometry"]], source)


def _overpass(path: Path, report: Report) -> gpd.GeoDataFrame:
    """Ways of an Overpass answer asked with ``out geom``."""
    try:
        elements = read_json(path)["elements"]
        ways = [_way(e) for e in elements if e.get("type") == "way" and len(e.get("geometry", [])) > 1]
    except (ValueError, KeyError, TypeError, AttributeError, GEOSException):
        report.add("error", "not_readable", "roads", value=path.name)
        report.refuse_errors(path.name)
        raise
    if not ways:
        report.add("error", "no_rows", "roads", value=path.name)
        report.refuse_errors(path.name)
    ids, kinds, lines = zip(*ways, strict=True)
    return gpd.GeoDataFrame({"osm_id": ids, "highway": kinds}, geometry=list(lines), crs=CRS)


def _way(way: dict[str, Any]) -> tuple[str, str, shapely.LineString]:
    line = shapely.LineString([(float(p["lon"]), float(p["lat"])) for p in way["geometry"]])
    return str(way["id"]), str(way.get("tags", {}).get("highway", "")), line


READERS = (Reader("roads", lambda p: p.is_vector or is_overpass(p), read_roads, rank=5),)
