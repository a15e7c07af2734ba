"""A large road network made small: only what lies between the places that matter.

Dead ends that lead to no terminal are cut off and vertices between two neighbours are merged away,
which changes no distance between terminals. If too many links remain, only those on shortest paths
between neighbouring terminals are kept (the closure that the terminals' minimum spanning tree is
taken from in Mehlhorn, *A faster approximation algorithm for the Steiner problem in graphs*, 1988).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.options.roadnet import RoadNet

if TYPE_CHECKING:
    import networkx as nx

#: Of every vertex the vertices beside it, with the length between them in metres.
Graph = dict[int, dict[int, float]]


@dataclass(frozen=True)
class Chain:
    """A road link: its end vertices, the vertices along it and its length in metres."""

    path: tuple[int, ...]
    length_m: float


def contract(net: RoadNet, terminals: Iterable[int], limit: int) -> list[Chain]:
    """Links of the contracted network, in order of their end vertices.

    Parameters
    ----------
    net : RoadNet
        The fine network.
    terminals : iterable of int
        Vertices that stay.
    limit : int
        Number of links above which only shortest paths between neighbouring terminals are kept.
    """
    keep = set(terminals)
    graph = _without_dead_ends(net, keep)
    chains = _chains(graph, keep)
    if len(chains) > limit:
        chains = _chains(_shortest_only(graph, sorted(keep & set(graph))), keep)
    return chains


def _without_dead_ends(net: RoadNet, keep: set[int]) -> Graph:
    graph = {vertex: dict(pieces) for vertex, pieces in enumerate(net.neighbours)}
    ends = [v for v, pieces in graph.items() if len(pieces) <= 1 and v not in keep]
    while ends:
        vertex = ends.pop()
        for neighbour in graph.pop(vertex):
            del graph[neighbour][vertex]
            if len(graph[neighbour]) <= 1 and neighbour not in keep:
                ends.append(neighbour)
    return graph


def _chains(graph: Graph, keep: set[int]) -> list[Chain]:
    stops = {v for v, pieces in graph.items() if len(pieces) != 2 or v in keep}
    best: dict[tuple[int, int], Chain] = {}
    for start in sorted(stops):
        for step in sorted(graph[start]):
            path, length = [start, step], graph[start][step]
            while path[-1] not in stops:
                ahead = next(n for n in graph[path[-1]] if n != path[-2])
                length += graph[path[-1]][ahead]
                path.append(ahead)
            ends = (path[0], path[-1])
            # Each chain is met from both ends; a loop leads nowhere; of two parallel roads the shorter stays.
            if ends[0] < ends[1] and (ends not in best or length < best[ends].length_m):
                best[ends] = Chain(tuple(path), float(length))
    return [best[ends] for ends in sorted(best)]


def _shortest_only(pieces: Graph, terminals: list[int]) -> Graph:
    """Union of the shortest paths that join the Voronoi cells of the terminals."""
    if not terminals:
        return {}
    import networkx as nx

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(pieces)
    graph.add_weighted_edges_from((a, b, w) for a, ends in pieces.items() for b, w in ends.items() if a < b)
    distance: dict[int, float]
    paths: dict[int, list[int]]
    distance, paths = nx.multi_source_dijkstra(graph, terminals)  # type: ignore[assignment]
    bridges: dict[tuple[int, int], tuple[float, int, int]] = {}
    for a, b, data in graph.edges(data=True):
        if a not in distance or b not in distance:
            continue
        cells = sorted((paths[a][0], paths[b][0]))
        if cells[0] == cells[1]:
            continue
        candidate = (distance[a] + data["weight"] + distance[b], min(a, b), max(a, b))
        pair = (cells[0], cells[1])
        bridges[pair] = min(bridges.get(pair, candidate), candidate)
    kept: Graph = {terminal: {} for terminal in terminals}
    for _length, a, b in bridges.values():
        for path in (paths[a], paths[b], [a, b]):
            for u, v in itertools.pairwise(path):
                kept.setdefault(u, {})[v] = kept.setdefault(v, {})[u] = pieces[u][v]
    return kept
