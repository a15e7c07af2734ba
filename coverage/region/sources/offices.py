"""Village halls from PODES: where they stand (R307B) and whether their internet works (R1006B)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from coverage.region.layers import CRS
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.evidence import coded
from coverage.region.sources.points import as_points, extent, text_of
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.sources.tabular import read_table
from coverage.region.text import numbers

_NEEDED = {"iddesa", "r1006b"}


@cache
def _answers() -> dict[str, float]:
    rows = columns.table("office_internet").to_dict("records")
    return {str(row["value"]): float(row["online"]) for row in rows}


def read_offices(path: Path, context: Context, report: Report) -> Read:
    """The hall of every village of a PODES table; table *Facilities* in EPSG:4326.

    Only internet that works counts as online. A hall whose coordinates are missing, or lie far from
    its village, is set in the village's largest hamlet, and told.
    """
    frame = context.renamed(read_table(path, "facilities", report), "facilities", report)
    frame = coded(frame, "facilities", context, report).drop_duplicates("village_code")
    answers = text_of(frame, "office_internet").str.removesuffix(".0").map(_answers()).astype(float)
    villages = context.villages.set_index("village_code")
    word = np.where(frame["village_code"].isin(_urban(context)), "Kantor Kelurahan ", "Kantor Desa ")
    lon, lat, estimated = _places(frame, context)
    if estimated.any():
        first = frame["village_code"][estimated].iloc[0]
        report.add("info", "offices_estimated", "facilities", row=first, count=int(estimated.sum()))
    made = pd.DataFrame(
        {
            "facility_id": "podes-" + frame["village_code"],
            "facility_name": word + frame["village_code"].map(villages["village_name"]),
            "kind": "village_hall",
            "village_code": frame["village_code"],
            "online": answers,
            "lon": lon,
            "lat": lat,
        }
    ).sort_values("facility_id", ignore_index=True)
    return Read(as_points(made), columns.sources()["podes_offices"])


def _urban(context: Context) -> set[str]:
    """Codes of kelurahan."""
    if "kind" not in context.villages.columns:
        return set()
    return set(context.villages["village_code"][context.villages["kind"] == "kelurahan"])


def _places(frame: pd.DataFrame, context: Context) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Longitude and latitude of each hall, and whether they are our estimate."""
    empty = pd.Series(np.nan, index=frame.index)
    lon, lat = (numbers(frame[name]) if name in frame.columns else empty for name in ("lon", "lat"))
    limits = extent(context)
    inside = lon.between(limits["west"], limits["east"]) & lat.between(limits["south"], limits["north"])
    to_metres = pyproj.Transformer.from_crs(CRS, context.crs, always_xy=True)
    points = shapely.points(*to_metres.transform(lon.where(inside, 0.0).to_numpy(), lat.where(inside, 0.0).to_numpy()))
    position = pd.Index(context.villages["village_code"]).get_indexer(frame["village_code"])
    outlines = context.villages.to_crs(context.crs).geometry.to_numpy()[position]
    away = shapely.distance(outlines, points)
    fits = inside & (away <= context.assumptions["region.border_tolerance_m"])
    middles = _middles(context).loc[frame["village_code"]]
    return lon.where(fits, middles["lon"].to_numpy()), lat.where(fits, middles["lat"].to_numpy()), ~fits


def _middles(context: Context) -> pd.DataFrame:
    """Per village the place of its largest hamlet, else a point inside it."""
    inner = context.villages.geometry.representative_point()
    middles = pd.DataFrame(
        {"lon": inner.x.to_numpy(), "lat": inner.y.to_numpy()}, index=context.villages["village_code"]
    )
    hamlets = context.settlements
    if hamlets is None or not len(hamlets):
        return middles
    order = hamlets.sort_values(["population", "settlement_id"], ascending=[False, True])
    largest = order.drop_duplicates("village_code").set_index("village_code").geometry
    middles.loc[largest.index, "lon"], middles.loc[largest.index, "lat"] = largest.x, largest.y
    return middles


READERS = (Reader("facilities", lambda p: p.is_table and p.columns >= _NEEDED, read_offices, rank=1),)
