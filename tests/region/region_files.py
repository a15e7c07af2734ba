"""Small files as the sources publish them, written for each test."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from shapely.geometry import box

#: Header and rows of OpenCelliD: an eNodeB with two sectors, a lone GSM cell, one of another operator.
CELLS = (
    "LTE,510,10,3837,48566017,-1,109.32,-7.07,1000,23,1,1731399807,1731432544,0",
    "LTE,510,10,3837,48566018,-1,109.322,-7.071,1000,7,1,1731399807,1731432544,0",
    "GSM,510,10,4869,18392,0,109.35,-7.08,2000,4,1,1457113100,1725776226,0",
    "LTE,510,11,52084,134323720,-1,109.37,-7.06,1000,10,1,1687140722,1725776225,0",
)
HEADER = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"


def village_frame(**columns: list[object]) -> gpd.GeoDataFrame:
    """Three villages side by side, in the columns of the Kemendagri-style GeoJSON."""
    frame = {
        "kode": ["33.27.01.2001", "33.27.01.2002", "33.27.01.1003"],
        "nama": ["Plakaran", "Mandiraja", "Walangsanga"],
        "kec_kode": ["33.27.01"] * 3,
        "kec_nama": ["Moga"] * 3,
        "kab_nama": ["Kabupaten Pemalang"] * 3,
    }
    shapes = [box(west, -7.10, west + 0.04, -7.05) for west in (109.30, 109.34, 109.38)]
    return gpd.GeoDataFrame({**frame, **columns}, geometry=shapes, crs=4326)


def boundaries(folder: Path, name: str = "villages.geojson", **columns: list[object]) -> Path:
    """The three villages as a file; ``columns`` replace values."""
    path = folder / name
    frame = village_frame(**columns)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


def cells(folder: Path, *rows: str, header: bool = False) -> Path:
    """An OpenCelliD file; by default :data:`CELLS`."""
    path = folder / "510.csv"
    path.write_text("\n".join([*([HEADER] if header else []), *(rows or CELLS)]) + "\n")
    return path
