"""Small linear and integer programmes, solved by HiGHS the same way every time."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from coverage.errors import PlanningError
from coverage.language import _
from coverage.solver import QuietHighs

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solution:
    """``x`` and objective; ``duals`` of the rows (linear programmes only); ``gap`` left by the work limit."""

    x: Floats
    objective: float
    duals: Floats
    gap: float


def minimise(
    cost: ArrayLike,
    rows: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = np.inf,
    integer: ArrayLike | None = None,
    node_limit: int = 2000,
    gap: float = 1e-9,
) -> Solution:
    """Minimise ``cost @ x`` with ``low <= rows @ x <= high`` and ``lower <= x <= upper``.

    Parameters
    ----------
    cost : array, shape (n,)
        Objective.
    rows : array, shape (m, n)
        Constraints, dense.
    low, high : array, shape (m,)
        Their bounds; infinite where there is none.
    lower, upper : float or array
        Bounds of the variables.
    integer : array of bool, optional
        Which variables are whole numbers.
    node_limit : int
        Work limit of branch and bound, counted in nodes, so that results repeat.
    gap : float
        Relative gap at which branch and bound stops.

    Raises
    ------
    PlanningError
        Where nothing satisfies the constraints or the objective has no bound.
    """
    objective = np.asarray(cost, dtype=float)
    matrix = np.atleast_2d(np.asarray(rows, dtype=float)).reshape(-1, len(objective))
    highs = QuietHighs(seed=1)
    highs.setOptionValue("mip_max_nodes", node_limit)
    highs.setOptionValue("mip_rel_gap", gap)
    n = len(objective)
    highs.addVars(n, _wide(lower, n), _wide(upper, n))
    highs.changeColsCost(n, np.arange(n, dtype=np.int32), objective)
    if integer is not None:
        kinds = np.where(np.asarray(integer, dtype=bool), highspy.HighsVarType.kInteger.value, 0).astype(np.uint8)
        highs.changeColsIntegrality(n, np.arange(n, dtype=np.int32), kinds)
    filled = matrix != 0
    if len(matrix):
        starts = np.concatenate([[0], np.cumsum(filled.sum(axis=1))[:-1]]).astype(np.int32)
        highs.addRows(
            len(matrix),
            np.asarray(low, dtype=float),
            np.asarray(high, dtype=float),
            int(filled.sum()),
            starts,
            np.nonzero(filled)[1].astype(np.int32),
            matrix[filled],
        )
    highs.run()
    status = highs.getModelStatus()
    info = highs.getInfo()
    solution = highs.getSolution()
    if not solution.value_valid or status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnbounded,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        raise PlanningError(_("Nothing satisfies all limits at once"), todo=_("Loosen a limit or a fixed choice"))
    duals = np.asarray(solution.row_dual, dtype=float) if integer is None else np.empty(0)
    left = float(info.mip_gap) if integer is not None else 0.0
    return Solution(np.asarray(solution.col_value, dtype=float), float(info.objective_function_value), duals, left)


def _wide(bound: ArrayLike, n: int) -> Floats:
    return np.ascontiguousarray(np.broadcast_to(np.asarray(bound, dtype=float), (n,)))
