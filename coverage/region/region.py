"""The region and its layers in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.fill
import rasterio.warp
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling

from coverage.language import _
from coverage.raster import Raster
from coverage.region.layers import empty

_UTM_ZONE_DEG = 6
_UTM_NORTH, _UTM_SOUTH = 32600, 32700
_FILL_PIXELS = 20


@dataclass(frozen=True)
class Layer:
    """Provenance of one layer.

    ``kind`` is ``official | open | reported | estimated | synthetic``; ``completeness`` holds, for
    the cells layer, ``complete | partial | unknown`` per operator.
    """

    name: str
    kind: str
    source: str
    licence: str
    date: str
    note: str = ""
    path: str = ""
    sha256: str = ""
    completeness: dict[str, str] = field(default_factory=dict)

    @property
    def source_said(self) -> str:
        """The source as shown: what Jangkau itself wrote, in the reader's language."""
        return _(self.source) if self.source else ""

    @property
    def note_said(self) -> str:
        """The note as shown: what Jangkau itself wrote, in the reader's language."""
        return _(self.note) if self.note else ""


@dataclass(frozen=True, eq=False)
class Region:
    """Everything known about one regency. Vector layers are in EPSG:4326.

    ``land_cover`` (classes of ESA WorldCover as numbers, ``NaN`` where unknown), ``exclusions`` and
    ``baselines`` are optional: none, or empty tables, where nobody gave them.
    """

    code: str
    name: str
    villages: gpd.GeoDataFrame
    settlements: gpd.GeoDataFrame
    terrain: Raster | None
    sites: gpd.GeoDataFrame
    cells: pd.DataFrame
    roads: gpd.GeoDataFrame
    fibre_points: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    providers: pd.DataFrame
    evidence: pd.DataFrame
    layers: dict[str, Layer]
    folder: Path | None = None
    land_cover: Raster | None = None
    exclusions: gpd.GeoDataFrame = field(default_factory=lambda: gpd.GeoDataFrame(empty("exclusions")))
    baselines: pd.DataFrame = field(default_factory=lambda: empty("baselines"))

    @property
    def is_sample(self) -> bool:
        """Whether any layer is synthetic: then every page, document and export says so."""
        return any(layer.kind == "synthetic" for layer in self.layers.values())

    @property
    def completeness(self) -> dict[str, str]:
        """``complete | partial | unknown`` per operator of the cells layer; an undeclared one is unknown."""
        declared = self.layers["cells"].completeness if "cells" in self.layers else {}
        operators = sorted({str(o) for o in self.cells["operator"]} | set(declared))
        return {operator: declared.get(operator, "unknown") for operator in operators}

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) of the villages, in degrees."""
        west, south, east, north = self.villages.total_bounds
        return float(west), float(south), float(east), float(north)

    @property
    def metric_crs(self) -> str:
        """The UTM zone of the middle of the region, for example ``EPSG:32749``."""
        return utm_crs(self.bounds)

    def metric_terrain(self, resolution_m: float, margin_m: float = 0.0) -> Raster:
        """Terrain heights on the region's metric grid, without holes.

        Parameters
        ----------
        resolution_m : float
            Pixel size in metres.
        margin_m : float
            How far the grid reaches beyond the villages, in metres.

        Returns
        -------
        Raster
            Heights in metres above the sea in :attr:`metric_crs`; 0 m everywhere where the region
            has no terrain, holes filled from their neighbours, else 0 m (sea).
        """
        crs = self.metric_crs
        west, south, east, north = rasterio.warp.transform_bounds("EPSG:4326", crs, *self.bounds)
        box = (west - margin_m, south - margin_m, east + margin_m, north + margin_m)
        if self.terrain is None:
            left = math.floor(box[0] / resolution_m) * resolution_m
            top = math.ceil(box[3] / resolution_m) * resolution_m
            shape = math.ceil((top - box[1]) / resolution_m), math.ceil((box[2] - left) / resolution_m)
            transform = Affine(resolution_m, 0.0, left, 0.0, -resolution_m, top)
            return Raster(np.zeros(shape, dtype=np.float32), transform, crs)
        raster = self.terrain.reprojected(crs, resolution_m, box)
        holes = np.isnan(raster.values)
        if not holes.any():
            return raster
        filled = rasterio.fill.fillnodata(raster.values.copy(), mask=~holes, max_search_distance=_FILL_PIXELS)
        return raster.with_values(np.nan_to_num(np.where(np.isfinite(filled), filled, 0.0)).astype(np.float32))

    def land_cover_on(self, grid: Raster) -> Raster | None:
        """Land-cover classes on another grid: the most frequent class of each pixel.

        Parameters
        ----------
        grid : Raster
            Its shape, transform and CRS are taken, not its values.

        Returns
        -------
        Raster or None
            Class numbers, ``NaN`` where unknown; none where the region has no land cover.
        """
        if self.land_cover is None:
            return None
        return grid.with_values(onto(self.land_cover, grid))


def onto(classes: Raster, grid: Raster) -> NDArray[np.float32]:
    """Values of a raster of classes on the pixels of a grid, by majority; ``NaN`` outside."""
    target = np.full(grid.shape, np.nan, dtype=np.float32)
    rasterio.warp.reproject(
        classes.values,
        target,
        src_transform=classes.transform,
        src_crs=classes.crs,
        src_nodata=np.nan,
        dst_transform=grid.transform,
        dst_crs=grid.crs,
        dst_nodata=np.nan,
        resampling=Resampling.mode,
    )
    return target


def metric_crs(frame: gpd.GeoDataFrame) -> str:
    """The UTM zone of the middle of a layer in EPSG:4326."""
    west, south, east, north = frame.total_bounds
    return utm_crs((float(west), float(south), float(east), float(north)))


def utm_crs(bounds: tuple[float, float, float, float]) -> str:
    """The UTM zone of the middle of ``bounds`` (west, south, east, north in degrees)."""
    longitude, latitude = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    zone = min(60, int((longitude + 180) // _UTM_ZONE_DEG) + 1)
    return f"EPSG:{(_UTM_NORTH if latitude >= 0 else _UTM_SOUTH) + zone}"
