"""What each budget buys: the best plan per budget, where more money starts to buy less, who enters when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from coverage.language import _, rupiah_short
from coverage.planning import instance as instances
from coverage.planning.check import AnalysisTables
from coverage.planning.instance import Floats
from coverage.planning.optimiser import effort, optimise
from coverage.planning.package import build
from coverage.planning.plan import Plan, assemble
from coverage.planning.search import Solution
from coverage.progress import Progress, part
from coverage.scenario import Scenario

BILLION = 1e9


@dataclass(frozen=True, eq=False)
class Frontier:
    """Plans for rising budgets.

    Attributes
    ----------
    points : DataFrame
        One row per budget, rising: ``budget_idr, benefit, objective, bound, gap, public_idr,
        cost_pv_idr, villages, population_gained, index_gain``, ``marginal_per_billion`` (benefit
        gained since the row before, per Rp billion of public money spent since; empty in the first
        row and where nothing more is spent) and ``knee`` (true at the budget beyond which money
        buys less than before).
    rollout : DataFrame
        One row per village that is in any plan: ``village_code``, ``enters_idr`` (least budget from
        which on it is in every plan; empty where it drops out again) and ``first_idr`` (least
        budget with it), in the order in which they enter.
    plans : dict of float to Plan
        By budget.
    """

    points: pd.DataFrame
    rollout: pd.DataFrame
    plans: dict[float, Plan]


def frontier(
    analysis: AnalysisTables, scenario: Scenario, budgets: Iterable[float], progress: Progress | None = None
) -> Frontier:
    """The best plan for each of several budgets, each begun from the plan of the budget before.

    Parameters
    ----------
    analysis : AnalysisTables
        Tables of the chain.
    scenario : Scenario
        All but the budget.
    budgets : iterable of float
        Public money, Rp; at least one.

    Raises
    ------
    PlanningError
        Where even the smallest budget cannot serve the villages that must be served.
    """
    rising = sorted({float(b) for b in budgets})
    instances.refuse_strangers(scenario, analysis.region.villages)
    problem = build(analysis, scenario.maximised())
    plans: dict[float, Plan] = {}
    best: Solution | None = None
    for k, budget in enumerate(rising):
        step = part(progress, k / len(rising), (k + 1) / len(rising))
        step(_("Planning for {budget}").format(budget=rupiah_short(budget)), 0.0)
        here = replace(problem, budget=budget)
        outcome = optimise(here, effort(scenario.node_limit), scenario.gap_target, step, best)
        best = outcome.solution
        plans[budget] = assemble(
            here, outcome, analysis.deals, analysis.option_set, analysis.benefit, analysis.assumptions
        )
    return Frontier(_points(plans), _rollout(plans), plans)


def _points(plans: dict[float, Plan]) -> pd.DataFrame:
    points = pd.DataFrame(
        {
            "budget_idr": budget,
            "benefit": made.benefit,
            "objective": made.objective,
            "bound": made.bound,
            "gap": made.gap,
            "public_idr": made.public_idr,
            "cost_pv_idr": made.cost_pv_idr,
            "villages": len(made.chosen),
            "population_gained": made.population_gained,
            "index_gain": made.index_gain,
        }
        for budget, made in plans.items()
    )
    more = points.public_idr.diff() / BILLION
    points["marginal_per_billion"] = points.benefit.diff().where(more > 1e-6) / more.where(more > 1e-6)
    knee = _knee(points.budget_idr.to_numpy(dtype=float), points.benefit.to_numpy(dtype=float))
    points["knee"] = np.arange(len(points)) == knee
    return points


def _knee(budget: Floats, benefit: Floats) -> int:
    """Point farthest above the line from first to last (Satopää and others 2011, Kneedle); -1 where none is."""
    if len(budget) < 3 or benefit[-1] <= benefit[0]:
        return -1
    x = (budget - budget[0]) / (budget[-1] - budget[0])
    y = (benefit - benefit[0]) / (benefit[-1] - benefit[0])
    above = y - x
    return int(above.argmax()) if above.max() > 1e-9 else -1


def _rollout(plans: dict[float, Plan]) -> pd.DataFrame:
    budgets = list(plans)
    inside = [set(made.chosen.village_code) for made in plans.values()]
    rows = []
    for code in sorted(set().union(*inside)):
        without = [k for k, codes in enumerate(inside) if code not in codes]
        stays = max(without, default=-1) + 1
        first = next(k for k, codes in enumerate(inside) if code in codes)
        rows.append((code, budgets[stays] if stays < len(budgets) else np.nan, budgets[first]))
    table = pd.DataFrame(rows, columns=["village_code", "enters_idr", "first_idr"])
    return table.sort_values(["enters_idr", "first_idr", "village_code"], ignore_index=True)
