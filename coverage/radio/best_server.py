"""Fill best-server rasters, computing only where a cell can still win.

Free space bounds every loss from below, so a pixel where even free space would leave a cell weaker
than the server found so far needs no diffraction. All masts do their neighbourhood first, which
leaves little for the long radials. What is skipped could not have won: the result is the same as
without skipping, in any order and with any number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.language import _
from coverage.progress import Progress, silent
from coverage.radio.antenna import beam
from coverage.radio.path_loss import STEPS_PER_DB, Ground, Mast, Window, sweep, window_of
from coverage.threads import threads as allowed_threads

Layer = tuple[str, str]
#: Radius that every mast does first, in m: work order only, results do not depend on it.
_NEAR_M = 3000.0


@dataclass(eq=False)
class BestServer:
    """Best so far on the whole grid: ``rsrp`` in dBm, float32, and ``cell``, int32, -1 for none."""

    rsrp: NDArray[np.float32]
    cell: NDArray[np.int32]
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> BestServer:
        """No server anywhere."""
        return cls(np.full(shape, -np.inf, dtype=np.float32), np.full(shape, -1, dtype=np.int32))


@dataclass(frozen=True, eq=False)
class Spot:
    """Pixels to look at: as a mask of the grid and as rows and columns."""

    mask: NDArray[np.bool_]
    rows: NDArray[np.intp]
    cols: NDArray[np.intp]

    @classmethod
    def of(cls, mask: NDArray[np.bool_]) -> Spot:
        """The true pixels of a mask."""
        rows, cols = np.nonzero(mask)
        return cls(mask, rows, cols)


def jobs(placed: pd.DataFrame, indices: Iterable[int]) -> dict[Mast, list[int]]:
    """Cells by the sweep they share: one path loss serves all cells of a mast on a carrier."""
    groups: dict[Mast, list[int]] = {}
    columns = [placed[c].to_numpy(dtype=float) for c in ("x_m", "y_m", "height_m", "frequency_mhz")]
    for index in indices:
        groups.setdefault(Mast(*(float(column[index]) for column in columns)), []).append(index)
    return groups


def fill(
    land: Ground,
    placed: pd.DataFrame,
    layers: dict[Layer, BestServer],
    assumptions: Assumptions,
    progress: Progress | None = None,
    *,
    threads: int | None = None,
    indices: Iterable[int] | None = None,
    where: dict[Layer, Spot] | None = None,
) -> None:
    """Let cells serve the pixels of their layers where they are the strongest, in place.

    Parameters
    ----------
    placed : DataFrame
        Cells from :func:`coverage.radio.signal.place_cells`.
    layers : dict
        Best server so far per operator and technology.
    progress : callable, optional
        Told after every mast; may raise.
    indices : iterable of int, optional
        Positions of the cells in `placed`; by default all.
    where : dict, optional
        Per layer the pixels to look at; by default all.
    """
    chosen = list(range(len(placed)) if indices is None else indices)
    groups = jobs(placed, chosen)
    cells = _cells(placed, chosen)
    shape = beam(assumptions)
    allowed = threads or allowed_threads()
    # One mast per thread; where there are fewer masts than threads, several share a mast.
    each = max(1, allowed // max(len(groups), 1))

    def serve(mast: Mast, mine: list[int], ring_m: tuple[float, float]) -> None:
        _serve_ring(land, mast, [cells[i] for i in mine], layers, where, assumptions, shape, ring_m, each)

    tell = progress or silent
    total = 2 * len(groups)
    _run(partial(serve, ring_m=(-1.0, _NEAR_M)), groups, allowed, lambda done: tell(_("Signal"), done / total))
    far = partial(serve, ring_m=(_NEAR_M, math.inf))
    _run(far, groups, allowed, lambda done: tell(_("Signal"), (len(groups) + done) / total))


def _run(
    work: Callable[[Mast, list[int]], None],
    groups: dict[Mast, list[int]],
    threads: int,
    tell: Callable[[int], None],
) -> None:
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, mast, mine) for mast, mine in groups.items()]
        try:
            for done, future in enumerate(futures, 1):
                future.result()
                tell(done)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


@dataclass(frozen=True)
class _Cell:
    """What the kernel needs of a cell."""

    index: int
    layer: Layer
    reach_m: float
    power_dbm: float
    azimuth_deg: float
    downtilt_deg: float


def _cells(placed: pd.DataFrame, indices: list[int]) -> dict[int, _Cell]:
    frame = placed.iloc[indices]
    names = zip(frame["operator"].astype(str), frame["technology"].astype(str), strict=True)
    numbers = frame[["reach_m", "reference_dbm", "azimuth_deg", "downtilt_deg"]].to_numpy(dtype=float).tolist()
    return {
        index: _Cell(index, layer, reach, power, azimuth if math.isfinite(azimuth) else math.nan, tilt)
        for index, layer, (reach, power, azimuth, tilt) in zip(indices, names, numbers, strict=True)
    }


def _serve_ring(
    land: Ground,
    mast: Mast,
    cells: list[_Cell],
    layers: dict[Layer, BestServer],
    where: dict[Layer, Spot] | None,
    assumptions: Assumptions,
    shape: NDArray[np.float32],
    ring_m: tuple[float, float],
    threads: int,
) -> None:
    """One mast's cells on one carrier between two distances."""
    reach = max(cell.reach_m for cell in cells)
    ring = (ring_m[0], min(ring_m[1], reach))
    sector = (0.0, 1.0)
    if where is not None:
        ring, sector = _around(land, mast, [where[cell.layer] for cell in cells], ring)
    if ring[1] <= ring[0]:
        return
    at = window_of(land, mast.x_m, mast.y_m, ring[1])
    useful = _useful(cells, layers, where, at)
    if useful.size == 0:
        return
    window = sweep(land, mast, reach, assumptions, ring_m=ring, useful=useful, sector=sector, threads=threads)
    for cell in cells:
        _serve(land, mast, window, cell, layers[cell.layer], assumptions, shape)


def _around(
    land: Ground, mast: Mast, wanted: list[Spot], ring_m: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Smallest part of a ring and of the circle that holds the wanted pixels."""
    row, col = land.pixel(mast.x_m, mast.y_m)
    down = np.concatenate([spot.rows for spot in wanted]) - row
    right = np.concatenate([spot.cols for spot in wanted]) - col
    distance = np.hypot(down, right) * land.pixel_m
    inside = (distance > ring_m[0]) & (distance <= ring_m[1])
    if not inside.any():
        return (0.0, 0.0), (0.0, 0.0)
    down, right, distance = down[inside], right[inside], distance[inside]
    # A pixel more on every side, so that rounding leaves nothing out.
    ring = (max(ring_m[0], distance.min() - land.pixel_m), min(ring_m[1], distance.max() + land.pixel_m))
    middle = math.atan2(down.mean(), right.mean())
    off = (np.arctan2(down, right) - middle + math.pi) % (2 * math.pi) - math.pi
    slack = 2 * land.pixel_m / max(float(distance.min()), 2 * land.pixel_m)
    first, last = middle + off.min() - slack, middle + off.max() + slack
    if last - first >= 2 * math.pi:
        return ring, (0.0, 1.0)
    return ring, (first / (2 * math.pi), last / (2 * math.pi))


def _useful(
    cells: list[_Cell],
    layers: dict[Layer, BestServer],
    where: dict[Layer, Spot] | None,
    at: tuple[slice, slice],
) -> NDArray[np.float32]:
    """Loss in dB up to which at least one of the cells may win, per pixel of the window."""
    useful = np.full([s.stop - s.start for s in at], -np.inf, dtype=np.float32)
    for cell in cells:
        # One step of the loss more, because losses are rounded to steps.
        enough = np.float32(cell.power_dbm + 1 / STEPS_PER_DB) - layers[cell.layer].rsrp[at]
        if where is not None:
            enough[~where[cell.layer].mask[at]] = -np.inf
        np.maximum(useful, enough, out=useful)
    return useful


def _serve(
    land: Ground,
    mast: Mast,
    window: Window,
    cell: _Cell,
    best: BestServer,
    assumptions: Assumptions,
    shape: NDArray[np.float32],
) -> None:
    """Let one cell serve the pixels of a window where it is the strongest so far, in place."""
    from coverage.radio import kernels

    row, col = land.pixel(mast.x_m, mast.y_m)
    with best.lock:
        kernels.serve(
            window.loss,
            window.row,
            window.col,
            land.terrain,
            row,
            col,
            land.height(mast.x_m, mast.y_m) + mast.height_m,
            assumptions["radio.receiver_height_m"],
            land.pixel_m,
            cell.reach_m / land.pixel_m,
            cell.power_dbm,
            cell.azimuth_deg,
            cell.downtilt_deg,
            shape,
            cell.index,
            best.rsrp,
            best.cell,
        )
