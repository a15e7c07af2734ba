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
from coverage.language import _, number, rupiah
from coverage.planning.instance import Instance
from coverage.planning.limits import limit_words
from coverage.planning.model import BILLION, Model
from coverage.planning.relaxation import Relaxation, run_counted, start_from
from coverage.planning.search import Solution, greedy, is_feasible
from coverage.scenario import PLENTY_IDR

#: Counted work of one test: rounds of cuts, simplex iterations (twice), nodes of branch and bound.
_ROUNDS, _ITERATIONS, _NODES = 20, 20_000, 500
#: Budget that never binds, in Rp.
_PLENTY = PLENTY_IDR
#: Names of demands that are not in the instance's limits.
_VILLAGE, _TARGET, _BUDGET = "village:", "target", "budget"


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
    """Least public money (a lower bound, Rp) that keeps all other demands.

    Returns
    -------
    tuple
        The bound (infinite where the others alone cannot be kept) and the cheapest solution found that
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
    """The refusal that names an irreducible set of demands."""
    names = _irreducible(instance, _demands(instance))
    small = _keep(instance, names)
    least, _solution = least_money(replace(small, budget=instance.budget if _BUDGET in names else _PLENTY))
    demands = "; ".join(_words(name, instance) for name in names)
    todo = _("Take one of them back, or allow more technologies")
    if np.isinf(least):
        if any(name.startswith(("funder:", "capital:", "builds:")) or name == _TARGET for name in names):
            told = _("These demands cannot hold together: {demands}").format(demands=demands)
            return PlanningError(told, todo=todo)
        return PlanningError(
            _("These demands cannot hold together: {demands}; the links and fibre points cannot carry them").format(
                demands=demands
            ),
            todo=todo,
        )
    if _BUDGET not in names:
        what = _("No plan was found that keeps these demands together: {demands}")
        return PlanningError(what.format(demands=demands), todo=todo)
    if least > instance.budget:
        what = _("These demands cannot hold together: {demands}. All of them together take at least {least}")
    else:
        what = _("No plan was found that keeps these demands together: {demands}. At least {least} is needed")
    return PlanningError(
        what.format(demands=demands, least=rupiah(least)),
        todo=_("Raise the budget or take one of the demands back"),
    )


def _demands(instance: Instance) -> list[str]:
    """Everything that a scenario asks for or limits, by name."""
    villages = [f"{_VILLAGE}{instance.village_code[v]}" for v in np.flatnonzero(instance.must)]
    target = [_TARGET] if instance.least_cost else []
    # What stands first is left out first: where funders have budgets, they are named rather than the sum.
    ahead, behind = ([_BUDGET], []) if instance.scenario.budgets else ([], [_BUDGET])
    return [*ahead, *villages, *instance.limits.names, *target, *behind]


def _irreducible(instance: Instance, names: list[str]) -> list[str]:
    """The deletion filter: first whole kinds of demands at once, then one by one."""
    kinds = dict.fromkeys(_kind(name) for name in names)
    for kind in kinds:
        rest = [name for name in names if _kind(name) != kind]
        if _impossible(_keep(instance, rest)):
            names = rest
    for name in list(names):
        rest = [other for other in names if other != name]
        if _impossible(_keep(instance, rest)):
            names = rest
    return names


def _kind(name: str) -> str:
    return name.partition(":")[0]


def _keep(instance: Instance, names: list[str]) -> Instance:
    """The instance with some of its demands only."""
    kept = set(names)
    limits = instance.limits
    for name in limits.names:
        if name not in kept:
            limits = limits.without(name)
    return replace(
        instance,
        must=np.array([f"{_VILLAGE}{code}" in kept for code in instance.village_code], dtype=bool) & instance.must,
        limits=limits,
        target=instance.target if _TARGET in kept else -np.inf,
        budget=instance.budget if _BUDGET in kept else _PLENTY,
    )


def pinned_deal(instance: Instance, village: str) -> str:
    """The deal that is pinned for a village, or nothing."""
    pins = (instance.candidate[deal] for deal in instance.scenario.pinned if deal in instance.candidate)
    mine = [instance.deal_id[o] for o in pins if instance.village_code[instance.village[o]] == village]
    return mine[0] if mine else ""


def _words(name: str, instance: Instance) -> str:
    if name.startswith(_VILLAGE):
        village = name.removeprefix(_VILLAGE)
        pinned = pinned_deal(instance, village)
        if pinned:
            return _("deal {deal} is pinned").format(deal=pinned)
        return _("village {village} must be served").format(village=village)
    if name == _TARGET:
        return _("the target of {amount}").format(amount=number(instance.target, 3 if instance.target < 1 else 0))
    if name == _BUDGET:
        return _("public money of at most {budget}").format(budget=rupiah(instance.budget))
    return limit_words(name, instance.scenario)
