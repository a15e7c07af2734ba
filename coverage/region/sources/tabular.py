"""Tables as ministries publish them: CSV in any delimiter and encoding, XLSX with titles above."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from coverage.region.quality import Report
from coverage.region.sources.columns import aliases, plain
from coverage.region.sources.workbook import DAMAGED, LIMIT_BYTES, TooLargeError, read_json, sheets

_DELIMITERS = ";\t|,"  # on a draw the rarer in text wins
_HEADER_WITHIN = 25
#: No table of ours has as many columns; padding every row to more would fill the memory.
_WIDEST = 2_000
_SNIFF_BYTES = 64 * 1024
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".xlsb")


def read_table(path: Path, layer: str, report: Report) -> pd.DataFrame:
    """Read a table as text; the index counts the rows of data from 0.

    The header is the first row in which two or more columns bear a known name of ``layer``, so
    titles above it do no harm; of a workbook the first such sheet is taken.

    Parameters
    ----------
    path : Path
        CSV, TSV, XLSX, XLS, ODS, or JSON (a list of records).
    layer : str
        Kind of file: whose column names to look for.
    """
    try:
        sheets = _sheets(path)
    except TooLargeError:
        report.add("error", "too_large", layer, value=path.name, limit=LIMIT_BYTES // 1024**2)
        report.refuse_errors(path.name)
    except (*DAMAGED, csv.Error):
        report.add("error", "not_readable", layer, value=path.name)
        report.refuse_errors(path.name)
    known = {name for names in aliases(layer).values() for name in names}
    best: tuple[int, int, list[list[str]]] = (0, 0, [])
    for rows in sheets:
        for position, row in enumerate(rows[:_HEADER_WITHIN]):
            score = len({plain(cell) for cell in row} & known)
            if score > best[0]:
                best = (score, position, rows)
    score, position, rows = best
    if not score:
        shown = ", ".join(rows[0][:8]) if (rows := next((s for s in sheets if s), [])) else ""
        expected = ", ".join(names[0] for names in aliases(layer).values())
        code = "unknown_format" if shown else "no_rows"
        report.add("error", code, layer, value=path.name, columns=shown, expected=expected)
        report.refuse_errors(path.name)
    return _frame(rows[position], rows[position + 1 :], layer, report)


def _frame(header: Sequence[str], rows: list[list[str]], layer: str, report: Report) -> pd.DataFrame:
    header = header[: max((n + 1 for n, cell in enumerate(header) if cell.strip()), default=0)]
    if len(header) > _WIDEST:
        report.add("error", "not_readable", layer, value=f"{len(header)} columns")
        report.refuse_errors()
    names = []
    for number, cell in enumerate(header):
        name = cell.strip() or f"column {number + 1}"
        names.append(name if name not in names else f"{name} {number + 1}")
    width = len(names)
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    torn = [number for number, row in enumerate(rows) if any(cell.strip() for cell in row[width:])]
    if torn:
        report.add("warning", "bad_rows", layer, row=torn[0] + 1, value=",".join(rows[torn[0]]), count=len(torn))
    lost = set(torn)
    kept = {number: (row + [""] * width)[:width] for number, row in enumerate(rows) if number not in lost}
    if not kept:
        report.add("error", "no_rows", layer)
        report.refuse_errors()
    return pd.DataFrame(list(kept.values()), columns=names, index=list(kept), dtype="str")


def _sheets(path: Path) -> list[list[list[str]]]:
    if path.suffix.lower() in SPREADSHEETS:
        return [[[_text(cell) for cell in row] for row in rows] for _name, rows in sheets(path)]
    if path.suffix.lower() == ".json":
        return [_json_rows(read_json(path))]
    return [list(csv.reader(io.StringIO(text := decoded(path.read_bytes())), delimiter=delimiter(text)))]


def _json_rows(content: Any) -> list[list[str]]:
    if isinstance(content, dict):
        content = next((value for value in content.values() if isinstance(value, list)), [])
    records = [record for record in content if isinstance(record, dict)]
    names = list(dict.fromkeys(str(name) for record in records for name in record))
    return [names, *([_text(record.get(name)) for name in names] for record in records)]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (dt.datetime, dt.date)):
        return cell.isoformat()[:10]
    return str(cell)


def decoded(content: bytes) -> str:
    """Text in UTF-8 (with or without BOM), UTF-16 or, failing these, Windows-1252."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def delimiter(text: str) -> str:
    """The delimiter that stands equally often in most lines (a decimal comma is absent from the header)."""
    lines = [line for line in text[:_SNIFF_BYTES].splitlines() if line.strip()][:_HEADER_WITHIN]

    def steadiness(mark: str) -> float:
        counts = [line.count(mark) for line in lines]
        return max((counts.count(n) for n in set(counts) if n), default=0)

    return max(_DELIMITERS, key=steadiness)
