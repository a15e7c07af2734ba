"""Joins that survive reality: by code, by crosswalk, then by district and almost-equal name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from coverage.region.quality import Report
from coverage.region.text import dotted, looks_kemendagri, name_key, village_codes

_GUESSES = 3


@dataclass(frozen=True)
class Likeness:
    """When two names are taken as one: least score (0-100) and lead over the next."""

    score: float
    margin: float


def codes_of(frame: pd.DataFrame, reference: pd.DataFrame, layer: str, report: Report) -> pd.Series:
    """Kemendagri codes of the rows, by their own code or through the crosswalk.

    Parameters
    ----------
    frame : DataFrame
        Any of ``kemendagri_code, bps_code``: as written in the file. A column of codes whose
        digits are of the other system is read as that.
    reference : DataFrame
        Villages that exist: ``village_code`` and, where known, ``bps_code`` (ten digits).

    Returns
    -------
    Series of str
        Dotted codes that stand in the reference; empty where there is none.
    """
    result = pd.Series("", index=frame.index, dtype="str")
    known = set(reference["village_code"])
    by_bps: dict[str, str] = {}
    if "bps_code" in reference.columns:
        some = reference[reference["bps_code"] != ""]
        by_bps = dict(zip(some["bps_code"], some["village_code"], strict=True))
    for column in ("kemendagri_code", "bps_code"):
        if column not in frame.columns:
            continue
        digits = village_codes(frame[column])
        written = frame[column].astype("str")
        report.add_rows("warning", "wrong_code", layer, written[(digits == "") & (written.str.strip() != "")], column)
        crossed = pd.Series([by_bps.get(code, "") for code in digits], index=digits.index, dtype="str")
        own = dotted(digits) if looks_kemendagri(digits) else crossed
        result = result.where(result != "", own.where(own.isin(known), ""))
    return result


def match_names(
    frame: pd.DataFrame, reference: pd.DataFrame, likeness: Likeness, layer: str, report: Report
) -> pd.Series:
    """Codes of villages by district and name, for rows that have no code.

    Names are compared without blanks, case and prefixes; a likeness below the least score, or
    without a clear lead, is listed with the best guesses and left open.

    Parameters
    ----------
    frame : DataFrame
        ``village_name`` and, where known, ``district_name``.
    reference : DataFrame
        ``village_code, village_name, district_name`` and perhaps ``other_name``.

    Returns
    -------
    Series of str
        Dotted codes; empty where there is no match.
    """
    result = pd.Series("", index=frame.index, dtype="str")
    if "village_name" not in frame.columns:
        return result
    pool = _pool(reference)
    districts = sorted(pool["district"].unique())
    said_districts = (
        frame["district_name"] if "district_name" in frame.columns else frame["village_name"].map(lambda _n: "")
    )
    for row, written, said_district in zip(frame.index, frame["village_name"], said_districts, strict=True):
        name, said = name_key(str(written)), name_key(str(said_district))
        if not name:
            continue
        near = process.extractOne(said, districts, scorer=fuzz.ratio, score_cutoff=likeness.score) if said else None
        within = pool[pool["district"] == near[0]] if near else pool
        result[row] = _best(row, name, written, within, likeness, layer, report)
    return result


def _pool(reference: pd.DataFrame) -> pd.DataFrame:
    """Every name of every village: ``key, district, village_code, village_name``."""
    names = [reference["village_name"]]
    if "other_name" in reference.columns:
        names.append(reference["other_name"])
    parts = [
        pd.DataFrame(
            {
                "key": [name_key(str(n)) for n in column],
                "district": [name_key(str(d)) for d in reference["district_name"]],
                "village_code": reference["village_code"].to_numpy(),
                "village_name": reference["village_name"].to_numpy(),
            }
        )
        for column in names
    ]
    pool = pd.concat(parts).drop_duplicates(["key", "village_code"])
    return pool[pool["key"] != ""].reset_index(drop=True)


def _best(
    row: int, name: str, written: object, pool: pd.DataFrame, likeness: Likeness, layer: str, report: Report
) -> str:
    scores = process.cdist([name], pool["key"].tolist(), scorer=fuzz.ratio)[0]
    ranked = pd.DataFrame({"score": scores, "code": pool["village_code"], "name": pool["village_name"]})
    ranked = ranked.sort_values(["score", "code"], ascending=[False, True]).drop_duplicates("code")
    if not len(ranked):
        return ""
    best = ranked.iloc[0]
    lead = best["score"] - (ranked.iloc[1]["score"] if len(ranked) > 1 else 0.0)
    score = float(best["score"])
    if score >= likeness.score and lead >= likeness.margin:
        if not np.isclose(score, 100):
            village = f"{best['name']} ({best['code']})"
            report.add(
                "info",
                "fuzzy_match",
                layer,
                row=row + 1,
                value=written,
                name=written,
                village=village,
                score=f"{score:.0f}",
            )
        return str(best["code"])
    guesses = ", ".join(f"{g['name']} {g['code']} ({g['score']:.0f})" for _, g in ranked.head(_GUESSES).iterrows())
    report.add("warning", "unmatched", layer, row=row + 1, value=written, name=written, guesses=guesses)
    return ""
