"""New towers, light and macro, sited by computed signal from candidate places and never by a circle."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from coverage.assumptions import Assumptions
from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.options.siting import Candidate, Choice, Ground, best_of, fresh_traffic, within_capacity
from coverage.options.world import Heard, Ints, Radio, World
from coverage.radio.link_budget import reference_power_dbm


def tower_power_dbm(assumptions: Assumptions) -> float:
    """Radiated power per resource element of a tower's radio, in dBm EIRP.

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


def tower_radio(height_m: float, assumptions: Assumptions) -> Radio:
    """The radio of a tower with its antenna at a height."""
    return Radio(
        height_m,
        assumptions["options.tower_frequency"],
        tower_power_dbm(assumptions),
        assumptions["options.tower_radius"],
    )


def sector_capacity_mbps(bandwidth_mhz: float, assumptions: Assumptions) -> float:
    """What all sectors of a site carry on some carriers, Mbit/s."""
    return bandwidth_mhz * assumptions["options.tower_efficiency"] * assumptions["options.tower_sectors"]


def towers(village_code: str, ground: Ground, world: World) -> list[Draft]:
    """The light tower that newly covers most people, and a macro tower where it covers more.

    The village's own people count first, then its neighbours', then those covered already. Whom a
    tower reaches is limited by what it can carry: in that order, and by signal within it, until the
    traffic of the busy hour fills its capacity.

    A macro tower stands at one of the light tower's best places; it is offered only where its
    height and its capacity bring ``options.macro_gain_least`` more people, since it costs more.

    Returns
    -------
    list of Draft
        None, one or two.
    """
    a, village = world.assumptions, world.numbers[village_code]
    places = ground.candidates(village, round(a["options.tower_candidates"]))
    short, tall = (tower_radio(a[f"options.{kind}_height"], a) for kind in ("tower", "macro"))

    def listen(radio: Radio, spots: list[Candidate]) -> Callable[[int, Ints | None], Heard]:
        return lambda k, among: world.heard(spots[k].x, spots[k].y, radio, among)

    light = best_of(village, listen(short, places), len(places), round(a["options.macro_candidates"]), world.people)
    if light is None:
        return []
    tried = [places[number] for number in light.numbers]
    first = _light(village_code, tried[0], light.first, world)
    macro = best_of(village, listen(tall, tried), len(tried), 1, world.people)
    second = _macro(village_code, tried[macro.numbers[0]], macro.first, world) if macro else None
    if second is None or second.reached.sum() < first.reached.sum() * (1.0 + a["options.macro_gain_least"]):
        return [first]
    return [first, second]


def _light(village_code: str, place: Candidate, choice: Choice, world: World) -> Draft:
    a = world.assumptions
    power = "cost.tower_power_grid" if world.has_power(place.x, place.y) else "cost.tower_power_solar"
    return _draft(
        "light_tower",
        village_code,
        place,
        choice,
        world,
        a["options.tower_height"],
        sector_capacity_mbps(a["options.tower_total_bandwidth"], a),
        (Line("cost.tower_site_build", 1), Line("cost.tower_install", 1), Line("cost.tower_radio", 1), Line(power, 1)),
        (Line("cost.tower_maintenance", 1), Line("cost.tower_energy", 1)),
    )


def _macro(village_code: str, place: Candidate, choice: Choice, world: World) -> Draft:
    a = world.assumptions
    power = "cost.tower_power_grid" if world.has_power(place.x, place.y) else "cost.macro_power_solar"
    return _draft(
        "macro_tower",
        village_code,
        place,
        choice,
        world,
        a["options.macro_height"],
        sector_capacity_mbps(a["options.macro_total_bandwidth"], a),
        (Line("cost.macro_site_build", 1), Line("cost.tower_install", 1), Line("cost.macro_radio", 1), Line(power, 1)),
        (Line("cost.macro_maintenance", 1), Line("cost.macro_energy", 1)),
    )


def _draft(
    technology: str,
    village_code: str,
    place: Candidate,
    choice: Choice,
    world: World,
    height_m: float,
    capacity_mbps: float,
    works: tuple[Line, ...],
    running: tuple[Line, ...],
) -> Draft:
    a, people = world.assumptions, world.people
    reached = within_capacity(choice.order, people.population, people.demand_mbps, capacity_mbps)
    least = capacity_mbps * a["options.tower_backhaul_least"]
    backhaul = min(capacity_mbps, max(fresh_traffic(reached, people), least))
    return Draft(
        option_id=f"{village_code}:{technology}:r{place.row}c{place.col}",
        village_code=village_code,
        technology=technology,
        x=place.x,
        y=place.y,
        height_m=height_m,
        lifetime_years=a["options.tower_lifetime"],
        capacity_mbps=capacity_mbps,
        backhaul_mbps=backhaul,
        households_passed=float(reached.sum()) / world.household_size[village_code],
        reached=reached,
        lines=(Line("cost.tower_metre", height_m), *works, *running, Line("cost.transit", backhaul)),
    )
