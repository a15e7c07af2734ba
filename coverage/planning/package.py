"""The best that a little more money can buy, alone or on top of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from coverage.planning import instance as instances
from coverage.planning.check import AnalysisTables
from coverage.planning.instance import Instance, Ints, OptionTables
from coverage.planning.optimiser import effort, optimise
from coverage.planning.plan import Plan, assemble, solution_of
from coverage.planning.search import grow_from, is_feasible, judge
from coverage.progress import Progress, silent
from coverage.scenario import PLENTY_IDR, Scenario


@dataclass(frozen=True, eq=False)
class Package:
    """The best that an amount of money can buy.

    ``benefit``, ``index_gain``, ``population_gained``, ``public_idr`` and ``cost_pv_idr`` are what
    the package adds to the plan that it stands on, if any. ``spent_idr`` is what it takes of the
    funds that the amount was of: it may be less than the amount, and even below zero where laying
    the links anew with the package saves more than the package takes.
    """

    chosen: pd.DataFrame
    benefit: float
    index_gain: float
    population_gained: float
    spent_idr: float
    public_idr: float
    cost_pv_idr: float
    gap: float


def next_package(
    analysis: AnalysisTables,
    scenario: Scenario,
    amount_idr: float = 1e9,
    *,
    funds: Literal["public", "all"] = "public",
    on: Plan | None = None,
    progress: Progress | None = None,
) -> Package:
    """The best feasible package that an amount buys, alone or on top of a plan.

    Unlike a ratio of gain to cost, which tiny kits always win, it fills the amount. Gains of
    packages must not be added up.

    Parameters
    ----------
    analysis : AnalysisTables
        Tables of the chain.
    scenario : Scenario
        All but the budget.
    amount_idr : float
        Money, present value.
    funds : {"public", "all"}
        Whether the amount limits public money only or all that is spent, whoever pays.
    on : Plan, optional
        A plan that is carried out anyway: its deals stay, the amount comes on top.
    """
    problem = build(analysis, scenario.maximised())
    base = 0.0
    if on is not None:
        problem = keep_deals(on, problem)
        base = on.cost_pv_idr if funds == "all" else on.public_idr
    limited = replace(problem, budget=base + amount_idr)
    if funds == "all":
        limited = replace(
            limited,
            gap=problem.access_cost.copy(),
            surplus=np.zeros_like(problem.surplus),
            limits=problem.limits.without_money,
        )
    start = None if on is None else solution_of(on, limited, analysis.option_set)
    outcome = optimise(limited, effort(scenario.node_limit), scenario.gap_target, progress or silent, start)
    found = outcome.solution
    real = replace(outcome, solution=judge(problem, found.pick, found.up, found.up_edge))
    full = assemble(problem, real, analysis.deals, analysis.option_set, analysis.benefit, analysis.assumptions)
    before = set(on.chosen.deal_id) if on is not None else set()
    return Package(
        chosen=full.chosen[~full.chosen.deal_id.isin(before)].reset_index(drop=True),
        benefit=full.benefit - (on.benefit if on is not None else 0.0),
        index_gain=full.index_gain - (on.index_gain if on is not None else 0.0),
        population_gained=full.population_gained - (on.population_gained if on is not None else 0.0),
        spent_idr=found.public - base,
        public_idr=full.public_idr - (on.public_idr if on is not None else 0.0),
        cost_pv_idr=full.cost_pv_idr - (on.cost_pv_idr if on is not None else 0.0),
        gap=full.gap,
    )


def build(analysis: AnalysisTables, scenario: Scenario) -> Instance:
    """The planning problem of a scenario."""
    return instances.build(
        analysis.deals, analysis.option_set, analysis.benefit, analysis.access, scenario, analysis.assumptions,
        villages=analysis.region.villages, providers=analysis.region.providers,
    )  # fmt: skip


def keep_deals(made: Plan, problem: Instance, *, only: str | None = None) -> Instance:
    """The problem in which a plan's options stay; ``only`` names the one village that may be added."""
    inside = set(made.chosen.village_code)
    # The plan's own deals; on an option of which the instance lacks the deal, any.
    there = made.chosen.deal_id.isin(set(problem.deal_id))
    kept = set(made.chosen.deal_id[there]) | set(made.chosen.option_id[~there])
    codes = np.array(problem.village_code)
    stay = [
        o
        for o, (option, deal, code) in enumerate(
            zip(problem.option_id, problem.deal_id, codes[problem.village].tolist(), strict=True)
        )
        if option in kept or deal in kept or (code not in inside and only in (None, code))
    ]
    must = problem.must | np.isin(codes, [*inside, only or ""])
    return replace(_only(problem, np.array(stay, dtype=np.int64)), must=must)


def on_top(made: Plan, problem: Instance, option_set: OptionTables, village_code: str) -> tuple[float, float]:
    """Public money and cost (Rp) that serving a village beside all of a plan takes, by greedy growth."""
    small = replace(keep_deals(made, problem, only=village_code), budget=PLENTY_IDR)
    found = grow_from(small, solution_of(made, small, option_set))
    if not is_feasible(small, found):
        return float("inf"), float("inf")
    return found.public - made.public_idr, found.cost - made.cost_pv_idr


def _only(problem: Instance, options: Ints) -> Instance:
    """The instance with some of its options only."""
    rows = [np.arange(problem.row_start[o], problem.row_start[o + 1]) for o in options.tolist()]
    take = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
    return replace(
        problem,
        option_id=[problem.option_id[o] for o in options],
        deal_id=[problem.deal_id[o] for o in options],
        village=problem.village[options],
        node=problem.node[options],
        demand=problem.demand[options],
        gap=problem.gap[options],
        surplus=problem.surplus[options],
        access_cost=problem.access_cost[options],
        row_start=np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64),
        row_settlement=problem.row_settlement[take],
        row_worth=problem.row_worth[take],
        limits=problem.limits.of(options),
    )
