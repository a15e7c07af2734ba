"""Modelled, reported and measured access side by side: what decides, what does not, and where they clash."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from coverage.access.evidence import judged, list_is_complete
from coverage.access.reception import INTERNET
from coverage.assumptions import Assumptions

#: Columns of :func:`statements`.
COLUMNS = (
    "village_code",
    "settlement_id",
    "evidence",
    "access_class",
    "operator",
    "date",
    "source",
    "samples",
    "rank",
    "refused",
    "conflict",
)


def statements(
    evidence: pd.DataFrame,
    settlements: pd.DataFrame,
    operators: pd.DataFrame,
    completeness: Mapping[str, str],
    assumptions: Assumptions,
) -> pd.DataFrame:
    """Every statement about a village or hamlet beside what the model says of it.

    Parameters
    ----------
    evidence, settlements, operators : DataFrame
        ``Evidence, Settlements, OperatorAccess``.
    completeness : dict
        ``complete | partial | unknown`` per operator of the site list.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; per village or hamlet the statements in their order (``rank`` 1
        decides, 0 does not count) and one row ``modelled``. ``conflict`` where two that count, or
        the first of them and the model, say different things. Only what has evidence is listed.
    """
    if not len(evidence):
        return pd.DataFrame(columns=list(COLUMNS))
    rows = judged(evidence, settlements, assumptions)
    counts = rows["refused"] == ""
    subject = [rows["village_code"], rows["settlement_id"]]
    rows = rows.assign(rank=np.where(counts, counts.groupby(subject).cumsum(), 0))
    subjects = rows[["village_code", "settlement_id"]].drop_duplicates()
    modelled = _modelled(subjects, operators, list_is_complete(set(operators["operator"]), completeness), assumptions)
    both = pd.concat([rows, modelled], ignore_index=True)
    said = both["access_class"].where((both["rank"] > 0) | (both["evidence"] == "modelled"))
    said = said.where(said != "unknown")
    clash = said.groupby([both["village_code"], both["settlement_id"]]).transform("nunique") > 1
    both["conflict"] = clash & said.notna()
    order = both["evidence"].map({"measured": 0, "reported": 1, "modelled": 2})
    both = both.assign(last=both["rank"].where(both["rank"] > 0, len(both)), kind=order)
    both = both.sort_values(["village_code", "settlement_id", "last", "kind"], kind="stable")
    return both[list(COLUMNS)].reset_index(drop=True)


def _modelled(
    subjects: pd.DataFrame, operators: pd.DataFrame, complete: bool, assumptions: Assumptions
) -> pd.DataFrame:
    """What the model alone says: the class by the operator that covers most people."""
    internet = operators[operators["technology"].isin(INTERNET)]
    of_village = _classes(internet, "village_code", complete, assumptions)
    of_settlement = _classes(internet, "settlement_id", complete, assumptions)
    whole = subjects["settlement_id"] == ""
    found = subjects["settlement_id"].map(of_settlement).mask(whole, subjects["village_code"].map(of_village))
    nothing = "none" if complete else "unknown"
    return subjects.assign(
        evidence="modelled",
        access_class=found.fillna(nothing),
        operator="",
        date="",
        source="",
        samples=np.nan,
        rank=0,
        refused="",
    )


def _classes(operators: pd.DataFrame, key: str, complete: bool, assumptions: Assumptions) -> pd.Series:
    """Class per village or hamlet by its best operator; what an incomplete list does not show is unknown."""
    sums = operators.groupby([key, "operator", "technology"])[
        ["population", "population_covered", "population_weak"]
    ].sum()
    people = sums["population"].where(sums["population"] > 0)
    served = (sums["population_covered"] / people).groupby(key).max()
    some = ((sums["population_covered"] + sums["population_weak"]) / people).groupby(key).max()
    lesser = np.where(some >= assumptions["access.class_weak_share"], "weak", "none") if complete else "unknown"
    named = np.where(served >= assumptions["access.class_served_share"], "served", lesser)
    return pd.Series(named, index=served.index)
