"""Geometry small enough for a browser: simplified borders, rounded points, shaded relief."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import rasterio.warp
import shapely
from numpy.typing import NDArray

from coverage.raster import Raster

#: Borders may move by this much (degrees, about 45 m): less than a pixel at the scale of a regency.
_TOLERANCE_DEG = 0.0004
_PRECISION_DEG = 1e-5
_RELIEF_WIDTH_PX = 640


_SUN_AZIMUTH_DEG, _SUN_ALTITUDE_DEG = 315.0, 45.0


def rounded(value: float) -> float:
    """A coordinate at the precision of the map (1e-5 degrees, about a metre)."""
    return round(float(value), 5)


def village_features(villages: gpd.GeoDataFrame) -> dict[str, Any]:
    """The borders as a GeoJSON object, simplified so that neighbours stay joined.

    Parameters
    ----------
    villages : GeoDataFrame
        Columns ``village_code``, ``village_name``, ``district_name``; EPSG:4326.

    Returns
    -------
    dict
        A FeatureCollection in the order of the table; properties ``code``, ``name``, ``district``.
    """
    simple = shapely.coverage_simplify(villages.geometry.to_numpy(), _TOLERANCE_DEG)
    simple = shapely.set_precision(simple, _PRECISION_DEG)
    # A sliver may vanish when it is rounded: it then keeps its true border.
    simple = np.where(shapely.is_empty(simple), villages.geometry.to_numpy(), simple)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code, "name": name, "district": district},
                "geometry": _round_all(json.loads(shape)),
            }
            for code, name, district, shape in zip(
                villages["village_code"],
                villages["village_name"],
                villages["district_name"],
                shapely.to_geojson(simple),
                strict=True,
            )
        ],
    }


def _round_all(geometry: dict[str, Any]) -> dict[str, Any]:
    def walk(part: Any) -> Any:
        return [walk(p) for p in part] if isinstance(part, list) else rounded(part)

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


def line_coordinates(lines: gpd.GeoDataFrame) -> list[list[list[float]]]:
    """Vertices of the lines as ``[lat, lon]`` pairs for the map; EPSG:4326."""
    simple = shapely.simplify(lines.geometry.to_numpy(), _TOLERANCE_DEG / 4)
    return [[[rounded(y), rounded(x)] for x, y in shapely.get_coordinates(line)] for line in simple]


def hillshade(heights: NDArray[np.float32], pixel_m: float) -> NDArray[np.float32]:
    """Brightness 0..1 of a surface lit from the north-west: Lambert's cosine law.

    Parameters
    ----------
    heights : ndarray, shape (rows, cols)
        Metres above sea, row 0 northernmost; ``NaN`` stays ``NaN``.
    pixel_m : float
        Side of a pixel in metres.
    """
    southward, eastward = np.gradient(heights.astype(np.float64), pixel_m)
    azimuth, altitude = np.radians(_SUN_AZIMUTH_DEG), np.radians(_SUN_ALTITUDE_DEG)
    sun_east, sun_north = np.sin(azimuth) * np.cos(altitude), np.cos(azimuth) * np.cos(altitude)
    # The surface normal is (-dz/d east, -dz/d north, 1), and d north is minus the row direction.
    towards_sun = -eastward * sun_east + southward * sun_north + np.sin(altitude)
    shade = towards_sun / np.sqrt(eastward**2 + southward**2 + 1)
    return np.asarray(np.clip(shade, 0, 1), dtype=np.float32)


def classes_png(
    raster: Raster, limits: Sequence[float], colours: Sequence[str]
) -> tuple[bytes, tuple[float, float, float, float]]:
    """A raster in classes as a transparent PNG in Web Mercator, and its bounds for Leaflet.

    Parameters
    ----------
    raster : Raster
        Values in any CRS.
    limits : sequence of float
        Least value of each class, descending; lower values and ``NaN`` are transparent.
    colours : sequence of str
        ``#rrggbb`` per class.

    Returns
    -------
    bytes
        PNG, RGBA, at most 640 pixels wide.
    tuple
        (south, west, north, east) in degrees.
    """
    mercator = _mercator(raster)
    image = np.zeros((4, *mercator.shape), dtype=np.uint8)
    for limit, colour in reversed(list(zip(limits, colours, strict=True))):
        inside = np.nan_to_num(mercator.values, nan=-np.inf) >= limit
        for band, start in enumerate((1, 3, 5)):
            image[band][inside] = int(colour[start : start + 2], 16)
        image[3][inside] = 190
    return _png(image, mercator)


def _mercator(raster: Raster) -> Raster:
    """The raster in Web Mercator, because Leaflet stretches an image linearly between its corners."""
    west, _south, east, _north = rasterio.warp.transform_bounds(raster.crs, "EPSG:3857", *raster.bounds)
    return raster.reprojected("EPSG:3857", (east - west) / _RELIEF_WIDTH_PX)


def _png(image: NDArray[np.uint8], mercator: Raster) -> tuple[bytes, tuple[float, float, float, float]]:
    with rasterio.MemoryFile() as memory:
        rows, cols = mercator.shape
        where = {"transform": mercator.transform, "crs": mercator.crs}
        with memory.open(driver="PNG", width=cols, height=rows, count=4, dtype="uint8", **where) as png:
            png.write(image)
        data = bytes(memory.read())
    left, bottom, right, top = rasterio.warp.transform_bounds("EPSG:3857", "EPSG:4326", *mercator.bounds)
    return data, (bottom, left, top, right)


def relief_png(terrain: Raster) -> tuple[bytes, tuple[float, float, float, float]]:
    """Shaded relief as a transparent PNG and its bounds for Leaflet.

    Slopes away from the light are black with some opacity, lit slopes white.

    Returns
    -------
    bytes
        PNG, RGBA, at most 640 pixels wide.
    tuple
        (south, west, north, east) in degrees.
    """
    _west, south, _east, north = terrain.bounds
    mercator = _mercator(terrain)
    pixel = mercator.resolution[0]
    mean_lat = np.radians((south + north) / 2) if terrain.crs == "EPSG:4326" else 0.0
    shade = hillshade(mercator.values, pixel * float(np.cos(mean_lat)))
    flat = float(np.sin(np.radians(_SUN_ALTITUDE_DEG)))
    dark = np.clip((flat - shade) / flat, 0, 1)
    light = np.clip((shade - flat) / (1 - flat), 0, 1)
    image = np.zeros((4, *mercator.shape), dtype=np.uint8)
    image[:3] = np.where(np.nan_to_num(light) > 0, 255, 0).astype(np.uint8)
    image[3] = np.nan_to_num(np.where(light > 0, 0.35 * light, 0.7 * dark) * 255).astype(np.uint8)
    return _png(image, mercator)
