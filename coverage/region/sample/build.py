"""Put the embedded region together: every layer with its provenance."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.assumptions import Assumptions
from coverage.language import mark
from coverage.region.layers import CRS, empty
from coverage.region.package import save
from coverage.region.region import Layer, Region
from coverage.region.sample.boundaries import village_polygons
from coverage.region.sample.ground import Ground, points_in_degrees, shapes_in_degrees
from coverage.region.sample.network import OPERATORS, network
from coverage.region.sample.roads import roads
from coverage.region.sample.services import facilities, fibre_points, providers
from coverage.region.sample.settlements import settlements
from coverage.region.sample.terrain import terrain
from coverage.region.sample.villages import read_villages, village_populations

CODE, NAME = "33.27", "Pemalang"
#: Fixed, so that the files are the same on every build.
CREATED = "2026-01-01"

_SOURCE = mark("Sample data made by python -m coverage.region.sample; no real network, road or facility")
_LICENCE = "CC0-1.0"
_NOTES = {
    "villages": (
        "estimated",
        mark("Official codes, names, kinds and districts; people and borders estimated from published totals"),
        mark(
            "People: nine districts are published for 2010; the rest of the regency's total is shared among the other "
            "five by area, with the coast denser; scaled to 1,529,920 in 2022; within a district by area, villages at "
            "the district seat denser. Borders: from published centres and areas, approximate."
        ),
    ),
    "settlements": ("synthetic", _SOURCE, mark("Hamlets are made up; their people sum to the village's.")),
    "terrain": (
        "synthetic",
        mark("Published spot heights and Mount Slamet, with made-up ridges between"),
        mark("Heights in whole metres; true at the spot heights (±50 m in the hills), made up between them."),
    ),
    "sites": ("synthetic", _SOURCE, mark("Towers of fictional owners, about one per 3,000 people.")),
    "cells": ("synthetic", _SOURCE, mark("Operators A to D are fictional.")),
    "roads": ("synthetic", _SOURCE, mark("Made-up roads that join every village and hamlet.")),
    "fibre_points": ("synthetic", _SOURCE, mark("Made-up hand-over points of fictional providers.")),
    "facilities": (
        "synthetic",
        _SOURCE,
        mark("Positions are made up; 49 village halls sit away from the hamlets, as the regency reports."),
    ),
    "providers": ("synthetic", _SOURCE, mark("All providers are fictional.")),
    "evidence": ("synthetic", _SOURCE, mark("Empty: nobody has reported or measured anything yet.")),
}


def _layers() -> dict[str, Layer]:
    complete = dict.fromkeys(OPERATORS, "complete")
    return {
        name: Layer(name, kind, source, _LICENCE, CREATED, note, completeness=complete if name == "cells" else {})
        for name, (kind, source, note) in _NOTES.items()
    }


def _points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Rows with metric coordinates as points in EPSG:4326."""
    points = points_in_degrees(frame["x_m"], frame["y_m"])
    return gpd.GeoDataFrame(frame.drop(columns=["x_m", "y_m"]), geometry=points, crs=CRS)


def sample_region(assumptions: Assumptions) -> Region:
    """The embedded region: Pemalang with published facts and made-up detail.

    Parameters
    ----------
    assumptions : Assumptions
        Topic ``sample``.

    Returns
    -------
    Region
        All ten layers in EPSG:4326; the same for the same assumptions.
    """
    villages = read_villages()
    villages["population"] = village_populations(villages, assumptions)
    polygons = village_polygons(villages, assumptions)
    relief = terrain(villages, shapely.union_all(np.array(polygons)), assumptions)
    ground = Ground(relief)
    hamlets = settlements(villages, polygons, ground, assumptions)
    lines = roads(villages, hamlets, ground, assumptions)
    mobile = network(villages, polygons, hamlets, lines, ground, assumptions)
    centres = hamlets.drop_duplicates("village_code")
    return Region(
        code=CODE,
        name=NAME,
        villages=_village_layer(villages, polygons, assumptions),
        settlements=_points(hamlets),
        terrain=relief,
        sites=_points(mobile.sites),
        cells=mobile.cells,
        roads=gpd.GeoDataFrame(
            lines.drop(columns="geometry"), geometry=shapes_in_degrees(lines["geometry"].to_numpy()), crs=CRS
        ),
        fibre_points=_points(fibre_points(villages, centres, assumptions)),
        facilities=_points(facilities(villages, polygons, hamlets, assumptions)),
        providers=providers(assumptions),
        evidence=empty("evidence"),
        layers=_layers(),
    )


def _village_layer(
    villages: pd.DataFrame, polygons: list[shapely.Geometry], assumptions: Assumptions
) -> gpd.GeoDataFrame:
    people = villages["population"].astype(float)
    return gpd.GeoDataFrame(
        {
            "village_code": villages["code"],
            "village_name": villages["name"],
            "kind": villages["kind"],
            "district_code": villages["district_code"],
            "district_name": villages["district"],
            "population": people,
            "households": np.round(people / assumptions["sample.household_size"]),
            "bps_code_2020": villages["bps_code_2020"].fillna(""),
            "area_km2": villages["area_km2"],
            "elevation_m": villages["elevation_m"].astype(float),
        },
        geometry=shapes_in_degrees(np.array(polygons)),
        crs=CRS,
    )


def build(folder: Path, assumptions: Assumptions) -> Region:
    """Build the embedded region and write it, replacing what is there; the same bytes every time."""
    return save(sample_region(assumptions), folder, overwrite=True, created=CREATED)
