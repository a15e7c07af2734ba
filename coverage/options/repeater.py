"""A repeater: a small mast that hears an operator's signal and gives it again to a shadowed settlement.

It must stand where the donor's signal is strong enough today, and it radiates no more than its
amplifier gives and its gain allows, which the isolation between its two antennas limits. It brings
no capacity of its own: its users share what the donor's cell has left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.options.siting import Candidate, Choice, Ground, best_of, fresh_traffic, within_capacity
from coverage.options.works import capex_idr, power_lines
from coverage.options.world import Floats, Mask, Radio, World
from coverage.radio.link_budget import resource_blocks

if TYPE_CHECKING:
    from coverage.radio import Signal


@dataclass(frozen=True, eq=False)
class Donors:
    """The strongest 4G cell of any operator at every pixel: its level in dBm and its number, -1 for none."""

    level_dbm: Floats
    cell: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    cells: pd.DataFrame


def donors(signal: Signal) -> Donors:
    """Whose 4G signal is strongest where."""
    level = np.full(signal.shape, -np.inf)
    cell = np.full(signal.shape, -1, dtype=np.int64)
    for (_operator, technology), layer in sorted(signal.layers.items()):
        if technology != "4g":
            continue
        better = np.nan_to_num(layer.rsrp.astype(float), nan=-np.inf) > level
        level[better] = layer.rsrp[better]
        cell[better] = layer.cell[better]
    return Donors(level, cell, signal.cells)


def radiated_dbm(donor_dbm: float, bandwidth_mhz: float, assumptions: Assumptions) -> float:
    """Power per resource element that a repeater radiates, dBm EIRP.

    What its donor antenna hears, amplified, but at most what its amplifier gives over the carrier.
    """
    blocks = float(resource_blocks("4g", [bandwidth_mhz], assumptions)[0])
    most = assumptions["options.repeater_power"] - 10 * math.log10(12 * blocks)
    heard = donor_dbm + assumptions["options.repeater_donor_gain"] + assumptions["options.repeater_gain"]
    return min(most, heard) + assumptions["options.repeater_service_gain"]


def fitting(ground: Ground, source: Donors, assumptions: Assumptions) -> Mask:
    """Pixels near people left out where a donor is heard well enough."""
    return (source.level_dbm >= assumptions["options.repeater_donor_dbm"]) & (ground.crowd > 0)


def repeater(village_code: str, ground: Ground, source: Donors, fits: Mask, world: World) -> Draft | None:
    """The repeater that newly covers most people for its cost, or None where there is no donor or no use.

    Parameters
    ----------
    village_code : str
        The village.
    ground : Ground
        Where masts may stand.
    source : Donors
        Today's signal.
    fits : ndarray of bool
        From :func:`fitting`.
    world : World
        The region.
    """
    a, village = world.assumptions, world.numbers[village_code]
    places = ground.candidates(village, round(a["options.repeater_candidates"]), fits)
    radios = [_radio(place, source, a) for place in places]
    best = best_of(
        village,
        places,
        radios,
        [capex_idr(_works(place, world), world) for place in places],
        1,
        world,
    )
    if best is None or best.first.own < a["options.repeater_least_people"]:
        return None
    return _draft(village_code, places[best.numbers[0]], best.first, source, world)


def _works(place: Candidate, world: World) -> tuple[Line, ...]:
    """What is built: its mast is light enough to be carried, so it needs no track."""
    return (
        Line("cost.guyed_mast_metre", world.assumptions["options.repeater_height"]),
        Line("cost.repeater_radio", 1),
        Line("cost.repeater_install", 1),
        *power_lines(place.x, place.y, "cost.repeater_power_grid", "cost.repeater_power_solar", world),
    )


def _radio(place: Candidate, source: Donors, a: Assumptions) -> Radio:
    cell = source.cells.iloc[int(source.cell[place.row, place.col])]
    power = radiated_dbm(float(source.level_dbm[place.row, place.col]), float(cell["bandwidth_mhz"]), a)
    return Radio(a["options.repeater_height"], float(cell["frequency_mhz"]), power, a["options.repeater_radius"])


def _draft(village_code: str, place: Candidate, choice: Choice, source: Donors, world: World) -> Draft | None:
    a, people = world.assumptions, world.people
    cell = source.cells.iloc[int(source.cell[place.row, place.col])]
    spare = float(cell["bandwidth_mhz"]) * a["options.tower_efficiency"] * a["options.repeater_spare_share"]
    capacity = min(spare, a["options.site_spare_mbps"])
    reached = within_capacity(choice.order, people.population, people.demand_mbps, capacity)
    if reached[~people.covered].sum() < a["options.repeater_least_people"]:
        return None
    backhaul = max(fresh_traffic(reached, people), min(1.0, capacity))
    return Draft(
        option_id=f"{village_code}:repeater:r{place.row}c{place.col}",
        village_code=village_code,
        technology="repeater",
        x=place.x,
        y=place.y,
        height_m=a["options.repeater_height"],
        lifetime_years=a["options.repeater_lifetime"],
        capacity_mbps=capacity,
        backhaul_mbps=min(backhaul, capacity),
        households_passed=float(reached.sum()) / world.household_size[village_code],
        reached=reached,
        lines=(*_works(place, world), Line("cost.repeater_upkeep", 1)),
        feed="donor",
        site_id=str(cell["site_id"]),
        only_operator=str(cell["operator"]),
    )
