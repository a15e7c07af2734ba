"""What every deal of a plan pays and takes, once the links are shared.

Surpluses pay links on their way, nearest first and at every node at most the cost of the cheapest
way from there (:func:`coverage.planning.kernels.settle`); deals whose money meets at a node pay
in proportion to what they bring. What is left of a link is public money, and is counted to the
deals below it that have no surplus left, by the capacity they ask for (to all below it where all
have some). So a deal's share of the links is what it pays plus what is paid for it, the shares add
up to the unique links, and ``subsidy = gap + what is paid for it``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from coverage.planning.instance import Floats, Instance
from coverage.planning.search import Solution, uplinks

#: Money left below which a surplus is used up, in Rp.
_USED_UP = 1.0


@dataclass(frozen=True)
class Prices:
    """Per chosen option (in the order of ``Solution.options``) and per node of the tree.

    ``share`` and ``subsidy`` in Rp per option; ``users`` and ``flow`` (Mbit/s) and ``public``
    (Rp) of every node's uplink.
    """

    share: Floats
    subsidy: Floats
    users: dict[int, list[int]]
    flow: Floats
    public: Floats


def price(instance: Instance, solution: Solution) -> Prices:
    """Divide the chosen links among the deals that use them."""
    options = solution.options
    _total, up = uplinks(instance, solution.pick, solution.up, solution.up_edge)
    below: dict[int, list[int]] = defaultdict(list)
    for k, o in enumerate(options.tolist()):
        below[int(instance.node[o])].append(k)
    money = {k: float(instance.surplus[o]) for k, o in enumerate(options.tolist())}
    held: dict[int, dict[int, float]] = defaultdict(dict)
    for node, ks in below.items():
        held[node] = {k: money[k] for k in ks if money[k] > 0}
    paid = np.zeros(len(options))
    users: dict[int, list[int]] = {}
    order = _leaves_first(solution.up)
    for node in order:
        users[node] = sorted(below[node])
        below[int(solution.up[node])] += below[node]
        brought = sum(held[node].values())
        if brought <= 0:
            continue
        price_here = float(instance.network.cost[solution.up_edge[node]]) - float(up.unpaid[node])
        for k in sorted(held[node]):
            part = held[node][k] / brought
            paid[k] += part * price_here
            held[int(solution.up[node])][k] = part * (float(up.moved[node]) - price_here)
    subsidy = instance.gap[options].copy()
    share = paid.copy()
    left = instance.surplus[options] - paid
    for node in order:
        public = float(up.unpaid[node])
        if public <= 0:
            continue
        bearers = [k for k in users[node] if left[k] <= _USED_UP] or users[node]
        weight = instance.demand[options[bearers]]
        part = public * weight / weight.sum()
        share[bearers] += part
        subsidy[bearers] += part
    return Prices(share, subsidy, users, up.flow, up.unpaid)


def _leaves_first(up: np.ndarray) -> list[int]:
    """Nodes of the tree without node 0, children before their parents."""
    children: dict[int, list[int]] = defaultdict(list)
    for node in np.flatnonzero(up >= 0).tolist():
        children[int(up[node])].append(node)
    order, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += children[node]
    return order[:0:-1]
