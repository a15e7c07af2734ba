"""Vector files of any kind, brought to EPSG:4326 with every doubt about their position told."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import shapely
from pyarrow import ArrowException
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from coverage.errors import InputError
from coverage.language import _
from coverage.region.layers import CRS
from coverage.region.quality import Report
from coverage.region.sources.columns import aliases, plain

#: What the libraries raise on damaged files, beyond their own errors.
DAMAGED = (
    DataSourceError,
    DataLayerError,
    GEOSException,
    CRSError,
    ArrowException,
    ValueError,
    OSError,
    TypeError,
    IndexError,
    KeyError,
    RuntimeError,
)
_FAR = 1e9  # no coordinate in any unit in use
_SINGLE = (".geojson", ".json", ".shp", ".fgb")
VECTORS = (".gpkg", ".shp", ".gdb", ".parquet", ".geojson", ".json", ".fgb", ".kml")


def read_vector(path: Path, layer: str, report: Report) -> gpd.GeoDataFrame:
    """Read a vector file as it is; of several layers, the one whose columns are best known.

    Parameters
    ----------
    path : Path
        GeoPackage, Shapefile, FileGDB, GeoParquet, GeoJSON, FlatGeobuf or KML.
    layer : str
        Kind of file: whose column names to look for.

    Raises
    ------
    QualityError
        Where the file cannot be read or holds nothing.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL warns of oddities that the checks below tell in plain words
            frame = gpd.read_parquet(path) if path.suffix.lower() == ".parquet" else _read_ogr(path, layer)
    except DAMAGED:
        report.add("error", "not_readable", layer, value=path.name)
        report.refuse_errors(path.name)
        raise  # not reached: the report has an error
    if not isinstance(frame, gpd.GeoDataFrame):
        report.add("error", "missing_column", layer, column="geometry", aliases="geometry")
    elif not len(frame):
        report.add("error", "no_rows", layer, value=path.name)
    report.refuse_errors(path.name)
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    return frame.reset_index(drop=True)


def _read_ogr(path: Path, layer: str) -> gpd.GeoDataFrame:
    if path.suffix.lower() in _SINGLE:  # listing layers would parse a large GeoJSON once more
        return _read_layer(path, None)
    names = [name for name, kind in pyogrio.list_layers(path) if kind is not None]
    if not names:
        raise DataLayerError("no layer with geometry")
    known = {name for group in aliases(layer).values() for name in group}

    def score(name: str) -> int:
        fields = pyogrio.read_info(path, layer=name)["fields"]
        return len({plain(field) for field in fields} & known)

    return _read_layer(path, max(names, key=score) if len(names) > 1 else names[0])


def _read_layer(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    frame: gpd.GeoDataFrame = pyogrio.read_dataframe(path, layer=layer)
    return frame


def placed(
    frame: gpd.GeoDataFrame, layer: str, report: Report, extent: Mapping[str, float], crs: str = ""
) -> gpd.GeoDataFrame:
    """The frame in EPSG:4326, inside the country.

    Parameters
    ----------
    extent : mapping
        ``west, south, east, north`` of the country in degrees: coordinates outside betray a wrong
        CRS, swapped ones are put right.
    crs : str
        CRS to assume where the file states none.

    Raises
    ------
    QualityError
        Where there is no CRS or the coordinates cannot lie in the country.
    """
    if frame.crs is None:
        if not crs:
            report.add("error", "no_crs", layer)
            report.refuse_errors()
        frame = frame.set_crs(known_crs(crs))
        report.add("info", "assumed_crs", layer, crs=crs)
    frame = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs)
    if frame.crs is not None and not frame.crs.equals(CRS, ignore_axis_order=True):
        report.add("info", "reprojected", layer, crs=str(frame.crs.to_string())[:40])
        frame = frame.to_crs(CRS)
    x, y = _middles(frame)
    lies_inside = _inside(x, y, extent)
    swapped = ~lies_inside & _inside(y, x, extent)
    if swapped.any():
        geometry = frame.geometry.to_numpy().copy()
        geometry[swapped] = shapely.transform(geometry[swapped], lambda xy: xy[:, ::-1])
        frame = frame.set_geometry(geometry, crs=CRS)
        report.add("warning", "swapped", layer, row=int(np.flatnonzero(swapped)[0]) + 1, count=int(swapped.sum()))
    bad = ~lies_inside & ~swapped & np.isfinite(x)
    if bad.sum() * 2 > len(frame):
        first = int(np.flatnonzero(bad)[0])
        report.add("error", "wrong_crs", layer, row=first + 1, value=f"{_shown(x[first])} {_shown(y[first])}")
        report.refuse_errors()
    return frame.set_crs(CRS, allow_override=True)


def _shown(coordinate: float) -> str:
    """Degrees or metres with a decimal; what is neither, short."""
    return f"{coordinate:.1f}" if abs(coordinate) < _FAR else f"{coordinate:.1e}"


def known_crs(text: str) -> pyproj.CRS:
    """The CRS of a code such as ``EPSG:4326``.

    Raises
    ------
    InputError
        Where there is none of this name.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except CRSError as error:
        raise InputError(
            _("There is no coordinate system of this name"), where=text, todo=_("Write it as EPSG:4326")
        ) from error


def _middles(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    bounds = shapely.bounds(frame.geometry.to_numpy())
    return (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2


def _inside(x: np.ndarray, y: np.ndarray, extent: Mapping[str, float]) -> np.ndarray:
    return (extent["west"] <= x) & (x <= extent["east"]) & (extent["south"] <= y) & (y <= extent["north"])
