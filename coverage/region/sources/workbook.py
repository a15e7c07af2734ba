"""Workbooks and JSON as people hand them in: read only where what they hold is of a bearable size.

A workbook of a kilobyte can name a cell so far out that its table would fill the memory, or unpack
to many gigabytes. Both are seen here before the reader is let at it.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import python_calamine

#: The most that a workbook may hold once unpacked, and the most cells that its largest sheet may span.
LIMIT_BYTES = 512 * 1024**2
LIMIT_CELLS = 20_000_000
_BLOCK = 1 << 20
_TAIL = 64  # a mark may stand across two blocks
#: Where cells and rows of XLSX say that they stand.
_CELL = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,3})([0-9]{1,10})[\"']")
_ROW, _UNPLACED = re.compile(rb"<(?:\w+:)?row\b"), re.compile(rb"<(?:\w+:)?c(?=[\s/>])")
#: What reading a workbook raises where it is damaged.
DAMAGED = (
    OSError, ValueError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile, python_calamine.CalamineError,
)  # fmt: skip


class TooLargeError(ValueError):
    """A file that would fill the memory."""


def sheets(path: Path, *, whole: bool = False) -> Iterator[tuple[str, list[list[Any]]]]:
    """Names and cells of the sheets of a workbook.

    Parameters
    ----------
    whole : bool
        From the sheet's first cell on, so that rows are counted as the file counts them; by default
        from the first cell that holds something.

    Raises
    ------
    TooLargeError
        Where it would fill the memory.
    OSError, ValueError, RuntimeError, zipfile.BadZipFile, CalamineError
        Where it is damaged (:data:`DAMAGED`).
    """
    if zipfile.is_zipfile(path):
        _measure(path)
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=not whole)


def _measure(path: Path) -> None:
    """Unpack everything once and count: what an archive says of its own sizes need not be true."""
    total = 0
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            look = _Ods() if entry.filename == "content.xml" else _Xlsx()
            with archive.open(entry) as stream:
                while block := stream.read(_BLOCK):
                    total += len(block)
                    look.feed(block)
                    if total > LIMIT_BYTES or look.columns * look.rows > LIMIT_CELLS:
                        raise TooLargeError(path.name)


class _Xlsx:
    """How far out the cells of a sheet stand."""

    def __init__(self) -> None:
        self.columns = self.rows = 1
        self._tail = b""
        self._cells = 0

    def feed(self, block: bytes) -> None:
        text = self._tail + block
        for letters, digits in set(_CELL.findall(text)):
            self.columns, self.rows = max(self.columns, _column(letters)), max(self.rows, int(digits))
        self._tail = text[-_TAIL:]
        first, *others = _ROW.split(block)  # cells need not say where they stand: then they follow each other
        self._cells += len(_UNPLACED.findall(first))
        for part in others:
            self.columns = max(self.columns, self._cells)
            self._cells = len(_UNPLACED.findall(part))
        self.columns = max(self.columns, self._cells)


class _Ods:
    """How far out the cells of a sheet stand that hold something; they say how often they are repeated."""

    def __init__(self) -> None:
        self.columns = self.rows = 1
        self._row = self._column = self._repeated = 0
        self._holds = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, block: bytes) -> None:
        try:
            self._parser.Parse(block, False)
        except expat.ExpatError as error:
            raise ValueError("no XML") from error

    def _doctype(self, *_said: object) -> None:
        raise ValueError("a workbook declares nothing of its own")

    def _start(self, name: str, said: dict[str, str]) -> None:
        if name == "table:table":
            self._row = 0
        elif name == "table:table-row":
            self._column, self._holds = 0, False
            self._repeated = int(said.get("table:number-rows-repeated", 1))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._column += int(said.get("table:number-columns-repeated", 1))
            if "office:value-type" in said or "table:formula" in said:
                self._holds = True
                self.columns = max(self.columns, self._column)

    def _end(self, name: str) -> None:
        if name == "table:table-row":
            self._row += self._repeated
            if self._holds:
                self.rows = max(self.rows, self._row)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return max(number, 1)


def read_json(path: Path) -> Any:
    """Content of a JSON file in UTF-8, with or without its mark.

    Raises
    ------
    ValueError
        Where it is no JSON, or nested deeper than anything that is data.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
