"""What it costs to connect any group of villages: Steiner trees of all coalitions at once.

Dreyfus and Wagner, *The Steiner problem in graphs* (1971): the cheapest tree for a set of terminals
is built from those of its subsets, so one run yields the cost of every coalition. Exact; work grows
as 3^k for k terminals, which is why groups are at most :data:`LIMIT` villages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coverage.errors import PlanningError
from coverage.language import _

if TYPE_CHECKING:
    import networkx as nx

Floats = NDArray[np.float64]

#: Most terminals for which all coalitions are computed.
LIMIT = 12


def distances(graph: nx.Graph[str], nodes: Sequence[str], weight: str = "cost", *, ends: Sequence[int] = ()) -> Floats:
    """Cheapest way between all pairs of nodes; infinite where there is none.

    Parameters
    ----------
    graph : networkx.Graph
        With `weight` on its edges.
    nodes : sequence of str
        All nodes of the graph, in the order of rows and columns.
    weight : str
        Edge attribute.
    ends : sequence of int
        Nodes through which no way leads: it may only begin or end there.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    index = {node: number for number, node in enumerate(nodes)}
    edges = [(index[a], index[b], float(data[weight])) for a, b, data in graph.edges(data=True) if a != b]
    # Explicit zeros are edges that cost nothing.
    there = [*edges, *((b, a, cost) for a, b, cost in edges)]
    rows, columns, costs = zip(*there, strict=True) if there else ((), (), ())
    both = csr_array((np.array(costs, dtype=float), (rows, columns)), shape=(len(nodes), len(nodes)))
    through = both.copy()
    for end in ends:
        through.data[through.indptr[end] : through.indptr[end + 1]] = np.inf
    table: Floats = dijkstra(through, directed=True)
    begun = {}
    for end in ends:
        step = slice(both.indptr[end], both.indptr[end + 1])
        begun[end] = (both.data[step][:, None] + table[both.indices[step]]).min(axis=0, initial=np.inf)
    for end, row in begun.items():
        table[end] = row
        table[end, end] = 0.0
    return table


def without_throughways(graph: nx.Graph[str], keep: Set[str], weight: str = "cost") -> None:
    """Take out, in place, what no cheapest tree needs to know of: dead ends, and nodes between just two others.

    The two links of a node passed through become one that costs as much as both; of two links between the
    same nodes the cheaper stays. Distances between the nodes that remain are the same.

    Parameters
    ----------
    graph : networkx.Graph
        With `weight` on its edges.
    keep : set of str
        Nodes that stay.
    weight : str
        Edge attribute.
    """
    waiting = sorted(n for n in graph if n not in keep)
    while waiting:
        node = waiting.pop()
        if node not in graph or graph.degree[node] > 2 or graph.has_edge(node, node):
            continue
        ends = sorted(graph[node])
        if len(ends) == 2:
            through = graph[node][ends[0]][weight] + graph[node][ends[1]][weight]
            known = graph.get_edge_data(*ends)
            if known is None or through < known[weight]:
                graph.add_edge(*ends, **{weight: through})
        graph.remove_node(node)
        waiting += [n for n in ends if n not in keep]


def _bits(mask: int) -> Iterator[int]:
    """The single bits of a mask, lowest first."""
    while mask:
        yield mask & -mask
        mask &= mask - 1


def coalition_costs(table: Floats, terminals: Sequence[int], root: int) -> Floats:
    """Cost of the cheapest tree that joins the root and every coalition of terminals.

    Parameters
    ----------
    table : ndarray, shape (n, n)
        Distances between all nodes; ways that lead through a terminal are not among them, for its node
        is there only for coalitions that it belongs to.
    terminals : sequence of int
        Nodes of the players; bit i of a coalition is the i-th of them.
    root : int
        Node where capacity comes from.

    Returns
    -------
    ndarray, shape (2 ** k,)
        0 for nobody; infinite for coalitions that cannot be joined.

    Raises
    ------
    PlanningError
        Where there are more than :data:`LIMIT` terminals.
    """
    k = len(terminals)
    if k > LIMIT:
        raise PlanningError(
            _("A group of {count} villages is too large to check every coalition").format(count=k),
            todo=_("Split it into groups of at most {limit}").format(limit=LIMIT),
        )
    tree = np.full((1 << k, len(table)), np.inf)
    players = np.asarray(terminals, dtype=np.intp)
    for i, terminal in enumerate(terminals):
        tree[1 << i] = table[terminal]
    for mask in sorted(range(1, 1 << k), key=lambda m: (m.bit_count(), m)):
        if mask.bit_count() < 2:
            continue
        # Every split in two is met once: the part that holds the lowest player, and the rest.
        rest = np.zeros(1, dtype=np.int64)
        for bit in _bits(mask & (mask - 1)):
            rest = np.concatenate([rest, rest | bit])
        rest = rest[1:]
        joined = (tree[rest] + tree[mask ^ rest]).min(axis=0)
        joined[players[(mask >> np.arange(k)) & 1 == 0]] = np.inf  # who is not in it joins nothing
        tree[mask] = (joined[None, :] + table).min(axis=1)
    costs = tree[:, root].copy()
    costs[0] = 0.0
    return costs
