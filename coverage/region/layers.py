"""Which layers a region has, what table each one is and how it is kept on disk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage import tables
from coverage.language import _, mark
from coverage.tables import GEOMETRY, Table

#: The CRS in which layers are stored.
CRS = "EPSG:4326"

#: Where a layer comes from: the grade that every page shows beside its numbers.
LAYER_KINDS = ("official", "open", "reported", "estimated", "synthetic")

Form = Literal["vector", "table", "raster"]


@dataclass(frozen=True)
class LayerSpec:
    """One layer of a region: its name, its table (none for a raster), its form and its label.

    A region without an ``optional`` layer is whole; nobody is told that it is missing. ``unit`` is
    that of a raster's values, ``classes`` whether they are class numbers, which must not be blended.
    """

    name: str
    table: type[Table] | None
    form: Form
    label: str
    optional: bool = False
    unit: str = "m"
    classes: bool = False

    @property
    def path(self) -> str:
        """File name inside a region's folder."""
        return f"{self.name}.{ {'vector': 'parquet', 'table': 'csv', 'raster': 'tif'}[self.form] }"

    @property
    def title(self) -> str:
        """Label in the reader's language."""
        return _(self.label)

    @property
    def geometry(self) -> tuple[str, ...]:
        """Kinds of geometry that the layer may hold; empty for tables and rasters."""
        return GEOMETRY.get(self.table, ()) if self.table else ()


LAYERS: dict[str, LayerSpec] = {
    spec.name: spec
    for spec in (
        LayerSpec("villages", tables.Villages, "vector", mark("Villages")),
        LayerSpec("settlements", tables.Settlements, "vector", mark("Hamlets")),
        LayerSpec("terrain", None, "raster", mark("Terrain")),
        LayerSpec("sites", tables.Sites, "vector", mark("Towers")),
        LayerSpec("cells", tables.Cells, "table", mark("Cells")),
        LayerSpec("roads", tables.Roads, "vector", mark("Roads")),
        LayerSpec("fibre_points", tables.FibrePoints, "vector", mark("Fibre points")),
        LayerSpec("facilities", tables.Facilities, "vector", mark("Facilities")),
        LayerSpec("providers", tables.Providers, "table", mark("Providers")),
        LayerSpec("evidence", tables.Evidence, "table", mark("Evidence")),
        LayerSpec("land_cover", None, "raster", mark("Land cover"), optional=True, unit="class", classes=True),
        LayerSpec("exclusions", tables.Exclusions, "vector", mark("Areas not to build on"), optional=True),
        LayerSpec("baselines", tables.Baselines, "table", mark("Indicators today"), optional=True),
    )
}


@cache
def dtypes(table: type[Table]) -> dict[str, str]:
    """The pandas dtype of each column of a table: ``str``, ``float64``, ``int64`` or ``bool``."""
    kinds = {}
    for name, column in table.to_schema().columns.items():
        text = str(column.dtype)
        kinds[name] = text if text in {"float64", "int64", "bool"} else "str"
    return kinds


@cache
def required(table: type[Table]) -> tuple[str, ...]:
    """The columns that a table must have."""
    return tuple(name for name, column in table.to_schema().columns.items() if column.required)


def empty(name: str) -> pd.DataFrame | gpd.GeoDataFrame:
    """An empty layer with its required columns and their types (in EPSG:4326 for vectors).

    Parameters
    ----------
    name : str
        A vector or table layer of :data:`LAYERS`.
    """
    spec = LAYERS[name]
    if spec.table is None:
        raise ValueError(f"{name} is not a table")
    kinds = {name: kind for name, kind in dtypes(spec.table).items() if name in required(spec.table)}
    frame = pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in kinds.items()})
    if spec.form == "table":
        return frame
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(np.array([], dtype=object), crs=CRS), crs=CRS)
