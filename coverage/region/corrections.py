"""The corrections file: what people have put right once is put right at every import.

A CSV ``layer,match_column,match_value,column,value``: in rows of a kind of file whose field
``match_column`` is ``match_value``, the field ``column`` becomes ``value``. Fields are the names of
``data/sources/aliases.csv``. The file is kept in the region's folder.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from coverage.region.quality import Report
from coverage.region.text import clean

_GUESS = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")
COLUMNS = ("layer", "match_column", "match_value", "column", "value")
#: Problems of names, and the fact that holds the villages they may stand for.
_GUESSED = {"unmatched": "guesses", "fuzzy_match": "village", "doubtful_match": "village"}


@dataclass(frozen=True)
class Doubt:
    """A name in a kind of file that stands for no village for sure, and codes that it may stand for.

    ``taken`` is the code of the village that it was taken for; empty where it was left out.
    """

    layer: str
    name: str
    codes: tuple[str, ...]
    taken: str = ""

    def settled(self, code: str) -> dict[str, str]:
        """The line of a corrections file that says which village it is."""
        values = (self.layer, "village_name", self.name, "kemendagri_code", code)
        return dict(zip(COLUMNS, values, strict=True))


@dataclass(frozen=True)
class Corrections:
    """Rows of a corrections file; remembers which have been used."""

    rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS), dtype="str"))
    used: set[int] = field(default_factory=set)

    def applied(self, frame: pd.DataFrame, layer: str, report: Report) -> pd.DataFrame:
        """The frame (columns named by field) with every correction of its kind of file."""
        result = frame
        for number, row in self.rows[self.rows["layer"] == layer].iterrows():
            if row["match_column"] not in result.columns:
                continue
            hit = clean(result[row["match_column"]]) == row["match_value"]
            if not hit.any():
                continue
            if result is frame:
                result = frame.copy()
            column = row["column"]
            before = clean(result[column]) if column in result.columns else pd.Series("", result.index, dtype="str")
            result[column] = before.where(~hit, row["value"])
            self.used.add(int(str(number)))
            for position in result.index[hit]:
                said = f"{column} = {row['value']}"
                report.add("info", "corrected", layer, row=position + 1, value=before[position], said=said)
        return result

    def tell_unused(self, layers: set[str], report: Report) -> None:
        """Note the lines for files that were imported but that matched nothing."""
        for number, row in self.rows[self.rows["layer"].isin(layers)].iterrows():
            if int(str(number)) not in self.used:
                value = f"{row['layer']} {row['match_column']}={row['match_value']}"
                report.add("warning", "correction_unused", "corrections", row=int(str(number)) + 1, value=value)


def read_corrections(path: Path, report: Report) -> Corrections:
    """Read a corrections file.

    Raises
    ------
    QualityError
        Where a column is missing or the file cannot be read.
    """
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", sep=None, engine="python")
    except (OSError, ValueError, csv.Error):
        report.add("error", "not_readable", "corrections", value=path.name)
        report.refuse_errors(path.name)
        raise
    for column in COLUMNS:
        if column not in rows.columns:
            report.add("error", "missing_column", "corrections", column=column, aliases=", ".join(COLUMNS))
    report.refuse_errors(path.name)
    cleaned = {column: clean(rows[column]) for column in COLUMNS}
    return Corrections(pd.DataFrame(cleaned))


def guesses(report: Report) -> list[Doubt]:
    """What matches no village, or one in doubt, each name once per kind of file, with the best guesses.

    What was left out comes first.
    """
    found: dict[tuple[str, str], Doubt] = {}
    new = tuple(p.row for p in report if p.code == "new_village")  # an outline may be theirs
    for problem in sorted(report, key=lambda p: p.code != "unmatched"):
        if problem.code not in _GUESSED:
            continue
        codes = tuple(_GUESS.findall(problem.facts[_GUESSED[problem.code]]))
        others = tuple(code for code in (new if problem.layer == "boundaries" else ()) if code not in codes)
        taken = "" if problem.code == "unmatched" else codes[0]
        name = problem.facts["name"]
        found.setdefault((problem.layer, name), Doubt(problem.layer, name, codes + others, taken))
    return list(found.values())


def write_corrections(rows: pd.DataFrame, path: Path) -> None:
    """Write a corrections file: columns :data:`COLUMNS`."""
    rows[list(COLUMNS)].to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
