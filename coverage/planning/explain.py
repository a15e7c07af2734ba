"""Why a village is in a plan or out of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from coverage.errors import PlanningError
from coverage.language import _, ngettext, percent, rupiah_short
from coverage.planning.check import AnalysisTables
from coverage.planning.instance import refuse_strangers
from coverage.planning.package import build, on_top
from coverage.planning.plan import Plan, plan
from coverage.scenario import Scenario


@dataclass(frozen=True)
class Why:
    """Why a village is in or out.

    Attributes
    ----------
    village_code : str
        The village.
    in_plan : bool
        Whether the plan has a main deal for it.
    benefit : float
        How much less benefit the best plan found without it (in) or with it (out) has, at the same
        budget; below zero where that plan is better, which more work would have found.
    public_idr, cost_pv_idr : float
        In: its own public money and cost. Out: what serving it on top of the plan takes
        (infinite where links cannot carry it, empty where it may not be served).
    budget_idr : float
        Out: a budget that serves it beside all the others. In: the scenario's.
    displaced : tuple of str
        In: villages that would be served in its place. Out: villages that would give way to it.
    reasons : tuple of str
        Sentences for people.
    """

    village_code: str
    in_plan: bool
    benefit: float
    public_idr: float
    cost_pv_idr: float
    budget_idr: float
    displaced: tuple[str, ...]
    reasons: tuple[str, ...]


def why(made: Plan, analysis: AnalysisTables, scenario: Scenario, village_code: str) -> Why:
    """Explain one village by planning again without it, or with it.

    Raises
    ------
    ScenarioError
        Where the region has no such village.
    """
    asked = scenario.model_copy(update={"must": (village_code,), "never": ()})
    refuse_strangers(asked, analysis.region.villages)
    if village_code in set(made.chosen.village_code):
        return _why_in(made, analysis, scenario, village_code)
    shut = _shut(analysis, scenario, village_code)
    if shut:
        nothing = float("nan")
        return Why(village_code, False, 0.0, nothing, nothing, nothing, (), (shut,))
    return _why_out(made, analysis, scenario, village_code)


def _again(analysis: AnalysisTables, scenario: Scenario) -> Plan:
    return plan(
        analysis.deals, analysis.option_set, analysis.benefit, analysis.region.villages, analysis.access,
        scenario, analysis.assumptions, providers=analysis.region.providers,
    )  # fmt: skip


def _why_in(made: Plan, analysis: AnalysisTables, scenario: Scenario, code: str) -> Why:
    row = made.chosen[made.chosen.village_code == code].iloc[0]
    public, cost = float(row["subsidy_idr"]), float(row["access_cost_pv_idr"] + row["backhaul_cost_pv_idr"])
    takes = _("It takes {public} of public money, and {cost} in all.").format(
        public=rupiah_short(public), cost=rupiah_short(cost)
    )
    pinned = str(row["deal_id"]) in scenario.pinned
    if code in scenario.must or pinned:
        forced = _("The scenario says that it must be served.")
        if pinned:
            forced = _("Its deal is pinned: the plan must hold it.")
        return Why(code, True, 0.0, public, cost, scenario.budget_idr, (), (forced, takes))
    other = _again(analysis, scenario.model_copy(update={"never": (*scenario.never, code)}))
    instead = tuple(sorted(set(other.chosen.village_code) - set(made.chosen.village_code)))
    reasons = [
        takes,
        _("Without it, the best plan found reaches {share} of this one's benefit.").format(share=_share(other, made)),
    ]
    if instead:
        reasons.append(_others(_("The money would go to"), instead))
    lost = made.benefit - other.benefit
    return Why(code, True, lost, public, cost, scenario.budget_idr, instead, tuple(reasons))


def _shut(analysis: AnalysisTables, scenario: Scenario, code: str) -> str:
    """Why a village may not be served at all, or nothing."""
    if code in scenario.never:
        return _("The scenario leaves it out.")
    access = analysis.access.villages.set_index("village_code").access_class
    if access.get(code) == "unknown" and not scenario.include_unknown:
        return _("How it is served today is unknown, and the scenario plans only for what is known.")
    if code not in set(analysis.deals.village_code):
        return _("There is no deal for it.")
    try:
        build(analysis, scenario.model_copy(update={"must": (*scenario.must, code)}))
    except PlanningError:
        return _("The scenario allows no deal for it.")
    return ""


def _why_out(made: Plan, analysis: AnalysisTables, scenario: Scenario, code: str) -> Why:
    with_it = scenario.model_copy(update={"must": (*scenario.must, code)})
    public, cost = on_top(made, build(analysis, with_it), analysis.option_set, code)
    budget = made.public_idr + public
    reasons = []
    if np.isfinite(public):
        reasons.append(
            _("Serving it on top of the plan takes about {public} of public money, and {cost} in all.").format(
                public=rupiah_short(max(public, 0.0)), cost=rupiah_short(max(cost, 0.0))
            )
        )
        if budget > scenario.budget_idr:
            reasons.append(_("A budget of {budget} would serve it as well.").format(budget=rupiah_short(budget)))
    else:
        reasons.append(_("The links and fibre points cannot carry it on top of the plan."))
    try:
        other = _again(analysis, with_it)
    except PlanningError:
        reasons.append(_("Within this budget it cannot be served at all."))
        return Why(code, False, 0.0, public, cost, budget, (), tuple(reasons))
    gone = tuple(sorted(set(made.chosen.village_code) - set(other.chosen.village_code)))
    if gone:
        reasons.append(_others(_("Within this budget these would give way to it"), gone))
    if other.benefit <= made.benefit:
        told = _("The best plan found with it reaches {share} of this one's benefit.")
        reasons.append(told.format(share=_share(other, made)))
    else:
        reasons.append(_("A plan with it was found that is better than this one: plan again with more work."))
    return Why(code, False, made.benefit - other.benefit, public, cost, budget, gone, tuple(reasons))


def _share(other: Plan, made: Plan) -> str:
    return percent(other.benefit / made.benefit if made.benefit > 0 else 1.0, 1)


def _others(head: str, codes: Iterable[str]) -> str:
    names = sorted(codes)
    return ngettext("{head}: {names} ({count} village).", "{head}: {names} ({count} villages).", len(names)).format(
        head=head, names=", ".join(names[:5]) + (", …" if len(names) > 5 else ""), count=len(names)
    )
