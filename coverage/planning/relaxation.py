"""HiGHS on counted work: the linear relaxation with root cuts, its safe bound, branch and bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from coverage.planning.instance import Floats
from coverage.planning.model import Model, Rows
from coverage.planning.rootcuts import Separator
from coverage.planning.watch import watched


class Relaxation:
    """The linear relaxation of a model, with the root cuts found so far.

    Attributes
    ----------
    values : ndarray of float
        Columns of the last solution.
    bound : float
        Least proven upper bound on the model's objective so far, in the model's units.
    reduced : ndarray of float
        Reduced costs that belong to the bound.
    cuts : list of Rows
        All cuts, those that it began with included; they hold in every model of the instance.
    iterations, rounds : int
        Work done.
    """

    def __init__(self, model: Model, cuts: Sequence[Rows] = ()) -> None:
        self.model = model
        self.values: Floats = np.zeros(model.columns)
        self.bound = np.inf
        self.reduced: Floats = np.zeros(model.columns)
        self.cuts: list[Rows] = list(cuts)
        self.iterations = 0
        self.rounds = 0
        self._highs = model.highs(integer=False)
        for rows in self.cuts:
            rows.pass_to(self._highs)
        self._separator = Separator(model)
        self._left = False

    def strengthen(
        self,
        rounds: int,
        iterations: int,
        enough: Callable[[], bool],
        check: Callable[[], None] | None = None,
    ) -> None:
        """Solve, cut, solve again, until nothing is violated, the work is done or it is ``enough``.

        ``check`` may raise at any time to stop: what is proven by then stays.
        """
        for _round in range(rounds):
            # Without the first solution there would be no bound at all, so it may take much longer.
            limit = iterations - self.iterations if self.rounds else 20 * iterations
            self._highs.setOptionValue("simplex_iteration_limit", max(1, limit))
            # Only meanwhile: a solver that knows this object would keep its memory until Python looks for circles.
            self._highs.cbSimplexInterrupt += self._look
            try:
                watched(self._highs.run, check, self._leave)
            finally:
                self._highs.cbSimplexInterrupt -= self._look
            self.iterations += max(0, self._highs.getInfo().simplex_iteration_count)
            self.rounds += 1
            solution = self._highs.getSolution()
            self.values = np.array(solution.col_value)
            bound, rest = safe_bound(self._highs)
            if bound <= self.bound:
                self.bound, self.reduced = bound, rest
            solved = self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
            if not solved or self.iterations >= iterations or enough():
                return
            rows = self._separator.cuts(self.values)
            if not len(rows):
                return
            self.cuts.append(rows)
            rows.pass_to(self._highs)

    def _leave(self) -> None:
        self._left = True

    def _look(self, event: Any) -> None:
        if self._left:
            event.interrupt()

    def fixed(self, objective: float) -> tuple[Floats, Floats]:
        """Sides of all columns where a better solution than ``objective`` may lie, by reduced costs."""
        upper = self.model.upper
        slack = self.bound - objective + 1e-6 * abs(objective)
        least, most = np.zeros(len(upper)), upper.copy()
        whole = self.model.integer
        most[whole & (self.reduced < -slack)] = 0.0
        least[whole & (self.reduced > slack)] = 1.0
        return least, most

    @property
    def infeasible(self) -> bool:
        """Whether the last solve showed that no solution exists at all."""
        return bool(self._highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible)


def safe_bound(highs: highspy.Highs) -> tuple[float, Floats]:
    """Upper bound of a maximised model from its row duals, valid whatever these are.

    Returns
    -------
    tuple
        The bound and the reduced costs: a column off its better side changes it by at least that.

    Every column is bounded, so for any multipliers ``u`` of the rows ``max c x`` is at most the sum
    of the better row sides times ``u`` plus the sum of the better column sides times ``c - A'u``. No
    tolerance of the solver enters (Neumaier and Shcherbina 2004, Safe bounds in linear and
    mixed-integer linear programming).
    """
    dual = np.array(highs.getSolution().row_dual)
    lp = highs.getLp()
    lower, upper = np.array(lp.row_lower_), np.array(lp.row_upper_)
    if len(dual) != len(lower):
        return float("inf"), np.zeros(lp.num_col_)
    dual = np.where(((dual > 0) & np.isinf(upper)) | ((dual < 0) & np.isinf(lower)), 0.0, dual)
    sides = np.where(dual > 0, upper, np.where(dual < 0, lower, 0.0))
    matrix = lp.a_matrix_
    start, value = np.array(matrix.start_), np.array(matrix.value_)
    inner = np.array(matrix.index_, dtype=np.int64)
    outer = np.repeat(np.arange(len(start) - 1), np.diff(start))
    by_column = matrix.format_ == highspy.MatrixFormat.kColwise
    row, column = (inner, outer) if by_column else (outer, inner)
    rest: Floats = np.array(lp.col_cost_, dtype=np.float64) - np.bincount(
        column, value * dual[row], minlength=lp.num_col_
    )
    best = np.maximum(rest * np.array(lp.col_upper_), rest * np.array(lp.col_lower_))
    return float(sides @ dual + best.sum()), rest


@dataclass
class Found:
    """What branch and bound has found so far: the best columns and the proven bound, in the model's units."""

    values: Floats | None = None
    bound: float = np.inf
    steps: int = 0


def run_counted(
    highs: highspy.Highs, nodes: int, steps: int, check: Callable[[], None] | None = None, found: Found | None = None
) -> int:
    """Branch and bound until the gap is reached, or so many nodes or steps are done; returns the steps.

    A step is one look of the solver at its limits, some dozens per node: unlike nodes, steps are
    also counted while it still works on the first node. (It does not tell its simplex iterations
    before the end.) ``check`` is called ten times a second; an exception from it is raised again at
    once, and ``found`` holds what was known by then.
    """
    found = Found() if found is None else found
    left: list[bool] = []

    def look(event: Any) -> None:
        found.steps += 1
        found.bound = min(found.bound, float(event.data_out.mip_dual_bound))
        if left or found.steps >= steps:
            event.interrupt()

    def keep(event: Any) -> None:
        found.values = np.array(event.data_out.mip_solution, dtype=np.float64)

    highs.setOptionValue("mip_max_nodes", nodes)
    highs.cbMipInterrupt += look
    highs.cbMipImprovingSolution += keep
    try:
        watched(highs.run, check, lambda: left.append(True))
    finally:
        highs.cbMipInterrupt -= look
        highs.cbMipImprovingSolution -= keep
    return found.steps


def start_from(highs: highspy.Highs, values: Floats) -> None:
    """Give the solver a solution to begin with."""
    start = highspy.HighsSolution()
    start.col_value = values.tolist()
    highs.setSolution(start)
