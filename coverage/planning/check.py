"""Verification of a plan without the solver: every rule is checked again on the tables alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import networkx as nx
import numpy as np
import pandas as pd

from coverage.language import _, number, rupiah
from coverage.planning import instance as instances
from coverage.planning.funding import PROVIDER
from coverage.planning.instance import AccessTables, Instance, OptionTables
from coverage.planning.limits import link_payers, most_of, payers
from coverage.planning.optimiser import relative_gap
from coverage.planning.plan import Plan
from coverage.planning.search import objective_of
from coverage.scenario import Scenario

#: Rounding allowed in sums of money, in Rp, and in relative terms elsewhere.
RUPIAH = 1.0
SMALL = 1e-6
#: Rounding allowed in a sum over all deals, in times of one sum's.
ROWS = 5


class RegionTables(Protocol):
    """What checking reads of a region."""

    @property
    def villages(self) -> Any:
        """Table Villages."""

    @property
    def providers(self) -> pd.DataFrame | None:
        """Table Providers; none where providers have no limits."""


class AnalysisTables(Protocol):
    """What checking reads of an analysis."""

    @property
    def region(self) -> RegionTables:
        """The region."""

    @property
    def deals(self) -> pd.DataFrame:
        """Table Deals."""

    @property
    def option_set(self) -> OptionTables:
        """Options, reach, links and nodes."""

    @property
    def benefit(self) -> pd.DataFrame:
        """Table Benefit."""

    @property
    def access(self) -> AccessTables:
        """Access per village."""

    @property
    def assumptions(self) -> Mapping[str, float]:
        """Assumptions in force."""


@dataclass(frozen=True)
class _Case:
    plan: Plan
    analysis: AnalysisTables
    scenario: Scenario
    problem: Instance
    rows: pd.DataFrame

    @property
    def link_cost(self) -> float:
        """Present value of the plan's links, each once, from the Links table."""
        table = self.analysis.option_set.links
        return float(self.problem.link_cost[table.link_id.isin(set(self.plan.links.link_id)).to_numpy()].sum())


def check_plan(plan: Plan, analysis: AnalysisTables, scenario: Scenario) -> list[str]:
    """Check every rule of a plan again, without a solver.

    Deals, villages and technologies are those that the scenario allows; one main deal per village;
    budget; whose money pays for what, and how much; capital and crews of providers; minimum shares; the
    target; every deal connected to a root; capacities; no person counted twice; what funders pay
    adds up to the unique assets; no provider loses; objective and gap recomputed.

    Parameters
    ----------
    plan : Plan
        The plan.
    analysis : AnalysisTables
        The tables that it was made from: ``deals, option_set, benefit, region.villages, access,
        assumptions``.
    scenario : Scenario
        The scenario that it answers.

    Returns
    -------
    list of str
        One sentence per broken rule, in the reader's language; empty where the plan is sound.
    """
    chosen = plan.chosen
    told = [
        _("Deal {deal} is not in the list of deals").format(deal=deal)
        for deal in sorted(set(chosen.deal_id) - set(analysis.deals.deal_id))
    ]
    told += [
        _("Link {link} is not in the list of links").format(link=link)
        for link in sorted(set(plan.links.link_id) - set(analysis.option_set.links.link_id))
    ]
    if told:
        return told
    problem = instances.build(
        analysis.deals, analysis.option_set, analysis.benefit, analysis.access, scenario, analysis.assumptions,
        villages=analysis.region.villages, providers=analysis.region.providers,
    )  # fmt: skip
    options = analysis.option_set.options[["option_id", "technology", "node", "backhaul_mbps"]]
    money = ["provider_id", "business_model", "npv_idr", "backhaul_cost_pv_idr", "access_cost_pv_idr"]
    offered = analysis.deals[["deal_id", "option_id", "village_code", *money]]
    rows = chosen.merge(offered, on="deal_id", suffixes=("", "_offered")).merge(options, on="option_id")
    case = _Case(plan, analysis, scenario, problem, rows)
    checks: tuple[Callable[[_Case], list[str]], ...] = (
        _allowed, _one_each, _budget, _connected, _capacities, _counted_once, _funders, _nobody_loses, _proof,
        _paid_by_whom, _providers, _minimum, _target,
    )  # fmt: skip
    return [sentence for check in checks for sentence in check(case)]


def _allowed(case: _Case) -> list[str]:
    rows, scenario = case.rows, case.scenario
    access = case.analysis.access.villages
    pinned = case.analysis.deals.village_code[case.analysis.deals.deal_id.isin(scenario.pinned)]
    unknown = set(access.village_code[access.access_class == "unknown"]) - set(scenario.must) - set(pinned)
    told = []
    for row in rows.to_dict("records"):
        village = row["village_code"]
        if row["option_id"] != row["option_id_offered"] or village != row["village_code_offered"]:
            told.append(_("Deal {deal} stands in the plan with another option or village").format(deal=row["deal_id"]))
        if row["technology"] not in scenario.technologies:
            told.append(_("Village {village}: its technology is not allowed").format(village=village))
        if scenario.business_models and row["business_model"] not in scenario.business_models:
            told.append(_("Village {village}: its business model is not allowed").format(village=village))
        if row["deal_id"] in scenario.forbidden:
            told.append(_("Deal {deal} is ruled out, but is in the plan").format(deal=row["deal_id"]))
        if village in scenario.never:
            told.append(_("Village {village} must stay out, but is in the plan").format(village=village))
        if village in unknown and not scenario.include_unknown:
            told.append(_("Village {village}: its access is unknown").format(village=village))
    for code in sorted(set(scenario.must) - set(rows.village_code)):
        told.append(_("Village {village} must be served, but is not in the plan").format(village=code))
    for deal in sorted(set(scenario.pinned) - set(rows.deal_id)):
        told.append(_("Deal {deal} is pinned, but is not in the plan").format(deal=deal))
    return told


def _one_each(case: _Case) -> list[str]:
    doubled = case.plan.chosen.village_code.value_counts()
    return [
        _("Village {village} has {count} main deals").format(village=code, count=int(count))
        for code, count in sorted(doubled[doubled > 1].items())
    ]


def _budget(case: _Case) -> list[str]:
    spent = float(case.plan.chosen.subsidy_idr.sum())
    if spent <= case.scenario.budget_idr + RUPIAH:
        return []
    return [
        _("Public money is {spent}, the budget {budget}").format(
            spent=rupiah(spent), budget=rupiah(case.scenario.budget_idr)
        )
    ]


def _graph(case: _Case) -> nx.Graph[Any]:
    graph: nx.Graph[Any] = nx.Graph()
    nodes = case.analysis.option_set.nodes
    graph.add_nodes_from(case.rows.node)
    links = case.plan.links
    for source, target, capacity in zip(links.source, links.target, links.capacity_mbps, strict=True):
        graph.add_edge(source, target, capacity=float(capacity))
    roots = nodes[nodes.is_root.to_numpy(dtype=bool)]
    for node, capacity in zip(roots.node, roots.capacity_mbps, strict=True):
        if node in graph:
            graph.add_edge(("root",), node, capacity=float(capacity))
    return graph


def _connected(case: _Case) -> list[str]:
    graph = _graph(case)
    fed = nx.node_connected_component(graph, ("root",)) if ("root",) in graph else set()
    return [
        _("Village {village}: its links do not reach a fibre point").format(village=village)
        for village, node in zip(case.rows.village_code, case.rows.node, strict=True)
        if node not in fed
    ]


def _capacities(case: _Case) -> list[str]:
    told = [
        _("Link {link} carries {flow} of {capacity} Mbit/s").format(
            link=link["link_id"], flow=number(link["flow_mbps"]), capacity=number(link["capacity_mbps"])
        )
        for link in case.plan.links[["link_id", "flow_mbps", "capacity_mbps"]].to_dict("records")
        if link["flow_mbps"] > link["capacity_mbps"] * (1 + SMALL)
    ]
    demand = case.rows.backhaul_mbps.to_numpy(dtype=float)
    if not len(demand):
        return told
    graph = _graph(case).to_directed()
    for k, (node, need) in enumerate(zip(case.rows.node, demand, strict=True)):
        graph.add_edge(node, ("deal", k), capacity=float(need))
        graph.add_edge(("deal", k), ("all",), capacity=float(need))
    graph.add_node(("root",))
    if nx.maximum_flow_value(graph, ("root",), ("all",)) < demand.sum() * (1 - SMALL):
        told.append(_("The links and fibre points cannot carry what the villages need"))
    return told


def _counted_once(case: _Case) -> list[str]:
    told = []
    tables = case.analysis.option_set
    for rows, column in ((tables.reach, "population_gained"), (case.analysis.benefit, "index_gain")):
        mine = rows[rows.option_id.isin(set(case.plan.chosen.option_id))]
        most = float(mine.groupby("settlement_id")[column].max().sum())
        counted = float(case.plan.chosen[column].sum())
        if abs(counted - most) > SMALL * max(1e-6, most):
            if column == "population_gained":
                told.append(
                    _("{counted} people are counted, but the plan reaches {people}").format(
                        counted=number(counted), people=number(most)
                    )
                )
            else:
                told.append(_("The index gain of the plan counts some settlements twice or not at all"))
    return told


def _funders(case: _Case) -> list[str]:
    chosen, told = case.plan.chosen, []
    assets = float(case.rows.access_cost_pv_idr_offered.sum()) + case.link_cost
    shared = float((chosen.access_cost_pv_idr + chosen.backhaul_cost_pv_idr).sum())
    funders = float((chosen.subsidy_idr + chosen.provider_idr).sum())
    tolerance = RUPIAH + 1e-9 * assets
    for amount in (shared, funders, case.plan.cost_pv_idr, case.plan.public_idr + case.plan.provider_idr):
        if abs(amount - assets) > tolerance:
            told.append(
                _("Funders pay {amount}, but what is built costs {assets}").format(
                    amount=rupiah(amount), assets=rupiah(assets)
                )
            )
            break
    if abs(case.plan.public_idr - float(chosen.subsidy_idr.sum())) > tolerance:
        told.append(_("The public money of the plan is not the sum of its deals"))
    return told


def _nobody_loses(case: _Case) -> list[str]:
    rows = case.rows
    value = rows.npv_idr + rows.backhaul_cost_pv_idr_offered
    left = value - rows.backhaul_cost_pv_idr + rows.subsidy_idr
    return [
        _("The provider of deal {deal} would lose {amount}").format(deal=deal, amount=rupiah(-amount))
        for deal, amount in zip(rows.deal_id, left, strict=True)
        if amount < -RUPIAH
    ]


def _proof(case: _Case) -> list[str]:
    plan, problem, told = case.plan, case.problem, []
    worth = _worth(case)
    objective = objective_of(problem, worth, plan.public_idr, plan.cost_pv_idr)
    size = max(abs(objective), 1e-12)
    if abs(objective - plan.objective) > SMALL * size:
        told.append(_("The objective of the plan is not what its deals are worth"))
    if plan.bound < objective - SMALL * size:
        told.append(_("The proven bound lies below the plan itself"))
    if abs(plan.gap - relative_gap(objective, max(plan.bound, objective))) > SMALL:
        told.append(_("The gap does not follow from the bound"))
    return told


def _paid_by_whom(case: _Case) -> list[str]:
    """Funders pay what they may pay for, all of it, and within their budgets."""
    plan, scenario, assumptions, told = case.plan, case.scenario, case.analysis.assumptions, []
    paid = plan.funding.groupby(["deal_id", "funder"]).amount_idr.sum()
    chosen = plan.chosen.set_index("deal_id")
    all_of_it = paid.groupby("deal_id").sum().reindex(chosen.index).fillna(0.0)
    cost = chosen.access_cost_pv_idr + chosen.backhaul_cost_pv_idr
    for deal in chosen.index[(all_of_it - cost).abs() > RUPIAH + 1e-9 * cost]:
        told.append(
            _("Deal {deal} costs {cost}, but its funders pay {amount}").format(
                deal=deal, cost=rupiah(cost[deal]), amount=rupiah(all_of_it[deal])
            )
        )
    if not scenario.budgets:
        return told
    rows = case.rows.set_index("deal_id")
    own = np.maximum(0.0, -(rows.npv_idr + rows.backhaul_cost_pv_idr_offered))
    for deal, funder, amount in paid.reset_index().itertuples(index=False, name=None):
        if funder == PROVIDER or deal not in rows.index:
            continue
        most, kind = 0.0, case.problem.kinds[rows.village_code[deal]]
        if funder in payers(rows.business_model[deal], kind, scenario, assumptions):
            most += min(own[deal], most_of(funder, kind, scenario, assumptions))
        if funder in link_payers(scenario, assumptions):
            most += max(0.0, chosen.subsidy_idr[deal] - own[deal])
        if amount > most + RUPIAH:
            told.append(
                _("{funder} pays {amount} for deal {deal}, but may pay {most} at most").format(
                    funder=funder, amount=rupiah(amount), deal=deal, most=rupiah(most)
                )
            )
    total = plan.funding.groupby("funder").amount_idr.sum()
    for funder in sorted(scenario.budgets):
        if total.get(funder, 0.0) > scenario.funder_budget(funder) + ROWS * RUPIAH:
            told.append(
                _("{funder} pays {amount}, its budget is {budget}").format(
                    funder=funder, amount=rupiah(total[funder]), budget=rupiah(scenario.funder_budget(funder))
                )
            )
    return told


def _providers(case: _Case) -> list[str]:
    """Providers put up no more capital and build no more deals than they can."""
    providers, told = case.analysis.region.providers, []
    if providers is None:
        return []
    offered = case.analysis.deals
    mine = offered[offered.deal_id.isin(set(case.plan.chosen.deal_id))]
    for row in providers.to_dict("records"):
        provider = row["provider_id"]
        here = mine[mine.provider_id == provider]
        own = float((here.capital_idr - here.subsidy_idr).clip(lower=0.0).sum()) if "capital_idr" in here else 0.0
        if own > row["capital_limit_idr"] + RUPIAH:
            told.append(
                _("Provider {provider} puts up {amount}, but has {most}").format(
                    provider=provider, amount=rupiah(own), most=rupiah(row["capital_limit_idr"])
                )
            )
        if len(here) > row.get("build_limit", np.inf):
            told.append(
                _("Provider {provider} builds {count} deals, but can build {most}").format(
                    provider=provider, count=len(here), most=number(row["build_limit"])
                )
            )
    return told


def _minimum(case: _Case) -> list[str]:
    """Every district gets its minimum."""
    minimum, told = case.scenario.minimum, []
    limits = case.problem.limits
    asked = {tag: float(least) for tag, least in zip(limits.cover_tags, limits.least, strict=True)}
    if minimum.villages_per_district or minimum.districts:
        rows = case.rows.assign(district=case.rows.village_code.str[:8])
        own = (-(rows.npv_idr + rows.backhaul_cost_pv_idr_offered)).clip(lower=0.0).groupby(rows.district).sum()
        count = rows.groupby("district").village_code.nunique()
        for tag, least in sorted(asked.items()):
            kind, _sep, district = tag.partition(":")
            has = float(count.get(district, 0) if kind == "villages" else own.get(district, 0.0))
            if has < least - (0.5 if kind == "villages" else RUPIAH):
                told.append(_("District {district} gets less than its minimum").format(district=district))
        for district, more in sorted(minimum.districts.items()):
            if more.budget_share > 0 and own.get(district, 0.0) < more.budget_share * case.scenario.budget_idr - RUPIAH:
                told.append(_("District {district} gets less than its minimum").format(district=district))
    return sorted(set(told))


def _target(case: _Case) -> list[str]:
    if case.scenario.target is None or _worth(case) >= case.scenario.target.amount * (1 - SMALL):
        return []
    return [_("The plan does not reach the target of the scenario")]


def _worth(case: _Case) -> float:
    problem = case.problem
    tables = case.analysis
    rows = instances.worth_rows(
        tables.option_set.reach,
        tables.benefit,
        tables.access.villages,
        case.scenario,
        tables.assumptions,
    )
    rows = rows[rows.option_id.isin(set(case.plan.chosen.option_id))]
    best = rows.groupby(["village_code", "settlement_id"]).worth.max()
    gathered = best.groupby("village_code").sum()
    total = float(best.sum()) * problem.worth_weight
    if problem.counts_villages:
        here = np.array([gathered.get(code, 0.0) for code in problem.village_code])
        total += int((here >= problem.threshold - 1e-9).sum())
    return total
