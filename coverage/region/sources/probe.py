"""A first look at a file: enough to tell what kind it is."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyogrio

from coverage.region.sources.columns import plain
from coverage.region.sources.tabular import SPREADSHEETS, decoded, delimiter
from coverage.region.sources.vector import DAMAGED, VECTORS

_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Probe:
    """A first look at a file."""

    path: Path

    @property
    def suffix(self) -> str:
        """File ending in lower case."""
        return self.path.suffix.lower()

    @cached_property
    def head(self) -> str:
        """The beginning of the file as text."""
        if self.path.is_dir():
            return ""
        with self.path.open("rb") as stream:
            return decoded(stream.read(_HEAD_BYTES))

    @cached_property
    def columns(self) -> frozenset[str]:
        """Plain names of the columns, as far as a first look tells."""
        if self.suffix in VECTORS and self.suffix != ".json":
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    fields = pyogrio.read_info(self.path)["fields"]
            except DAMAGED:
                return frozenset()
            return frozenset(plain(name) for name in fields)
        first = self.head.split("\n", 1)[0]
        return frozenset(plain(name.strip('"')) for name in first.split(delimiter(self.head)))

    @property
    def is_table(self) -> bool:
        """Whether it is a CSV or a workbook."""
        return self.suffix in {".csv", ".tsv", ".txt", *SPREADSHEETS}

    @property
    def is_vector(self) -> bool:
        """Whether it is a vector file."""
        return self.suffix in VECTORS
