"""Frontier, packages, reasons and schedules keep what they promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planning_instances import make_case

from coverage.errors import PlanningError, ScenarioError
from coverage.language import using
from coverage.planning import check_plan, frontier, next_package, plan, schedule, why
from coverage.planning.instance import build
from coverage.planning.search import greedy, is_feasible
from coverage.scenario import FOLDER, Scenario, load_scenario

SCENARIO = Scenario(budget_idr=4e9)


@pytest.fixture(scope="module")
def case():
    return make_case(20, 3, seed=3)


@pytest.fixture(scope="module")
def made(case):
    return plan(*case.arguments(), SCENARIO, case.assumptions)


def test_the_frontier_rises_and_its_plans_are_sound(case):
    found = frontier(case, SCENARIO, [6e9, 1e9, 3e9])
    assert list(found.points["budget_idr"]) == [1e9, 3e9, 6e9]
    assert found.points["objective"].is_monotonic_increasing
    assert (found.points["public_idr"] <= found.points["budget_idr"] + 1).all()
    assert found.points["knee"].sum() <= 1
    for budget, one in found.plans.items():
        assert check_plan(one, case, SCENARIO.model_copy(update={"budget_idr": budget})) == []
    last = set(found.plans[6e9].chosen["village_code"])
    assert set(found.rollout.dropna(subset="enters_idr")["village_code"]) == last


def test_the_next_billion_keeps_the_plan_and_its_amount(case, made):
    package = next_package(case, SCENARIO, 1e9, on=made)
    assert package.spent_idr <= 1e9 + 1
    assert package.benefit >= 0
    assert not set(package.chosen["village_code"]) & set(made.chosen["village_code"])


def test_a_package_of_all_funds_costs_no_more_than_its_amount(case):
    package = next_package(case, SCENARIO, 2e9, funds="all")
    assert len(package.chosen) > 0
    assert package.cost_pv_idr == pytest.approx(package.spent_idr)
    assert package.cost_pv_idr <= 2e9 + 1
    assert package.public_idr <= package.cost_pv_idr


def test_reasons_tell_what_a_village_displaces(case, made):
    with using("en"):
        inside = why(made, case, SCENARIO, made.chosen["village_code"].iloc[0])
        outside = why(
            made, case, SCENARIO, sorted(set(case.deals["village_code"]) - set(made.chosen["village_code"]))[0]
        )
    assert inside.in_plan
    assert not set(inside.displaced) & set(made.chosen["village_code"])
    assert not outside.in_plan
    assert set(outside.displaced) <= set(made.chosen["village_code"])
    assert outside.budget_idr == pytest.approx(made.public_idr + outside.public_idr)
    assert all(sentence.endswith(".") for sentence in (*inside.reasons, *outside.reasons))
    shut = why(made, case, SCENARIO.model_copy(update={"never": (outside.village_code,)}), outside.village_code)
    assert len(shut.reasons) == 1
    with pytest.raises(ScenarioError):
        why(made, case, SCENARIO, "99.99.99.9999")


def test_a_schedule_builds_links_first_and_keeps_every_years_money(case, made):
    budgets = [1e9, 1e9, 2e9]
    spread = schedule(made, case, budgets)
    assert (spread.years["public_idr"].cumsum() <= np.cumsum(budgets) + 2).all()
    assert spread.years["public_idr"].sum() == pytest.approx(made.public_idr, abs=2)
    assert spread.years["villages"].sum() == len(made.chosen)
    assert spread.bound >= spread.objective > 0
    year = spread.links.set_index("link_id")["year"]
    first = spread.deals["year"].min()
    shared = made.links[made.links["users"] == len(made.chosen)]["link_id"]
    assert (year[shared] <= first).all()
    with pytest.raises(PlanningError):
        schedule(made, case, [made.public_idr / 4] * 2)


def test_only_the_business_models_of_the_scenario_are_used(case):
    assert plan(*case.arguments(), Scenario(business_models=("bumdes_resale",)), case.assumptions).chosen.empty
    wanted = Scenario(budget_idr=4e9, business_models=("sharing",))
    assert len(plan(*case.arguments(), wanted, case.assumptions).chosen) > 0


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda p: p.stem)
def test_ready_scenarios_can_be_read(path):
    assert load_scenario(path).name == path.stem


def test_deals_that_pay_for_themselves_need_no_budget():
    """Sums of shares are rounded; a few billionths of a rupiah are no public money."""
    case = make_case(20, 4, seed=3)
    scenario = Scenario(budget_idr=0.0)
    problem = build(case.deals, case.option_set, case.benefit, case.access, scenario, case.assumptions)
    problem = replace(problem, gap=0 * problem.gap, surplus=problem.network.alone[problem.node] - 1e-6)
    found = greedy(problem)
    assert is_feasible(problem, found)
    assert len(found.options) >= 15
