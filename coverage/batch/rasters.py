"""Rasters cut to a regency and what lies within reach of it, when its turn comes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import rasterio
import rasterio.warp
import rasterio.windows
from rasterio.errors import RasterioError
from rasterio.windows import Window

from coverage.errors import InputError
from coverage.language import _
from coverage.region import Report
from coverage.region.layers import CRS
from coverage.region.sources.files import opened_all

METRES_PER_DEGREE = 110_000.0
_EDGE_PIXELS = 4
RASTERS = (".tif", ".tiff", ".hgt", ".vrt", ".img")


def grown(box: tuple[float, float, float, float], reach_m: float) -> tuple[float, float, float, float]:
    """A box in degrees made larger on all sides by at least ``reach_m``."""
    up = reach_m / METRES_PER_DEGREE
    aside = up / max(0.1, math.cos(math.radians(max(abs(box[1]), abs(box[3])))))
    return box[0] - aside, box[1] - up, box[2] + aside, box[3] + up


@contextmanager
def tiles(paths: Iterable[Path], layer: str) -> Iterator[list[Path]]:
    """The rasters behind files, plain or in archives."""
    with ExitStack() as stack:
        yield [inner for path in paths for inner in stack.enter_context(opened_all(path, layer, Report()))]


def cut(path: Path, box: tuple[float, float, float, float]) -> bytes | None:
    """The window of a raster that covers a box in degrees, as GeoTIFF; none where they do not meet.

    Raises
    ------
    InputError
        Where the raster cannot be read or has no CRS.
    """
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise InputError(_("The raster has no coordinate system"), where=path.name)
            bounds = rasterio.warp.transform_bounds(CRS, source.crs, *box)
            window = rasterio.windows.from_bounds(*bounds, transform=source.transform)
            top, left = math.floor(window.row_off) - _EDGE_PIXELS, math.floor(window.col_off) - _EDGE_PIXELS
            bottom = math.ceil(window.row_off + window.height) + _EDGE_PIXELS
            right = math.ceil(window.col_off + window.width) + _EDGE_PIXELS
            top, left = max(0, top), max(0, left)
            bottom, right = min(source.height, bottom), min(source.width, right)
            if bottom <= top or right <= left:
                return None
            inside = Window(left, top, right - left, bottom - top)
            values = source.read(1, window=inside)
            profile = {
                "driver": "GTiff", "width": right - left, "height": bottom - top, "count": 1, "dtype": values.dtype,
                "crs": source.crs, "transform": source.window_transform(inside), "nodata": source.nodata,
                "compress": "DEFLATE", "predictor": 2 if np.issubdtype(values.dtype, np.integer) else 3,
            }  # fmt: skip
    except (RasterioError, OSError, ValueError) as error:
        raise InputError(
            _("The raster cannot be read: it is missing, damaged or not a raster"),
            where=path.name,
            todo=_("Download it again or export it as GeoTIFF"),
        ) from error
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(values, 1)
        return bytes(memory.read())
