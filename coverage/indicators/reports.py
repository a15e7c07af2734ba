"""Gains told by dimension, pillar, programme, driver and district."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.indicators.framework import DIMENSIONS, PILLARS, SCALE, Framework
from coverage.indicators.index import achievement_index
from coverage.indicators.scoring import Scores, connectivity_share

_GAINS = ["gain", "gain_low", "gain_high"]


def by_dimension(
    scores: Scores, framework: Framework, assumptions: Assumptions, now: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """The five dimensions in the ministry's order.

    Parameters
    ----------
    now : mapping, optional
        The ministry's scores of today, per dimension, where the user has them: they are not public.

    Returns
    -------
    DataFrame
        ``dimension, weight`` (w), ``connectivity_share`` (s), ``indicators`` (number included),
        ``change`` of the dimension's score (0 to 4), ``gain, gain_low, gain_high`` in index
        points, ``now`` and ``after`` (missing unless given).
    """
    included = scores.indicators[scores.indicators["included"]]
    moved = included.assign(change=included["share"] * (included["score_after"] - included["score_before"]))
    table = pd.DataFrame({"dimension": DIMENSIONS})
    table["weight"] = [framework.weights[d] for d in DIMENSIONS]
    table["connectivity_share"] = connectivity_share(assumptions)
    table["indicators"] = table["dimension"].map(included["dimension"].value_counts()).fillna(0).astype(np.int64)
    change = moved.groupby("dimension")["change"].sum().reindex(DIMENSIONS).fillna(0.0).to_numpy(float)
    table["change"] = table["connectivity_share"] * change
    gains = scores.indicators.groupby("dimension")[_GAINS].sum().reindex(DIMENSIONS).fillna(0.0)
    table[_GAINS] = gains.to_numpy(float)
    table["now"], table["after"] = np.nan, np.nan
    if now is not None:
        achievement_index(now, framework.weights)  # checks what the user entered
        table["now"] = [float(now[d]) for d in DIMENSIONS]
        table["after"] = np.minimum(SCALE, table["now"] + table["change"])
    return table


def by_pillar(scores: Scores) -> pd.DataFrame:
    """``pillar, indicators, score_before, score_after`` (weighted by the indicators' weights) and gains."""
    table = _grouped(scores, "pillar").set_index("pillar").reindex(PILLARS)
    table["indicators"] = table["indicators"].fillna(0).astype(np.int64)
    table[_GAINS] = table[_GAINS].fillna(0.0)
    return table.reset_index(names="pillar")


def by_programme(scores: Scores) -> pd.DataFrame:
    """``programme_id, programme_en``, scores and gains per programme, the largest gain first."""
    return _grouped(scores, "programme_id", "programme_en")


def by_driver(scores: Scores) -> pd.DataFrame:
    """``driver``, scores and gains per driver, the largest gain first."""
    return _grouped(scores, "driver")


def by_village(scores: Scores) -> pd.DataFrame:
    """``village_code, gain``: each village's part of the index gain, in the order of the codes."""
    return scores.villages.groupby("village_code")["gain"].sum().reset_index()


def by_district(scores: Scores) -> pd.DataFrame:
    """``district_code, gain``: each district's part of the index gain."""
    villages = by_village(scores)
    district = villages["village_code"].str.slice(0, 8).rename("district_code")
    return villages.groupby(district)["gain"].sum().reset_index()


def by_place(scores: Scores, villages: pd.DataFrame, key: str = "village_code") -> pd.DataFrame:
    """Scores and gain of every village or district.

    A village's score is the mean of its indicators by their weights, over those that it has
    anything of; a district's is the mean of its villages by their people.

    Parameters
    ----------
    villages : DataFrame
        ``Villages``.
    key : str
        ``village_code`` or ``district_code``.

    Returns
    -------
    DataFrame
        ``key, score_before, score_after`` (0 to 4, missing where nothing is known) and ``gain``, in
        the order of the codes.
    """
    rows = scores.villages.merge(villages[["village_code", "district_code", "population"]], on="village_code")
    weight = rows["indicator_id"].map(scores.indicators.set_index("id")["weight"]).astype(float)
    known = rows["score_before"].notna() & rows["score_after"].notna()
    rows = rows.assign(weight=(weight * rows["population"].clip(lower=1.0)).where(known, 0.0))
    for name in ("score_before", "score_after"):
        rows[name] = rows[name].fillna(0.0) * rows["weight"]
    sums = rows.groupby(key)[["weight", "score_before", "score_after", "gain"]].sum()
    whole = sums["weight"].where(sums["weight"] > 0)
    table = sums.assign(score_before=sums["score_before"] / whole, score_after=sums["score_after"] / whole)
    return table.drop(columns="weight").reset_index()


def _grouped(scores: Scores, *keys: str) -> pd.DataFrame:
    included = scores.indicators[scores.indicators["included"]]
    weight = included["weight"]
    table = included.assign(
        weighted_before=weight * included["score_before"], weighted_after=weight * included["score_after"]
    )
    grouped = table.groupby(list(keys), as_index=False).agg(
        indicators=("id", "size"),
        weight=("weight", "sum"),
        weighted_before=("weighted_before", "sum"),
        weighted_after=("weighted_after", "sum"),
        gain=("gain", "sum"),
        gain_low=("gain_low", "sum"),
        gain_high=("gain_high", "sum"),
    )
    total = grouped["weight"].where(grouped["weight"] > 0)
    grouped["score_before"] = grouped["weighted_before"] / total
    grouped["score_after"] = grouped["weighted_after"] / total
    ranked = grouped.sort_values(["gain", *keys], ascending=[False, *[True] * len(keys)], kind="stable")
    return ranked[[*keys, "indicators", "score_before", "score_after", *_GAINS]].reset_index(drop=True)
