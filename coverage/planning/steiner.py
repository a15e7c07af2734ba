"""The cheapest tree that connects given nodes of a network (Steiner tree).

Reductions keep the optimum: dead ends are cut, chains joined, links dropped whose ends are nearer
another way. A first tree comes from the shortest-path heuristic (Takahashi and Matsuyama 1980). The
directed cut relaxation (Koch and Martin 1998) then gives a lower bound and better trees; where it
leaves a gap, HiGHS branches, and cuts that its solution breaks are added until it is connected.
Stops on counted work.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import highspy
import networkx as nx
import numpy as np

from coverage.errors import PlanningError
from coverage.language import _
from coverage.planning import kernels
from coverage.planning.kernels import Flags, Floats, Ints
from coverage.planning.model import Rows
from coverage.planning.relaxation import run_counted, safe_bound, start_from
from coverage.solver import QuietHighs

Node = TypeVar("Node", bound=Hashable)

#: Counted work of the relaxation: rounds of cuts, and rounds without progress after which it ends.
_CUT_ROUNDS, _PATIENCE = 100, 4
#: Simplex iterations of the relaxation.
_ITERATIONS = 20_000
#: Counted work of branching: rounds of each, and nodes and solver steps of all its rounds.
_BRANCH_ROUNDS, _NODES, _STEPS = 4, 50, 60
#: Columns above which branching on all that may be in a better tree is not tried.
_MOST_COLUMNS = 1_200
#: Proven gap at which the search ends.
_ENOUGH = 1e-4
#: How often trees are merged, and trees made on shaken costs before each.
_MERGES, _TRIES = 1, 16


@dataclass(frozen=True)
class Tree:
    """A tree that connects all terminals.

    Attributes
    ----------
    edges : list of tuple
        Pairs of nodes of the graph that was given, in a fixed order.
    cost_idr : float
        Their cost.
    lower_bound_idr : float
        No tree costs less; equal to ``cost_idr`` where the tree is proven best.
    """

    edges: list[tuple[Any, Any]]
    cost_idr: float
    lower_bound_idr: float


def connect_terminals(graph: nx.Graph[Node], terminals: Iterable[Node], *, weight: str = "cost_idr") -> Tree:
    """Connect terminals at least cost.

    Parameters
    ----------
    graph : networkx.Graph
        Edges carry their cost (>= 0) under ``weight``.
    terminals : iterable of nodes
        Nodes to connect.

    Raises
    ------
    PlanningError
        Where a terminal is not in the graph or cannot be reached from the others, or a cost is
        missing, negative or not a number.
    """
    wanted = list(dict.fromkeys(terminals))
    _refuse(graph, wanted, weight)
    if len(wanted) < 2:
        return Tree([], 0.0, 0.0)
    search = _Search(graph, wanted, weight)
    search.run()
    position = {node: k for k, node in enumerate(graph)}
    pairs = [sorted(pair, key=position.__getitem__) for pair in search.original_edges()]
    edges = sorted(((a, b) for a, b in pairs), key=lambda e: (position[e[0]], position[e[1]]))
    cost = float(sum(_cost(graph, a, b, weight) for a, b in edges))
    return Tree(edges, cost, min(cost, search.lower))


def _cost(graph: nx.Graph[Node], a: Node, b: Node, weight: str) -> float:
    return float(graph.edges[a, b][weight])


def _refuse(graph: nx.Graph[Node], wanted: list[Node], weight: str) -> None:
    lost = [node for node in wanted if node not in graph]
    if lost:
        raise PlanningError(_("A place to connect is not in the network"), where=str(lost[0]))
    for a, b, data in graph.edges(data=True):
        price = data.get(weight)
        if price is None or not np.isfinite(price) or price < 0:
            raise PlanningError(_("A link has no cost, or one below zero"), where=f"{a} - {b}")
    if wanted:
        reached = nx.node_connected_component(graph, wanted[0])
        apart = [node for node in wanted if node not in reached]
        if apart:
            raise PlanningError(_("The network cannot connect these places"), where=f"{wanted[0]} - {apart[0]}")


_Link = tuple[float, tuple[tuple[Any, Any], ...]]


class _Search:
    """Reduced graph on whole numbers, the best tree so far and the lower bound."""

    def __init__(self, graph: nx.Graph[Node], wanted: list[Node], weight: str) -> None:
        around = _reduce(graph, wanted, weight)
        names = [*wanted, *(n for n in graph if n in around and n not in set(wanted))]
        index = {name: k for k, name in enumerate(names)}
        rows = sorted(
            (index[a], index[b], cost, path)
            for a, links in around.items()
            for b, (cost, path) in links.items()
            if index[a] < index[b]
        )  # fmt: skip
        self.nodes, self.terminals = len(names), len(wanted)
        self.tail: Ints = np.array([r[0] for r in rows], dtype=np.int64)
        self.head: Ints = np.array([r[1] for r in rows], dtype=np.int64)
        self.cost: Floats = np.array([r[2] for r in rows], dtype=float)
        self._paths = [r[3] for r in rows]
        self._around: list[list[tuple[int, int]]] = [[] for _n in names]
        for e, (a, b, _c, _p) in enumerate(rows):
            self._around[a].append((b, e))
            self._around[b].append((a, e))
        self.best: list[int] = []
        #: edges of every tree made
        self.pool: set[int] = set()
        self.upper = np.inf
        self.lower = 0.0

    def original_edges(self) -> list[tuple[Any, Any]]:
        """Edges of the best tree in the graph that was given."""
        return [pair for e in self.best for pair in self._paths[e]]

    def run(self) -> None:
        """Heuristic, relaxation with cuts, merging of trees, branching."""
        for root in range(min(self.terminals, 8)):
            self._try(self.cost, root)
        if not len(self.cost) or self._proven():
            return
        program = _Program(self)
        values, spare = self._relax(program)
        rng = np.random.default_rng(0)
        for _merge in range(_MERGES):
            if self._proven():
                return
            for k in range(_TRIES):
                self._try_fraction(values, k, rng)
            useful = np.isin(np.arange(2 * len(self.cost)) % len(self.cost), sorted(self.pool)) | (values > 0.01)
            self._branch(program, useful, prove=False)
        # What costs more than the best tree, wherever it is used, is not in a better one.
        left = spare <= self.upper - self.lower
        if left.sum() <= _MOST_COLUMNS and not self._proven():
            self._branch(program, left, prove=True)

    def _relax(self, program: _Program) -> tuple[Floats, Floats]:
        """Relaxation with cuts; returns its columns and what using each would add to its cost at least."""
        highs = program.highs(integer=False)
        work, history = 0, [-np.inf] * _PATIENCE
        for k in range(_CUT_ROUNDS):
            highs.run()
            work += highs.getInfo().simplex_iteration_count
            values = np.array(highs.getSolution().col_value)
            bound, rest = safe_bound(highs)
            if -bound > self.lower or k == 0:
                self.lower, spare = max(self.lower, -bound), -rest
            if k % 4 == 0:
                self._try_fraction(values, k)
            history.append(self.lower)
            slow = history[-1] - history[-1 - _PATIENCE] < 0.02 * (self.upper - self.lower)
            rows = program.cuts(values)
            if not len(rows) or self._proven() or work > _ITERATIONS or slow:
                break
            program.rows.append(rows)
            rows.pass_to(highs)
        program.forget_slack(np.array(highs.getSolution().row_dual))
        return values, spare

    def _branch(self, program: _Program, useful: Flags, *, prove: bool) -> None:
        """Branch and bound on some columns, cutting until the answer is connected."""
        left = _STEPS
        for _round in range(_BRANCH_ROUNDS):
            highs = program.highs(integer=True, useful=useful)
            start = program.column_values(self.best)
            if not (start > useful).any():
                start_from(highs, start)
            left -= run_counted(highs, _NODES, left)
            if prove:
                self.lower = max(self.lower, min(self.upper, -float(highs.getInfo().mip_dual_bound)))
            values = np.array(highs.getSolution().col_value)
            if not len(values):
                return
            self._try_fraction(values, 0)
            rows = program.cuts(values)
            if self._proven() or not len(rows) or left <= 0:
                return
            program.rows.append(rows)

    def _proven(self) -> bool:
        return self.lower >= self.upper * (1 - _ENOUGH)

    def _try_fraction(self, values: Floats, k: int, rng: np.random.Generator | None = None) -> None:
        """A tree where the relaxation sees one; costs are shaken where a generator is given."""
        used = values[: len(self.cost)] + values[len(self.cost) :]
        shaken = self.cost if rng is None else self.cost * rng.uniform(0.6, 1.4, len(self.cost))
        self._try(shaken * np.clip(1.0 - used * (rng is None or k % 2), 1e-4, 1.0), k % self.terminals)

    def _try(self, cost: Floats, root: int) -> None:
        """Shortest-path heuristic by given costs, then the cheapest tree on its nodes, pruned."""
        within = self._grow(cost.tolist(), root)
        tree = self._improve(within)
        self.pool.update(tree)
        total = float(self.cost[tree].sum())
        if total < self.upper - 1e-12:
            self.best, self.upper = tree, total

    def _grow(self, cost: list[float], root: int) -> set[int]:
        within, missing = {root}, set(range(self.terminals)) - {root}
        dist = [np.inf] * self.nodes
        via = [-1] * self.nodes
        dist[root] = 0.0
        heap = [(0.0, root)]
        while missing:
            here, node = heapq.heappop(heap)
            if here > dist[node]:
                continue
            if node in missing:
                while node not in within:
                    within.add(node)
                    missing.discard(node)
                    dist[node] = 0.0
                    heapq.heappush(heap, (0.0, node))
                    node = via[node]
                continue
            for other, e in self._around[node]:
                if here + cost[e] < dist[other]:
                    dist[other] = here + cost[e]
                    via[other] = node
                    heapq.heappush(heap, (dist[other], other))
        return within

    def _improve(self, within: set[int]) -> list[int]:
        """Cheapest pruned tree on the nodes; then nodes put in or left out one at a time while that helps."""
        tree = self._span(within)
        total = float(self.cost[tree].sum())
        changed = True
        while changed:
            changed = False
            for node in range(self.terminals, self.nodes):
                if node in within:
                    trial = within - {node}
                elif sum(other in within for other, _e in self._around[node]) >= 2:
                    trial = within | {node}
                else:
                    continue
                found = self._span(trial)
                price = float(self.cost[found].sum()) if found else np.inf
                if price < total - 1e-9:
                    tree, total, changed = found, price, True
                    within = {int(n) for e in tree for n in (self.tail[e], self.head[e])}
        return tree

    def _span(self, within: set[int]) -> list[int]:
        """Minimum spanning tree on the nodes without its useless branches; empty if not connected."""
        start = next(iter(sorted(within)))
        seen, tree = {start}, []
        heap = [(float(self.cost[e]), e, other) for other, e in self._around[start] if other in within]
        heapq.heapify(heap)
        while heap:
            _c, e, node = heapq.heappop(heap)
            if node in seen:
                continue
            seen.add(node)
            tree.append(e)
            for other, f in self._around[node]:
                if other in within and other not in seen:
                    heapq.heappush(heap, (float(self.cost[f]), f, other))
        if any(t not in seen for t in range(self.terminals)):
            return []
        return self._prune(tree)

    def _prune(self, tree: list[int]) -> list[int]:
        around: dict[int, set[int]] = defaultdict(set)
        for e in tree:
            around[int(self.tail[e])].add(e)
            around[int(self.head[e])].add(e)
        ends = [n for n in sorted(around) if len(around[n]) == 1 and n >= self.terminals]
        dropped = set()
        while ends:
            node = ends.pop()
            e = around[node].pop()
            dropped.add(e)
            other = int(self.head[e]) if int(self.tail[e]) == node else int(self.tail[e])
            around[other].discard(e)
            if len(around[other]) == 1 and other >= self.terminals:
                ends.append(other)
        return [e for e in tree if e not in dropped]


class _Program:
    """Directed cut model: column ``e`` for edge e from tail to head, ``e + edges`` for the way back.

    The root is node 0, the first terminal.
    """

    def __init__(self, search: _Search) -> None:
        self._search = search
        edges = len(search.cost)
        self._source = np.concatenate([search.tail, search.head])
        self._target = np.concatenate([search.head, search.tail])
        order = np.lexsort((np.arange(2 * edges), self._source))
        self._start = np.concatenate([[0], np.cumsum(np.bincount(self._source, minlength=search.nodes))]).astype(
            np.int64
        )
        self._entry_arc = order.astype(np.int64)
        place = np.empty(2 * edges, dtype=np.int64)
        place[order] = np.arange(2 * edges)
        self._twin = place[(order + edges) % (2 * edges)]
        self._neighbour: Ints = self._target[order].astype(np.int64)
        self.rows = [self._base()]

    def _base(self) -> Rows:
        rows, edges = Rows(), len(self._search.cost)
        into: dict[int, list[int]] = defaultdict(list)
        out: dict[int, list[int]] = defaultdict(list)
        for a, (s, t) in enumerate(zip(self._source.tolist(), self._target.tolist(), strict=True)):
            into[t].append(a)
            out[s].append(a)
        for e in range(edges):
            rows.add(-np.inf, 1.0, [e, e + edges], [1.0, 1.0])
        rows.add(-np.inf, 0.0, into[0], [1.0] * len(into[0]))
        for node in range(1, self._search.nodes):
            rows.add(float(node < self._search.terminals), 1.0, into[node], [1.0] * len(into[node]))
            if node >= self._search.terminals:
                signs = [1.0] * len(out[node]) + [-1.0] * len(into[node])
                rows.add(0.0, np.inf, out[node] + into[node], signs)
            for a in out[node]:
                back = (a + edges) % (2 * edges)
                others = [b for b in into[node] if b != back]
                rows.add(0.0, np.inf, [*others, a], [1.0] * len(others) + [-1.0])
        return rows

    def forget_slack(self, dual: Floats) -> None:
        """Drop the cuts that do not bind in a solution of the relaxation."""
        first = len(self.rows[0])
        for rows in self.rows[1:]:
            binding = np.abs(dual[first : first + len(rows)]) > 1e-9
            first += len(rows)
            rows.keep(binding)

    def highs(self, *, integer: bool, useful: Flags | None = None) -> highspy.Highs:
        """A quiet, single-threaded solver with all rows so far; columns that are not ``useful`` stay 0."""
        highs = QuietHighs()
        highs.setOptionValue("mip_rel_gap", 1e-9)
        count = 2 * len(self._search.cost)
        columns = np.arange(count, dtype=np.int32)
        highs.addVars(count, np.zeros(count), np.ones(count) if useful is None else useful.astype(float))
        highs.changeColsCost(count, columns, -np.concatenate([self._search.cost] * 2))
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        if integer:
            kinds = np.full(count, highspy.HighsVarType.kInteger.value, dtype=np.uint8)
            highs.changeColsIntegrality(count, columns, kinds)
        for rows in self.rows:
            rows.pass_to(highs)
        return highs

    def cuts(self, values: Floats) -> Rows:
        """Rows that the values break: some terminal is not fed by 1 from the root."""
        search, rows = self._search, Rows()
        limit = 6 * search.terminals
        side = np.zeros((limit, search.nodes), dtype=np.bool_)
        of = np.zeros(limit, dtype=np.int64)
        others = np.arange(1, search.terminals, dtype=np.int64)
        found = kernels.root_cuts(
            self._start, self._neighbour, self._twin, np.maximum(values, 0.0)[self._entry_arc] + 1e-6,
            np.arange(search.terminals, dtype=np.int64), np.arange(search.terminals - 1, dtype=np.int64),
            others, np.ones(search.terminals - 1), 6, 1e-3, side, of,
        )  # fmt: skip
        seen = set()
        for k in range(found):
            arcs = np.flatnonzero(side[k][self._target] & ~side[k][self._source])
            if arcs.tobytes() not in seen:
                seen.add(arcs.tobytes())
                rows.add(1.0, np.inf, arcs.tolist(), [1.0] * len(arcs))
        return rows

    def column_values(self, tree: list[int]) -> Floats:
        """A tree as values of the columns, directed away from the root."""
        around: dict[int, list[int]] = defaultdict(list)
        for e in tree:
            around[int(self._search.tail[e])].append(e)
            around[int(self._search.head[e])].append(e)
        values = np.zeros(2 * len(self._search.cost))
        waiting, used = [0], set()
        while waiting:
            node = waiting.pop()
            for e in around[node]:
                if e in used:
                    continue
                used.add(e)
                forward = int(self._search.tail[e]) == node
                values[e if forward else e + len(self._search.cost)] = 1.0
                waiting.append(int(self._search.head[e] if forward else self._search.tail[e]))
        return values


def _reduce(graph: nx.Graph[Node], wanted: list[Node], weight: str) -> dict[Any, dict[Any, _Link]]:
    """Neighbours, cost and original edges of a smaller graph with the same cheapest trees."""
    reached = nx.node_connected_component(graph, wanted[0])
    around: dict[Any, dict[Any, _Link]] = {n: {} for n in graph if n in reached}
    for a, b in graph.edges(reached):
        if a != b:
            around[a][b] = around[b][a] = (_cost(graph, a, b, weight), ((a, b),))
    keep = set(wanted)
    before = -1
    while before != sum(len(links) for links in around.values()):
        before = sum(len(links) for links in around.values())
        _join(around, keep)
        _drop_detours(around)
    return around


def _join(around: dict[Any, dict[Any, _Link]], keep: set[Any]) -> None:
    waiting = [n for n in around if n not in keep]
    while waiting:
        node = waiting.pop()
        if node not in around or node in keep or len(around[node]) > 2:
            continue
        links = around.pop(node)
        for other in links:
            del around[other][node]
        if len(links) == 2:
            (a, (cost_a, path_a)), (b, (cost_b, path_b)) = links.items()
            if b not in around[a] or around[a][b][0] > cost_a + cost_b:
                around[a][b] = around[b][a] = (cost_a + cost_b, path_a + path_b)
        waiting += [other for other in links if other not in keep]


def _drop_detours(around: dict[Any, dict[Any, _Link]]) -> None:
    """Drop every link whose ends are as near each other on another way."""
    position = {n: k for k, n in enumerate(around)}
    links = [(c, a, b) for a in around for b, (c, _p) in around[a].items() if position[a] < position[b]]
    for cost, a, b in sorted(links, key=lambda row: (-row[0], position[row[1]], position[row[2]])):
        dist = {a: 0.0}
        heap = [(0.0, position[a], a)]
        while heap:
            here, _k, node = heapq.heappop(heap)
            if node == b or here > cost:
                break
            if here > dist[node]:
                continue
            for other, (step, _p) in around[node].items():
                there = here + step
                if {node, other} != {a, b} and there <= cost and there < dist.get(other, np.inf):
                    dist[other] = there
                    heapq.heappush(heap, (there, position[other], other))
        if dist.get(b, np.inf) <= cost:
            del around[a][b], around[b][a]
