"""Things with a place: tables with coordinates, point files, Overpass answers; placed and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from coverage.region.layers import CRS
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.probe import Probe
from coverage.region.sources.registry import Context
from coverage.region.sources.tabular import read_table
from coverage.region.sources.vector import placed, read_vector
from coverage.region.sources.workbook import read_json
from coverage.region.text import clean, name_key, numbers

_LARGEST_DEGREE = 360.0
_M_PER_KM = 1000.0


def is_overpass(probe: Probe) -> bool:
    """Whether a file is the JSON answer of Overpass."""
    return probe.suffix == ".json" and '"elements"' in probe.head and "overpass" in probe.head.lower()


def extent(context: Context) -> dict[str, float]:
    """``west, south, east, north`` of the country in degrees."""
    return {side: context.assumptions[f"region.country_{side}_deg"] for side in ("west", "south", "east", "north")}


def raw_points(path: Path, layer: str, context: Context, report: Report) -> pd.DataFrame:
    """Rows as written, with ``lon, lat`` in degrees wherever the file tells them.

    Returns
    -------
    DataFrame
        All columns of the file (Overpass: its tags and ``osm_id``) and numeric ``lon, lat``; the
        index counts rows from 0.
    """
    probe = Probe(path)
    if is_overpass(probe):
        return _overpass(path, layer, report)
    if probe.is_vector and probe.suffix != ".json":
        frame = placed(read_vector(path, layer, report), layer, report, extent(context))
        middles = shapely.point_on_surface(frame.geometry.to_numpy())
        table = pd.DataFrame(frame.drop(columns="geometry"))
        table = table.drop(columns=[c for c in table.columns if columns.plain(c) in {"lon", "lat", "x", "y"}])
        return table.assign(lon=shapely.get_x(middles), lat=shapely.get_y(middles))
    return read_table(path, layer, report)


def _overpass(path: Path, layer: str, report: Report) -> pd.DataFrame:
    try:
        rows = [_element(element) for element in read_json(path)["elements"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        report.add("error", "not_readable", layer, value=path.name)
        report.refuse_errors(path.name)
        raise
    if not rows:
        report.add("error", "no_rows", layer, value=path.name)
        report.refuse_errors(path.name)
    return pd.DataFrame(rows)


def _element(element: dict[str, Any]) -> dict[str, Any]:
    middle = element.get("center", element)
    tags = {str(k): str(v) for k, v in element.get("tags", {}).items()}
    identity = f"{element.get('type', '')}/{element.get('id', '')}"
    return {**tags, "osm_id": identity, "lon": middle.get("lon"), "lat": middle.get("lat")}


def located(frame: pd.DataFrame, layer: str, context: Context, report: Report) -> pd.DataFrame:
    """Rows with a place: numbers read, UTM metres converted, swapped axes put right, the rest told.

    Parameters
    ----------
    frame : DataFrame
        Fields with ``lon, lat`` as text or numbers.

    Returns
    -------
    DataFrame
        Rows with a usable place; ``lon, lat`` in degrees.
    """
    columns.require(frame, layer, ("lon", "lat"), report)
    report.refuse_errors()
    lon, lat = numbers(frame["lon"]).to_numpy(copy=True), numbers(frame["lat"]).to_numpy(copy=True)
    metres = (np.abs(lon) > _LARGEST_DEGREE) & (np.abs(lat) > _LARGEST_DEGREE)
    if metres.any():
        transformer = pyproj.Transformer.from_crs(context.crs, CRS, always_xy=True)
        lon[metres], lat[metres] = transformer.transform(lon[metres], lat[metres])
        report.add("info", "reprojected", layer, crs=context.crs)
    limits = extent(context)
    fine = _inside(lon, lat, limits)
    swapped = ~fine & _inside(lat, lon, limits)
    if swapped.any():
        lon[swapped], lat[swapped] = lat[swapped].copy(), lon[swapped].copy()
        first = int(frame.index[swapped][0]) + 1
        report.add("warning", "swapped", layer, row=first, count=int(swapped.sum()))
    unusable = ~np.isfinite(lon) | ~np.isfinite(lat)
    written = frame["lat"].astype("str") + " " + frame["lon"].astype("str")
    report.add_rows("warning", "bad_coordinates", layer, written[unusable])
    usable: pd.DataFrame = frame.assign(lon=lon, lat=lat)[~unusable]
    return usable


def _inside(x: NDArray[np.float64], y: NDArray[np.float64], limits: dict[str, float]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return (limits["west"] <= x) & (x <= limits["east"]) & (limits["south"] <= y) & (y <= limits["north"])


def villages_of(frame: pd.DataFrame, layer: str, context: Context, report: Report, tolerance_m: float) -> pd.DataFrame:
    """Rows with the village they stand in; those farther from any than the tolerance are left out and told.

    Parameters
    ----------
    frame : DataFrame
        ``lon, lat`` and perhaps ``district_name``: where the address says another district, that
        is told.

    Returns
    -------
    DataFrame
        With ``village_code``.
    """
    outlines = context.villages.to_crs(context.crs).geometry.to_numpy()
    transformer = pyproj.Transformer.from_crs(CRS, context.crs, always_xy=True)
    points = shapely.points(*transformer.transform(frame["lon"].to_numpy(), frame["lat"].to_numpy()))
    points = np.atleast_1d(np.asarray(points, dtype=object))
    pairs, distances = shapely.STRtree(outlines).query_nearest(points, return_distance=True, all_matches=False)
    village = np.zeros(len(frame), dtype=np.intp)
    distance = np.full(len(frame), np.inf)
    village[pairs[0]], distance[pairs[0]] = pairs[1], distances
    far = distance > tolerance_m
    place = frame["lat"].round(4).astype("str") + " " + frame["lon"].round(4).astype("str")
    named = next((frame[c] for c in ("facility_name", "settlement_name") if c in frame.columns), None)
    if named is not None:
        place = named.astype("str") + " · " + place
    for row, value, metres in zip(frame.index[far], place[far], distance[far], strict=True):
        report.add("warning", "outside", layer, row=row + 1, value=value, distance=f"{metres / _M_PER_KM:.0f}")
    kept = frame.assign(village_code=context.villages["village_code"].to_numpy()[village])[~far]
    _check_districts(kept, layer, context, report)
    return kept


def _check_districts(frame: pd.DataFrame, layer: str, context: Context, report: Report) -> None:
    if "district_name" not in frame.columns:
        return
    by_code = context.villages.set_index("village_code")["district_name"]
    known = {name_key(str(name)) for name in by_code.unique()}
    for row, said, found in zip(frame.index, frame["district_name"], frame["village_code"].map(by_code), strict=True):
        key = name_key(str(said))
        if key in known and key != name_key(str(found)):
            report.add("warning", "wrong_district", layer, row=row + 1, value=said, found=found, said=said)


def as_points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """A layer of points in EPSG:4326 from ``lon, lat``."""
    geometry = gpd.points_from_xy(frame["lon"].round(7), frame["lat"].round(7))
    return gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=geometry, crs=CRS).reset_index(drop=True)


def text_of(frame: pd.DataFrame, column: str, default: Any = "") -> pd.Series:
    """A column as clean text; the default where it is missing or empty."""
    if column not in frame.columns:
        return pd.Series(default, index=frame.index, dtype="str")
    text = clean(frame[column])
    return text.where(text != "", default)


def unique_ids(ids: pd.Series, names: pd.Series, layer: str, report: Report, prefix: str) -> pd.Series:
    """Identifiers that stand once each: missing ones numbered, repeated ones of other things told and extended."""
    ids = clean(ids)
    if not len(ids):
        return ids
    number = pd.Series(np.arange(1, len(ids) + 1), index=ids.index)
    ids = ids.where(ids != "", prefix + number.map(f"{{:0{len(str(len(ids)))}d}}".format))
    repeat = ids.groupby(ids).cumcount()
    for row in ids.index[repeat > 0]:
        report.add("warning", "shared_id", layer, row=row + 1, value=ids[row], name=names[row])
    return ids.where(repeat == 0, ids + "-" + (repeat + 1).astype("str"))
