"""The order of the search: greedy, neighbourhood search, relaxation with root cuts, branch and bound.

Everything stops on counted work: rounds of the neighbourhood search, rounds of cuts, simplex
iterations, nodes. The wall clock plays no part, so the same problem gives the same plan on a busy
machine as on an idle one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from coverage.errors import Cancelled
from coverage.language import _
from coverage.planning.clash import start_or_explain
from coverage.planning.instance import Floats, Instance
from coverage.planning.model import Model
from coverage.planning.relaxation import Relaxation, run_counted, start_from
from coverage.planning.search import Solution, improve, is_feasible
from coverage.progress import Progress


@dataclass(frozen=True)
class Effort:
    """How much work each stage may do.

    Attributes
    ----------
    rounds : int
        Rounds of the neighbourhood search.
    cut_rounds : int
        Rounds of root cuts on the relaxation.
    lp_iterations : int
        Simplex iterations for the relaxation and its cuts, all together.
    nodes : int
        Nodes of branch and bound; 0: none.
    mip_iterations : int
        Simplex iterations of branch and bound, its heuristics included.
    """

    rounds: int
    cut_rounds: int
    lp_iterations: int
    nodes: int
    mip_iterations: int


def effort(node_limit: int) -> Effort:
    """The work that a scenario's ``node_limit`` stands for.

    The default of 200 answers a moved budget slider; 2,000 is for a plan to be decided upon.
    """
    return Effort(
        rounds=2 * node_limit,
        cut_rounds=max(3, node_limit // 50),
        lp_iterations=200 * node_limit,
        nodes=node_limit if node_limit > 200 else 0,
        mip_iterations=200 * node_limit,
    )


@dataclass
class Outcome:
    """The best solution, what was proven and what it took.

    ``bound`` is an upper bound on the objective of any plan, in the units of
    ``Solution.objective``.
    """

    solution: Solution
    bound: float
    status: str
    greedy_objective: float
    work: dict[str, int] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Share by which the best possible plan could be better."""
        return relative_gap(self.solution.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """``(bound - objective) / bound``, 0 where both are (nearly) equal."""
    if not np.isfinite(bound):
        return 1.0
    if bound - objective <= 1e-9 * max(1e-9, abs(bound)):
        return 0.0
    return float((bound - objective) / max(abs(bound), 1e-12))


def optimise(instance: Instance, limits: Effort, gap_target: float, progress: Progress) -> Outcome:
    """Search for the best solution of an instance.

    A cancelled search keeps the best plan found and its proven gap (status ``stopped``).

    Raises
    ------
    PlanningError
        Where no solution keeps all constraints: what clashes is told.
    """
    start = start_or_explain(instance)
    state = Outcome(start, np.inf, "work_limit", start.objective)
    try:
        _search(instance, limits, gap_target, state, progress)
    except Cancelled:
        state.status = "stopped"
    if state.gap <= gap_target:
        state.status = "optimal" if state.gap <= 1e-6 else "gap_reached"
    return state


def _search(instance: Instance, limits: Effort, gap_target: float, state: Outcome, progress: Progress) -> None:
    progress(_("Looking for good plans"), 0.0)
    state.solution = improve(instance, state.solution, limits.rounds)
    state.work["search_rounds"] = limits.rounds
    model = Model(instance)
    relaxed = Relaxation(model)

    def enough() -> bool:
        state.bound = min(state.bound, relaxed.bound / model.scale)
        progress(_("Proving how good the plan is"), 0.3 + 0.3 * min(1.0, relaxed.iterations / limits.lp_iterations))
        return state.gap <= gap_target

    progress(_("Proving how good the plan is"), 0.3)
    relaxed.strengthen(limits.cut_rounds, limits.lp_iterations, enough)
    state.work |= {"cut_rounds": relaxed.rounds, "lp_iterations": relaxed.iterations}
    if limits.nodes and not enough():
        _branch(relaxed, limits, gap_target, state, progress)


def _branch(relaxed: Relaxation, limits: Effort, gap_target: float, state: Outcome, progress: Progress) -> None:
    """Branch and bound with HiGHS from the best solution so far, on the strengthened model."""
    model = relaxed.model
    highs = model.highs(integer=True)
    for rows in relaxed.cuts:
        rows.pass_to(highs)
    highs.setOptionValue("mip_rel_gap", gap_target)
    start_from(highs, model.column_values(state.solution))
    run_counted(highs, limits.nodes, limits.mip_iterations, lambda: progress(_("Proving how good the plan is"), 0.6))
    info = highs.getInfo()
    state.work |= {"mip_nodes": int(info.mip_node_count), "mip_iterations": int(info.simplex_iteration_count)}
    state.bound = min(state.bound, max(info.mip_dual_bound / model.scale, state.solution.objective))
    take(model, state, np.array(highs.getSolution().col_value))


def take(model: Model, state: Outcome, values: Floats) -> None:
    """Make the solution that a solver found the best one, if it is feasible and better."""
    if not len(values):
        return
    found = model.solution(values)
    if is_feasible(model.instance, found) and found.objective > state.solution.objective:
        state.solution = found
