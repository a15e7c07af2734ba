"""When no plan is possible: the smallest set of demands that cannot hold together.

Demands are dropped one by one; one without which the rest is still impossible is left out for
good (deletion filter). What remains is irreducible: without any one of them a plan exists, or could
not be ruled out within the counted work, which is then said.
"""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np

from coverage.errors import PlanningError
from coverage.language import _, rupiah
from coverage.planning.instance import Instance
from coverage.planning.model import BILLION, Model
from coverage.planning.relaxation import Relaxation, run_counted, start_from
from coverage.planning.search import Solution, greedy, is_feasible

#: Counted work of one test: rounds of cuts, simplex iterations (twice), nodes of branch and bound.
_ROUNDS, _ITERATIONS, _NODES = 20, 20_000, 500
#: Budget that never binds, in Rp.
_PLENTY = 1e16


def start_or_explain(instance: Instance) -> Solution:
    """A feasible solution, from the greedy growth or, where that fails, from branch and bound.

    Raises
    ------
    PlanningError
        Where there is none: the demands that clash.
    """
    found = greedy(instance)
    if is_feasible(instance, found):
        return found
    _least, exact = least_money(instance)
    if exact is not None:
        return exact
    raise _clash(instance)


def least_money(instance: Instance) -> tuple[float, Solution | None]:
    """Least public money (a lower bound, Rp) that serves the villages that must be served.

    Returns
    -------
    tuple
        The bound (infinite where capacities alone forbid it) and the cheapest solution found that
        keeps the budget, if one was found.
    """
    free = replace(instance, budget=_PLENTY)
    model = Model(free)
    index, value = model.money
    model.set_cost(index, -value)
    relaxed = Relaxation(model)
    relaxed.strengthen(_ROUNDS, _ITERATIONS, lambda: -relaxed.bound * BILLION > instance.budget + 1.0)
    if relaxed.infeasible:
        return float("inf"), None
    least = max(0.0, -relaxed.bound * BILLION)
    if least > instance.budget + 1.0:
        return least, None
    highs = model.highs(integer=True)
    for rows in relaxed.cuts:
        rows.pass_to(highs)
    rough = greedy(free)
    if is_feasible(free, rough):
        start_from(highs, model.column_values(rough))
    run_counted(highs, _NODES, _ITERATIONS)
    if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return float("inf"), None
    values = np.array(highs.getSolution().col_value)
    solution = model.solution(values) if len(values) else rough
    least = max(least, -float(highs.getInfo().mip_dual_bound) * BILLION)
    return least, solution if is_feasible(instance, solution) else None


def _impossible(instance: Instance) -> bool:
    return not is_feasible(instance, greedy(instance)) and least_money(instance)[1] is None


def _clash(instance: Instance) -> PlanningError:
    villages = np.flatnonzero(instance.must).tolist()
    for village in list(villages):
        rest = [v for v in villages if v != village]
        if _impossible(_only(instance, rest)):
            villages = rest
    names = [instance.village_code[v] for v in villages]
    small = _only(instance, villages)
    least, _solution = least_money(small)
    demands = [_("village {village} must be served").format(village=name) for name in names]
    if np.isinf(least):
        return PlanningError(
            _("These demands cannot hold together: {demands}; the links and fibre points cannot carry them").format(
                demands="; ".join(demands)
            ),
            todo=_("Take one of them back, or allow more technologies"),
        )
    demands.append(_("public money of at most {budget}").format(budget=rupiah(instance.budget)))
    if least > instance.budget:
        what = _("These demands cannot hold together: {demands}. Serving these villages takes at least {least}")
    else:
        what = _("No plan was found that keeps these demands together: {demands}. At least {least} is needed")
    return PlanningError(
        what.format(demands="; ".join(demands), least=rupiah(least)),
        todo=_("Raise the budget or take one of the villages off the list"),
    )


def _only(instance: Instance, villages: list[int]) -> Instance:
    must = np.zeros_like(instance.must)
    must[villages] = True
    return replace(instance, must=must)
