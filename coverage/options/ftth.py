"""Fibre to the home: a distribution tree along the roads from a village centre (GPON)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.options.roadnet import RoadNet


@dataclass(frozen=True, eq=False)
class Tree:
    """A distribution tree: fibre in metres and the homes that it passes at each place."""

    metres: float
    homes: NDArray[np.float64]


def distribution_tree(
    net: RoadNet, centre: int, vertex: NDArray[np.intp], homes: NDArray[np.float64], metres_per_home: float
) -> Tree:
    """The part of the shortest-path tree that is worth building.

    A branch is built where its fibre per home is at most `metres_per_home`; taking or leaving each
    branch by that rule from the leaves up is the exact optimum of *homes x metres_per_home - metres*
    on the tree.

    Parameters
    ----------
    net : RoadNet
        Roads.
    centre : int
        Vertex of the village centre.
    vertex : ndarray of int
        Vertex that each place hangs on; -1 where it is too far from any.
    homes : ndarray
        Homes at each place.
    metres_per_home : float
        Limit.
    """
    at: dict[int, float] = {}
    for v, count in zip(vertex.tolist(), homes.tolist(), strict=True):
        if v >= 0:
            at[v] = at.get(v, 0.0) + count
    span = net.xy[list(at)] - net.xy[centre] if at else np.zeros((1, 2))
    cutoff = 3.0 * float(np.hypot(span[:, 0], span[:, 1]).max()) + 1.0
    distance = net.metres_from([centre], cutoff).tolist()
    # Of every vertex of the tree the one before it, and the length of the piece between them.
    before: dict[int, tuple[int, float]] = {}
    todo = sorted(v for v in at if distance[v] < math.inf)
    while todo:
        v = todo.pop()
        if v != centre and v not in before:
            before[v] = min((u, piece) for u, piece in net.neighbours[v] if distance[u] + piece == distance[v])
            todo.append(before[v][0])
    worth = {v: at.get(v, 0.0) * metres_per_home for v in [*before, centre]}
    cut: set[int] = set()
    for v in sorted(before, key=lambda u: (-distance[u], u)):
        parent, piece = before[v]
        net_worth = worth[v] - piece
        if net_worth < 0:
            cut.add(v)
        else:
            worth[parent] += net_worth
    kept = {centre}
    metres = 0.0
    for v in sorted(before, key=lambda u: (distance[u], u)):
        parent, piece = before[v]
        if v not in cut and parent in kept:
            kept.add(v)
            metres += piece
    passed = np.fromiter((v in kept for v in vertex.tolist()), dtype=bool, count=len(vertex))
    return Tree(metres, np.where(passed, homes, 0.0))


def ftth(
    village_code: str,
    household_size: float,
    own: NDArray[np.intp],
    population: NDArray[np.float64],
    xy: NDArray[np.float64],
    net: RoadNet,
    assumptions: Assumptions,
) -> Draft | None:
    """Fibre to the home for one village, or None where no home is near a road.

    Parameters
    ----------
    village_code : str
        The village.
    household_size : float
        People per home.
    own : ndarray of int
        Positions of the village's places.
    population, xy : ndarray, shape (places,) and (places, 2)
        People and metric coordinates of all places.
    net : RoadNet
        Roads.
    assumptions : Assumptions
        ``options.ftth_*`` and unit costs.
    """
    own = own[population[own] > 0]
    if not own.size or not len(net):
        return None
    people = population[own]
    vertex, gap = net.nearest(xy[own, 0], xy[own, 1])
    vertex = np.where(gap <= assumptions["options.ftth_drop"], vertex, -1)
    middle = np.average(xy[own], axis=0, weights=people)
    near = vertex[vertex >= 0]
    if not near.size:
        return None
    offset = net.xy[near] - middle
    centre = int(near[np.argmin(np.hypot(offset[:, 0], offset[:, 1]))])
    tree = distribution_tree(net, centre, vertex, people / household_size, assumptions["options.ftth_metres_per_home"])
    passed = float(tree.homes.sum())
    if passed < 1:
        return None
    connected = passed * assumptions["options.ftth_takeup"]
    backhaul = min(connected * assumptions["options.ftth_home_mbps"], assumptions["options.ftth_olt_mbps"])
    reached = np.zeros(len(population))
    reached[own] = tree.homes * household_size
    return Draft(
        option_id=f"{village_code}:ftth:v{round(net.xy[centre, 0])}_{round(net.xy[centre, 1])}",
        village_code=village_code,
        technology="ftth",
        x=float(net.xy[centre, 0]),
        y=float(net.xy[centre, 1]),
        height_m=0.0,
        lifetime_years=assumptions["options.ftth_lifetime"],
        capacity_mbps=assumptions["options.ftth_olt_mbps"],
        backhaul_mbps=backhaul,
        households_passed=passed,
        reached=reached,
        lines=(
            Line("cost.ftth_olt", 1),
            Line("cost.ftth_metre", tree.metres),
            Line("cost.ftth_home_passed", passed),
            Line("cost.ftth_home_connected", connected),
            Line("cost.ftth_upkeep", passed),
            Line("cost.transit", backhaul),
        ),
    )
