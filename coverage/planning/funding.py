"""Whose money pays for what in a plan.

Each deal's gap is paid by funders that may pay for it, links by those that pay for links
(:mod:`coverage.planning.limits`), all within their budgets. Where there is a choice, the money that
may pay for less goes first, then the funder that comes first in the scenario. What is paid of the
links is counted to the deals in proportion to their shares of the links' public money.
"""

from __future__ import annotations

from collections.abc import Mapping

import highspy
import numpy as np
import pandas as pd

from coverage.planning.instance import Instance
from coverage.planning.kernels import Floats
from coverage.planning.limits import gap_parts, link_payers
from coverage.planning.model import BILLION, Rows
from coverage.planning.search import Solution
from coverage.solver import QuietHighs

FUNDING_COLUMNS = ["deal_id", "village_code", "funder", "amount_idr", "links_idr"]
#: Names in the table for revenue, and for public money whose funder the scenario does not name.
PROVIDER, PUBLIC = "provider", "public"
#: Amounts below this are rounding, in Rp.
_ROUNDING = 0.5


def shares(
    chosen: pd.DataFrame, problem: Instance, solution: Solution, deals: pd.DataFrame, assumptions: Mapping[str, float]
) -> pd.DataFrame:
    """Amount that every funder pays for every deal of a plan, its share of the links included.

    Parameters
    ----------
    chosen : DataFrame
        Table Chosen with ``provider_idr``.
    problem, solution
        What was solved, and its solution.
    deals : DataFrame
        Table Deals.
    assumptions : Mapping
        ``funding.*``.

    Returns
    -------
    DataFrame
        :data:`FUNDING_COLUMNS`, in order of village and funder; no rows of nothing.
    """
    gap = {problem.deal_id[o]: float(problem.gap[o]) for o in solution.options.tolist()}
    own = np.array([gap[deal] for deal in chosen.deal_id])
    links = np.maximum(0.0, chosen.subsidy_idr.to_numpy(dtype=float) - own)
    by_provider = np.maximum(0.0, chosen.backhaul_cost_pv_idr.to_numpy(dtype=float) - links)
    # What each pays in all, and of it for links.
    amounts = {PROVIDER: (chosen.provider_idr.to_numpy(dtype=float), by_provider)}
    if problem.scenario.budgets:
        paid, of_links = _divide(chosen, own, float(links.sum()), problem, deals, assumptions)
        total = max(float(of_links.sum()), 1.0)
        for k, funder in enumerate(problem.scenario.budgets):
            mine = links * (of_links[k] / total)
            amounts[funder] = (paid[k] + mine, mine)
    else:
        amounts[PUBLIC] = (chosen.subsidy_idr.to_numpy(dtype=float), links)
    table = pd.concat(
        [
            chosen[["deal_id", "village_code"]].assign(funder=f, amount_idr=amount, links_idr=on_links)
            for f, (amount, on_links) in amounts.items()
        ],
        ignore_index=True,
    )
    table = table[table.amount_idr.abs() > _ROUNDING]
    return table.sort_values(["village_code", "funder"], kind="stable").reset_index(drop=True)[FUNDING_COLUMNS]


def _divide(
    chosen: pd.DataFrame, own: Floats, links: float, problem: Instance, deals: pd.DataFrame,
    assumptions: Mapping[str, float],
) -> tuple[Floats, Floats]:  # fmt: skip
    """What each funder (row, in the scenario's order) pays of every deal's gap, and of all links together."""
    scenario = problem.scenario
    funders = list(scenario.budgets)
    offered = deals.set_index("deal_id").loc[chosen.deal_id.astype(object)].reset_index()
    parts = gap_parts(own, offered, problem.kinds, scenario, assumptions)
    jobs = [(d, who, amount) for d, mine in enumerate(parts) for who, amount in mine]
    jobs.append((-1, frozenset(link_payers(scenario, assumptions)), links))
    pairs = [(j, k) for j, (_d, who, _a) in enumerate(jobs) for k, f in enumerate(funders) if f in who]
    reach = np.bincount([k for _j, k in pairs], minlength=len(funders))
    highs, rows = QuietHighs(), Rows()
    highs.addVars(len(pairs), np.zeros(len(pairs)), np.full(len(pairs), np.inf))
    order = np.array([float(reach[k]) + k / len(funders) for _j, k in pairs])
    highs.changeColsCost(len(pairs), np.arange(len(pairs), dtype=np.int32), order)
    for j, (_d, _who, amount) in enumerate(jobs):
        mine = [c for c, (job, _k) in enumerate(pairs) if job == j]
        if mine:
            rows.add(amount / BILLION, amount / BILLION, mine, [1.0] * len(mine))
    for k, funder in enumerate(funders):
        mine = [c for c, (_j, one) in enumerate(pairs) if one == k]
        if mine:
            # A hair more than the budget, so that rounding in the plan leaves it possible.
            rows.add(-np.inf, scenario.funder_budget(funder) / BILLION + 1e-9, mine, [1.0] * len(mine))
    rows.pass_to(highs)
    highs.run()
    paid, of_links = np.zeros((len(funders), len(chosen))), np.zeros(len(funders))
    if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        for (j, k), value in zip(pairs, highs.getSolution().col_value, strict=True):
            if jobs[j][0] >= 0:
                paid[k, jobs[j][0]] += value * BILLION
            else:
                of_links[k] += value * BILLION
    return paid, of_links
