"""Deals that staff pinned or ruled out: plans obey, and say so in words where they cannot."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from planning_instances import make_case

from coverage import language
from coverage.errors import PlanningError, ScenarioError
from coverage.planning import check_plan, plan, why
from coverage.scenario import Scenario

BUDGET = 3e9


@pytest.fixture(autouse=True)
def _english():
    before = language.language()
    language.set_language("en")
    yield
    language.set_language(before)


@pytest.fixture(scope="module")
def case():
    return make_case(20, 4, seed=3)


@pytest.fixture(scope="module")
def made(case):
    return plan(*case.arguments(), Scenario(budget_idr=BUDGET), case.assumptions)


def _planned(case, **wishes):
    scenario = Scenario(budget_idr=BUDGET, **wishes)
    found = plan(*case.arguments(), scenario, case.assumptions)
    assert check_plan(found, case, scenario) == []
    return found, scenario


def test_a_pinned_deal_is_in_the_plan_although_another_is_better(case, made):
    # the worse deal on the plan's own option, which planning else leaves out as dominated
    taken = made.chosen.iloc[0]
    other = next(d for d in case.deals.deal_id if d.startswith(taken.option_id + "|") and d != taken.deal_id)
    found, scenario = _planned(case, pinned=(other,))
    assert other in set(found.chosen.deal_id)
    assert taken.deal_id not in set(found.chosen.deal_id)
    assert found.objective <= made.bound
    told = why(found, case, scenario, taken.village_code)
    assert told.in_plan
    assert any("pinned" in reason for reason in told.reasons)


def test_a_pin_opens_a_village_that_the_plan_leaves_out(case, made):
    # Also one whose access is unknown, which plans else pass over.
    left = case.deals[
        ~case.deals.village_code.isin(made.chosen.village_code) & case.deals.option_id.str.endswith("-sat")
    ]
    deal, village = left.deal_id.iloc[0], left.village_code.iloc[0]
    table = case.access.villages
    unknown = table.assign(access_class=table.access_class.where(table.village_code != village, "unknown"))
    case = replace(case, access=SimpleNamespace(villages=unknown))
    assert deal not in set(made.chosen.deal_id)
    found, _scenario = _planned(case, pinned=(deal,))
    assert deal in set(found.chosen.deal_id)


def test_forbidden_deals_are_never_in_the_plan(case, made):
    barred = tuple(made.chosen.deal_id)
    found, _scenario = _planned(case, forbidden=barred)
    assert not set(barred) & set(found.chosen.deal_id)
    assert found.objective <= made.bound


def test_a_plan_that_breaks_a_wish_is_caught(case, made):
    held, other = (
        made.chosen.deal_id.iloc[0],
        case.deals.deal_id[~case.deals.village_code.isin(made.chosen.village_code)],
    )
    assert any("ruled out" in t for t in check_plan(made, case, Scenario(budget_idr=BUDGET, forbidden=(held,))))
    deal = next(d for d in other if d.endswith("-sat|P1"))
    assert any("pinned" in t for t in check_plan(made, case, Scenario(budget_idr=BUDGET, pinned=(deal,))))


def test_wishes_that_cannot_hold_are_refused_in_words(case):
    def refused(kind, words, **given):
        with pytest.raises(kind, match=words) as caught:
            plan(*case.arguments(), Scenario(**{"budget_idr": BUDGET, **given}), case.assumptions)
        return str(caught.value)

    a, b = case.deals.deal_id.iloc[:2]
    refused(ScenarioError, "nowhere", pinned=("nowhere",))
    refused(ScenarioError, "nowhere", forbidden=("nowhere",))
    refused(ScenarioError, "both", pinned=(a,), forbidden=(a,))
    refused(ScenarioError, "Only one", pinned=(a, b))
    village = case.deals.village_code.iloc[0]
    refused(PlanningError, "pinned", pinned=(a,), never=(village,))
    refused(PlanningError, "pinned", pinned=(a,), technologies=("ftth",))
    # Every village's dearest deal at once is more than the budget: the clash names deals and the money.
    dear = case.deals.sort_values("subsidy_idr").drop_duplicates("village_code", keep="last").deal_id
    told = refused(PlanningError, "cannot hold together", pinned=tuple(dear), budget_idr=1e9)
    assert "is pinned" in told
    assert "public money" in told
