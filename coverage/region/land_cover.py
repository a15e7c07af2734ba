"""Land cover from ESA WorldCover tiles: merged and cut to the region, as class numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from coverage.assumptions import Assumptions
from coverage.raster import Raster
from coverage.region.layers import CRS
from coverage.region.quality import Report
from coverage.region.sources.columns import Source, sources, table
from coverage.region.terrain import Grid, Tile, grid_of, useful_tiles


@cache
def classes() -> tuple[int, ...]:
    """Class numbers of ESA WorldCover."""
    return tuple(int(row["class"]) for row in table("land_cover_classes").to_dict("records"))


def read_land_cover(
    paths: Sequence[Path], bounds: tuple[float, float, float, float], assumptions: Assumptions, report: Report
) -> tuple[Raster, Source]:
    """One raster of land-cover classes from GeoTIFF or COG tiles, plain or zipped.

    Pixels coarser than the source's take its most frequent class. Classes that WorldCover does not
    have become unknown and are told.

    Parameters
    ----------
    bounds : tuple
        (west, south, east, north) in degrees: the region with its margin.

    Returns
    -------
    Raster, Source
        Class numbers in EPSG:4326, ``NaN`` where unknown, and the source.

    Raises
    ------
    QualityError
        Where a tile cannot be read or none touches the region.
    """
    with ExitStack() as stack:
        useful = useful_tiles(paths, "land_cover", bounds, stack, report)
        if not useful:
            report.add("error", "outside_region", "land_cover", value=paths[0].name)
            report.refuse_errors()
        grid = grid_of(bounds, useful[0].resolution, assumptions["region.land_cover_finest_arcsec"])
        values = np.zeros(grid.shape, dtype=np.uint8)
        for tile in useful:
            found = _classes_of(tile, grid, report)
            values = np.where(values == 0, found, values)
        report.refuse_errors()
    known = np.isin(values, classes())
    for number in np.setdiff1d(np.unique(values), [0, *classes()]):
        count = int((values == number).sum())
        severity = "warning" if known.any() else "error"
        report.add(severity, "unknown_land_cover", "land_cover", value=number, count=count, found=number)  # type: ignore[arg-type]
    report.refuse_errors(paths[0].name)
    if not known.any():
        report.add("error", "outside_region", "land_cover", value=paths[0].name)
        report.refuse_errors()
    if known.mean() < assumptions["region.land_cover_known_share"]:
        report.add("warning", "land_cover_holes", "land_cover", share=f"{known.mean():.0%}")
    return Raster(np.where(known, values, np.nan).astype(np.float32), grid.transform, CRS), sources()["worldcover"]


def _classes_of(tile: Tile, grid: Grid, report: Report) -> NDArray[np.uint8]:
    options = {"crs": CRS, "transform": grid.transform, "height": grid.shape[0], "width": grid.shape[1]}
    try:
        with rasterio.open(tile.path) as source:
            nodata = source.nodata if source.nodata is not None else 0
            with WarpedVRT(source, src_nodata=nodata, nodata=0, resampling=Resampling.mode, **options) as warped:
                return np.asarray(warped.read(1), dtype=np.uint8)
    except (RasterioError, OSError, ValueError):
        report.add("error", "not_readable", "land_cover", value=tile.path.name)
        return np.zeros(grid.shape, dtype=np.uint8)
