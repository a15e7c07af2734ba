"""Lists of providers and their terms (the template of this project)."""

from __future__ import annotations

from pathlib import Path

from coverage.region.layers import dtypes, required
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.points import text_of
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.sources.tabular import read_table
from coverage.region.text import numbers
from coverage.tables import Providers

_YES = {"1", "ya", "yes", "true", "boleh", "benar"}


def read_providers(path: Path, context: Context, report: Report) -> Read:
    """A table *Providers*: every required column is needed, since every one is money or law."""
    frame = context.renamed(read_table(path, "providers", report), "providers", report)
    needed = required(Providers)
    columns.require(frame, "providers", needed, report)
    report.refuse_errors(path.name)
    kinds = {name: kind for name, kind in dtypes(Providers).items() if name in frame.columns}
    frame = frame[list(kinds)].copy()
    for name, kind in kinds.items():
        if kind == "float64":
            values = numbers(frame[name])
            lacking = values.isna() & ((name in needed) | (text_of(frame, name) != ""))
            report.add_rows("error", "wrong_type_number", "providers", frame[name][lacking], name)
            frame[name] = values
        elif kind == "bool":
            frame[name] = text_of(frame, name).str.lower().isin(_YES)
        else:
            frame[name] = text_of(frame, name)
    report.refuse_errors(path.name)
    return Read(frame.reset_index(drop=True), columns.sources()["provider_table"])


READERS = (Reader("providers", lambda p: p.is_table, read_providers),)
