"""A made-up road network that joins every village and hamlet and climbs as roads do.

Village centres are joined to natural neighbours (Gabriel graph). Each road follows the cheapest way
over the ground, where slope costs. Those needed to join everything are kept, and those that save a
long way round. Routes between district seats become main roads.
"""

from __future__ import annotations

import heapq
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.region.sample.ground import Ground
from coverage.region.sample.noise import displaced
from coverage.region.sample.villages import seats

Floats = NDArray[np.float64]

_STEP_M = 180.0
_CLASS_ORDER = ("primary", "secondary", "tertiary", "local")
#: The regency's known pattern: the north-coast road, the trunk to the hills and the cross links.
_ROUTES = (
    ("primary", ("Pemalang", "Taman", "Petarukan", "Comal", "Ulujami")),
    ("primary", ("Pemalang", "Bantarbolang", "Randudongkal", "Belik")),
    ("secondary", ("Randudongkal", "Warungpring", "Moga", "Pulosari", "Belik")),
    ("secondary", ("Comal", "Ampelgading", "Bodeh", "Bantarbolang")),
    ("secondary", ("Randudongkal", "Watukumpul", "Belik")),
    ("secondary", ("Bodeh", "Watukumpul")),
)


def _neighbours(x: Floats, y: Floats) -> list[tuple[int, int]]:
    """Pairs with nobody inside the circle on the line between them (Gabriel graph), sorted."""
    square = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    pairs = []
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            third = square[i] + square[j]
            third[[i, j]] = np.inf
            if third.min() >= square[i, j]:
                pairs.append((i, j))
    return pairs


def _way(start: Floats, end: Floats, ground: Ground, slope_weight: float) -> tuple[Floats, float]:
    """The cheapest way over the ground between two points, and its cost in metres of level road.

    Dijkstra on a square lattice of 180 m around the two points; a metre costs
    ``1 + slope_weight * slope``, steep parts more than in proportion.
    """
    span = np.hypot(*(end - start))
    margin = 0.35 * span + 2 * _STEP_M
    low = np.minimum(start, end) - margin
    cols, rows = np.ceil((np.maximum(start, end) + margin - low) / _STEP_M).astype(int) + 1
    gx, gy = np.meshgrid(low[0] + np.arange(cols) * _STEP_M, low[1] + np.arange(rows) * _STEP_M)
    height = ground.height(gx, gy).tolist()
    first = tuple(np.round((start - low) / _STEP_M).astype(int))
    last = tuple(np.round((end - low) / _STEP_M).astype(int))
    moves = [(i, j, _STEP_M * (i * i + j * j) ** 0.5) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    cost, before = {first: 0.0}, {first: first}
    queue = [(0.0, first)]
    while queue:
        spent, (col, row) = heapq.heappop(queue)
        if (col, row) == last:
            break
        if spent > cost[col, row]:
            continue
        for i, j, length in moves:
            c, r = col + i, row + j
            if 0 <= c < cols and 0 <= r < rows:
                slope = abs(height[r][c] - height[row][col]) / length
                total = spent + length * (1 + slope_weight * slope * (1 + 4 * slope))
                if total < cost.get((c, r), np.inf):
                    cost[c, r], before[c, r] = total, (col, row)
                    heapq.heappush(queue, (total, (c, r)))
    cells = [last]
    while cells[-1] != first:
        cells.append(before[cells[-1]])
    inner = np.array(cells[::-1], dtype=float)[1:-1] * _STEP_M + low
    return _curve(np.vstack([start, inner, end])), cost[last]


def _curve(points: Floats) -> Floats:
    """A line without the lattice's corners: averaged, and bent a little by noise; the ends stay."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0.0, length[-1], max(3, int(length[-1] // 120.0)))
    line = np.column_stack([np.interp(at, length, points[:, 0]), np.interp(at, length, points[:, 1])])
    for _round in range(4):
        line[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    bent = np.column_stack(displaced(line[:, 0], line[:, 1], 45.0, 900.0, 71))
    taper = np.minimum(1.0, np.minimum(at, at[-1] - at) / 400.0)[:, None]
    line += taper * (bent - line)
    return shapely.get_coordinates(shapely.simplify(shapely.LineString(line), 12.0))


def _village_graph(x: Floats, y: Floats, ground: Ground, assumptions: Assumptions) -> nx.Graph[int]:
    """Village centres joined by the roads worth having; edges carry ``cost`` and ``line``."""
    spots = np.column_stack([x, y])
    every: nx.Graph[int] = nx.Graph()
    for i, j in _neighbours(x, y):
        line, cost = _way(spots[i], spots[j], ground, assumptions["sample.road_slope_weight"])
        every.add_edge(i, j, cost=cost, line=line)
    kept = nx.minimum_spanning_tree(every, weight="cost")
    for i, j, data in sorted(every.edges(data=True), key=lambda e: (e[2]["cost"], e[0], e[1])):
        if kept.has_edge(i, j):
            continue
        around = nx.dijkstra_path_length(kept, i, j, weight="cost")
        if around > assumptions["sample.road_detour"] * data["cost"]:
            kept.add_edge(i, j, **data)
    return kept


def _classify(graph: nx.Graph[int], villages: pd.DataFrame) -> None:
    """Mark the routes between district seats, best class first; what is left joins villages (tertiary)."""
    for _i, _j, edge in graph.edges(data=True):
        edge["road_class"] = "tertiary"
    for road_class, stops in _ROUTES:
        for start, end in pairwise(stops):
            for i, j in pairwise(
                nx.dijkstra_path(graph, seats(villages, start)[0], seats(villages, end)[0], weight="cost")
            ):
                edge = graph.edges[i, j]
                edge["road_class"] = min(edge["road_class"], road_class, key=_CLASS_ORDER.index)
                # Later routes follow main roads that are there.
                edge["cost"] *= 0.8


def roads(villages: pd.DataFrame, hamlets: pd.DataFrame, ground: Ground, assumptions: Assumptions) -> pd.DataFrame:
    """Road lines; a road ends exactly where the next one begins, and all hang together.

    Parameters
    ----------
    villages : DataFrame
        Columns ``code, name, district, seat``.
    hamlets : DataFrame
        As from :func:`coverage.region.sample.settlements.settlements`.

    Returns
    -------
    DataFrame
        ``road_id, road_class, geometry`` (LineString, EPSG:32749).
    """
    first = hamlets.drop_duplicates("village_code")
    x, y = first["x_m"].to_numpy(), first["y_m"].to_numpy()
    placed = villages.assign(x_m=x, y_m=y)
    graph = _village_graph(x, y, ground, assumptions)
    _classify(graph, placed)
    found = [(d["road_class"], d["line"]) for _i, _j, d in sorted(graph.edges(data=True), key=lambda e: e[:2])]
    found += [("local", line) for line in _lanes(hamlets, ground, assumptions)]
    found.sort(key=lambda road: _CLASS_ORDER.index(road[0]))
    return pd.DataFrame(
        {
            "road_id": [f"R{number:04d}" for number in range(1, len(found) + 1)],
            "road_class": [road_class for road_class, _line in found],
            "geometry": [shapely.LineString(line) for _class, line in found],
        }
    )


def _lanes(hamlets: pd.DataFrame, ground: Ground, assumptions: Assumptions) -> list[Floats]:
    """Local roads that tie a village's hamlets together: its shortest tree."""
    lines = []
    for _code, group in hamlets.groupby("village_code", sort=True):
        spots = group[["x_m", "y_m"]].to_numpy()
        tree: nx.Graph[int] = nx.Graph()
        for i in range(len(spots)):
            for j in range(i + 1, len(spots)):
                tree.add_edge(i, j, metres=float(np.hypot(*(spots[i] - spots[j]))))
        for i, j in sorted(nx.minimum_spanning_edges(tree, weight="metres", data=False)):
            lines.append(_way(spots[i], spots[j], ground, assumptions["sample.road_slope_weight"])[0])
    return lines
