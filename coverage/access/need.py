"""The need score: how much a village lacks, 0 to 100."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coverage.assumptions import Assumptions

Floats = NDArray[np.float64]


def need_score(
    left_out: Floats,
    unserved_share: Floats,
    worst_share: Floats,
    offline_share: Floats,
    operators: Floats,
    assumptions: Assumptions,
) -> Floats:
    """Weighted mean of five lacks, each 0 to 1, times 100.

    People left out (full at ``access.need_people_full``), share of people not served, share not
    covered in the worst settlement, share of facilities offline, and the lack of choice (1 without
    operator, 0.5 with one, 0 with more). Weights ``access.need_weight_*`` in any scale.

    Parameters
    ----------
    left_out : ndarray, shape (villages,)
        Persons.
    unserved_share, worst_share, offline_share : ndarray
        Shares; the facilities' share is NaN in villages without facilities, whose weight then goes
        to the other lacks.
    operators : ndarray
        Operators that cover most people.
    """
    lacks = np.vstack(
        [
            np.minimum(left_out / assumptions["access.need_people_full"], 1.0),
            unserved_share,
            worst_share,
            offline_share,
            np.clip(1.0 - operators / 2.0, 0.0, 1.0),
        ]
    )
    names = ("people", "share", "worst", "facilities", "operators")
    weights = np.array([assumptions[f"access.need_weight_{name}"] for name in names])[:, None]
    known = ~np.isnan(lacks)
    total = (weights * known).sum(axis=0)
    score = np.divide(np.nansum(weights * lacks, axis=0), total, out=np.zeros(total.size), where=total > 0)
    return np.asarray(np.clip(100.0 * score, 0.0, 100.0))
