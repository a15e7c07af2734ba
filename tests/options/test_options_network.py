"""Roads, contraction, fibre trees and microwave clearance: known answers."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from options_world import CRS, NORTH, PIXEL, SIZE, WEST, terrain
from shapely.geometry import LineString, Point

from coverage.options.contract import contract
from coverage.options.ftth import distribution_tree
from coverage.options.hops import clearance_m
from coverage.options.roadnet import RoadNet, road_network

EMPTY = gpd.GeoDataFrame(geometry=[], crs=CRS)
HOP = {"frequency_mhz": 8000.0, "k_factor": 4 / 3, "fresnel_share": 1.0, "canopy_m": 0.0}


def grid_roads(n: int = 6, step: float = 700.0) -> RoadNet:
    lines = [LineString([(0, i * step), ((n - 1) * step, i * step)]) for i in range(n)]
    lines += [LineString([(i * step, 0), (i * step, (n - 1) * step)]) for i in range(n)]
    lines.append(LineString([(0, 0), (-1500, -1500)]))  # a dead end
    return road_network(gpd.GeoDataFrame(geometry=lines, crs=CRS), EMPTY, EMPTY, CRS, 1.2)


def test_crossing_roads_are_joined_and_lengths_kept():
    net = grid_roads()
    assert nx.is_connected(net.graph)
    assert net.length_m.sum() == pytest.approx(2 * 6 * 5 * 700 + 1500 * 2**0.5, rel=1e-3)


def test_without_roads_straight_lines_times_the_route_factor():
    points = gpd.GeoDataFrame(geometry=[Point(0, 0), Point(1000, 0), Point(2000, 0)], crs=CRS)
    net = road_network(EMPTY, points, EMPTY, CRS, 1.2)
    ends = net.nearest([0, 2000], [0, 0])[0]
    assert nx.dijkstra_path_length(net.graph, *ends.tolist()) == pytest.approx(2400)
    assert len(road_network(EMPTY, points.iloc[:1], EMPTY, CRS, 1.2)) == 0


@pytest.mark.parametrize("limit", [10_000, 1])
def test_contraction_keeps_the_shortest_way_to_the_nearest_terminal(limit):
    net = grid_roads()
    terminals = net.nearest([0, 3500, 1400, 2100], [0, 3500, 700, 2800])[0].tolist()
    small: nx.Graph = nx.Graph()
    for chain in contract(net, terminals, limit):
        small.add_edge(chain.path[0], chain.path[-1], weight=chain.length_m)
        assert chain.length_m == pytest.approx(nx.path_weight(net.graph, chain.path, "weight"))
    assert small.number_of_edges() < net.graph.number_of_edges() / 4
    assert all(small.degree[v] > 1 or v in terminals for v in small)
    for a in terminals:
        others = [b for b in terminals if b != a]
        true = min(nx.dijkstra_path_length(net.graph, a, b) for b in others)
        kept = min(nx.dijkstra_path_length(small, a, b) for b in others)
        assert kept == pytest.approx(true)
        if limit > 1:
            for b in others:
                assert nx.dijkstra_path_length(small, a, b) == pytest.approx(nx.dijkstra_path_length(net.graph, a, b))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 30), min_size=4, max_size=4), st.floats(5, 200))
def test_fibre_tree_is_the_best_of_all_subtrees(homes, metres_per_home):
    """A line of four places 500 m apart and one 1 km aside: brute force over all prefixes."""
    line = LineString([(0, 0), (1500, 0)])
    side = LineString([(500, 0), (500, 1000)])
    net = road_network(gpd.GeoDataFrame(geometry=[line, side], crs=CRS), EMPTY, EMPTY, CRS, 1.0)
    vertex, _gap = net.nearest([500, 1000, 1500, 500], [0, 0, 0, 1000])
    centre = int(net.nearest([0], [0])[0][0])
    tree = distribution_tree(net, centre, vertex, np.array(homes), metres_per_home)
    a, b, c, d = homes
    worth = [0.0]
    for along in (500, 1000, 1500):
        gained = a + (b if along >= 1000 else 0) + (c if along >= 1500 else 0)
        worth.append(gained * metres_per_home - along)
        worth.append((gained + d) * metres_per_home - along - 1000)
    assert tree.homes.sum() * metres_per_home - tree.metres == pytest.approx(max(worth), abs=1e-6)


def mast(x: float, height: float) -> np.ndarray:
    return np.array([[x, NORTH - SIZE * PIXEL / 2, height]])


def test_a_ridge_blocks_a_hop_and_height_clears_it():
    west, east = mast(WEST + 4000, 32.0), mast(WEST + 14000, 42.0)
    flat = clearance_m(terrain(0), west, east, **HOP)
    assert flat[0] > 0
    assert clearance_m(terrain(60), west, east, **HOP)[0] < 0
    west[0, 2] += 80
    east[0, 2] += 80
    assert clearance_m(terrain(60), west, east, **HOP)[0] > 0


def test_clearance_over_flat_land_by_hand():
    """10 km at 8 GHz: first Fresnel radius 9.68 m, bulge 1.47 m at the middle; the masts stand at 30 m."""
    west, east = mast(WEST + 4000, 30.0), mast(WEST + 14000, 30.0)
    assert clearance_m(terrain(0), west, east, **HOP)[0] == pytest.approx(30 - 9.68 - 1.47, abs=0.05)
    assert clearance_m(terrain(0), west[:0], east[:0], **HOP).shape == (0,)
