"""Outlines of villages: repaired, and their overlaps and slivers told and, on request, cut."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from coverage.region.layers import CRS
from coverage.region.quality import Report

_M2_PER_KM2 = 1e6
_DISTRICT_PART = len("33.27.01")


def repaired(frame: gpd.GeoDataFrame, report: Report) -> gpd.GeoDataFrame:
    """Villages with valid outlines; rows without any are left out; all of it told.

    Parameters
    ----------
    frame : GeoDataFrame
        ``village_code`` and polygons in EPSG:4326.
    """
    geometry = frame.geometry.to_numpy().copy()
    codes = frame["village_code"].to_numpy()
    missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    for code in codes[missing]:
        report.add("warning", "null_geometry_dropped", "villages", row=code)
    invalid = np.flatnonzero(~shapely.is_valid(geometry) & ~missing)
    if len(invalid):
        geometry[invalid] = [_areas(g) for g in shapely.make_valid(geometry[invalid])]
    for position in invalid:
        report.add("warning", "repaired_geometry", "villages", row=codes[position])
    areal = np.isin(shapely.get_type_id(geometry), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    for position in np.flatnonzero(~missing & (~areal | shapely.is_empty(geometry))):
        if position in invalid:
            report.add("error", "unrepairable_geometry", "villages", row=codes[position])
        else:
            found = geometry[position].geom_type
            report.add("error", "wrong_geometry", "villages", row=codes[position], found=found, expected="Polygon")
    report.refuse_errors()
    kept: gpd.GeoDataFrame = frame.set_geometry(geometry, crs=CRS)[~missing]
    return kept.reset_index(drop=True)


def _areas(geometry: Any) -> Any:
    """The polygons of a geometry; lines and points that a repair leaves behind are dropped."""
    parts = shapely.get_parts(geometry)
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = parts[np.isin(shapely.get_type_id(parts), (3, 6))]
    return shapely.union_all(parts) if len(parts) else shapely.Polygon()


@dataclass(frozen=True)
class Overlaps:
    """Pairs of villages whose outlines share area: positions ``a`` < ``b`` and the area in km²."""

    a: NDArray[np.intp]
    b: NDArray[np.intp]
    area_km2: NDArray[np.float64]


def overlaps(metric: NDArray[np.object_]) -> Overlaps:
    """All pairs of polygons (in a metric CRS) that share area, the largest first."""
    tree = shapely.STRtree(metric)
    a, b = tree.query(metric)
    once = a < b
    a, b = a[once], b[once]
    area = shapely.area(shapely.intersection(metric[a], metric[b])) / _M2_PER_KM2
    some = area > 0
    order = np.lexsort((b[some], a[some], -area[some]))
    return Overlaps(a[some][order], b[some][order], area[some][order])


def check_outlines(
    villages: gpd.GeoDataFrame, metric_crs: str, least_km2: float, report: Report, *, resolve: bool = False
) -> gpd.GeoDataFrame:
    """Tell overlaps one by one and slivers as a count; on request cut overlaps off the larger village.

    Parameters
    ----------
    villages : GeoDataFrame
        ``village_code, village_name`` and valid polygons in EPSG:4326.
    metric_crs : str
        CRS in which areas are measured.
    least_km2 : float
        Shared areas below this are slivers of simplified borders, not disputes.
    resolve : bool
        Whether to cut: the smaller village, usually the one drawn later and with more care, keeps
        the ground.

    Returns
    -------
    GeoDataFrame
        The villages, with new outlines where something was cut.
    """
    metric = villages.to_crs(metric_crs).geometry.to_numpy().copy()
    districts = villages["village_code"].str[:_DISTRICT_PART].to_numpy(dtype=object)
    with ThreadPoolExecutor(2) as pool:  # GEOS works outside the interpreter's lock
        pending = pool.submit(gaps, metric.copy(), districts, least_km2)
        found, holes = overlaps(metric), pending.result()
    size = shapely.area(metric)
    names = (villages["village_name"] + " (" + villages["village_code"] + ")").to_numpy()
    codes = villages["village_code"].to_numpy()
    large = found.area_km2 >= least_km2
    changed = []
    for a, b, area in zip(found.a[large], found.b[large], found.area_km2[large], strict=True):
        cut, kept = (a, b) if size[a] >= size[b] else (b, a)
        if not resolve:
            report.add("warning", "overlap", "villages", row=codes[kept], other=names[cut], area=f"{area:.2f}")
            continue
        rest = _areas(shapely.difference(metric[cut], metric[kept]))
        if rest.is_empty:
            report.add("warning", "overlap", "villages", row=codes[kept], other=names[cut], area=f"{area:.2f}")
            continue
        metric[cut] = rest
        changed.append(cut)
        report.add("info", "overlap_cut", "villages", row=codes[cut], other=names[kept], area=f"{area:.2f}")
    thin = found.area_km2[~large]
    if len(holes) or len(thin):
        report.add(
            "info",
            "slivers",
            "villages",
            gaps=len(holes),
            gap_area=f"{holes.sum():.2f}",
            overlaps=len(thin),
            overlap_area=f"{thin.sum():.2f}",
        )
    if not changed:
        return villages
    geometry = villages.geometry.to_numpy().copy()
    back = gpd.GeoSeries(metric[changed], crs=metric_crs).to_crs(CRS).to_numpy()
    geometry[changed] = shapely.make_valid(back)
    return villages.set_geometry(geometry, crs=CRS)


def gaps(metric: NDArray[np.object_], groups: NDArray[np.object_], least_km2: float) -> NDArray[np.float64]:
    """Areas in km² of the small holes between neighbours; larger ones are lakes or enclaves.

    Holes within a group (district) are found first and filled, so that the union of the groups is
    spared their many rings: several times faster for a province.
    """
    holes: list[NDArray[np.float64]] = []

    def filled(polygons: NDArray[np.object_]) -> Any:
        parts = shapely.get_parts(shapely.union_all(polygons))
        rings, owner = shapely.get_rings(parts, return_index=True)
        outer = np.r_[True, owner[1:] != owner[:-1]]  # the first ring of a polygon is its shell
        holes.append(np.asarray(shapely.area(shapely.polygons(rings[~outer])), dtype=np.float64) / _M2_PER_KM2)
        return shapely.multipolygons(np.atleast_1d(np.asarray(shapely.polygons(rings[outer]), dtype=object)))

    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.r_[True, groups[order][1:] != groups[order][:-1]])[1:]
    filled(np.array([filled(metric[members]) for members in np.split(order, starts)], dtype=object))
    area = np.concatenate(holes)
    return area[area < least_km2]
