"""New towers, light and macro, sited by computed signal from candidate places and never by a circle."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from coverage.assumptions import Assumptions
from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.options.siting import Best, Candidate, Choice, Ground, best_of, fresh_traffic, within_capacity
from coverage.options.works import capex_idr, power_lines, track_lines
from coverage.options.world import Radio, World
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


@dataclass(frozen=True)
class Kind:
    """A kind of tower: its technology, the topic names of its height and bandwidth, and its bill items."""

    technology: str
    height: str
    bandwidth: str
    works: tuple[str, ...]
    panels: str
    running: tuple[str, ...]


LIGHT = Kind(
    "light_tower",
    "options.tower_height",
    "options.tower_total_bandwidth",
    ("cost.tower_site_build", "cost.tower_install", "cost.tower_radio"),
    "cost.tower_power_solar",
    ("cost.tower_maintenance", "cost.tower_energy"),
)
MACRO = Kind(
    "macro_tower",
    "options.macro_height",
    "options.macro_total_bandwidth",
    ("cost.macro_site_build", "cost.tower_install", "cost.macro_radio"),
    "cost.macro_power_solar",
    ("cost.macro_maintenance", "cost.macro_energy"),
)


def towers(village_code: str, ground: Ground, world: World) -> list[Draft]:
    """The light tower that newly covers most people for its cost, and a macro tower where it covers more.

    What a site costs includes the track from the nearest road and the line from the grid, or panels.
    Whom a tower reaches is limited by what it can carry: the village's own people first, then its
    neighbours', then those covered already, and by signal within each, until the traffic of the busy
    hour fills its capacity.

    A macro tower stands at one of the light tower's best places; it is offered only where its
    height and its capacity bring ``options.macro_gain_least`` more people, since it costs more.

    Returns
    -------
    list of Draft
        None, one or two.
    """
    a = world.assumptions
    places = ground.candidates(world.numbers[village_code], round(a["options.tower_candidates"]))
    light = _best(LIGHT, village_code, places, round(a["options.macro_candidates"]), world)
    if light is None:
        return []
    first = _draft(LIGHT, village_code, places[light.numbers[0]], light.first, world)
    tried = [places[number] for number in light.numbers]
    macro = _best(MACRO, village_code, tried, 1, world)
    if macro is None:
        return [first]
    second = _draft(MACRO, village_code, tried[macro.numbers[0]], macro.first, world)
    enough = first.reached.sum() * (1.0 + a["options.macro_gain_least"])
    return [first, second] if second.reached.sum() >= enough else [first]


def _best(kind: Kind, village_code: str, places: list[Candidate], most: int, world: World) -> Best | None:
    radio = tower_radio(world.assumptions[kind.height], world.assumptions)
    return best_of(
        world.numbers[village_code],
        places,
        [radio] * len(places),
        [capex_idr(_works(kind, place, world), world) for place in places],
        most,
        world,
    )


def _works(kind: Kind, place: Candidate, world: World) -> tuple[Line, ...]:
    """Bill of what is built at a place."""
    return (
        Line("cost.tower_metre", world.assumptions[kind.height]),
        *(Line(item, 1) for item in kind.works),
        *power_lines(place.x, place.y, "cost.tower_power_grid", kind.panels, world),
        *track_lines(place.x, place.y, world),
    )


def _draft(kind: Kind, village_code: str, place: Candidate, choice: Choice, world: World) -> Draft:
    a, people = world.assumptions, world.people
    capacity = sector_capacity_mbps(a[kind.bandwidth], a)
    reached = within_capacity(choice.order, people.population, people.demand_mbps, capacity)
    backhaul = min(capacity, max(fresh_traffic(reached, people), capacity * a["options.tower_backhaul_least"]))
    return Draft(
        option_id=f"{village_code}:{kind.technology}:r{place.row}c{place.col}",
        village_code=village_code,
        technology=kind.technology,
        x=place.x,
        y=place.y,
        height_m=a[kind.height],
        lifetime_years=a["options.tower_lifetime"],
        capacity_mbps=capacity,
        backhaul_mbps=backhaul,
        households_passed=float(reached.sum()) / world.household_size[village_code],
        reached=reached,
        lines=(
            *_works(kind, place, world),
            *(Line(item, 1) for item in kind.running),
            Line("cost.transit", backhaul),
        ),
    )
