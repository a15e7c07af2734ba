"""The order of the search: greedy, neighbourhood search, relaxation with root cuts, branch and bound.

Everything stops on counted work: rounds of the neighbourhood search, rounds of cuts, simplex
iterations, nodes. The wall clock plays no part, so the same problem gives the same plan on a busy
machine as on an idle one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import highspy
import numpy as np

from coverage.errors import Cancelled
from coverage.language import _
from coverage.planning.clash import start_or_explain
from coverage.planning.instance import Floats, Instance
from coverage.planning.model import Model, Rows
from coverage.planning.relaxation import Found, Relaxation, run_counted, start_from
from coverage.planning.search import Solution, greedy, improve, is_feasible, without_scarce_roots
from coverage.planning.watch import watched
from coverage.progress import Progress

#: Simplex iterations that a relaxation takes per column, as measured on regions of 20 to 223 villages.
_ITERATIONS_PER_COLUMN = 0.7
#: Columns up to which branch and bound works on all links: on more it proves next to nothing in minutes, whose
#: inner searches count no steps.
_MOST_BRANCHED = 10_000
#: Worth of a rupiah of public money where search lets deals come in that only pay for others' links, as a
#: share of what the plan gains per rupiah of its budget.
_MONEY = 0.5


@dataclass(frozen=True)
class Effort:
    """How much work each stage may do.

    Attributes
    ----------
    rounds : int
        Rounds of the neighbourhood search, before and again after the relaxation.
    cut_rounds : int
        Rounds of root cuts on the relaxation.
    lp_work : int
        Simplex iterations times columns of the model, for the relaxations and their cuts all together. A
        larger model is begun only where the work that it is likely to take is left.
    merge_steps : int
        Solver steps on the links that good plans and the relaxation use, where the relaxation was that of
        the complete model; 0: none.
    nodes, steps : int
        Nodes and solver steps of branch and bound on all links; 0: none.
    """

    rounds: int
    cut_rounds: int
    lp_work: int
    merge_steps: int
    nodes: int
    steps: int


def effort(node_limit: int) -> Effort:
    """The work that a scenario's ``node_limit`` stands for.

    The default of 200 answers a moved budget slider; 1,000 is for a plan to be decided upon.
    """
    deep = node_limit > 200
    return Effort(
        rounds=4 * node_limit,
        cut_rounds=max(4, node_limit // (25 if deep else 50)),
        lp_work=(900_000 if deep else 500_000) * node_limit,
        merge_steps=max(30, node_limit // 4) if deep else 30,
        nodes=node_limit,
        steps=node_limit // 4 if deep else 0,
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

    def keep(self, found: Solution) -> None:
        """Make it the best one if it is better."""
        if found.objective > self.solution.objective:
            self.solution = found

    @property
    def gap(self) -> float:
        """Share by which the best possible plan could be better."""
        return relative_gap(self.solution.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """``(bound - objective) / bound``, 0 where both are (nearly) equal; of costs (below zero) over the objective."""
    if not np.isfinite(bound):
        return 1.0
    if bound - objective <= 1e-9 * max(1e-9, abs(bound)):
        return 0.0
    return float((bound - objective) / max(abs(bound), abs(min(objective, 0.0)), 1e-12))


def optimise(
    instance: Instance, limits: Effort, gap_target: float, progress: Progress, start: Solution | None = None
) -> Outcome:
    """Search for the best solution of an instance.

    A cancelled search keeps the best plan found and its proven gap (status ``stopped``). ``start`` is
    a feasible solution to begin with, for instance that of a smaller budget.

    Raises
    ------
    PlanningError
        Where no solution keeps all constraints: what clashes is told.
    """
    if start is not None and is_feasible(instance, start):
        rough = greedy(instance)
        usable = is_feasible(instance, rough)
        state = Outcome(start, np.inf, "work_limit", rough.objective if usable else start.objective)
        if usable:
            state.keep(rough)
    else:
        first = start_or_explain(instance)
        if instance.least_cost:
            first = improve(instance, first, 0)  # greedy growth on less and less money
        state = Outcome(first, np.inf, "work_limit", first.objective)
    try:
        _search(instance, limits, gap_target, state, progress)
    except Cancelled:
        state.status = "stopped"
    if state.gap <= gap_target:
        state.status = "optimal" if state.gap <= 1e-6 else "gap_reached"
    return state


def _search(instance: Instance, limits: Effort, gap_target: float, state: Outcome, progress: Progress) -> None:
    searching = partial(progress, _("Looking for good plans"))
    proving = partial(progress, _("Proving how good the plan is"))

    def look_for(problem: Instance, start: Solution, rounds: int, seed: int, share: float, **ways: Any) -> Solution:
        return watched(lambda: improve(problem, start, rounds, seed, **ways), lambda: searching(share))

    searching(0.0)
    pool = [look_for(instance, state.solution, limits.rounds // 2, 0, 0.0)]
    state.keep(pool[0])
    begun = []
    for problem in without_scarce_roots(instance):
        rough = greedy(problem)
        if is_feasible(problem, rough):
            begun.append(look_for(problem, rough, limits.rounds // 5, 0, 0.05))
    begun.sort(key=lambda solution: -solution.objective)
    for seed, solution in enumerate(begun[:2]):
        pool.append(look_for(instance, solution, limits.rounds // 2, seed, 0.1))
        state.keep(pool[-1])
    relaxed = _relax(instance, limits, gap_target, state, proving)
    if state.gap <= gap_target:
        return
    for seed, money in ((1, 0.0), (2, 0.0), (3, _MONEY)):
        pool.append(look_for(instance, state.solution, limits.rounds // 2, seed, 0.4, money=money, **_liked(relaxed)))
        state.keep(pool[-1])
    state.work["search_rounds"] = 5 * limits.rounds // 2
    if not relaxed.model.complete:
        return
    if limits.merge_steps and state.gap > gap_target:
        sides = _common(relaxed, pool, state)
        _branch(relaxed, limits.merge_steps, limits, gap_target, state, lambda: proving(0.5), sides)
        for seed in (4, 5):
            better = look_for(instance, state.solution, limits.rounds // 2, seed, 0.6, money=_MONEY, **_liked(relaxed))
            state.keep(better)
    if limits.steps and state.gap > gap_target and relaxed.model.columns <= _MOST_BRANCHED:
        _branch(relaxed, limits.steps, limits, gap_target, state, lambda: proving(0.7))


def _relax(
    instance: Instance, limits: Effort, gap_target: float, state: Outcome, proving: Callable[[float], None]
) -> Relaxation:
    """The strongest relaxation that the work allows, with root cuts found on the smallest one first."""
    left = limits.lp_work
    state.work |= {"cut_rounds": 0, "lp_iterations": 0}

    def told() -> None:
        proving(0.2 + 0.2 * min(1.0, 1.0 - left / limits.lp_work))

    def strengthened(model: Model, cuts: list[Rows]) -> Relaxation:
        nonlocal left
        relaxed = Relaxation(model, cuts)

        def enough() -> bool:
            state.bound = min(state.bound, relaxed.bound / model.scale)
            return state.gap <= gap_target

        told()
        relaxed.strengthen(limits.cut_rounds, max(1, left // max(1, model.columns)), enough, told)
        enough()
        left -= relaxed.iterations * model.columns
        state.work["cut_rounds"] += relaxed.rounds
        state.work["lp_iterations"] += relaxed.iterations
        return relaxed

    relaxed = strengthened(Model(instance, flow=False, payments=False), [])
    for flow in (True, False):
        if state.gap <= gap_target:
            break
        model = Model(instance, flow=flow)
        if limits.steps or _ITERATIONS_PER_COLUMN * model.columns**2 <= left:
            relaxed = strengthened(model, relaxed.cuts)
            break
    return relaxed


def _common(relaxed: Relaxation, pool: list[Solution], state: Outcome) -> tuple[Floats, Floats]:
    """Sides of the columns that leave only the links that good plans or the relaxation use."""
    model = relaxed.model
    least, most = relaxed.fixed(state.solution.objective * model.scale)
    used = np.isin(model.edge, np.concatenate([s.up_edge for s in pool])) | (relaxed.values[model.y] > 0.01)
    most[model.y] *= used
    return np.minimum(least, most), most


def _liked(relaxed: Relaxation) -> dict[str, Floats]:
    """What neighbourhood search should favour: options and links that the relaxation uses."""
    model = relaxed.model
    favour = 0.1 + np.clip(relaxed.values[model.x], 0.0, 1.0)
    used = np.bincount(model.edge, relaxed.values[model.y], minlength=len(model.instance.network.cost))
    ways = model.instance.network.cost * (1.0 - 0.9 * np.clip(used, 0.0, 1.0))
    return {"favour": favour, "ways": ways}


def _branch(
    relaxed: Relaxation,
    steps: int,
    limits: Effort,
    gap_target: float,
    state: Outcome,
    check: Callable[[], None],
    sides: tuple[Floats, Floats] | None = None,
) -> None:
    """Branch and bound with HiGHS from the best solution so far, on the strengthened model.

    Between given ``sides`` of the columns it only looks for better plans; without them it also
    proves, leaving out columns whose use would fall below the best plan (reduced costs).
    """
    model = relaxed.model
    least, most = sides or relaxed.fixed(state.solution.objective * model.scale)
    highs = model.highs(integer=True, least=least, most=most)
    for rows in relaxed.cuts:
        rows.pass_to(highs)
    highs.setOptionValue("mip_rel_gap", 0.5 * gap_target if sides else gap_target)
    start = model.column_values(state.solution)
    if ((start >= least - 1e-9) & (start <= most + 1e-9)).all():
        start_from(highs, start)
    found = Found()
    try:
        run_counted(highs, limits.nodes, steps, check, found)
        values = np.array(highs.getSolution().col_value)
        if len(values) and highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            found.values = values
        found.bound = float(highs.getInfo().mip_dual_bound)
    finally:
        name = "merge" if sides else "branch"
        state.work |= {f"{name}_steps": found.steps}
        if found.values is not None:
            better = model.solution(found.values)
            if is_feasible(model.instance, better):
                state.keep(better)
        if sides is None and np.isfinite(found.bound):
            state.bound = min(state.bound, max(found.bound / model.scale, state.solution.objective))
