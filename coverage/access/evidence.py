"""Which statements about access outrank the model, and what a list of sites may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions

_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Verdicts:
    """What accepted evidence says of each village or settlement; empty text where it says nothing."""

    access_class: NDArray[np.object_]
    evidence: NDArray[np.object_]

    def says(self, *classes: str) -> NDArray[np.bool_]:
        """Where the verdict is one of the classes."""
        return np.isin(self.access_class, classes)


def list_is_complete(operators: set[str], completeness: Mapping[str, str]) -> bool:
    """Whether absence in the site list means absence on the ground: every operator's list is complete.

    Operators that have cells but no declared completeness count as unknown.
    """
    known = operators | set(completeness)
    return bool(known) and all(completeness.get(operator) == "complete" for operator in known)


def weigh(
    evidence: pd.DataFrame, villages: pd.DataFrame, settlements: pd.DataFrame, assumptions: Assumptions
) -> tuple[Verdicts, Verdicts]:
    """The statements that outrank the model, for villages and for settlements, in their row order.

    Evidence counts when it is recent, has enough samples and stands for what it speaks of (a village
    with many hamlets needs more). Of several, measured outranks reported, then the newest counts. A
    speed test proves presence, never absence: it cannot say ``none``; a measurement that does not
    tell its method is taken for one.

    Parameters
    ----------
    evidence : DataFrame
        ``Evidence``; ``settlement_id`` and ``method`` are optional.
    """
    ranked = judged(evidence, settlements, assumptions)
    accepted = ranked[ranked["refused"] == ""]
    whole = accepted[accepted["settlement_id"] == ""].drop_duplicates("village_code")
    single = accepted[accepted["settlement_id"] != ""].drop_duplicates("settlement_id")
    return (
        _aligned(whole.set_index("village_code"), villages["village_code"]),
        _aligned(single.set_index("settlement_id"), settlements["settlement_id"]),
    )


def _when(evidence: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(evidence["date"], errors="coerce", format="ISO8601")


def recent(evidence: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.bool_]:
    """Which statements are young enough to count; one without a date never is."""
    when = _when(evidence)
    year = when.dt.year + (when.dt.day_of_year - 1) / _DAYS_PER_YEAR
    age = assumptions["access.evidence_reference_date"] - year
    return np.asarray(age <= assumptions["access.evidence_max_age_years"], dtype=bool)


def judged(evidence: pd.DataFrame, settlements: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Every statement with the reason why it does not outrank the model.

    Returns
    -------
    DataFrame
        The rows of `evidence`, best first, with ``settlement_id, method, when`` filled and
        ``refused``: ``old``, ``few_samples``, ``absence_by_speed_test``, ``one_operator`` (it denies
        one operator only), or empty where it counts.
    """
    rows: pd.DataFrame = evidence.reset_index(drop=True)
    rows = rows.assign(
        settlement_id=rows["settlement_id"].fillna("") if "settlement_id" in rows else "",
        method=rows["method"].fillna("") if "method" in rows else "",
        operator=rows["operator"].fillna("") if "operator" in rows else "",
        when=_when(rows),
    )
    measured = rows["evidence"] == "measured"
    each = assumptions["access.measured_min_samples_per_settlement"]
    counts = settlements["village_code"].value_counts()
    hamlets = counts.reindex(rows["village_code"]).fillna(1.0).to_numpy(float)
    for_village = np.maximum(assumptions["access.measured_min_samples"], each * hamlets)
    needed = np.where(rows["settlement_id"] == "", for_village, each)
    enough = rows["samples"] >= np.where(measured, needed, assumptions["access.reported_min_samples"])

    speed_test = (rows["method"] == "speed_test") | (measured & (rows["method"] == ""))
    elsewhere = (rows["operator"] != "") & (rows["access_class"] != "served")  # another operator may serve
    absence = speed_test & (rows["access_class"] == "none")
    refused = np.select(
        [~recent(rows, assumptions), absence, elsewhere, ~enough],
        ["old", "absence_by_speed_test", "one_operator", "few_samples"],
        "",
    )
    order = ["evidence", "when", "samples", "evidence_id"]  # "measured" sorts before "reported"
    ranked: pd.DataFrame = rows.assign(refused=refused).sort_values(
        order, ascending=[True, False, False, True], kind="stable"
    )
    return ranked


def _aligned(verdicts: pd.DataFrame, keys: pd.Series[str]) -> Verdicts:
    found = verdicts.reindex(keys)
    return Verdicts(
        found["access_class"].fillna("").to_numpy(dtype=object), found["evidence"].fillna("").to_numpy(dtype=object)
    )


def class_of(
    served_share: NDArray[np.float64],
    covered_share: NDArray[np.float64],
    weak_or_better_share: NDArray[np.float64],
    verdicts: Verdicts,
    complete: bool,
    assumptions: Assumptions,
) -> NDArray[np.object_]:
    """Class by the completeness rule.

    From a complete list: ``served`` where enough people are covered within capacity, ``weak`` where
    enough have at least a weak signal, else ``none``. From a partial list only ``served`` (the list's
    load says nothing about cells it does not know) or ``unknown``. Accepted evidence decides before
    either. Shares that are NaN (nobody known to live there) give ``unknown``.
    """
    enough = assumptions["access.class_served_share"]
    if complete:
        model = np.select(
            [
                np.isnan(served_share),
                served_share >= enough,
                weak_or_better_share >= assumptions["access.class_weak_share"],
            ],
            ["unknown", "served", "weak"],
            "none",
        )
    else:
        model = np.where(covered_share >= enough, "served", "unknown")
    return np.where(verdicts.access_class != "", verdicts.access_class, model).astype(object)
