"""A deal that gains nothing, but whose money pays for others' links, may make a plan better."""

from __future__ import annotations

import numpy as np
import pytest

from coverage.planning.instance import Instance
from coverage.planning.limits import none
from coverage.planning.model import Model
from coverage.planning.network import Network
from coverage.planning.optimiser import effort, optimise
from coverage.planning.search import greedy, improve, is_feasible
from coverage.progress import silent
from coverage.scenario import Scenario

BILLION = 1e9


@pytest.fixture
def shared_trunk():
    """A trunk of Rp 10 billion to three villages: two need money and gain, the one between has money and gains nothing.

    Of a budget of Rp 12 billion the trunk and one village can be paid (10.3 or 11.1), and both only with
    the Rp 9 billion that the third one adds to the trunk (10.5).
    """
    network = Network(
        names=["", "root", "hub", "a", "b", "c"],
        tail=np.array([0, 1, 2, 2, 2]),
        head=np.array([1, 2, 3, 4, 5]),
        cost=np.array([0.0, 10.0, 0.1, 0.1, 0.1]) * BILLION,
        capacity=np.full(5, 1e4),
        members=[(), (0,), (1,), (2,), (3,)],
    )
    return Instance(
        scenario=Scenario(),
        option_id=["a", "b", "c"],
        deal_id=["a", "b", "c"],
        village=np.arange(3),
        node=np.array([3, 4, 5]),
        demand=np.full(3, 100.0),
        gap=np.array([0.2, 0.0, 1.0 + 8.0]) * BILLION,
        surplus=np.array([0.0, 9.0, 0.0]) * BILLION,
        access_cost=np.full(3, BILLION),
        row_start=np.array([0, 1, 1, 2]),
        row_settlement=np.array([0, 1]),
        row_worth=np.ones(2),
        village_code=["a", "b", "c"],
        settlement_id=["a", "c"],
        settlement_village=np.array([0, 2]),
        threshold=np.full(3, np.inf),
        worth_weight=1.0,
        must=np.zeros(3, dtype=bool),
        network=network,
        link_cost=network.cost[1:],
        budget=12 * BILLION,
        penalty=1e-13,
        limits=none(3),
        kinds={},
    )


def test_search_takes_a_deal_in_for_what_it_pays_of_others_links(shared_trunk):
    assert greedy(shared_trunk).worth == 1.0
    found = improve(shared_trunk, greedy(shared_trunk), 200, money=0.5)
    assert is_feasible(shared_trunk, found)
    assert found.worth == 2.0
    assert sorted(found.options) == [0, 1, 2]
    assert found.public == pytest.approx(10.5 * BILLION)


def test_search_lets_go_of_it_where_its_money_is_not_needed(shared_trunk):
    rich = Instance(**{**shared_trunk.__dict__, "budget": 30 * BILLION})
    started = improve(shared_trunk, greedy(shared_trunk), 200, money=0.5)
    assert sorted(improve(rich, started, 200, money=0.5).options) == [0, 2]


def test_the_plan_with_it_is_proven_best(shared_trunk):
    outcome = optimise(shared_trunk, effort(200), 0.001, silent)
    assert outcome.solution.worth == 2.0
    assert outcome.gap <= 0.001


def test_a_solution_is_one_of_the_model_without_flow(shared_trunk):
    found = improve(shared_trunk, greedy(shared_trunk), 200, money=0.5)
    for flow in (True, False):
        model = Model(shared_trunk, flow=flow)
        again = model.solution(model.column_values(found))
        assert (again.objective, again.public) == (found.objective, found.public)
