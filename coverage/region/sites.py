"""Towers from radios: cells of a station gathered, then neighbours of one operator, then shared towers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.region.layers import CRS, empty
from coverage.region.quality import Report


def within(frame: pd.DataFrame, villages: gpd.GeoDataFrame, crs: str, margin_m: float) -> NDArray[np.bool_]:
    """Which rows with ``lon, lat`` lie no farther than ``margin_m`` from a village.

    Parameters
    ----------
    crs : str
        Metric CRS in which the distance is measured.
    """
    outlines = villages.to_crs(crs).geometry.to_numpy()
    near = shapely.STRtree(outlines).query(_points(frame, crs), predicate="dwithin", distance=margin_m)[0]
    inside = np.zeros(len(frame), dtype=bool)
    inside[near] = True
    return inside


def gather(
    radios: pd.DataFrame, crs: str, assumptions: Assumptions, report: Report
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Towers and cells from radios.

    Radios of one station (for LTE its eNodeB number) stand together. Stations and loose radios of
    an operator within a stated distance are one tower, the best-sampled first, so that a row of
    cells along a road does not become one chain. Towers of different operators that almost
    coincide are one shared structure. A tower's radios of one operator and technology become one
    cell without azimuth: sectors whose direction is unknown must not interfere with each other.

    Parameters
    ----------
    radios : DataFrame
        Columns of :data:`coverage.region.sources.radios.COLUMNS`.
    crs : str
        Metric CRS for distances.

    Returns
    -------
    sites : GeoDataFrame
        Table *Sites* in EPSG:4326.
    cells : DataFrame
        Table *Cells* with ``sectors`` (how many radios were gathered) and ``radio_ids``.
    """
    if not len(radios):
        return gpd.GeoDataFrame(empty("sites")), empty("cells")
    radios = radios.sort_values(["station", "radio_id", "lon", "lat"]).reset_index(drop=True)
    radios["x"], radios["y"] = _xy(radios["lon"], radios["lat"], crs)
    radios = _without_moved(radios, assumptions["region.cell_moved_m"], report)
    stations = _merged(radios, _station_labels(radios))
    near = assumptions["region.cell_group_m"]
    labels = np.zeros(len(stations), dtype=np.intp)
    start = 0
    for _operator, group in stations.groupby("operator", sort=True):
        found = leaders(group["x"].to_numpy(), group["y"].to_numpy(), group["samples"].to_numpy(), near)
        labels[group.index] = found + start
        start += int(found.max()) + 1
    towers = _merged(stations, labels)
    shared = leaders(
        towers["x"].to_numpy(),
        towers["y"].to_numpy(),
        towers["samples"].to_numpy(),
        assumptions["region.cell_shared_m"],
    )
    structures = _merged(towers, shared)
    site_of_radio = shared[labels][_station_labels(radios)]
    order = np.lexsort((structures["lat"], structures["lon"]))
    number = np.empty(len(order), dtype=np.intp)
    number[order] = np.arange(1, len(order) + 1)
    width = len(str(len(order)))
    ids = np.array([f"S{n:0{width}d}" for n in number])
    cells = _cells(radios.assign(site_id=ids[site_of_radio]), assumptions)
    sites = _sites(structures, ids, assumptions)
    operators = cells["operator"].nunique()
    report.add("info", "sites_made", "sites", cells=len(radios), sites=len(sites), operators=operators)
    return sites, cells


def leaders(
    x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64], radius: float
) -> NDArray[np.intp]:
    """Groups of points: the heaviest free point takes all free points within the radius, and so on.

    Returns
    -------
    ndarray of int
        Group of each point, 0..n-1.
    """
    points = np.asarray(shapely.points(x, y), dtype=object)
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=radius)
    order = np.lexsort((b, a))
    a, b = a[order], b[order]
    starts = np.searchsorted(a, np.arange(len(x) + 1))
    group = np.full(len(x), -1, dtype=np.intp)
    count = 0
    for leader in np.lexsort((y, x, -weight)):
        if group[leader] >= 0:
            continue
        members = b[starts[leader] : starts[leader + 1]]
        group[members[group[members] < 0]] = count
        count += 1
    return group


def _points(frame: pd.DataFrame, crs: str) -> NDArray[np.object_]:
    return np.asarray(shapely.points(*_xy(frame["lon"], frame["lat"], crs)), dtype=object)


def _xy(lon: pd.Series, lat: pd.Series, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    transformer = pyproj.Transformer.from_crs(CRS, crs, always_xy=True)
    x, y = transformer.transform(lon.to_numpy(dtype=float), lat.to_numpy(dtype=float))
    return np.asarray(x), np.asarray(y)


def _station_labels(radios: pd.DataFrame) -> NDArray[np.intp]:
    """A number per station; a radio without one is its own."""
    key = radios["station"].where(radios["station"] != "", "#" + radios.index.astype(str))
    return np.asarray(pd.factorize(key)[0], dtype=np.intp)


def _without_moved(radios: pd.DataFrame, limit_m: float, report: Report) -> pd.DataFrame:
    """Without radios far from the best-sampled one of their station."""
    labels = pd.Series(_station_labels(radios), index=radios.index)
    best = radios["samples"].groupby(labels).idxmax()
    chief = radios.loc[labels.map(best)]
    far = np.hypot(radios["x"] - chief["x"].to_numpy(), radios["y"] - chief["y"].to_numpy()) > limit_m
    if far.any():
        report.add("warning", "moved_cells", "cells", value=radios["radio_id"][far].iloc[0], count=int(far.sum()))
    kept: pd.DataFrame = radios[~far]
    return kept.reset_index(drop=True)


def _merged(frame: pd.DataFrame, labels: NDArray[np.intp]) -> pd.DataFrame:
    """One row per label: position weighted by samples; the uncertainty shrinks with independent rows."""
    samples = frame["samples"].clip(lower=1.0)
    grouped = pd.DataFrame(
        {
            "operator": frame["operator"],
            "owner": frame["owner"],
            "height_m": frame["height_m"],
            "samples": samples,
            "variance": (frame["position_uncertainty_m"] * samples) ** 2,
            **{name: frame[name] * samples for name in ("x", "y", "lon", "lat")},
        }
    ).groupby(labels, sort=True)
    total = grouped["samples"].sum()
    result = pd.DataFrame({name: grouped[name].sum() / total for name in ("x", "y", "lon", "lat")})
    result["position_uncertainty_m"] = np.sqrt(grouped["variance"].sum()) / total
    result["samples"] = total
    result["height_m"] = grouped["height_m"].max()
    for name in ("operator", "owner"):
        result[name] = grouped[name].max()  # an empty text gives way to a known one
    return result.reset_index(drop=True)


def _sites(structures: pd.DataFrame, ids: NDArray[np.str_], assumptions: Assumptions) -> gpd.GeoDataFrame:
    least = assumptions["region.tower_position_m"]
    frame = gpd.GeoDataFrame(
        {
            "site_id": pd.Series(ids, dtype="str"),
            "owner": structures["owner"].astype("str").where(structures["owner"] != ""),
            "height_m": structures["height_m"].fillna(assumptions["region.tower_height_m"]),
            "position_uncertainty_m": structures["position_uncertainty_m"].fillna(least).clip(lower=least).round(0),
        },
        geometry=gpd.points_from_xy(structures["lon"].round(6), structures["lat"].round(6)),
        crs=CRS,
    )
    return frame.sort_values("site_id").reset_index(drop=True)


def _cells(radios: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """One cell per tower, operator, technology and frequency, its radio as assumed where not told."""
    radios = radios[(radios["operator"] != "") & (radios["technology"] != "")].copy()
    if not len(radios):
        return empty("cells").assign(sectors=pd.Series(dtype="int64"), radio_ids=pd.Series(dtype="str"))
    told = radios["technology"].map(
        {t: assumptions[f"region.radio_{t}_frequency_mhz"] for t in ("2g", "3g", "4g", "5g")}
    )
    radios["frequency_mhz"] = radios["frequency_mhz"].fillna(told)
    key = ["site_id", "operator", "technology", "frequency_mhz"]
    grouped = radios.sort_values([*key, "radio_id"]).groupby(key, sort=True)
    cells = grouped.agg(sectors=("radio_id", "size"), radio_ids=("radio_id", lambda ids: ";".join(i for i in ids if i)))
    cells = cells.reset_index()
    cells.insert(0, "cell_id", [f"C{n:0{len(str(len(cells)))}d}" for n in range(1, len(cells) + 1)])
    for column, name in (("bandwidth_mhz", "bandwidth_mhz"), ("tx_power_dbm", "power_dbm")):
        cells[column] = cells["technology"].map(
            {t: assumptions[f"region.radio_{t}_{name}"] for t in ("2g", "3g", "4g", "5g")}
        )
    cells["antenna_gain_dbi"] = assumptions["region.radio_gain_dbi"]
    cells["azimuth_deg"] = np.nan
    cells["downtilt_deg"] = assumptions["region.radio_downtilt_deg"]
    return cells
