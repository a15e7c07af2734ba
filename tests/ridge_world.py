"""Two villages and one tower, with or without a ridge between them: the smallest world with a story."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from shapely.geometry import LineString, Point, box

from coverage.raster import Raster
from coverage.region import Layer, Region, empty

NEAR, FAR = "33.27.01.2001", "33.27.01.2002"
WEST, SOUTH, EAST, NORTH = 109.30, -7.14, 109.40, -7.06
_PIXEL = 3 / 3600
_RIDGE_LON, _RIDGE_WIDTH = 109.35, 0.004


def ridge_region(ridge_m: float, completeness: str = "complete") -> Region:
    """The region, in EPSG:4326, with a ridge of the given height in metres between the two villages."""
    villages = gpd.GeoDataFrame(
        {
            "village_code": [NEAR, FAR],
            "village_name": ["Dekat", "Seberang"],
            "kind": ["desa", "desa"],
            "district_code": ["33.27.01"] * 2,
            "district_name": ["Moga"] * 2,
            "population": [900.0, 1300.0],
            "households": [230.0, 333.0],
        },
        geometry=[box(WEST, SOUTH, _RIDGE_LON, NORTH), box(_RIDGE_LON, SOUTH, EAST, NORTH)],
        crs="EPSG:4326",
    )
    settlements = gpd.GeoDataFrame(
        {
            "settlement_id": [f"{NEAR}-1", f"{FAR}-1", f"{FAR}-2"],
            "village_code": [NEAR, FAR, FAR],
            "settlement_name": ["Krajan", "Krajan", "Lor"],
            "population": [900.0, 1000.0, 300.0],
            "radius_m": [400.0, 400.0, 300.0],
        },
        geometry=[Point(109.325, -7.1), Point(109.362, -7.1), Point(109.362, -7.085)],
        crs="EPSG:4326",
    )
    sites = gpd.GeoDataFrame(
        {"site_id": ["S1"], "owner": ["Menara Satu"], "height_m": [42.0], "position_uncertainty_m": [0.0]},
        geometry=[Point(109.328, -7.1)],
        crs="EPSG:4326",
    )
    cells = pd.DataFrame(
        {
            "cell_id": ["C1"],
            "site_id": ["S1"],
            "operator": ["Operator A"],
            "technology": ["4g"],
            "frequency_mhz": [1800.0],
            "bandwidth_mhz": [20.0],
            "tx_power_dbm": [46.0],
            "antenna_gain_dbi": [16.0],
            "azimuth_deg": [np.nan],
            "downtilt_deg": [2.0],
        }
    )
    roads = gpd.GeoDataFrame(
        {"road_id": ["R1", "R2"], "road_class": ["secondary", "local"]},
        geometry=[
            LineString([(109.305, -7.1), (109.325, -7.1), (109.362, -7.1)]),
            LineString([(109.362, -7.1), (109.362, -7.085)]),
        ],
        crs="EPSG:4326",
    )
    fibre = gpd.GeoDataFrame(
        {"fibre_id": ["F1"], "owner": ["Serat Net"], "capacity_mbps": [10_000.0]},
        geometry=[Point(109.305, -7.1)],
        crs="EPSG:4326",
    )
    facilities = gpd.GeoDataFrame(
        {
            "facility_id": ["H1", "H2"],
            "facility_name": ["Balai Desa Dekat", "Balai Desa Seberang"],
            "kind": ["village_hall"] * 2,
            "village_code": [NEAR, FAR],
        },
        geometry=[Point(109.325, -7.1), Point(109.362, -7.1)],
        crs="EPSG:4326",
    )
    providers = pd.DataFrame(
        {
            "provider_id": ["operator_a", "serat_net", "bumdes"],
            "provider_name": ["Operator A", "Serat Net", "BUMDes"],
            "kind": ["mobile", "isp", "bumdes"],
            "technologies": ["light_tower", "ftth;satellite_wifi", "ftth;satellite_wifi"],
            "hurdle_rate": [0.15, 0.14, 0.06],
            "capital_limit_idr": [5e10, 2e10, 1e10],
            "market_share": [1.0, 0.0, 0.0],
            "resale_allowed": [False, True, True],
        }
    )
    layer = Layer("cells", "open", "by hand", "CC0", "2026-01-01", completeness={"Operator A": completeness})
    return Region(
        code="33.27",
        name="Dua Desa",
        villages=villages,
        settlements=settlements,
        terrain=_terrain(ridge_m),
        sites=sites,
        cells=cells,
        roads=roads,
        fibre_points=fibre,
        facilities=facilities,
        providers=providers,
        evidence=empty("evidence"),
        layers={"cells": layer},
    )


def _terrain(ridge_m: float) -> Raster:
    margin = 0.08
    cols, rows = round((EAST - WEST + 2 * margin) / _PIXEL), round((NORTH - SOUTH + 2 * margin) / _PIXEL)
    lon = WEST - margin + (np.arange(cols) + 0.5) * _PIXEL
    wall = ridge_m * np.exp(-(((lon - _RIDGE_LON) / _RIDGE_WIDTH) ** 2))
    heights = np.broadcast_to(200.0 + wall, (rows, cols)).astype(np.float32)
    return Raster(heights, Affine(_PIXEL, 0, WEST - margin, 0, -_PIXEL, NORTH + margin), "EPSG:4326")
