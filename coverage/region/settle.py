"""Where people live when no hamlet points are known: a stated estimate."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio.features
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.raster import Raster
from coverage.region.layers import CRS
from coverage.region.region import metric_crs

_CANDIDATES = 80  # points tried per village: enough to follow its shape, few enough for a province
_ROUNDS = 8
_METRES_PER_DEGREE = 111_320.0

Floats = NDArray[np.float64]


def estimate_settlements(
    villages: gpd.GeoDataFrame, terrain: Raster | None, assumptions: Assumptions
) -> gpd.GeoDataFrame:
    """Hamlets of each village: as many as its people ask for, spread over its gentler ground.

    A regular grid of points is laid over the village, the steeper part dropped, and the rest
    divided into groups of near points (Lloyd's method from evenly spread starts). Each group is a
    hamlet at its most central point; people are shared by the number of points. Real hamlets are
    not known here: the layer is marked *estimated*.

    Parameters
    ----------
    villages : GeoDataFrame
        Table *Villages* in EPSG:4326.
    terrain : Raster or None
        Heights in metres in EPSG:4326; without it all ground counts as gentle.

    Returns
    -------
    GeoDataFrame
        Table *Settlements* in EPSG:4326.
    """
    slope = _slope(terrain)
    counts = _counts(villages, assumptions)
    parts = []
    for position, outline in enumerate(villages.geometry):
        squeeze = math.cos(math.radians(shapely.bounds(outline)[1]))
        points = _candidates(outline, squeeze)
        if slope is not None:
            points = _gentlest(
                points, slope.sample(points[:, 0], points[:, 1]), assumptions["region.settlement_flat_share"]
            )
        centres, share = _groups(points, int(min(counts[position], len(points))), squeeze)
        parts.append((np.full(len(centres), position), centres, share))
    return _table(villages, parts, assumptions)


def settle_pixels(
    villages: gpd.GeoDataFrame, people: Raster, terrain: Raster | None, assumptions: Assumptions
) -> tuple[gpd.GeoDataFrame, int]:
    """Hamlets where a population raster has people: groups of near pixels, weighted by their people.

    Parameters
    ----------
    people : Raster
        Persons per pixel in any CRS.

    Returns
    -------
    GeoDataFrame, int
        Table *Settlements* in EPSG:4326, and how many villages have no populated pixel, so that
        theirs were estimated as by :func:`estimate_settlements`.
    """
    zones = villages.to_crs(people.crs).geometry
    shapes = ((zone, number) for number, zone in enumerate(zones, start=1))
    owner = rasterio.features.rasterize(shapes, out_shape=people.shape, transform=people.transform, dtype="int32")
    rows, cols = np.nonzero((owner > 0) & (people.values > 0))
    village, weight = owner[rows, cols].astype(np.intp) - 1, people.values[rows, cols].astype(float)
    x, y = people.xy(rows, cols)
    lon, lat = pyproj.Transformer.from_crs(people.crs, CRS, always_xy=True).transform(x, y)
    order = np.argsort(village, kind="stable")
    found, starts = np.unique(village[order], return_index=True)
    counts = _counts(villages, assumptions)
    parts = []
    for position, pixels in zip(found, np.split(order, starts[1:]), strict=True):
        points = np.column_stack([lon[pixels], lat[pixels]])
        squeeze = math.cos(math.radians(float(points[:, 1].min())))
        centres, share = _groups(points, int(min(counts[position], len(points))), squeeze, weight[pixels])
        parts.append((np.full(len(centres), position), centres, share))
    return _with_the_rest(villages, parts, terrain, assumptions)


def _with_the_rest(
    villages: gpd.GeoDataFrame,
    parts: list[tuple[NDArray[np.intp], Floats, Floats]],
    terrain: Raster | None,
    assumptions: Assumptions,
) -> tuple[gpd.GeoDataFrame, int]:
    bare = np.ones(len(villages), dtype=bool)
    bare[[int(part[0][0]) for part in parts]] = False
    made = [_table(villages, parts, assumptions)] if parts else []
    if bare.any():
        made.append(estimate_settlements(villages[bare].reset_index(drop=True), terrain, assumptions))
    both = pd.concat(made, ignore_index=True).sort_values("settlement_id").reset_index(drop=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=CRS), int(bare.sum())


def _counts(villages: gpd.GeoDataFrame, assumptions: Assumptions) -> NDArray[np.intp]:
    """How many hamlets the people of each village ask for."""
    people = villages["population"].to_numpy(dtype=float)
    wanted = np.ceil(people / assumptions["region.settlement_people"])
    return np.clip(wanted, 1, assumptions["region.settlement_most"]).astype(np.intp)


def settle_hamlets(
    villages: gpd.GeoDataFrame, hamlets: pd.DataFrame, terrain: Raster | None, assumptions: Assumptions
) -> tuple[gpd.GeoDataFrame, int]:
    """Hamlets from known points; villages without any get estimated ones.

    The people of a village are shared by the people of its hamlets where all of them are known,
    else equally: the sum is always the village's.

    Parameters
    ----------
    hamlets : DataFrame
        ``settlement_id, settlement_name, village_code, population`` (``NaN``: unknown), ``lon, lat``.

    Returns
    -------
    GeoDataFrame, int
        Table *Settlements* in EPSG:4326, and how many villages had to be estimated.
    """
    known = hamlets.groupby("village_code")["population"].transform(lambda p: p.notna().all() and p.sum() > 0)
    weight = hamlets["population"].where(known.astype(bool), 1.0)
    share = (weight / weight.groupby(hamlets["village_code"]).transform("sum")).to_numpy()
    position = pd.Index(villages["village_code"]).get_indexer(hamlets["village_code"])
    made = _table(villages, [(position, hamlets[["lon", "lat"]].to_numpy(), share)], assumptions)
    made["settlement_id"] = hamlets["settlement_id"].to_numpy()
    made["settlement_name"] = hamlets["settlement_name"].to_numpy()
    bare = ~villages["village_code"].isin(hamlets["village_code"])
    if not bare.any():
        return made, 0
    rest = estimate_settlements(villages[bare].reset_index(drop=True), terrain, assumptions)
    both = pd.concat([made, rest], ignore_index=True).sort_values("settlement_id").reset_index(drop=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=CRS), int(bare.sum())


def _table(
    villages: gpd.GeoDataFrame, parts: list[tuple[NDArray[np.intp], Floats, Floats]], assumptions: Assumptions
) -> gpd.GeoDataFrame:
    """Table *Settlements* from positions of villages, centres in degrees and shares of the people."""
    village, centres, share = (np.concatenate([part[i] for part in parts]) for i in range(3))
    people = villages["population"].to_numpy(dtype=float)[village] * share
    area_m2 = villages.to_crs(metric_crs(villages)).area.to_numpy()[village] * share
    codes = villages["village_code"].to_numpy()[village]
    number = pd.Series(codes).groupby(codes).cumcount() + 1
    least = assumptions["region.settlement_radius_least_m"]
    built = people / (assumptions["region.settlement_density_per_km2"] / 1e6)  # m² that its people take up
    radius = np.sqrt(np.minimum(built, area_m2) / np.pi)
    return gpd.GeoDataFrame(
        {
            "settlement_id": pd.Series(codes, dtype="str") + "-" + number.map("{:02d}".format),
            "village_code": pd.Series(codes, dtype="str"),
            "settlement_name": villages["village_name"].to_numpy()[village] + " " + number.astype("str"),
            "population": people,
            "radius_m": np.maximum(radius, least).round(0),
        },
        geometry=gpd.points_from_xy(centres[:, 0].round(6), centres[:, 1].round(6)),
        crs=CRS,
    )


def _slope(terrain: Raster | None) -> Raster | None:
    """Steepness (rise over run) of a terrain in degrees."""
    if terrain is None or min(terrain.shape) < 2:
        return None
    step = terrain.resolution[1] * _METRES_PER_DEGREE
    squeeze = math.cos(math.radians((terrain.bounds[1] + terrain.bounds[3]) / 2))
    south, east = np.gradient(terrain.values, step, step * squeeze)
    return terrain.with_values(np.hypot(south, east).astype(np.float32))


def _candidates(outline: Any, squeeze: float) -> Floats:
    """About :data:`_CANDIDATES` points inside a polygon, on a grid; never fewer than one."""
    west, south, east, north = shapely.bounds(outline)
    shapely.prepare(outline)
    step = math.sqrt(max(shapely.area(outline) * squeeze, 1e-12) / _CANDIDATES)
    lon, lat = np.meshgrid(np.arange(west + step / 2, east, step / squeeze), np.arange(south + step / 2, north, step))
    inside = shapely.contains_xy(outline, lon.ravel(), lat.ravel())
    points = np.column_stack([lon.ravel()[inside], lat.ravel()[inside]])
    if len(points):
        return points
    middle = shapely.point_on_surface(outline)
    return np.array([[shapely.get_x(middle), shapely.get_y(middle)]])


def _gentlest(points: Floats, slope: NDArray[np.float32], keep: float) -> Floats:
    """The gentler part of the points, in their old order; unknown slopes count as gentle."""
    count = max(1, math.ceil(len(points) * keep))
    order = np.argsort(np.nan_to_num(slope), kind="stable")
    return points[np.sort(order[:count])]


def _groups(points: Floats, count: int, squeeze: float, weight: Floats | None = None) -> tuple[Floats, Floats]:
    """Centres of ``count`` groups of near points, and the share of the weight in each."""
    scaled = points * np.array([squeeze, 1.0])
    weight = np.ones(len(points)) if weight is None else weight
    centres = scaled[_starts(scaled, weight, count)]
    for _round in range(_ROUNDS):
        owner = _nearest(scaled, centres)
        size = np.bincount(owner, weights=weight, minlength=count)
        sums = np.column_stack(
            [np.bincount(owner, weights=scaled[:, axis] * weight, minlength=count) for axis in (0, 1)]
        )
        moved = np.where(size[:, None] > 0, sums / np.where(size > 0, size, 1.0)[:, None], centres)
        if np.array_equal(moved, centres):
            break
        centres = moved
    central = _nearest(centres, scaled)  # a point that surely lies in the village, on gentle ground
    owner = _nearest(scaled, scaled[central])
    share = np.bincount(owner, weights=weight, minlength=count) / weight.sum()
    some = share > 0
    return points[central[some]], share[some]


def _starts(points: Floats, weight: Floats, count: int) -> list[int]:
    """The heaviest point, then each time the one with most weight x squared distance from those taken.

    So a small hamlet far from the others gets a group of its own instead of vanishing in theirs.
    """
    taken = [int(weight.argmax())]
    distance = np.full(len(points), np.inf)
    while len(taken) < count:
        distance = np.minimum(distance, ((points - points[taken[-1]]) ** 2).sum(axis=1))
        taken.append(int((weight * distance).argmax()))
    return taken


def _nearest(points: Floats, centres: Floats) -> NDArray[np.intp]:
    distance = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(distance.argmin(axis=1), dtype=np.intp)
