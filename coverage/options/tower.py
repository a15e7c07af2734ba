"""Light towers, sited by computed signal from candidate places and never by a circle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.radio.link_budget import reference_power_dbm
from coverage.raster import Raster

#: ``rsrp(x_m, y_m) -> dBm`` around a candidate; NaN where it was not computed.
Predict = Callable[[float, float], Raster]


@dataclass(frozen=True)
class Candidate:
    """A place where a tower may stand: pixel of the metric grid and its coordinates."""

    row: int
    col: int
    x: float
    y: float


def tower_power_dbm(assumptions: Assumptions) -> float:
    """Radiated power per resource element of a light tower, in dBm EIRP.

    Three sectors are taken as one round pattern, so ``options.tower_gain`` is below a panel's peak.
    """
    cell = pd.DataFrame(
        {
            "technology": ["4g"],
            "bandwidth_mhz": [assumptions["options.tower_bandwidth"]],
            "tx_power_dbm": [assumptions["options.tower_power"]],
            "antenna_gain_dbi": [assumptions["options.tower_gain"]],
        }
    )
    return float(reference_power_dbm(cell, assumptions)[0]) - assumptions["options.tower_losses"]


def box_sum(values: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """Sum over the square of 2 radius + 1 pixels around every pixel (outside counts as 0)."""
    padded = np.pad(values, ((radius + 1, radius), (radius + 1, radius)))
    total = padded.cumsum(axis=0).cumsum(axis=1)
    size = 2 * radius + 1
    sums: NDArray[np.float64] = (
        total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    )
    return sums


class Ground:
    """What decides where towers may stand, as grids over the whole region.

    Parameters
    ----------
    terrain : Raster
        Metric terrain, metres.
    village : ndarray of int
        Number of the village of each pixel; -1 outside.
    people : ndarray
        People per pixel whom a tower should reach: those left out today.
    road : ndarray of bool
        Pixels that a road touches; empty roads mean that roads set no limit.
    homes : ndarray of bool
        Pixels where anybody lives.
    assumptions : Assumptions
        ``options.tower_*``.
    """

    def __init__(
        self,
        terrain: Raster,
        village: NDArray[np.intp],
        people: NDArray[np.float64],
        road: NDArray[np.bool_],
        homes: NDArray[np.bool_],
        assumptions: Assumptions,
    ) -> None:
        pixel = terrain.resolution[0]
        self.terrain = terrain
        self.village = village
        self._assumptions = assumptions
        self._spacing = assumptions["options.tower_spacing"]

        def reach(name: str) -> int:
            return max(1, round(assumptions[name] / pixel))

        height = np.nan_to_num(terrain.values.astype(np.float64))
        ring = reach("options.tower_people_reach")
        window = box_sum(np.ones_like(height), ring)
        self.relief = height - box_sum(height, ring) / window
        self.crowd = box_sum(people, ring)
        allowed = np.isfinite(terrain.values) & (box_sum(homes.astype(float), ring) > 0.5)
        if road.any():
            allowed &= box_sum(road.astype(float), reach("options.tower_road_reach")) > 0.5
        self.allowed = allowed
        self.grid_power = box_sum(homes.astype(float), reach("options.grid_reach")) > 0.5

    def candidates(self, village: int) -> list[Candidate]:
        """Candidate places inside one village: by turns the highest ground and the most people.

        Local height is measured against the mean around, so that a knoll in a valley counts; places
        keep ``options.tower_spacing`` apart. Deterministic: ties go to the north, then the west.
        """
        rows, cols = np.nonzero((self.village == village) & self.allowed)
        if not rows.size:
            return []
        relief, crowd = self.relief[rows, cols], np.round(self.crowd[rows, cols], 6)
        near_people = crowd > 0
        high = np.lexsort((-crowd, -np.where(near_people, relief, relief - 1e6)))
        crowded = np.lexsort((-relief, -crowd))
        x, y = self.terrain.xy(rows, cols)
        chosen: list[int] = []
        taken = np.zeros(rows.size, dtype=bool)
        limit = round(self._assumptions["options.tower_candidates"])
        orders = (high, crowded)
        while len(chosen) < limit and not taken.all():
            order = orders[len(chosen) % 2]
            best = int(order[np.argmin(taken[order])])
            chosen.append(best)
            taken |= np.hypot(x - x[best], y - y[best]) < self._spacing
        return [Candidate(int(rows[i]), int(cols[i]), float(x[i]), float(y[i])) for i in chosen]


def _near(candidates: list[Candidate], xy: NDArray[np.float64], radius_m: float) -> NDArray[np.intp]:
    """Positions of the places that any candidate could reach (their common box)."""
    if not candidates:
        return np.empty(0, dtype=np.intp)
    spots = np.array([(c.x, c.y) for c in candidates])
    low, high = spots.min(axis=0) - radius_m, spots.max(axis=0) + radius_m
    return np.flatnonzero(((xy >= low) & (xy <= high)).all(axis=1))


@dataclass(frozen=True, eq=False)
class People:
    """The places that towers may reach, one entry per place.

    ``population`` residents, ``covered`` whether today, ``demand_mbps`` their traffic in the busy
    hour, ``village`` the number of their village, ``xy`` metric coordinates, shape (places, 2).
    """

    population: NDArray[np.float64]
    covered: NDArray[np.bool_]
    demand_mbps: NDArray[np.float64]
    village: NDArray[np.intp]
    xy: NDArray[np.float64]


def within_capacity(
    order: NDArray[np.intp], population: NDArray[np.float64], demand_mbps: NDArray[np.float64], capacity_mbps: float
) -> NDArray[np.float64]:
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


def best_tower(
    village_code: str,
    village: int,
    candidates: list[Candidate],
    ground: Ground,
    predict: Predict,
    people: People,
    usable_dbm: float,
    household_size: float,
    assumptions: Assumptions,
) -> Draft | None:
    """The candidate that newly covers most people, or None where none covers anybody.

    The village's own people count first, then its neighbours', then those covered already. Whom the
    tower reaches is limited by what it can carry: in that order, and by signal within it, until the
    traffic of the busy hour fills its capacity.

    Parameters
    ----------
    village_code, village : str, int
        Village that it is made for, and its number.
    candidates : list of Candidate
        Where it may stand.
    ground : Ground
        Tells whether the electricity grid is near.
    predict : callable
        RSRP around a place.
    people : People
        Whom it may reach.
    usable_dbm : float
        RSRP at which a place is covered.
    household_size : float
        People per home.
    assumptions : Assumptions
        ``options.tower_*`` and unit costs.
    """
    best: tuple[float, float, float, int] | None = None
    best_order = np.empty(0, dtype=np.intp)
    near = _near(candidates, people.xy, assumptions["options.tower_radius"])
    for number, candidate in enumerate(candidates):
        rsrp = predict(candidate.x, candidate.y).sample(people.xy[near, 0], people.xy[near, 1])
        rsrp = np.nan_to_num(rsrp, nan=-np.inf)
        at, level = near[rsrp >= usable_dbm], rsrp[rsrp >= usable_dbm]
        rank = np.where(people.covered[at], 2, np.where(people.village[at] == village, 0, 1))
        own, fresh, everyone = (round(float(people.population[at[rank <= r]].sum()), 6) for r in range(3))
        score = (own, fresh, everyone, -number)
        if best is None or score > best:
            best, best_order = score, at[np.lexsort((-level, rank))]
    if best is None or best[2] <= 0:
        return None
    place = candidates[-best[3]]
    height = assumptions["options.tower_height"]
    capacity = (
        assumptions["options.tower_total_bandwidth"]
        * assumptions["options.tower_efficiency"]
        * assumptions["options.tower_sectors"]
    )
    reached = within_capacity(best_order, people.population, people.demand_mbps, capacity)
    share = reached / np.where(people.population > 0, people.population, 1.0)
    gained_demand = float((people.demand_mbps * share)[~people.covered].sum())
    power = "cost.tower_power_grid" if ground.grid_power[place.row, place.col] else "cost.tower_power_solar"
    backhaul = min(capacity, max(gained_demand, capacity * assumptions["options.tower_backhaul_least"]))
    return Draft(
        option_id=f"{village_code}:light_tower:r{place.row}c{place.col}",
        village_code=village_code,
        technology="light_tower",
        x=place.x,
        y=place.y,
        height_m=height,
        lifetime_years=assumptions["options.tower_lifetime"],
        capacity_mbps=capacity,
        backhaul_mbps=backhaul,
        households_passed=float(reached.sum()) / household_size,
        reached=reached,
        lines=(
            Line("cost.tower_metre", height),
            Line("cost.tower_site_build", 1),
            Line("cost.tower_install", 1),
            Line("cost.tower_radio", 1),
            Line(power, 1),
            Line("cost.tower_maintenance", 1),
            Line("cost.tower_energy", 1),
            Line("cost.transit", backhaul),
        ),
    )
