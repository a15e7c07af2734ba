"""The model set right by evidence: an offset per operator, with its uncertainty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from coverage.access.evidence import recent
from coverage.access.reception import INTERNET
from coverage.assumptions import Assumptions
from coverage.tables import Calibration

if TYPE_CHECKING:
    from coverage.radio import Signal

_STEP_DB = 0.05
#: Degrees of freedom of the spread of readings: heavy tails, so that a bad reading moves little
#: (Lange, Little & Taylor 1989, doi:10.1080/01621459.1989.10478852).
_FREEDOM = 4.0
#: Chance that a stated class is simply wrong.
_WRONG = 0.05

Floats = NDArray[np.float64]


def calibrate(
    signal: Signal, settlements: gpd.GeoDataFrame, evidence: pd.DataFrame, assumptions: Assumptions
) -> pd.DataFrame:
    """What measurements say about the modelled signal of each operator.

    The offset has a normal prior around zero. A measured power tells modelled + offset with a
    spread; a statement of a class tells only that it lies above the usable threshold (*served*),
    below the weak one (*none*) or between. Measurements near each other are one place, because
    shadowing is the same there: they enter as their median. Statements that name no operator, or
    are old, say nothing here.

    Parameters
    ----------
    signal : Signal
        As modelled.
    settlements : GeoDataFrame
        Table *Settlements*: where a statement without coordinates is taken to be made.
    evidence : DataFrame
        Table *Evidence*; ``operator, rsrp_dbm, lon, lat`` are optional columns.
    assumptions : Assumptions
        ``access.*`` and ``radio.threshold_*``.

    Returns
    -------
    DataFrame
        Table *Calibration*, one row per operator with cells, sorted. ``applied`` only where there
        are enough places in enough villages, and not on signs of presence alone unless most
        hamlets were tested: nobody tests where there is no signal.
    """
    places = _places(signal, settlements, evidence, assumptions)
    rows = []
    for operator in sorted({name for name, _technology in signal.layers}):
        own = places[places["operator"] == operator] if len(places) else places
        rows.append(_row(operator, own, len(settlements), assumptions))
    columns = list(Calibration.to_schema().columns)
    return Calibration.validate(pd.DataFrame(rows, columns=columns))


def calibrated(signal: Signal, calibration: pd.DataFrame) -> Signal:
    """The signal with every applied offset added to its operator's layers, 2G to 5G alike."""
    applied = calibration[calibration["applied"]].set_index("operator")["offset_db"]
    if not len(applied):
        return signal
    layers = {
        key: replace(layer, rsrp=layer.rsrp + np.float32(applied[key[0]])) if key[0] in applied.index else layer
        for key, layer in signal.layers.items()
    }
    return replace(signal, layers=layers)


def _row(operator: str, places: pd.DataFrame, hamlets: int, assumptions: Assumptions) -> dict[str, object]:
    """One row of *Calibration*."""
    read = places["rsrp_dbm"].notna() if len(places) else pd.Series(dtype=bool)
    row: dict[str, object] = {
        "operator": operator,
        "offset_db": np.nan,
        "uncertainty_db": np.nan,
        "readings": int(read.sum()),
        "classes": int((~read).sum()),
        "villages": int(places["village_code"].nunique()) if len(places) else 0,
        "applied": False,
        "reason": "few_places",
    }
    if not len(places):
        return row
    row["offset_db"], row["uncertainty_db"] = _posterior(places, assumptions)
    if len(places) < assumptions["access.calibration_min_places"]:
        return row
    only_presence = not read.any() and (places["access_class"] == "served").all()
    if row["villages"] < assumptions["access.calibration_min_villages"]:  # type: ignore[operator]
        row["reason"] = "few_villages"
    elif only_presence and len(places) < assumptions["access.calibration_presence_share"] * hamlets:
        row["reason"] = "presence_only"
    else:
        row["applied"], row["reason"] = True, ""
    return row


def _posterior(places: pd.DataFrame, assumptions: Assumptions) -> tuple[float, float]:
    """Mean and standard deviation of the offset in dB, on a grid."""
    limit, spread = assumptions["access.calibration_limit_db"], assumptions["access.calibration_spread_db"]
    offsets = np.arange(-limit, limit + _STEP_DB / 2, _STEP_DB)
    log = -0.5 * (offsets / assumptions["access.calibration_prior_db"]) ** 2
    read = places["rsrp_dbm"].notna()
    shift = (places["rsrp_dbm"] - places["modelled_dbm"])[read].to_numpy(float)
    z = (shift[:, None] - offsets) / spread
    log = log - (_FREEDOM + 1) / 2 * np.log1p(z**2 / _FREEDOM).sum(axis=0)
    low, high = _limits(places["access_class"][~read], assumptions)
    modelled = places["modelled_dbm"][~read].to_numpy(float)[:, None] + offsets
    from scipy.special import ndtr  # a warm start, which finds the offsets kept, can do without

    inside = ndtr((high - modelled) / spread) - ndtr((low - modelled) / spread)
    log = log + np.log(_WRONG + (1 - _WRONG) * inside).sum(axis=0)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = float((weight * offsets).sum())
    return round(mean, 2), round(float(np.sqrt((weight * (offsets - mean) ** 2).sum())), 2)


def _limits(classes: pd.Series, assumptions: Assumptions) -> tuple[Floats, Floats]:
    """Between which powers in dBm a place of each class lies, as columns."""
    weak, usable = assumptions["radio.threshold_weak_dbm"], assumptions["radio.threshold_usable_dbm"]
    low = classes.map({"none": -np.inf, "weak": weak, "served": usable}).to_numpy(float)
    high = classes.map({"none": weak, "weak": usable, "served": np.inf}).to_numpy(float)
    return np.asarray(low[:, None], dtype=np.float64), np.asarray(high[:, None], dtype=np.float64)


def _places(
    signal: Signal, settlements: gpd.GeoDataFrame, evidence: pd.DataFrame, assumptions: Assumptions
) -> pd.DataFrame:
    """Per operator and place: ``operator, village_code, rsrp_dbm, access_class, modelled_dbm``."""
    rows = evidence.reset_index(drop=True)
    if "operator" not in rows.columns or not len(rows):
        return pd.DataFrame()
    known = sorted({name for name, _technology in signal.layers})
    rows = rows[rows["operator"].isin(known) & recent(rows, assumptions)].reset_index(drop=True)
    if "rsrp_dbm" not in rows.columns:
        rows["rsrp_dbm"] = np.nan
    rows = rows[rows["rsrp_dbm"].notna() | (rows["access_class"] != "")]
    x, y = _where(rows, settlements, signal.crs)
    pixel, rise = signal.transform.a, -signal.transform.e
    with np.errstate(invalid="ignore"):
        col = np.floor((x - signal.transform.c) / pixel)
        row = np.floor((signal.transform.f - y) / rise)
        inside = (row >= 0) & (row < signal.shape[0]) & (col >= 0) & (col < signal.shape[1])
    rows, x, y = rows[inside], x[inside], y[inside]
    modelled = _strongest(signal, rows["operator"], row[inside].astype(np.intp), col[inside].astype(np.intp))
    step = assumptions["access.calibration_place_m"]
    rows = rows.assign(modelled_dbm=modelled, east=np.floor(x / step), north=np.floor(y / step))
    rows = rows[np.isfinite(modelled)].sort_values("evidence_id", kind="stable")
    if not len(rows):
        return pd.DataFrame()
    read = rows["rsrp_dbm"].notna().groupby([rows["operator"], rows["east"], rows["north"]]).transform("any")
    rows = rows[rows["rsrp_dbm"].notna() | ~read]  # where power was measured, classes add nothing
    grouped = rows.groupby(["operator", "east", "north"], sort=True)
    return grouped.agg(
        village_code=("village_code", "first"),
        rsrp_dbm=("rsrp_dbm", "median"),
        access_class=("access_class", _commonest),
        modelled_dbm=("modelled_dbm", "median"),
    ).reset_index()


def _commonest(classes: pd.Series) -> str:
    return str(classes.mode().iloc[0])


def _where(rows: pd.DataFrame, settlements: gpd.GeoDataFrame, crs: str) -> tuple[Floats, Floats]:
    """Metric place of each statement: its own coordinates, else its settlement; ``NaN`` for whole villages."""
    position = np.full(len(rows), -1, dtype=np.intp)
    if "settlement_id" in rows.columns:
        position = pd.Index(settlements["settlement_id"]).get_indexer(rows["settlement_id"].fillna(""))
    points = settlements.geometry.to_crs(crs)
    x, y = (np.append(axis.to_numpy(float), np.nan)[position] for axis in (points.x, points.y))  # -1: NaN
    if {"lon", "lat"} <= set(rows.columns):
        own = (rows["lon"].notna() & rows["lat"].notna()).to_numpy()
        transformer = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        x[own], y[own] = transformer.transform(rows["lon"].to_numpy(float)[own], rows["lat"].to_numpy(float)[own])
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def _strongest(signal: Signal, operators: pd.Series, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Floats:
    """Modelled power of the operator's strongest 4G or 5G layer under each point."""
    found = np.full(len(rows), np.nan)
    said = np.asarray(operators, dtype=object)
    for (operator, technology), layer in sorted(signal.layers.items()):
        if technology in INTERNET:
            own = said == operator
            found[own] = np.fmax(found[own], layer.rsrp[rows[own], cols[own]])
    return found
