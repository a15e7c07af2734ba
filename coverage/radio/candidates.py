"""Where a new mast reaches most of the people without signal."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.radio.antenna import attenuation_db
from coverage.radio.path_loss import STEPS_PER_DB, Ground, Mast, ground, sweep, window_of
from coverage.raster import Raster
from coverage.threads import threads


@dataclass(frozen=True)
class Radio:
    """The radio to place.

    Antenna above ground in m, carrier in MHz, reference power in dBm EIRP
    (:func:`coverage.radio.link_budget.reference_power_dbm`), downtilt in degrees, reach in m.
    """

    height_m: float
    frequency_mhz: float
    reference_dbm: float
    downtilt_deg: float
    reach_m: float


def high_points(terrain: Raster, wanted: NDArray[np.bool_], spacing_m: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Highest wanted pixel of every block of the grid: candidate points on high ground.

    Parameters
    ----------
    terrain : Raster
        Ground in m.
    wanted : ndarray of bool, shape of the terrain
        Where a mast may stand: near people, roads and power, outside excluded land.
    spacing_m : float
        Size of a block.

    Returns
    -------
    x, y : ndarray
        In the CRS of `terrain`, block by block from the north-west.
    """
    block = max(1, round(spacing_m / terrain.resolution[0]))
    heights = np.where(wanted & np.isfinite(terrain.values), terrain.values, -np.inf)
    rows, cols = heights.shape
    down, right = math.ceil(rows / block), math.ceil(cols / block)
    padded = np.full((down * block, right * block), -np.inf)
    padded[:rows, :cols] = heights
    blocks = padded.reshape(down, block, right, block).swapaxes(1, 2).reshape(down * right, block * block)
    best = blocks.argmax(axis=1)
    keep = np.flatnonzero(np.isfinite(blocks[np.arange(len(best)), best]))
    top = keep // right * block + best[keep] // block
    left = keep % right * block + best[keep] % block
    return terrain.xy(top, left)


def newly_covered(
    terrain: Raster,
    x_m: NDArray[np.floating[Any]],
    y_m: NDArray[np.floating[Any]],
    radio: Radio,
    rows: NDArray[np.integer[Any]],
    cols: NDArray[np.integer[Any]],
    population: NDArray[np.floating[Any]],
    threshold_dbm: float,
    assumptions: Assumptions,
    *,
    clutter: Raster | None = None,
) -> NDArray[np.float64]:
    """People without signal that a mast at each candidate point would cover.

    Parameters
    ----------
    terrain, clutter : Raster
        As for :func:`coverage.radio.signal`.
    x_m, y_m : ndarray, shape (candidates,)
        In the CRS of `terrain`.
    radio : Radio
        What would stand there, omnidirectional.
    rows, cols, population : ndarray, shape (places,)
        Pixels and number of the people who have no signal now.
    threshold_dbm : float
        Level from which they have it.
    assumptions : Assumptions
        Topic ``radio``.

    Returns
    -------
    ndarray, shape (candidates,)
        Persons.
    """
    land = ground(terrain, clutter)
    people = np.zeros(terrain.shape, dtype=np.float64)
    np.add.at(people, (rows, cols), population)

    def gain(x: float, y: float) -> float:
        return _gain(land, x, y, radio, people, threshold_dbm, assumptions)

    with ThreadPoolExecutor(threads()) as pool:
        return np.array(list(pool.map(gain, np.asarray(x_m).tolist(), np.asarray(y_m).tolist())), dtype=np.float64)


def _gain(
    land: Ground,
    x: float,
    y: float,
    radio: Radio,
    people: NDArray[np.float64],
    threshold_dbm: float,
    assumptions: Assumptions,
) -> float:
    mast = Mast(x, y, radio.height_m, radio.frequency_mhz)
    at = window_of(land, x, y, radio.reach_m)
    here = people[at]
    if not here.any():
        return 0.0
    useful = np.where(here > 0, radio.reference_dbm - threshold_dbm + 1 / STEPS_PER_DB, -np.inf).astype(np.float32)
    loss = sweep(land, mast, radio.reach_m, assumptions, useful=useful).loss
    i, j = np.nonzero(loss)
    row, col = land.pixel(x, y)
    away = np.hypot(i + at[0].start - row, j + at[1].start - col) * land.pixel_m
    top = land.height(x, y) + radio.height_m
    below = np.degrees(np.arctan2(top - land.terrain[at][i, j] - assumptions["radio.receiver_height_m"], away))
    off = attenuation_db(np.nan, below, radio.downtilt_deg, assumptions)
    level = radio.reference_dbm - loss[i, j] / STEPS_PER_DB - off
    return float(here[i, j][level >= threshold_dbm].sum())
