"""One mast for several villages: who shares it, what each pays, checked by hand and against all that could be built."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from partnership_world import A, option_set
from shapely.geometry import LineString, Point

from coverage.options import OptionSet, social_cost
from coverage.partnership import shared_masts
from coverage.partnership.clusters import cost_game
from coverage.partnership.masts import mast_game
from coverage.partnership.routes import link_costs

WEST, EAST, THIRD = "33.27.01.2001", "33.27.01.2002", "33.27.01.2003"
POINT = Point(109.2, -7.1)
LINE = LineString([POINT, (109.21, -7.1)])
#: Option -> village, capex, people newly reached by village.
VALLEY = {
    "west": (WEST, 1.8e9, {WEST: 1000.0}),
    "east": (EAST, 1.9e9, {EAST: 1200.0}),
    "hill": (WEST, 2.4e9, {WEST: 950.0, EAST: 1100.0}),
}


def world(masts, links):
    """Masts by name, and links ``(from, to, capex)``; capacity enters at ``root``."""
    plain = option_set()
    row = plain.options[plain.options["technology"] == "light_tower"].iloc[0]
    options = pd.DataFrame(
        [
            {
                **row.to_dict(), "option_id": name, "village_code": village, "node": name, "capex_idr": capex,
                "backhaul_mbps": 20.0, "population_gained": sum(people.values()),
                "population_reached": sum(people.values()),
            }
            for name, (village, capex, people) in masts.items()
        ]
    )  # fmt: skip
    reach = pd.DataFrame(
        [(name, f"{v}-1", v, n, n) for name, (_at, _capex, people) in masts.items() for v, n in people.items()],
        columns=["option_id", "settlement_id", "village_code", "population_reached", "population_gained"],
    )
    edges = pd.DataFrame(
        [(f"{a}-{b}", a, b, "fibre", 1000.0, capex, 0.0, 25.0, 1e4) for a, b, capex in links],
        columns=[c for c in plain.links.columns if c != "geometry"],
    )
    names = sorted({name for a, b, _c in links for name in (a, b)})
    nodes = pd.DataFrame(
        [(n, "option" if n in masts else "road", n == "root", 1e5 if n == "root" else 0.0) for n in names],
        columns=["node", "kind", "is_root", "capacity_mbps"],
    )
    return OptionSet(
        options,
        reach,
        gpd.GeoDataFrame(edges, geometry=[LINE] * len(edges), crs="EPSG:4326"),
        gpd.GeoDataFrame(nodes, geometry=[POINT] * len(nodes), crs="EPSG:4326"),
        pd.DataFrame(),
    )


def chosen(own):
    return pd.DataFrame(
        [(f"{option}|a|alone", option, village) for village, option in own.items()],
        columns=["deal_id", "option_id", "village_code"],
    )


LINKS = [("west", "root", 2e8), ("east", "root", 3e8), ("hill", "root", 4e8)]
OWN = chosen({WEST: "west", EAST: "east"})


def worth(made):
    """Present value of every mast with its own link, by name."""
    link = dict(zip(made.links["source"], link_costs(made, A), strict=True))
    return {o: float(c) + link[o] for o, c in zip(made.options["option_id"], social_cost(made.options, A), strict=True)}


def test_two_villages_with_a_hill_between_them_pay_less_for_one_mast_than_for_one_each():
    made = world(VALLEY, LINKS)
    (group,) = shared_masts(made, OWN, A)
    cost = worth(made)
    assert group.masts == ("hill",)
    assert group.village_codes == (WEST, EAST)
    assert group.alone_idr == pytest.approx([cost["west"], cost["east"]])
    assert group.together_idr == pytest.approx(cost["hill"])
    assert group.together_idr < group.alone_idr.sum()
    # two players: each pays half of the whole, more or less by half of the difference when alone
    half = (cost["west"] - cost["east"]) / 2
    assert group.split.shares == pytest.approx([cost["hill"] / 2 + half, cost["hill"] / 2 - half])
    assert group.split.method == "shapley"
    assert group.split.stable
    assert (group.split.shares < group.alone_idr).all()
    assert group.invite_first(WEST) == (EAST,)


def test_far_apart_they_are_no_group():
    apart = VALLEY | {"hill": (WEST, 2.4e9, {WEST: 950.0})}
    assert shared_masts(world(apart, LINKS), OWN, A) == []


def test_a_mast_that_leaves_too_many_of_the_neighbours_without_signal_is_not_shared():
    weak = VALLEY | {"hill": (WEST, 2.4e9, {WEST: 950.0, EAST: 900.0})}  # 75 % of 1,200
    assert shared_masts(world(weak, LINKS), OWN, A) == []
    looser = A.override({"funding.shared_mast_share": 0.7})
    assert len(shared_masts(world(weak, LINKS), OWN, looser)) == 1


def test_a_mast_that_costs_more_than_one_each_is_not_shared():
    dear = VALLEY | {"hill": (WEST, 9e9, VALLEY["hill"][2])}
    assert shared_masts(world(dear, LINKS), OWN, A) == []


def test_other_technologies_take_no_masts_place():
    made = world(VALLEY, LINKS)
    wifi = made.options.assign(
        technology=made.options["technology"].where(made.options["option_id"] != "east", "fixed_wireless")
    )
    assert shared_masts(replace(made, options=wifi), OWN, A) == []


def test_three_villages_are_held_together_whatever_some_of_them_could_do():
    masts = {
        "west": (WEST, 1.8e9, {WEST: 1000.0}),
        "east": (EAST, 1.9e9, {EAST: 1200.0, THIRD: 900.0}),
        "third": (THIRD, 2.0e9, {THIRD: 1000.0}),
        "hill": (WEST, 2.6e9, {WEST: 1000.0, EAST: 1100.0, THIRD: 950.0}),
    }
    links = [("west", "root", 2e8), ("east", "root", 3e8), ("third", "road", 2e8), ("hill", "road", 1e8),
             ("road", "root", 2e8)]  # fmt: skip
    made = world(masts, links)
    (group,) = shared_masts(made, chosen({WEST: "west", EAST: "east", THIRD: "third"}), A)
    assert group.village_codes == (WEST, EAST, THIRD)
    assert group.masts == ("hill",)
    assert group.split.stable
    assert group.split.shares.sum() == pytest.approx(group.together_idr)
    # east and its neighbour could share east's mast: no more than that may they pay together
    assert group.split.shares[1:].sum() <= worth(made)["east"] + 1


def test_every_coalition_builds_only_at_its_own_sites():
    rng = np.random.default_rng(7)
    for _draw in range(20):
        villages, masts = 4, 6
        owner = [int(v) for v in rng.integers(0, villages, masts)]
        owner[:villages] = range(villages)
        serves = [int(rng.integers(0, 1 << villages)) | 1 << at for at in owner]
        total = np.concatenate([[0.0], rng.uniform(1, 9, (1 << masts) - 1)])
        game, best = mast_game(total, serves, [1 << at for at in owner], villages)
        for coalition in range(1, 1 << villages):
            ways = []
            for size in range(1, masts + 1):
                for built in combinations(range(masts), size):
                    reached = 0
                    for k in built:
                        reached |= serves[k]
                    at_home = all(coalition >> owner[k] & 1 for k in built)
                    if at_home and reached & coalition == coalition:
                        ways.append(total[sum(1 << k for k in built)])
            assert game[coalition] == min(ways)
        assert total[best] == game[-1]


def test_no_coalition_sends_its_traffic_through_a_mast_that_it_does_not_build():
    """The short way of `far` leads through `near`: only who builds both may use it."""
    masts = {"near": (WEST, 1e9, {WEST: 10.0}), "far": (EAST, 1e9, {EAST: 10.0}), "side": (THIRD, 1e9, {THIRD: 10.0})}
    links = [("near", "root", 1e8), ("far", "near", 1e8), ("far", "road", 4e8), ("road", "root", 4e8),
             ("side", "far", 1e8), ("side", "road", 9e8)]  # fmt: skip
    made = world(masts, links)
    names = list(masts)
    game = cost_game(made, names, A)
    cost = dict(zip(made.links["link_id"], link_costs(made, A), strict=True))
    for coalition in range(1, 8):
        built = {name for k, name in enumerate(names) if coalition >> k & 1}
        best = np.inf
        for size in range(len(links) + 1):
            for taken in combinations(links, size):
                graph = nx.Graph([(a, b) for a, b, _c in taken])
                graph.add_node("root")
                inside = all(name in built for name in graph if name in masts)
                joined = all(name in graph and nx.has_path(graph, name, "root") for name in built)
                if inside and joined:
                    best = min(best, sum(cost[f"{a}-{b}"] for a, b, _c in taken))
        assert game[coalition] == pytest.approx(best), built
