"""Benefit of options: additive coefficients for the plan's objective."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.indicators.drivers import driver_state
from coverage.indicators.effects import Offer, effects
from coverage.indicators.framework import SCALE, Framework
from coverage.indicators.published import filled_state, starting_values
from coverage.indicators.scoring import driver_values, in_area, index_weights, score_of, shares_in_dimension

if TYPE_CHECKING:
    from coverage.access import Access

_PLACE = ["option_id", "settlement_id"]


@dataclass(frozen=True, eq=False)
class Worth:
    """What options bring, and what that is worth to each indicator.

    Attributes
    ----------
    effects : DataFrame
        What each option changes, as :func:`coverage.indicators.effects.effects` finds it.
    per_unit : DataFrame
        :func:`coefficients`.
    reach : DataFrame
        ``option_id, settlement_id, village_code`` of the reach, each once.
    """

    effects: pd.DataFrame
    per_unit: pd.DataFrame
    reach: pd.DataFrame

    def points(self, only: Collection[str] | None = None) -> pd.DataFrame:
        """Index points by the indicators of ``only`` (ids), or by all: as :func:`benefit` gives them."""
        table, per_unit = self.effects, self.per_unit
        if only is not None:
            per_unit = per_unit[per_unit["id"].isin(set(only))]
        points = np.zeros(len(table))
        for area, rows in per_unit.groupby("area"):
            rates = table["driver"].map(rows.groupby("driver")["per_unit"].sum()).astype(float).fillna(0.0)
            mine = in_area(table["village_code"], str(area))
            points += np.where(mine, rates.to_numpy(float) * table["amount"].to_numpy(float), 0.0)
        total = table.assign(index_gain=points).groupby(_PLACE, as_index=False)["index_gain"].sum()
        result = self.reach.merge(total, on=_PLACE, how="left")
        result["index_gain"] = result["index_gain"].fillna(0.0)
        return result.reset_index(drop=True)


def worth(
    option_set: Offer,
    villages: pd.DataFrame,
    settlements: pd.DataFrame,
    access: Access,
    facilities: gpd.GeoDataFrame,
    framework: Framework,
    assumptions: Assumptions,
    *,
    places: pd.DataFrame | None = None,
) -> Worth:
    """All that :func:`benefit` needs before it is asked by which indicators; the arguments are explained there."""
    state = filled_state(driver_state(villages, access, assumptions), framework, villages)
    table = effects(option_set, state, villages, settlements, access.settlements, facilities, assumptions, places)
    reach = option_set.reach[[*_PLACE, "village_code"]].drop_duplicates(_PLACE)
    return Worth(table, coefficients(framework, state, assumptions), reach)


def benefit(
    option_set: Offer,
    villages: pd.DataFrame,
    settlements: pd.DataFrame,
    access: Access,
    facilities: gpd.GeoDataFrame,
    framework: Framework,
    assumptions: Assumptions,
    *,
    places: pd.DataFrame | None = None,
    only: Collection[str] | None = None,
) -> pd.DataFrame:
    """Index points that each option alone brings in each settlement that it reaches.

    The index is linear in the drivers where responses are, and the coefficients are exact as long as
    no target is passed. A logistic or stepped response is replaced by the straight line from the
    region's present score to the full score at the target: it credits every part of the way alike,
    where the true response would credit the first steps nothing. :func:`score` tells the true gain
    of a plan.

    Parameters
    ----------
    option_set : OptionSet
        Options and reach.
    villages, settlements, facilities : DataFrame
        ``Villages, Settlements, Facilities``.
    access : Access
        Access before any option.
    framework, assumptions
        :func:`load_framework` (published baselines in it count), and ``indicators.*`` and ``access.*``.
    places : DataFrame, optional
        ``Places``: what people ask of an option's capacity; without it capacity is not looked at.
    only : collection of str, optional
        Count only these indicators (ids): the part that a pillar, a programme or one indicator has
        in the whole. The parts of a partition add up to the whole.

    Returns
    -------
    DataFrame
        ``Benefit``: one row per row of the reach, in its order.
    """
    made = worth(option_set, villages, settlements, access, facilities, framework, assumptions, places=places)
    return made.points(only)


def coefficients(framework: Framework, state: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Index points per unit of each driver: w_d · s_d · v_id · slope / whole.

    Returns
    -------
    DataFrame
        ``id, driver, area, per_unit``; one row per included indicator that is below its target.
    """
    indicators = framework.indicators
    before = driver_values(framework, state)
    included = (before["whole"] > 0).to_numpy(bool)
    whole = before["whole"].where(included).to_numpy(float)
    value = starting_values(framework, before["amount"].to_numpy(float) / whole)
    way = indicators["target"].to_numpy(float) - value
    below = included & (way > 0)
    slope = np.divide(SCALE - score_of(indicators, value), way, out=np.zeros(len(indicators)), where=below)
    per_unit = shares_in_dimension(indicators, included) * index_weights(framework, assumptions) * slope
    per_unit = np.divide(per_unit, whole, out=np.zeros(len(value)), where=below)
    table: pd.DataFrame = indicators[["id", "driver", "area"]].assign(per_unit=per_unit)[below]
    return table.reset_index(drop=True)
