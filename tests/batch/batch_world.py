"""Two small provinces as files: one sound neighbourhood, and one regency of each awkward kind."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
from affine import Affine
from shapely.geometry import LineString, box

from coverage.raster import Raster
from coverage.scenario import Scenario

#: Small reach and wide pixels, so that a regency takes a second.
QUICK = {
    "radio.radius_max_m": 6000.0,
    "region.margin_m": 6000.0,
    "analysis.grid_margin_m": 6000.0,
    "analysis.grid_m": 250.0,
    "batch.frontier_steps": 3.0,
}
SCENARIO = Scenario(objective="people", include_unknown=True, assumptions=QUICK, node_limit=20)

#: Regency -> south-western corner and number of villages side by side (0.02 degrees each).
SOUND = {"33.27": (109.40, -7.00, 3), "33.28": (109.46, -7.00, 2)}
AWKWARD = {
    "33.29": (110.90, -7.00, 2),  # no tower and no terrain
    "33.30": (109.50, -7.00, 1),  # one village
    "61.71": (107.97, -1.00, 3),  # 108 degrees east runs through it
}
REPEATED, BROKEN = "33.31", "33.32"
SIZE = 0.02
_HEADER = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"


def villages(regency: str, west: float, south: float, count: int) -> list[dict[str, object]]:
    """Square villages in a row."""
    return [
        {
            "kode": f"{regency}.01.{2001 + k}",
            "nama": f"Desa {regency} {k}",
            "kec_kode": f"{regency}.01",
            "kec_nama": "Satu",
            "kab_nama": f"Kabupaten {regency}",
            "geometry": box(west + k * SIZE, south, west + (k + 1) * SIZE, south + SIZE),
        }
        for k in range(count)
    ]


def boundaries(path: Path, rows: list[dict[str, object]]) -> Path:
    """A boundary file in the columns of the Kemendagri-style GeoJSON."""
    gpd.GeoDataFrame(rows, geometry="geometry", crs=4326).to_file(path)
    return path


def cells(path: Path, places: list[tuple[float, float]]) -> Path:
    """An OpenCelliD file with one LTE cell of each place, of two operators in turn."""
    rows = [
        f"LTE,510,{10 + k % 2},3837,{48566017 + 256 * k},-1,{lon},{lat},1000,23,1,1731399807,{1731432544 + k},0"
        for k, (lon, lat) in enumerate(places)
    ]
    path.write_text("\n".join([_HEADER, *rows]) + "\n")
    return path


def terrain(path: Path) -> Path:
    """Rough ground with a ridge between 109.3 and 109.7 degrees east, 3 arc-seconds."""
    step, rows, cols = 1 / 1200, 360, 480
    rough = np.random.default_rng(1).uniform(0, 60, (rows, cols))
    ridge = 400 * np.exp(-(((np.arange(cols) * step - 0.12) / 0.01) ** 2))
    values = np.round(5 + ridge + rough).astype(np.float32)
    Raster(values, Affine(step, 0, 109.3, 0, -step, -6.85), "EPSG:4326").write(path)
    return path


def make(folder: Path, *, awkward: bool, with_layers: bool = False) -> dict[str, object]:
    """Files of the world, as arguments of :class:`coverage.batch.Inputs`."""
    first = [row for code, where in SOUND.items() for row in villages(code, *where)]
    towers = [(109.405, -6.995), (109.44, -6.99), (109.475, -6.985)]
    files = [boundaries(folder / "jawa_tengah.geojson", first)]
    if awkward:
        places = dict(AWKWARD)
        first += villages("33.29", *places["33.29"]) + villages("33.30", *places["33.30"])
        first += villages(REPEATED, 109.52, -7.00, 2)
        first += [{**row, "geometry": None} for row in villages(BROKEN, 109.60, -7.00, 1)]
        second = villages("61.71", *places["61.71"]) + villages(REPEATED, 109.52, -7.00, 1)
        towers += [(109.505, -6.99), (107.99, -0.99), (108.02, -0.985)]
        files = [boundaries(folder / "jawa_tengah.geojson", first), boundaries(folder / "lain.geojson", second)]
    layers: dict[str, object] = {}
    if with_layers:
        way = LineString([(109.40, -6.99), (109.45, -6.985), (109.50, -6.99)])
        road = gpd.GeoDataFrame({"highway": ["primary"]}, geometry=[way], crs=4326)
        road.to_file(folder / "roads.gpkg")
        (folder / "fibre.csv").write_text("id,owner,lat,lon\nA,ISP,-6.99,109.41\nB,ISP,-6.99,109.80\n")
        layers = {"roads": folder / "roads.gpkg", "fibre": folder / "fibre.csv"}
    return {
        **layers,
        "boundaries": tuple(files),
        "cells": (cells(folder / "510.csv", towers),),
        "terrain": (terrain(folder / "dem.tif"),),
    }


def written(folder: Path) -> dict[str, bytes]:
    """Every file of results (not the state kept for resuming), by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".batch" not in path.parts
    }
