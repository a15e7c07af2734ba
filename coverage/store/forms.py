"""The form for collecting reports of signal without a network: a sheet to fill in, and its reading."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.errors import InputError, JangkauError
from coverage.language import _, mark
from coverage.region.text import harmless
from coverage.store.evidence import Report, check_report

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: Columns of the sheet, the same in every language, for the offices exchange it.
CODE, NAME, HAMLET, DATE, REPORTER, ALL, REMARK = (
    "kode_desa", "nama_desa", "dusun", "tanggal", "pelapor", "semua_operator", "catatan",
)  # fmt: skip
_SIGNAL = "sinyal "
_WORDS = {"tidak ada": "none", "lemah": "weak", "baik": "served"}
_YES = frozenset({"ya", "y", "yes", "1", "true"})
_ROWS = 200
_SHOWN = 20
_HINT = mark("One row for each place and day. Signal: tidak ada, lemah or baik; leave empty what nobody looked at.")


def sheet_columns(operators: Sequence[str]) -> list[str]:
    """The headings of the sheet."""
    return [CODE, NAME, HAMLET, DATE, REPORTER, *(f"{_SIGNAL}{name}" for name in operators), ALL, REMARK]


def _first_rows(villages: gpd.GeoDataFrame, operators: Sequence[str]) -> list[list[str]]:
    rest = [""] * (len(sheet_columns(operators)) - 2)
    rows = zip(villages["village_code"], villages["village_name"], strict=True)
    return [[str(code), harmless(str(name)), *rest] for code, name in rows]


def form_csv(villages: gpd.GeoDataFrame, operators: Sequence[str]) -> bytes:
    """The sheet as CSV (UTF-8 with mark, semicolons): one row a village, to be filled in or copied.

    Parameters
    ----------
    villages : GeoDataFrame
        :class:`coverage.tables.Villages`: all, or those of one office.
    operators : sequence of str
        One column for each.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(name) for name in sheet_columns(operators)])
    writer.writerows(_first_rows(villages, operators))
    return stream.getvalue().encode("utf-8-sig")


def form_xlsx(villages: gpd.GeoDataFrame, operators: Sequence[str]) -> bytes:
    """The sheet as a workbook, with a choice of words for every signal; the same bytes each time."""
    import xlsxwriter

    stream = io.BytesIO()
    columns, rows = sheet_columns(operators), _first_rows(villages, operators)
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})
        sheet = book.add_worksheet("sinyal")
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet.write_string(0, 0, _(_HINT))
        sheet.set_column(0, len(columns) - 1, 18, text)
        for column, name in enumerate(columns):
            sheet.write_string(1, column, name, bold)
        for number, row in enumerate(rows, start=2):
            for column, value in enumerate(row[:2]):
                sheet.write_string(number, column, value, text)
        last = 1 + max(len(rows), _ROWS)
        for column, name in enumerate(columns):
            words = list(_WORDS) if name.startswith(_SIGNAL) else ["ya", "tidak"] if name == ALL else []
            if words:
                sheet.data_validation(2, column, last, column, {"validate": "list", "source": words})
        sheet.freeze_panes(2, 2)
    return stream.getvalue()


def read_form(path: Path, villages: gpd.GeoDataFrame, settlements: gpd.GeoDataFrame) -> list[Report]:
    """The reports of a filled sheet (CSV or XLSX); rows without any signal are left out.

    Parameters
    ----------
    villages, settlements : GeoDataFrame
        Of the region: only its villages and hamlets may be reported on.

    Raises
    ------
    InputError
        Where the file cannot be read, or with every row that is not right at once: then nothing of
        it is taken.
    """
    from coverage.region import Report as Quality
    from coverage.region.sources.tabular import read_table

    frame = read_table(path, "evidence", Quality()).fillna("")
    frame.columns = [str(name).strip() for name in frame.columns]
    if missing := {CODE, DATE, REPORTER} - set(frame.columns):
        raise InputError(_("This is not the form for reports"), where=f"{path.name}: {', '.join(sorted(missing))}")
    hamlets = {
        (str(code), str(name).strip().casefold()): str(hamlet)
        for code, name, hamlet in zip(
            settlements["village_code"], settlements["settlement_name"], settlements["settlement_id"], strict=True
        )
    }
    known = set(villages["village_code"])
    found: list[Report] = []
    problems: list[str] = []
    for position, row in frame.iterrows():
        try:
            made = _report(row, known, hamlets)
        except JangkauError as error:
            problems.append(_("row {row}: {problem}").format(row=int(str(position)) + 1, problem=error))
        else:
            found += [made] if made is not None else []
    if problems:
        shown = "\n".join(f"  - {line}" for line in problems[:_SHOWN])
        raise InputError(
            _("{count} rows of the form are not right").format(count=len(problems)), where=path.name, todo=f"\n{shown}"
        )
    return found


def _report(row: pd.Series, known: set[str], hamlets: dict[tuple[str, str], str]) -> Report | None:
    cell = {str(name): str(value).strip() for name, value in row.items()}
    said = {
        name.removeprefix(_SIGNAL): value.casefold()
        for name, value in cell.items()
        if name.startswith(_SIGNAL) and value
    }
    if not said:
        return None
    if cell[CODE] not in known:
        raise InputError(_("There is no such village in the region"), where=cell[CODE][:40])
    hamlet = cell.get(HAMLET, "")
    settlement = hamlets.get((cell[CODE], hamlet.casefold()), "") if hamlet else ""
    if hamlet and not settlement:
        raise InputError(_("There is no such hamlet in the village"), where=hamlet[:40])
    made = Report(
        village_code=cell[CODE],
        signals={name: _WORDS.get(value, value) for name, value in said.items()},
        date=cell[DATE],
        reporter=cell[REPORTER],
        settlement_id=settlement,
        everyone=cell.get(ALL, "").casefold() in _YES,
        remark=cell.get(REMARK, ""),
    )
    check_report(made)
    return made
