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
_BLOCK = 512  # villages worked on at once
_METRES_PER_DEGREE = 111_320.0

Floats = NDArray[np.float64]
#: Centres (longitude, latitude) of the groups of one village, and the share of its people in each.
_Part = tuple[Floats, Floats]
_NO_PART: _Part = (np.empty((0, 2)), np.empty(0))


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
    keep = assumptions["region.settlement_flat_share"]
    places = []
    for outline in villages.geometry:
        points = _candidates(outline)
        if slope is not None:
            points = _gentlest(points, slope.sample(points[:, 0], points[:, 1]), keep)
        places.append(points)
    counts = np.minimum(counts, [len(points) for points in places])
    return _table(villages, np.arange(len(villages)), _groups(places, counts), assumptions)


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
    pixels = np.split(order, starts[1:]) if len(found) else []
    counts = np.minimum(_counts(villages, assumptions)[found], [len(own) for own in pixels]).astype(np.intp)
    places = [np.column_stack([lon[own], lat[own]]) for own in pixels]
    parts = _groups(places, counts, [weight[own] for own in pixels])
    bare = np.ones(len(villages), dtype=bool)
    bare[found] = False
    made = [_table(villages, found, parts, assumptions)] if len(found) else []
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
    made = _rows(villages, position, hamlets[["lon", "lat"]].to_numpy(), share, assumptions)
    made["settlement_id"] = hamlets["settlement_id"].to_numpy()
    made["settlement_name"] = hamlets["settlement_name"].to_numpy()
    bare = ~villages["village_code"].isin(hamlets["village_code"])
    if not bare.any():
        return made, 0
    rest = estimate_settlements(villages[bare].reset_index(drop=True), terrain, assumptions)
    both = pd.concat([made, rest], ignore_index=True).sort_values("settlement_id").reset_index(drop=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=CRS), int(bare.sum())


def _table(
    villages: gpd.GeoDataFrame, positions: NDArray[np.intp], parts: list[_Part], assumptions: Assumptions
) -> gpd.GeoDataFrame:
    """Table *Settlements* from the groups of the villages at ``positions``."""
    village = np.repeat(positions, [len(share) for _centres, share in parts])
    centres, share = np.concatenate([c for c, _share in parts]), np.concatenate([s for _centres, s in parts])
    return _rows(villages, village, centres, share, assumptions)


def _rows(
    villages: gpd.GeoDataFrame, village: NDArray[np.intp], centres: Floats, share: Floats, assumptions: Assumptions
) -> gpd.GeoDataFrame:
    """Table *Settlements* from positions of villages, centres in degrees and shares of the people."""
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


def _candidates(outline: Any) -> Floats:
    """About :data:`_CANDIDATES` points inside a polygon, on a grid; never fewer than one."""
    west, south, east, north = shapely.bounds(outline)
    squeeze = math.cos(math.radians(south))
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


def _groups(points: list[Floats], counts: NDArray[np.intp], weights: list[Floats] | None = None) -> list[_Part]:
    """Groups of near points of many villages: their centres, and the share of the weight in each.

    Villages with the same number of groups are worked on together, padded to the longest, a block
    at a time: for a province the loop over villages would cost more than the arithmetic.

    Parameters
    ----------
    points : list of ndarray, shape (points, 2)
        Longitude and latitude per village.
    counts : ndarray
        Groups asked for per village, no more than its points.
    weights : list of ndarray, optional
        Per point; by default all weigh the same.
    """
    found: list[_Part] = [_NO_PART] * len(points)
    for count in np.unique(counts):
        members = np.flatnonzero(counts == count)
        members = members[np.argsort([len(points[m]) for m in members], kind="stable")]
        for start in range(0, len(members), _BLOCK):
            block = members[start : start + _BLOCK]
            weight = None if weights is None else [weights[m] for m in block]
            for member, part in zip(block, _grouped([points[m] for m in block], int(count), weight), strict=True):
                found[member] = part
    return found


def _grouped(points: list[Floats], count: int, weights: list[Floats] | None) -> list[_Part]:
    """:func:`_groups` of villages that all have ``count`` groups: Lloyd's method on all of them at once."""
    sizes = np.array([len(p) for p in points])
    real = np.arange(sizes.max()) < sizes[:, None]
    placed = np.zeros((*real.shape, 2))
    placed[real] = np.concatenate(points)
    weight = np.zeros(real.shape)
    weight[real] = 1.0 if weights is None else np.concatenate(weights)
    squeeze = np.cos(np.radians([p[:, 1].min() for p in points]))
    scaled = placed * np.stack([squeeze, np.ones_like(squeeze)], axis=1)[:, None, :]
    villages = np.arange(len(points))[:, None]
    centres = scaled[villages, _starts(scaled, weight, real, count)]
    for _round in range(_ROUNDS):
        owner = _distances(scaled, centres).argmin(axis=2) + villages * count
        size, x, y = (_sums(owner, weight * value, count) for value in (1.0, scaled[..., 0], scaled[..., 1]))
        means = np.stack([x, y], axis=2) / np.where(size > 0, size, 1.0)[..., None]
        moved = np.where(size[..., None] > 0, means, centres)
        if np.array_equal(moved, centres):
            break
        centres = moved
    far = np.where(real[:, None, :], _distances(centres, scaled), np.inf)
    central = far.argmin(axis=2)  # points that surely lie in the village, on gentle ground
    owner = _distances(scaled, scaled[villages, central]).argmin(axis=2) + villages * count
    share = _sums(owner, weight, count) / weight.sum(axis=1, keepdims=True)
    return [(placed[v, central[v][some := share[v] > 0]], share[v][some]) for v in range(len(points))]


def _sums(owner: NDArray[np.intp], values: Floats, count: int) -> Floats:
    """Sums of values per village and group."""
    sums = np.bincount(owner.ravel(), weights=values.ravel(), minlength=len(owner) * count)
    return np.asarray(sums, dtype=np.float64).reshape(-1, count)


def _starts(points: Floats, weight: Floats, real: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Per village the heaviest point, then each time the one with most weight x squared distance from those taken.

    So a small hamlet far from the others gets a group of its own instead of vanishing in theirs.
    """
    villages = np.arange(len(points))
    taken = [weight.argmax(axis=1)]
    distance = np.full(weight.shape, np.inf)
    while len(taken) < count:
        last = points[villages, taken[-1]][:, None, :]
        distance = np.minimum(distance, ((points - last) ** 2).sum(axis=2))
        taken.append(np.where(real, weight * distance, -1.0).argmax(axis=1))
    return np.stack(taken, axis=1)


def _distances(points: Floats, others: Floats) -> Floats:
    """Squared distances per village, shape (villages, points, others)."""
    dx = points[:, :, None, 0] - others[:, None, :, 0]
    dy = points[:, :, None, 1] - others[:, None, :, 1]
    return np.asarray(dx * dx + dy * dy, dtype=np.float64)
