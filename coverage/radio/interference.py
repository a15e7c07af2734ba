"""Which other cells are heard where people are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.radio.antenna import attenuation_db
from coverage.radio.best_server import jobs
from coverage.radio.capacity import Interferers, Positions
from coverage.radio.path_loss import STEPS_PER_DB, Ground, Mast, ground, sweep, window_of
from coverage.radio.signal import Signal
from coverage.raster import Raster


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

    Returns
    -------
    Interferers
        By cell, then by place.
    """
    land = ground(terrain, clutter)
    rows, cols = np.asarray(rows, dtype=np.intp), np.asarray(cols, dtype=np.intp)
    layer = signal.layers[operator, technology]
    server, level = layer.cell[rows, cols].astype(np.intp), layer.rsrp[rows, cols].astype(float)
    carrier = signal.cells["frequency_mhz"].to_numpy(dtype=float)
    least = level - assumptions["radio.interference_window_db"]
    mine = np.flatnonzero(
        ((signal.cells["operator"] == operator) & (signal.cells["technology"] == technology)).to_numpy()
    )
    found: list[tuple[Positions, Positions, NDArray[np.float64]]] = []
    for mast, indices in jobs(signal.cells, mine).items():
        same = (server >= 0) & (carrier[server] == mast.frequency_mhz)
        for index in indices:
            here = np.flatnonzero(same & (server != index))
            heard = _levels(land, signal, mast, index, rows[here], cols[here], least[here], assumptions)
            strong = heard >= least[here]
            found.append((here[strong], np.full(int(strong.sum()), index, dtype=np.intp), heard[strong]))
    if not found:
        return Interferers.none()
    place, cell, rsrp = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((place, cell))
    return Interferers(place[order], cell[order], rsrp[order])


def _levels(
    land: Ground,
    signal: Signal,
    mast: Mast,
    index: int,
    rows: Positions,
    cols: Positions,
    least: NDArray[np.float64],
    assumptions: Assumptions,
) -> NDArray[np.float64]:
    """RSRP in dBm of one cell at pixels; -inf where it is beyond reach or surely below `least`."""
    heard = np.full(len(rows), -np.inf)
    cell = signal.cells.iloc[index]
    reach = float(cell["reach_m"])
    at = window_of(land, mast.x_m, mast.y_m, reach)
    in_window = (rows >= at[0].start) & (rows < at[0].stop) & (cols >= at[1].start) & (cols < at[1].stop)
    if not in_window.any():
        return heard
    useful = np.full([s.stop - s.start for s in at], -np.inf, dtype=np.float32)
    r, c = rows[in_window] - at[0].start, cols[in_window] - at[1].start
    np.maximum.at(
        useful, (r, c), (float(cell["reference_dbm"]) - least[in_window] + 1 / STEPS_PER_DB).astype(np.float32)
    )
    loss = sweep(land, mast, reach, assumptions, useful=useful).loss[r, c]
    row, col = land.pixel(mast.x_m, mast.y_m)
    east, south = cols[in_window] - col, rows[in_window] - row
    top = land.height(mast.x_m, mast.y_m) + mast.height_m
    drop = top - land.terrain[rows[in_window], cols[in_window]] - assumptions["radio.receiver_height_m"]
    below = np.degrees(np.arctan2(drop, np.hypot(east, south) * land.pixel_m))
    turn = np.degrees(np.arctan2(east, -south)) - float(cell["azimuth_deg"])
    off = attenuation_db(turn, below, float(cell["downtilt_deg"]), assumptions)
    heard[in_window] = np.where(loss > 0, float(cell["reference_dbm"]) - loss / STEPS_PER_DB - off, -np.inf)
    return heard
