"""The ground that everything stands on: heights by metric coordinates, and the way back to degrees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from coverage.raster import Raster
from coverage.region.sample.villages import METRIC_CRS

Floats = NDArray[np.float64]


@cache
def _to_degrees() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(METRIC_CRS, "EPSG:4326", always_xy=True)


def degrees(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Longitude and latitude of metric points, rounded to 0.1 m so that files stay the same everywhere."""
    lon, lat = _to_degrees().transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return np.round(lon, 6), np.round(lat, 6)


def points_in_degrees(x: ArrayLike, y: ArrayLike) -> NDArray[np.object_]:
    """Points in EPSG:4326 from metric coordinates."""
    return np.asarray(shapely.points(*degrees(x, y)))


def shapes_in_degrees(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Any shapes in EPSG:4326 from metric ones; shared vertices stay shared."""
    return np.asarray(shapely.transform(shapes, lambda xy: np.column_stack(degrees(xy[:, 0], xy[:, 1]))))


@dataclass(frozen=True)
class Ground:
    """Terrain under metric coordinates (EPSG:32749)."""

    terrain: Raster

    def height(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Metres above the sea."""
        lon, lat = degrees(x, y)
        return self.terrain.sample(lon, lat).astype(float)

    def ruggedness(self, x: ArrayLike, y: ArrayLike, radius_m: float) -> Floats:
        """How far the ground around a point differs: standard deviation of heights within a radius, metres."""
        angle = np.arange(16) * (2 * np.pi / 16)
        ring = np.concatenate([radius_m * share * np.cos(angle) for share in (0.4, 0.7, 1.0)])
        side = np.concatenate([radius_m * share * np.sin(angle) for share in (0.4, 0.7, 1.0)])
        around = self.height(np.asarray(x)[:, None] + ring, np.asarray(y)[:, None] + side)
        return np.asarray(around.std(axis=1))
