"""Which other cells are heard where people are."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.radio.antenna import attenuation_db
from coverage.radio.best_server import jobs
from coverage.radio.capacity import Interferers, Positions
from coverage.radio.path_loss import STEPS_PER_DB, Ground, Mast, ground, sweep, window_of
from coverage.radio.signal import Signal
from coverage.raster import Raster
from coverage.threads import threads as allowed_threads

#: Side in pixels of the blocks whose places share what they hear of other cells.
_BLOCK = 3
#: Pixels of the terrain per pixel on which :func:`interference` computes.
_THIN = 2


def interferers(
    terrain: Raster,
    signal: Signal,
    rows: Positions,
    cols: Positions,
    operator: str,
    technology: str,
    assumptions: Assumptions,
    *,
    clutter: Raster | None = None,
    threads: int | None = None,
) -> Interferers:
    """Cells of a layer, other than the server, heard at places on the server's carrier.

    Parameters
    ----------
    terrain, clutter : Raster
        As for :func:`coverage.radio.signal`.
    signal : Signal
        Its result.
    rows, cols : ndarray, shape (places,)
        Pixels where people are.
    operator, technology : str
        The layer.
    assumptions : Assumptions
        Topic ``radio``; ``interference_window_db`` bounds how weak a cell may be to count.
    threads : int, optional
        Sweeps that run at the same time; the result does not depend on it.

    Returns
    -------
    Interferers
        By cell, then by place.
    """
    rows, cols = np.asarray(rows, dtype=np.intp), np.asarray(cols, dtype=np.intp)
    layer = signal.layers[operator, technology]
    places = _Places(rows, cols, layer.cell[rows, cols].astype(np.intp), layer.rsrp[rows, cols].astype(float))
    return _heard(ground(terrain, clutter), signal, places, (operator, technology), assumptions, threads)


@dataclass(frozen=True, eq=False)
class _Places:
    """Pixels, and position and level in dBm of the cell that serves them."""

    rows: Positions
    cols: Positions
    server: Positions
    level: NDArray[np.float64]


def _heard(
    land: Ground, signal: Signal, places: _Places, layer: tuple[str, str], assumptions: Assumptions, threads: int | None
) -> Interferers:
    """Other cells of a layer heard at places on the server's carrier."""
    rows, cols, server = places.rows, places.cols, places.server
    operator, technology = layer
    carrier = signal.cells["frequency_mhz"].to_numpy(dtype=float)
    least = places.level - assumptions["radio.interference_window_db"]
    mine = np.flatnonzero(
        ((signal.cells["operator"] == operator) & (signal.cells["technology"] == technology)).to_numpy()
    )

    def heard(mast: Mast, indices: list[int]) -> list[tuple[Positions, Positions, NDArray[np.float64]]]:
        here = np.flatnonzero((server >= 0) & (carrier[server] == mast.frequency_mhz))
        levels = _levels(land, signal.cells.iloc[indices], mast, rows[here], cols[here], least[here], assumptions)
        found: list[tuple[Positions, Positions, NDArray[np.float64]]] = []
        for index, rsrp in zip(indices, levels, strict=True):
            strong = (rsrp >= least[here]) & (server[here] != index)
            found.append((here[strong], np.full(int(strong.sum()), index, dtype=np.intp), rsrp[strong]))
        return found

    with ThreadPoolExecutor(threads or allowed_threads()) as pool:
        tables = list(pool.map(heard, *zip(*jobs(signal.cells, mine).items(), strict=True))) if mine.size else []
    found = [part for table in tables for part in table]
    if not found:
        return Interferers.none()
    place, cell, rsrp = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((place, cell))
    return Interferers(place[order].astype(np.int32), cell[order].astype(np.int32), rsrp[order].astype(np.float32))


def interference(
    terrain: Raster,
    signal: Signal,
    rows: Positions,
    cols: Positions,
    technologies: Sequence[str],
    assumptions: Assumptions,
    *,
    clutter: Raster | None = None,
    threads: int | None = None,
) -> dict[tuple[str, str], Interferers]:
    """Interferers of every layer of some technologies, for many places at little cost.

    Places in a block of pixels with the same server hear about the same: they share the interferers
    of the first of them. And the losses are computed on every second pixel of the terrain, whose
    roughness stays: what many cells add up to matters, not one pixel of one cell.

    Parameters
    ----------
    terrain, signal, rows, cols, assumptions, clutter
        As for :func:`interferers`.
    technologies : sequence of str
        Layers to look at.
    threads : int, optional
        Sweeps that run at the same time; the result does not depend on it.

    Returns
    -------
    dict
        Per operator and technology; ``Interferers.of`` tells the row of each place.
    """
    rows, cols = np.asarray(rows, dtype=np.intp), np.asarray(cols, dtype=np.intp)
    block = rows // _BLOCK * (signal.shape[1] // _BLOCK + 1) + cols // _BLOCK
    land = _thinned(ground(terrain, clutter))
    result = {}
    for operator, technology in sorted(signal.layers):
        if technology not in technologies:
            continue
        layer = signal.layers[operator, technology]
        server = layer.cell[rows, cols].astype(np.intp)
        key = block * (len(signal.cells) + 1) + server + 1
        _keys, first, of = np.unique(key, return_index=True, return_inverse=True)
        level = layer.rsrp[rows[first], cols[first]].astype(float)
        places = _Places(rows[first] // _THIN, cols[first] // _THIN, server[first], level)
        heard = _heard(land, signal, places, (operator, technology), assumptions, threads)
        # On the finer grid no cell is stronger than the server.
        rsrp = np.minimum(heard.rsrp_dbm, level[heard.place]).astype(np.float32)
        result[operator, technology] = replace(heard, rsrp_dbm=rsrp, of=of.astype(np.int32), server_dbm=level)
    return result


def _thinned(land: Ground) -> Ground:
    """Every second pixel of the ground, on the same place."""
    # The middle of the first pixel stays where it is.
    shift = (_THIN - 1) / 2 * land.pixel_m
    return Ground(
        np.ascontiguousarray(land.terrain[::_THIN, ::_THIN]),
        np.ascontiguousarray(land.clutter[::_THIN, ::_THIN]),
        _THIN * land.pixel_m,
        land.west - shift,
        land.north + shift,
    )


def _levels(
    land: Ground,
    cells: pd.DataFrame,
    mast: Mast,
    rows: Positions,
    cols: Positions,
    least: NDArray[np.float64],
    assumptions: Assumptions,
) -> NDArray[np.float64]:
    """RSRP in dBm of each cell of a mast at pixels; -inf where it is beyond reach or surely below `least`."""
    heard = np.full((len(cells), len(rows)), -np.inf)
    reach = float(cells["reach_m"].max())
    at = window_of(land, mast.x_m, mast.y_m, reach)
    within = (rows >= at[0].start) & (rows < at[0].stop) & (cols >= at[1].start) & (cols < at[1].stop)
    if not within.any():
        return heard
    rows, cols = rows[within], cols[within]
    useful = np.full([s.stop - s.start for s in at], -np.inf, dtype=np.float32)
    r, c = rows - at[0].start, cols - at[1].start
    strongest = float(cells["reference_dbm"].max())
    np.maximum.at(useful, (r, c), (strongest - least[within] + 1 / STEPS_PER_DB).astype(np.float32))
    loss = sweep(land, mast, reach, assumptions, useful=useful).loss[r, c]
    row, col = land.pixel(mast.x_m, mast.y_m)
    east, south = cols - col, rows - row
    away = np.hypot(east, south) * land.pixel_m
    top = land.height(mast.x_m, mast.y_m) + mast.height_m
    below = np.degrees(np.arctan2(top - land.terrain[rows, cols] - assumptions["radio.receiver_height_m"], away))
    bearing = np.degrees(np.arctan2(east, -south))
    numbers = cells[["reference_dbm", "azimuth_deg", "downtilt_deg", "reach_m"]].to_numpy(dtype=float).tolist()
    for i, (reference, azimuth, downtilt, limit) in enumerate(numbers):
        off = attenuation_db(bearing - azimuth, below, downtilt, assumptions)
        heard[i, within] = np.where((loss > 0) & (away <= limit), reference - loss / STEPS_PER_DB - off, -np.inf)
    return heard
