"""Options, providers and projects made by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point

from coverage.assumptions import Assumptions, load
from coverage.options import OptionSet
from coverage.partnership import Asset, Market, Project, project

A = load()
CODES = ("33.27.01.2001", "33.27.01.1002", "33.27.01.2003")


def villages() -> gpd.GeoDataFrame:
    """Two desa and, in the middle, a kelurahan; the last has no households."""
    return gpd.GeoDataFrame(
        {
            "village_code": list(CODES),
            "village_name": ["Satu", "Dua", "Tiga"],
            "kind": ["desa", "kelurahan", "desa"],
            "district_code": ["33.27.01"] * 3,
            "district_name": ["Moga"] * 3,
            "population": [3000.0, 3000.0, 0.0],
            "households": [750.0, 750.0, 0.0],
        },
        geometry=[Point(109.2 + i / 100, -7.1) for i in range(3)],
        crs="EPSG:4326",
    )


def providers() -> pd.DataFrame:
    rows = [
        ("mobile_a", "Operator A", "mobile", "light_tower", 0.15, 1e11, 0.4, False),
        ("isp_b", "ISP B", "isp", "ftth;satellite_wifi", 0.14, 1e10, 0.0, True),
        ("sat_c", "Satelit C", "satellite", "satellite_wifi", 0.15, 1e10, 0.0, False),
        ("bumdes", "BUMDes", "bumdes", "satellite_wifi", 0.06, 1e9, 0.0, True),
        ("tower_d", "Menara D", "tower", "light_tower", 0.12, 1e10, 0.0, True),
    ]
    columns = [
        "provider_id",
        "provider_name",
        "kind",
        "technologies",
        "hurdle_rate",
        "capital_limit_idr",
        "market_share",
        "resale_allowed",
    ]
    return pd.DataFrame(rows, columns=columns)


TECHNOLOGIES = {
    # capex, opex per year, lifetime, capacity, backhaul, households, people gained
    "light_tower": (1.8e9, 1.7e8, 15.0, 48.0, 20.0, 750.0, 2800.0),
    "ftth": (1.1e9, 9e7, 15.0, 2500.0, 300.0, 700.0, 2000.0),
    "satellite_wifi": (6e7, 2e7, 5.0, 120.0, 120.0, 500.0, 1800.0),
}


def option_set() -> OptionSet:
    """Every technology in every village; a fibre chain F1 - V2 - V1, a satellite for Wi-Fi."""
    rows, nodes, links = [], [("fibre:F1", "fibre_point", True, 10_000.0), ("satellite", "satellite", True, 1e5)], []
    for number, code in enumerate(CODES):
        nodes.append((f"road:{number}", "road", False, 0.0))
        before = f"road:{number + 1}" if number < 2 else "fibre:F1"
        links.append((f"fibre:{number}", f"road:{number}", before, "fibre", 4000.0, 3.3e8, 6.6e6, 25.0, 10_000.0))
        for technology, (capex, opex, life, capacity, need, homes, people) in TECHNOLOGIES.items():
            option_id = f"{code}:{technology}:x"
            alive = number < 2
            rows.append(
                (
                    option_id,
                    code,
                    technology,
                    option_id,
                    109.2,
                    -7.1,
                    32.0 * (technology == "light_tower"),
                    capex,
                    opex,
                    life,
                    capacity,
                    need,
                    homes * alive,
                    people * alive,
                    people * alive,
                )
            )
            nodes.append((option_id, "option", False, 0.0))
            if technology == "satellite_wifi":
                links.append((f"satellite:{code}", option_id, "satellite", "satellite", 0.0, 1.6e7, 7.2e7, 5.0, need))
            else:
                spur = f"fibre:{code}:{technology}"
                links.append((spur, option_id, f"road:{number}", "fibre", 100.0, 4.8e7, 2e5, 25.0, 10_000.0))
    option_columns = [
        "option_id", "village_code", "technology", "node", "lon", "lat", "height_m", "capex_idr",
        "opex_idr_per_year", "lifetime_years", "capacity_mbps", "backhaul_mbps", "households_passed",
        "population_reached", "population_gained",
    ]  # fmt: skip
    link_columns = [
        "link_id", "source", "target", "kind", "length_m", "capex_idr", "opex_idr_per_year", "lifetime_years",
        "capacity_mbps",
    ]  # fmt: skip
    point = Point(109.2, -7.1)
    return OptionSet(
        pd.DataFrame(rows, columns=option_columns),
        pd.DataFrame(columns=["option_id", "settlement_id", "village_code", "population_reached", "population_gained"]),
        gpd.GeoDataFrame(
            pd.DataFrame(links, columns=link_columns),
            geometry=[LineString([point, (109.21, -7.1)])] * len(links),
            crs="EPSG:4326",
        ),
        gpd.GeoDataFrame(
            pd.DataFrame(nodes, columns=["node", "kind", "is_root", "capacity_mbps"]),
            geometry=[point] * len(nodes),
            crs="EPSG:4326",
        ),
        pd.DataFrame(),
    )


def plan(
    model: str = "provider_alone",
    *,
    capex: float = 5e8,
    opex: float = 4e7,
    potential: float = 300.0,
    technology: str = "ftth",
    hurdle: float = 0.14,
    assumptions: Assumptions = A,
    **demand: float,
) -> Project:
    """A project with one access asset and one link."""
    market = Market(potential, 250_000.0, 3.0, 100_000.0, **demand)
    assets = (Asset(capex, opex, 15.0), Asset(capex / 5, opex / 10, 25.0))
    return project(assets, market, model, technology, hurdle, assumptions)


def sums(flow: pd.DataFrame) -> np.ndarray:
    return flow.groupby("year")["amount_idr"].sum().to_numpy()
