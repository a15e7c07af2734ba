"""The set of most gain within a provider's money and crews."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coverage.partnership.linear import minimise

Floats = NDArray[np.float64]


def scaled(rows: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Rows divided by their largest entry, so that rupiah and counts weigh alike in the solver."""
    size = np.maximum(np.abs(rows).max(axis=1), 1e-12)
    return rows / size[:, None], high / size


def greedy(gain: Floats, cost: Floats, money: float, builds: float) -> tuple[NDArray[np.bool_], float]:
    """Pairs taken by gain per rupiah while they fit, and what no choice can exceed (fractions allowed)."""
    picked = np.zeros(len(gain), dtype=bool)
    left, most, room = money, 0.0, money
    for k in np.argsort(-gain / np.maximum(cost, 1e-9), kind="stable"):
        if room > 0:
            most += gain[k] * min(1.0, room / max(cost[k], 1e-9))
            room -= cost[k]
        if cost[k] <= left and picked.sum() < builds:
            picked[k] = True
            left -= cost[k]
    return picked, most


def knapsack(gain: Floats, cost: Floats, money: float, builds: float, gap: float = 1e-9) -> NDArray[np.bool_]:
    """The pairs of most gain within the provider's limits, exactly or up to a relative gap."""
    rows, high = scaled(np.vstack([cost, np.ones(len(cost))]), np.array([money, builds]))
    low = np.full(2, -np.inf)
    whole = np.ones(len(gain), dtype=bool)
    return minimise(-gain / gain.max(), rows, low, high, upper=1.0, integer=whole, gap=gap).x > 0.5
