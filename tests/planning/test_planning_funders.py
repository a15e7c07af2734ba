"""Money of funders, limits of providers, minimum shares, targets and years are kept, and checked without the solver."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from planning_instances import make_case

from coverage.cli.main import main
from coverage.errors import Cancelled, PlanningError, ScenarioError
from coverage.language import using
from coverage.planning import check_plan, plan, schedule
from coverage.planning import instance as instances
from coverage.planning.instance import worth_rows
from coverage.planning.limits import gap_parts
from coverage.planning.plan import _cut_back, solution_of
from coverage.planning.search import is_feasible
from coverage.planning.watch import watched
from coverage.scenario import FOLDER, Scenario, load_scenario, make_scenario

SHARED = {"apbd": 2.5e9, "uso": (1e9, 0.5e9)}


@pytest.fixture(scope="module")
def case():
    """Half of the deals may be paid by the universal service fund alone; P1 has little capital."""
    case = make_case(24, 3, seed=3, overrides={"funding.uso_eligible": 1.0})
    deals = case.deals.copy()
    tower = deals["option_id"].str.contains("tower")
    deals["business_model"] = np.where(tower & (deals.index % 4 < 2), "uso_subsidised", "public_subsidy")
    deals["capital_idr"] = deals["subsidy_idr"] + 2e8
    providers = pd.DataFrame(
        {"provider_id": ["P1", "P2"], "capital_limit_idr": [5e8, np.inf], "build_limit": [np.nan, 5.0]}
    )
    return replace(case, deals=deals, region=SimpleNamespace(villages=case.villages, providers=providers))


def planned(case, scenario):
    return plan(*case.arguments(), scenario, case.assumptions, providers=case.region.providers)


def quick(**given):
    """A scenario that a test can afford."""
    return Scenario(**{"node_limit": 40, "gap_target": 0.05} | given)


@pytest.fixture(scope="module")
def scenario():
    return quick(budgets=SHARED)


@pytest.fixture(scope="module")
def made(case, scenario):
    return planned(case, scenario)


def test_every_funder_pays_what_it_may_and_has(case, scenario, made):
    assert len(made.chosen) > 0
    assert check_plan(made, case, scenario) == []
    paid = made.funding.groupby("funder")["amount_idr"].sum()
    assert paid["apbd"] <= 2.5e9 + 5
    assert paid.get("uso", 0.0) <= 1.5e9 + 5
    assert paid.sum() == pytest.approx(made.cost_pv_idr)
    assert paid.drop("provider").sum() == pytest.approx(made.public_idr, abs=5)


def test_limits_of_providers_bind(case, scenario, made):
    built = made.chosen["provider_id"].value_counts()
    assert built.get("P1", 0) <= 2
    assert built.get("P2", 0) <= 5
    free = plan(*case.arguments(), scenario, case.assumptions)
    assert len(free.chosen) > len(made.chosen)
    assert check_plan(free, case, scenario) != []


def test_a_plan_that_breaks_limits_is_cut_back_instead_of_begun_anew(case, scenario):
    """What is kept of a plan made without the providers' limits keeps them, and is not nothing."""
    free = plan(*case.arguments(), scenario, case.assumptions)
    deals, option_set, benefit, villages, access = case.arguments()
    limited = instances.build(
        deals,
        option_set,
        benefit,
        access,
        scenario,
        case.assumptions,
        villages=villages,
        providers=case.region.providers,
    )
    kept = _cut_back(limited, solution_of(free, limited, option_set))
    assert is_feasible(limited, kept)
    assert kept.objective > 0.0
    assert set(kept.options) < {limited.candidate[deal] for deal in free.chosen["deal_id"]}


def test_money_that_may_pay_nothing_here_buys_nothing(case):
    here = case.assumptions.override({"funding.uso_eligible": 0.0})
    none = plan(*case.arguments(), quick(budgets={"uso": 9e9}), here)
    assert none.public_idr == pytest.approx(0.0, abs=5)


@pytest.mark.parametrize("broken", ["funder", "budget", "ineligible", "provider", "minimum", "target"])
def test_plans_that_break_the_new_rules_are_caught(case, scenario, made, broken):
    funding, world = made.funding, case
    with using("en"):
        if broken == "funder":
            made = replace(made, funding=funding.assign(amount_idr=funding["amount_idr"] * 1.01))
            word = "funders pay"
        elif broken == "budget":
            scenario = Scenario(budgets=SHARED | {"apbd": 1e8}, budget_idr=4e9)
            word = "its budget is"
        elif broken == "ineligible":
            made = replace(made, funding=funding.assign(funder=funding["funder"].replace({"apbd": "uso"})))
            word = "uso pays"
        elif broken == "provider":
            small = case.region.providers.assign(capital_limit_idr=1.0, build_limit=1.0)
            world = replace(case, region=SimpleNamespace(villages=case.villages, providers=small))
            word = "can build"
        elif broken == "minimum":
            empty = sorted(set(case.villages["district_code"]) - set(made.chosen["village_code"].str[:8]))[0]
            scenario = Scenario(budgets=SHARED, minimum={"districts": {empty: {"budget_share": 0.1}}})
            word = "less than its minimum"
        elif broken == "target":
            goal = {"of": "index_gain", "amount": made.benefit * 2}
            scenario = Scenario(budgets=SHARED, objective="least_cost", target=goal)
            word = "target"
        told = check_plan(made, world, scenario)
    assert any(word in sentence for sentence in told), told


def test_districts_get_their_minimum(case):
    asked = quick(budget_idr=6e9, minimum={"villages_per_district": 1})
    made = plan(*case.arguments(), asked, case.assumptions)
    assert set(made.chosen["village_code"].str[:8]) == set(case.deals["village_code"].str[:8])
    district = sorted(set(case.deals["village_code"].str[:8]))[0]
    share = quick(budget_idr=6e9, minimum={"districts": {district: {"budget_share": 0.3}}})
    more = plan(*case.arguments(), share, case.assumptions)
    here = more.chosen[more.chosen["village_code"].str[:8] == district]
    assert here["subsidy_idr"].sum() >= 0.3 * 6e9 - 5
    world = replace(case, region=SimpleNamespace(villages=case.villages, providers=None))
    assert check_plan(made, world, asked) == []
    assert check_plan(more, world, share) == []


def test_a_districts_share_of_the_money_binds():
    case = make_case(12, 3, seed=3, overrides={"funding.uso_eligible": 1.0})
    district = sorted(set(case.deals["village_code"].str[:8]))[0]
    world = replace(case, region=SimpleNamespace(villages=case.villages, providers=None))
    paid = []
    for least in ({}, {"districts": {district: {"budget_share": 0.3}}}):
        asked = quick(budget_idr=6e9, minimum=least)
        made = plan(*case.arguments(), asked, case.assumptions)
        assert check_plan(made, world, asked) == []
        paid.append(made.chosen.loc[made.chosen["village_code"].str[:8] == district, "subsidy_idr"].sum())
    assert paid[0] < 0.3 * 6e9 - 5 <= paid[1]


def test_a_target_is_reached_at_least_cost(case):
    world = replace(case, region=SimpleNamespace(villages=case.villages, providers=None))
    best = plan(*case.arguments(), quick(budget_idr=3e9), case.assumptions)
    goal = quick(objective="least_cost", target={"of": "index_gain", "amount": best.benefit})
    made = plan(*case.arguments(), goal, case.assumptions)
    assert made.benefit >= best.benefit * (1 - 1e-6)
    assert made.public_idr <= best.public_idr * 1.02
    assert made.greedy_objective <= made.objective <= made.bound <= 0
    assert check_plan(made, world, goal) == []
    with pytest.raises(PlanningError, match="0"):
        plan(*case.arguments(), goal.model_copy(update={"budget_idr": best.public_idr / 4}), case.assumptions)


def test_what_clashes_is_irreducible(case):
    """Each of the demands named is needed for the clash: leaving out any one of them makes a plan possible."""
    demands = {"budgets": {"apbd": 1e8}, "budget_idr": 9e9, "minimum": {"villages_per_district": 1}}
    with using("en"), pytest.raises(PlanningError) as caught:
        plan(*case.arguments(), quick(**demands), case.assumptions)
    words = str(caught.value)
    assert "from Regency budget (APBD)" in words
    assert "public money" not in words.split("Raise", maxsplit=1)[0]
    named = [d for d in sorted(set(case.villages["district_code"])) if f"district {d} " in words]
    assert 1 <= len(named) <= 2
    one = {"villages": 1}
    plan(*case.arguments(), quick(budgets={"apbd": 9e9}, minimum={"districts": dict.fromkeys(named, one)}),
         case.assumptions)  # fmt: skip
    for left in named:
        rest = {d: one for d in named if d != left}
        plan(*case.arguments(), quick(**(demands | {"minimum": {"districts": rest}})), case.assumptions)


def test_years_keep_the_money_of_every_funder_and_the_crews(case, scenario, made):
    spread = schedule(made, case, scenario=scenario)
    assert list(spread.years["year"]) == [1, 2]
    for funder in SHARED:
        paid, given = spread.years[f"{funder}_public_idr"], spread.years[f"{funder}_budget_idr"]
        assert (paid.cumsum() <= given.cumsum() + 20).all()
        assert paid.sum() == pytest.approx(made.funding[made.funding["funder"] == funder]["amount_idr"].sum(), abs=20)
    year = spread.deals.set_index("deal_id")["year"]
    mine = made.chosen[made.chosen["provider_id"] == "P2"]["deal_id"]
    assert year[mine].value_counts().max() <= 3
    assert spread.objective <= spread.bound


def test_a_purse_that_is_too_small_leaves_the_rest_to_others(case):
    """A village's own fund pays a part of what the village is to fill; nobody else may pay the rest."""
    deals = pd.DataFrame({"business_model": ["village_cofunding", "public_subsidy"], "village_code": ["d", "k"]})
    asked = Scenario(budgets={"dana_desa": (1.0, 1.0), "apbd": 5.0})
    kinds = {"d": "desa", "k": "kelurahan"}
    fund = case.assumptions["funding.dana_desa"] * case.assumptions["funding.dana_desa_discretionary"]
    parts = gap_parts(np.array([3 * fund, 7e8]), deals, kinds, asked, case.assumptions)
    assert parts[0] == [(frozenset({"dana_desa"}), pytest.approx(2 * fund)), (frozenset(), pytest.approx(fund))]
    assert parts[1] == [(frozenset({"apbd"}), 7e8)]


@pytest.mark.parametrize("after", [0.0, 0.3, 0.8])
def test_a_stopped_search_keeps_its_best_plan_and_its_proof(after):
    case = make_case(60, 3, seed=2)
    begun = time.monotonic()
    stopped = []

    def progress(_label: str, _share: float) -> None:
        if time.monotonic() - begun > after:
            stopped.append(time.monotonic())
            raise Cancelled("stop")

    made = plan(
        *case.arguments(), Scenario(budget_idr=4e9, node_limit=1000, gap_target=0.0), case.assumptions, progress
    )
    assert time.monotonic() - stopped[0] < 2.0
    assert made.status == "stopped"
    assert not made.reproducible
    assert made.objective >= made.greedy_objective
    assert check_plan(made, case, Scenario(budget_idr=4e9)) == []


def test_work_is_left_at_once_even_while_it_is_silent():
    gate = threading.Event()
    begun = time.monotonic()

    def check() -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        watched(lambda: gate.wait(30.0), check)
    gate.set()
    assert time.monotonic() - begun < 2.0
    with pytest.raises(ZeroDivisionError):
        watched(lambda: 1 // 0, lambda: None)


def test_scenarios_stand_on_others(tmp_path):
    (tmp_path / "wide.toml").write_text('base = "uso_towers"\nbudget_idr = 5e9\n[budgets]\napbd = 5e9\n')
    (tmp_path / "north.toml").write_text(
        'base = "wide.toml"\nhorizon_years = 8\n[budgets]\nuso = [1e9, 2e9]\n[assumptions]\n"radio.fade_db" = 1.0\n'
    )
    made = load_scenario(tmp_path / "north.toml")
    assert made.name == "north"
    assert made.technologies == load_scenario(FOLDER / "uso_towers.toml").technologies != Scenario().technologies
    assert made.assumption_overrides == {
        "funding.horizon_years": 8.0, "funding.uso_eligible": 1.0, "radio.fade_db": 1.0,
    }  # fmt: skip
    assert made.budgets == {"apbd": 5e9, "uso": (1e9, 2e9)}
    assert made.yearly("apbd") == (5e9, 0.0)
    (tmp_path / "wide.toml").write_text('base = "north.toml"\n')
    with pytest.raises(ScenarioError, match=r"north.toml → wide.toml → north.toml"):
        load_scenario(tmp_path / "north.toml")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"budgets": {"apbd": [1.0, -2.0]}}, ["budgets.apbd.1", "-2.0"]),
        ({"budgets": {"apbd": "much"}, "nonsense": 1}, ["much", "nonsense"]),
        ({"objective": "least_cost"}, ["target"]),
        ({"objective": "fun"}, ["index_gain"]),
        ({"minimum": {"districts": {"x": {"villages": 1}}}}, ["33.27.01"]),
        ({"target": {"of": "people"}}, ["target.amount"]),
        ({"technologies": ["balloon"]}, ["balloon", "ftth"]),
    ],
)
def test_faults_of_a_scenario_are_told_in_words(given, words):
    with using("en"), pytest.raises(ScenarioError) as caught:
        make_scenario(given, "x.toml")
    assert all(word in str(caught.value) for word in ("x.toml", *words))


def test_a_budget_for_an_unknown_funder_is_refused(case):
    with pytest.raises(ScenarioError, match="nobody"):
        plan(*case.arguments(), Scenario(budgets={"nobody": 1e9}), case.assumptions)


def test_every_division_of_money_is_found(case):
    """The rows per set of funders refuse exactly what no division of money can pay (brute force)."""
    few = make_case(5, 2, seed=8, overrides={"funding.uso_eligible": 1.0})
    deals = few.deals.assign(business_model=np.where(few.deals.index % 3 == 0, "uso_subsidised", "public_subsidy"))
    few = replace(few, deals=deals)
    sums = []
    for apbd, uso in itertools.product((2e8, 8e8), (2e8, 8e8)):
        made = plan(*few.arguments(), Scenario(budgets={"apbd": apbd, "uso": uso}, gap_target=0.0), few.assumptions)
        assert check_plan(made, few, Scenario(budgets={"apbd": apbd, "uso": uso})) == []
        sums.append(made.bound)
    both = plan(*few.arguments(), Scenario(budget_idr=1.6e9), few.assumptions)
    assert min(sums) == sums[0]
    assert max(sums) <= both.bound * (1 + 1e-9)


def test_need_counts_where_equity_is_asked_for(case):
    village = case.access.villages.iloc[0]
    of_option = case.option_set.reach[case.option_set.reach["village_code"] == village["village_code"]]
    args = (case.option_set.reach, case.benefit, case.access.villages)
    plain = worth_rows(*args, Scenario(), case.assumptions).set_index(["option_id", "settlement_id"])["worth"]
    fair = worth_rows(*args, Scenario(objective="equity"), case.assumptions).set_index(["option_id", "settlement_id"])
    key = tuple(of_option[of_option["population_gained"] > 0].iloc[0][["option_id", "settlement_id"]])
    weight = 1 + case.assumptions["planning.equity_weight"] * village["need"] / 100
    assert fair["worth"][key] == pytest.approx(plain[key] * weight)


def test_the_command_line_refuses_a_bad_scenario_in_words(tmp_path, capsys):
    (tmp_path / "x.toml").write_text('base = "best_mix"\nbudget = 1\n')
    for given in (str(tmp_path / "x.toml"), str(tmp_path / "none.toml"), "no_such_name"):
        words = ["run", str(tmp_path), "--out", str(tmp_path / "o"), "--scenario", given, "--lang", "en"]
        assert main(words) == 2
        told = capsys.readouterr().err
        assert "Traceback" not in told
        assert ("budget: there is no such field" in told) == given.endswith("x.toml")
