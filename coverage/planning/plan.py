"""The plan of a scenario: which deals, which links, whose money, and how good it is proven to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from coverage.planning import instance as instances
from coverage.planning.clash import start_or_explain
from coverage.planning.funding import FUNDING_COLUMNS, shares
from coverage.planning.instance import AccessTables, Instance, OptionTables
from coverage.planning.optimiser import Outcome, effort, optimise, relative_gap
from coverage.planning.pricing import Prices, price
from coverage.planning.search import ROUNDING_IDR, Solution, greedy, grow_from, improve, is_feasible, judge
from coverage.progress import Progress, silent
from coverage.scenario import Scenario
from coverage.tables import Chosen


@dataclass(frozen=True, eq=False)
class Plan:
    """The deals and links chosen for a scenario.

    Attributes
    ----------
    chosen : DataFrame
        Table Chosen, repriced with each deal's share of the chosen links, in order of
        ``village_code``; also ``provider_idr`` (what the deal's revenue pays of access and links).
    links : DataFrame
        The chosen rows of Links, in order of ``link_id``, with ``flow_mbps``, ``users`` (deals
        that use it), ``cost_pv_idr`` and ``public_idr`` (what public money pays of it).
    objective, bound : float
        Worth less the small penalty on cost, and a proven upper bound on it for any plan: index
        points, people or villages, by the scenario's objective. Where that is least cost: rupiah
        below zero, the public money and a small part (``planning.cost_penalty``) of all cost.
    gap : float
        ``(bound - objective) / bound``: how much better the best possible plan could be.
    status : str
        ``optimal``, ``gap_reached``, ``work_limit`` or ``stopped`` (by the user).
    benefit : float
        The objective without the penalty.
    greedy_objective : float
        Objective of the plan that greedy choice alone finds.
    index_gain, population_gained : float
        Totals over the plan, each person and settlement once.
    public_idr, provider_idr, cost_pv_idr : float
        Public money, what revenue pays, and the present value of all unique assets; the first two
        add up to the third.
    funding : DataFrame
        Who pays what: ``deal_id, village_code, funder, amount_idr, links_idr`` (of the amount, for
        shared links), with ``provider`` for what revenue pays, ``public`` where the scenario names
        no funders; the sum of the amounts is the cost of all unique assets.
    work : dict of str to int
        Work counted.
    reproducible : bool
        Whether the search ended on counted work (not by the user).
    """

    chosen: pd.DataFrame
    links: Any
    objective: float
    bound: float
    gap: float
    status: str
    benefit: float
    greedy_objective: float
    index_gain: float
    population_gained: float
    public_idr: float
    provider_idr: float
    cost_pv_idr: float
    funding: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FUNDING_COLUMNS))
    work: dict[str, int] = field(default_factory=dict)
    reproducible: bool = True


def plan(
    deals: pd.DataFrame,
    option_set: OptionTables,
    benefit: pd.DataFrame,
    villages: pd.DataFrame,
    access: AccessTables,
    scenario: Scenario,
    assumptions: Mapping[str, float],
    progress: Progress | None = None,
    *,
    providers: pd.DataFrame | None = None,
) -> Plan:
    """The best plan for a scenario that the counted work finds, with its proven gap.

    Parameters
    ----------
    deals, benefit, villages : DataFrame
        Tables Deals, Benefit, Villages.
    option_set : OptionTables
        Tables Options, Reach, Links and Nodes of the options room.
    access : AccessTables
        Table VillageAccess of the access room.
    scenario : Scenario
        Budget, objective, villages and technologies; ``node_limit`` scales the work, at
        ``gap_target`` the search stops.
    assumptions : Mapping
        ``planning.*``, ``funding.*``.
    progress : callable, optional
        May raise :class:`~coverage.errors.Cancelled`: the best plan found so far is returned, with
        its proven gap and ``reproducible`` false.
    providers : DataFrame, optional
        Table Providers, whose capital and crews limit the plan; without it they do not.

    Raises
    ------
    PlanningError
        Where no plan keeps all that the scenario asks: the smallest set that clashes is told.
    ScenarioError
        Where the scenario names villages that the region does not have.
    """
    instances.refuse_strangers(scenario, villages)
    build = partial(instances.build, deals, option_set, benefit, access, scenario, assumptions, villages=villages)
    work, goal, told = effort(scenario.node_limit), scenario.gap_target, progress or silent
    problem = build()
    if providers is None:
        return assemble(problem, optimise(problem, work, goal, told), deals, option_set, benefit, assumptions)
    # Limits of providers seldom bind and make the problem much larger, so they are left out where a
    # rough plan keeps them. A plan that keeps them all the same is as good as proven with them, since
    # fewer limits allow no less.
    limited = build(providers=providers)
    wider, start = np.inf, None
    if _keeps(limited, problem, improve(problem, greedy(problem), work.rounds // 4)):
        outcome = optimise(problem, work, goal, told)
        free = assemble(problem, outcome, deals, option_set, benefit, assumptions)
        if _keeps(limited, problem, outcome.solution):
            return free
        start = _cut_back(limited, solution_of(free, limited, option_set))
        if outcome.status == "stopped":
            outcome.solution = grow_from(limited, start) if is_feasible(limited, start) else start_or_explain(limited)
            return assemble(limited, outcome, deals, option_set, benefit, assumptions)
        wider = outcome.bound
    outcome = optimise(limited, work, goal, told, start)
    outcome.bound = min(outcome.bound, max(wider, outcome.solution.objective))
    problem = limited
    return assemble(problem, outcome, deals, option_set, benefit, assumptions)


def _cut_back(limited: Instance, solution: Solution) -> Solution:
    """A solution without the deals by which it breaks limits, those first that bring least for what they use."""
    limits, pick = limited.limits, solution.pick.copy()
    value = np.add.reduceat(np.append(limited.row_worth, 0.0), limited.row_start[:-1])
    while len(villages := np.flatnonzero(pick >= 0)):
        need = limits.need[:, pick[villages]]
        over = need.sum(axis=1) - limits.most
        broken = over > ROUNDING_IDR
        if not broken.any():
            break
        used = need[int(np.flatnonzero(broken)[0])]
        free = (used > 0) & ~limited.must[villages]
        if not free.any():
            break  # only what must be served is left: the caller looks whether that will do
        merit = np.where(free, value[pick[villages]] / np.where(used > 0, used, 1.0), np.inf)
        pick[villages[int(np.argmin(merit))]] = -1
    return judge(limited, pick, solution.up, solution.up_edge)


def _keeps(limited: Instance, problem: Instance, solution: Solution) -> bool:
    """Whether a solution of a problem without limits of providers keeps them."""
    limits = limited.limits
    picked = [limited.candidate[problem.deal_id[o]] for o in solution.options.tolist()]
    money = np.array([all(tag.startswith("funder:") for tag in tags) for tags in limits.tags], dtype=bool)
    used = limits.need[:, picked].sum(axis=1)
    return bool((used <= limits.most + ROUNDING_IDR)[~money].all())


def solution_of(made: Plan, problem: Instance, option_set: OptionTables) -> Solution:
    """The solution of an instance that a plan stands for; deals that the instance lacks are left out."""
    network, chosen = problem.network, set(made.chosen.option_id)
    pick = np.full(len(problem.village_code), -1, dtype=np.int64)
    deals = set(made.chosen.deal_id)
    for o, option in enumerate(problem.option_id):
        # The deal itself, or where the instance lacks it the best one on its option.
        if option in chosen and (problem.deal_id[o] in deals or pick[problem.village[o]] < 0):
            pick[problem.village[o]] = o
    built = option_set.links.link_id.isin(set(made.links.link_id)).to_numpy()
    used = [all(built[k] for k in members) for members in network.members]
    start, neighbour, edge = network.adjacency
    up = np.full(len(network.names), -1, dtype=np.int64)
    up_edge = up.copy()
    waiting = [0]
    while waiting:
        node = waiting.pop(0)
        for k in range(start[node], start[node + 1]):
            other = int(neighbour[k])
            if other != 0 and up[other] < 0 and used[edge[k]]:
                up[other], up_edge[other] = node, edge[k]
                waiting.append(other)
    lost = (pick >= 0) & (up[problem.node[pick]] < 0)
    pick[lost] = -1
    return judge(problem, pick, up, up_edge)


def assemble(
    problem: Instance,
    outcome: Outcome,
    deals: pd.DataFrame,
    option_set: OptionTables,
    benefit: pd.DataFrame,
    assumptions: Mapping[str, float],
) -> Plan:
    """Tables and totals of an outcome."""
    solution = outcome.solution
    prices = price(problem, solution)
    chosen = _chosen(problem, solution, prices, deals, option_set, benefit)
    links = _links(problem, solution, prices, option_set)
    access_cost = float(problem.access_cost[solution.options].sum())
    cost = access_cost + float(links.cost_pv_idr.sum())
    public = float(chosen.subsidy_idr.sum())
    bound = max(outcome.bound, solution.objective)
    return Plan(
        chosen=chosen,
        links=links,
        objective=solution.objective,
        bound=bound,
        gap=relative_gap(solution.objective, bound),
        status=outcome.status,
        benefit=solution.worth,
        greedy_objective=outcome.greedy_objective,
        index_gain=float(chosen.index_gain.sum()),
        population_gained=float(chosen.population_gained.sum()),
        public_idr=public,
        provider_idr=cost - public,
        cost_pv_idr=cost,
        funding=shares(chosen, problem, solution, deals, assumptions),
        work=dict(outcome.work),
        reproducible=outcome.status != "stopped",
    )


def _chosen(
    problem: Instance,
    solution: Solution,
    prices: Prices,
    deals: pd.DataFrame,
    option_set: OptionTables,
    benefit: pd.DataFrame,
) -> pd.DataFrame:
    options = solution.options
    ids = [problem.option_id[o] for o in options]
    provider = deals.set_index("deal_id").provider_id
    deal_ids = [problem.deal_id[o] for o in options]
    people = each_once(option_set.reach, ids, "population_gained")
    index = each_once(benefit, ids, "index_gain")
    access_cost = problem.access_cost[options]
    frame = pd.DataFrame(
        {
            "deal_id": pd.Series(deal_ids, dtype="str"),
            "option_id": pd.Series(ids, dtype="str"),
            "village_code": pd.Series([problem.village_code[problem.village[o]] for o in options], dtype="str"),
            "provider_id": pd.Series([provider[d] for d in deal_ids], dtype="str"),
            "access_cost_pv_idr": access_cost,
            "backhaul_cost_pv_idr": prices.share,
            "subsidy_idr": prices.subsidy,
            "population_gained": [people.get(o, 0.0) for o in ids],
            "index_gain": [index.get(o, 0.0) for o in ids],
            "provider_idr": access_cost + prices.share - prices.subsidy,
        }
    )
    frame = frame.sort_values("village_code", kind="stable").reset_index(drop=True)
    return Chosen.validate(frame)


def each_once(rows: pd.DataFrame, options: list[str], column: str) -> dict[str, float]:
    """Sum of a column per option, every settlement counted for the option that gives it most."""
    mine = rows[rows.option_id.isin(options)].sort_values(
        ["settlement_id", column, "option_id"], ascending=[True, False, True], kind="stable"
    )
    best = mine.drop_duplicates("settlement_id").groupby("option_id")[column].sum()
    return {str(option): float(value) for option, value in best.items()}


def _links(problem: Instance, solution: Solution, prices: Prices, option_set: OptionTables) -> Any:
    network = problem.network
    rows: list[tuple[int, float, int, float]] = []
    for node in np.flatnonzero(solution.up >= 0).tolist():
        edge = int(solution.up_edge[node])
        unpaid = float(prices.public[node] / network.cost[edge]) if network.cost[edge] > 0 else 0.0
        rows += [(k, float(prices.flow[node]), len(prices.users[node]), unpaid) for k in network.members[edge]]
    rows.sort()
    links = option_set.links.iloc[[r[0] for r in rows]].copy()
    links["flow_mbps"] = np.array([r[1] for r in rows], dtype=float)
    links["users"] = np.array([r[2] for r in rows], dtype=np.int64)
    links["cost_pv_idr"] = problem.link_cost[[r[0] for r in rows]]
    links["public_idr"] = links.cost_pv_idr.to_numpy(dtype=float) * np.array([r[3] for r in rows], dtype=float)
    return links.sort_values("link_id", kind="stable").reset_index(drop=True)
