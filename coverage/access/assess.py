"""Access of settlements and villages: coverage, capacity, evidence, class, reasons, need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.access.capacity import Heard, capacity
from coverage.access.evidence import Verdicts, list_is_complete, weigh
from coverage.access.facilities import facility_access
from coverage.access.groups import group_sum
from coverage.access.model import Access
from coverage.access.picture import Mask, People, Picture
from coverage.access.reception import Reception, Thresholds, any_of, best_rsrp, receive
from coverage.access.settlement_tables import operator_access, settlement_access
from coverage.access.village_table import nearest_towers, village_access
from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _

if TYPE_CHECKING:
    from coverage.radio import Signal


def access(
    villages: pd.DataFrame,
    settlements: gpd.GeoDataFrame,
    places: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    signal: Signal,
    evidence: pd.DataFrame,
    completeness: Mapping[str, str],
    assumptions: Assumptions,
    heard: Heard | None = None,
) -> Access:
    """Join signal and people: who can use what, and why not.

    Parameters
    ----------
    villages, settlements, places, facilities, evidence : DataFrame
        ``Villages, Settlements, Places, Facilities, Evidence``.
    signal : Signal
        On the grid of the places.
    completeness : dict
        ``complete | partial | unknown`` per operator of the site list. Unless every list is
        complete the model says only ``served`` or ``unknown``.
    assumptions : Assumptions
        ``access.*`` and ``radio.*``.
    heard : mapping, optional
        Interferers of each operator and technology at the places, from
        :func:`coverage.radio.interference`; without them cells are limited by noise alone.

    Raises
    ------
    InputError
        Where places, settlements and villages do not fit together, or the signal is on another grid.
    """
    people = _people(villages, settlements, places)
    thresholds = Thresholds.of(assumptions)
    receptions = receive(signal, people.rows, people.cols, thresholds)
    internet = [r for r in receptions if r.is_internet]
    operators = set(signal.cells["operator"])
    complete = list_is_complete(operators, completeness)
    judged = {operator for operator in operators if completeness.get(operator) == "complete"}

    modelled = any_of((r.usable for r in internet), people.population.size)
    of_village, of_settlement = weigh(evidence, villages, settlements, assumptions)
    denied, covered = _corrected(people, modelled, internet, of_village, of_settlement, assumptions)
    load = capacity(
        internet,
        signal.cells,
        places["users"].to_numpy(float),
        places["busy_hour_mbps"].to_numpy(float),
        judged,
        heard or {},
        assumptions,
    )
    # whom only evidence covers, no known cell serves: they count as served
    served = np.where(covered & modelled, load.served_share, covered.astype(float))
    picture = Picture(people, receptions, covered, denied, served, load, of_village, of_settlement, complete, signal)
    settlement_table = settlement_access(settlements, picture, assumptions)
    facility_table = facility_access(facilities, settlements, villages, signal, of_village, thresholds)
    return Access(
        operators=operator_access(settlements, picture),
        settlements=settlement_table,
        villages=village_access(villages, picture, settlement_table, facility_table, assumptions),
        facilities=facility_table,
        place_covered=covered,
        towers=nearest_towers(villages, picture, assumptions),
    )


def _people(villages: pd.DataFrame, settlements: pd.DataFrame, places: pd.DataFrame) -> People:
    settlement = pd.Index(settlements["settlement_id"]).get_indexer(places["settlement_id"])
    village_of_settlement = pd.Index(villages["village_code"]).get_indexer(settlements["village_code"])
    if (settlement < 0).any() or (village_of_settlement < 0).any():
        raise InputError(
            _("Settlements name villages, or places name settlements, that are not there"),
            where="settlements",
            todo=_("Correct the column village_code of the settlements"),
        )
    return People(
        places["population"].to_numpy(float),
        places["row"].to_numpy(np.intp),
        places["col"].to_numpy(np.intp),
        settlement,
        village_of_settlement[settlement],
        village_of_settlement,
        len(settlements),
        len(villages),
    )


def _corrected(
    people: People,
    modelled: Mask,
    internet: list[Reception],
    of_village: Verdicts,
    of_settlement: Verdicts,
    assumptions: Assumptions,
) -> tuple[Mask, Mask]:
    """Places where evidence denies what the model says, and places covered after all.

    ``none`` and ``weak`` take usable coverage away from all places they speak of. ``served`` about a
    settlement covers it. ``served`` about a village says that enough people are covered, not which:
    the model's strongest places are taken until enough are, so that the hamlet in the shadow stays
    visible.
    """
    own = of_settlement.access_class[people.settlement]
    whole = np.where(own == "", of_village.access_class[people.village], "")
    denied = np.isin(own, ("none", "weak")) | np.isin(whole, ("none", "weak"))
    covered = (modelled & ~denied) | (own == "served")

    short = whole == "served"
    if short.any():
        strongest = np.nan_to_num(best_rsrp(internet, modelled.size), nan=-np.inf)
        order = np.lexsort((-strongest, ~covered, people.village))
        population, village = people.population[order], people.village[order]
        total = group_sum(village, population, people.villages)
        before = np.cumsum(population) - population
        first = np.r_[True, village[1:] != village[:-1]]
        before -= before[first][np.cumsum(first) - 1]
        enough = before < assumptions["access.class_served_share"] * total[village]
        covered[order] |= enough & short[order]
    return denied, covered
