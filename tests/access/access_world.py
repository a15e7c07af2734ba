"""A small world for the tests of access: two villages, three hamlets, two towers, a signal made by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine

from coverage import assumptions as assumption_files
from coverage.access import access
from coverage.radio import Signal, SignalLayer

ASSUMPTIONS = assumption_files.load().topic("access", "radio")
VILLAGES = ("33.27.01.2001", "33.27.01.2002")
CELLS = [
    ("A4", "T1", "Operator A", "4g", 1800, 10),
    ("A2", "T1", "Operator A", "2g", 900, 5),
    ("B4", "T2", "Operator B", "4g", 1800, 10),
]
TOWERS = {"T1": (301_000.0, 9_219_000.0), "T2": (303_000.0, 9_217_000.0)}
TRANSFORM = Affine(90.0, 0.0, 300_000.0, 0.0, -90.0, 9_220_000.0)
CRS = "EPSG:32749"


def cell_table(cells, power_dbm=46.0):
    frame = pd.DataFrame(
        cells, columns=["cell_id", "site_id", "operator", "technology", "frequency_mhz", "bandwidth_mhz"]
    ).astype({"frequency_mhz": float, "bandwidth_mhz": float})
    frame["tx_power_dbm"], frame["antenna_gain_dbi"] = power_dbm, 17.0
    frame["azimuth_deg"], frame["downtilt_deg"] = 0.0, 2.0
    frame["x_m"] = [TOWERS[site][0] for site in frame["site_id"]]
    frame["y_m"] = [TOWERS[site][1] for site in frame["site_id"]]
    frame["height_m"], frame["reach_m"] = 40.0, 14_500.0
    blocks = np.where(frame["technology"] == "4g", frame["bandwidth_mhz"] * 5, 1.0)
    frame["reference_dbm"] = frame["tx_power_dbm"] + 17.0 - 10 * np.log10(12 * blocks)
    return frame


class World:
    """Change its parts, then ask for :meth:`access`."""

    def __init__(self, cells=CELLS, power_dbm=46.0):
        self.shape = (60, 60)
        self.signal = Signal(TRANSFORM, CRS, self.shape, cell_table(cells, power_dbm), {})
        self.villages = pd.DataFrame(
            {
                "village_code": VILLAGES,
                "village_name": ["Gapura", "Bodas"],
                "kind": ["desa", "kelurahan"],
                "population": [1000.0, 500.0],
                "households": [250.0, 125.0],
            }
        )
        middles = [(10, 10), (10, 40), (45, 20)]
        xy = [TRANSFORM @ (col + 0.5, row + 0.5) for row, col in middles]
        self.settlements = gpd.GeoDataFrame(
            {
                "settlement_id": ["S0", "S1", "S2"],
                "village_code": [VILLAGES[0], VILLAGES[0], VILLAGES[1]],
                "settlement_name": ["Krajan", "Atas", "Lor"],
                "population": [800.0, 200.0, 500.0],
                "radius_m": 300.0,
            },
            geometry=gpd.points_from_xy(*zip(*xy, strict=True), crs=CRS),
        )
        self.facilities = gpd.GeoDataFrame(
            {
                "facility_id": ["F0", "F1", "F2"],
                "facility_name": ["Balai", "SD", "Posyandu"],
                "kind": ["village_hall", "school", "health_post"],
                "village_code": [VILLAGES[0], VILLAGES[0], VILLAGES[1]],
            },
            geometry=self.settlements.geometry.to_numpy(),
            crs=CRS,
        )
        blocks = [(r, c) for r in range(-2, 3) for c in range(-2, 3)]
        rows = [
            (s, r + dr, c + dc, self.settlements["population"][s] / len(blocks))
            for s, (r, c) in enumerate(middles)
            for dr, dc in blocks
        ]
        self.places = pd.DataFrame(rows, columns=["s", "row", "col", "population"])
        self.places["place_id"] = range(len(self.places))
        self.places["settlement_id"] = self.settlements["settlement_id"].take(self.places["s"]).array
        self.places["village_code"] = self.settlements["village_code"].take(self.places["s"]).array
        self.places["users"] = self.places["population"] / 2
        self.places["busy_hour_mbps"] = self.places["users"] * 0.001
        self.evidence = pd.DataFrame(
            {
                name: pd.Series(dtype="str")
                for name in ("evidence_id", "village_code", "evidence", "access_class", "date", "source")
            }
            | {"samples": pd.Series(dtype=float)}
        )

    def settlement_mask(self, number):
        """Pixels of one settlement."""
        mask = np.zeros(self.shape, bool)
        mine = self.places[self.places["s"] == number]
        mask[mine["row"], mine["col"]] = True
        return mask

    def village_mask(self, number):
        """Pixels of one village."""
        numbers = np.flatnonzero(self.settlements["village_code"] == VILLAGES[number])
        return np.logical_or.reduce([self.settlement_mask(n) for n in numbers])

    def beam(self, operator, technology, rsrp_dbm, where):
        """Let the operator's first cell of that technology arrive with `rsrp_dbm` at the pixels."""
        cells = self.signal.cells
        cell = int(np.flatnonzero((cells["operator"] == operator) & (cells["technology"] == technology))[0])
        layer = self.signal.layers.setdefault(
            (operator, technology),
            SignalLayer(
                operator, technology, np.full(self.shape, np.nan, np.float32), np.full(self.shape, -1, np.int32)
            ),
        )
        mask = np.broadcast_to(where, self.shape)
        layer.rsrp[mask], layer.cell[mask] = rsrp_dbm, cell

    def access(self, completeness, assumptions=ASSUMPTIONS, heard=None):
        """Run the room on this world."""
        return access(
            self.villages,
            self.settlements,
            self.places,
            self.facilities,
            self.signal,
            self.evidence,
            completeness,
            assumptions,
            heard,
        )

    @classmethod
    def large(cls, villages, settlements, places, operators):
        """A world of the size of a regency, with a random signal."""
        rng = np.random.default_rng(5)
        world = cls(cells=[])
        world.shape = (600, 600)
        cells = [(f"C{i}", f"T{1 + i % 2}", f"Operator {i % operators}", "4g", 1800, 10) for i in range(500)]
        table = cell_table(cells)
        table["site_id"] = [f"T{i}" for i in range(500)]
        table["x_m"], table["y_m"] = rng.uniform(300_000, 354_000, 500), rng.uniform(9_166_000, 9_220_000, 500)
        layers = {}
        for operator in range(operators):
            rsrp = rng.uniform(-125, -80, world.shape).astype(np.float32)
            cell = (rng.integers(0, 500 // operators, world.shape) * operators + operator).astype(np.int32)
            for technology in ("2g", "4g"):
                layers[f"Operator {operator}", technology] = SignalLayer(f"Operator {operator}", technology, rsrp, cell)
        world.signal = Signal(TRANSFORM, CRS, world.shape, table, layers)
        codes = [f"33.27.01.{2001 + i}" for i in range(villages)]
        world.villages = pd.DataFrame({"village_code": codes, "population": 6000.0})
        xy = rng.uniform([301_000, 9_167_000], [353_000, 9_219_000], (settlements, 2))
        world.settlements = gpd.GeoDataFrame(
            {
                "settlement_id": [f"S{i}" for i in range(settlements)],
                "village_code": [codes[i % villages] for i in range(settlements)],
                "settlement_name": "x",
            },
            geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1], crs=CRS),
        )
        s = np.sort(rng.integers(0, settlements, places))
        world.places = pd.DataFrame({"row": rng.integers(0, 600, places), "col": rng.integers(0, 600, places)})
        world.places["settlement_id"] = world.settlements["settlement_id"].take(s).array
        world.places["population"], world.places["busy_hour_mbps"] = rng.uniform(0, 30, places), 0.01
        world.places["users"] = world.places["population"] / 2
        xy = rng.uniform([301_000, 9_167_000], [353_000, 9_219_000], (2000, 2))
        world.facilities = gpd.GeoDataFrame(
            {
                "facility_id": [f"F{i}" for i in range(2000)],
                "village_code": [codes[i % villages] for i in range(2000)],
                "kind": "school",
            },
            geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1], crs=CRS),
        )
        return world
