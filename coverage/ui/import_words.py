"""Options of the command line by the names that they bear on the import page."""

from __future__ import annotations

import re

import pandas as pd

from coverage.language import _
from coverage.outputs import words

_OPTION = re.compile(r"--([a-z][a-z-]*)")


def what_it_is(kind: str) -> str:
    """What a file of a kind holds, and in which formats it comes; as the command line says it."""
    return {
        "boundaries": _("Village boundaries (GeoJSON, GeoPackage, zipped Shapefile …)"),
        "cells": _("Cells or towers (OpenCelliD CSV …); may be repeated"),
        "terrain": _("Heights (GeoTIFF, HGT); may be repeated"),
        "population": _("People by village (CSV, XLSX), or a raster of people"),
        "crosswalk": _("Table of Kemendagri and BPS codes"),
        "settlements": _("Hamlet points (table with coordinates, GeoJSON …)"),
        "roads": _("Roads (OSM extract, Overpass JSON, lines)"),
        "fibre": _("Fibre points or lines (OFDS, table, lines)"),
        "facilities": _("Schools, health centres … with coordinates; may be repeated"),
        "providers": _("Providers and their terms (CSV, XLSX)"),
        "evidence": _("Survey or measurement (PODES, IDM, Ookla, own list); may be repeated"),
        "land_cover": _("Land cover (ESA WorldCover GeoTIFF); may be repeated"),
        "exclusions": _("Areas not to build on (forest estate, hazard zones, spatial plan); may be repeated"),
        "baselines": _("Indicators today (CSV, XLSX); may be repeated"),
    }[kind]


def on_page(text: str) -> str:
    """A sentence for the command line, said on the page: ``Give --terrain`` → *Give “Terrain”*."""
    return _OPTION.sub(lambda found: f"“{_name(found.group(1))}”", text)


def report_on_page(frame: pd.DataFrame) -> pd.DataFrame:
    """A quality report (columns of ``Report.frame()``) in the words of the page."""
    return frame.assign(what=frame["what"].map(on_page), todo=frame["todo"].map(on_page))


def _name(option: str) -> str:
    named = {
        "crs": _("Coordinate system, where a file states none"),
        "resolve-overlaps": _("Cut disputed ground off the larger village"),
        "replace": _("Replace the region of this name"),
    }
    return named.get(option) or words.layer(option.replace("-", "_"))
