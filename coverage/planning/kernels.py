"""Compiled loops of the planning room: shortest ways, greedy growth, neighbourhood search, root cuts.

All kernels stand in this one module because numba's cache does not notice a change of a function
that lives in another file. Work is counted and random numbers are seeded, so equal input gives
equal output.

A solution is three arrays: ``pick`` (option of every village, -1 for none), ``up`` and ``up_edge``
(next node and edge towards node 0 of every node in the tree, -1 outside it). Node 0 is above all
roots.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

INFINITE = np.inf

F = TypeVar("F", bound=Callable[..., Any])
_ENTRY: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
_INNER: dict[str, Any] = _ENTRY | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def _entry(function: F) -> F:
    """A kernel that is called from Python."""
    return cast(F, numba.njit(function, **_ENTRY))


def _inner(function: F) -> F:
    """A kernel that only kernels call: without wrappers it compiles in half the time."""
    return cast(F, numba.njit(function, **_INNER))


class Problem(NamedTuple):
    """An :class:`~coverage.planning.instance.Instance` for the kernels; the names are explained there."""

    village: Ints
    node: Ints
    demand: Floats
    gap: Floats
    surplus: Floats
    access_cost: Floats
    row_start: Ints
    row_settlement: Ints
    row_worth: Floats
    settlement_village: Ints
    threshold: Floats
    start: Ints
    neighbour: Ints
    edge: Ints
    cost: Floats
    capacity: Floats
    alone: Floats
    need: Floats
    on_links: Floats
    most: Floats
    cover: Floats
    least: Floats
    worth_weight: float
    penalty: float
    eager: float
    least_demand: float


class Labels(NamedTuple):
    """Shortest ways from a tree: length, next node and edge towards it, where it is met, narrowest edge."""

    dist: Floats
    via: Ints
    via_edge: Ints
    attach: Ints
    narrow: Floats


class Uplinks(NamedTuple):
    """What is on the uplink of every node.

    ``flow`` (Mbit/s), ``unpaid`` (what public money pays of it, Rp), ``moved`` (money that left the
    node upwards), ``free`` (capacity left on the way to node 0), ``owed`` (sum of ``unpaid`` on it).
    """

    flow: Floats
    unpaid: Floats
    moved: Floats
    free: Floats
    owed: Floats


@_inner
def _labels(nodes: int) -> Labels:
    """Labels of a graph where nothing is reached yet."""
    at = Labels(
        np.empty(nodes),
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int64),
        np.empty(nodes, np.int64),
        np.zeros(nodes),
    )
    for i in range(nodes):
        at.dist[i] = INFINITE
        at.via[i] = at.via_edge[i] = at.attach[i] = -1
    return at


@_inner
def _uplinks(nodes: int) -> Uplinks:
    """Uplinks that carry nothing."""
    return Uplinks(np.zeros(nodes), np.zeros(nodes), np.zeros(nodes), np.zeros(nodes), np.zeros(nodes))


@_inner
def _push(key: Floats, item: Ints, size: int, new_key: float, new_item: int) -> int:
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if key[parent] <= new_key:
            break
        key[place] = key[parent]
        item[place] = item[parent]
        place = parent
    key[place] = new_key
    item[place] = new_item
    return size + 1


@_inner
def _pop(key: Floats, item: Ints, size: int) -> int:
    """Remove the least, which stands at place 0."""
    size -= 1
    last_key = key[size]
    last_item = item[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= last_key:
            break
        key[place] = key[child]
        item[place] = item[child]
        place = child
    key[place] = last_key
    item[place] = last_item
    return size


@_entry
def spread(
    start: Ints, neighbour: Ints, edge: Ints, cost: Floats, capacity: Floats, least: float, sources: Ints, at: Labels
) -> None:
    """Extend shortest ways from nodes whose ``dist`` was just set; labels only ever improve.

    Edges of less than ``least`` Mbit/s are not used, and no node of negative ``dist`` is entered.
    """
    key = np.empty(4 * len(neighbour) + len(sources) + 1)
    item = np.empty(len(key), np.int64)
    size = 0
    for node in sources:
        size = _push(key, item, size, at.dist[node], node)
    while size > 0:
        here = key[0]
        node = item[0]
        size = _pop(key, item, size)
        if here > at.dist[node]:
            continue
        for entry in range(start[node], start[node + 1]):
            e = edge[entry]
            other = neighbour[entry]
            if capacity[e] < least:
                continue
            there = here + cost[e]
            # A node of equal length must learn that its way now meets the tree elsewhere.
            stale = at.via[other] == node and at.via_edge[other] == e and at.attach[other] != at.attach[node]
            if there < at.dist[other] or (stale and there == at.dist[other]):
                at.dist[other] = there
                at.via[other] = node
                at.via_edge[other] = e
                at.attach[other] = at.attach[node]
                at.narrow[other] = min(at.narrow[node], capacity[e])
                if size < len(key):
                    size = _push(key, item, size, there, other)


@_inner
def top_down(up: Ints) -> Ints:
    """Nodes of the tree, node 0 first, every node after its parent."""
    n = len(up)
    first = np.empty(n, np.int64)
    following = np.empty(n, np.int64)
    for i in range(n):
        first[i] = following[i] = -1
    count = 1
    for i in range(n - 1, 0, -1):
        if up[i] >= 0:
            following[i] = first[up[i]]
            first[up[i]] = i
            count += 1
    order = np.empty(count, np.int64)
    order[0] = 0
    filled = 1
    for k in range(count):
        if k >= filled:
            return order[:filled]
        child = first[order[k]]
        while child >= 0:
            order[filled] = child
            filled += 1
            child = following[child]
    return order


@_entry
def settle(pick: Ints, up: Ints, up_edge: Ints, p: Problem, on: Uplinks) -> float:
    """Fill ``on``; returns public money in Rp.

    Money moves from deals towards the roots, at every node at most the cost ``alone`` of its
    cheapest way to a root, and pays the nearest link first, which is best because whoever may pay
    for a link may also pay for every link above it.
    """
    order = top_down(up)
    money = np.zeros(len(up))
    on.flow[:] = 0.0
    public = 0.0
    for option in pick:
        if option >= 0:
            money[p.node[option]] += p.surplus[option]
            on.flow[p.node[option]] += p.demand[option]
            public += p.gap[option]
    for k in range(len(order) - 1, 0, -1):
        i = order[k]
        price = p.cost[up_edge[i]]
        on.moved[i] = min(money[i], p.alone[i])
        paid = min(on.moved[i], price)
        on.unpaid[i] = price - paid
        public += price - paid
        money[up[i]] += on.moved[i] - paid
        on.flow[up[i]] += on.flow[i]
    on.free[0] = INFINITE
    on.owed[0] = 0.0
    for k in range(1, len(order)):
        i = order[k]
        on.free[i] = min(on.free[up[i]], p.capacity[up_edge[i]] - on.flow[i])
        on.owed[i] = on.owed[up[i]] + on.unpaid[i]
    return public


@_inner
def _within(pick: Ints, public: float, p: Problem) -> bool:
    """Whether a solution of so much public money keeps every limit."""
    if len(p.most) == 0:
        return True
    links = public
    for option in pick:
        if option >= 0:
            links -= p.gap[option]
    for r in range(len(p.most)):
        used = p.on_links[r] * links
        for option in pick:
            if option >= 0:
                used += p.need[r, option]
        if used > p.most[r] + 0.4:
            return False
    return True


@_inner
def _lacking(pick: Ints, p: Problem, short: Floats) -> int:
    """How many minimum shares are not reached; fills ``short`` with what each lacks."""
    count = 0
    for r in range(len(p.least)):
        short[r] = p.least[r]
        for option in pick:
            if option >= 0:
                short[r] -= p.cover[r, option]
        if short[r] > 1e-6:
            count += 1
    return count


@_inner
def _helps(option: int, p: Problem, short: Floats) -> float:
    """How much of the minimum shares that are not reached an option brings; at most 1 of each."""
    total = 0.0
    for r in range(len(p.least)):
        if short[r] > 1e-6:
            total += min(p.cover[r, option], short[r]) / p.least[r]
    return total


@_inner
def _relief(money: float, at: int, up: Ints, p: Problem, on: Uplinks) -> float:
    """How much of what public money pays above a node would be paid by more money arriving there."""
    paid = 0.0
    while at > 0 and money > 0.0:
        money = min(money, p.alone[at] - on.moved[at])
        part = max(0.0, min(money, on.unpaid[at]))
        paid += part
        money -= part
        at = up[at]
    return paid


@_inner
def worth(pick: Ints, p: Problem, best: Floats, gathered: Floats) -> float:
    """Worth of the picked options, each settlement at its best; fills ``best`` and ``gathered``."""
    best[:] = 0.0
    gathered[:] = 0.0
    for option in pick:
        if option >= 0:
            for r in range(p.row_start[option], p.row_start[option + 1]):
                best[p.row_settlement[r]] = max(best[p.row_settlement[r]], p.row_worth[r])
    total = 0.0
    for s in range(len(best)):
        gathered[p.settlement_village[s]] += best[s]
        total += best[s]
    total *= p.worth_weight
    for v in range(len(gathered)):
        if gathered[v] >= p.threshold[v] - 1e-9:
            total += 1.0
    return total


@_inner
def _added(option: int, p: Problem, best: Floats, gathered: Floats) -> float:
    """Worth that an option would add; part of the way to a threshold counts ``eager`` times."""
    more = 0.0
    total = 0.0
    r = p.row_start[option]
    end = p.row_start[option + 1]
    while r < end:
        village = p.settlement_village[p.row_settlement[r]]
        here = 0.0
        while r < end and p.settlement_village[p.row_settlement[r]] == village:
            here += max(0.0, p.row_worth[r] - best[p.row_settlement[r]])
            r += 1
        more += here
        lacking = p.threshold[village] - gathered[village]
        if 1e-9 < lacking < INFINITE:
            total += 1.0 if here >= lacking - 1e-9 else p.eager * here / lacking
    return total + more * p.worth_weight


@_inner
def _best_addition(
    pick: Ints,
    up: Ints,
    noise: Floats,
    forced: Flags,
    only_forced: bool,
    short: Floats,
    room: float,
    floor: float,
    price: float,
    p: Problem,
    at: Labels,
    on: Uplinks,
    best: Floats,
    gathered: Floats,
) -> int:
    """Option with most (noisy) gain per public rupiah that fits into ``room`` rupiah, or -1.

    One that pays for links of others brings public money back, of which a rupiah is worth ``price``.
    """
    chosen = -1
    merit = 0.0
    for o in range(len(p.node)):
        i = p.node[o]
        if pick[p.village[o]] >= 0 or noise[o] <= 0.0:
            continue
        aid = 1.0 if forced[p.village[o]] else 0.0
        if only_forced:
            aid += _helps(o, p, short)
            if aid <= 0.0:
                continue
        if at.dist[i] < 0.0 or at.dist[i] == INFINITE or min(at.narrow[i], on.free[at.attach[i]]) < p.demand[o]:
            continue
        way = at.dist[i]
        more = p.gap[o] + max(0.0, way - p.surplus[o])
        if p.surplus[o] > way and on.owed[at.attach[i]] > 0.0:
            more -= _relief(min(p.surplus[o], p.alone[i]) - way, at.attach[i], up, p, on)
        if more > room:
            continue
        if only_forced:
            value = noise[o] * aid / (max(more, 0.0) + floor)
        else:
            gain = _added(o, p, best, gathered) - p.penalty * (p.access_cost[o] + way) + price * max(0.0, -more)
            value = noise[o] * gain / max(more, floor)
        if value > merit:
            merit = value
            chosen = o
    return chosen


@_inner
def grow(  # noqa: PLR0915 - one growth, whose state would not survive a cut
    pick: Ints,
    up: Ints,
    up_edge: Ints,
    noise: Floats,
    forced: Flags,
    budget: float,
    cost: Floats,
    price: float,
    p: Problem,
) -> float:
    """Add the option with most worth per public rupiah, again and again, while the budget lasts.

    Changes the solution in place. ``noise`` multiplies every option's merit (0: do not take).
    Villages in ``forced`` and minimum shares come first, cheapest first. ``cost`` is what the ways are chosen by
    (the edges' own, or shaken), ``price`` what a rupiah of public money is worth that an option brings back.
    Returns public money.
    """
    n = len(up)
    at = _labels(n)
    on = _uplinks(n)
    best = np.zeros(len(p.settlement_village))
    gathered = np.zeros(len(p.threshold))
    worth(pick, p, best, gathered)
    public = settle(pick, up, up_edge, p, on)
    fresh = np.empty(n, np.int64)
    count = 0
    for i in range(n):
        if i == 0 or up[i] >= 0:
            at.dist[i] = -1.0  # a node that is full stays so: no way may enter it
            if on.free[i] >= p.least_demand:
                at.dist[i] = 0.0
                at.attach[i] = i
                at.narrow[i] = INFINITE
                fresh[count] = i
                count += 1
    spread(p.start, p.neighbour, p.edge, cost, p.capacity, p.least_demand, fresh[:count], at)
    short = np.zeros(len(p.least))
    waiting = _missing(pick, forced) + _lacking(pick, p, short)
    merit = noise.copy()
    while True:
        chosen = _best_addition(
            pick,
            up,
            merit,
            forced,
            waiting > 0,
            short,
            budget - public,
            1e-6 * min(budget, 1e15) + 1.0,
            price,
            p,
            at,
            on,
            best,
            gathered,
        )
        if chosen < 0:
            return public
        pick[p.village[chosen]] = chosen
        count = 0
        node = p.node[chosen]
        while node != 0 and up[node] < 0:
            fresh[count] = node
            count += 1
            up[node] = at.via[node]
            up_edge[node] = at.via_edge[node]
            node = at.via[node]
        public = settle(pick, up, up_edge, p, on)
        # Its money could not pay the whole way, which full nodes made longer, or a limit is passed.
        if public > budget or not _within(pick, public, p):
            pick[p.village[chosen]] = -1
            merit[chosen] = 0.0
            for k in range(count):
                up[fresh[k]] = -1
                up_edge[fresh[k]] = -1
            public = settle(pick, up, up_edge, p, on)
            continue
        if waiting > 0:
            waiting = _missing(pick, forced) + _lacking(pick, p, short)
        for r in range(p.row_start[chosen], p.row_start[chosen + 1]):
            s = p.row_settlement[r]
            if p.row_worth[r] > best[s]:
                gathered[p.settlement_village[s]] += p.row_worth[r] - best[s]
                best[s] = p.row_worth[r]
        for k in range(count):
            i = fresh[k]
            at.dist[i] = 0.0
            at.attach[i] = i
            at.narrow[i] = INFINITE
        spread(p.start, p.neighbour, p.edge, cost, p.capacity, p.least_demand, fresh[:count], at)


@_entry
def prune(pick: Ints, up: Ints, up_edge: Ints, node: Ints) -> None:
    """Cut branches that serve nobody."""
    needed = np.zeros(len(up), np.bool_)
    for option in pick:
        if option >= 0:
            i = node[option]
            while i > 0 and not needed[i]:
                needed[i] = True
                i = up[i]
    for i in range(len(up)):
        if not needed[i]:
            up[i] = -1
            up_edge[i] = -1


@_inner
def total_cost(pick: Ints, up_edge: Ints, p: Problem) -> float:
    """Present value of every chosen option and link, in Rp."""
    total = 0.0
    for option in pick:
        if option >= 0:
            total += p.access_cost[option]
    for e in up_edge:
        if e >= 0:
            total += p.cost[e]
    return total


@_inner
def _random(state: NDArray[np.uint64]) -> float:
    """Next number in [0, 1) of a xorshift64* generator (Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@_inner
def _below(state: NDArray[np.uint64], n: int) -> int:
    """Random whole number below ``n``."""
    return min(int(_random(state) * n), n - 1)


@_inner
def _copy(source: Ints, target: Ints) -> None:
    for i in range(len(source)):
        target[i] = source[i]


@_inner
def _picked(pick: Ints) -> int:
    """How many villages have a deal."""
    count = 0
    for option in pick:
        if option >= 0:
            count += 1
    return count


@_inner
def _missing(pick: Ints, forced: Flags) -> int:
    """How many villages that must be served are not."""
    count = 0
    for v in range(len(pick)):
        if forced[v] and pick[v] < 0:
            count += 1
    return count


@_inner
def _take_out_any(pick: Ints, size: int, state: NDArray[np.uint64]) -> None:
    """Take out so many villages at random (fewer where they are few)."""
    left = _picked(pick)
    chance = size / left if left > size else 1.0
    for v in range(len(pick)):
        if pick[v] >= 0 and _random(state) < chance:
            pick[v] = -1


@_inner
def _around(middle: int, p: Problem) -> Labels:
    """Cheapest ways from a node to all others."""
    at = _labels(len(p.start) - 1)
    at.dist[middle] = 0.0
    source = np.empty(1, np.int64)
    source[0] = middle
    spread(p.start, p.neighbour, p.edge, p.cost, p.capacity, 0.0, source, at)
    return at


@_inner
def _lift_near(noise: Floats, middle: int, size: int, state: NDArray[np.uint64], p: Problem) -> None:
    """Let options near a node come first, in a random order: a group that pays for a trunk together."""
    at = _around(middle, p)
    lifted = np.zeros(len(noise), np.bool_)
    for _k in range(size):
        nearest = -1
        for o in range(len(noise)):
            if not lifted[o] and (nearest < 0 or at.dist[p.node[o]] < at.dist[p.node[nearest]]):
                nearest = o
        if nearest >= 0 and at.dist[p.node[nearest]] < INFINITE:
            lifted[nearest] = True
            noise[nearest] *= 1e6 * _random(state) ** 4


@_inner
def _take_out_near(pick: Ints, middle: int, size: int, p: Problem) -> None:
    """Take out the villages whose options are nearest to a node along the network."""
    at = _around(middle, p)
    for _k in range(size):
        nearest = -1
        for v in range(len(pick)):
            if pick[v] >= 0 and (nearest < 0 or at.dist[p.node[pick[v]]] < at.dist[p.node[pick[nearest]]]):
                nearest = v
        if nearest >= 0:
            pick[nearest] = -1


@_inner
def _lay_anew(pick: Ints, up: Ints, up_edge: Ints, state: NDArray[np.uint64], ways: Floats, p: Problem) -> None:
    """Connect the picked options again from nothing, on links whose prices are shaken."""
    shaken = np.empty(len(p.cost))
    for e in range(len(shaken)):
        shaken[e] = ways[e] * (0.7 + 0.6 * _random(state))
    only = np.zeros(len(p.node))
    forced = np.zeros(len(pick), np.bool_)
    for v in range(len(pick)):
        if pick[v] >= 0:
            only[pick[v]] = 1.0
            forced[v] = True
    for v in range(len(pick)):
        pick[v] = -1
    for i in range(len(up)):
        up[i] = up_edge[i] = -1
    grow(pick, up, up_edge, only, forced, INFINITE, shaken, 0.0, p)


@_inner
def _let_go(
    pick: Ints,
    up: Ints,
    up_edge: Ints,
    forced: Flags,
    price: float,
    p: Problem,
    on: Uplinks,
    best: Floats,
    gathered: Floats,
) -> float:
    """Drop options that neighbours have made useless; returns the worth of the rest.

    One that brings no gain may still pay for links of others: it stays where the public money that it
    saves, at ``price`` a rupiah, is worth more than its own cost.
    """
    reached = worth(pick, p, best, gathered)
    short = np.zeros(len(p.least))
    for v in range(len(pick)):
        option = pick[v]
        if option >= 0 and not forced[v]:
            pick[v] = -1
            if _lacking(pick, p, short) > 0:
                pick[v] = option
                continue
            without = worth(pick, p, best, gathered)
            useless = p.penalty * p.access_cost[option] - (reached - without)
            if useless >= 0.0 and price > 0.0 and p.surplus[option] > 0.0:
                rest_up, rest_edge = up.copy(), up_edge.copy()
                prune(pick, rest_up, rest_edge, p.node)
                dearer = settle(pick, rest_up, rest_edge, p, on)
                pick[v] = option
                useless -= price * (dearer - settle(pick, up, up_edge, p, on))
                pick[v] = -1
            if useless < 0.0:
                pick[v] = option
            else:
                reached = without
    return reached


@_entry
def search(  # noqa: PLR0912, PLR0915 - one round after another
    pick: Ints,
    up: Ints,
    up_edge: Ints,
    rounds: int,
    seed: int,
    forced: Flags,
    budget: float,
    favour: Floats,
    ways: Floats,
    money: float,
    p: Problem,
) -> float:
    """Greedy growth, then so many rounds of large-neighbourhood search; returns the objective.

    A round takes villages out (at random, or all near a place; sometimes it also lays the whole
    tree anew, or lets a group of neighbours come first), lets the growth fill up and keeps the
    result if it is better, or early on only slightly worse. The solution is changed in place to the
    best one found. ``favour`` multiplies the merit of options and ``ways`` are the costs on which
    trees are laid anew: what a relaxation likes may be favoured by them. With ``money`` options that bring
    no gain may come in for what they pay of others' links: a rupiah of public money is then worth that
    share of what the plan gains per rupiah of its budget.
    """
    state = np.empty(1, np.uint64)
    state[0] = np.uint64(seed * 2654435761 + 88172645463325252)
    best = np.zeros(len(p.settlement_village))
    gathered = np.zeros(len(p.threshold))
    on = _uplinks(len(up))
    noise = np.ones(len(p.node))
    short = np.zeros(len(p.least))
    grow(pick, up, up_edge, noise, forced, budget, p.cost, 0.0, p)
    value = worth(pick, p, best, gathered) - p.penalty * total_cost(pick, up_edge, p)
    current = value
    now, now_up, now_edge = pick.copy(), up.copy(), up_edge.copy()
    for k in range(rounds if len(noise) > 0 else 0):
        if current < value and _below(state, 50) == 0:
            now, now_up, now_edge, current = pick.copy(), up.copy(), up_edge.copy(), value
        q, w, e = now.copy(), now_up.copy(), now_edge.copy()
        for o in range(len(noise)):
            noise[o] = favour[o] * (0.5 + _random(state))
        kind = _below(state, 6)
        size = 2 + _below(state, 4 + _picked(q) // 5)
        option = _below(state, len(noise))
        if kind == 1:
            for _try in range(20):  # a place that has a deal, if chance finds one
                village = _below(state, len(q))
                if q[village] >= 0:
                    option = q[village]
                    break
        if kind in (0, 3):
            _take_out_any(q, size, state)
        elif kind < 3:
            _take_out_near(q, p.node[option], size, p)
        else:
            _take_out_any(q, 2 * size, state)
            _lift_near(noise, p.node[option], 2 + _below(state, 12), state, p)
        if kind == 3:
            _lay_anew(q, w, e, state, ways, p)
        prune(q, w, e, p.node)
        public = settle(q, w, e, p, on)
        if public > budget or not _within(q, public, p):
            continue
        # Now and then money has no worth, so that what only pays for others goes where money is left over.
        price = 0.0
        if money > 0.0 and _below(state, 8) > 0:
            price = money * max(value, 0.0) / max(budget, 1.0)
        grow(q, w, e, noise, forced, budget, p.cost, price, p)
        reached = _let_go(q, w, e, forced, price, p, on, best, gathered)
        prune(q, w, e, p.node)
        # One that was let go may have paid for links of others.
        public = settle(q, w, e, p, on)
        if _missing(q, forced) + _lacking(q, p, short) > 0 or public > budget or not _within(q, public, p):
            continue
        reached -= p.penalty * total_cost(q, e, p)
        if reached > current or reached > value - 0.003 * abs(value) * (1.0 - k / rounds) ** 2:
            now, now_up, now_edge, current = q, w, e, reached
        if reached > value:
            value = reached
            _copy(q, pick)
            _copy(w, up)
            _copy(e, up_edge)
    return value


@_inner
def _push_flow(
    start: Ints, neighbour: Ints, twin: Ints, rest: Floats, sink: Floats, came: Ints, wanted: float
) -> float:
    """Push flow from node 0 by shortest augmenting ways into the sinks; returns what arrived.

    ``rest`` (per entry) and ``sink`` (per node) are used up; at the end ``came`` is -2 on the nodes
    that nothing more can reach.
    """
    queue = np.empty(len(sink), np.int64)
    arrived = 0.0
    while arrived < wanted - 1e-9:
        came[:] = -2
        came[0] = -1
        queue[0] = 0
        head = 0
        tail = 1
        end = -1
        while head < tail and end < 0:
            i = queue[head]
            head += 1
            for k in range(start[i], start[i + 1]):
                j = neighbour[k]
                if rest[k] > 1e-9 and came[j] == -2:
                    came[j] = k
                    queue[tail] = j
                    tail += 1
                    if sink[j] > 1e-9:
                        end = j
                        break
        if end < 0:
            break
        push = min(sink[end], wanted - arrived)
        i = end
        while i != 0:
            push = min(push, rest[came[i]])
            i = neighbour[twin[came[i]]]
        i = end
        while i != 0:
            rest[came[i]] -= push
            rest[twin[came[i]]] += push
            i = neighbour[twin[came[i]]]
        sink[end] -= push
        arrived += push
    return arrived


@_entry
def root_cuts(
    start: Ints,
    neighbour: Ints,
    twin: Ints,
    room: Floats,
    option_start: Ints,
    option_list: Ints,
    node: Ints,
    share: Floats,
    depth: int,
    least: float,
    side: Flags,
    of: Ints,
) -> int:
    """Sets of nodes that hold (part of) a village's options but let too little in from node 0.

    For every village a maximum flow from node 0 to its options is pushed through ``room`` (the
    fractional ``y`` of each entry's direction; ``twin`` is the entry of the opposite direction).
    Where less than the village's ``share`` arrives, the nodes on the far side make a cut; then the
    edges of that cut are opened and the flow goes on, up to ``depth`` nested cuts. Fills ``side``
    (cuts, nodes; 1 on the far side) and ``of`` (village); returns how many cuts were found.
    """
    n = len(start) - 1
    found = 0
    came = np.empty(n, np.int64)
    for v in range(len(option_start) - 1):
        sink = np.zeros(n)
        wanted = 0.0
        for k in range(option_start[v], option_start[v + 1]):
            wanted += share[option_list[k]]
            sink[node[option_list[k]]] += share[option_list[k]]
        if wanted < least:
            continue
        rest = room.copy()
        arrived = 0.0
        for _level in range(depth):
            arrived += _push_flow(start, neighbour, twin, rest, sink, came, wanted - arrived)
            if arrived > wanted - least or found >= len(of):
                break
            of[found] = v
            for i in range(n):
                side[found, i] = came[i] == -2
                if came[i] != -2:
                    for k in range(start[i], start[i + 1]):
                        if came[neighbour[k]] == -2:
                            rest[k] = 1.0
            found += 1
    return found
