"""Fibre: the Open Fibre Data Standard, points of presence, and plain route lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.region.layers import CRS
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.points import as_points, extent, located, raw_points, text_of, unique_ids
from coverage.region.sources.probe import Probe
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.sources.vector import placed, read_vector
from coverage.region.sources.workbook import read_json
from coverage.region.text import numbers

_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)


def _is_ofds(probe: Probe) -> bool:
    return probe.suffix in {".json", ".geojson"} and (
        ('"networks"' in probe.head and '"nodes"' in probe.head) or "networkProviders" in probe.head
    )


def read_ofds(path: Path, context: Context, report: Report) -> Read:
    """Nodes of an OFDS network (JSON or its GeoJSON form) as fibre points.

    Source of the field names: Open Fibre Data Standard 0.3 (`nodes`, `location`,
    `physicalInfrastructureProvider`, `networkProviders`).
    """
    try:
        content = read_json(path)
        rows = [_node(node) for node in _nodes(content)]
    except (ValueError, KeyError, TypeError, AttributeError):
        report.add("error", "not_readable", "fibre", value=path.name)
        report.refuse_errors(path.name)
        raise
    if not rows:
        report.add("error", "no_rows", "fibre", value=path.name)
        report.refuse_errors(path.name)
    return _finished(pd.DataFrame(rows), "ofds", context, report)


def _nodes(content: dict[str, Any]) -> list[dict[str, Any]]:
    if content.get("type") == "FeatureCollection":
        points = [f for f in content["features"] if (f.get("geometry") or {}).get("type") == "Point"]
        return [{**f["properties"], "location": f["geometry"]} for f in points]
    return [node for network in content["networks"] for node in network.get("nodes", [])]


def _node(node: dict[str, Any]) -> dict[str, Any]:
    owner: Any = node.get("physicalInfrastructureProvider") or next(iter(node.get("networkProviders") or []), {})
    coordinates = (node.get("location") or {}).get("coordinates") or (None, None)
    return {
        "fibre_id": node.get("id", ""),
        "owner": owner.get("name", "") if isinstance(owner, dict) else str(owner),
        "lon": coordinates[0],
        "lat": coordinates[1],
    }


def read_fibre(path: Path, context: Context, report: Report) -> Read:
    """Fibre points from a table or point file, or points along route lines at a stated spacing."""
    if Probe(path).is_vector:
        frame = placed(read_vector(path, "fibre", report), "fibre", report, extent(context))
        if np.isin(shapely.get_type_id(frame.geometry.to_numpy()), _LINES).any():
            return _finished(_along(frame, context, report), "fibre_vector", context, report)
    raw = raw_points(path, "fibre", context, report)
    return _finished(context.renamed(raw, "fibre", report), "fibre_vector", context, report)


def _along(frame: gpd.GeoDataFrame, context: Context, report: Report) -> pd.DataFrame:
    """Points along lines: a cable can be tapped where it passes, at the spacing of its joints."""
    fields = columns.renamed(frame, "fibre")
    spacing = context.assumptions["region.fibre_joint_m"]
    metric = frame.to_crs(context.crs).geometry
    rows: list[dict[str, Any]] = []
    for position, line in enumerate(metric):
        for part in shapely.get_parts(line):
            if shapely.get_type_id(part) != shapely.GeometryType.LINESTRING:
                continue
            steps = np.linspace(0, shapely.length(part), max(2, int(shapely.length(part) // spacing) + 1))
            rows.extend({"line": position, "point": p} for p in shapely.line_interpolate_point(part, steps))
    points = gpd.GeoSeries([r["point"] for r in rows], crs=context.crs).to_crs(CRS)
    report.add("info", "fibre_from_lines", "fibre", count=len(rows), spacing=f"{spacing:g}")
    own = pd.DataFrame(fields.drop(columns=["geometry", "fibre_id"], errors="ignore"))
    own = own.iloc[[r["line"] for r in rows]].reset_index(drop=True)
    return own.assign(lon=points.x.to_numpy(), lat=points.y.to_numpy())


def _finished(frame: pd.DataFrame, source: str, context: Context, report: Report) -> Read:
    frame = located(frame, "fibre", context, report)
    west, south, east, north = context.box
    inside = frame["lon"].between(west, east) & frame["lat"].between(south, north)
    if (~inside).any():
        report.add("info", "outside_many", "fibre", count=int((~inside).sum()))
    frame = frame[inside]
    frame["owner"] = text_of(frame, "owner", "?")
    capacity = numbers(frame["capacity_mbps"]) if "capacity_mbps" in frame.columns else pd.Series(np.nan, frame.index)
    unknown = ~(capacity > 0)
    if unknown.any():
        mbps = context.assumptions["region.fibre_capacity_mbps"]
        report.add("info", "assumed_fibre_capacity", "fibre", count=int(unknown.sum()), mbps=f"{mbps:g}")
        capacity = capacity.where(~unknown, mbps)
    frame["capacity_mbps"] = capacity
    frame["fibre_id"] = unique_ids(text_of(frame, "fibre_id"), frame["owner"], "fibre", report, "T")
    return Read(as_points(frame[["fibre_id", "owner", "capacity_mbps", "lon", "lat"]]), columns.sources()[source])


READERS = (
    Reader("fibre", _is_ofds, read_ofds, rank=0),
    Reader("fibre", lambda p: p.is_vector or p.is_table, read_fibre, rank=5),
)
