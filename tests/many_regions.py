"""The results of a batch with figures made by hand: what opens them needs no chain to have run.

Borders, maps, summary and the shared budget come from the program itself; only the figures of the
villages, hamlets, deals and frontiers are made up.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from coverage.batch import Finished, Outcome, sum_up
from coverage.batch.outline import outline, village_map

CLASSES = ("none", "weak", "served", "unknown")
SIDE = 0.03
#: Regency -> south-western corner, villages side by side.
REGENCIES = {"33.27": (109.30, -7.20, 4), "33.28": (109.42, -7.20, 3), "61.71": (109.30, -0.10, 2)}
FAILED = "33.31"
BUDGET = 12e9


def village(regency: str, index: int) -> str:
    """Code of a village."""
    return f"{regency}.01.{2001 + index:04d}"


def centre(regency: str, index: int) -> tuple[float, float]:
    """Latitude and longitude inside a village."""
    west, south, side = REGENCIES[regency]
    return south + (index // side + 0.4) * SIDE, west + (index % side + 0.4) * SIDE


def squares(hostile: str = "") -> gpd.GeoDataFrame:
    """Villages of :data:`REGENCIES` as squares; ``hostile`` goes into every name."""
    rows = [
        {
            "village_code": village(regency, k),
            "village_name": f"Desa {regency[-2:]}-{k}{hostile}",
            "district_name": f"Kecamatan {regency[-2:]}{hostile}",
            "regency_name": f"Kabupaten {regency}{hostile}",
            "geometry": box(
                west + k % side * SIDE,
                south + k // side * SIDE,
                west + (k % side + 1) * SIDE,
                south + (k // side + 1) * SIDE,
            ),
        }
        for regency, (west, south, side) in REGENCIES.items()
        for k in range(side * side)
    ]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)


def write_results(out: Path, villages: gpd.GeoDataFrame, *, hostile: str = "") -> Path:
    """A folder as ``python -m coverage batch`` leaves it.

    Parameters
    ----------
    villages : GeoDataFrame
        ``village_code, village_name, district_name, regency_name``, borders in EPSG:4326.
    """
    finished = {}
    for code, mine in villages.groupby(villages["village_code"].str[:5], sort=True):
        finished[str(code)] = _regency(out, str(code), mine.sort_values("village_code", ignore_index=True))
    names = {code: f.name for code, f in finished.items()} | {FAILED: f"Kabupaten Gagal{hostile}"}
    sum_up(Outcome(finished, {FAILED: f"rusak{hostile}"}, names, ()), out, BUDGET, {}, "people")
    return out


def _regency(out: Path, code: str, villages: gpd.GeoDataFrame) -> Finished:
    n = len(villages)
    random = np.random.default_rng(int(code.replace(".", "")))
    people = np.round(random.uniform(500, 6000, n))
    share = random.uniform(0.1, 1.0, n)
    kind = np.array(CLASSES)[np.arange(n) % len(CLASSES)]
    deals = [f"{v}:light_tower:r1c1|operator_a|public_subsidy" for v in villages["village_code"]]
    placed = gpd.GeoDataFrame(
        {
            "village_code": villages["village_code"], "village_name": villages["village_name"],
            "district_name": villages["district_name"], "population": people,
            "population_covered": np.round(people * share), "population_served": np.round(people * share * 0.9),
            "covered_share": share, "population_left_out": people - np.round(people * share),
            "operators": np.arange(n) % 4, "facilities": 3, "facilities_offline": np.arange(n) % 3,
            "access_class": kind, "need": np.round(100 * (1 - share), 1), "best_deal_id": deals,
            "gain_per_billion": random.uniform(1e-5, 1e-3, n),
        },
        geometry=villages.geometry.to_numpy(), crs=4326,
    )  # fmt: skip
    priced = pd.DataFrame(
        {"deal_id": deals, "provider_id": "operator_a", "business_model": "public_subsidy",
         "price_idr_month": 100e3, "subsidy_idr": random.uniform(1e9, 3e9, n)}
    )  # fmt: skip
    hamlets = pd.DataFrame(
        {"village_code": placed["village_code"], "settlement_name": placed["village_name"] + " 1",
         "population": people, "population_covered": placed["population_covered"], "access_class": kind}
    )  # fmt: skip
    ordered = priced.assign(gain=placed["population_left_out"]).sort_values("gain", ascending=False)
    steps = [ordered.head(k) for k in range(1, min(n, 4) + 1)]
    points = pd.DataFrame(
        {"regency_code": code, "budget_idr": [s["subsidy_idr"].sum() for s in steps],
         "public_idr": [s["subsidy_idr"].sum() for s in steps], "benefit": [s["gain"].sum() for s in steps],
         "villages": [len(s) for s in steps], "population_gained": [s["gain"].sum() for s in steps]}
    )  # fmt: skip
    plans = pd.concat(
        [
            s.assign(
                village_code=s["deal_id"].str.split(":").str[0],
                population_gained=s["gain"],
                budget_idr=s["subsidy_idr"].sum(),
            )
            for s in steps
        ]
    )
    for name, frame in {
        "villages": placed, "deals": priced, "settlements": hamlets, "frontier": points, "plans": plans,
        "outline": outline(placed),
    }.items():  # fmt: skip
        path = out / name / f"regency={code}" / "part-0.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path, index=False)
    (out / "map").mkdir(exist_ok=True)
    (out / "map" / f"{code}.geojson").write_bytes(village_map(placed))
    total = float(people.sum())
    facts = {
        "regency_code": code, "regency_name": str(villages["regency_name"].iloc[0]), "province_code": code[:2],
        "villages": n, **{f"villages_{c}": int((kind == c).sum()) for c in CLASSES}, "population": total,
        "population_covered": float(placed["population_covered"].sum()),
        "population_served": float(placed["population_served"].sum()),
        "population_left_out": float(placed["population_left_out"].sum()),
        "served_share": float(placed["population_served"].sum()) / total,
        "need": float((placed["need"] * people).sum() / total), "worst_village_code": str(placed["village_code"][0]),
        "sites": n, "cells": n, "options": n, "deals": n, "is_sample": False, "frontier_gap": 0.0,
    }  # fmt: skip
    return Finished(code, facts["regency_name"], "", {}, facts, ("no_terrain",) if n < 5 else (), {}, 0.0, "")
