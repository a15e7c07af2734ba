"""A tower tried at a place: whom it would newly reach, by the radio model, in under a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from coverage.radio import update

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_NAME = "trial"


@dataclass(frozen=True, eq=False)
class Trial:
    """What a tower at a place would do; ``villages`` has ``village_code, village_name, gained`` (persons)."""

    lat: float
    lon: float
    height_m: float
    population_reached: float
    population_gained: float
    villages: pd.DataFrame


def try_tower(analysis: Analysis, lat: float, lon: float, height_m: float | None = None) -> Trial:
    """Signal of a light tower that is not there, and the people it would newly reach.

    Only the new cell is predicted (:func:`coverage.radio.update`). A person counts as reached from
    the usable threshold up, and as gained where no operator covers the place now.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    lat, lon : float
        The place, in degrees; it must lie on the grid of the region.
    height_m : float, optional
        Antenna height above ground; by default that of a light tower.

    Raises
    ------
    ValueError
        Where the place lies outside the grid.
    """
    a = analysis.assumptions
    height = a["options.tower_height"] if height_m is None else height_m
    point = gpd.GeoSeries([Point(lon, lat)], crs="EPSG:4326")
    on_grid = point.to_crs(analysis.grid.crs)
    if np.isnan(analysis.grid.sample(on_grid.x.to_numpy(), on_grid.y.to_numpy())).any():
        raise ValueError("the place lies outside the region")
    site = gpd.GeoDataFrame(
        {"site_id": [_NAME], "owner": [None], "height_m": [height], "position_uncertainty_m": [0.0]}, geometry=point
    )
    cell = pd.DataFrame(
        {
            "cell_id": [_NAME],
            "site_id": [_NAME],
            "operator": [_NAME],
            "technology": ["4g"],
            "frequency_mhz": [a["options.tower_frequency"]],
            "bandwidth_mhz": [a["options.tower_bandwidth"]],
            "tx_power_dbm": [a["options.tower_power"]],
            "antenna_gain_dbi": [a["options.tower_gain"] - a["options.tower_losses"]],
            "azimuth_deg": [float("nan")],
            "downtilt_deg": [0.0],
        }
    )
    region = analysis.region
    after = update(
        analysis.signal,
        analysis.grid,
        pd.concat([region.sites[site.columns], site], ignore_index=True),
        pd.concat([region.cells[cell.columns], cell], ignore_index=True),
        a,
    )
    rows, cols = analysis.places["row"].to_numpy(), analysis.places["col"].to_numpy()
    reached = after.layers[_NAME, "4g"].rsrp[rows, cols] >= a["radio.threshold_usable_dbm"]
    gained = reached & ~np.asarray(analysis.access.place_covered, dtype=bool)
    people = analysis.places["population"]
    per_village = people[gained].groupby(analysis.places.loc[gained, "village_code"]).sum()
    names = region.villages.set_index("village_code")["village_name"]
    table = per_village.rename("gained").reset_index()
    table.insert(1, "village_name", table["village_code"].map(names))
    return Trial(
        lat,
        lon,
        float(height),
        float(people[reached].sum()),
        float(people[gained].sum()),
        table.sort_values(["gained", "village_code"], ascending=[False, True], ignore_index=True),
    )
