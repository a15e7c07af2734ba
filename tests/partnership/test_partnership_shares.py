"""Sharing costs: axioms, known games, Steiner trees of published instances."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.errors import PlanningError
from coverage.partnership.linear import minimise
from coverage.partnership.shares import (
    excess,
    nucleolus,
    shapley,
    shapley_of_uses,
    split,
    stabilising_subsidy,
)
from coverage.partnership.steiner import coalition_costs, distances, without_throughways

REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference" / "steiner"

games = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(0, 100), min_size=(1 << n) - 1, max_size=(1 << n) - 1).map(
        lambda values: np.array([0.0, *values])
    )
)


def by_orders(game: np.ndarray) -> np.ndarray:
    n = len(game).bit_length() - 1
    total = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        joined = 0
        for player in order:
            total[player] += game[joined | 1 << player] - game[joined]
            joined |= 1 << player
    return total / len(orders)


@settings(max_examples=60, deadline=None)
@given(games)
def test_shapley_is_the_mean_over_all_orders_and_pays_everything(game):
    value = shapley(game)
    assert np.allclose(value, by_orders(game), atol=1e-9)
    assert value.sum() == pytest.approx(game[-1], abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(games, games)
def test_shapley_axioms(game, other):
    n = len(game).bit_length() - 1
    every = np.arange(len(game))
    # A player that adds nothing pays nothing; equal players pay alike; games add up.
    dummy = game.copy()
    dummy[every[every & 1 == 1]] = game[every[every & 1 == 1] ^ 1]
    assert shapley(dummy)[0] == pytest.approx(0, abs=1e-9)
    if n > 1:
        swapped = every ^ np.where((every & 1) != (every >> 1 & 1), 3, 0)
        symmetric = (game + game[swapped]) / 2
        assert shapley(symmetric)[0] == pytest.approx(shapley(symmetric)[1], abs=1e-9)
    if len(other) == len(game):
        assert np.allclose(shapley(game + other), shapley(game) + shapley(other), atol=1e-9)


def airport(lengths: list[float]) -> np.ndarray:
    """Runway game: a coalition needs the longest runway of its members; known Shapley value."""
    n = len(lengths)
    return np.array([max([lengths[i] for i in range(n) if s >> i & 1], default=0.0) for s in range(1 << n)])


def test_runway_game_by_hand():
    told = split(airport([12.0, 30.0, 60.0]))
    assert told.method == "shapley"
    assert told.shares == pytest.approx([4.0, 13.0, 43.0])
    assert told.stable


@settings(max_examples=40, deadline=None)
@given(st.lists(st.frozensets(st.sampled_from("abcdefg")), min_size=1, max_size=5))
def test_shared_parts_divide_as_all_orders_would_and_leave_nobody_better_alone(used):
    cost = {part: 10.0 + 3.0 * k for k, part in enumerate("abcdefg")}
    n = len(used)
    joined = [frozenset().union(*(used[i] for i in range(n) if s >> i & 1)) for s in range(1 << n)]
    game = np.array([sum(cost[part] for part in parts) for parts in joined])
    value = shapley_of_uses(used, cost)
    assert value == pytest.approx(by_orders(game), abs=1e-9)
    assert excess(game, value) <= 1e-9


def test_where_shapley_would_break_the_group_the_nucleolus_holds_it():
    game = np.array([0.0, 100.0, 100.0, 100.0, 100.0, 100.0, 190.0, 190.0])
    assert excess(game, shapley(game)) > 0
    told = split(game)
    assert told.method == "nucleolus"
    assert told.stable
    assert told.shares.sum() == pytest.approx(game[-1])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_ways_without_throughways_are_as_long(seed):
    whole = nx.gnm_random_graph(14, 20, seed=seed)
    nx.relabel_nodes(whole, {n: f"n{n:02d}" for n in list(whole)}, copy=False)
    for k, (a, b) in enumerate(sorted(whole.edges)):
        whole.edges[a, b]["cost"] = 1.0 + (k * 7) % 5
    keep = {"n00", "n05", "n09"}
    short = whole.copy()
    without_throughways(short, keep)
    assert keep <= set(short) <= set(whole)
    names = sorted(short)
    every = sorted(whole)
    at = [every.index(name) for name in names]
    assert np.array_equal(distances(short, names), distances(whole, every)[np.ix_(at, at)])


@settings(max_examples=40, deadline=None)
@given(games.filter(lambda g: len(g) > 2))
def test_nucleolus_lies_in_the_core_when_there_is_one_and_minimises_the_worst_excess(game):
    n = len(game).bit_length() - 1
    shares = nucleolus(game)
    assert shares.sum() == pytest.approx(game[-1], abs=1e-6)
    members = ((np.arange(len(game))[:, None] >> np.arange(n)) & 1).astype(float)
    rows = np.vstack([np.hstack([members[1:-1], -np.ones((len(game) - 2, 1))]), [*np.ones(n), 0.0]])
    high = np.concatenate([game[1:-1], [game[-1]]])
    low = np.concatenate([np.full(len(game) - 2, -np.inf), [game[-1]]])
    least = minimise([*np.zeros(n), 1.0], rows, low, high, lower=-np.inf).objective
    assert excess(game, shares) == pytest.approx(least, abs=1e-6)


def test_an_empty_core_tells_the_subsidy_that_holds_the_group():
    """Any two connect for 60, all three for 100: each pair's 60 asks for shares of at most 90 in all."""
    game = np.array([0.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0, 100.0])
    told = split(game)
    assert told.method == "subsidised"
    assert told.subsidy == pytest.approx(10.0)
    assert told.shares.sum() + told.subsidy == pytest.approx(100.0)
    assert told.stable
    assert stabilising_subsidy(airport([1.0, 2.0]))[0] == 0


def test_one_village_pays_its_own_way():
    told = split(np.array([0.0, 42.0]))
    assert told.shares.tolist() == [42.0]
    assert told.stable


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_coalition_costs_against_brute_force(seed):
    draw = np.random.default_rng(seed)
    graph = nx.gnm_random_graph(8, 14, seed=seed)
    for a, b in graph.edges:
        graph[a][b]["cost"] = float(draw.integers(1, 20))
    # A village's own node is there only for coalitions that it belongs to.
    table = distances(graph, list(range(8)), ends=[1, 2, 3])
    costs = coalition_costs(table, [1, 2, 3], 0)
    for coalition in range(1, 8):
        need = {0, *(i + 1 for i in range(3) if coalition >> i & 1)}
        spare = [4, 5, 6, 7]
        best = np.inf
        for extra in range(1 << len(spare)):
            part = graph.subgraph(need | {v for j, v in enumerate(spare) if extra >> j & 1})
            if nx.is_connected(part):
                best = min(best, nx.minimum_spanning_tree(part, weight="cost").size(weight="cost"))
        assert costs[coalition] == pytest.approx(best)


def test_too_large_a_group_is_refused():
    with pytest.raises(PlanningError):
        coalition_costs(np.zeros((20, 20)), list(range(13)), 19)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["track1_instance001.gr", "track1_instance010.gr", "track1_instance033.gr"])
def test_published_steiner_trees(name):
    if not REFERENCE.is_dir():
        pytest.skip("the reference instances of ../shared are not here")
    optimum = pd.read_csv(REFERENCE / "expected.csv").set_index("file")["optimum"]
    graph, terminals = nx.Graph(), []
    for line in (REFERENCE / name).read_text().splitlines():
        words = line.split()
        if words[:1] == ["E"]:
            a, b, cost = map(int, words[1:])
            graph.add_edge(a, b, cost=cost)
        elif words[:1] == ["T"]:
            terminals.append(int(words[1]))
    nodes = sorted(graph)
    where = [nodes.index(t) for t in terminals]
    assert coalition_costs(distances(graph, nodes), where[1:], where[0])[-1] == optimum[name]
