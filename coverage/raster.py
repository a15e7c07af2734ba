"""One raster type for terrain, signal and population."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
import rasterio.warp
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from rasterio.errors import RasterioError, RasterioIOError

from coverage.errors import InputError
from coverage.language import _


@dataclass(frozen=True, eq=False)
class Raster:
    """A north-up grid of float32 values with a position on the earth.

    Parameters
    ----------
    values : ndarray, shape (rows, cols), float32
        ``NaN`` where there is no data. Row 0 is the northernmost.
    transform : affine.Affine
        From (column, row) of a pixel's upper left corner to coordinates in `crs`.
    crs : str
        For example ``"EPSG:32749"``.
    """

    values: NDArray[np.float32]
    transform: Affine
    crs: str

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.values.shape[0], self.values.shape[1]

    @property
    def resolution(self) -> tuple[float, float]:
        """Pixel size (x, y) in units of the CRS, both positive."""
        return self.transform.a, -self.transform.e

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) in the CRS."""
        rows, cols = self.shape
        width, height = self.resolution
        west, north = self.transform.c, self.transform.f
        return west, north - rows * height, west + cols * width, north

    def rowcol(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of the pixels that hold the points; may lie outside the grid."""
        west, north = self.transform.c, self.transform.f
        width, height = self.resolution
        cols = (np.asarray(x, dtype=float) - west) / width
        rows = (north - np.asarray(y, dtype=float)) / height
        return np.floor(rows).astype(np.intp), np.floor(cols).astype(np.intp)

    def xy(self, rows: ArrayLike, cols: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coordinates of the pixel centres."""
        width, height = self.resolution
        x = self.transform.c + (np.asarray(cols, dtype=float) + 0.5) * width
        y = self.transform.f - (np.asarray(rows, dtype=float) + 0.5) * height
        return x, y

    def sample(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float32]:
        """Values of the pixels under the points; ``NaN`` outside."""
        rows, cols = self.rowcol(x, y)
        inside = (rows >= 0) & (rows < self.shape[0]) & (cols >= 0) & (cols < self.shape[1])
        result = np.full(np.shape(rows), np.nan, dtype=np.float32)
        result[inside] = self.values[rows[inside], cols[inside]]
        return result

    def with_values(self, values: NDArray[np.float32]) -> Raster:
        """The same grid with other values."""
        return Raster(np.asarray(values, dtype=np.float32), self.transform, self.crs)

    def reprojected(
        self, crs: str, resolution_m: float, bounds: tuple[float, float, float, float] | None = None
    ) -> Raster:
        """The raster on a square grid of another CRS, bilinear, on whole multiples of the pixel size.

        Parameters
        ----------
        crs : str
            Target CRS.
        resolution_m : float
            Pixel size in units of `crs` (metres for a metric CRS).
        bounds : tuple, optional
            (west, south, east, north) in `crs`; by default the extent of the data.
        """
        west, south, east, north = bounds or rasterio.warp.transform_bounds(self.crs, crs, *self.bounds)
        west = np.floor(west / resolution_m) * resolution_m
        north = np.ceil(north / resolution_m) * resolution_m
        cols = max(1, int(np.ceil((east - west) / resolution_m)))
        rows = max(1, int(np.ceil((north - south) / resolution_m)))
        transform = Affine(resolution_m, 0.0, west, 0.0, -resolution_m, north)
        target = np.full((rows, cols), np.nan, dtype=np.float32)
        rasterio.warp.reproject(
            self.values,
            target,
            src_transform=self.transform,
            src_crs=self.crs,
            src_nodata=np.nan,
            dst_transform=transform,
            dst_crs=crs,
            dst_nodata=np.nan,
            resampling=rasterio.warp.Resampling.bilinear,
        )
        return Raster(target, transform, crs)

    @classmethod
    def read(cls, path: Path | str, band: int = 1) -> Raster:
        """Read one band; no-data pixels become ``NaN``.

        Raises
        ------
        InputError
            Where the file is missing, truncated, has no CRS or is not north-up.
        """
        try:
            with rasterio.open(path) as source:
                if source.crs is None:
                    raise InputError(
                        _("The raster has no coordinate system"),
                        where=Path(path).name,
                        todo=_("Save it again with its CRS, for example EPSG:4326"),
                    )
                values = source.read(band, masked=True).astype(np.float32).filled(np.nan)
                transform, crs = source.transform, source.crs.to_string()
        except (RasterioIOError, RasterioError, OSError) as error:
            raise InputError(
                _("The raster cannot be read: it is missing, damaged or not a raster"),
                where=Path(path).name,
                todo=_("Download it again or export it as GeoTIFF"),
            ) from error
        if transform.b or transform.d or transform.e >= 0:
            raise InputError(
                _("The raster is rotated or upside down"),
                where=Path(path).name,
                todo=_("Export it as a north-up GeoTIFF"),
            )
        return cls(values, transform, crs)

    def write(self, path: Path | str, **tags: str) -> None:
        """Write a cloud-optimised GeoTIFF (deflate, predictor 3, ``NaN`` as no data)."""
        rows, cols = self.shape
        with rasterio.MemoryFile() as memory:
            with memory.open(
                driver="GTiff",
                height=rows,
                width=cols,
                count=1,
                dtype="float32",
                crs=self.crs,
                transform=self.transform,
                nodata=np.nan,
            ) as target:
                target.write(self.values, 1)
                target.update_tags(**tags)
            with memory.open() as source:
                rasterio.shutil.copy(source, path, driver="COG", compress="DEFLATE", predictor="YES")
