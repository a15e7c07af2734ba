"""Cells of OpenCelliD: the per-country file without header, the full dump with one, plain or gz."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.radios import as_radios, operators_at
from coverage.region.sources.registry import Read

#: Columns in the order of the headerless file.
COLUMNS = (
    "radio",
    "mcc",
    "net",
    "area",
    "cell",
    "unit",
    "lon",
    "lat",
    "range",
    "samples",
    "changeable",
    "created",
    "updated",
    "averageSignal",
)
_TECHNOLOGY = {"GSM": "2g", "UMTS": "3g", "LTE": "4g", "NR": "5g"}
#: What the numbers of a cell can be: 3 digits of a country and a network, 28 bits of an LTE and 36 of an NR cell,
#: times in seconds; anything else is a torn row.
_SPANS = {
    "mcc": (0, 999),
    "net": (0, 999),
    "area": (0, 2**32),
    "cell": (0, 2**36),
    "lon": (-180, 180),
    "lat": (-90, 90),
    "range": (0, 1e7),
    "samples": (0, 1e12),
    "updated": (0, 2**32),
}
_NUMBERS = tuple(_SPANS)
_SECTORS_PER_ENB = 256  # 3GPP TS 36.300: the low 8 of 28 bits number the cell within its eNodeB
_SECONDS_PER_YEAR = 365.25 * 86400


def looks_like(head: str) -> bool:
    """Whether the first line of a file is one of OpenCelliD's."""
    first = head.lstrip("\ufeff").split("\n", 1)[0].strip().split(",")
    return len(first) >= len(COLUMNS) - 1 and first[0].strip('"') in {"radio", *_TECHNOLOGY, "CDMA"}


def read_opencellid(
    path: Path, box: tuple[float, float, float, float], assumptions: Assumptions, report: Report
) -> Read:
    """Radios within a box; one row per cell.

    A list that volunteers gather is partial for every operator in it. Positions are centroids of
    samples: their uncertainty is a share of the recorded range.

    Parameters
    ----------
    path : Path
        Plain CSV.
    box : tuple
        (west, south, east, north) in degrees.
    """
    raw = _read(path, report)
    newest = float(raw["updated"].max())
    date = str(np.datetime64(int(newest), "s"))[:10]
    names = operators_at(date)
    networks = list(zip(raw["mcc"].astype(int), raw["net"].astype(int), strict=True))
    raw["operator"] = [names.get(n, f"{n[0]}-{n[1]:02d}") for n in networks]
    completeness = dict.fromkeys(sorted({names[n] for n in set(networks) if n in names}), "partial")

    west, south, east, north = box
    frame = raw[raw["lon"].between(west, east) & raw["lat"].between(south, north)]
    for mcc, net in sorted(set(zip(frame["mcc"].astype(int), frame["net"].astype(int), strict=True))):
        if (mcc, net) not in names:
            count = int(((frame["mcc"] == mcc) & (frame["net"] == net)).sum())
            report.add("warning", "unknown_network", "cells", value=f"{mcc}-{net}", network=f"{mcc}-{net}", count=count)
            completeness[f"{mcc}-{net:02d}"] = "partial"
    frame = _current(frame, newest, assumptions, report)
    return Read(_radios(frame, assumptions), columns.sources()["opencellid"], date, completeness)


def _read(path: Path, report: Report) -> pd.DataFrame:
    with path.open("rb") as stream:
        head = stream.readline().decode("utf-8", errors="replace")
        lines = bool(head.strip()) + sum(1 for line in stream if line.strip())
    has_header = head.lstrip("\ufeff").lower().startswith(("radio", '"radio"'))
    try:
        raw = pd.read_csv(
            path,
            header=0 if has_header else None,
            names=None if has_header else list(COLUMNS),
            usecols=list(COLUMNS[:-1]),
            dtype="str",
            keep_default_na=False,
            on_bad_lines="skip",
            encoding="utf-8-sig",
            encoding_errors="replace",
        )
    except ValueError:  # another number of columns, or a header without those that are needed
        report.add("error", "unknown_format", "cells", value=path.name, columns=head[:60], expected=",".join(COLUMNS))
        report.refuse_errors(path.name)
        raise
    frame = pd.DataFrame({"radio": raw["radio"].str.strip().str.upper()})
    for name in _NUMBERS:
        frame[name] = pd.to_numeric(raw[name], errors="coerce")
    low, high = (
        pd.Series({name: span[0] for name, span in _SPANS.items()}),
        pd.Series({name: span[1] for name, span in _SPANS.items()}),
    )
    found = frame[list(_SPANS)]
    readable = (found.ge(low, axis=1) & found.le(high, axis=1)).all(axis=1)
    lost = lines - has_header - int(readable.sum())
    if lost:
        first = raw.index[~readable]
        row = int(first[0]) + 1 if len(first) else ""
        report.add("warning", "bad_rows", "cells", row=row, value=path.name, count=lost)
    if not readable.any():
        report.add("error", "no_rows", "cells", value=path.name)
        report.refuse_errors(path.name)
    return frame[readable].reset_index(drop=True)


def _current(frame: pd.DataFrame, newest: float, assumptions: Assumptions, report: Report) -> pd.DataFrame:
    """Without radios that phones here do not use, old entries of a cell, and cells long unseen."""
    supported = frame["radio"].isin(_TECHNOLOGY)
    for radio, count in frame["radio"][~supported].value_counts().sort_index().items():
        report.add("info", "unsupported_radio", "cells", value=radio, radio=radio, count=count)
    frame = frame[supported].sort_values(["radio", "mcc", "net", "area", "cell", "updated"])
    identity = ["radio", "mcc", "net", "area", "cell"]
    twice = frame.duplicated(identity, keep="last")
    report.add_rows("info", "duplicate_dropped", "cells", frame["cell"][twice].astype(int), "cell")
    frame = frame[~twice]
    years = assumptions["region.cell_stale_years"]
    stale = frame["updated"] < newest - years * _SECONDS_PER_YEAR
    if stale.any():
        report.add("info", "stale_cells", "cells", count=int(stale.sum()), years=f"{years:g}")
    return frame[~stale]


def _radios(frame: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    network = frame["mcc"].astype(int).astype(str) + "-" + frame["net"].astype(int).astype(str)
    cell = frame["cell"].astype("int64")
    enb = network + "-enb" + (cell // _SECTORS_PER_ENB).astype(str)
    share, least = assumptions["region.cell_position_share"], assumptions["region.cell_position_least_m"]
    result = frame[["operator", "lon", "lat", "samples"]].copy()
    result["radio_id"] = network + "-" + frame["area"].astype("int64").astype(str) + "-" + cell.astype(str)
    result["station"] = enb.where(frame["radio"] == "LTE", "")
    result["technology"] = frame["radio"].map(_TECHNOLOGY)
    result["position_uncertainty_m"] = np.maximum(frame["range"] * share, least)
    return as_radios(result).reset_index(drop=True)
