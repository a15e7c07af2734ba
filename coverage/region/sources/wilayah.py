"""The SQL dumps of cahyadsn/wilayah_boundaries: one INSERT row per village."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from coverage.region.layers import CRS
from coverage.region.quality import Report
from coverage.region.sources.tabular import decoded

_ROW = re.compile(
    r"\(\s*'(?P<code>[\d.]+)'\s*,\s*'(?P<name>(?:[^'\\]|\\.|'')*)'\s*,"
    r"\s*(?P<lat>[^,]*),\s*(?P<lng>[^,]*),\s*'(?P<path>\[[^']*\])'"
)


def read_wilayah(path: Path, report: Report) -> gpd.GeoDataFrame:
    """Villages of a dump: columns ``kode, nama, kec_kode`` and polygons.

    Paths are nested lists in [latitude, longitude] order: three deep for a polygon, four deep for
    several (the repository's own convention).
    """
    text = decoded(path.read_bytes())
    rows, torn = [], 0
    for match in _ROW.finditer(text):
        try:
            shape = _polygons(json.loads(match["path"]))
        except (ValueError, TypeError, IndexError, shapely.errors.GEOSException):
            torn += 1
            continue
        name = match["name"].replace("''", "'").replace("\\'", "'")
        rows.append({"kode": match["code"], "nama": name, "geometry": shape})
    rows = [row for row in rows if row["kode"].count(".") == 3]  # districts and regencies stand in the same dumps
    if torn:
        report.add("warning", "bad_rows", "boundaries", value=path.name, count=torn)
    if not rows:
        report.add("error", "no_rows", "boundaries", value=path.name)
        report.refuse_errors(path.name)
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
    return frame.assign(kec_kode=frame["kode"].str.rsplit(".", n=1).str[0])


def _polygons(path: list[Any]) -> Any:
    depth = 0
    inner: Any = path
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0]
    parts = path if depth == 4 else [path]
    polygons = [shapely.polygons(_ring(rings[0]), [_ring(r) for r in rings[1:]] or None) for rings in parts]
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(np.array(polygons, dtype=object))


def _ring(points: list[list[float]]) -> Any:
    xy = np.array(points, dtype=float)[:, ::-1]
    return shapely.linearrings(xy)
