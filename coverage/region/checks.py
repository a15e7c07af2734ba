"""Checks of tables and geometry against the contract, told in the words of the report."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.errors import SchemaErrors

from coverage.region.layers import CRS, LAYERS
from coverage.region.quality import Report
from coverage.tables import Table

_TYPES = {"float64": "number", "int64": "whole number", "bool": "true/false", "str": "text"}
#: References between layers: (layer, column, target layer, target column, message).
_REFERENCES = (
    ("settlements", "village_code", "villages", "village_code", "unknown_village"),
    ("facilities", "village_code", "villages", "village_code", "unknown_village"),
    ("evidence", "village_code", "villages", "village_code", "unknown_village"),
    ("cells", "site_id", "sites", "site_id", "unknown_site"),
)


def check_table(frame: pd.DataFrame, table: type[Table], layer: str, report: Report) -> pd.DataFrame:
    """Check a frame against a table; all problems go to the report.

    Parameters
    ----------
    frame : DataFrame
        Rows as read; their index tells the row in the file (0 is the first row of data).

    Returns
    -------
    DataFrame
        The frame with numbers coerced, or as it came where there is an error.
    """
    try:
        return table.validate(frame, lazy=True)
    except SchemaErrors as error:
        _tell(error.failure_cases, layer, report)
        return frame


def _tell(cases: pd.DataFrame, layer: str, report: Report) -> None:
    told: set[tuple[str, str]] = set()
    records = sorted(cases.to_dict("records"), key=lambda r: not str(r["check"]).startswith("coerce_dtype"))
    for case in records:
        check, column = str(case["check"]), str(case["column"])
        value = case["failure_case"]
        row = "" if pd.isna(case["index"]) else str(int(case["index"]) + 1)
        if check == "column_in_dataframe":
            report.add("error", "missing_column", layer, column=str(value), aliases=str(value))
            continue
        if not row or (row, column) in told:  # a check that failed as a whole follows from a wrong type, told already
            continue
        told.add((row, column))
        if check == "not_nullable" or pd.isna(value):
            report.add("error", "missing_value", layer, row=row, column=column)
        elif check == "field_uniqueness":
            report.add("error", "duplicate", layer, row=row, column=column, value=value)
        elif check.startswith(("coerce_dtype", "dtype")):
            kind = re.search(r"'(\w+)", check)
            expected = _TYPES.get(kind.group(1), "text") if kind else ""
            report.add("error", "wrong_type", layer, row=row, column=column, value=value, expected=expected)
        elif column == "village_code" and check.startswith("str_matches"):
            report.add("error", "wrong_code", layer, row=row, column=column, value=value)
        else:
            report.add("error", "wrong_value", layer, row=row, column=column, value=value, expected=_expected(check))


def _expected(check: str) -> str:
    words = {"greater_than_or_equal_to": "≥ ", "greater_than": "> ", "less_than_or_equal_to": "≤ ", "less_than": "< "}
    name, _, rest = check.partition("(")
    if name == "isin":
        return ", ".join(re.findall(r"[\w.-]+", rest))
    return f"{words.get(name, '')}{rest.rstrip(')')}"


def check_geometry(frame: gpd.GeoDataFrame, layer: str, report: Report) -> None:
    """Check the CRS, kinds and validity of a layer's geometry; all problems go to the report."""
    spec = LAYERS[layer]
    if not isinstance(frame, gpd.GeoDataFrame) or "geometry" not in frame.columns:
        report.add("error", "missing_column", layer, column="geometry", aliases="geometry")
        return
    if frame.crs is None:
        report.add("error", "no_crs", layer)
    elif not frame.crs.equals(CRS, ignore_axis_order=True):
        report.add("error", "wrong_crs", layer, value=str(frame.crs.to_string()))
    shapes = shapely.get_type_id(frame.geometry.to_numpy())
    allowed = {getattr(shapely.GeometryType, kind.upper()) for kind in spec.geometry}
    geometry = frame.geometry.to_numpy()
    blank = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    for position in np.flatnonzero(blank | ~np.isin(shapes, sorted(allowed))):
        if blank[position]:
            report.add("error", "null_geometry", layer, row=int(position) + 1)
        else:
            found, expected = geometry[position].geom_type, "/".join(spec.geometry)
            report.add("error", "wrong_geometry", layer, row=int(position) + 1, found=found, expected=expected)


def check_region_tables(contents: dict[str, Any], report: Report) -> dict[str, Any]:
    """Check every layer of a region and the references between them.

    Parameters
    ----------
    contents : dict
        Layer name to table, raster or none.

    Returns
    -------
    dict
        The same with numbers coerced.
    """
    checked = dict(contents)
    for name, spec in LAYERS.items():
        if spec.table is None:
            continue
        frame = contents[name].reset_index(drop=True)
        if spec.form == "vector":
            check_geometry(frame, name, report)
        checked[name] = check_table(frame, spec.table, name, report)
    if not len(contents["villages"]):
        report.add("error", "no_rows", "villages")
    if not report.errors:
        for layer, column, target, key, message in _REFERENCES:
            known = set(checked[target][key])
            values = checked[layer][column]
            for row in values.index[~values.isin(known)]:
                report.add("error", message, layer, row=row + 1, column=column, value=values[row])
    return checked
