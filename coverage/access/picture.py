"""The picture of a region at its places, and how it is summed over settlements and villages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.access.capacity import Capacity
from coverage.access.evidence import Verdicts
from coverage.access.groups import group_sum, weighted_median
from coverage.access.reception import Reception, any_of
from coverage.assumptions import Assumptions

if TYPE_CHECKING:
    from coverage.radio import Signal

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class People:
    """Places with their settlement and village numbers."""

    population: Floats
    rows: Ints
    cols: Ints
    settlement: Ints
    village: Ints
    village_of_settlement: Ints
    settlements: int
    villages: int


@dataclass(frozen=True, eq=False)
class Picture:
    """What is known at every place.

    ``covered`` holds accepted evidence; ``denied`` marks the places where evidence takes away what the
    model says; ``served`` is the share of each place's people who are covered within capacity;
    ``complete`` whether absence in the list of sites means absence on the ground.
    """

    people: People
    receptions: list[Reception]
    covered: Mask
    denied: Mask
    served: Floats
    load: Capacity
    of_village: Verdicts
    of_settlement: Verdicts
    complete: bool
    signal: Signal

    @cached_property
    def internet(self) -> list[Reception]:
        """Receptions of 4G and 5G."""
        return [r for r in self.receptions if r.is_internet]

    @cached_property
    def weak_or_better(self) -> Mask:
        """Places with at least a weak 4G or 5G signal; where evidence denies, its class decides."""
        return any_of((r.weak for r in self.internet), self.covered.size) | self.covered | self.denied

    @cached_property
    def by_operator(self) -> dict[str, tuple[Mask, NDArray[np.float32]]]:
        """Per operator, sorted: usable places after denials, and the strongest of its technologies."""
        found: dict[str, tuple[Mask, NDArray[np.float32]]] = {}
        for reception in self.internet:
            usable, rsrp = reception.usable & ~self.denied, reception.rsrp_dbm
            if reception.operator in found:
                before = found[reception.operator]
                usable, rsrp = usable | before[0], np.fmax(rsrp, before[1])
            found[reception.operator] = (usable, rsrp)
        return found

    @cached_property
    def sites(self) -> tuple[Ints, pd.Index]:
        """Number of the site of each cell, in the order of their names, and the names."""
        codes, names = pd.factorize(self.signal.cells["site_id"], sort=True)
        return np.asarray(codes, dtype=np.intp), pd.Index(names)

    def site_of(self, cell: Ints) -> Ints:
        """Site number of each cell number; -1 for -1."""
        codes, _names = self.sites
        return np.where(cell >= 0, codes[np.maximum(cell, 0)], -1) if codes.size else np.full(cell.size, -1)

    def total(self, groups: Ints, part: NDArray[np.generic], count: int) -> Floats:
        """People of each group for whom `part` holds (a mask or a share), never more than all."""
        everyone = group_sum(groups, self.people.population, count)
        part_of = group_sum(groups, self.people.population * np.asarray(part, dtype=float), count)
        # rounding must not leave a billionth of a person out
        return np.where(part_of > everyone * (1.0 - 1e-9), everyone, part_of)

    def share(self, groups: Ints, part: NDArray[np.generic], count: int) -> Floats:
        """Share of people in each group; of places where nobody lives; NaN without places."""
        weight = self.weight(groups, count)
        whole = group_sum(groups, weight, count)
        held = group_sum(groups, weight * np.asarray(part, dtype=float), count)
        share = np.divide(held, whole, out=np.full(count, np.nan), where=whole > 0)
        return np.asarray(np.clip(share, 0.0, 1.0))

    def weight(self, groups: Ints, count: int) -> Floats:
        """Population of each place; 1 in groups where nobody lives."""
        total = group_sum(groups, self.people.population, count)
        return np.where(total[groups] > 0.0, self.people.population, 1.0)

    def mean_mbps(self, speed: Floats, groups: Ints, count: int) -> Floats:
        """Mean of a speed over the covered people of each group; NaN where unknown."""
        population = self.people.population
        known = self.covered & ~np.isnan(speed) & (population > 0)
        weight = group_sum(groups[known], population[known], count)
        total = group_sum(groups[known], population[known] * speed[known], count)
        return np.asarray(np.divide(total, weight, out=np.full(count, np.nan), where=weight > 0))

    def middle(self, groups: Ints, weight: Floats, count: int) -> tuple[Floats, Floats, Mask]:
        """Weighted centre of each group in metres, and which groups have any weight."""
        x, y = self.signal.transform @ np.vstack([self.people.cols + 0.5, self.people.rows + 0.5])
        total = group_sum(groups, weight, count)
        safe = np.where(total > 0, total, 1.0)
        return group_sum(groups, weight * x, count) / safe, group_sum(groups, weight * y, count) / safe, total > 0


@dataclass(frozen=True)
class Operators:
    """Per group: number of operators, the best one (position in the sorted names, -1 for none), its median RSRP."""

    count: Ints
    best: Ints
    rsrp_dbm: Floats


def compare_operators(picture: Picture, groups: Ints, count: int, assumptions: Assumptions) -> Operators:
    """Count the operators that cover most people, and find the one that covers the most.

    Equal shares go to the stronger median signal, then to the first by name.
    """
    if not picture.by_operator:
        return Operators(np.zeros(count, np.intp), np.full(count, -1), np.full(count, np.nan))
    weight = picture.weight(groups, count)
    share = np.vstack([np.nan_to_num(picture.share(groups, u, count)) for u, _rsrp in picture.by_operator.values()])
    median = np.vstack([weighted_median(groups, r, weight, count) for _usable, r in picture.by_operator.values()])
    names = np.broadcast_to(np.arange(len(share))[:, None], share.shape)
    first = np.lexsort((names, -np.nan_to_num(median, nan=-np.inf), -share), axis=0)[0]
    at = np.arange(count)
    majority = (share >= assumptions["access.operator_majority_share"]).sum(axis=0)
    return Operators(majority.astype(np.intp), np.where(share[first, at] > 0, first, -1), median[first, at])


def names_at(names: pd.Index, numbers: NDArray[np.integer[Any]]) -> pd.Series[str]:
    """Names by number; missing for -1."""
    return pd.Series(names, dtype="str").reindex(numbers).reset_index(drop=True)
