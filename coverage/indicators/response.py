"""From a driver's value to a score: the shapes of response."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coverage.language import _

#: ``linear``: in proportion between floor and target. ``logistic`` (``middle;steepness``): little at
#: first, most around the middle, little near the target. ``steps`` (``at:score;…``): nothing moves
#: until a threshold is reached. All run on the way from floor to target, 0 to 1, and end at 1.
RESPONSES = ("linear", "logistic", "steps")


def response(shape: str, parameters: str, progress: ArrayLike) -> NDArray[np.float64]:
    """Share of the full score reached at `progress` from floor (0) to target (1).

    Clipped at both ends, so that no indicator exceeds its target.
    """
    u = np.clip(np.asarray(progress, dtype=float), 0.0, 1.0)
    if shape == "logistic":
        middle, steepness = _numbers(parameters)

        low, high, at = (1.0 / (1.0 + np.exp(-steepness * (x - middle))) for x in (0.0, 1.0, u))
        return np.asarray((at - low) / (high - low), dtype=np.float64)
    if shape == "steps":
        at, score = _steps(parameters)
        # the slack forgives the rounding of a driver that reaches the threshold exactly
        reached = np.searchsorted(at, u + 1e-12, side="right")
        return np.asarray(np.r_[0.0, score][reached])
    return np.asarray(u)


def check_parameters(shape: str, parameters: str) -> str:
    """What is wrong with the parameters of a response; empty if nothing."""
    if shape == "linear":
        return _("a linear response takes no parameters") if parameters.strip() else ""
    try:
        if shape == "logistic":
            middle, steepness = _numbers(parameters)
            good = 0.0 <= middle <= 1.0 and 0.0 < steepness <= 100.0
        else:
            at, score = _steps(parameters)
            good = bool(
                at.size and (np.diff(at) > 0).all() and (np.diff(score) >= 0).all() and at[0] > 0 and at[-1] <= 1
                and score[0] >= 0 and score[-1] == 1
            )  # fmt: skip
    except ValueError:
        good = False
    if good:
        return ""
    if shape == "logistic":
        return _("a logistic response needs middle;steepness, for example 0.6;8")
    return _("steps need rising thresholds that end at score 1, for example 0.5:0.25;0.9:1")


def _numbers(parameters: str) -> tuple[float, float]:
    middle, steepness = (float(part) for part in parameters.split(";"))
    return middle, steepness


def _steps(parameters: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pairs = [part.split(":") for part in parameters.split(";") if part.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(parameters)
    table = np.array([[float(at), float(score)] for at, score in pairs]).reshape(-1, 2)
    return table[:, 0], table[:, 1]
