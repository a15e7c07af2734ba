"""A budget over many regions: each regency's frontier merged, so that money goes where it helps most.

Every regency offers a handful of plans, the points of its frontier; exactly one is chosen for each.
Where all frontiers are concave, buying steps in the order of their slope is optimal as long as the
steps fit (H. Everett 1963, Generalized Lagrange Multiplier Method); what is left over, and where a
frontier is not concave, is decided exactly as a multiple-choice knapsack. Floors are money that a
province or regency gets at least, or all that its dearest plan takes where that is less.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.errors import PlanningError
from coverage.language import _, rupiah_short
from coverage.solver import QuietHighs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BILLION = 1e9
_PROVINCE = 2
#: Slopes that differ by less than this share are one: plans are sums of many rounded numbers.
_SAME = 1e-9
#: Branch-and-bound nodes of the knapsack: counted work, so that the result does not depend on the clock.
_NODES = 20_000
_GAP = 1e-7


@dataclass(frozen=True, eq=False)
class Allocation:
    """Which point of its frontier each regency gets.

    Attributes
    ----------
    regions : DataFrame
        One row per regency, by code: ``regency_code, budget_idr`` (of the chosen point),
        ``public_idr, benefit, villages, population_gained, next_per_billion`` (what the next step
        on its concave hull brings per Rp billion; empty where there is none) and ``concave``.
    bends : DataFrame
        Where frontiers are not concave: ``regency_code, budget_idr, below`` (how far the point
        lies below the line between its neighbours on the hull, in units of the benefit).
    benefit, public_idr : float
        Totals.
    bound : float
        Proven upper bound on the benefit of any choice of points.
    method : str
        ``slopes`` or ``knapsack``.
    """

    regions: pd.DataFrame
    bends: pd.DataFrame
    benefit: float
    public_idr: float
    bound: float
    method: str

    @property
    def gap(self) -> float:
        """Share by which the best choice could be better."""
        return max(0.0, self.bound - self.benefit) / self.bound if self.bound > 0 else 0.0


@dataclass(frozen=True, eq=False)
class _Frontier:
    """Points of one regency, rising in cost and benefit, the first without money; positions of its hull."""

    code: str
    cost: Floats
    benefit: Floats
    row: Ints
    hull: Ints

    @property
    def concave(self) -> bool:
        return len(self.hull) == len(self.cost)

    def slope(self, step: int) -> float:
        """Benefit per rupiah of the step after the ``step``-th point of the hull."""
        a, b = self.hull[step], self.hull[step + 1]
        return float((self.benefit[b] - self.benefit[a]) / (self.cost[b] - self.cost[a]))


def allocate(points: pd.DataFrame, budget_idr: float, floors: Mapping[str, float] | None = None) -> Allocation:
    """Share a budget among regencies so that the benefit is greatest.

    Parameters
    ----------
    points : DataFrame
        Frontiers: ``regency_code, budget_idr, public_idr, benefit, villages, population_gained``;
        points that cost more and bring no more than another are never chosen. Spending nothing is
        always possible.
    budget_idr : float
        Public money for all.
    floors : mapping, optional
        Least money by code of province (``33``) or regency (``33.27``).

    Raises
    ------
    PlanningError
        Where a floor names nothing here, or the floors alone ask for more than the budget.
    """
    frontiers = [_frontier(str(code), rows) for code, rows in points.groupby("regency_code", sort=True)]
    least = _least(frontiers, floors or {})
    steps, whole = _by_slope(frontiers, budget_idr, least)
    method = "slopes"
    bound = float(sum(f.benefit[f.hull[s]] for f, s in zip(frontiers, steps, strict=True)))
    chosen = np.array([f.hull[s] for f, s in zip(frontiers, steps, strict=True)], dtype=np.int64)
    if not (whole and all(f.concave for f in frontiers)):
        method = "knapsack"
        chosen, bound = _knapsack(frontiers, budget_idr, least)
    return _allocation(frontiers, chosen, points, method, bound)


def _frontier(code: str, rows: pd.DataFrame) -> _Frontier:
    cost = np.r_[0.0, rows["public_idr"].to_numpy(dtype=float)]
    benefit = np.r_[0.0, rows["benefit"].to_numpy(dtype=float)]
    row = np.r_[-1, rows.index.to_numpy()]
    order = np.lexsort((row, -benefit, cost))
    cost, benefit, row = cost[order], benefit[order], row[order]
    kept = np.r_[True, benefit[1:] > np.maximum.accumulate(benefit)[:-1]]
    cost, benefit, row = cost[kept], benefit[kept], row[kept]
    return _Frontier(code, cost, benefit, row, _hull(cost, benefit))


def _hull(cost: Floats, benefit: Floats) -> Ints:
    """Positions of the points on the upper concave hull (A. M. Andrew 1979), points on a line included."""
    hull: list[int] = []
    for k in range(len(cost)):
        while len(hull) > 1:
            a, b = hull[-2], hull[-1]
            before = (benefit[b] - benefit[a]) * (cost[k] - cost[b])
            after = (benefit[k] - benefit[b]) * (cost[b] - cost[a])
            if after <= before * (1 + _SAME):
                break
            hull.pop()
        hull.append(k)
    return np.array(hull, dtype=np.int64)


def _least(frontiers: list[_Frontier], floors: Mapping[str, float]) -> dict[str, float]:
    """Floors that can be kept: never more than the dearest plans of the place take."""
    result = {}
    for code, floor in sorted(floors.items()):
        most = sum(f.cost[-1] for f in frontiers if _within(f.code, code))
        if not any(_within(f.code, code) for f in frontiers):
            raise PlanningError(
                _("A floor names a province or regency that is not here"),
                where=code,
                todo=_("Write the code as 33 or 33.27"),
            )
        result[code] = min(float(floor), float(most))
    return result


def _within(regency: str, place: str) -> bool:
    return place in (regency, regency[:_PROVINCE])


def _by_slope(frontiers: list[_Frontier], budget: float, least: Mapping[str, float]) -> tuple[list[int], bool]:
    """Steps of each hull bought in the order of slope: floors of regencies, of provinces, then all.

    Also whether that is proven best: no step was left out for want of money, or nothing is left;
    and no floor was overshot.
    """
    steps = [0] * len(frontiers)
    spent = 0.0
    whole = True
    for code in [*sorted(least, key=len, reverse=True), ""]:
        members = [k for k, f in enumerate(frontiers) if not code or _within(f.code, code)]
        goal = least.get(code, np.inf)
        have = sum(float(frontiers[k].cost[frontiers[k].hull[steps[k]]]) for k in members)
        queue = [(-frontiers[k].slope(steps[k]), k) for k in members if steps[k] + 1 < len(frontiers[k].hull)]
        heapq.heapify(queue)
        while queue and have < goal * (1 - _SAME):
            k = heapq.heappop(queue)[1]
            hull, cost = frontiers[k].hull, frontiers[k].cost
            price = float(cost[hull[steps[k] + 1]] - cost[hull[steps[k]]])
            if spent + price > budget * (1 + _SAME):
                whole = whole and spent >= budget * (1 - _SAME)
                break
            steps[k] += 1
            spent += price
            have += price
            if steps[k] + 1 < len(hull):
                heapq.heappush(queue, (-frontiers[k].slope(steps[k]), k))
        whole = whole and (not code or abs(have - goal) <= _SAME * max(1.0, goal))
    return steps, whole


def _knapsack(frontiers: list[_Frontier], budget: float, least: Mapping[str, float]) -> tuple[Ints, float]:
    """The best point of each regency, exactly: one of each, within the budget, above the floors."""
    owner = np.concatenate([np.full(len(f.cost), k) for k, f in enumerate(frontiers)])
    cost = np.concatenate([f.cost for f in frontiers]) / BILLION
    benefit = np.concatenate([f.benefit for f in frontiers])
    scale = max(float(benefit.max(initial=0.0)), 1e-12)
    highs = QuietHighs()
    highs.setOptionValue("mip_rel_gap", _GAP)
    highs.setOptionValue("mip_max_nodes", _NODES)
    for value in benefit / scale:
        highs.addVar(0.0, 1.0)
        highs.changeColCost(highs.getNumCol() - 1, float(value))
    columns = np.arange(len(cost), dtype=np.int32)
    highs.changeColsIntegrality(len(cost), columns, np.full(len(cost), highspy.HighsVarType.kInteger))
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    for k in range(len(frontiers)):
        mine = columns[owner == k]
        highs.addRow(1.0, 1.0, len(mine), mine, np.ones(len(mine)))
    highs.addRow(-highspy.kHighsInf, budget * (1 + _SAME) / BILLION, len(cost), columns, cost)
    for code, floor in least.items():
        mine = columns[np.isin(owner, [k for k, f in enumerate(frontiers) if _within(f.code, code)])]
        highs.addRow(floor * (1 - _SAME) / BILLION, highspy.kHighsInf, len(mine), mine, cost[mine])
    highs.run()
    solution = np.asarray(highs.getSolution().col_value)
    if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible or not len(solution):
        raise PlanningError(
            _("The floors ask for more than the budget of {budget}").format(budget=rupiah_short(budget)),
            todo=_("Lower the floors or raise the budget"),
        )
    starts = np.searchsorted(owner, np.arange(len(frontiers)))
    chosen = [int(solution[owner == k].argmax()) for k in range(len(frontiers))]
    exact = float(benefit[starts + chosen].sum())
    return np.array(chosen, dtype=np.int64), max(exact, float(highs.getInfo().mip_dual_bound) * scale)


def _allocation(
    frontiers: list[_Frontier], chosen: Ints, points: pd.DataFrame, method: str, bound: float
) -> Allocation:
    rows, bends = [], []
    for f, k in zip(frontiers, chosen, strict=True):
        point = points.loc[f.row[k]] if f.row[k] >= 0 else None
        onward = f.hull[f.hull > k]
        step = float((f.benefit[onward[0]] - f.benefit[k]) / (f.cost[onward[0]] - f.cost[k])) if len(onward) else np.nan
        rows.append(
            {
                "regency_code": f.code,
                "budget_idr": float(point["budget_idr"]) if point is not None else 0.0,
                "public_idr": float(f.cost[k]),
                "benefit": float(f.benefit[k]),
                "villages": int(point["villages"]) if point is not None else 0,
                "population_gained": float(point["population_gained"]) if point is not None else 0.0,
                "next_per_billion": step * BILLION,
                "concave": f.concave,
            }
        )
        line = np.interp(f.cost, f.cost[f.hull], f.benefit[f.hull])
        for p in np.setdiff1d(np.arange(len(f.cost)), f.hull):
            bends.append((f.code, float(points.loc[f.row[p], "budget_idr"]), float(line[p] - f.benefit[p])))
    regions = pd.DataFrame(rows)
    return Allocation(
        regions=regions,
        bends=pd.DataFrame(bends, columns=["regency_code", "budget_idr", "below"]),
        benefit=float(regions["benefit"].sum()),
        public_idr=float(regions["public_idr"].sum()),
        bound=max(bound, float(regions["benefit"].sum())),
        method=method,
    )
