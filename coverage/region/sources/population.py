"""People per village: tables of BPS or Dukcapil, rasters of WorldPop or GHSL, Kontur hexagons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import rasterio.coords
import rasterio.windows
import shapely
from exactextract import exact_extract
from rasterio.errors import RasterioError

from coverage.raster import Raster
from coverage.region.joins import codes_of, match_names
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.sources.tabular import read_table
from coverage.region.sources.vector import read_vector
from coverage.region.text import clean, numbers

_RASTERS = (".tif", ".tiff", ".vrt")
_EQUAL_AREA = "EPSG:6933"


def read_people_table(path: Path, context: Context, report: Report) -> Read:
    """People and, where known, households by village from a table of BPS, Dukcapil or the regency.

    Returns
    -------
    Read
        ``frame``: index ``village_code``; columns ``population, households`` (``NaN``: unknown).
    """
    reference, likeness = context.reference, context.likeness
    frame = context.renamed(read_table(path, "population", report), "population", report)
    if "population" not in frame.columns and {"men", "women"} <= set(frame.columns):
        frame["population"] = numbers(frame["men"], whole=True) + numbers(frame["women"], whole=True)
    columns.require(frame, "population", ("population",), report)
    if not {"kemendagri_code", "bps_code", "village_name"} & set(frame.columns):
        columns.require(frame, "population", ("kemendagri_code",), report)
    report.refuse_errors(path.name)
    codes = codes_of(frame, reference, "population", report)
    for column in ("village_name", "district_name"):
        if column in frame.columns:
            frame[column] = clean(frame[column])
    open_rows = codes == ""
    if open_rows.any() and "village_name" in frame.columns:
        codes[open_rows] = match_names(frame[open_rows], reference, likeness, "population", report)
    elif open_rows.any():
        report.add_rows("warning", "unknown_village", "population", codes[open_rows])
    result = pd.DataFrame({"village_code": codes})
    for column in ("population", "households"):
        result[column] = numbers(frame[column], whole=True) if column in frame.columns else np.nan
        report.add_rows("warning", "negative", "population", result[column][result[column] < 0], column)
        result[column] = result[column].where(result[column] >= 0)
    unread = result["population"].isna() & (codes != "")
    report.add_rows("warning", "missing_value", "population", frame["population"][unread], "population")
    result = result[result["village_code"] != ""]
    twice = result["village_code"].duplicated()
    report.add_rows("error", "duplicate", "population", result["village_code"][twice], "kemendagri_code")
    report.refuse_errors(path.name)
    return Read(result.set_index("village_code"), columns.sources()["population_table"])


def _by_village(people: np.ndarray, context: Context, source: str) -> Read:
    index = pd.Index(context.villages["village_code"])
    frame = pd.DataFrame({"population": people, "households": np.nan}, index=index)
    return Read(frame, columns.sources()[source])


def read_people_raster(path: Path, context: Context, report: Report) -> Read:
    """Sum of the pixels within each outline, pixels on the border by the share inside."""
    villages = context.villages
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                report.add("error", "no_crs", "population", value=path.name)
                report.refuse_errors(path.name)
            zones = villages[["village_code", "geometry"]].to_crs(raster.crs)
            if rasterio.coords.disjoint_bounds(raster.bounds, tuple(zones.total_bounds)):
                report.add("error", "outside_region", "population", value=path.name)
                report.refuse_errors(path.name)
            sums = exact_extract(raster, zones, ["sum"], include_cols=["village_code"], output="pandas")
            pixels = _window(raster, zones)
    except (RasterioError, OSError, RuntimeError, ValueError):
        report.add("error", "not_readable", "population", value=path.name)
        report.refuse_errors(path.name)
        raise  # not reached: the report has an error
    by_code = sums.set_index("village_code")["sum"]
    people: np.ndarray = np.nan_to_num(by_code.reindex(villages["village_code"]).to_numpy(dtype=float))
    if not people.sum():
        report.add("error", "outside_region", "population", value=path.name)
        report.refuse_errors(path.name)
    return replace(_by_village(np.maximum(people, 0.0), context, "population_raster"), raster=pixels)


def _window(raster: rasterio.DatasetReader, zones: gpd.GeoDataFrame) -> Raster:
    """The pixels around the villages, those without people or data as ``NaN``."""
    window = rasterio.windows.from_bounds(*zones.total_bounds, transform=raster.transform)
    window = (
        window.round_offsets()
        .round_lengths(op="ceil")
        .intersection(rasterio.windows.Window(0, 0, raster.width, raster.height))
    )
    values = raster.read(1, window=window, masked=True).astype(np.float32).filled(np.nan)
    return Raster(values, raster.window_transform(window), raster.crs.to_string())


def read_people_hexagons(path: Path, context: Context, report: Report) -> Read:
    """People of hexagons shared among villages by area."""
    villages = context.villages
    raw = read_vector(path, "population", report)
    hexagons = columns.renamed(raw, "population")
    columns.require(hexagons, "population", ("population",), report)
    if raw.crs is None:
        report.add("error", "no_crs", "population", value=path.name)
    report.refuse_errors(path.name)
    box = shapely.box(*villages.to_crs(str(raw.crs)).total_bounds)
    near = shapely.intersects(raw.geometry.to_numpy(), box)
    if not near.any():
        report.add("error", "outside_region", "population", value=path.name)
        report.refuse_errors(path.name)
    hexes = gpd.GeoSeries(raw.geometry.to_numpy()[near], crs=raw.crs).to_crs(_EQUAL_AREA).to_numpy()
    areas = villages.to_crs(_EQUAL_AREA).geometry.to_numpy()
    people = numbers(hexagons["population"])[near].fillna(0.0).to_numpy()
    hexagon, village = shapely.STRtree(areas).query(hexes, predicate="intersects")
    shared = shapely.area(shapely.intersection(hexes[hexagon], areas[village]))
    inside = np.bincount(hexagon, weights=shared, minlength=len(hexes))  # what lies in the sea holds nobody
    share = shared / np.where(inside[hexagon] > 0, inside[hexagon], 1.0)
    summed = np.bincount(village, weights=people[hexagon] * share, minlength=len(villages))
    return _by_village(summed, context, "kontur")


READERS = (
    Reader("population", lambda p: p.suffix in _RASTERS, read_people_raster, rank=0),
    Reader("population", lambda p: p.is_vector and p.suffix != ".json", read_people_hexagons, rank=1),
    Reader("population", lambda p: p.is_table or p.suffix == ".json", read_people_table, rank=5),
)
