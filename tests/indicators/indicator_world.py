"""A small world for the tests of indicators: two desa and a kelurahan, four hamlets, public places, options."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage import assumptions as assumption_files
from coverage.access import Access
from coverage.indicators import load_framework, make_framework
from coverage.tables import FACILITY_KINDS

ASSUMPTIONS = assumption_files.load().topic("access", "indicators")
FRAMEWORK = load_framework()
DESA, OTHER, KELURAHAN = "33.27.01.2001", "33.27.02.2001", "33.27.01.1002"
HAMLETS = {  # settlement: village, lon, lat, people, covered, served, good, any signal, operators, Mbit/s
    "S0": (DESA, 109.20, -7.10, 800, 800, 400, 700, 800, 2, 6.0),
    "S1": (DESA, 109.21, -7.12, 200, 0, 0, 0, 50, 0, np.nan),
    "S2": (OTHER, 109.25, -7.15, 500, 100, 100, 50, 300, 1, 9.0),
    "S3": (KELURAHAN, 109.30, -6.90, 1500, 1500, 1500, 1500, 1500, 3, 20.0),
}


def world(unknown=(), fixed=None):
    """Tables of the region; ``unknown`` villages, ``fixed`` households with broadband per village."""
    rows = pd.DataFrame.from_dict(
        HAMLETS,
        orient="index",
        columns=[
            "village_code", "lon", "lat", "population", "population_covered", "population_served",
            "population_good", "population_signal", "operators", "downlink_mbps",
        ],
    ).rename_axis("settlement_id").reset_index()  # fmt: skip
    points = gpd.points_from_xy(rows.pop("lon"), rows.pop("lat"), crs=4326)
    settlements = gpd.GeoDataFrame(rows[["settlement_id", "village_code", "population"]], geometry=points)
    villages = pd.DataFrame(
        {
            "village_code": [DESA, OTHER, KELURAHAN],
            "kind": ["desa", "desa", "kelurahan"],
            "population": [1000.0, 500.0, 1500.0],
            "households": [250.0, 125.0, 375.0],
        }
    )
    if fixed is not None:
        villages["households_fixed_broadband"] = fixed
    places = [(f"{s}-{kind}", kind, s) for s in HAMLETS for kind in FACILITY_KINDS]
    facilities = pd.DataFrame(places, columns=["facility_id", "kind", "settlement_id"]).merge(
        settlements[["settlement_id", "village_code"]], on="settlement_id"
    )
    online = facilities["settlement_id"].isin(["S0", "S3"])
    facility_access = facilities.assign(online=online, uplink_reliable=online & (facilities["settlement_id"] == "S3"))
    # facilities stand a kilometre from their hamlet, away from any option's site
    spots = [(HAMLETS[s][1] + 0.009, HAMLETS[s][2]) for s in facilities["settlement_id"]]
    layer = gpd.GeoDataFrame(
        facilities.drop(columns="settlement_id"), geometry=gpd.points_from_xy(*zip(*spots, strict=True), crs=4326)
    )
    village_table = villages[["village_code"]].assign(access_class="weak")
    village_table.loc[village_table["village_code"].isin(unknown), "access_class"] = "unknown"
    access = Access(pd.DataFrame(), rows, village_table, facility_access, np.zeros(0, bool), pd.DataFrame())
    return SimpleNamespace(villages=villages, settlements=settlements, access=access, facilities=layer)


def offer(*rows):
    """Options from (option_id, technology, {settlement: (reached, gained)}), each at its first hamlet."""
    options, reach = [], []
    for option_id, technology, settlements in rows:
        _village, lon, lat, *_ = HAMLETS[next(iter(settlements))]
        options.append((option_id, technology, lon, lat, 100.0))
        reach += [(option_id, s, HAMLETS[s][0], float(r), float(g)) for s, (r, g) in settlements.items()]
    return SimpleNamespace(
        options=pd.DataFrame(options, columns=["option_id", "technology", "lon", "lat", "capacity_mbps"]),
        reach=pd.DataFrame(
            reach,
            columns=["option_id", "settlement_id", "village_code", "population_reached", "population_gained"],
        ),
    )


def linear_framework(*drivers, target=1.0):
    """One linear indicator of each driver in every dimension (floor 0)."""
    base = FRAMEWORK.indicators.iloc[0]
    rows = [
        {**base, "id": f"{d}-{n}", "dimension": d, "driver": driver, "response": "linear", "parameters": "",
         "area": "", "floor": 0.0, "target": target, "low": target, "high": target, "weight": 1.0}
        for d in FRAMEWORK.weights
        for n, driver in enumerate(drivers)
    ]  # fmt: skip
    return make_framework(pd.DataFrame(rows), FRAMEWORK.drivers, FRAMEWORK.weights)
