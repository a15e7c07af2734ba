"""Areas not to build on: forest estate, hazard zones, the spatial plan, land status."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.points import extent, text_of, unique_ids
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.sources.vector import placed, read_vector
from coverage.tables import EXCLUSION_KINDS, EXCLUSION_RULES

_FREE = "free"  # said, and nothing is restricted


@cache
def _patterns() -> dict[str, tuple[tuple[re.Pattern[str], str, str], ...]]:
    """Per kind the patterns of its classes, in order, with the rule of each and the name of a bare code."""
    found: dict[str, list[tuple[re.Pattern[str], str, str]]] = {kind: [] for kind in EXCLUSION_KINDS}
    for row in columns.table("exclusion_kinds").to_dict("records"):
        found[row["field"]].append((re.compile(row["pattern"]), row["rule"] or _FREE, row["name"]))
    return {kind: tuple(patterns) for kind, patterns in found.items()}


def read_exclusions(path: Path, context: Context, report: Report) -> Read:
    """Areas that touch the region with its margin; table *Exclusions* in EPSG:4326.

    The rule comes from the area's function as the source names it, by the patterns of
    ``data/sources/exclusion_kinds.csv``, unless the file has columns ``kind`` and ``rule``. Areas
    without restriction are left out and counted; so are those that do not tell.
    """
    raw = read_vector(path, "exclusions", report)
    source = columns.recognised(raw, "exclusions", "exclusion_file")
    fields = context.renamed(pd.DataFrame(raw), "exclusions", report)
    if not set(fields.columns) & {"rule", *EXCLUSION_KINDS}:
        shown = ", ".join(str(c) for c in raw.columns[:8])
        report.add("error", "unknown_format", "exclusions", value=path.name, columns=shown, expected=_expected())
    report.refuse_errors(path.name)
    frame = gpd.GeoDataFrame(fields, geometry="geometry", crs=raw.crs)
    frame = placed(frame, "exclusions", report, extent(context))
    frame = _clean(frame, context, report)
    kind, rule, name = _judged(frame)
    for code, found in (("exclusions_left_out", rule == _FREE), ("exclusions_not_told", rule == "")):
        if found.any():
            first = next(iter(name[found]))
            severity = "info" if code == "exclusions_left_out" else "warning"
            report.add(severity, code, "exclusions", value=first, count=int(found.sum()))  # type: ignore[arg-type]
    ids = unique_ids(text_of(frame, "exclusion_id"), name, "exclusions", report, "X")
    made = frame[["geometry"]].assign(exclusion_id=ids, kind=kind, rule=rule, exclusion_name=name)
    made = made[made["rule"].isin(EXCLUSION_RULES)].reset_index(drop=True)
    kept = made[["exclusion_id", "kind", "rule", "exclusion_name", "geometry"]]
    return Read(kept, source)


def _expected() -> str:
    known = columns.aliases("exclusions")
    return ", ".join(known[kind][1] for kind in EXCLUSION_KINDS)


def _clean(frame: gpd.GeoDataFrame, context: Context, report: Report) -> gpd.GeoDataFrame:
    """Valid polygons that touch the region with its margin."""
    geometry = frame.geometry.to_numpy().copy()
    invalid = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    geometry[invalid] = shapely.make_valid(geometry[invalid])
    frame = frame.set_geometry(geometry, crs=frame.crs)
    areal = np.isin(shapely.get_type_id(geometry), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    near = areal & shapely.intersects(geometry, shapely.box(*context.box))
    if not near.any():
        report.add("error", "outside_region", "exclusions")
        report.refuse_errors()
    kept: gpd.GeoDataFrame = frame[near].reset_index(drop=True)
    return kept


def _judged(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Kind, rule and name of each area; rule ``free`` or empty where nothing may be concluded."""
    kind, rule, name = (pd.Series("", index=frame.index, dtype="str") for _each in range(3))
    said_kind, said_rule = (text_of(frame, column).str.lower() for column in ("kind", "rule"))
    own = said_kind.isin(EXCLUSION_KINDS) & said_rule.isin(EXCLUSION_RULES)
    for each, patterns in _patterns().items():
        said = text_of(frame, each)
        found = [_rule(text, patterns) for text in said.str.lower()]
        rules, names = (pd.Series([one[n] for one in found], index=frame.index, dtype="str") for n in (0, 1))
        fits = (rule == "") & (said != "")
        kind, rule, name = (
            kind.mask(fits, each),
            rule.mask(fits, rules),
            name.mask(fits, names.where(names != "", said)),
        )
    kind, rule = kind.mask(own, said_kind), rule.mask(own, said_rule)
    written = text_of(frame, "exclusion_name")
    return kind, rule, name.mask(written != "", written)


def _rule(text: str, patterns: tuple[tuple[re.Pattern[str], str, str], ...]) -> tuple[str, str]:
    """Rule and, for a code, the name of what a source says; empty where no pattern fits."""
    return next(((rule, name) for pattern, rule, name in patterns if pattern.search(text)), ("", ""))


READERS = (Reader("exclusions", lambda p: p.is_vector, read_exclusions, rank=5),)
