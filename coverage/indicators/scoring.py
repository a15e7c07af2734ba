"""Scores before and after a plan, and what they do to the index."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.indicators.drivers import driver_state
from coverage.indicators.effects import Offer, combined, effects
from coverage.indicators.framework import DIMENSIONS, SCALE, Framework
from coverage.indicators.published import filled_state, moved_values, starting_values
from coverage.indicators.response import response

if TYPE_CHECKING:
    from coverage.access import Access

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of the region before and after a plan. Indicative, not the ministry's score.

    Attributes
    ----------
    indicators : DataFrame
        One row per indicator of the framework: its columns, ``included`` (false where the region has
        no baseline for it; then the numbers are missing), ``judgement`` (no source), ``share`` (v,
        its part of its dimension, sum 1), ``before, after`` (driver), ``score_before, score_after``
        (0 to 4), ``gain, gain_low, gain_high`` (index points). Where the framework holds a published
        baseline, ``before`` is that value and ``after`` moves from there.
    villages : DataFrame
        One row per village and included indicator: ``before, after`` (missing where the village has
        nothing of the kind; always as calculated), ``score_before, score_after`` and ``gain``, its part
        of the region's.
    index_before, index_after : float
        Achievement index, 0 to 4.
    gain, gain_low, gain_high : float
        Change of the index and its range: the connectivity-driven shares and targets at their ends;
        at the low end villages whose access is unknown gain nothing.
    """

    indicators: pd.DataFrame
    villages: pd.DataFrame
    index_before: float
    index_after: float
    gain: float
    gain_low: float
    gain_high: float

    @property
    def excluded(self) -> tuple[str, ...]:
        """Indicators without a baseline: left out, not counted as zero."""
        return tuple(self.indicators.loc[~self.indicators["included"], "id"])

    @property
    def judgement_share(self) -> float:
        """Part of the gain that rests on indicators without a source; 0 without gain."""
        total = float(self.indicators["gain"].sum())
        rests = float(self.indicators.loc[self.indicators["judgement"], "gain"].sum())
        return rests / total if total > 0 else 0.0


def connectivity_share(assumptions: Assumptions, bound: str = "value") -> Floats:
    """Share of each dimension that connectivity moves, in the order of the dimensions.

    Parameters
    ----------
    bound : str
        ``value``, ``low`` or ``high``; an overridden value outside its range widens the range.
    """
    rows = [assumptions.row(f"indicators.share_{dimension}") for dimension in DIMENSIONS]
    picked = {
        "value": [row.value for row in rows],
        "low": [min(row.low, row.value) for row in rows],
        "high": [max(row.high, row.value) for row in rows],
    }[bound]
    return np.asarray(np.clip(np.array(picked, dtype=float), 0.0, 1.0))


def in_area(village_code: pd.Series[str], area: str) -> NDArray[np.bool_]:
    """Villages of an indicator's districts; all where it names none."""
    districts = [part.strip() for part in area.split(";") if part.strip()]
    if not districts:
        return np.ones(len(village_code), dtype=bool)
    return village_code.str.slice(0, 8).isin(districts).to_numpy(bool)


def driver_values(framework: Framework, state: pd.DataFrame) -> pd.DataFrame:
    """Amount and whole of each indicator's driver over its area, in the framework's order."""
    indicators = framework.indicators
    result = pd.DataFrame({"amount": 0.0, "whole": 0.0}, index=indicators.index)
    for area in sorted(indicators["area"].unique()):
        mine = indicators.index[indicators["area"] == area]
        sums = state[in_area(state["village_code"], area)].groupby("driver")[["amount", "whole"]].sum()
        result.loc[mine] = sums.reindex(indicators.loc[mine, "driver"]).fillna(0.0).to_numpy(float)
    return result


def score_of(indicators: pd.DataFrame, values: Floats, target: str = "target") -> Floats:
    """Score 0 to 4 of each row's driver value; NaN stays NaN.

    Parameters
    ----------
    indicators : DataFrame
        Rows with ``response, parameters, floor`` and the target's column.
    values : ndarray
        Driver values, one per row.
    target : str
        ``target``, ``low`` or ``high``: which end of the target's range counts.
    """
    floor = indicators["floor"].to_numpy(float)
    progress = (values - floor) / (indicators[target].to_numpy(float) - floor)
    result = np.full(len(indicators), np.nan)
    shapes = indicators["response"].to_numpy(), indicators["parameters"].to_numpy()
    for shape, parameters in sorted(set(zip(*shapes, strict=True))):
        rows = (shapes[0] == shape) & (shapes[1] == parameters) & ~np.isnan(values)
        result[rows] = SCALE * response(shape, parameters, progress[rows])
    return result


def shares_in_dimension(indicators: pd.DataFrame, included: NDArray[np.bool_]) -> Floats:
    """v: the part of each included indicator in its dimension, sum 1 per dimension."""
    weight = indicators["weight"].where(included, 0.0)
    total = weight.groupby(indicators["dimension"]).transform("sum")
    return np.asarray((weight / total.where(total > 0)).fillna(0.0).to_numpy(float))


def index_weights(framework: Framework, assumptions: Assumptions, bound: str = "value") -> Floats:
    """w_d · s_d of each indicator's dimension: index points per point of the dimension's score."""
    driven = dict(zip(DIMENSIONS, connectivity_share(assumptions, bound), strict=True))
    per_dimension = {d: framework.weights[d] * float(driven[d]) for d in DIMENSIONS}
    return np.asarray(framework.indicators["dimension"].map(per_dimension), dtype=np.float64)


def score(
    villages: pd.DataFrame,
    settlements: pd.DataFrame,
    access: Access,
    facilities: gpd.GeoDataFrame,
    framework: Framework,
    assumptions: Assumptions,
    *,
    option_set: Offer | None = None,
    chosen: Collection[str] = (),
    places: pd.DataFrame | None = None,
) -> Scores:
    """Score the region, as it is and with the chosen options built.

    index after = min(4, before + Σ_d w_d · s_d · Σ_i v_id · Δscore_i) with Σ_d w_d = Σ_i v_id = 1,
    where s_d is the share of dimension d that connectivity moves. A village's part of an
    indicator's gain is its part of the driver's change.

    Parameters
    ----------
    villages, settlements, facilities : DataFrame
        ``Villages, Settlements, Facilities``.
    access : Access
        Access before the plan.
    framework, assumptions
        :func:`load_framework` (published baselines in it count), and ``indicators.*`` and ``access.*``.
    option_set : OptionSet, optional
        Options and reach.
    chosen : collection of str
        ``option_id`` of what is built; in each settlement the best of them counts, so that nobody
        is counted twice.
    places : DataFrame, optional
        ``Places``: what people ask of the options' capacity; without it capacity is not looked at.
    """
    state = filled_state(driver_state(villages, access, assumptions), framework, villages)
    after, cautious = state, state
    if chosen and option_set is not None:
        table = effects(option_set, state, villages, settlements, access.settlements, facilities, assumptions, places)
        table = table[table["option_id"].isin(set(chosen))]
        unknown = access.villages.loc[access.villages["access_class"] == "unknown", "village_code"]
        after = combined(table, state)
        cautious = combined(table[~table["village_code"].isin(unknown)], state)

    result = framework.indicators.copy()
    before = driver_values(framework, state)
    included = (before["whole"] > 0).to_numpy(bool)
    result["included"] = included
    result["judgement"] = (result["source"] == "").to_numpy(bool)
    result["share"] = shares_in_dimension(result, included)
    calculated = _ratio(before)
    value = np.where(included, starting_values(framework, calculated), np.nan)
    value_after, value_cautious = (
        moved_values(framework, calculated, _ratio(driver_values(framework, s))) for s in (after, cautious)
    )
    result["before"], result["after"] = value, value_after
    result["score_before"], result["score_after"] = score_of(result, value), score_of(result, value_after)

    per_point = result["share"].to_numpy(float) * index_weights(framework, assumptions)
    gain = np.nan_to_num(per_point * (result["score_after"] - result["score_before"]).to_numpy(float))
    low, high = _range(result, framework, assumptions, value, value_after, value_cautious)
    index_before = assumptions["indicators.index_before"]
    result["gain"] = _capped(gain, index_before)
    result["gain_low"] = _capped(np.minimum(low, gain), index_before)
    result["gain_high"] = _capped(np.maximum(high, gain), index_before)
    total = float(result["gain"].sum())
    return Scores(
        indicators=result,
        villages=_village_scores(result, villages, state, after),
        index_before=index_before,
        index_after=min(SCALE, index_before + total),
        gain=total,
        gain_low=float(result["gain_low"].sum()),
        gain_high=float(result["gain_high"].sum()),
    )


def _ratio(values: pd.DataFrame) -> Floats:
    return (values["amount"] / values["whole"].where(values["whole"] > 0)).to_numpy(float)


def _capped(gain: Floats, index_before: float) -> Floats:
    """Gains scaled so that the index does not pass 4."""
    total, room = float(gain.sum()), max(SCALE - index_before, 0.0)
    return gain * (room / total) if total > room else gain


def _range(
    result: pd.DataFrame, framework: Framework, assumptions: Assumptions, value: Floats, after: Floats, cautious: Floats
) -> tuple[Floats, Floats]:
    """Lowest and highest gain of each indicator over the ends of s_d and of its target."""
    share = result["share"].to_numpy(float)
    low_per_point = share * index_weights(framework, assumptions, "low")
    high_per_point = share * index_weights(framework, assumptions, "high")
    lows, highs = [], []
    for target in ("low", "target", "high"):
        base = score_of(result, value, target)
        lows.append(np.nan_to_num(low_per_point * (score_of(result, cautious, target) - base)))
        highs.append(np.nan_to_num(high_per_point * (score_of(result, after, target) - base)))
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _village_scores(
    result: pd.DataFrame, villages: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame
) -> pd.DataFrame:
    keys = ["driver", "village_code"]
    sums = before.groupby(keys)[["amount", "whole"]].sum()
    sums["after"] = after.groupby(keys)["amount"].sum()
    sums = sums.reset_index()
    rows = result.loc[result["included"], [c for c in result.columns if c not in ("before", "after")]]
    table = rows.merge(villages[["village_code"]], how="cross").merge(sums, on=keys, how="left")
    inside = np.zeros(len(table), dtype=bool)
    for area in sorted(set(table["area"])):
        mine = (table["area"] == area).to_numpy(bool)
        inside[mine] = in_area(table.loc[mine, "village_code"], area)
    table.loc[~inside, ["amount", "after", "whole"]] = np.nan

    whole = table["whole"].where(table["whole"] > 0)
    table["before"], table["after_value"] = table["amount"] / whole, table["after"] / whole
    change = (table["after"] - table["amount"]).fillna(0.0)
    moved = change.groupby(table["id"]).transform("sum")
    table["score_before"] = score_of(table, table["before"].to_numpy(float))
    table["score_after"] = score_of(table, table["after_value"].to_numpy(float))
    table["gain"] = (table["gain"] * change / moved.where(moved > 0)).fillna(0.0)
    named = table.drop(columns="after").rename(columns={"id": "indicator_id", "after_value": "after"})
    columns = ["village_code", "indicator_id", "before", "after", "score_before", "score_after", "gain"]
    return named[columns].sort_values(["village_code", "indicator_id"], kind="stable").reset_index(drop=True)
