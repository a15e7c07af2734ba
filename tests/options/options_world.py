"""A small world made by hand: a valley with a village, a ridge, and a village behind it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from shapely.geometry import LineString, Point, box

from coverage.raster import Raster

CRS = "EPSG:32749"
WEST, NORTH, PIXEL, SIZE = 320_000.0, 9_220_000.0, 90.0, 200
CODES = ("33.27.01.2001", "33.27.01.2002", "33.27.01.1003")


@dataclass
class World:
    villages: gpd.GeoDataFrame
    settlements: gpd.GeoDataFrame
    places: pd.DataFrame
    access: FakeAccess
    terrain: Raster
    sites: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    fibre_points: gpd.GeoDataFrame
    signal: FakeSignal


@dataclass
class FakeLayer:
    rsrp: np.ndarray
    cell: np.ndarray


@dataclass
class FakeSignal:
    """One 4G cell of Operator A on T1: strong in the east, strong on the ridge, gone in the west."""

    shape: tuple[int, int]
    cells: pd.DataFrame
    layers: dict[tuple[str, str], FakeLayer]


@dataclass
class FakeAccess:
    villages: pd.DataFrame
    place_covered: np.ndarray


def terrain(ridge_m: float = 0.0) -> Raster:
    """Flat land with a ridge from north to south in the middle."""
    heights = np.full((SIZE, SIZE), 100.0, dtype=np.float32)
    heights[:, 98:103] += ridge_m
    return Raster(heights, Affine(PIXEL, 0, WEST, 0, -PIXEL, NORTH), CRS)


def signal(frequency_mhz: float = 1800.0, ridge_dbm: float = -85.0) -> FakeSignal:
    """Strong from the ridge eastwards; on the ridge as told; nothing in the west."""
    level = np.full((SIZE, SIZE), np.nan, dtype=np.float32)
    level[:, 98:103] = ridge_dbm
    level[:, 103:] = -80.0
    cells = pd.DataFrame(
        {
            "cell_id": ["C1"],
            "site_id": ["T1"],
            "operator": ["Operator A"],
            "technology": ["4g"],
            "frequency_mhz": [frequency_mhz],
            "bandwidth_mhz": [20.0],
        }
    )
    return FakeSignal(level.shape, cells, {("Operator A", "4g"): FakeLayer(level, np.where(np.isnan(level), -1, 0))})


def _degrees(geometry: list, **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS).to_crs("EPSG:4326")


def world(ridge_m: float = 0.0, *, roads: bool = True) -> World:
    """Three villages side by side (the third a kelurahan that is served), 3,000 / 2,000 / 4,000 people."""
    grid = terrain(ridge_m)
    east = WEST + SIZE * PIXEL
    south = NORTH - SIZE * PIXEL
    mid = (NORTH + south) / 2
    cuts = [WEST, WEST + 6000, WEST + 12000, east]
    people = [3000.0, 2000.0, 4000.0]
    villages = _degrees(
        [box(cuts[i], south, cuts[i + 1], NORTH) for i in range(3)],
        village_code=list(CODES),
        village_name=["Lembah", "Seberang", "Kota"],
        kind=["desa", "desa", "kelurahan"],
        district_code=["33.27.01"] * 3,
        district_name=["Moga"] * 3,
        population=people,
        households=[p / 4 for p in people],
    )
    centres = [(WEST + 3000, mid), (WEST + 4500, mid + 1500), (WEST + 10000, mid), (WEST + 15000, mid)]
    owner = [0, 0, 1, 2]
    share = [2000.0, 1000.0, 2000.0, 4000.0]
    settlements = _degrees(
        [Point(*c) for c in centres],
        settlement_id=["S1", "S2", "S3", "S4"],
        village_code=[CODES[i] for i in owner],
        settlement_name=["Krajan", "Atas", "Seberang", "Kota"],
        population=share,
        radius_m=[300.0] * 4,
    )
    rows = []
    for number, (cx, cy) in enumerate(centres):
        row, col = grid.rowcol([cx], [cy])
        for dr in (-2, -1, 0, 1, 2):
            for dc in (-2, -1, 0, 1, 2):
                rows.append(
                    (f"S{number + 1}", CODES[owner[number]], int(row[0]) + dr, int(col[0]) + dc, share[number] / 25)
                )
    places = pd.DataFrame(rows, columns=["settlement_id", "village_code", "row", "col", "population"])
    places.insert(0, "place_id", np.arange(len(places)))
    places["users"] = places["population"] * 0.6
    places["busy_hour_mbps"] = places["users"] * 0.02
    covered = (places["settlement_id"] == "S4").to_numpy()
    access = FakeAccess(
        pd.DataFrame(
            {
                "village_code": list(CODES),
                "population": people,
                "population_left_out": [3000.0, 2000.0, 0.0],
                "access_class": ["none", "weak", "served"],
            }
        ),
        covered,
    )
    lines = [
        LineString([(WEST, mid - 50), (east, mid - 50)]),
        LineString([(WEST + 4500, mid - 50), (WEST + 4500, mid + 1600)]),
        LineString([(WEST + 3000, mid - 2000), (WEST + 3000, mid + 400)]),
    ]
    road_layer = _degrees(lines, road_id=["r1", "r2", "r3"], road_class=["primary", "local", "local"])
    return World(
        villages,
        settlements,
        places,
        access,
        grid,
        _degrees(
            [Point(WEST + 15000, mid)],
            site_id=["T1"],
            owner=["Operator A"],
            height_m=[42.0],
            position_uncertainty_m=[10.0],
        ),
        road_layer if roads else road_layer.iloc[:0],
        _degrees([Point(WEST + 15000, mid)], fibre_id=["F1"], owner=["ISP"], capacity_mbps=[10000.0]),
        signal(),
    )
