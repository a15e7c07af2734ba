"""The tables of settlements: over all operators, and per operator and technology."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.access.evidence import Verdicts, class_of
from coverage.access.groups import heaviest, weighted_median
from coverage.access.picture import Picture, compare_operators, names_at
from coverage.access.reception import any_of
from coverage.assumptions import Assumptions

_TEXT = ("settlement_id", "village_code", "operator", "technology", "site_id")
_NUMBERS = ("population", "population_covered", "population_weak", "rsrp_dbm")


def settlement_access(settlements: pd.DataFrame, picture: Picture, assumptions: Assumptions) -> pd.DataFrame:
    """``SettlementAccess``, in the order of the settlements."""
    groups, count = picture.people.settlement, picture.people.settlements
    size = picture.covered.size
    heard = any_of((r.usable | r.weak for r in picture.receptions), size) | picture.covered
    good_dbm = assumptions["radio.threshold_good_dbm"]
    good = any_of((r.usable & (r.rsrp_dbm >= good_dbm) for r in picture.internet), size) & ~picture.denied
    operators = compare_operators(picture, groups, count, assumptions)
    verdicts = _inherited(picture)
    access_class = class_of(
        picture.share(groups, picture.served, count),
        picture.share(groups, picture.covered, count),
        picture.share(groups, picture.weak_or_better, count),
        verdicts,
        picture.complete,
        assumptions,
    )
    return pd.DataFrame(
        {
            "settlement_id": settlements["settlement_id"].array,
            "village_code": settlements["village_code"].array,
            "settlement_name": settlements["settlement_name"].array,
            "population": picture.total(groups, np.ones(size), count),
            "population_covered": picture.total(groups, picture.covered, count),
            "population_served": picture.total(groups, picture.served, count),
            "population_good": picture.total(groups, good, count),
            "population_signal": picture.total(groups, heard, count),
            "rsrp_dbm": operators.rsrp_dbm,
            "downlink_mbps": picture.mean_mbps(picture.load.downlink_mbps, groups, count),
            "uplink_mbps": picture.mean_mbps(picture.load.uplink_mbps, groups, count),
            "operators": operators.count.astype(np.int64),
            "access_class": pd.array(access_class, dtype="str"),
            "evidence": pd.array(np.where(verdicts.evidence != "", verdicts.evidence, "modelled"), dtype="str"),
        }
    )


def _inherited(picture: Picture) -> Verdicts:
    """Verdicts of settlements: their own, else the denial of their whole village.

    That a village is served says nothing about one of its hamlets.
    """
    own, village = picture.of_settlement, picture.people.village_of_settlement
    inherits = (own.access_class == "") & picture.of_village.says("none", "weak")[village]
    return Verdicts(
        np.where(inherits, picture.of_village.access_class[village], own.access_class),
        np.where(inherits, picture.of_village.evidence[village], own.evidence),
    )


def operator_access(settlements: pd.DataFrame, picture: Picture) -> pd.DataFrame:
    """``OperatorAccess``: what the model says, before any evidence, sorted by operator and technology."""
    groups, count, population = picture.people.settlement, picture.people.settlements, picture.people.population
    total = picture.total(groups, np.ones(population.size), count)
    tables = []
    for reception in picture.receptions:
        used = np.where(reception.usable | reception.weak, picture.site_of(reception.cell), -1)
        tables.append(
            pd.DataFrame(
                {
                    "settlement_id": settlements["settlement_id"].array,
                    "village_code": settlements["village_code"].array,
                    "operator": reception.operator,
                    "technology": reception.technology,
                    "population": total,
                    "population_covered": picture.total(groups, reception.usable, count),
                    "population_weak": picture.total(groups, reception.weak, count),
                    "rsrp_dbm": weighted_median(groups, reception.rsrp_dbm, population, count),
                    "site_id": names_at(picture.sites[1], heaviest(groups, used, population, count)),
                }
            )
        )
    if tables:
        return pd.concat(tables, ignore_index=True)
    empty = {name: pd.Series([], dtype="str") for name in _TEXT}
    return pd.DataFrame(empty | {name: pd.Series([], dtype=float) for name in _NUMBERS})
