"""Community Wi-Fi at the hamlets' centres, each fed by its own satellite kit."""

from __future__ import annotations

import numpy as np

from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.options.world import NOWHERE, World


def satellite_wifi(village_code: str, world: World) -> Draft | None:
    """Satellite community Wi-Fi for one village, or None where no hamlet is large enough.

    The kits and their subscription are the satellite link, so they stand in its bill, not in this
    option's. Where there is no grid, panels and batteries do.

    Parameters
    ----------
    village_code : str
        The village.
    world : World
        The region; ``options.wifi_*`` and unit costs.
    """
    assumptions, people = world.assumptions, world.people
    population, demand_mbps, xy = people.population, people.demand_mbps, people.xy
    own = world.places_of_hamlet
    reached = np.zeros(len(population))
    centres: list[tuple[float, float, float]] = []
    hamlets, places = world.hamlets_of(village_code)
    for hamlet, (hx, hy) in zip(hamlets, places.tolist(), strict=True):
        near = own.get(hamlet, NOWHERE)
        near = near[np.hypot(xy[near, 0] - hx, xy[near, 1] - hy) <= assumptions["options.wifi_radius"]]
        count = float(population[near].sum())
        if count >= assumptions["options.wifi_min_people"]:
            # A kit that cannot carry everybody's traffic serves its share of them.
            load = float(demand_mbps[near].sum())
            reached[near] = population[near] * min(1.0, assumptions["options.wifi_kit_mbps"] / max(load, 1e-9))
            centres.append((count, hx, hy))
    if not centres:
        return None
    sites = len(centres)
    _people, site_x, site_y = max(centres)  # shown at its largest hamlet
    dark = sum(not world.has_power(x, y) for _count, x, y in centres)
    solar = (Line("cost.wireless_power_solar", dark),) if dark else ()
    capacity = sites * assumptions["options.wifi_kit_mbps"]
    return Draft(
        option_id=f"{village_code}:satellite_wifi:{sites}",
        village_code=village_code,
        technology="satellite_wifi",
        x=site_x,
        y=site_y,
        height_m=0.0,
        lifetime_years=assumptions["options.wifi_lifetime"],
        capacity_mbps=capacity,
        backhaul_mbps=capacity,
        households_passed=float(reached.sum()) / world.household_size[village_code],
        reached=reached,
        lines=(
            Line("cost.wifi_access_point", sites * assumptions["options.wifi_points"]),
            Line("cost.wifi_mast", sites),
            *solar,
            Line("cost.wifi_upkeep", sites),
        ),
        feed="kits",
        terminals=sites,
    )
