"""The published index from the scores of its five dimensions."""

from __future__ import annotations

import math
from collections.abc import Mapping

from coverage.errors import InputError
from coverage.indicators.framework import DIMENSIONS, SCALE
from coverage.language import _


class IndexInputError(InputError, ValueError):
    """Dimension scores or weights that make no index."""


def achievement_index(scores: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The achievement index (Indeks Pencapaian): weighted mean of the five dimension scores, 0 to 4.

    Parameters
    ----------
    scores, weights : mapping
        Keys ``baseline, output, outcome, impact, quick_wins``; scores 0 to 4, weights in any scale.

    Raises
    ------
    IndexInputError
        For missing or unknown keys, values that are not finite numbers, scores outside 0 to 4,
        negative weights, or weights that are all zero.

    Examples
    --------
    >>> scores = {"baseline": 4, "output": 3, "outcome": 2, "impact": 1, "quick_wins": 4}
    >>> weights = {"baseline": 10, "output": 20, "outcome": 30, "impact": 20, "quick_wins": 20}
    >>> achievement_index(scores, weights)
    2.6
    """
    for name, table in (("scores", scores), ("weights", weights)):
        if missing := [d for d in DIMENSIONS if d not in table]:
            raise IndexInputError(_("Dimensions are missing: {names}").format(names=", ".join(missing)), where=name)
        if unknown := [str(d) for d in table if d not in DIMENSIONS]:
            raise IndexInputError(_("Unknown dimensions: {names}").format(names=", ".join(unknown)), where=name)
    score = {d: _number(scores[d], f"scores.{d}") for d in DIMENSIONS}
    weight = {d: _number(weights[d], f"weights.{d}") for d in DIMENSIONS}
    for dimension in DIMENSIONS:
        if not 0.0 <= score[dimension] <= SCALE:
            raise IndexInputError(_("A score must lie between 0 and 4"), where=f"scores.{dimension}")
        if weight[dimension] < 0.0:
            raise IndexInputError(_("A weight must not be negative"), where=f"weights.{dimension}")
    largest = max(weight.values())
    if largest == 0.0:
        raise IndexInputError(_("The weights are all zero"), where="weights")
    # scaled by the largest first, so that weights of any size neither vanish nor overflow
    total = math.fsum(weight[d] / largest for d in DIMENSIONS)
    return min(SCALE, math.fsum(weight[d] / largest * score[d] for d in DIMENSIONS) / total)


def _number(value: object, where: str) -> float:
    """A finite number; text and truth values are none."""
    problem = IndexInputError(_("The value is not a number"), where=where)
    if isinstance(value, (str, bytes, bool)):
        raise problem
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise problem from None
    if not math.isfinite(number):
        raise problem
    return number
