"""Schools, health centres, village halls and other public places."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np

from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.points import (
    as_points,
    is_overpass,
    located,
    raw_points,
    text_of,
    unique_ids,
    villages_of,
)
from coverage.region.sources.probe import Probe
from coverage.region.sources.registry import Context, Read, Reader
from coverage.tables import FACILITY_KINDS

_YES, _NO = {"1", "ya", "yes", "true", "ada", "online"}, {"0", "tidak", "no", "false", "tidak ada", "offline"}


@cache
def _kinds() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = columns.table("facility_kinds").to_dict("records")
    return tuple((re.compile(str(r["pattern"]), re.IGNORECASE), str(r["kind"])) for r in rows)


def kind_of(kind: str, name: str) -> str:
    """Kind of a facility from what the file calls it, else from its name; empty where neither tells."""
    if kind in FACILITY_KINDS:
        return kind
    for text in (kind, name):
        for pattern, found in _kinds():
            if text and pattern.search(text):
                return found
    return ""


def read_facilities(path: Path, context: Context, report: Report) -> Read:
    """Facilities with the village they stand in; table *Facilities* in EPSG:4326.

    Places outside the region, districts that contradict the address and identifiers used twice are
    told; rows whose kind cannot be told are left out.
    """
    raw = raw_points(path, "facilities", context, report)
    source = "facility_vector" if Probe(path).is_vector else "facility_table"
    frame = context.renamed(raw, "facilities", report)
    columns.require(frame, "facilities", ("facility_name",), report)
    report.refuse_errors(path.name)
    frame["facility_name"] = text_of(frame, "facility_name")
    frame["kind"] = [
        kind_of(kind, name) for kind, name in zip(text_of(frame, "kind"), frame["facility_name"], strict=True)
    ]
    unknown = frame["kind"] == ""
    report.add_rows("warning", "unknown_kind", "facilities", frame["facility_name"][unknown])
    frame["facility_id"] = unique_ids(text_of(frame, "facility_id"), frame["facility_name"], "facilities", report, "F")
    frame = located(frame[~unknown], "facilities", context, report)
    frame = villages_of(frame, "facilities", context, report, context.assumptions["region.border_tolerance_m"])
    kept = frame[["facility_id", "facility_name", "kind", "village_code", "lon", "lat"]]
    if "online" in frame.columns:
        said = text_of(frame, "online").str.lower()
        kept = kept.assign(online=np.where(said.isin(_YES), 1.0, np.where(said.isin(_NO), 0.0, np.nan)))
    return Read(as_points(kept), columns.sources()[source])


READERS = (Reader("facilities", lambda p: p.is_table or p.is_vector or is_overpass(p), read_facilities, rank=5),)
