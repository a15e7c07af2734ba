"""Plans keep every rule, are as good as proven, and come out the same on a busy machine."""

from __future__ import annotations

import csv
import gc
import itertools
import multiprocessing
import time
import weakref
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from planning_instances import make_case

from coverage.errors import PlanningError, ScenarioError
from coverage.planning import check_plan, connect_terminals, plan, relaxation
from coverage.scenario import Scenario

BUDGET = 4e9


@pytest.fixture(scope="module")
def case():
    return make_case(30, 4, seed=3)


@pytest.fixture(scope="module")
def made(case):
    return plan(*case.arguments(), Scenario(budget_idr=BUDGET), case.assumptions)


@pytest.mark.parametrize(("objective", "fibre_points"), [("index_gain", 12), ("people", 3), ("villages", 6)])
def test_every_plan_is_sound_and_not_worse_than_greedy(objective, fibre_points):
    case = make_case(30, fibre_points, seed=5)
    scenario = Scenario(budget_idr=BUDGET, objective=objective)
    made = plan(*case.arguments(), scenario, case.assumptions)
    assert len(made.chosen) > 0
    assert check_plan(made, case, scenario) == []
    assert made.objective >= made.greedy_objective - 1e-12
    assert made.bound >= made.objective
    assert made.public_idr <= BUDGET
    assert made.public_idr + made.provider_idr == pytest.approx(made.cost_pv_idr)


def test_a_plan_leaves_no_solver_behind(case, monkeypatch):
    """A solver's memory is outside Python's: it must go with the plan, not when Python looks for circles."""
    lived = []
    begin = relaxation.Relaxation.__init__

    def noted(self, *given):
        begin(self, *given)
        lived.append(weakref.ref(self))

    monkeypatch.setattr(relaxation.Relaxation, "__init__", noted)
    gc.disable()
    try:
        plan(*case.arguments(), Scenario(budget_idr=BUDGET), case.assumptions)
        assert lived
        assert not [one for one in lived if one() is not None]
    finally:
        gc.enable()


def test_more_money_never_gains_less(case):
    gains = [plan(*case.arguments(), Scenario(budget_idr=b), case.assumptions).bound for b in (0.0, 4e9)]
    assert gains == sorted(gains)


def test_nothing_is_bought_without_money_that_needs_it(case):
    made = plan(*case.arguments(), Scenario(budget_idr=0.0), case.assumptions)
    assert made.chosen["subsidy_idr"].sum() == pytest.approx(0.0, abs=1.0)


def test_the_bound_holds_against_every_combination_of_deals():
    """On a tiny case the proven bound is compared with all plans that force villages in or out."""
    case = make_case(4, 2, seed=8, overrides={"planning.cost_penalty": 0.0})
    scenario = Scenario(budget_idr=1.5e9, gap_target=0.0)
    best = plan(*case.arguments(), scenario, case.assumptions)
    codes = sorted(set(case.deals["village_code"]))
    found = []
    for size in range(len(codes) + 1):
        for out in itertools.combinations(codes, size):
            forced = scenario.model_copy(update={"never": out})
            other = plan(*case.arguments(), forced, case.assumptions)
            assert check_plan(other, case, forced) == []
            found.append(other.benefit)
    assert len(found) > 3
    assert max(found) <= best.bound * (1 + 1e-9)
    assert best.benefit >= max(found) * (1 - max(best.gap, 1e-9))


def _busy(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(10_000))


def test_a_plan_is_the_same_on_an_idle_and_a_busy_machine(case, made):
    workers = [multiprocessing.Process(target=_busy, args=(30.0,), daemon=True) for _ in range(4)]
    for worker in workers:
        worker.start()
    try:
        again = plan(*case.arguments(), Scenario(budget_idr=BUDGET), case.assumptions)
    finally:
        for worker in workers:
            worker.terminate()
    assert (again.objective, again.bound, again.status, again.work) == (
        made.objective, made.bound, made.status, made.work,
    )  # fmt: skip
    assert again.chosen.equals(made.chosen)
    assert list(again.links["link_id"]) == list(made.links["link_id"])


@pytest.mark.parametrize("broken", ["budget", "twice", "unconnected", "people", "funders", "gap", "stranger"])
def test_broken_plans_are_caught(case, made, broken):
    chosen, links = made.chosen, made.links
    scenario = Scenario(budget_idr=BUDGET)
    if broken == "budget":
        scenario = Scenario(budget_idr=made.public_idr * 0.5)
        wrong = made
    elif broken == "twice":
        deal = case.deals[
            (case.deals["village_code"] == chosen["village_code"].iloc[0])
            & ~case.deals["option_id"].isin(chosen["option_id"])
        ].iloc[0]
        extra = chosen.iloc[[0]].assign(deal_id=deal["deal_id"], option_id=deal["option_id"])
        wrong = replace(
            made, chosen=type(chosen)(np.vstack([chosen, extra]), columns=chosen.columns).astype(chosen.dtypes)
        )
    elif broken == "unconnected":
        wrong = replace(made, links=links.iloc[1:])
    elif broken == "people":
        wrong = replace(made, population_gained=made.population_gained * 2,
                        chosen=chosen.assign(population_gained=chosen["population_gained"] * 2))  # fmt: skip
    elif broken == "funders":
        wrong = replace(made, chosen=chosen.assign(subsidy_idr=0.0))
    elif broken == "gap":
        wrong = replace(made, gap=made.gap / 2 + 0.5)
    else:
        wrong = replace(
            made, chosen=chosen.assign(deal_id=["x" + chosen["deal_id"].iloc[0], *chosen["deal_id"].iloc[1:]])
        )
    assert check_plan(wrong, case, scenario) != []


def test_villages_can_be_forced_in_and_out(case, made):
    inside = sorted(made.chosen["village_code"])
    outside = sorted(set(case.deals["village_code"]) - set(inside))
    scenario = Scenario(budget_idr=2 * BUDGET, must=(outside[0],), never=(inside[0],))
    other = plan(*case.arguments(), scenario, case.assumptions)
    assert outside[0] in set(other.chosen["village_code"])
    assert inside[0] not in set(other.chosen["village_code"])
    assert check_plan(other, case, scenario) == []


def test_impossible_scenarios_name_what_clashes(case):
    needy = sorted(case.deals.groupby("village_code")["subsidy_idr"].min().nlargest(3).index)
    with pytest.raises(PlanningError) as caught:
        plan(*case.arguments(), Scenario(budget_idr=1e6, must=tuple(needy)), case.assumptions)
    assert any(code in str(caught.value) for code in needy)
    with pytest.raises(ScenarioError, match=needy[0]):
        plan(*case.arguments(), Scenario(must=(needy[0],), never=(needy[0],)), case.assumptions)


def test_a_backhaul_tree_of_known_cost_is_found():
    graph = nx.Graph()
    for leaf in "abc":
        graph.add_edge("hub", leaf, cost_idr=2.0)
    graph.add_edge("a", "b", cost_idr=3.5)
    graph.add_edge("b", "c", cost_idr=3.5)
    tree = connect_terminals(graph, ["a", "b", "c"])
    assert tree.cost_idr == pytest.approx(6.0)
    assert tree.lower_bound_idr <= 6.0 + 1e-9
    assert nx.is_tree(nx.Graph(tree.edges))


@pytest.mark.shared
@pytest.mark.parametrize("number", [0, 2])
def test_published_steiner_trees_are_reached_within_a_percent(shared, number):
    folder = shared / "reference" / "steiner"
    with (folder / "expected.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    row = rows[number]
    name, best = row["file"], row["optimum"]
    graph, terminals = nx.Graph(), []
    path = folder / name
    for line in path.read_text().splitlines():
        words = line.split()
        if words[:1] == ["E"]:
            graph.add_edge(words[1], words[2], cost_idr=float(words[3]))
        elif words[:1] == ["T"]:
            terminals.append(words[1])
    tree = connect_terminals(graph, terminals)
    assert tree.cost_idr <= float(best) * 1.01
    assert tree.lower_bound_idr <= float(best) + 1e-6
    joined = nx.Graph(tree.edges)
    assert nx.is_connected(joined)
    assert set(terminals) <= set(joined)
