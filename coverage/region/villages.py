"""Villages from boundary files: Kemendagri codes, official names, kinds, districts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.region.geometry import check_outlines, repaired
from coverage.region.joins import Likeness, codes_of, match_names
from coverage.region.quality import Report
from coverage.region.region import metric_crs
from coverage.region.sources.boundaries import Boundaries
from coverage.region.text import dotted, looks_kemendagri, numbers, village_codes

_M2_PER_KM2 = 1e6
_REGENCY, _DISTRICT = len("33.27"), len("33.27.01")
_FIRST_CITY = "71"  # regencies are numbered from 01, cities from 71
_KELURAHAN = "1"  # villages numbered 1xxx are kelurahan, 2xxx desa, 3xxx desa adat
_DOUBTS = ("disagree", "doubt", "ragu")
_MOST = 0.5  # of the rows: then the codes are the file's own


def likeness(assumptions: Assumptions) -> Likeness:
    """When two names are taken as one."""
    return Likeness(assumptions["region.name_score"], assumptions["region.name_margin"])


def build_villages(
    boundaries: Boundaries,
    crosswalk: pd.DataFrame,
    assumptions: Assumptions,
    report: Report,
    *,
    code: str = "",
    resolve_overlaps: bool = False,
) -> gpd.GeoDataFrame:
    """Villages with Kemendagri codes and clean outlines.

    Parameters
    ----------
    boundaries : Boundaries
        As read from a file.
    crosswalk : DataFrame
        ``village_code, bps_code, village_name, other_name, district_name, match``: needed where
        the outlines have BPS codes or no codes.
    code : str
        Keep only villages whose code begins so (``33.27``).
    resolve_overlaps : bool
        Whether disputed ground is cut off the larger village.

    Returns
    -------
    GeoDataFrame
        ``village_code, village_name, kind, district_code, district_name, regency_name`` and
        polygons in EPSG:4326, sorted by code. Population is added later.

    Raises
    ------
    QualityError
        Where codes stand twice, no code can be found, or outlines are beyond repair.
    """
    frame = boundaries.frame
    frame = frame.assign(village_code=_codes(frame, crosswalk, assumptions, report))
    frame = frame[frame["village_code"] != ""]
    if code:
        frame = frame[frame["village_code"].str.startswith(code)]
    if not len(frame):
        report.add("error", "nothing_usable", "boundaries", value=code)
    twice = frame["village_code"].duplicated()
    report.add_rows("error", "duplicate", "boundaries", frame["village_code"][twice], "code")
    report.refuse_errors()
    villages = _named(frame.sort_values("village_code").reset_index(drop=True), crosswalk)
    villages = repaired(villages, report)
    if not len(villages):
        report.add("error", "nothing_usable", "boundaries")
        report.refuse_errors()
    metric = metric_crs(villages)
    _check_area(villages, metric, assumptions["region.area_tolerance"], report)
    villages = check_outlines(
        villages, metric, assumptions["region.overlap_least_km2"], report, resolve=resolve_overlaps
    )
    _tell_missing(villages, crosswalk, code, report)
    return villages.drop(columns=["area_km2"], errors="ignore")


def _codes(frame: gpd.GeoDataFrame, crosswalk: pd.DataFrame, assumptions: Assumptions, report: Report) -> pd.Series:
    """Kemendagri codes of the outlines; empty where none can be found (told)."""
    for column in ("kemendagri_code", "bps_code"):
        if column not in frame.columns:
            continue
        digits = village_codes(frame[column])
        if looks_kemendagri(digits) and (digits != "").mean() > _MOST:  # fewer are what people put right
            report.add_rows("warning", "wrong_code", "boundaries", frame[column][digits == ""], column)
            return dotted(digits)
    codes = codes_of(frame, crosswalk, "boundaries", report)
    if {"kemendagri_code", "bps_code"} & set(frame.columns) and not (codes != "").any():
        report.add("error", "no_crosswalk", "boundaries")
        report.refuse_errors()
    _tell_doubts(frame, codes, crosswalk, report)
    missing = codes == ""
    if missing.any():
        taken = crosswalk["village_code"].isin(codes[codes != ""])
        codes[missing] = match_names(frame[missing], crosswalk[~taken], likeness(assumptions), "boundaries", report)
    return codes


def _tell_doubts(frame: gpd.GeoDataFrame, codes: pd.Series, crosswalk: pd.DataFrame, report: Report) -> None:
    """Outlines whose match the crosswalk itself doubts, but for those that people have settled."""
    doubted = crosswalk[crosswalk["match"].str.contains("|".join(_DOUBTS), case=False)]
    named = dict(zip(doubted["village_code"], doubted["village_name"], strict=True))
    doubtful = codes.isin(named)
    if "kemendagri_code" in frame.columns:
        doubtful &= village_codes(frame["kemendagri_code"]) == ""
    for position in frame.index[doubtful]:
        code, written = codes[position], frame["village_name"][position]
        village = f"{named[code]} ({code})"
        report.add("warning", "doubtful_match", "boundaries", row=code, value=written, name=written, village=village)


def _named(frame: gpd.GeoDataFrame, crosswalk: pd.DataFrame) -> gpd.GeoDataFrame:
    """Names, kinds and districts; where the crosswalk knows the village its spelling is official."""
    official = crosswalk.set_index("village_code")
    codes = frame["village_code"]
    own_names = "kemendagri_code" in frame.columns
    result = frame[["village_code"]].copy()
    result["village_name"] = _prefer(frame, "village_name", codes.map(official["village_name"]), own=own_names)
    result["kind"] = np.where(codes.str[_DISTRICT + 1] == _KELURAHAN, "kelurahan", "desa")
    result["district_code"] = codes.str[:_DISTRICT]
    named = _prefer(frame, "district_name", codes.map(official["district_name"]), own=own_names)
    by_district = named[named != ""].groupby(result["district_code"]).agg(lambda names: names.mode().iloc[0])
    result["district_name"] = named.where(named != "", result["district_code"].map(by_district))
    result["district_name"] = result["district_name"].fillna(result["district_code"])
    result["regency_name"] = frame["regency_name"] if "regency_name" in frame.columns else ""
    if "area_km2" in frame.columns:
        result["area_km2"] = numbers(frame["area_km2"])
    return gpd.GeoDataFrame(result, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _prefer(frame: pd.DataFrame, column: str, official: pd.Series, *, own: bool) -> pd.Series:
    official = official.fillna("").astype("str")
    if column not in frame.columns:
        return official
    first, second = (frame[column], official) if own else (official, frame[column])
    return first.where(first != "", second)


def _check_area(villages: gpd.GeoDataFrame, metric: str, tolerance: float, report: Report) -> None:
    if "area_km2" not in villages.columns:
        return
    drawn = villages.to_crs(metric).area / _M2_PER_KM2
    said = villages["area_km2"]
    differ = (said > 0) & ((drawn - said).abs() > tolerance * said)
    rows = zip(villages["village_code"][differ], drawn[differ], said[differ], strict=True)
    for code, found, stated in rows:
        report.add("warning", "area_differs", "boundaries", row=code, found=f"{found:.2f}", said=f"{stated:.2f}")


def _tell_missing(villages: gpd.GeoDataFrame, crosswalk: pd.DataFrame, prefix: str, report: Report) -> None:
    """Villages of the same regencies that the crosswalk knows and the file lacks."""
    regencies = set(villages["village_code"].str[:_REGENCY])
    expected = crosswalk[crosswalk["village_code"].str[:_REGENCY].isin(regencies)]
    expected = expected[expected["village_code"].str.startswith(prefix)]
    missing = expected[~expected["village_code"].isin(villages["village_code"])]
    is_new = missing["bps_code"] == ""
    for code, name in zip(missing["village_code"][is_new], missing["village_name"][is_new], strict=True):
        report.add("info", "new_village", "boundaries", row=code, name=name)
    if (~is_new).any():
        first = missing[~is_new].iloc[0]
        report.add("info", "no_outline", "boundaries", row=first["village_code"], count=int((~is_new).sum()))


def region_of(villages: gpd.GeoDataFrame) -> tuple[str, str]:
    """Code and name of the regency, or of the province where there are several."""
    codes = villages["village_code"]
    regencies = codes.str[:_REGENCY].unique()
    if len(regencies) == 1:
        code = str(regencies[0])
        names = villages["regency_name"][villages["regency_name"] != ""]
        name = str(names.mode().iloc[0]).title() if len(names) else code
        if not len(names) or name.startswith(("Kabupaten ", "Kota ")):
            return code, name
        return code, f"{'Kota' if code[3:] >= _FIRST_CITY else 'Kabupaten'} {name}"
    provinces = codes.str[:2].unique()
    return ".".join(sorted(provinces)), ", ".join(sorted(provinces))
