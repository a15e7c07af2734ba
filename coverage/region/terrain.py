"""Terrain from tiles: merged, cut to the region, voids filled, the sea at zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.fill
import rasterio.warp
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from coverage.assumptions import Assumptions
from coverage.raster import Raster
from coverage.region.layers import CRS
from coverage.region.quality import Report
from coverage.region.sources.columns import Source, sources
from coverage.region.sources.files import opened_all

_ARCSEC_PER_DEGREE = 3600
_METRES_PER_DEGREE = 111_320.0
_FILL_PIXELS = 100
_MOST_PIXELS = 60_000_000
#: Pixels by which places may be off. GDAL's own 1/8 depends on how large the window is, so that a cut tile
#: gave other heights than the whole one; zero it does not take.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Tile:
    """One raster file; its resolution is in degrees."""

    path: Path
    resolution: float
    touches: bool


def read_terrain(
    paths: Sequence[Path], bounds: tuple[float, float, float, float], assumptions: Assumptions, report: Report
) -> tuple[Raster | None, Source]:
    """One raster of heights from GeoTIFF, COG or HGT tiles, plain or zipped.

    Tiles may differ in CRS and resolution; the finest comes first where they overlap. Holes inside
    a tile are filled from their neighbours; what no tile covers, and what lies below the lowest
    land, is sea.

    Parameters
    ----------
    bounds : tuple
        (west, south, east, north) in degrees: the region with its margin.

    Returns
    -------
    Raster or None, Source
        Heights in metres in EPSG:4326, and what kind of file they come from.

    Raises
    ------
    QualityError
        Where a tile cannot be read or none touches the region.
    """
    with ExitStack() as stack:
        useful = useful_tiles(paths, "terrain", bounds, stack, report)
        if not useful:
            names = ", ".join(tile_names(bounds))
            report.add("error", "terrain_elsewhere", "terrain", value=paths[0].name, tiles=names)
            report.refuse_errors()
        grid = grid_of(bounds, useful[0].resolution, assumptions["region.terrain_finest_arcsec"])
        heights, covered = _merged(useful, grid, report)
        report.refuse_errors()
        is_hgt = all(t.path.suffix.lower() == ".hgt" for t in useful)
    raster = _finished(heights, covered, grid, assumptions, report)
    spacing = useful[0].resolution * _METRES_PER_DEGREE
    if spacing > assumptions["region.terrain_coarse_m"]:
        report.add("warning", "terrain_coarse", "terrain", resolution=f"{spacing:.0f}")
    return raster, sources()["srtm_hgt" if is_hgt else "dem_raster"]


def tile_names(bounds: tuple[float, float, float, float]) -> list[str]:
    """Names of the one-degree SRTM tiles that cover bounds in degrees: ``S08E109``."""
    west, south, east, north = (math.floor(v) for v in bounds)
    return [
        f"{'N' if y >= 0 else 'S'}{abs(y):02d}{'E' if x >= 0 else 'W'}{abs(x):03d}"
        for y in range(south, north + 1)
        for x in range(west, east + 1)
    ]


def useful_tiles(
    paths: Sequence[Path], layer: str, bounds: tuple[float, float, float, float], stack: ExitStack, report: Report
) -> list[Tile]:
    """The tiles that touch the bounds, the finest first; what was unpacked lasts as long as the stack."""
    tiles: list[Tile] = []
    for path in paths:
        found = stack.enter_context(opened_all(path, layer, report))
        tiles.extend(_inspect(inner, layer, bounds, report) for inner in found)
    report.refuse_errors()
    return sorted((t for t in tiles if t.touches), key=lambda t: (t.resolution, t.path.name))


def _inspect(path: Path, layer: str, bounds: tuple[float, float, float, float], report: Report) -> Tile:
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                report.add("error", "no_crs", layer, value=path.name)
                return Tile(path, 0.0, touches=False)
            west, south, east, north = rasterio.warp.transform_bounds(source.crs, CRS, *source.bounds)
            resolution = (north - south) / source.height
    except (RasterioError, OSError, ValueError):
        report.add("error", "not_readable", layer, value=path.name)
        return Tile(path, 0.0, touches=False)
    touches = west < bounds[2] and east > bounds[0] and south < bounds[3] and north > bounds[1]
    if not touches:
        report.add("warning", "tile_elsewhere", layer, value=path.name)
    return Tile(path, resolution, touches)


@dataclass(frozen=True)
class Grid:
    """A north-up grid in EPSG:4326."""

    transform: Affine
    shape: tuple[int, int]


def grid_of(bounds: tuple[float, float, float, float], resolution: float, finest_arcsec: float) -> Grid:
    """A grid on whole multiples of the pixel, never finer than stated nor larger than memory allows."""
    west, south, east, north = bounds
    step = max(resolution, finest_arcsec / _ARCSEC_PER_DEGREE)
    step = max(step, math.sqrt((east - west) * (north - south) / _MOST_PIXELS))
    left, top = math.floor(west / step) * step, math.ceil(north / step) * step
    shape = math.ceil((top - south) / step), math.ceil((east - left) / step)
    return Grid(Affine(step, 0.0, left, 0.0, -step, top), shape)


def _merged(tiles: list[Tile], grid: Grid, report: Report) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    heights = np.full(grid.shape, np.nan, dtype=np.float32)
    covered = np.zeros(grid.shape, dtype=bool)
    options = {"crs": CRS, "transform": grid.transform, "height": grid.shape[0], "width": grid.shape[1]}
    for tile in tiles:
        try:
            with rasterio.open(tile.path) as source:
                nodata = source.nodata if source.nodata is not None else np.nan
                with WarpedVRT(
                    source,
                    src_nodata=nodata,
                    nodata=np.nan,
                    dtype="float32",
                    resampling=Resampling.bilinear,
                    tolerance=_TOLERANCE,
                    **options,
                ) as warped:
                    values = warped.read(1)
                covered |= _footprint(source, grid)
        except (RasterioError, OSError, ValueError):
            report.add("error", "not_readable", "terrain", value=tile.path.name)
            continue
        heights = np.where(np.isnan(heights), values, heights)
    return heights, covered


def _footprint(source: rasterio.DatasetReader, grid: Grid) -> NDArray[np.bool_]:
    """Pixels of the grid that a tile covers, whatever it holds there."""
    target = np.zeros(grid.shape, dtype=np.uint8)
    rasterio.warp.reproject(
        np.ones((source.height, source.width), dtype=np.uint8),
        target,
        src_transform=source.transform,
        src_crs=source.crs,
        dst_transform=grid.transform,
        dst_crs=CRS,
        resampling=Resampling.nearest,
        tolerance=_TOLERANCE,
    )
    return target.astype(bool)


def _finished(
    heights: NDArray[np.float32], covered: NDArray[np.bool_], grid: Grid, assumptions: Assumptions, report: Report
) -> Raster:
    missing = np.isnan(heights)
    voids = missing & covered
    if voids.any():
        share = f"{voids.mean():.1%}"
        report.add("warning", "voids_filled", "terrain", count=int(voids.sum()), share=share)
        filled = rasterio.fill.fillnodata(heights.copy(), mask=~missing, max_search_distance=_FILL_PIXELS)
        heights = np.where(voids, filled, heights)
    outside = missing & ~covered
    if outside.any():
        report.add("warning", "sea_level", "terrain", share=f"{outside.mean():.1%}")
    sea = np.isnan(heights) | (heights < assumptions["region.terrain_lowest_m"])
    return Raster(np.where(sea, 0.0, heights).astype(np.float32), grid.transform, CRS)
