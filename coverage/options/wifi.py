"""Community Wi-Fi at the hamlets' centres, each fed by its own satellite kit."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options.costs import Line
from coverage.options.draft import Draft


def satellite_wifi(
    village_code: str,
    hamlets: gpd.GeoDataFrame,
    household_size: float,
    own: Mapping[str, NDArray[np.intp]],
    population: NDArray[np.float64],
    demand_mbps: NDArray[np.float64],
    xy: NDArray[np.float64],
    assumptions: Assumptions,
) -> Draft | None:
    """Satellite community Wi-Fi for one village, or None where no hamlet is large enough.

    The kits and their subscription are the satellite link, so they stand in its bill, not in this
    option's.

    Parameters
    ----------
    village_code : str
        The village.
    hamlets : GeoDataFrame
        Its settlements in the metric CRS.
    household_size : float
        People per home.
    own : mapping
        Positions of the places of every settlement.
    population, demand_mbps, xy : ndarray, shape (places,), (places,) and (places, 2)
        People, their busy-hour traffic and metric coordinates of all places.
    assumptions : Assumptions
        ``options.wifi_*`` and unit costs.
    """
    reached = np.zeros(len(population))
    nowhere = np.empty(0, dtype=np.intp)
    centres: list[tuple[float, float, float]] = []
    for hamlet, (hx, hy) in zip(
        hamlets["settlement_id"], shapely.get_coordinates(hamlets.geometry.to_numpy()).tolist(), strict=True
    ):
        near = own.get(hamlet, nowhere)
        near = near[np.hypot(xy[near, 0] - hx, xy[near, 1] - hy) <= assumptions["options.wifi_radius"]]
        people = float(population[near].sum())
        if people >= assumptions["options.wifi_min_people"]:
            # A kit that cannot carry everybody's traffic serves its share of them.
            load = float(demand_mbps[near].sum())
            reached[near] = population[near] * min(1.0, assumptions["options.wifi_kit_mbps"] / max(load, 1e-9))
            centres.append((people, hx, hy))
    if not centres:
        return None
    sites = len(centres)
    _people, site_x, site_y = max(centres)  # shown at its largest hamlet
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
        households_passed=float(reached.sum()) / household_size,
        reached=reached,
        lines=(
            Line("cost.wifi_access_point", sites * assumptions["options.wifi_points"]),
            Line("cost.wifi_mast", sites),
            Line("cost.wifi_upkeep", sites),
        ),
        feed="kits",
        terminals=sites,
    )
