"""Equity: who gains, by need, remoteness and income."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: How villages are divided; a grouping without data in the region is left out.
GROUPINGS = ("need", "remoteness", "income")
#: Thirds of the villages, from the least to the most.
LEVELS = ("low", "middle", "high")


def by_group(villages: gpd.GeoDataFrame, need: Mapping[str, float], gains: Mapping[str, float]) -> pd.DataFrame:
    """A plan's gain by groups of villages.

    Villages are divided into thirds of their number by need score, by distance to the people-weighted
    centre of their district, and by income per person where known.

    Parameters
    ----------
    villages : GeoDataFrame
        ``Villages`` (EPSG:4326): ``population``, boundaries, ``income_idr_month`` where known.
    need : mapping
        Need score (0 to 100) by village code.
    gains : mapping
        Index points within the plan by village code.

    Returns
    -------
    DataFrame
        ``grouping`` (:data:`GROUPINGS`), ``level`` (:data:`LEVELS`), ``villages``, ``population``, ``gain``,
        ``gain_share``, ``population_share`` (of the grouping's known villages) and ``per_person`` (index points
        per million people).
    """
    codes = villages["village_code"]
    table = pd.DataFrame(
        {
            "population": villages["population"].to_numpy(float),
            "gain": codes.map(pd.Series(dict(gains), dtype=float)).fillna(0.0).to_numpy(float),
        }
    )
    measures = {
        "need": codes.map(pd.Series(dict(need), dtype=float)).to_numpy(float),
        "remoteness": _remoteness_m(villages),
        "income": villages["income_idr_month"].to_numpy(float)
        if "income_idr_month" in villages
        else np.full(len(codes), np.nan),
    }
    parts = [_grouped(table, name, measures[name], codes) for name in GROUPINGS]
    return pd.concat(parts, ignore_index=True)


def _remoteness_m(villages: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Distance of every village from the people-weighted centre of its district, in m."""
    centres = villages.geometry.to_crs(villages.estimate_utm_crs()).centroid
    place = pd.DataFrame({"x": centres.x.to_numpy(), "y": centres.y.to_numpy()})
    weight = villages["population"].clip(lower=1.0).to_numpy(float)
    district = villages["district_code"].to_numpy()
    total = pd.Series(weight).groupby(district).transform("sum")
    middle = place.mul(weight, axis=0).groupby(district).transform("sum").div(total, axis=0)
    away = (place - middle).to_numpy(float)
    return np.asarray(np.hypot(away[:, 0], away[:, 1]), dtype=np.float64)


def _grouped(table: pd.DataFrame, grouping: str, measure: NDArray[np.float64], codes: pd.Series[str]) -> pd.DataFrame:
    known = np.isfinite(measure)
    columns = ["grouping", "level", "villages", "population", "gain", "gain_share", "population_share", "per_person"]
    if not known.any():
        return pd.DataFrame(columns=columns).astype({"villages": int, "population": float, "gain": float})
    mine = table[known].assign(measure=measure[known], code=codes[known].to_numpy())
    rank = mine.sort_values(["measure", "code"]).reset_index(drop=True)
    third = np.minimum(np.arange(len(rank)) * len(LEVELS) // len(rank), len(LEVELS) - 1)
    rank["level"] = np.array(LEVELS)[third]
    sums = rank.groupby("level").agg(villages=("code", "size"), population=("population", "sum"), gain=("gain", "sum"))
    sums = sums.reindex([level for level in LEVELS if level in sums.index])
    people, gain = float(sums["population"].sum()), float(sums["gain"].sum())
    sums["gain_share"] = sums["gain"] / gain if gain > 0 else 0.0
    sums["population_share"] = sums["population"] / people if people > 0 else 0.0
    sums["per_person"] = sums["gain"] / sums["population"].where(sums["population"] > 0) * 1e6
    return sums.reset_index().assign(grouping=grouping)[columns]
