"""Lists of towers: of the regency, of operators, of BAKTI, and of OpenStreetMap."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.opencellid import looks_like, read_opencellid
from coverage.region.sources.points import is_overpass, located, raw_points, text_of
from coverage.region.sources.probe import Probe
from coverage.region.sources.radios import as_radios
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.text import numbers

_SEPARATORS = re.compile(r"\s*(?:[;,/&+|]|\bdan\b|\band\b)\s*", re.IGNORECASE)
#: Numbers of schools and of health centres: no list of towers has them.
_OF_FACILITIES = {"npsn", "kode_faskes"}
_GENERATIONS = (
    (re.compile(r"2\s*g|gsm|edge", re.IGNORECASE), "2g"),
    (re.compile(r"3\s*g|umts|hspa|wcdma", re.IGNORECASE), "3g"),
    (re.compile(r"4\s*g|lte", re.IGNORECASE), "4g"),
    (re.compile(r"5\s*g|\bnr\b", re.IGNORECASE), "5g"),
)


@cache
def _names() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = columns.table("operator_names").to_dict("records")
    return tuple((re.compile(str(r["pattern"]), re.IGNORECASE), str(r["operator"])) for r in rows)


def operators_in(text: str) -> list[str]:
    """Operators named in a cell of a list, each once, by their present name."""
    found = []
    for part in _SEPARATORS.split(text):
        name = next((operator for pattern, operator in _names() if pattern.search(part)), part.strip())
        if name and name not in found and name not in {"-", "0", "kosong", "tidak ada"}:
            found.append(name)
    return found


def technologies_in(text: str) -> list[str]:
    """Generations named in a cell of a list: ``2G/4G`` is 2g and 4g."""
    return [code for pattern, code in _GENERATIONS if pattern.search(text)]


def read_towers(path: Path, context: Context, report: Report) -> Read:
    """One row per tower, operator and technology; a tower without known tenants is one row of its own."""
    raw = raw_points(path, "cells", context, report)
    if _OF_FACILITIES & {columns.plain(column) for column in raw.columns}:
        report.add("error", "facilities_for_towers", "cells", value=path.name)
        report.refuse_errors(path.name)
    overpass = is_overpass(Probe(path))
    source = "overpass_towers" if overpass else columns.recognised(raw, "cells", "tower_list").name
    frame = context.renamed(raw, "cells", report)
    frame = located(frame, "cells", context, report)
    west, south, east, north = context.box
    inside = frame["lon"].between(west, east) & frame["lat"].between(south, north)
    if (~inside).any():
        report.add("info", "outside_many", "cells", count=int((~inside).sum()))
    frame = frame[inside]
    operators = [operators_in(text) for text in text_of(frame, "operators")]
    technologies = [technologies_in(text) for text in text_of(frame, "technologies")]
    untold = sum(bool(o) and not t for o, t in zip(operators, technologies, strict=True))
    if untold:
        report.add("warning", "assumed_technology", "cells", count=untold)
    heights = numbers(frame["height_m"]) if "height_m" in frame.columns else pd.Series(np.nan, frame.index)
    frequency = numbers(frame["frequency_mhz"]) if "frequency_mhz" in frame.columns else pd.Series(np.nan, frame.index)
    stations = text_of(frame, "site_id")
    owners = text_of(frame, "owner")
    rows: list[dict[str, Any]] = []
    for position, (row, own, techs) in enumerate(zip(frame.index, operators, technologies, strict=True)):
        station = stations[row] or f"row {row + 1}"
        base = {
            "station": f"{path.name}:{station}",
            "lon": frame["lon"].iloc[position],
            "lat": frame["lat"].iloc[position],
            "position_uncertainty_m": context.assumptions["region.tower_position_m"],
            "height_m": heights[row] if heights[row] > 0 else np.nan,
            "frequency_mhz": frequency[row],
            "owner": owners[row],
        }
        pairs = [(o, t) for o in own for t in (techs or ["4g"])] or [("", "")]
        rows.extend({**base, "operator": o, "technology": t, "radio_id": f"{station}-{o}-{t}"} for o, t in pairs)
    if not any(operators):
        report.add("warning", "towers_without_operators", "cells", value=path.name)
    said = "partial" if source in {"overpass_towers", "bakti_list"} else "unknown"
    completeness = dict.fromkeys(sorted({o for own in operators for o in own}), said)
    return Read(as_radios(pd.DataFrame(rows)), columns.sources()[source], "", completeness)


def _opencellid(path: Path, context: Context, report: Report) -> Read:
    return read_opencellid(path, context.box, context.assumptions, report)


READERS = (
    Reader("cells", lambda p: looks_like(p.head), _opencellid, rank=0),
    Reader("cells", lambda p: p.is_table or p.is_vector or is_overpass(p), read_towers, rank=5),
)
