"""The mixed-integer programme of a plan, for HiGHS.

Maximise the worth of what is chosen, less a small penalty on its cost, over

- ``x[o]`` in {0, 1}: option ``o`` (with its best deal) is chosen; at most one per village, one in
  every village that must be served;
- ``z[k]`` in [0, 1]: settlement counted through the options of group ``k`` (the options of one
  village that are worth the same there); at most one group per settlement, and only if one of its
  options is chosen. Settlements that only one village's options reach are counted on ``x`` itself;
- ``t[v]`` in {0, 1}: village ``v`` reaches its threshold (objective *villages* only);
- ``y[a]`` in {0, 1}: directed edge ``a`` is built, away from the roots. One uplink per node, an
  edge in one direction only, and an edge leaves a node only if another enters it;
- ``f[a]`` >= 0: Mbit/s on it, at most its capacity (single-commodity flow);
- ``p[a]``, ``m[a]`` >= 0: what surpluses pay of edge ``a``, and what they pass on above it: money
  can only follow the tree from a deal towards its root (see :mod:`coverage.planning.instance`).

Public money, sum of gaps + cost of edges - payments, stays within the budget, and within the limits
of funders and providers (:mod:`coverage.planning.limits`); minimum shares are reached. Money is in Rp
billion inside, worth is scaled so that the best conceivable total is 1,000. With a target, the worth
is a row instead, and the objective is the public money and a small part of all cost.

Root cuts (:mod:`coverage.planning.rootcuts`) strengthen it: whatever set of nodes holds a chosen
option and not the root, an edge enters it.

Most columns are ``f``, ``p`` and ``m``. Without them the programme is smaller by half or more and
still allows every plan (``Model(instance, flow=False, payments=False)``): capacities are left out,
and all surpluses may pay for any link. Its relaxation finds most root cuts in a fraction of the time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import highspy
import numpy as np

from coverage.planning.instance import Floats, Instance, Ints
from coverage.planning.kernels import Flags
from coverage.planning.search import Solution, judge, uplinks
from coverage.solver import QuietHighs

BILLION = 1e9
#: Scale of the objective where it is money: units of Rp 100 million.
LEAST_COST_SCALE = 1e-8


@dataclass
class Rows:
    """Rows of a linear programme being gathered."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def add(self, lower: float, upper: float, index: list[int], value: list[float]) -> None:
        """One row ``lower <= sum(value * column) <= upper``."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.start.append(len(self.index))
        self.index += index
        self.value += value

    def __len__(self) -> int:
        return len(self.lower)

    def keep(self, wanted: Flags) -> None:
        """Only the wanted rows."""
        kept = Rows()
        ends = [*self.start[1:], len(self.index)]
        for k in np.flatnonzero(wanted[: len(self)]).tolist():
            part = slice(self.start[k], ends[k])
            kept.add(self.lower[k], self.upper[k], self.index[part], self.value[part])
        self.__dict__.update(kept.__dict__)

    def pass_to(self, highs: highspy.Highs) -> None:
        """Add all rows to a model."""
        if len(self):
            highs.addRows(
                len(self), np.array(self.lower), np.array(self.upper), len(self.index),
                np.array(self.start, dtype=np.int32), np.array(self.index, dtype=np.int32), np.array(self.value),
            )  # fmt: skip


class Model:
    """Columns, rows and the way back from columns to a solution.

    Attributes
    ----------
    x, y : ndarray of int
        Columns of options and of directed edges. Directed edge ``a`` goes ``source[a] -> target[a]``
        over edge ``edge[a]``.
    scale : float
        The objective in the model is the objective outside times this.
    complete : bool
        Whether a solution of the model is a plan; otherwise every plan is a solution, but not the other way.
    """

    def __init__(self, instance: Instance, *, flow: bool = True, payments: bool = True) -> None:
        self.instance = instance
        self.complete = flow and payments
        network = instance.network
        top = network.tail == 0
        edges = np.arange(len(network.tail))
        self.source: Ints = np.concatenate([network.tail, network.head[~top]])
        self.target: Ints = np.concatenate([network.head, network.tail[~top]])
        self.edge: Ints = np.concatenate([edges, edges[~top]]).astype(np.int64)
        most = float(np.isfinite(instance.threshold).sum()) if instance.counts_villages else _most(instance)
        #: worth in the model is worth outside times this
        self._worth_scale = 1000.0 / most if most > 0 else 1.0
        self.scale = LEAST_COST_SCALE if instance.least_cost else self._worth_scale
        self._cost: list[float] = []
        self._upper: list[float] = []
        self._integer: list[bool] = []
        self.rows = Rows()
        self._options()
        self._edges()
        self._worth()
        self.f: Ints = np.empty(0, dtype=np.int64)
        if flow:
            self._flow()
        self._money(follow=payments)
        self._limits()
        if instance.least_cost:
            self._turn()

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self._cost)

    def _new(self, cost: Floats, upper: Floats, integer: bool) -> Ints:
        first = len(self._cost)
        self._cost += cost.tolist()
        self._upper += upper.tolist()
        self._integer += [integer] * len(cost)
        return np.arange(first, first + len(cost), dtype=np.int64)

    def _options(self) -> None:
        instance = self.instance
        penalty = instance.penalty * self._worth_scale
        count = len(instance.option_id)
        self.x = self._new(-penalty * instance.access_cost, np.ones(count), True)
        for village in range(len(instance.village_code)):
            mine = self.x[instance.village == village]
            if len(mine):
                self.rows.add(float(instance.must[village]), 1.0, mine.tolist(), [1.0] * len(mine))

    def _edges(self) -> None:
        network = self.instance.network
        penalty = self.instance.penalty * self._worth_scale
        self.y = self._new(-penalty * network.cost[self.edge], np.ones(len(self.edge)), True)
        self.entering: dict[int, list[int]] = defaultdict(list)
        back: dict[tuple[int, int], int] = {}
        for a, (e, t) in enumerate(zip(self.edge.tolist(), self.target.tolist(), strict=True)):
            self.entering[t].append(a)
            back[e, t] = a
        for arcs in self.entering.values():
            self.rows.add(0.0, 1.0, self.y[arcs].tolist(), [1.0] * len(arcs))
        for a, (e, s) in enumerate(zip(self.edge.tolist(), self.source.tolist(), strict=True)):
            if s == 0:
                continue
            if self.source[a] < self.target[a]:
                self.rows.add(-np.inf, 1.0, [int(self.y[a]), int(self.y[back[e, s]])], [1.0, 1.0])
            others = [b for b in self.entering[s] if self.edge[b] != e]
            self.rows.add(0.0, np.inf, [*self.y[others].tolist(), int(self.y[a])], [1.0] * len(others) + [-1.0])
        for (village, node), options in self._village_nodes().items():
            if village >= 0:
                arcs = self.y[self.entering[node]].tolist()
                mine = self.x[options].tolist()
                self.rows.add(0.0, np.inf, arcs + mine, [1.0] * len(arcs) + [-1.0] * len(mine))

    def _village_nodes(self) -> dict[tuple[int, int], list[int]]:
        places: dict[tuple[int, int], list[int]] = defaultdict(list)
        for o, place in enumerate(zip(self.instance.village.tolist(), self.instance.node.tolist(), strict=True)):
            places[place].append(o)
        return places

    def _worth(self) -> None:
        instance = self.instance
        option = np.repeat(np.arange(len(instance.option_id)), np.diff(instance.row_start))
        groups: dict[int, dict[tuple[int, float], list[int]]] = defaultdict(lambda: defaultdict(list))
        for o, s, w in zip(option.tolist(), instance.row_settlement.tolist(), instance.row_worth.tolist(), strict=True):
            groups[s][int(instance.village[o]), w].append(o)
        weight = instance.worth_weight * self._worth_scale
        #: what every column is worth, in the model's scale of worth
        self._gains: dict[int, float] = defaultdict(float)
        gathered: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        #: column of every group of options that shares a settlement with another village's
        self.z: dict[tuple[int, int, float], int] = {}
        for s in sorted(groups):
            village = int(instance.settlement_village[s])
            if len({v for v, _w in groups[s]}) == 1:
                for (_v, w), options in groups[s].items():
                    for o in options:
                        self._cost[self.x[o]] += w * weight
                        self._gains[int(self.x[o])] += w * weight
                        gathered[village][int(self.x[o])] += w
                continue
            keys = sorted(groups[s])
            columns = self._new(np.array([w * weight for _v, w in keys]), np.ones(len(keys)), False)
            self._gains |= {column: w * weight for column, (_v, w) in zip(columns.tolist(), keys, strict=True)}
            self.rows.add(-np.inf, 1.0, columns.tolist(), [1.0] * len(keys))
            for (v, w), column in zip(keys, columns.tolist(), strict=True):
                mine = self.x[groups[s][v, w]].tolist()
                self.rows.add(-np.inf, 0.0, [column, *mine], [1.0] + [-1.0] * len(mine))
                gathered[village][column] += w
                self.z[s, v, w] = column
        counted = np.flatnonzero(np.isfinite(instance.threshold))
        self.counted = counted
        self.t = self._new(np.full(len(counted), self._worth_scale), np.ones(len(counted)), True)
        self._gains |= dict.fromkeys(self.t.tolist(), self._worth_scale)
        for village, column in zip(counted.tolist(), self.t.tolist(), strict=True):
            need = instance.threshold[village]
            self.rows.add(
                0.0, np.inf,
                [*gathered[village], column],
                [*(min(1.0, w / need) for w in gathered[village].values()), -1.0],
            )  # fmt: skip

    def _flow(self) -> None:
        instance = self.instance
        by_village = np.zeros(len(instance.village_code))
        np.maximum.at(by_village, instance.village, instance.demand)
        limit = np.minimum(instance.network.capacity[self.edge], by_village.sum())
        self.f = self._new(np.zeros(len(self.edge)), limit, False)
        for y, f, most in zip(self.y.tolist(), self.f.tolist(), limit.tolist(), strict=True):
            self.rows.add(0.0, np.inf, [y, f], [most, -1.0])
        self._balance(self.f, self.f, instance.demand, equal=True)

    def _balance(self, come: Ints, leave: Ints, amount: Floats, *, equal: bool) -> None:
        """At every node: what enters less what leaves less what its options take is 0 (or at most)."""
        leaving: dict[int, list[int]] = defaultdict(list)
        for a, s in enumerate(self.source.tolist()):
            leaving[s].append(a)
        at_node: dict[int, list[int]] = defaultdict(list)
        for o, n in enumerate(self.instance.node.tolist()):
            if amount[o] > 0:
                at_node[n].append(o)
        for node in range(1, len(self.instance.network.names)):
            index = come[self.entering[node]].tolist() + leave[leaving[node]].tolist() + self.x[at_node[node]].tolist()
            value = [1.0] * len(self.entering[node]) + [-1.0] * len(leaving[node]) + (-amount[at_node[node]]).tolist()
            self.rows.add(0.0 if equal else -np.inf, 0.0, index, value)

    def _money(self, *, follow: bool) -> None:
        instance = self.instance
        price = instance.network.cost[self.edge] / BILLION
        alone = instance.network.alone / BILLION
        surplus = np.minimum(instance.surplus / BILLION, alone[instance.node])
        self.p = self.m = np.empty(0, dtype=np.int64)
        if follow and surplus.any():
            most = alone[self.target]
            self.p = self._new(np.zeros(len(self.edge)), np.minimum(price, most), False)
            self.m = self._new(np.zeros(len(self.edge)), most, False)
            for a, (y, p, m) in enumerate(zip(self.y.tolist(), self.p.tolist(), self.m.tolist(), strict=True)):
                self.rows.add(0.0, np.inf, [y, p], [price[a], -1.0])
                self.rows.add(0.0, np.inf, [y, p, m], [most[a], -1.0, -1.0])
            self._money_balance(surplus)
        # What public money pays of links, in Rp billion per column (x, y, p); at least that, where
        # payments are not followed.
        paid = np.zeros(len(self.x)) if follow else surplus
        self._on_links = np.concatenate([-paid, price, np.full(len(self.p), -1.0)])
        #: public money: columns and what one of each takes, in Rp billion
        self.money = np.concatenate([self.x, self.y, self.p]), self._on_links.copy()
        self.money[1][: len(self.x)] += instance.gap / BILLION
        self.rows.add(-np.inf, instance.budget / BILLION, self.money[0].tolist(), self.money[1].tolist())
        if not follow:
            own = (instance.gap / BILLION).tolist()
            self.rows.add(-np.inf, instance.budget / BILLION, self.x.tolist(), own)

    def _money_balance(self, surplus: Floats) -> None:
        """Money entering a node's uplink comes from its own deals and from below."""
        leaving: dict[int, list[int]] = defaultdict(list)
        for a, s in enumerate(self.source.tolist()):
            leaving[s].append(a)
        at_node: dict[int, list[int]] = defaultdict(list)
        for o, n in enumerate(self.instance.node.tolist()):
            if surplus[o] > 0:
                at_node[n].append(o)
        for node in range(1, len(self.instance.network.names)):
            up, down, own = self.entering[node], leaving[node], at_node[node]
            index = self.p[up].tolist() + self.m[up].tolist() + self.m[down].tolist() + self.x[own].tolist()
            value = [1.0] * (2 * len(up)) + [-1.0] * len(down) + (-surplus[own]).tolist()
            self.rows.add(-np.inf, 0.0, index, value)

    def _limits(self) -> None:
        """Limits of funders and providers, and minimum shares."""
        limits, index = self.instance.limits, self.money[0]
        for need, on_links, most in zip(limits.need, limits.on_links, limits.most, strict=True):
            size = max(1.0, float(need.max(initial=0.0)), BILLION * on_links)
            whole = on_links * self._on_links * (BILLION / size)
            whole[: len(self.x)] += need / size
            used = np.flatnonzero(whole)
            self.rows.add(-np.inf, most / size, index[used].tolist(), whole[used].tolist())
        for brings, least in zip(limits.cover, limits.least, strict=True):
            some = np.flatnonzero(brings)
            self.rows.add(1.0, np.inf, self.x[some].tolist(), (brings[some] / least).tolist())

    def _turn(self) -> None:
        """The worth becomes a row, money the objective."""
        instance = self.instance
        columns = sorted(self._gains)
        least = instance.target * self._worth_scale
        self.rows.add(least * (1 - 1e-9), np.inf, columns, [self._gains[c] for c in columns])
        cost = np.zeros(self.columns)
        index, value = self.money
        cost[index] -= value * (BILLION * self.scale)
        cost[self.x] -= instance.cost_weight * instance.access_cost * self.scale
        cost[self.y] -= instance.cost_weight * instance.network.cost[self.edge] * self.scale
        self._cost = cost.tolist()

    @property
    def integer(self) -> Flags:
        """Whether each column is a yes or no."""
        return np.array(self._integer, dtype=bool)

    @property
    def upper(self) -> Floats:
        """Upper bound of every column; the lower ones are 0."""
        return np.array(self._upper)

    def set_cost(self, index: Ints, value: Floats) -> None:
        """Replace the objective: ``value`` per column of ``index``, 0 elsewhere (still maximised)."""
        cost = np.zeros(self.columns)
        cost[index] = value
        self._cost = cost.tolist()

    def highs(self, *, integer: bool, least: Floats | None = None, most: Floats | None = None) -> highspy.Highs:
        """A quiet, single-threaded solver holding the model, columns kept between ``least`` and ``most``."""
        highs = QuietHighs()
        count = self.columns
        lower, upper = np.zeros(count), self.upper
        highs.addVars(count, lower if least is None else least, upper if most is None else np.minimum(upper, most))
        highs.changeColsCost(count, np.arange(count, dtype=np.int32), np.array(self._cost))
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        if integer:
            whole = np.flatnonzero(self._integer).astype(np.int32)
            kinds = np.full(len(whole), highspy.HighsVarType.kInteger.value, dtype=np.uint8)
            highs.changeColsIntegrality(len(whole), whole, kinds)
        self.rows.pass_to(highs)
        return highs

    def column_values(self, solution: Solution) -> Floats:
        """A solution as values of all columns."""
        values = np.zeros(self.columns)
        instance = self.instance
        values[self.x[solution.options]] = 1.0
        _public, up = uplinks(instance, solution.pick, solution.up, solution.up_edge)
        price = instance.network.cost
        arc = {(e, t): a for a, (e, t) in enumerate(zip(self.edge.tolist(), self.target.tolist(), strict=True))}
        for node in np.flatnonzero(solution.up >= 0).tolist():
            a = arc[int(solution.up_edge[node]), node]
            values[self.y[a]] = 1.0
            if len(self.f):
                values[self.f[a]] = up.flow[node]
            if len(self.p):
                paid = price[self.edge[a]] - up.unpaid[node]
                passed = up.moved[node] - paid
                values[self.p[a]] = paid / BILLION
                values[self.m[a]] = passed / BILLION
        self._set_worth(values, solution)
        return values

    def _set_worth(self, values: Floats, solution: Solution) -> None:
        instance = self.instance
        best: dict[int, tuple[float, int]] = {}
        for o in solution.options.tolist():
            for r in range(instance.row_start[o], instance.row_start[o + 1]):
                s = int(instance.row_settlement[r])
                best[s] = max(best.get(s, (0.0, -1)), (float(instance.row_worth[r]), int(instance.village[o])))
        gathered = np.zeros(len(instance.village_code))
        for s, (w, v) in best.items():
            gathered[instance.settlement_village[s]] += w
            if (s, v, w) in self.z:
                values[self.z[s, v, w]] = 1.0
        values[self.t] = gathered[self.counted] >= instance.threshold[self.counted] - 1e-9

    def solution(self, values: Floats) -> Solution:
        """The solution that rounded columns stand for, judged exactly."""
        pick = np.full(len(self.instance.village_code), -1, dtype=np.int64)
        for o in np.flatnonzero(values[self.x] > 0.5):
            pick[self.instance.village[o]] = o
        up = np.full(len(self.instance.network.names), -1, dtype=np.int64)
        up_edge = up.copy()
        for a in np.flatnonzero(values[self.y] > 0.5):
            up[self.target[a]] = self.source[a]
            up_edge[self.target[a]] = self.edge[a]
        return judge(self.instance, pick, up, up_edge)


def _most(instance: Instance) -> float:
    best = np.zeros(len(instance.settlement_village))
    np.maximum.at(best, instance.row_settlement, instance.row_worth)
    return float(best.sum())
