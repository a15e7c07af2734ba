"""Predicted signal of every operator and technology: the best server per pixel."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _
from coverage.progress import Progress, silent
from coverage.radio import kernels
from coverage.radio.link_budget import reach_m, reference_power_dbm
from coverage.radio.path_loss import Ground, Window, ground, sweep
from coverage.raster import Raster

#: One path loss serves all cells of a site on the same carrier.
Job = tuple[float, float, float, float, float]


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
    threads: int = 2,
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
    threads : int
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
    land = ground(terrain, clutter)
    placed = place_cells(terrain.crs, sites, cells, assumptions)
    rsrp = {layer: np.full(terrain.shape, -np.inf, dtype=np.float32) for layer in _layers(placed)}
    server = {layer: np.full(terrain.shape, -1, dtype=np.int32) for layer in rsrp}
    locks = {layer: Lock() for layer in rsrp}
    jobs = list(_jobs(placed).items())

    def work(entry: tuple[Job, list[int]]) -> None:
        (x, y, height, frequency, reach), indices = entry
        window = sweep(land, x, y, height, frequency, reach, assumptions)
        if window is None:
            return
        for index in indices:
            layer = (placed["operator"].iloc[index], placed["technology"].iloc[index])
            with locks[layer]:
                serve(land, window, placed, index, assumptions, rsrp[layer], server[layer])

    tell = progress or silent
    with ThreadPoolExecutor(max(1, threads)) as pool:
        futures = [pool.submit(work, job) for job in jobs]
        try:
            for done, future in enumerate(futures, 1):
                future.result()
                tell(_("Signal"), done / len(futures))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    layers = {}
    for (operator, technology), values in rsrp.items():
        best = server[operator, technology]
        values[best < 0] = np.nan
        layers[operator, technology] = SignalLayer(operator, technology, values, best)
    return Signal(terrain.transform, terrain.crs, terrain.shape, placed, layers)


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


def _layers(placed: pd.DataFrame) -> list[tuple[str, str]]:
    return sorted(set(zip(placed["operator"], placed["technology"], strict=True)))


def _jobs(placed: pd.DataFrame) -> dict[Job, list[int]]:
    """Cells by the sweep they share; the widest reach of a mast and carrier serves them all."""
    groups: dict[tuple[float, float, float, float], list[int]] = {}
    columns = (placed[c].astype(float) for c in ("x_m", "y_m", "height_m", "frequency_mhz"))
    for index, sweep_of in enumerate(zip(*columns, strict=True)):
        groups.setdefault(sweep_of, []).append(index)
    return {(*sweep_of, float(placed["reach_m"].iloc[indices].max())): indices for sweep_of, indices in groups.items()}


def serve(
    land: Ground,
    window: Window,
    placed: pd.DataFrame,
    index: int,
    assumptions: Assumptions,
    rsrp: NDArray[np.float32],
    server: NDArray[np.int32],
) -> None:
    """Let one cell serve the pixels of its window where it is the strongest so far, in place."""
    cell = placed.iloc[index]
    row, col = land.pixel(cell["x_m"], cell["y_m"])
    azimuth = float(cell["azimuth_deg"])
    kernels.serve(
        window.loss,
        window.row,
        window.col,
        land.terrain,
        row,
        col,
        land.height(cell["x_m"], cell["y_m"]) + float(cell["height_m"]),
        assumptions["radio.receiver_height_m"],
        land.pixel_m,
        float(cell["reach_m"]) / land.pixel_m,
        float(cell["reference_dbm"]),
        azimuth if math.isfinite(azimuth) else math.nan,
        float(cell["downtilt_deg"]),
        beam(assumptions),
        index,
        rsrp,
        server,
    )


def beam(assumptions: Assumptions) -> NDArray[np.float32]:
    """Shape of a sector antenna (3GPP TR 38.901 table 7.3-1): widths in degrees, limits in dB."""
    names = ("beamwidth_horizontal_deg", "beamwidth_vertical_deg", "front_to_back_db", "side_lobe_db")
    return np.array([assumptions[f"radio.{name}"] for name in names], dtype=np.float32)
