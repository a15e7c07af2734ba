"""Plans that stay good when the assumptions are wrong: regret over draws, and the plan with least of it.

A plan is carried out in the order of its worth per public rupiah; a deal that the scenario's budget
no longer pays for at the draw's costs is left out; its regret is what it then lacks against the best of all candidate
plans in the same draw. Candidates are planned for single draws and for the mean of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.errors import PlanningError
from coverage.language import _
from coverage.options import social_cost
from coverage.planning.factors import Draws
from coverage.planning.plan import Plan, plan
from coverage.planning.rescoring import Outcomes, Rescorer, ScoredTables
from coverage.progress import Progress, part, silent
from coverage.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Work of the optimiser on each candidate (:func:`coverage.planning.optimiser.effort`).
_NODES = 40


@dataclass(frozen=True, eq=False)
class Carried:
    """A plan over the draws, arrays of shape (draws,): worth and people within the budget, what all of it would take.

    ``worth`` and ``people`` count what the budget pays for in the draw; ``whole`` the worth of all
    of the plan and ``public_idr`` the public money that all of it takes.
    """

    worth: Floats
    people: Floats
    whole: Floats
    public_idr: Floats


@dataclass(frozen=True, eq=False)
class Robust:
    """The robust plan beside the nominal one.

    Attributes
    ----------
    plan : Plan
        The plan with the greatest share of draws of little regret; the nominal one where none is
        better.
    is_nominal : bool
        Whether it is the nominal plan.
    candidates : DataFrame
        One row per candidate, the nominal plan first: ``within`` (share of draws in which the
        regret is at most the allowed one), ``regret_mean, regret_90`` (90th percentile, share),
        ``worth_mean``, ``villages``, ``public_90_idr``.
    holds : bool
        Whether the robust plan keeps the allowed regret in the required share of draws.
    """

    plan: Plan
    is_nominal: bool
    candidates: pd.DataFrame
    best: int
    holds: bool


def worth_of_rows(outcomes: Outcomes, rows: pd.DataFrame, scenario: Scenario, tables: ScoredTables) -> Floats:
    """What every row of the reach is worth under the scenario's objective, shape (draws, rows)."""
    worth = outcomes.gain if scenario.measure in ("index_gain", "equity") else outcomes.people
    weight = scenario.equity_weight
    if scenario.measure == "equity" and weight <= 0:
        weight = tables.assumptions["planning.equity_weight"]
    if weight > 0 and scenario.measure != "villages":
        need = tables.access.villages.set_index("village_code")["need"]
        extra = rows["village_code"].map(need).astype(float).fillna(0.0).to_numpy() / 100.0
        worth = worth * (1.0 + weight * extra)
    return worth


def carry_out(
    made: Plan, scorer: Rescorer, outcomes: Outcomes, worth: Floats, link_at: Ints, budget_idr: float
) -> Carried:
    """A plan in every draw.

    The links of the plan are shared as in the plan itself; their cost follows the draw.

    Parameters
    ----------
    scorer, outcomes : Rescorer, Outcomes
        Of at least the options of the plan.
    worth : ndarray, shape (draws, rows)
        :func:`worth_of_rows`.
    link_at : ndarray of int
        Columns of ``outcomes.link`` that are the plan's links.
    """
    at = pd.Index(scorer.deals["option_id"]).get_indexer(made.chosen["option_id"])
    chosen, at = made.chosen[at >= 0], at[at >= 0]  # a deal that reaches nobody is worth nothing
    share = chosen["backhaul_cost_pv_idr"].to_numpy(float)
    links = outcomes.link[:, link_at].sum(axis=1)
    planned = float(made.links["cost_pv_idr"].sum())
    ratio = links / planned if planned > 0 else np.ones(len(outcomes))
    public = np.maximum(0.0, ratio[:, None] * share - outcomes.value[:, at])
    merit = chosen["index_gain"].to_numpy(float)
    merit = merit if merit.sum() > 0 else chosen["population_gained"].to_numpy(float)
    order = np.argsort(-merit / np.maximum(chosen["subsidy_idr"].to_numpy(float), 1.0), kind="stable")
    built = np.zeros_like(public, dtype=bool)
    spent = np.zeros(len(outcomes))
    for deal in order.tolist():
        built[:, deal] = spent + public[:, deal] <= budget_idr + 1.0
        spent += public[:, deal] * built[:, deal]
    rows = np.flatnonzero(np.isin(scorer.reach.option, at))
    deal_of_row = pd.Index(at).get_indexer(scorer.reach.option[rows])
    settlement = scorer.reach.settlement[rows]
    by_place = np.argsort(settlement, kind="stable")
    rows, deal_of_row = rows[by_place], deal_of_row[by_place]
    starts = np.flatnonzero(np.diff(settlement[by_place], prepend=-1))

    def once(values: Floats, mask: NDArray[np.bool_]) -> Floats:
        """Sum over settlements of the best that the built deals bring there."""
        if not rows.size:
            return np.zeros(len(values))
        best = np.maximum.reduceat(values[:, rows] * mask[:, deal_of_row], starts, axis=1)
        return np.asarray(best.sum(axis=1), dtype=float)

    everything = np.ones_like(built)
    return Carried(once(worth, built), once(outcomes.people, built), once(worth, everything), public.sum(axis=1))


def plan_for(
    tables: ScoredTables, scorer: Rescorer, outcomes: Outcomes, scenario: Scenario, link_cost: Floats
) -> Plan | None:
    """The plan that would be made if the mean of some outcomes were the truth; None where there is none."""
    rows = scorer.reach.rows
    keys = rows[["option_id", "settlement_id", "village_code"]]
    gain, people = outcomes.gain.mean(axis=0), outcomes.people.mean(axis=0)
    some = (gain > 0) | (people > 0)
    reach = keys.assign(population_reached=people, population_gained=people)[some]
    access, route, value = (getattr(outcomes, name).mean(axis=0) for name in ("access", "route", "value"))
    deals = scorer.deals.assign(access_cost_pv_idr=access, backhaul_cost_pv_idr=route, npv_idr=value - route)
    deals["subsidy_idr"] = (-deals["npv_idr"]).clip(lower=0.0)
    # Bought once and worn out at the horizon: its cost is then its first payment.
    life = float(round(tables.assumptions["funding.horizon_years"]))
    links = tables.option_set.links.assign(capex_idr=link_cost, opex_idr_per_year=0.0, lifetime_years=life)
    try:
        return plan(
            deals,
            replace(tables.option_set, links=links, reach=reach),
            keys.assign(index_gain=gain)[some],
            tables.region.villages,
            tables.access,
            scenario.model_copy(update={"node_limit": min(_NODES, scenario.node_limit)}),
            tables.assumptions,
        )
    except PlanningError:
        return None


def robust(
    nominal: Plan,
    tables: ScoredTables,
    scorer: Rescorer,
    draws: Draws,
    outcomes: Outcomes,
    scenario: Scenario,
    candidates: int = 6,
    progress: Progress | None = None,
) -> tuple[Robust, list[Carried]]:
    """The plan that is rarely far from the best, among the nominal plan and plans made for other assumptions.

    Parameters
    ----------
    nominal : Plan
        The plan at the assumptions in force.
    outcomes : Outcomes
        Of ``draws``, with all links of the region.
    candidates : int
        Plans made beside the nominal one: for the mean of all draws, then for single draws.
    """
    tell = part(progress, 0.0, 1.0) if progress else silent
    plans = [nominal]
    for k in range(candidates):
        tell(_("Planning for other assumptions"), k / max(candidates, 1))
        # The mean of all, then draws spread over the sample.
        some = outcomes if k == 0 else outcomes.only((k - 1) * len(draws) // max(candidates - 1, 1))
        made = plan_for(tables, scorer, some, scenario, some.link.mean(axis=0))
        if made is not None and len(made.chosen):
            plans.append(made)
    worth = worth_of_rows(outcomes, scorer.reach.rows, scenario, tables)
    names = tables.option_set.links["link_id"]
    carried = []
    for made in plans:
        at = np.flatnonzero(names.isin(set(made.links["link_id"])).to_numpy())
        repriced = made if made is nominal else _at_nominal(made, tables, at)
        carried.append(carry_out(repriced, scorer, outcomes, worth, at, scenario.budget_idr))
    best_worth = np.max([c.worth for c in carried], axis=0)
    regrets = [1.0 - c.worth / np.maximum(best_worth, 1e-12) for c in carried]
    allowed, needed = tables.assumptions["uncertainty.regret_allowed"], tables.assumptions["uncertainty.regret_share"]
    table = pd.DataFrame(
        {
            "within": [float((r <= allowed + 1e-9).mean()) for r in regrets],
            "regret_mean": [float(r.mean()) for r in regrets],
            "regret_90": [float(np.quantile(r, 0.9)) for r in regrets],
            "worth_mean": [float(c.worth.mean()) for c in carried],
            "villages": [len(made.chosen) for made in plans],
            "public_90_idr": [float(np.quantile(c.public_idr, 0.9)) for c in carried],
        }
    )
    order = table.sort_values(["within", "worth_mean"], ascending=False, kind="stable").index
    best = int(order[0])
    held = bool(table["within"][best] >= needed)
    return Robust(plans[best], best == 0, table, best, held), carried


def _at_nominal(made: Plan, tables: ScoredTables, at: Ints) -> Plan:
    """The plan with its links' shares scaled to what they cost at the assumptions in force."""
    cost = social_cost(tables.option_set.links, tables.assumptions)[at]
    before = float(made.links["cost_pv_idr"].sum())
    ratio = float(cost.sum()) / before if before > 0 else 1.0
    chosen = made.chosen.assign(backhaul_cost_pv_idr=made.chosen["backhaul_cost_pv_idr"] * ratio)
    return replace(made, chosen=chosen, links=made.links.assign(cost_pv_idr=cost))
