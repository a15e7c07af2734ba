"""The nation in a few small files: who is served worst, where the next billion helps most, and maps of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet
import shapely

from coverage.batch.budget import Allocation, allocate
from coverage.batch.outline import clean, mosaic, short
from coverage.batch.run import Outcome, write_whole
from coverage.language import _
from coverage.outputs.tables import defused

_SUMS = (
    "villages", "villages_none", "villages_weak", "villages_served", "villages_unknown", "population",
    "population_covered", "population_served", "population_left_out", "sites", "cells", "public_idr", "benefit",
    "villages_planned", "population_gained",
)  # fmt: skip
#: Facts that the map carries per place, with their decimals.
_ON_MAP = {
    "population": 0, "population_left_out": 0, "served_share": 3, "need": 1, "public_idr": 0, "population_gained": 0,
    "next_per_billion": 4,
}  # fmt: skip


def sum_up(
    outcome: Outcome, out: Path, budget_idr: float, floors: Mapping[str, float], objective: str
) -> Allocation | None:
    """Share the budget among the finished regencies and write the national files.

    ``summary.parquet`` (one row per regency with its border, GeoParquet), ``summary.csv``,
    ``provinces.csv``, ``bends.csv`` (where frontiers are not concave), ``problems.csv`` (what failed
    and what is odd, by name), ``batch.json`` (totals), ``plan/regency=<code>/`` (the deals that the
    allocation pays for), ``map/nation.geojson`` and ``map/<province>.geojson``.

    Parameters
    ----------
    budget_idr : float
        Public money for all.
    floors : mapping
        Least money by code of province or regency.
    objective : str
        What the frontiers count.

    Returns
    -------
    Allocation or None
        None where no regency is finished.
    """
    _problems(outcome, out)
    if not outcome.finished:
        return None
    shared = allocate(_frontiers(outcome, out), budget_idr, floors)
    given = shared.regions.rename(columns={"villages": "villages_planned"})
    table = pd.DataFrame([f.facts for f in outcome.finished.values()]).merge(given, on="regency_code", how="left")
    table["rank_need"] = table["need"].rank(ascending=False, method="min").astype("int64")
    table["rank_next"] = table["next_per_billion"].rank(ascending=False, method="min")
    provinces = _provinces(table)
    _maps(out, table, provinces)
    for name, frame in (("summary", table), ("provinces", provinces), ("bends", shared.bends)):
        write_whole(out / f"{name}.csv", _csv(frame))
    _plans(out, shared)
    totals = {
        "objective": objective,
        "budget_idr": budget_idr,
        "floors_idr": dict(sorted(floors.items())),
        "public_idr": shared.public_idr,
        "benefit": shared.benefit,
        "bound": shared.bound,
        "gap": shared.gap,
        "method": shared.method,
        "not_concave": sorted(shared.regions.loc[~shared.regions["concave"], "regency_code"]),
        "frontier_gap": float(table["frontier_gap"].max()),
        "is_sample": bool(table["is_sample"].any()),
        **{name: float(table[name].sum()) for name in _SUMS if name not in ("public_idr", "benefit")},
        "failed": sorted(outcome.faults),
    }
    write_whole(out / "batch.json", (json.dumps(totals, ensure_ascii=False, indent=1) + "\n").encode())
    return shared


def _csv(frame: pd.DataFrame) -> bytes:
    return defused(frame).to_csv(index=False, lineterminator="\n").encode()


def note_text(code: str) -> str:
    """What is odd about a regency that was still handled, in words."""
    return {
        "no_sites": _("no towers within reach: all signal comes from evidence or is unknown"),
        "no_terrain": _("no terrain: the signal is computed over a smooth earth"),
        "one_village": _("only one village"),
        "utm_zones": _("lies in more than one UTM zone: computed in the zone of its middle"),
    }[code]


def _problems(outcome: Outcome, out: Path) -> None:
    rows = [(code, outcome.names[code], "failed", fault) for code, fault in outcome.faults.items()]
    rows += [(f.code, f.name, "handled", note_text(note)) for f in outcome.finished.values() for note in f.notes]
    frame = pd.DataFrame(sorted(rows), columns=["regency_code", "regency_name", "state", "problem"])
    write_whole(out / "problems.csv", _csv(frame))


def _frontiers(outcome: Outcome, out: Path) -> pd.DataFrame:
    wanted = ["regency_code", "budget_idr", "public_idr", "benefit", "villages", "population_gained"]
    return pd.concat([_read(out, "frontier", code)[wanted] for code in outcome.finished], ignore_index=True)


def _read(out: Path, table: str, code: str) -> pd.DataFrame:
    # A file, not a data set: the name of the folder must not come back as a column.
    found: pd.DataFrame = pyarrow.parquet.ParquetFile(_partition(out, table, code)).read().to_pandas()
    return found


def _partition(out: Path, table: str, code: str) -> Path:
    return out / table / f"regency={code}" / "part-0.parquet"


def _provinces(table: pd.DataFrame) -> pd.DataFrame:
    grouped = table.groupby("province_code", sort=True)
    sums = grouped[list(_SUMS)].sum()
    sums.insert(0, "regencies", grouped.size())
    people = sums["population"].where(sums["population"] > 0)
    sums["served_share"] = (sums["population_served"] / people).fillna(0.0)
    weighed = (table["need"] * table["population"]).groupby(table["province_code"]).sum()
    sums["need"] = (weighed / people).fillna(0.0)
    sums["next_per_billion"] = grouped["next_per_billion"].max()
    return sums.reset_index()


def _maps(out: Path, table: pd.DataFrame, provinces: pd.DataFrame) -> None:
    """A map of provinces and one of regencies per province; and the borders beside the summary."""
    outlines = [gpd.read_parquet(_partition(out, "outline", code)) for code in table["regency_code"]]
    shapes = np.array([frame.geometry.iloc[0] for frame in outlines], dtype=object)
    places = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
    joined = clean(shapes)
    whole = []
    for province in provinces["province_code"]:
        mine = (table["province_code"] == province).to_numpy()
        facts = [_facts(row, row["regency_code"], row["regency_name"]) for row in table[mine].to_dict("records")]
        write_whole(out / "map" / f"{province}.geojson", mosaic(clean(joined[mine]), facts))
        whole.append(shapely.coverage_union_all(joined[mine]))
    facts = [_facts(row, row["province_code"], row["province_code"]) for row in provinces.to_dict("records")]
    write_whole(out / "map" / "nation.geojson", mosaic(clean(np.array(whole, dtype=object)), facts))
    beside = out / ".summary.parquet.new"
    places.to_parquet(beside, index=False, compression="zstd")
    beside.replace(out / "summary.parquet")


def _facts(row: Mapping[Any, Any], code: str, name: str) -> dict[str, Any]:
    return {"code": code, "name": name, **{fact: short(row[fact], digits) for fact, digits in _ON_MAP.items()}}


def _plans(out: Path, shared: Allocation) -> None:
    """The deals of the point that each regency was given."""
    for code, budget in zip(shared.regions["regency_code"], shared.regions["budget_idr"], strict=True):
        plans = _read(out, "plans", code)
        chosen = plans[plans["budget_idr"] == budget].reset_index(drop=True)
        target = _partition(out, "plan", code)
        target.parent.mkdir(parents=True, exist_ok=True)
        chosen.to_parquet(target, index=False, compression="zstd")
