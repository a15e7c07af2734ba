"""Solutions found without a solver: greedy growth and neighbourhood search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coverage.planning import kernels
from coverage.planning.instance import Floats, Instance, Ints

#: How much the growth values part of the way to a village threshold.
_EAGER = 0.3
#: Excess that is rounding: of money in Rp, of capacity in Mbit/s.
ROUNDING_IDR, ROUNDING_MBPS = 0.5, 1e-6
#: Share of all villages' demand up to which a fibre point is scarce, and how many scarce ones are shut in turn.
_SCARCE, _MOST_SHUT = 0.1, 6
#: Budgets that a search for least cost tries.
_PROBES = 10
#: Of a target, in relative terms.
WORTH_ROUNDING = 1e-7


@dataclass(frozen=True)
class Solution:
    """What is chosen: an option per village and the uplink of every node in the tree.

    ``public`` is the public money in Rp, ``worth`` the benefit, ``cost`` the present value of all
    that is built and ``objective`` the worth less the small penalty on cost; where least cost is asked
    for, the public money and a small part of the cost, below zero.
    """

    pick: Ints
    up: Ints
    up_edge: Ints
    public: float
    worth: float
    cost: float
    objective: float

    @property
    def options(self) -> Ints:
        """Options chosen, in order of their villages."""
        return self.pick[self.pick >= 0]


def _real(values: NDArray[Any]) -> Floats:
    """One kind of array, whatever table it came from: for every other kind the kernels are compiled anew."""
    return np.require(values, dtype=np.float64, requirements=["C", "W"])


def _whole(values: NDArray[Any]) -> Ints:
    """The same of whole numbers."""
    return np.require(values, dtype=np.int64, requirements=["C", "W"])


def problem(instance: Instance) -> kernels.Problem:
    """The instance as the kernels take it."""
    network = instance.network
    start, neighbour, edge = network.adjacency
    return kernels.Problem(
        village=_whole(instance.village),
        node=_whole(instance.node),
        demand=_real(instance.demand),
        gap=_real(instance.gap),
        surplus=_real(instance.surplus),
        access_cost=_real(instance.access_cost),
        row_start=_whole(instance.row_start),
        row_settlement=_whole(instance.row_settlement),
        row_worth=_real(instance.row_worth),
        settlement_village=_whole(instance.settlement_village),
        threshold=_real(instance.threshold),
        start=_whole(start),
        neighbour=_whole(neighbour),
        edge=_whole(edge),
        cost=_real(network.cost),
        capacity=_real(network.capacity),
        alone=_real(network.alone),
        need=_real(instance.limits.need),
        on_links=_real(instance.limits.on_links),
        most=_real(instance.limits.most),
        cover=_real(instance.limits.cover),
        least=_real(instance.limits.least),
        worth_weight=float(instance.worth_weight),
        penalty=float(instance.penalty),
        eager=_EAGER,
        least_demand=float(instance.demand.min(initial=np.inf)),
    )


def empty(instance: Instance) -> tuple[Ints, Ints, Ints]:
    """The solution that does nothing."""
    nodes = len(instance.network.names)
    return (
        np.full(len(instance.village_code), -1, dtype=np.int64),
        np.full(nodes, -1, dtype=np.int64),
        np.full(nodes, -1, dtype=np.int64),
    )


def uplinks(instance: Instance, pick: Ints, up: Ints, up_edge: Ints) -> tuple[float, kernels.Uplinks]:
    """Public money (Rp) of a solution, and what flows and is owed on its links."""
    flow, unpaid, moved, free, owed = (np.zeros(len(up)) for _k in range(5))
    on = kernels.Uplinks(flow, unpaid, moved, free, owed)
    public = kernels.settle(pick, up, up_edge, problem(instance), on)
    return float(public), on


def judge(instance: Instance, pick: Ints, up: Ints, up_edge: Ints) -> Solution:
    """The solution with its exact money and objective, branches that serve nobody cut."""
    pick, up, up_edge = pick.copy(), up.copy(), up_edge.copy()
    kernels.prune(pick, up, up_edge, instance.node)
    public, _on = uplinks(instance, pick, up, up_edge)
    worth = worth_of(instance, pick[pick >= 0])
    cost = float(instance.access_cost[pick[pick >= 0]].sum() + instance.network.cost[up_edge[up_edge >= 0]].sum())
    return Solution(pick, up, up_edge, public, worth, cost, objective_of(instance, worth, public, cost))


def objective_of(instance: Instance, worth: float, public: float, cost: float) -> float:
    """What is maximised: worth less a small penalty on cost, or (with a target) less money."""
    if instance.least_cost:
        return -(public + instance.cost_weight * cost)
    return worth - instance.penalty * cost


def worth_of(instance: Instance, options: Ints) -> float:
    """Worth of a set of options, each settlement at its best."""
    best = np.zeros(len(instance.settlement_village))
    for o in options.tolist():
        rows = slice(instance.row_start[o], instance.row_start[o + 1])
        np.maximum.at(best, instance.row_settlement[rows], instance.row_worth[rows])
    gathered = np.bincount(instance.settlement_village, best, minlength=len(instance.threshold))
    reached = int((gathered >= instance.threshold - 1e-9).sum())
    return float(best.sum()) * instance.worth_weight + reached


def is_feasible(instance: Instance, solution: Solution) -> bool:
    """Whether it keeps the budget, all limits, the capacities, what must be served and the target."""
    limits, options = instance.limits, solution.options
    links = solution.public - float(instance.gap[options].sum())
    used = limits.need[:, options].sum(axis=1) + limits.on_links * links
    _public, on = uplinks(instance, solution.pick, solution.up, solution.up_edge)
    return bool(
        solution.public <= instance.budget + ROUNDING_IDR
        and (solution.pick[instance.must] >= 0).all()
        and (on.free[solution.up >= 0] >= -ROUNDING_MBPS).all()
        and (used <= limits.most + ROUNDING_IDR).all()
        and (limits.cover[:, options].sum(axis=1) >= limits.least - ROUNDING_IDR * 1e-3).all()
        and solution.worth >= instance.target - WORTH_ROUNDING * abs(instance.target)
    )


def greedy(instance: Instance) -> Solution:
    """Most worth per public rupiah first, until the budget is spent."""
    return _run(instance, empty(instance), 0, 0)


def grow_from(instance: Instance, start: Solution) -> Solution:
    """Greedy growth from a given solution."""
    return _run(instance, (start.pick.copy(), start.up.copy(), start.up_edge.copy()), 0, 0)


def improve(
    instance: Instance,
    start: Solution,
    rounds: int,
    seed: int = 0,
    *,
    favour: Floats | None = None,
    ways: Floats | None = None,
    money: float = 0.0,
) -> Solution:
    """Neighbourhood search of so many rounds from a feasible solution; never worse than it.

    Parameters
    ----------
    favour : ndarray of float, optional
        Multiplies the merit of every option.
    ways : ndarray of float, optional
        Cost of every edge by which trees are laid.
    money : float
        Above 0, deals that gain nothing may come in for what they pay of others' links: worth of a rupiah
        of public money, as a share of what the plan gains per rupiah of its budget.
    """
    if instance.least_cost:
        return _cheaper(instance, start, rounds, seed, favour, ways)
    state = (start.pick.copy(), start.up.copy(), start.up_edge.copy())
    found = _run(instance, state, rounds, seed, favour, ways, money)
    return found if found.objective > start.objective and is_feasible(instance, found) else start


def without_scarce_roots(instance: Instance) -> list[Instance]:
    """The instance with its scarce fibre points shut: all of them, and all but each one.

    Growth connects to what is nearest, so it fills near fibre points and never lays the trunk to a far
    one with room for many. Begun without the near ones it does, and once they are opened again they
    serve what is next to them. Scarce is a fibre point that could serve some villages, but few of all.
    """
    network, demand = instance.network, instance.demand
    if not len(demand):
        return []
    asked = np.zeros(len(instance.village_code))
    np.maximum.at(asked, instance.village, demand)
    capacity = network.capacity
    could = (network.tail == 0) & (capacity >= np.median(demand)) & (capacity <= _SCARCE * asked.sum())
    scarce = np.flatnonzero(could)
    scarce = scarce[np.argsort(-capacity[scarce], kind="stable")][:_MOST_SHUT]
    shut = [scarce, *(np.delete(scarce, k) for k in range(len(scarce)))] if len(scarce) > 1 else [scarce]
    found = []
    for some in shut if len(scarce) else []:
        room = capacity.copy()
        room[some] = 0.0
        found.append(replace(instance, network=replace(network, capacity=room)))
    return found


def _cheaper(
    instance: Instance, start: Solution, rounds: int, seed: int, favour: Floats | None, ways: Floats | None
) -> Solution:
    """Search for the most worth on less and less money, halving between what fails and what reaches the target."""
    best, low = start, 0.0
    for probe in range(_PROBES):
        budget = 0.5 * (low + best.public)
        found = _run(replace(instance, budget=budget), empty(instance), rounds // _PROBES, seed + probe, favour, ways)
        if found.objective > best.objective and is_feasible(instance, found):
            best = found
        else:
            low = budget
    return best


def _run(
    instance: Instance,
    start: tuple[Ints, Ints, Ints],
    rounds: int,
    seed: int,
    favour: Floats | None = None,
    ways: Floats | None = None,
    money: float = 0.0,
) -> Solution:
    favour = np.ones(len(instance.node)) if favour is None else favour
    ways = instance.network.cost if ways is None else ways
    # Without room for rounding, deals that pay for themselves would find no place in a budget of nothing.
    budget = instance.budget + 0.5 * ROUNDING_IDR
    kernels.search(*start, rounds, seed, instance.must, budget, favour, ways, money, problem(instance))
    return judge(instance, *start)
