"""Approximate village boundaries from published centres and areas.

A power diagram (Voronoi cells with weights) inside a hull, computed on a fine raster in metres.
The weights are iterated until each cell has its village's published area. The points of the raster
are first moved by a smooth noise field, so that borders wander as natural ones do. The cells' edges
are then traced once per pair of neighbours and smoothed as shared arcs: neighbours keep the same
edge, so there are neither gaps nor overlaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.region.sample.noise import displaced

Floats = NDArray[np.float64]

_PIXEL_M = 50.0
_COARSE = 3  # the iteration works on pixels of this many
_CANDIDATES = 16  # nearest villages that may own a pixel
_ROUNDS = 250
_SEED = 11


@dataclass(frozen=True)
class _Grid:
    """Pixel centres inside the hull."""

    transform: Affine
    inside: NDArray[np.bool_]
    x: Floats
    y: Floats


def _hull(villages: pd.DataFrame) -> shapely.Geometry:
    """The regency's outline: circles of the villages' size, grown until the whole has the published area."""
    centres = shapely.points(villages["x_m"].to_numpy(), villages["y_m"].to_numpy())
    radius = np.sqrt(villages["area_km2"].to_numpy() * 1e6 / np.pi)
    target = villages["area_km2"].sum() * 1e6

    def outline(factor: float) -> shapely.Geometry:
        whole = shapely.union_all(shapely.buffer(centres, radius * factor, quad_segs=12))
        # Closing fills the notches between the circles, opening takes the knobs away.
        closed = shapely.buffer(shapely.buffer(whole, 2500.0), -2500.0)
        opened = shapely.buffer(shapely.buffer(closed, -900.0), 900.0)
        parts = shapely.get_parts(opened)
        return shapely.Polygon(shapely.get_exterior_ring(parts[np.argmax(shapely.area(parts))]))

    low, high = 0.5, 1.8
    for _step in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if shapely.area(outline(middle)) < target else (low, middle)
    return outline((low + high) / 2)


def _grid(hull: shapely.Geometry, pixel: float, warp_m: float, wavelength_m: float) -> _Grid:
    west, south, east, north = shapely.bounds(shapely.buffer(hull, 1000.0))
    west, north = np.floor(west / 100) * 100, np.ceil(north / 100) * 100
    cols, rows = int(np.ceil((east - west) / pixel)), int(np.ceil((north - south) / pixel))
    transform = Affine(pixel, 0.0, west, 0.0, -pixel, north)
    col, row = np.meshgrid(np.arange(cols), np.arange(rows))
    x, y = west + (col + 0.5) * pixel, north - (row + 0.5) * pixel
    x, y = displaced(x, y, warp_m, wavelength_m, _SEED)
    shapely.prepare(hull)
    inside = shapely.contains_xy(hull, x.ravel(), y.ravel()).reshape(x.shape)
    return _Grid(transform, inside, x[inside], y[inside])


def _owners(grid: _Grid, near: NDArray[np.intp], x: Floats, y: Floats, weight: Floats) -> NDArray[np.intp]:
    """The village with the least power distance for each pixel (first among equals)."""
    best = np.full(len(grid.x), np.inf)
    owner = np.zeros(len(grid.x), dtype=np.intp)
    for k in range(near.shape[1]):
        village = near[:, k]
        power = (grid.x - x[village]) ** 2 + (grid.y - y[village]) ** 2 - weight[village]
        closer = power < best
        best[closer], owner[closer] = power[closer], village[closer]
    return owner


def _nearest(grid: _Grid, x: Floats, y: Floats) -> NDArray[np.intp]:
    result = np.empty((len(grid.x), _CANDIDATES), dtype=np.intp)
    for start in range(0, len(grid.x), 50_000):
        part = slice(start, start + 50_000)
        distance = (grid.x[part, None] - x) ** 2 + (grid.y[part, None] - y) ** 2
        result[part] = np.sort(np.argpartition(distance, _CANDIDATES, axis=1)[:, :_CANDIDATES], axis=1)
    return result


def _weights(grid: _Grid, pixel: float, villages: pd.DataFrame, area: Floats) -> Floats:
    """Weights (square metres) such that every cell has its village's area."""
    x, y = villages["x_m"].to_numpy(), villages["y_m"].to_numpy()
    near = _nearest(grid, x, y)
    weight = area / np.pi
    for _round in range(_ROUNDS):
        pixels = np.bincount(_owners(grid, near, x, y, weight), minlength=len(area))
        # Newton's step for a round cell among equals would be 2 / pi; a quarter of it is stable.
        weight = weight + (area - pixels * pixel**2) / (2 * np.pi)
    return weight


def _smooth(arc: Floats) -> Floats:
    """An arc of the raster without its stairs: evenly spaced points, averaged along the arc; ends stay."""
    step = np.hypot(*np.diff(arc, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(step)])
    count = max(3, int(along[-1] // _PIXEL_M) + 1)
    at = np.linspace(0.0, along[-1], count)
    points = np.column_stack([np.interp(at, along, arc[:, 0]), np.interp(at, along, arc[:, 1])])
    for _round in range(12):
        points[1:-1] = (points[:-2] + 2 * points[1:-1] + points[2:]) / 4
    return points


def _polygons(labels: NDArray[np.int32], transform: Affine, count: int) -> list[shapely.Geometry]:
    """Trace the labelled cells as polygons with shared, smoothed edges (label -1 is outside)."""
    traced = rasterio.features.shapes(labels, mask=labels >= 0, transform=transform)
    rings = [shapely.Polygon(s["coordinates"][0], s["coordinates"][1:]) for s, _value in traced]
    edges = shapely.line_merge(shapely.union_all(shapely.boundary(np.array(rings))))
    arcs = [shapely.LineString(_smooth(shapely.get_coordinates(a))) for a in shapely.get_parts(edges)]
    arcs = list(shapely.simplify(np.array(arcs), 12.0))
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(np.array(arcs))]))
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    cols, rows = (inner[:, 0] - transform.c) / transform.a, (inner[:, 1] - transform.f) / transform.e
    owner = labels[np.floor(rows).astype(int), np.floor(cols).astype(int)]
    return [shapely.union_all(faces[owner == village]) for village in range(count)]


def village_polygons(villages: pd.DataFrame, assumptions: Assumptions) -> list[shapely.Geometry]:
    """One polygon per village in metres (EPSG:32749), in the order of the rows.

    Parameters
    ----------
    villages : DataFrame
        Columns ``x_m, y_m, area_km2``.
    assumptions : Assumptions
        ``sample.border_warp_m`` and ``sample.border_wavelength_m``.
    """
    warp = assumptions["sample.border_warp_m"], assumptions["sample.border_wavelength_m"]
    hull = _hull(villages)
    published = villages["area_km2"].to_numpy() * 1e6
    coarse = _grid(hull, _PIXEL_M * _COARSE, *warp)
    area = published * (len(coarse.x) * (_PIXEL_M * _COARSE) ** 2 / published.sum())
    weight = _weights(coarse, _PIXEL_M * _COARSE, villages, area)
    fine = _grid(hull, _PIXEL_M, *warp)
    labels = np.full(fine.inside.shape, -1, dtype=np.int32)
    x, y = villages["x_m"].to_numpy(), villages["y_m"].to_numpy()
    labels[fine.inside] = _owners(fine, _nearest(fine, x, y), x, y, weight)
    # Splinters that the noise tore off go to the neighbour around them.
    labels = rasterio.features.sieve(labels, size=60, connectivity=4)
    return _polygons(labels, fine.transform, len(villages))
