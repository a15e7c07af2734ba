"""The tables as files: CSV for every table, one GeoPackage with everything that has a place.

Text from files never becomes a formula in a spreadsheet, and the same analysis gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyogrio

from coverage.outputs import maps, styles, words
from coverage.region.text import harmless

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_FALLBACK_DATE = "2020-01-01"


def defused(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before every text that a spreadsheet would run."""
    result = frame.copy()
    for name in result.columns:
        column = result[name]
        if isinstance(column.dtype, (pd.StringDtype, pd.CategoricalDtype)) or column.dtype == object:
            safe = [harmless(v) if isinstance(v, str) else v for v in column]
            if any(isinstance(v, str) and v != w for v, w in zip(safe, column, strict=True)):
                kind = "str" if isinstance(column.dtype, (pd.StringDtype, pd.CategoricalDtype)) else object
                result[name] = pd.Series(safe, index=column.index, dtype=kind)
    return result.rename(columns={name: harmless(name) for name in result.columns if isinstance(name, str)})


def all_tables(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """Every table of an analysis by the name of its file, without geometry.

    ``evidence`` holds what was measured, reported and calculated side by side, with rank and conflicts.
    """
    from coverage.access import statements

    region, found = analysis.region, analysis.option_set
    operators = analysis.access.operators
    return {
        "villages": _plain(region.villages),
        "settlements": _plain(region.settlements),
        "sites": _plain(region.sites),
        "cells": region.cells,
        "access_villages": analysis.access.villages,
        "access_settlements": analysis.access.settlements,
        "access_operators": operators,
        "evidence": statements(
            region.evidence, region.settlements, operators, region.completeness, analysis.assumptions
        ),
        "options": found.options,
        "reach": found.reach,
        "links": _plain(found.links),
        "bill": found.bill,
        "benefit": analysis.benefit,
        "deals": analysis.deals,
        "plan": analysis.plan.chosen,
        "plan_links": _plain(analysis.plan.links),
        "gain": analysis.gain,
        "assumptions": analysis.assumptions.frame(),
        "layers": pd.DataFrame(
            [
                {
                    "name": layer.name,
                    "kind": layer.kind,
                    "source": layer.source_said,
                    "licence": layer.licence,
                    "date": layer.date,
                    "note": layer.note_said,
                    "completeness": ";".join(f"{k}={v}" for k, v in sorted(layer.completeness.items())),
                }
                for _name, layer in sorted(region.layers.items())
            ]
        ),
    }


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without geometry; containers become text."""
    plain = pd.DataFrame(frame.drop(columns=[c for c in ("geometry",) if c in frame.columns]))
    for name in plain.columns:
        if plain[name].map(lambda v: isinstance(v, (list, tuple, set, dict))).any():
            plain[name] = plain[name].map(lambda v: ";".join(str(i) for i in v))
    return plain


def _stamped(frame: pd.DataFrame, sample: bool) -> pd.DataFrame:
    return frame.assign(watermark=words.WATERMARK) if sample else frame


def write_csv(analysis: Analysis, folder: Path) -> list[Path]:
    """Write every table as UTF-8 CSV with defused text; sample data carry the column ``watermark``."""
    paths = []
    for name, frame in all_tables(analysis).items():
        path = folder / f"{name}.csv"
        ready = defused(_stamped(frame, analysis.region.is_sample))
        ready.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
        paths.append(path)
    return paths


def data_date(analysis: Analysis) -> str:
    """The newest date among the layers (ISO); it stands in for "now" in files, so that they repeat."""
    dates = [layer.date for layer in analysis.region.layers.values() if len(layer.date) == 10]
    return max(dates, default=_FALLBACK_DATE)


@contextmanager
def dated(date: str) -> Iterator[None]:
    """Make GDAL write ``date`` (ISO) instead of the clock."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def geopackage_layers(analysis: Analysis) -> dict[str, gpd.GeoDataFrame]:
    """The layers of the GeoPackage: ``villages`` (with access, best deal, gain), ``sites``, ``links``, ``plan``.

    The villages carry the classes of the app's map in words, one column per layer, for their styles.
    """
    villages = analysis.region.villages
    columns = ["village_code", "village_name", "kind", "district_code", "district_name", "households", "geometry"]
    access = analysis.access.villages
    deals = analysis.deals[["deal_id", "provider_id", "business_model", "price_idr_month", "subsidy_idr"]]
    gain = analysis.gain.merge(deals, how="left", left_on="best_deal_id", right_on="deal_id").drop(columns="deal_id")
    gain["best_technology"] = gain["best_deal_id"].map(maps.deal_technology(analysis))
    wide = villages[columns].merge(access, on="village_code", how="left").merge(gain, on="village_code", how="left")
    for name in maps.LAYERS:
        layer = maps.layer(analysis, name)
        wide[styles.column(name)] = [layer.legend[c].label for c in layer.classes]
    options = analysis.option_set.options
    plan = analysis.plan.chosen.merge(options[["option_id", "technology", "lon", "lat", "height_m"]], on="option_id")
    links = analysis.option_set.links.copy()
    links["in_plan"] = links["link_id"].isin(set(analysis.plan.links["link_id"]))
    return {
        "villages": gpd.GeoDataFrame(wide, geometry="geometry", crs=villages.crs),
        "sites": analysis.region.sites,
        "links": links,
        "plan": gpd.GeoDataFrame(
            plan.drop(columns=["lon", "lat"]), geometry=gpd.points_from_xy(plan["lon"], plan["lat"]), crs="EPSG:4326"
        ),
    }


def write_geopackage(analysis: Analysis, path: Path) -> Path:
    """Write one GeoPackage; the same analysis gives the same bytes."""
    with dated(data_date(analysis)):
        for position, (name, frame) in enumerate(geopackage_layers(analysis).items()):
            plain = _plain(frame)
            stamped = gpd.GeoDataFrame(
                _stamped(plain, analysis.region.is_sample), geometry=frame.geometry, crs=frame.crs
            )
            pyogrio.write_dataframe(
                stamped, path, layer=name, driver="GPKG", append=position > 0, geometry_type=geometry_type(frame)
            )
    styles.add_styles(path, [maps.layer(analysis, name) for name in maps.LAYERS], data_date(analysis))
    return path


def geometry_type(frame: gpd.GeoDataFrame) -> str:
    """The one geometry type that a layer of a GeoPackage is declared with."""
    kinds = sorted(set(frame.geometry.geom_type.dropna()))
    if not kinds:
        return "Point"
    return kinds[0] if len(kinds) == 1 else next((k for k in kinds if k.startswith("Multi")), "Unknown")
