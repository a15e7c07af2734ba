"""The backhaul network as arrays, made smaller without losing any plan worth having.

Node 0 stands above all roots: one edge of cost 0 and the root's capacity leads to each of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.errors import PlanningError
from coverage.language import _
from coverage.planning import kernels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Network:
    """Undirected edges between integer nodes; node 0 is above all roots.

    Attributes
    ----------
    names : list of str
        Name of every node; ``""`` for node 0.
    tail, head : ndarray of int, (edges,)
        Ends. Edges from node 0 have it as their tail.
    cost, capacity : ndarray of float, (edges,)
        Present value in Rp, capacity in Mbit/s.
    members : list of tuple of int
        Rows of the Links table that make up each edge; empty for edges from node 0.
    """

    names: list[str]
    tail: Ints
    head: Ints
    cost: Floats
    capacity: Floats
    members: list[tuple[int, ...]]

    @cached_property
    def index(self) -> dict[str, int]:
        """Number of each named node."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def adjacency(self) -> tuple[Ints, Ints, Ints]:
        """Compressed rows: ``start`` (nodes + 1), then neighbour and edge of every entry."""
        ends = np.concatenate([self.tail, self.head])
        others = np.concatenate([self.head, self.tail])
        edges = np.concatenate([np.arange(len(self.tail))] * 2).astype(np.int64)
        order = np.lexsort((edges, ends))
        start = np.zeros(len(self.names) + 1, dtype=np.int64)
        np.add.at(start, ends + 1, 1)
        return np.cumsum(start), others[order], edges[order]

    @cached_property
    def alone(self) -> Floats:
        """Cost of the cheapest way from node 0 to every node, in Rp; infinite where there is none."""
        count = len(self.names)
        at = kernels.Labels(
            np.full(count, np.inf),
            np.full(count, -1, dtype=np.int64),
            np.full(count, -1, dtype=np.int64),
            np.full(count, -1, dtype=np.int64),
            np.full(count, np.inf),
        )
        at.dist[0] = 0.0
        kernels.spread(*self.adjacency, self.cost, self.capacity, 0.0, np.zeros(1, dtype=np.int64), at)
        return at.dist

    def terminal_nodes(self, names: list[str]) -> Ints:
        """Numbers of named nodes."""
        return np.array([self.index[name] for name in names], dtype=np.int64)


def build_network(nodes: pd.DataFrame, links: pd.DataFrame, cost: Floats, terminals: list[str]) -> Network:
    """Make the reduced network that can still connect every terminal.

    Parameters
    ----------
    nodes, links : DataFrame
        Tables Nodes and Links.
    cost : ndarray of float, (links,)
        Present value of every link, in Rp.
    terminals : list of str
        Nodes where options need capacity.

    Raises
    ------
    PlanningError
        Where a terminal or an end of a link is not in the table of nodes, or nothing is a root.
    """
    known = set(nodes.node)
    strangers = (set(terminals) | set(links.source) | set(links.target)) - known
    if strangers:
        raise PlanningError(
            _("The backhaul network names a point that is not in its list of points"),
            where=", ".join(sorted(strangers)[:3]),
        )
    roots = nodes[nodes.is_root.to_numpy(dtype=bool)].sort_values("node")
    if roots.empty and terminals:
        raise PlanningError(
            _("No fibre point or satellite is known where capacity comes from"),
            todo=_("Add at least one fibre point to the region"),
        )
    graph = _Reducer(set(terminals) | set(roots.node))
    for k, (a, b, c, capacity) in enumerate(zip(links.source, links.target, cost, links.capacity_mbps, strict=True)):
        graph.add(a, b, float(c), float(capacity), (k,))
    graph.reduce()
    edges = graph.edges()
    names = ["", *sorted(known & (set(terminals) | set(roots.node) | {n for e in edges for n in e[:2]}))]
    index = {name: i for i, name in enumerate(names)}
    rows: list[tuple[int, int, float, float, tuple[int, ...]]] = [
        (0, index[n], 0.0, float(c), ()) for n, c in zip(roots.node, roots.capacity_mbps, strict=True)
    ]
    rows += [(index[a], index[b], c, capacity, members) for a, b, c, capacity, members in edges]
    return Network(
        names=names,
        tail=np.array([r[0] for r in rows], dtype=np.int64),
        head=np.array([r[1] for r in rows], dtype=np.int64),
        cost=np.array([r[2] for r in rows]),
        capacity=np.array([r[3] for r in rows]),
        members=[r[4] for r in rows],
    )


_Edge = tuple[float, float, tuple[int, ...]]


class _Reducer:
    """A multigraph that forgets dominated parallel links, dead ends and nodes passed through."""

    def __init__(self, keep: set[str]) -> None:
        self._keep = keep
        self._around: dict[str, dict[str, list[_Edge]]] = defaultdict(dict)

    def add(self, a: str, b: str, cost: float, capacity: float, members: tuple[int, ...]) -> None:
        """Add a link unless another does the same for less; drop those that it makes useless."""
        if a == b:
            return
        beside = self._around[a].get(b, [])
        if any(c <= cost and cap >= capacity for c, cap, _m in beside):
            return
        kept = [e for e in beside if not (cost <= e[0] and capacity >= e[1])]
        kept.append((cost, capacity, members))
        self._around[a][b] = kept
        self._around[b][a] = kept

    def reduce(self) -> None:
        """Cut dead ends and join links through nodes that only pass on."""
        waiting = sorted(self._around, reverse=True)
        while waiting:
            node = waiting.pop()
            around = self._around[node]
            if node in self._keep or len(around) > 2:
                continue
            others = sorted(around)
            if len(others) == 2 and any(len(around[o]) > 1 for o in others):
                continue
            joined = [around[o][0] for o in others]
            for other in others:
                del self._around[other][node]
            del self._around[node]
            if len(others) == 2:
                (cost_a, cap_a, members_a), (cost_b, cap_b, members_b) = joined
                self.add(others[0], others[1], cost_a + cost_b, min(cap_a, cap_b), members_a + members_b)
            waiting += others

    def edges(self) -> list[tuple[str, str, float, float, tuple[int, ...]]]:
        """Links left, in a fixed order."""
        return [
            (a, b, *edge)
            for a in sorted(self._around)
            for b in sorted(self._around[a])
            if a < b
            for edge in sorted(self._around[a][b], key=lambda e: (e[0], -e[1], e[2]))
        ]
