"""Column names of the public sources, read from ``data/sources``: data, not code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from coverage.region.quality import Report

FOLDER = Path(__file__).parents[3] / "data" / "sources"


@dataclass(frozen=True)
class Source:
    """Where a kind of file comes from: label, licence, kind of layer and address."""

    name: str
    layer: str
    title: str
    licence: str
    kind: str
    url: str
    signature: tuple[str, ...]

    @property
    def label(self) -> str:
        """Label with the address, as it stands in a layer's provenance."""
        return f"{self.title} {self.url}".strip()


def table(name: str) -> pd.DataFrame:
    """A table of ``data/sources`` as text."""
    return pd.read_csv(FOLDER / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8")


@cache
def sources() -> dict[str, Source]:
    """All sources that are known by name."""
    return {
        r["source"]: Source(
            r["source"],
            r["layer"],
            r["title"],
            r["licence"],
            r["kind"],
            r["url"],
            tuple(plain(c) for c in r["signature"].split(";") if c),
        )
        for r in table("sources").to_dict("records")
    }


@cache
def aliases(layer: str) -> dict[str, tuple[str, ...]]:
    """For each field of a kind of file, the names under which the sources have it, best first."""
    rows = table("aliases")
    rows = rows[rows["layer"] == layer]
    return {
        r["field"]: tuple(dict.fromkeys([plain(r["field"]), *(plain(a) for a in r["aliases"].split(";"))]))
        for r in rows.to_dict("records")
    }


def plain(name: str) -> str:
    """A column name without case, spaces and punctuation: ``Kode Kel./Desa`` is ``kode_kel_desa``."""
    return re.sub(r"[^a-z0-9]+", "_", str(name).strip().lower()).strip("_")


def renamed(frame: pd.DataFrame, layer: str) -> pd.DataFrame:
    """The frame with its columns named by field; a field without a known column is absent.

    Other columns are dropped; ``geometry`` stays.
    """
    by_plain: dict[str, str] = {}
    for column in frame.columns:
        by_plain.setdefault(plain(column), column)
    found: dict[str, str] = {}
    for field, names in aliases(layer).items():
        match = next((by_plain[name] for name in names if by_plain.get(name, "") not in {"", *found}), "")
        if match:
            found[match] = field
    keep = list(found) + (["geometry"] if "geometry" in frame.columns else [])
    return frame[keep].rename(columns=found)


def recognised(frame: pd.DataFrame, layer: str, default: str) -> Source:
    """Which source the columns betray; ``default`` where none does."""
    have = {plain(column) for column in frame.columns}
    for source in sources().values():
        if source.layer == layer and source.signature and have.issuperset(source.signature):
            return source
    return sources()[default]


def require(frame: pd.DataFrame, layer: str, fields: tuple[str, ...], report: Report) -> None:
    """Note every field that is missing, with the names under which it would be found."""
    for field in fields:
        if field not in frame.columns:
            names = ", ".join(aliases(layer)[field])
            report.add("error", "missing_column", layer, column=field, aliases=names)
