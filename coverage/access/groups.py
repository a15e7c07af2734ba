"""Sums, medians and winners within groups, for arrays with one group number per row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]


def group_sum(groups: Ints, values: NDArray[np.generic], count: int) -> Floats:
    """Sum of `values` in each of the groups ``0..count-1``."""
    return np.asarray(np.bincount(groups, weights=np.asarray(values, dtype=float), minlength=count), dtype=float)


def weighted_median(groups: Ints, values: NDArray[np.floating], weights: Floats, count: int) -> Floats:
    """Weighted median of `values` in each group.

    ``NaN`` counts as worse than every number, so the median is ``NaN`` where half of the weight has
    no value, and in groups without weight.
    """
    result = np.full(count, np.nan)
    heavy = weights > 0.0
    groups, weights = groups[heavy], weights[heavy]
    value = np.where(np.isnan(values[heavy]), -np.inf, values[heavy]).astype(float)
    if groups.size == 0:
        return result
    order = np.lexsort((value, groups))
    groups, value = groups[order], value[order]
    running = np.cumsum(weights[order])
    last = np.r_[np.flatnonzero(np.diff(groups)), groups.size - 1]
    first = np.r_[0, last[:-1] + 1]
    before = np.r_[0.0, running[last][:-1]]
    half = before + (running[last] - before) / 2.0
    # a relative slack lets equal halves fall on the lower value whatever the rounding of the sums
    at = np.searchsorted(running, half * (1.0 - 1e-12))
    found = value[np.clip(at, first, last)]
    result[groups[last]] = np.where(np.isinf(found), np.nan, found)
    return result


def heaviest(groups: Ints, labels: Ints, weights: Floats, count: int) -> Ints:
    """The label with the largest total weight in each group; the smaller label wins a tie.

    Labels below zero stand for "none" and never win; a group without any label gets -1.
    """
    result = np.full(count, -1, dtype=np.intp)
    named = (labels >= 0) & (weights > 0.0)
    if not named.any():
        return result
    width = int(labels[named].max()) + 1
    keys, inverse = np.unique(groups[named] * width + labels[named], return_inverse=True)
    total = np.bincount(inverse, weights=weights[named])
    group, label = keys // width, keys % width
    order = np.lexsort((-label, total, group))  # the last of each group has the largest total
    last = np.r_[np.flatnonzero(np.diff(group[order])), order.size - 1]
    result[group[order][last]] = label[order][last]
    return result
