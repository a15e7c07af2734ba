"""The region and its layers in memory and on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.raster import Raster


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


@dataclass(frozen=True, eq=False)
class Region:
    """Everything known about one regency. Vector layers are in EPSG:4326."""

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

    @property
    def is_sample(self) -> bool:
        """Whether any layer is synthetic: then every page, document and export says so."""
        return any(layer.kind == "synthetic" for layer in self.layers.values())
