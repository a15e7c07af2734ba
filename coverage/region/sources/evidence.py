"""What was reported or measured about villages: PODES, IDM, Ookla tiles, the regency's own lists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from coverage.region.joins import codes_of, match_names
from coverage.region.layers import dtypes
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.points import extent, located, text_of, villages_of
from coverage.region.sources.probe import Probe
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.sources.tabular import read_table
from coverage.region.sources.towers import operators_in
from coverage.region.sources.workbook import read_json
from coverage.region.text import name_key, numbers, village_codes
from coverage.tables import ACCESS_CLASSES, EVIDENCE_METHODS, Evidence

_KBIT = 1000.0
_COLUMNS = [*dtypes(Evidence)]
#: A list that Jangkau itself wrote holds what the model says: that is no evidence.
_CALCULATED = ("modelled", "perhitungan")
_POWERS_DBM = (-150.0, -30.0)  # what a phone can report as RSRP, and some
_IDM = {"skor sinyal tlp": "idm_signal", "skor akses internet warga": "idm_internet"}
_QUARTER_MONTH = 3


@cache
def _classes() -> dict[tuple[str, str], str]:
    rows = columns.table("evidence_classes").to_dict("records")
    return {(str(r["field"]), str(r["value"])): str(r["access_class"]) for r in rows}


def coded(frame: pd.DataFrame, layer: str, context: Context, report: Report) -> pd.DataFrame:
    """Rows with ``village_code``; those that match no village are told and left out.

    Raises
    ------
    QualityError
        Where the rows have BPS codes and no crosswalk of the region is known.
    """
    codes = codes_of(frame, context.reference, layer, report)
    missing = codes == ""
    has_codes = pd.Series(False, index=frame.index)
    for column in ("kemendagri_code", "bps_code"):
        if column in frame.columns:
            has_codes |= village_codes(frame[column]) != ""
    by_name = missing & ~has_codes
    if by_name.any():
        codes[by_name] = match_names(frame[by_name], context.reference, context.likeness, layer, report)
    if (codes == "").all() and "bps_code" in frame.columns and not (context.reference["bps_code"] != "").any():
        report.add("error", "no_crosswalk", layer)
        report.refuse_errors()
    elsewhere = int((missing & has_codes).sum())  # a national table: rows of other regencies are no fault
    if elsewhere:
        report.add("info", "outside_many", layer, count=elsewhere)
    return frame.assign(village_code=codes)[codes != ""]


def _where(frame: pd.DataFrame, context: Context, report: Report) -> pd.DataFrame:
    """Rows that name no village but have coordinates get the code of the village they lie in."""
    named = {"kemendagri_code", "bps_code", "village_name"} & set(frame.columns)
    if named or not {"lon", "lat"} <= set(frame.columns):
        return frame
    placed = located(frame, "evidence", context, report)
    placed = villages_of(placed, "evidence", context, report, context.assumptions["region.border_tolerance_m"])
    return placed.rename(columns={"village_code": "kemendagri_code"})


def _settled(frame: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Rows with the hamlet they speak of: by its name, else the nearest of their village to their coordinates."""
    hamlets = context.settlements
    if hamlets is None or not {"settlement_name", "lon"} & set(frame.columns):
        return frame
    names = {
        (code, name_key(str(name))): hamlet
        for code, name, hamlet in zip(
            hamlets["village_code"], hamlets["settlement_name"], hamlets["settlement_id"], strict=True
        )
    }
    said = text_of(frame, "settlement_name")
    found = [names.get((code, name_key(name)), "") for code, name in zip(frame["village_code"], said, strict=True)]
    lon = numbers(frame["lon"]) if "lon" in frame.columns else pd.Series(np.nan, index=frame.index)
    lat = numbers(frame["lat"]) if "lat" in frame.columns else pd.Series(np.nan, index=frame.index)
    for position, (code, x, y) in enumerate(zip(frame["village_code"], lon, lat, strict=True)):
        own = hamlets[hamlets["village_code"] == code]
        if not found[position] and len(own) and np.isfinite(x) and np.isfinite(y):
            found[position] = own["settlement_id"].iloc[
                int(np.argmin(shapely.distance(own.geometry, shapely.Point(x, y))))
            ]
    return frame.assign(settlement_id=pd.Series(found, index=frame.index, dtype="str"))


def _worst(first: pd.Series, second: pd.Series) -> pd.Series:
    """The weaker of two classes, row by row; an empty one says nothing."""
    rank = {name: n for n, name in enumerate(("none", "weak", "served"))}
    pairs = zip(first, second, strict=True)
    return pd.Series(
        [min((c for c in pair if c), key=rank.__getitem__, default="") for pair in pairs],
        index=first.index,
        dtype="str",
    )


def _finished(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    frame = frame[frame["access_class"] != ""].sort_values(["village_code", "date"]).reset_index(drop=True)
    if "evidence_id" not in frame.columns:
        frame["evidence_id"] = prefix + "-" + frame["village_code"] + "-" + (frame.index + 1).astype(str)
    for column, default in (("settlement_id", ""), ("method", "survey"), ("samples", 1.0)):
        if column not in frame.columns:
            frame[column] = default
    return frame[[column for column in _COLUMNS if column in frame.columns]]


def read_podes(path: Path, context: Context, report: Report) -> Read:
    """Signal and internet by village from PODES: the weaker of R1005C and R1005D; no operator (R1005B) is no signal.

    Villages with towers (R1005A) where the lists of cells have none are told: those lists are not whole.
    """
    frame = context.renamed(read_table(path, "evidence", report), "evidence", report)
    frame = coded(frame, "evidence", context, report)
    classes = [
        pd.Series([_classes().get((field, str(v).strip()), "") for v in frame[column]], index=frame.index, dtype="str")
        for column, field in (("signal", "podes_signal"), ("internet", "podes_internet"))
        if column in frame.columns
    ]
    frame["access_class"] = _worst(classes[0], classes[-1])
    if "operator_count" in frame.columns:
        frame["access_class"] = frame["access_class"].mask(numbers(frame["operator_count"]) == 0, "none")
    if "tower_count" in frame.columns:
        _tell_towers(frame["village_code"][numbers(frame["tower_count"]) > 0], context, report)
    year = re.search(r"20\d\d", path.name)
    date = f"{year.group()}-12-31" if year else ""
    made = frame.assign(evidence="reported", date=date, source="PODES")
    return Read(_finished(made, "podes"), columns.sources()["podes"], date)


def _tell_towers(codes: pd.Series, context: Context, report: Report) -> None:
    """Villages that have towers, as somebody counted, and in which no list has one."""
    if context.sites is None or not len(context.sites):
        return
    villages = context.villages[context.villages["village_code"].isin(codes)]
    hits, _sites = shapely.STRtree(context.sites.geometry.to_numpy()).query(
        villages.geometry.to_numpy(), predicate="intersects"
    )
    without = villages.drop(villages.index[np.unique(hits)])
    if len(without):
        first = without.iloc[0]
        report.add(
            "warning",
            "towers_missing",
            "cells",
            row=first["village_code"],
            count=len(without),
            name=first["village_name"],
        )


def read_idm(path: Path, context: Context, report: Report) -> Read:
    """Answers of the IDM service, one village or a list: signal and internet scores 0-5."""
    try:
        content = read_json(path)
        rows = [row for answer in (content if isinstance(content, list) else [content]) for row in _idm_rows(answer)]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        report.add("error", "not_readable", "evidence", value=path.name)
        report.refuse_errors(path.name)
        raise
    if not rows:
        report.add("error", "no_rows", "evidence", value=path.name)
        report.refuse_errors(path.name)
    frame = coded(pd.DataFrame(rows), "evidence", context, report)
    frame["access_class"] = _worst(frame["first"], frame["second"])
    date = str(frame["date"].max()) if len(frame) else ""
    return Read(_finished(frame.assign(evidence="reported", source="IDM"), "idm"), columns.sources()["idm"], date)


def _idm_rows(answer: dict[str, Any]) -> list[dict[str, str]]:
    data = answer["mapData"]
    scores = {
        _IDM[str(row.get("INDIKATOR", "")).strip().lower()]: str(int(float(row["SKOR"])))
        for row in data["ROW"]
        if str(row.get("INDIKATOR", "")).strip().lower() in _IDM and row.get("SKOR") is not None
    }
    classes = [_classes().get((field, score), "") for field, score in sorted(scores.items())]
    if not classes:
        return []
    identity = data["IDENTITAS"][0]
    return [
        {
            "kemendagri_code": str(identity["id_desa"]),
            "first": classes[0],
            "second": classes[-1],
            "date": f"{data['SUMMARIES'].get('TAHUN', '')}-12-31",
        }
    ]


def read_ookla(path: Path, context: Context, report: Report) -> Read:
    """Ookla tiles averaged over villages by tests: presence only, a slow test is *weak*, never *none*."""
    tiles = _tiles(path, context, report)
    middles = shapely.centroid(tiles["shape"].to_numpy())
    villages = context.villages
    tile, village = shapely.STRtree(villages.geometry.to_numpy()).query(middles, predicate="within")
    hit = pd.DataFrame(
        {
            "village_code": villages["village_code"].to_numpy()[village],
            "tests": tiles["tests"].to_numpy()[tile],
            "kbps": tiles["kbps"].to_numpy()[tile] * tiles["tests"].to_numpy()[tile],
        }
    )
    sums = hit.groupby("village_code", sort=True)[["tests", "kbps"]].sum()
    mbps = sums["kbps"] / sums["tests"] / _KBIT
    match = re.search(r"(20\d\d)-(\d\d)-01", path.name)
    date = f"{match[1]}-{int(match[2]) + _QUARTER_MONTH - 1:02d}-28" if match else ""
    made = pd.DataFrame(
        {
            "village_code": sums.index,
            "access_class": np.where(mbps >= context.assumptions["region.speed_served_mbps"], "served", "weak"),
            "samples": sums["tests"].to_numpy(dtype=float),
            "evidence": "measured",
            "method": "speed_test",
            "source": "Ookla",
            "date": date,
        }
    )
    return Read(_finished(made, "ookla"), columns.sources()["ookla"], date)


def _tiles(path: Path, context: Context, report: Report) -> pd.DataFrame:
    """Tiles near the region: ``shape, tests, kbps``."""
    try:
        raw = pd.read_parquet(path) if path.suffix.lower() == ".parquet" else pd.read_csv(path)
        shapes = shapely.from_wkt(raw["tile" if "tile" in raw.columns else "tiles"].to_numpy(dtype=object))
        tiles = pd.DataFrame({"shape": shapes, "tests": raw["tests"], "kbps": raw["avg_d_kbps"]})
    except (ValueError, KeyError, OSError, shapely.errors.GEOSException):
        report.add("error", "not_readable", "evidence", value=path.name)
        report.refuse_errors(path.name)
        raise
    tiles = tiles[(tiles["tests"] > 0) & shapely.intersects(shapes, shapely.box(*context.box))]
    if not len(tiles):
        report.add("error", "outside_region", "evidence", value=path.name)
        report.refuse_errors(path.name)
    return tiles


def read_list(path: Path, context: Context, report: Report) -> Read:
    """The regency's own list, such as its blank spots: village or place, hamlet, class, date, source.

    Also lists of measurements: operator, RSRP and speed; without a class it follows from them.
    """
    frame = context.renamed(read_table(path, "evidence", report), "evidence", report)
    frame = _measurements(frame, context, report)
    columns.require(frame, "evidence", ("access_class",), report)
    report.refuse_errors(path.name)
    modelled = text_of(frame, "evidence").str.lower().isin(_CALCULATED)
    if modelled.any():
        report.add("info", "calculated_left_out", "evidence", count=int(modelled.sum()))
        frame = frame[~modelled]
    said = text_of(frame, "access_class").str.lower()
    named = [_classes().get(("word", word), word) for word in said]
    frame["access_class"] = pd.Series(named, index=frame.index, dtype="str")
    wrong = ~frame["access_class"].isin(ACCESS_CLASSES[:3])
    report.add_rows("warning", "unknown_class", "evidence", said[wrong], "access_class")
    frame = _settled(coded(_where(frame[~wrong], context, report), "evidence", context, report), context)
    power = frame["rsrp_dbm"].notna() if "rsrp_dbm" in frame.columns else pd.Series(False, index=frame.index)
    speed = frame["download_mbps"].notna() if "download_mbps" in frame.columns else pd.Series(False, index=frame.index)
    told = text_of(frame, "evidence").str.lower()
    measured = told.isin({"measured", "diukur", "terukur"}) | ((told == "") & (power | speed))
    speed_test, drive_test, survey = EVIDENCE_METHODS
    made = frame.assign(
        evidence=np.where(measured, "measured", "reported"),
        method=np.where(measured, np.where(speed & ~power, speed_test, drive_test), survey),
        date=text_of(frame, "date"),
        source=text_of(frame, "source", path.name),
        samples=(numbers(frame["samples"], whole=True).fillna(1.0) if "samples" in frame.columns else 1.0),
    ).drop(columns=["evidence_id"], errors="ignore")
    return Read(_finished(made, "daftar"), columns.sources()["evidence_table"], str(made["date"].max()))


def _measurements(frame: pd.DataFrame, context: Context, report: Report) -> pd.DataFrame:
    """Numbers and operators read; what is impossible is told and emptied; a missing class follows from them."""
    limits = extent(context)
    bounds = {
        "rsrp_dbm": _POWERS_DBM,
        "download_mbps": (0.0, np.inf),
        "lon": (limits["west"], limits["east"]),
        "lat": (limits["south"], limits["north"]),
    }
    frame = frame.copy()
    swapped = {"lon", "lat"} <= set(frame.columns) and not {"village_name", "kemendagri_code"} & set(frame.columns)
    for name, (low, high) in bounds.items():
        if name not in frame.columns or (swapped and name in {"lon", "lat"}):  # put right where the place is looked up
            continue
        written, values = text_of(frame, name), numbers(frame[name])
        wrong = (written != "") & ~values.between(low, high)
        report.add_rows("warning", "impossible_value", "evidence", written[wrong], name)
        frame[name] = values.mask(wrong)
    if "operator" in frame.columns:
        named = [operators_in(text) for text in text_of(frame, "operator")]
        frame["operator"] = pd.Series(
            [own[0] if len(own) == 1 else "" for own in named], index=frame.index, dtype="str"
        )
    if "access_class" not in frame.columns and {"rsrp_dbm", "download_mbps"} & set(frame.columns):
        frame["access_class"] = _class_measured(frame, context)
    return frame


def _class_measured(frame: pd.DataFrame, context: Context) -> pd.Series:
    """Class of a measured power, else of a measured speed."""
    given = context.assumptions
    empty = pd.Series(np.nan, index=frame.index)
    power, speed = (frame[n] if n in frame.columns else empty for n in ("rsrp_dbm", "download_mbps"))
    found = np.select(
        [
            power >= given["radio.threshold_usable_dbm"],
            power >= given["radio.threshold_weak_dbm"],
            power.notna(),
            speed >= given["region.speed_served_mbps"],
            speed.notna(),
        ],
        ["served", "weak", "none", "served", "weak"],
        "",
    )
    return pd.Series(found, index=frame.index, dtype="str")


def _is_idm(probe: Probe) -> bool:
    return probe.suffix == ".json" and '"mapData"' in probe.head


READERS = (
    Reader("evidence", lambda p: {"quadkey", "avg_d_kbps"} <= p.columns or "tiles" in p.path.name, read_ookla, rank=0),
    Reader("evidence", _is_idm, read_idm, rank=1),
    Reader("evidence", lambda p: p.is_table and "r1005c" in p.columns, read_podes, rank=2),
    Reader("evidence", lambda p: p.is_table, read_list, rank=5),
)
