"""Coverage against an offset of the signal: uncertainty without running radio again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Offsets in dB that the curve is kept for.
OFFSETS_DB = np.arange(-20, 21)


def covered_curve(
    group: NDArray[np.integer[Any]],
    groups: int,
    rsrp_dbm: NDArray[np.floating[Any]],
    population: NDArray[np.floating[Any]],
    threshold_dbm: float,
) -> NDArray[np.float64]:
    """Population of each group that is covered when every level is shifted.

    Parameters
    ----------
    group : ndarray, shape (places,)
        Group of each place (settlement, say), 0 to `groups` - 1.
    groups : int
        How many there are.
    rsrp_dbm, population : ndarray, shape (places,)
        Level of the best server, ``NaN`` for none, and people there.
    threshold_dbm : float
        Level from which a place is covered.

    Returns
    -------
    ndarray, shape (groups, 41)
        Persons at each of :data:`OFFSETS_DB`; never falling along a row.
    """
    level = np.asarray(rsrp_dbm, dtype=float)
    heard = np.isfinite(level)
    # The smallest whole offset that lifts a place over the threshold.
    needed = np.ceil(threshold_dbm - level[heard])
    step = np.maximum(needed - OFFSETS_DB[0], 0).astype(np.intp)
    within = step < len(OFFSETS_DB)
    where = np.asarray(group)[heard][within] * len(OFFSETS_DB) + step[within]
    people = np.asarray(population, dtype=float)[heard][within]
    table = np.bincount(where, people, minlength=groups * len(OFFSETS_DB)).reshape(groups, len(OFFSETS_DB))
    return np.asarray(np.cumsum(table, axis=1), dtype=np.float64)


def covered_at(curve: NDArray[np.float64], offset_db: float) -> NDArray[np.float64]:
    """Population of each group at an offset between whole ones, in a straight line."""
    return np.array([np.interp(offset_db, OFFSETS_DB, row) for row in curve], dtype=np.float64)
