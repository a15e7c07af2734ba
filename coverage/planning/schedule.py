"""When to build what: a plan spread over years, as a second stage with its own gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import pandas as pd

from coverage.errors import PlanningError
from coverage.language import _, rupiah
from coverage.planning.check import AnalysisTables
from coverage.planning.funding import PROVIDER
from coverage.planning.kernels import Floats, Ints
from coverage.planning.model import BILLION, Rows
from coverage.planning.optimiser import relative_gap
from coverage.planning.plan import Plan
from coverage.planning.relaxation import run_counted
from coverage.scenario import Scenario
from coverage.solver import QuietHighs

#: Counted work: nodes and solver steps of branch and bound.
_NODES, _STEPS = 2_000, 4_000


@dataclass(frozen=True, eq=False)
class Schedule:
    """Year in which every deal and link of a plan is built.

    Attributes
    ----------
    deals : DataFrame
        ``deal_id, village_code, year`` (1 is the first), in order of year and village.
    links : DataFrame
        ``link_id, year``.
    years : DataFrame
        One row per year: ``year, budget_idr, public_idr, villages, population_gained, index_gain``
        (of that year), and ``<funder>_budget_idr, <funder>_public_idr`` for every funder with a budget.
    objective, bound, gap : float
        Benefit times the years that it is enjoyed, its proven bound, and how much better the best
        schedule of this plan could be.
    """

    deals: pd.DataFrame
    links: pd.DataFrame
    years: pd.DataFrame
    objective: float
    bound: float
    gap: float


def schedule(
    made: Plan,
    analysis: AnalysisTables,
    budgets_idr: Sequence[float] | None = None,
    scenario: Scenario | None = None,
) -> Schedule:
    """Spread a plan over years so that most benefit is enjoyed for longest.

    A deal is built no earlier than the links on its way; what is not spent in a year may be spent
    later. A link's public money falls due in the year in which it is built, a deal's own gap in
    its year. Benefit is index gain (people, where nothing gains index points), from the year of
    building to the last year of the budgets. Where the scenario gives budgets per funder, every
    funder pays in each year what the plan's table of funding says of what is built, out of what it has
    given by then; crews of a provider (``build_limit``) build in every year their even part, rounded up.

    Parameters
    ----------
    made : Plan
        A sound plan.
    analysis : AnalysisTables
        The tables that it was made from.
    budgets_idr : sequence of float, optional
        Public money of every year, in present value; without it the scenario's.
    scenario : Scenario, optional
        Whose budgets per funder and year hold.

    Raises
    ------
    PlanningError
        Where no years are given, or the money of all years together does not pay for the plan.
    """
    purses = _purses(made, analysis, budgets_idr, scenario)
    years, deals, things = len(purses[0].yearly), len(made.chosen), len(made.chosen) + len(made.links)
    worth = made.chosen.index_gain.to_numpy(dtype=float)
    worth = worth if worth.sum() > 0 else made.chosen.population_gained.to_numpy(dtype=float)
    scale = 1000.0 / (worth.sum() * years) if worth.sum() > 0 else 1.0
    # Column k * years + t: thing k (deals, then links) stands from year t on.
    count = things * years
    highs = QuietHighs()
    highs.addVars(count, np.zeros(count), np.ones(count))
    cost = np.zeros(things)
    cost[:deals] = worth * scale
    columns = np.arange(count, dtype=np.int32)
    highs.changeColsCost(count, columns, np.repeat(cost, years))
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    highs.changeColsIntegrality(count, columns, np.ones(count, dtype=np.uint8))
    rows = _rows(_ways(made, analysis), purses, years, things)
    _crews(rows, made, analysis, years)
    rows.pass_to(highs)
    highs.setOptionValue("mip_rel_gap", 1e-6)
    run_counted(highs, _NODES, _STEPS)
    stands = np.array(highs.getSolution().col_value).reshape(things, years) > 0.5
    when = years - stands.sum(axis=1) + 1
    objective = float((stands[:deals].sum(axis=1) * worth).sum())
    bound = max(objective, float(highs.getInfo().mip_dual_bound) / scale) if things else 0.0
    tables = _tables(made, when, purses)
    return Schedule(*tables, objective, bound, relative_gap(objective, bound))


@dataclass(frozen=True)
class _Purse:
    """Money of one funder (``""``: of all): by year, and what it pays of every thing."""

    funder: str
    yearly: tuple[float, ...]
    pays: Floats


def _purses(
    made: Plan, analysis: AnalysisTables, budgets_idr: Sequence[float] | None, scenario: Scenario | None
) -> list[_Purse]:
    """The money of all together, then of every funder with a budget of its own."""
    by_funder = {f: scenario.yearly(f) for f in scenario.budgets} if scenario is not None else {}
    if budgets_idr is None:
        budgets_idr = [sum(year) for year in zip(*by_funder.values(), strict=True)]
    if len(budgets_idr) == 0:
        raise PlanningError(_("A schedule needs the money of every year"), todo=_("Give a budget per year"))
    if sum(budgets_idr) < made.public_idr - 1.0:
        raise PlanningError(
            _("The yearly budgets add up to {total}, but the plan takes {public}").format(
                total=rupiah(sum(budgets_idr)), public=rupiah(made.public_idr)
            ),
            todo=_("Raise the budgets or add a year"),
        )
    own, links = _own_gap(made, analysis), made.links.public_idr.to_numpy(dtype=float)
    purses = [_Purse("", tuple(budgets_idr), np.concatenate([own, links]))]
    public = made.funding[made.funding.funder != PROVIDER]
    total = max(float(public.links_idr.sum()), 1.0)
    for funder, yearly in by_funder.items():
        mine = public[public.funder == funder].set_index("deal_id")
        deals = (mine.amount_idr - mine.links_idr).reindex(made.chosen.deal_id).fillna(0.0).to_numpy(dtype=float)
        part = float(mine.links_idr.sum()) / total
        paid = (*yearly, *[0.0] * len(budgets_idr))[: len(budgets_idr)]
        purses.append(_Purse(funder, paid, np.concatenate([deals, part * links])))
    return purses


def _own_gap(made: Plan, analysis: AnalysisTables) -> Floats:
    """Public money of every deal that is not for links: what its value before backhaul lacks."""
    offered = analysis.deals.set_index("deal_id").loc[made.chosen.deal_id.astype(object)]
    value = (offered.npv_idr + offered.backhaul_cost_pv_idr).to_numpy(dtype=float)
    return np.asarray(np.maximum(0.0, -value), dtype=float)


def _rows(ways: list[list[int]], purses: list[_Purse], years: int, things: int) -> Rows:
    rows = Rows()
    for k in range(things):
        for t in range(years - 1):  # what stands goes on standing
            rows.add(0.0, np.inf, [k * years + t + 1, k * years + t], [1.0, -1.0])
        rows.add(1.0, 1.0, [k * years + years - 1], [1.0])
    for d, way in enumerate(ways):
        for link in way:
            for t in range(years):
                rows.add(0.0, np.inf, [(len(ways) + link) * years + t, d * years + t], [1.0, -1.0])
    for purse in purses:
        paying = np.flatnonzero(purse.pays > 0)
        for t in range(years):
            ready = float(sum(purse.yearly[: t + 1])) / BILLION * (1 + 1e-9) + 1e-8
            rows.add(-np.inf, ready, (paying * years + t).tolist(), (purse.pays[paying] / BILLION).tolist())
    return rows


def _crews(rows: Rows, made: Plan, analysis: AnalysisTables, years: int) -> None:
    """A provider's crews build in every year at most their even part of what they can build in all."""
    providers = analysis.region.providers
    if providers is None or "build_limit" not in providers:
        return
    for provider, limit in zip(providers.provider_id, providers.build_limit, strict=True):
        mine = np.flatnonzero((made.chosen.provider_id == provider).to_numpy())
        if not np.isfinite(limit) or not len(mine):
            continue
        for t in range(years):
            before = [-1.0] * len(mine) if t else []
            index = (mine * years + t).tolist() + ((mine * years + t - 1).tolist() if t else [])
            rows.add(-np.inf, float(np.ceil(limit / years)), index, [1.0] * len(mine) + before)


def _ways(made: Plan, analysis: AnalysisTables) -> list[list[int]]:
    """Links on the way of every deal to its root, as rows of the plan's links."""
    nodes = analysis.option_set.nodes
    around: dict[str, list[tuple[str, int]]] = {}
    for k, (a, b) in enumerate(zip(made.links.source, made.links.target, strict=True)):
        around.setdefault(a, []).append((b, k))
        around.setdefault(b, []).append((a, k))
    roots = sorted(set(nodes.node[nodes.is_root.to_numpy(dtype=bool)]) & set(around))
    up: dict[str, tuple[str, int] | None] = dict.fromkeys(roots)
    waiting = list(roots)
    for node in waiting:
        for other, k in around[node]:
            if other not in up:
                up[other] = (node, k)
                waiting.append(other)
    node_of = analysis.option_set.options.set_index("option_id").node
    ways = []
    for option in made.chosen.option_id:
        way: list[int] = []
        at = up.get(str(node_of[option]))
        while at is not None:
            way.append(at[1])
            at = up[at[0]]
        ways.append(way)
    return ways


def _tables(made: Plan, when: Ints, purses: list[_Purse]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    count, last = len(made.chosen), len(purses[0].yearly)
    deals = made.chosen[["deal_id", "village_code", "population_gained", "index_gain"]].assign(year=when[:count])
    links = pd.DataFrame(made.links[["link_id"]]).assign(year=when[count:])
    years = pd.DataFrame({"year": np.arange(1, last + 1)})
    for purse in purses:
        name = f"{purse.funder}_" if purse.funder else ""
        years[f"{name}budget_idr"] = np.asarray(purse.yearly, dtype=float)
        years[f"{name}public_idr"] = np.bincount(when, purse.pays, minlength=last + 1)[1:]
    years["villages"] = np.bincount(when[:count], minlength=last + 1)[1:]
    for column in ("population_gained", "index_gain"):
        years[column] = np.bincount(when[:count], deals[column].to_numpy(), minlength=last + 1)[1:]
    deals = deals[["deal_id", "village_code", "year"]].sort_values(["year", "village_code"], ignore_index=True)
    return deals, links.sort_values(["year", "link_id"], ignore_index=True), years
