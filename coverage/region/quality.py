"""The quality report: every problem of a file or region at once, with what to do about it.

A problem is kept as a code with its facts, so that it can be shown in any language; the sentences
stand in :mod:`coverage.region.messages`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from coverage.errors import JangkauError
from coverage.language import _
from coverage.region.messages import SEVERITIES, layer_said, sentence, todo

Severity = Literal["error", "warning", "info"]

#: Columns of the report as a table.
COLUMNS = ("severity", "layer", "row", "column", "value", "what", "todo")

_LONGEST_VALUE = 80


@dataclass(frozen=True)
class Problem:
    """One finding.

    Parameters
    ----------
    severity : {"error", "warning", "info"}
        An *error* means that the file is refused; a *warning* was repaired or left out; an *info*
        is worth knowing.
    code : str
        A key of :data:`coverage.region.messages.MESSAGES`.
    layer : str
        Layer or kind of file concerned.
    row : str
        Row in the file (the first row of data is 1), village code or empty.
    column, value : str
        Column and value concerned, or empty.
    facts : mapping
        Values for the placeholders of the sentence.
    """

    severity: Severity
    code: str
    layer: str = ""
    row: str = ""
    column: str = ""
    value: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """What is wrong, in the reader's language."""
        return sentence(self.code, self.facts)

    @property
    def todo(self) -> str:
        """What to do about it, in the reader's language; may be empty."""
        return todo(self.code, self.facts)


class Report:
    """Collects problems; nothing is raised before all are known."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._problems: list[Problem] = list(problems)

    def add(
        self,
        severity: Severity,
        code: str,
        layer: str = "",
        *,
        row: object = "",
        column: str = "",
        value: object = "",
        **facts: object,
    ) -> None:
        """Note one problem; ``facts`` fill the placeholders of its sentence."""
        shown = str(value)
        if len(shown) > _LONGEST_VALUE:
            shown = shown[:_LONGEST_VALUE] + "…"
        problem = Problem(
            severity, code, layer, str(row), column, shown, {name: str(fact) for name, fact in facts.items()}
        )
        sentence(problem.code, problem.facts)  # an unknown code or a missing fact is our own mistake: fail now
        self._problems.append(problem)

    def add_rows(self, severity: Severity, code: str, layer: str, values: pd.Series, column: str = "") -> None:
        """Note the same problem for each row of ``values``; the index counts rows of data from 0."""
        for row, value in values.items():
            self.add(severity, code, layer, row=int(str(row)) + 1, column=column, value=value)

    def extend(self, other: Iterable[Problem]) -> None:
        """Take over problems found elsewhere."""
        self._problems.extend(other)

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._problems, key=lambda p: SEVERITIES.index(p.severity)))

    def __len__(self) -> int:
        return len(self._problems)

    def count(self, severity: Severity) -> int:
        """How many problems of one severity."""
        return sum(p.severity == severity for p in self._problems)

    @property
    def errors(self) -> list[Problem]:
        """The problems that make a file unusable."""
        return [p for p in self._problems if p.severity == "error"]

    def codes(self, severity: Severity | None = None) -> list[str]:
        """Codes of the problems, in the order they were found."""
        return [p.code for p in self._problems if severity in (None, p.severity)]

    def frame(self) -> pd.DataFrame:
        """The report as a table in the reader's language, errors first.

        Returns
        -------
        DataFrame
            Columns :data:`COLUMNS`, all text.
        """
        rows = [[getattr(p, name) for name in COLUMNS] for p in self]
        return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")

    def refuse_errors(self, where: str = "") -> None:
        """Raise :class:`QualityError` where there is any error."""
        if self.errors:
            raise QualityError(self, where=where)

    def write(self, path: Path) -> None:
        """Keep the report as a CSV of codes and facts, readable again in any language."""
        rows = [
            {
                "severity": p.severity,
                "code": p.code,
                "layer": p.layer,
                "row": p.row,
                "column": p.column,
                "value": p.value,
                "facts": json.dumps(dict(sorted(p.facts.items())), ensure_ascii=False),
            }
            for p in self
        ]
        frame = pd.DataFrame(rows, columns=["severity", "code", "layer", "row", "column", "value", "facts"])
        frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")

    @classmethod
    def read(cls, path: Path) -> Report:
        """Read a report written by :meth:`write`; a missing file is an empty report."""
        if not path.is_file():
            return cls()
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        return cls(
            Problem(r["severity"], r["code"], r["layer"], r["row"], r["column"], r["value"], json.loads(r["facts"]))
            for r in frame.to_dict("records")
        )


class QualityError(JangkauError):
    """A file or region that cannot be used; carries the whole report.

    Parameters
    ----------
    report : Report
        Everything that was found; its errors make the message.
    where : str, optional
        File or folder concerned.
    """

    _SHOWN = 8

    def __init__(self, report: Report, *, where: str = "") -> None:
        self.report = report
        errors = report.errors
        if len(errors) == 1:
            value = errors[0].value if errors[0].value != where else ""
            place = " · ".join(part for part in (where, _place(errors[0]), value) if part)
            super().__init__(errors[0].what, where=place, todo=errors[0].todo)
            return
        lines = [f"  - {_line(p)}" for p in errors[: self._SHOWN]]
        if len(errors) > self._SHOWN:
            lines.append("  - " + _("and {count} more").format(count=len(errors) - self._SHOWN))
        super().__init__(
            _("{count} problems make it unusable").format(count=len(errors)), where=where, todo="\n" + "\n".join(lines)
        )


def _place(problem: Problem) -> str:
    parts = [layer_said(problem.layer)]
    if problem.row:
        parts.append(_("row {row}").format(row=problem.row))
    if problem.column:
        parts.append(problem.column)
    return " · ".join(part for part in parts if part)


def _line(problem: Problem) -> str:
    value = f" ({problem.value})" if problem.value else ""
    advice = f" {problem.todo}." if problem.todo else ""
    return f"{_place(problem)}: {problem.what}{value}.{advice}"
