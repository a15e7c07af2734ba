"""Every number of the real world: value, range, unit, source, year. Never a literal in code.

``data/assumptions/*.csv`` hold them, one file per topic, columns
``name,value,low,high,unit,source,year,note_id,note_en``. A row without a source is a *judgement*.
Names are dotted by topic: ``radio.threshold_usable_dbm``, ``cost.light_tower_idr``.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from coverage.errors import AssumptionError
from coverage.language import _, language

FOLDER = Path(__file__).parents[1] / "data" / "assumptions"
COLUMNS = ("name", "value", "low", "high", "unit", "source", "year", "note_id", "note_en")


@dataclass(frozen=True)
class Assumption:
    """One number of the real world.

    ``low`` and ``high`` bound its plausible range; ``source`` is a URL or document, empty for a
    judgement; ``file`` is the CSV it stands in.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    year: str
    note_id: str
    note_en: str
    file: str

    @property
    def note(self) -> str:
        """What it is, in the reader's language."""
        return self.note_id if language() == "id" else self.note_en

    @property
    def is_judgement(self) -> bool:
        """Whether no source stands behind it."""
        return not self.source


class Assumptions(Mapping[str, float]):
    """An immutable set of assumptions: ``a["cost.fibre_idr_per_m"]`` is the value in force."""

    def __init__(self, rows: Mapping[str, Assumption]) -> None:
        self._rows = MappingProxyType(dict(rows))

    def __getitem__(self, name: str) -> float:
        return self.row(name).value

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, name: str) -> Assumption:
        """The whole assumption.

        Raises
        ------
        AssumptionError
            Where there is none of this name; the nearest names are told.
        """
        try:
            return self._rows[name]
        except KeyError:
            near = ", ".join(difflib.get_close_matches(name, self._rows, 3))
            raise AssumptionError(
                _("There is no assumption of this name"),
                where=name,
                todo=_("The nearest names are: {names}").format(names=near) if near else "",
            ) from None

    def topic(self, *prefixes: str) -> Assumptions:
        """Only those whose dotted name begins with one of the prefixes (``"radio"``, ``"cost"``)."""
        return Assumptions({n: r for n, r in self._rows.items() if n.split(".")[0] in prefixes})

    def override(self, values: Mapping[str, float]) -> Assumptions:
        """The same set with other values.

        Raises
        ------
        AssumptionError
            Where a name is unknown or a value is not a finite number.
        """
        rows = dict(self._rows)
        for name, value in values.items():
            row = self.row(name)
            number = float(value)
            if not math.isfinite(number):
                raise AssumptionError(_("The value is not a number"), where=name)
            rows[name] = replace(row, value=number)
        return Assumptions(rows)

    def frame(self) -> pd.DataFrame:
        """One row per assumption: the CSV columns, ``file`` and ``judgement``."""
        frame = pd.DataFrame([vars(r) for r in self._rows.values()])
        frame["judgement"] = [r.is_judgement for r in self._rows.values()]
        return frame

    def values_key(self) -> tuple[tuple[str, float, float, float], ...]:
        """Names, values and ranges in order: what results depend on."""
        return tuple(sorted((n, r.value, r.low, r.high) for n, r in self._rows.items()))


@cache
def load(folder: Path = FOLDER) -> Assumptions:
    """Read every assumption file of a folder (those whose header is :data:`COLUMNS`).

    Raises
    ------
    AssumptionError
        With all problems of all files at once: missing values, ranges that do not hold the value,
        doubled names.
    """
    rows: dict[str, Assumption] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        if tuple(frame.columns) != COLUMNS:
            continue
        for line, record in enumerate(frame.to_dict("records"), start=2):
            where = f"{path.name}:{line}"
            try:
                value, low, high = (float(record[k]) for k in ("value", "low", "high"))
            except ValueError:
                problems.append(_("{where}: value, low and high must be numbers").format(where=where))
                continue
            if not low <= value <= high:
                problems.append(_("{where}: the value lies outside low..high").format(where=where))
            if record["name"] in rows:
                problems.append(_("{where}: {name} stands here twice").format(where=where, name=record["name"]))
            rows[record["name"]] = Assumption(
                record["name"],
                value,
                low,
                high,
                record["unit"],
                record["source"],
                record["year"],
                record["note_id"],
                record["note_en"],
                path.name,
            )
    if problems:
        raise AssumptionError(_("The assumption files have problems"), where=str(folder.name), todo="\n".join(problems))
    return Assumptions(rows)
