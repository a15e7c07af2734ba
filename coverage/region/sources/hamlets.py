"""Hamlet points (dusun) from tables, point files or OpenStreetMap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.points import is_overpass, located, raw_points, text_of, unique_ids, villages_of
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.text import numbers


def read_hamlets(path: Path, context: Context, report: Report) -> Read:
    """Hamlets with the village they stand in.

    Returns
    -------
    Read
        ``frame``: ``settlement_id, settlement_name, village_code, population`` (``NaN`` where the
        file has none), ``lon, lat``.
    """
    frame = context.renamed(raw_points(path, "settlements", context, report), "settlements", report)
    frame = located(frame, "settlements", context, report)
    tolerance = context.assumptions["region.border_tolerance_m"]
    frame = villages_of(frame, "settlements", context, report, tolerance)
    names = context.villages.set_index("village_code")["village_name"]
    frame["settlement_name"] = text_of(frame, "settlement_name")
    unnamed = frame["settlement_name"] == ""
    frame["settlement_name"] = frame["settlement_name"].where(~unnamed, frame["village_code"].map(names))
    written = text_of(frame, "settlement_id")
    frame["settlement_id"] = unique_ids(written, frame["settlement_name"], "settlements", report, "D")
    has_people = "population" in frame.columns
    people = numbers(frame["population"], whole=True) if has_people else pd.Series(np.nan, index=frame.index)
    negative = people < 0
    report.add_rows("warning", "negative", "settlements", people[negative], "population")
    frame["population"] = people.where(~negative)
    kept = ["settlement_id", "settlement_name", "village_code", "population", "lon", "lat"]
    return Read(frame[kept].reset_index(drop=True), columns.sources()["hamlet_points"])


READERS = (Reader("settlements", lambda p: p.is_table or p.is_vector or is_overpass(p), read_hamlets, rank=5),)
