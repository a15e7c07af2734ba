"""Made-up relief that fits the published spot heights: coast, plain, ridges and valleys, and Mount Slamet.

The base is a cone for the volcano plus a smooth surface through what the spot heights leave over.
On it stand ridges of multifractal noise whose height grows with altitude; they sink to nothing along
valleys that lead from every village to a lower one, so villages lie in valleys with ridges between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyproj
import shapely
from affine import Affine
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.raster import Raster
from coverage.region.sample.noise import displaced, gradient_noise, ridged_noise
from coverage.region.sample.villages import METRIC_CRS, read_regency

Floats = NDArray[np.float64]

_ARC_SECONDS = 3
_SEED = 101
_VALLEY_WARP = (420.0, 2800.0)  # wander and wavelength of the valleys, metres
_BLOCK = 60_000  # points at once, so that memory stays small


@dataclass(frozen=True)
class _Points:
    """Points in metres (EPSG:32749) with their heights."""

    x: Floats
    y: Floats
    z: Floats


def _spline(points: _Points, x: Floats, y: Floats, stiffness: float) -> Floats:
    """Smoothing thin-plate spline through scattered heights (kernel r² log r, in kilometres)."""

    def kernel(squared: Floats) -> Floats:
        return squared * np.log(squared + 1e-9)

    px, py = points.x / 1000, points.y / 1000
    count = len(px)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = kernel((px[:, None] - px) ** 2 + (py[:, None] - py) ** 2)
    system[:count, :count] += stiffness * np.eye(count)
    system[:count, count:] = np.column_stack([np.ones(count), px - px.mean(), py - py.mean()])
    system[count:, :count] = system[:count, count:].T
    solution = np.linalg.solve(system, np.concatenate([points.z, np.zeros(3)]))
    weights, plane = solution[:count], solution[count:]
    result = np.empty(len(x))
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        u, v = x[part] / 1000, y[part] / 1000
        result[part] = kernel((u[:, None] - px) ** 2 + (v[:, None] - py) ** 2) @ weights
        result[part] += plane[0] + plane[1] * (u - px.mean()) + plane[2] * (v - py.mean())
    return result


def _summit() -> tuple[float, float, float]:
    """Mount Slamet's easting, northing (EPSG:32749) and height."""
    regency = read_regency()
    to_metric = pyproj.Transformer.from_crs("EPSG:4326", METRIC_CRS, always_xy=True)
    x, y = to_metric.transform(regency["slamet_lon"], regency["slamet_lat"])
    return float(x), float(y), regency["slamet_elevation"]


def _cone(x: Floats, y: Floats, assumptions: Assumptions) -> Floats:
    """Mount Slamet as a cone that flattens outwards, metres."""
    top_x, top_y, top = _summit()
    distance = np.hypot(x - top_x, y - top_y)
    return np.asarray(top * np.exp(-distance / assumptions["sample.cone_decay_m"]))


def _valleys(villages: pd.DataFrame, floor_m: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Start and end of the valley from each village to one that lies lower.

    Villages below `floor_m` lie on the plain, which has no valleys.
    """
    x, y = displaced(villages["x_m"].to_numpy(), villages["y_m"].to_numpy(), *_VALLEY_WARP, _SEED)
    z = villages["elevation_m"].to_numpy(dtype=float)
    upper = np.flatnonzero(z > floor_m)
    # Water takes the near and steep way: distance over the root of the drop.
    drop = np.maximum(z[upper, None] - z, 0.0)
    distance = np.hypot(x[upper, None] - x, y[upper, None] - y)
    lower = np.argmin(np.where(drop > 0, distance / np.sqrt(np.maximum(drop, 1.0)), np.inf), axis=1)
    return x[upper], y[upper], x[lower], y[lower]


def _distance_to_valley(x: Floats, y: Floats, villages: pd.DataFrame, floor_m: float) -> Floats:
    """Metres from each point to the nearest valley line; the lines wander with the noise field."""
    ax, ay, bx, by = _valleys(villages, floor_m)
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    u, v = displaced(x, y, *_VALLEY_WARP, _SEED)
    result = np.empty(len(x))
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        px, py = u[part, None] - ax, v[part, None] - ay
        along = np.clip((px * dx + py * dy) / square, 0.0, 1.0)
        result[part] = np.sqrt(np.min((px - along * dx) ** 2 + (py - along * dy) ** 2, axis=1))
    return result


def _relief(base: Floats, x: Floats, y: Floats, villages: pd.DataFrame, assumptions: Assumptions) -> Floats:
    """Height of the ridges above the base, metres."""
    plain = assumptions["sample.plain_height_m"]
    above = np.maximum(base - plain, 0.0)
    amplitude = assumptions["sample.ridge_height_m"] * (1.0 - np.exp(-above / assumptions["sample.ridge_rise_m"]))
    # Bending the coordinates hides the lattice of the noise.
    u, v = displaced(x, y, 500.0, 3500.0, _SEED + 30)
    ridges = ridged_noise(u, v, assumptions["sample.ridge_wavelength_m"], 5, _SEED + 10)
    width = assumptions["sample.valley_width_m"]
    away = np.clip(_distance_to_valley(x, y, villages, plain) / width, 0.0, 1.0)
    away = away * away * (3.0 - 2.0 * away)
    gullies = ridged_noise(u, v, assumptions["sample.ridge_wavelength_m"] / 4, 3, _SEED + 20) - 0.5
    return np.asarray(amplitude * (away * (0.25 + 1.05 * ridges) + 0.16 * gullies * (0.3 + 0.7 * away)))


def _coast(hull: shapely.Geometry, villages: pd.DataFrame, x: Floats) -> Floats:
    """Northing of the coast at each easting: the hull's northern edge where low villages lie behind it.

    Beyond the regency it runs on at the height where it leaves it, wandering a little.
    """
    west, south, east, north = shapely.bounds(hull)
    at = np.arange(west + 300.0, east - 300.0, 100.0)
    cuts = shapely.intersection(shapely.linestrings([[(a, south), (a, north)] for a in at]), hull)
    top = shapely.bounds(cuts)[:, 3]
    vx, vy = villages["x_m"].to_numpy(), villages["y_m"].to_numpy()
    nearest = np.argmin(np.hypot(at[:, None] - vx, top[:, None] - vy), axis=1)
    # The last kilometre at either end already turns inland along the regency's border.
    on_coast = np.flatnonzero(villages["elevation_m"].to_numpy()[nearest] <= 5)[10:-10]
    line = np.interp(x, at[on_coast], top[on_coast])
    outside = np.maximum(at[on_coast[0]] - x, x - at[on_coast[-1]]).clip(0.0)
    return np.asarray(
        line - 0.06 * outside + 500.0 * np.minimum(outside / 3000.0, 1.0) * gradient_noise(x, 0 * x, 5000.0, 7)
    )


def terrain(villages: pd.DataFrame, hull: shapely.Geometry, assumptions: Assumptions) -> Raster:
    """Heights in whole metres on a 3 arc-second grid around the regency; the sea is 0.

    Parameters
    ----------
    villages : DataFrame
        Columns ``x_m, y_m`` (EPSG:32749), ``elevation_m``.
    hull : Polygon
        Outline of the regency, EPSG:32749.
    assumptions : Assumptions
        Topic ``sample``.

    Returns
    -------
    Raster
        EPSG:4326, with a margin of ``sample.terrain_margin_deg`` for radio paths from outside.
    """
    regency = read_regency()
    margin, step = assumptions["sample.terrain_margin_deg"], _ARC_SECONDS / 3600
    cols = int(np.ceil((regency["extent_east"] - regency["extent_west"] + 2 * margin) / step))
    rows = int(np.ceil((regency["extent_north"] - regency["extent_south"] + 2 * margin) / step))
    west = np.floor((regency["extent_west"] - margin) * 1200) / 1200
    north = np.ceil((regency["extent_north"] + margin) * 1200) / 1200
    lon, lat = np.meshgrid(west + (np.arange(cols) + 0.5) * step, north - (np.arange(rows) + 0.5) * step)
    to_metric = pyproj.Transformer.from_crs("EPSG:4326", METRIC_CRS, always_xy=True)
    x, y = to_metric.transform(lon.ravel(), lat.ravel())
    heights = _heights(np.asarray(x), np.asarray(y), villages, hull, assumptions)
    values = np.round(heights).reshape(rows, cols).astype(np.float32)
    return Raster(values, Affine(step, 0.0, west, 0.0, -step, north), "EPSG:4326")


def _spot_heights(villages: pd.DataFrame) -> _Points:
    """The villages and the summit."""
    top_x, top_y, top = _summit()
    return _Points(
        np.append(villages["x_m"].to_numpy(), top_x),
        np.append(villages["y_m"].to_numpy(), top_y),
        np.append(villages["elevation_m"].to_numpy(dtype=float), top),
    )


def _surface(
    x: Floats, y: Floats, spots: _Points, coast: Callable[[Floats], Floats], assumptions: Assumptions
) -> Floats:
    """The smooth surface under the ridges, metres."""
    shore_x = np.arange(x.min(), x.max(), 2000.0)
    shore_y = coast(shore_x)
    rest = spots.z - _cone(spots.x, spots.y, assumptions)
    # Inland beyond the spot heights the surface keeps what the nearest one leaves over the cone.
    frame_x = np.concatenate([np.full(5, x.min()), np.linspace(x.min(), x.max(), 7)[1:-1], np.full(5, x.max())])
    sides = np.linspace(y.min(), spots.y.min() + 0.35 * np.ptp(spots.y), 5)
    frame_y = np.concatenate([sides, np.full(5, y.min()), sides])
    nearest = np.argmin(np.hypot(frame_x[:, None] - spots.x, frame_y[:, None] - spots.y), axis=1)
    points = _Points(
        np.concatenate([spots.x, shore_x, frame_x]),
        np.concatenate([spots.y, shore_y, frame_y]),
        np.concatenate([rest, -_cone(shore_x, shore_y, assumptions), rest[nearest]]),
    )
    return _spline(points, x, y, 0.5) + _cone(x, y, assumptions)


def _heights(x: Floats, y: Floats, villages: pd.DataFrame, hull: shapely.Geometry, assumptions: Assumptions) -> Floats:
    spots = _spot_heights(villages)
    inland = _coast(hull, villages, x) - y
    land = inland > 0
    all_x, all_y = np.concatenate([x[land], spots.x]), np.concatenate([y[land], spots.y])
    whole = _surface(all_x, all_y, spots, partial(_coast, hull, villages), assumptions)
    whole += _relief(whole, all_x, all_y, villages, assumptions)
    count = int(land.sum())
    # What the ridges added at the spot heights themselves is taken away around them.
    whole = whole[:count] + _correction(x[land], y[land], spots, whole[count:])
    heights = np.zeros(len(x))
    # Dykes and beach ridges keep the shore above the sea; the land rises from there.
    heights[land] = np.maximum(whole * np.clip(inland[land] / 2000.0, 0.0, 1.0), 1.0)
    return heights


def _correction(x: Floats, y: Floats, spots: _Points, got: Floats) -> Floats:
    """A smooth patch of 700 m around each spot height that brings the surface to it."""
    result = np.zeros(len(x))
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        near = np.exp(-((x[part, None] - spots.x) ** 2 + (y[part, None] - spots.y) ** 2) / 700.0**2)
        result[part] = (near @ (spots.z - got)) / np.maximum(near.sum(axis=1), 1.0)
    return result
