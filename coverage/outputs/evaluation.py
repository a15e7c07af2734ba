"""The evaluation report: an annex to the regency's yearly self-assessment, as PDF and as workbook.

Both are in Indonesian, hold the same content and come out byte for byte the same for the same
analysis. Text from files is never markup and never a formula.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter

from coverage.indicators import SCALE, by_dimension, label
from coverage.language import _, date, number, using
from coverage.outputs.evaluation_content import Block, Report, report, said
from coverage.outputs.tables import data_date
from coverage.outputs.typeset import typeset
from coverage.region.text import harmless

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_TEMPLATE = Path(__file__).with_name("evaluation.typ")
#: Stands for "now" wherever a file must hold a time.
_CREATED = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_FORMATS = {"share": "0%", "score": "0.00", "count": "0", "measure": "0.0"}
_SHEET_NAME_LIMIT = 31
_SHEET_WIDTH = 46


def evaluation_pdf(analysis: Analysis, now: Mapping[str, float] | None = None) -> bytes:
    """The report as A4 pages.

    The five dimensions in the ministry's order, every indicator achieved and projected with what
    it rests on, pillars, programmes, districts, what is left out, evidence with sources, method,
    and macro effects only as a side note. Sample data carry the watermark.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    now : mapping, optional
        The ministry's scores of today per dimension (0 to 4): they are not public.

    Returns
    -------
    bytes
        A PDF.
    """
    with using("id"):
        told = report(analysis, now)
        data = {
            "report": _plain(told),
            "bars": _bars(analysis, told.gain_digits),
            "say": {
                "gain": _("Index gain per dimension, with its range"),
                "sources": _("Sources of the indicators"),
                "method": _("How it was calculated, and what is judgement"),
                "page": _("page"),
                "judgement": _("judgement"),
            },
            "date": _("Data of {date}").format(date=date(dt.date.fromisoformat(data_date(analysis)))),
        }
    return typeset(_TEMPLATE, data)


def evaluation_xlsx(analysis: Analysis, now: Mapping[str, float] | None = None) -> bytes:
    """The same content as a workbook: one sheet per block, numbers as numbers.

    Parameters
    ----------
    analysis, now
        As for :func:`evaluation_pdf`.

    Returns
    -------
    bytes
        An XLSX file.
    """
    stream = io.BytesIO()
    with using("id"), xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False}) as book:
        told = report(analysis, now)
        book.set_properties({"title": told.title, "created": _CREATED.replace(tzinfo=None)})
        styles = _styles(book, told.gain_digits)
        _summary(book, told, styles)
        for block in told.blocks:
            _sheet(book, told, block, styles)
    return stream.getvalue()


def _plain(told: Report) -> dict[str, Any]:
    """The report as text."""
    blocks = [
        {
            "key": block.key,
            "title": block.title,
            "note": block.note,
            "heads": [column.label for column in block.columns],
            "widths": [column.width for column in block.columns],
            "rows": [[said(cell, told.gain_digits) for cell in row] for row in block.rows],
            "left": [all(row[i].kind == "text" for row in block.rows) for i in range(len(block.columns))],
        }
        for block in told.blocks
    ]
    return {**{k: v for k, v in vars(told).items() if k not in ("blocks", "gain_digits")}, "blocks": blocks}


def _bars(analysis: Analysis, digits: int) -> list[dict[str, Any]]:
    """Bars of the dimensions as shares of the longest range."""
    table = by_dimension(analysis.scores, analysis.framework, analysis.assumptions)
    most = float(table["gain_high"].max()) or SCALE
    return [
        {
            "name": label(row["dimension"]),
            "said": "+" + number(row["gain"], digits),
            "gain": row["gain"] / most,
            "low": row["gain_low"] / most,
            "high": row["gain_high"] / most,
        }
        for row in table.to_dict("records")
    ]


def _styles(book: Any, digits: int) -> dict[str, Any]:
    formats = {**_FORMATS, "gain": "0." + "0" * (digits + 1)}
    styles = {kind: book.add_format({"num_format": form, "valign": "top"}) for kind, form in formats.items()}
    return styles | {
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E3EEEA"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "warning": book.add_format({"bold": True, "font_color": "#7A2E00"}),
    }


def _top(sheet: Any, told: Report, title: str, styles: Mapping[str, Any]) -> int:
    """Title, warning and watermark of a sheet; the row after them."""
    sheet.write_string(0, 0, title, styles["title"])
    sheet.write_string(1, 0, " · ".join(t for t in (told.warning, told.watermark) if t), styles["warning"])
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    return 3


def _summary(book: Any, told: Report, styles: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(_("Summary"))
    row = _top(sheet, told, told.title, styles)
    sheet.set_column(0, 0, _SHEET_WIDTH)
    sheet.set_column(1, 1, 2 * _SHEET_WIDTH)
    lines = [(harmless(told.subtitle), told.headline), *[(what, value) for value, what in told.figures]]
    lines += [("", line) for line in told.sentences]
    lines += [(_("How it was calculated, and what is judgement"), line) for line in told.method]
    lines += [(_("Side note"), told.side_note)]
    for name, text in lines:
        sheet.write_string(row, 0, name, styles["text"])
        sheet.write_string(row, 1, text, styles["text"])
        row += 1
    for i, text in enumerate(told.sources, start=1):
        sheet.write_string(row, 0, _("source [{number}]").format(number=i), styles["text"])
        sheet.write_string(row, 1, harmless(text), styles["text"])
        row += 1


def _sheet(book: Any, told: Report, block: Block, styles: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet(_sheet_name(block.title, {s.get_name() for s in book.worksheets()}))
    row = _top(sheet, told, block.title, styles)
    if block.note:
        sheet.write_string(row - 1, 0, block.note)
    for position, column in enumerate(block.columns):
        sheet.write_string(row, position, column.label, styles["head"])
        sheet.set_column(position, position, 8 * column.width if column.width else 12)
    for cells in block.rows:
        row += 1
        for position, cell in enumerate(cells):
            if isinstance(cell.value, str):
                sheet.write_string(row, position, harmless(cell.value), styles["text"])
            elif cell.value is not None and cell.value == cell.value:  # NaN stays empty
                sheet.write_number(row, position, float(cell.value), styles[cell.kind])


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that Excel takes: no more than 31 characters, none of its marks, not taken yet."""
    name = "".join("-" if c in "[]:*?/\\" else c for c in title).strip("'")[:_SHEET_NAME_LIMIT]
    return name if name not in taken else f"{name[: _SHEET_NAME_LIMIT - 2]} {len(taken)}"
