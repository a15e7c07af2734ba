"""Where masts may stand, and which of several masts serves a village best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coverage.options.world import Floats, Heard, Ints, Mask, People, Radio, World, box_sum


@dataclass(frozen=True)
class Candidate:
    """A place where a mast may stand: pixel of the metric grid and its coordinates."""

    row: int
    col: int
    x: float
    y: float


class Ground:
    """What decides where masts may stand, as grids over the whole region.

    A place is allowed on land that nothing excludes, near people and near a road (where roads are
    known).

    Parameters
    ----------
    world : World
        The region.
    village : ndarray of int
        Number of the village of each pixel; -1 outside.
    """

    def __init__(self, world: World, village: NDArray[np.intp]) -> None:
        terrain, a = world.terrain, world.assumptions
        pixel = terrain.resolution[0]
        self.terrain = terrain
        self.village = village
        self._ready = world.ready
        self._spacing = a["options.tower_spacing"]

        def reach(name: str) -> int:
            return max(1, round(a[name] / pixel))

        height = np.nan_to_num(terrain.values.astype(np.float64))
        ring = reach("options.tower_people_reach")
        window = box_sum(np.ones_like(height), ring)
        self.relief = height - box_sum(height, ring) / window
        self.crowd = box_sum(world.left_out, ring)
        allowed = np.isfinite(terrain.values) & world.building & (box_sum(world.homes.astype(float), ring) > 0.5)
        if world.road_pixels.any():
            allowed &= box_sum(world.road_pixels.astype(float), reach("options.tower_road_reach")) > 0.5
        self.allowed = allowed
        where = np.flatnonzero(allowed & (village >= 0))
        order = where[np.argsort(village.ravel()[where], kind="stable")]
        self._pixels, self._village_of_pixel = order, village.ravel()[order]

    def candidates(self, village: int, limit: int, only: Mask | None = None) -> list[Candidate]:
        """Candidate places inside one village.

        By turns the highest ground, the most people, and the highest ground that needs neither a
        track nor a power line. Local height is measured against the mean around, so that a knoll in
        a valley counts; places keep ``options.tower_spacing`` apart. Deterministic: ties go to the
        north, then the west.

        Parameters
        ----------
        village : int
            Number of the village.
        limit : int
            Most places.
        only : ndarray of bool, optional
            Pixels that are good enough beside being allowed.
        """
        ends = np.searchsorted(self._village_of_pixel, [village, village + 1])
        pixels = self._pixels[slice(*ends)]
        if only is not None:
            pixels = pixels[only.ravel()[pixels]]
        if not pixels.size:
            return []
        rows, cols = np.divmod(pixels, self.allowed.shape[1])
        relief, crowd = self.relief[rows, cols], np.round(self.crowd[rows, cols], 6)
        near_people = crowd > 0
        high = np.lexsort((-crowd, -np.where(near_people, relief, relief - 1e6)))
        crowded = np.lexsort((-relief, -crowd))
        x, y = self.terrain.xy(rows, cols)
        chosen: list[int] = []
        taken = np.zeros(rows.size, dtype=bool)
        orders = (high, crowded, high[np.argsort(~self._ready[rows, cols][high], kind="stable")])
        while len(chosen) < limit and not taken.all():
            order = orders[len(chosen) % 3]
            best = int(order[np.argmin(taken[order])])
            chosen.append(best)
            taken |= np.hypot(x - x[best], y - y[best]) < self._spacing
        return [Candidate(int(rows[i]), int(cols[i]), float(x[i]), float(y[i])) for i in chosen]


@dataclass(frozen=True, eq=False)
class Choice:
    """One mast of several: its number, whom it reaches in order of service, and its score.

    ``own``, ``fresh`` and ``everyone``: people newly covered in the village, people newly covered
    anywhere, and people reached.
    """

    number: int
    order: Ints
    own: float
    fresh: float
    everyone: float

    @property
    def score(self) -> tuple[float, float, float, int]:
        """Higher is better; of equals the first."""
        return self.own, self.fresh, self.everyone, -self.number


def ranked(village: int, heard: Sequence[Heard], people: People) -> list[Choice]:
    """Masts from the best to the worst for a village; those that cover nobody newly are left out.

    The village's own people count first, then its neighbours', then those covered already; they are
    served in that order, and by signal within it.
    """
    choices = []
    for number, one in enumerate(heard):
        rank = np.where(people.covered[one.at], 2, np.where(people.village[one.at] == village, 0, 1))
        own, fresh, everyone = (round(float(people.population[one.at[rank <= r]].sum()), 6) for r in range(3))
        if everyone > 0:
            order = one.at[np.lexsort((-one.level_dbm, rank))]
            choices.append(Choice(number, order, own, fresh, everyone))
    return sorted(choices, key=lambda choice: choice.score, reverse=True)


@dataclass(frozen=True)
class Best:
    """The best masts of several: their numbers, the best first, and whom that one reaches."""

    numbers: list[int]
    first: Choice


def best_of(
    village: int,
    places: Sequence[Candidate],
    radios: Sequence[Radio],
    dearness: Sequence[float],
    most: int,
    world: World,
) -> Best | None:
    """The masts that newly cover most people for what they cost; None where none reaches anybody.

    A mast is worth the people of the village that it newly covers and, in part, those of its
    neighbours. It is compared by that worth over its cost, so a site that costs a tenth more, for its
    track or its power line, must newly cover a tenth more people. Where no mast covers anybody
    newly, the village's people count whom it reaches.

    Parameters
    ----------
    village : int
        Number of the village.
    places, radios, dearness : sequence, shape (masts,)
        Where each mast would stand, what hangs on it, and what it costs, in any unit.
    most : int
        How many masts to name.
    world : World
        The region, with ``options.neighbour_worth``.
    """
    people = world.people
    if not places:
        return None

    def listen(k: int, among: Ints | None) -> Heard:
        return world.heard(places[k].x, places[k].y, radios[k], among)

    def best(among: Ints) -> list[int]:
        """Numbers from the best to the worst; of equals the first."""
        own = people.village[among] == village
        worth = np.zeros(len(people.population))
        worth[among] = people.population[among] * np.where(own, 1.0, world.assumptions["options.neighbour_worth"])
        least = min(dearness)
        value = [round(float(worth[listen(k, among).at].sum()) * least / cost, 6) for k, cost in enumerate(dearness)]
        return sorted((k for k in range(len(value)) if value[k] > 0), key=lambda k: (-value[k], k))

    near = people.near(np.array([(place.x, place.y) for place in places]), max(radio.radius_m for radio in radios))
    numbers = best(near[~people.covered[near]]) or best(near[people.village[near] == village])
    if not numbers:
        return None
    (first,) = ranked(village, [listen(numbers[0], None)], people)
    return Best(numbers[:most], first)


def within_capacity(order: Ints, population: Floats, demand_mbps: Floats, capacity_mbps: float) -> Floats:
    """People served at every place if places are taken in an order until the capacity is used up.

    The last place is taken in part; places without traffic cost nothing.
    """
    served = np.zeros(len(population))
    before = np.concatenate([[0.0], np.cumsum(demand_mbps[order])[:-1]])
    room = capacity_mbps - before
    need = demand_mbps[order]
    share = np.where(need > 0, np.clip(room / np.where(need > 0, need, 1.0), 0.0, 1.0), room > 0)
    served[order] = population[order] * share
    return served


def fresh_traffic(reached: Floats, people: People) -> float:
    """Busy-hour traffic of the newly covered among those reached, Mbit/s."""
    share = reached / np.where(people.population > 0, people.population, 1.0)
    return float((people.demand_mbps * share)[~people.covered].sum())
