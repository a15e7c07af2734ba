"""Predicted signal of every operator and technology: the best server per pixel."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _
from coverage.progress import Progress
from coverage.radio.best_server import BestServer, fill
from coverage.radio.clutter import clutter_for
from coverage.radio.link_budget import reach_m, reference_power_dbm
from coverage.radio.path_loss import ground
from coverage.raster import Raster


@dataclass(frozen=True, eq=False)
class SignalLayer:
    """Best server of one operator and technology.

    ``rsrp`` in dBm, float32, ``NaN`` for none; ``cell`` the position of the serving cell in
    ``Signal.cells``, int32, -1 for none. Both have the shape of the grid.
    """

    operator: str
    technology: str
    rsrp: NDArray[np.float32]
    cell: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Signal:
    """Signal on the region's metric grid.

    ``cells`` is the table ``Cells`` in the order given, with ``x_m, y_m, height_m`` of its site
    and ``reach_m`` and ``reference_dbm`` of its link budget.
    """

    transform: Affine
    crs: str
    shape: tuple[int, int]
    cells: pd.DataFrame
    layers: dict[tuple[str, str], SignalLayer] = field(default_factory=dict)

    def raster(self, operator: str, technology: str) -> Raster:
        """RSRP in dBm of one layer."""
        return Raster(self.layers[operator, technology].rsrp, self.transform, self.crs)


def signal(
    terrain: Raster,
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    assumptions: Assumptions,
    progress: Progress | None = None,
    *,
    clutter: Raster | None = None,
    land_cover: Raster | None = None,
    threads: int | None = None,
) -> Signal:
    """Predict RSRP and best server per operator and technology.

    Parameters
    ----------
    terrain : Raster
        Metres above sea level, square metric pixels; ``NaN`` counts as sea level.
    sites : GeoDataFrame
        Table ``Sites`` with points.
    cells : DataFrame
        Table ``Cells``; equal strength goes to the cell that comes first.
    assumptions : Assumptions
        Topic ``radio``.
    progress : callable, optional
        Told after every site; may raise :class:`coverage.errors.Cancelled`.
    clutter : Raster, optional
        Height of what stands on the ground in m, on the same grid as `terrain`.
    land_cover : Raster, optional
        Classes of ESA WorldCover on the same grid, from which the clutter follows where it is not given.
    threads : int, optional
        Kernels that run at the same time; the result does not depend on it.

    Returns
    -------
    Signal
        RSRP outdoors at the phone's height, median over time and locations.

    Raises
    ------
    InputError
        Where a cell's site is missing or the terrain cannot be used.
    """
    placed = place_cells(terrain.crs, sites, cells, assumptions)
    layers = {layer: BestServer.empty(terrain.shape) for layer in layer_names(placed)}
    land = ground(terrain, clutter if clutter is not None else clutter_for(land_cover, assumptions))
    fill(land, placed, layers, assumptions, progress, threads=threads)
    return finish(terrain, placed, layers)


def place_cells(crs: str, sites: gpd.GeoDataFrame, cells: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Cells in their order with ``x_m, y_m, height_m`` (site, in `crs`), ``reach_m, reference_dbm``.

    Raises
    ------
    InputError
        Where sites have no CRS or a cell names a site that is not there.
    """
    if sites.crs is None:
        raise InputError(_("The layer has no coordinate system"), where="sites")
    points = sites.geometry.to_crs(crs)
    where = pd.DataFrame(
        {"x_m": points.x.to_numpy(), "y_m": points.y.to_numpy(), "height_m": sites["height_m"].to_numpy(dtype=float)},
        index=sites["site_id"].to_numpy(),
    )
    missing = sorted(set(cells["site_id"]) - set(where.index))
    if missing:
        raise InputError(
            _("Cells name sites that are not in the layer of sites"),
            where=", ".join(missing[:5]),
            todo=_("Add the sites or correct the column site_id"),
        )
    own = where.loc[cells["site_id"].to_numpy()].reset_index(drop=True)
    placed = pd.concat([cells.drop(columns=list(where.columns), errors="ignore").reset_index(drop=True), own], axis=1)
    placed["reach_m"] = reach_m(placed, assumptions)
    placed["reference_dbm"] = reference_power_dbm(placed, assumptions)
    return placed


def layer_names(placed: pd.DataFrame) -> list[tuple[str, str]]:
    """Operators and technologies in order."""
    return sorted(set(zip(placed["operator"], placed["technology"], strict=True)))


def finish(terrain: Raster, placed: pd.DataFrame, layers: dict[tuple[str, str], BestServer]) -> Signal:
    """Put the layers together; pixels without a server become ``NaN``."""
    done = {}
    for (operator, technology), best in layers.items():
        best.rsrp[best.cell < 0] = np.nan
        done[operator, technology] = SignalLayer(operator, technology, best.rsrp, best.cell)
    return Signal(terrain.transform, terrain.crs, terrain.shape, placed, done)
