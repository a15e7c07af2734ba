"""One registry of readers: every module of this package may offer some, and is found by itself.

A new source is one module here with ``READERS``: what it recognises, and how it is read. Heights and
land cover come as rasters that GDAL reads, several tiles to one layer, and need no reader.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.raster import Raster
from coverage.region.corrections import Corrections
from coverage.region.joins import Likeness
from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.columns import Source, aliases
from coverage.region.sources.files import opened
from coverage.region.sources.probe import Probe

#: A list of cells that has none here says something; other files without a usable row are the wrong ones.
_MAY_BE_EMPTY = ("cells",)


@dataclass(frozen=True)
class Context:
    """What a reader may know of the region.

    Parameters
    ----------
    villages : GeoDataFrame
        ``village_code, village_name, district_name`` and polygons in EPSG:4326; empty while the
        boundaries are read.
    reference : DataFrame
        The same villages with ``bps_code`` and ``other_name`` where known, for joins.
    crs : str
        Metric CRS of the region.
    box : tuple
        (west, south, east, north) in degrees of the region with its margin.
    assumptions : Assumptions
        Topic ``region``.
    corrections : Corrections
        What people put right before.
    settlements, sites : GeoDataFrame, optional
        Tables *Settlements* and *Sites*, once they are known.
    """

    villages: gpd.GeoDataFrame
    reference: pd.DataFrame
    crs: str
    box: tuple[float, float, float, float]
    assumptions: Assumptions
    corrections: Corrections = field(default_factory=Corrections)
    settlements: gpd.GeoDataFrame | None = None
    sites: gpd.GeoDataFrame | None = None

    def renamed(self, frame: pd.DataFrame, layer: str, report: Report) -> pd.DataFrame:
        """The frame with its columns named by field, and corrected as people said before."""
        return self.corrections.applied(columns.renamed(frame, layer), layer, report)

    @property
    def likeness(self) -> Likeness:
        """When two names are taken as one."""
        return Likeness(self.assumptions["region.name_score"], self.assumptions["region.name_margin"])


@dataclass(frozen=True)
class Read:
    """What a reader returns: rows in the columns of its kind, where they are from, and when.

    ``raster`` holds the people per pixel that a population raster has around the region.
    """

    frame: pd.DataFrame
    source: Source
    date: str = ""
    completeness: dict[str, str] = field(default_factory=dict)
    raster: Raster | None = None


@dataclass(frozen=True)
class Reader:
    """One kind of file: how it is recognised and read.

    Readers of lower ``rank`` are asked first: exact formats before general ones.
    """

    layer: str
    recognises: Callable[[Probe], bool]
    read: Callable[[Path, Context, Report], Read]
    rank: int = 0


@cache
def readers(layer: str) -> tuple[Reader, ...]:
    """All readers of a kind of file, the most exact first."""
    package = importlib.import_module("coverage.region.sources")
    found: list[Reader] = []
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        found.extend(getattr(importlib.import_module(f"{package.__name__}.{module}"), "READERS", ()))
    return tuple(sorted((r for r in found if r.layer == layer), key=lambda r: r.rank))


def read(layer: str, path: Path, context: Context, report: Report) -> Read:
    """Read a file of a kind with the first reader that recognises it.

    Parameters
    ----------
    layer : str
        Kind of file: ``boundaries, crosswalk, population, cells, facilities, roads, fibre,
        settlements, evidence, providers, exclusions, baselines``.
    path : Path
        As downloaded, perhaps ``.gz`` or ``.zip``.

    Raises
    ------
    QualityError
        Where nothing recognises the file, or it cannot be used.
    """
    with opened(path, layer, report) as inner:
        probe = Probe(inner)
        for reader in readers(layer):
            if reader.recognises(probe):
                found = reader.read(inner, context, report)
                if not len(found.frame) and layer not in _MAY_BE_EMPTY:
                    report.add("error", "nothing_usable", layer, value=path.name)
                    report.refuse_errors(path.name)
                return found
        expected = ", ".join(names[0] for names in aliases(layer).values())
        shown = " ".join(probe.head[:60].split())
        report.add("error", "unknown_format", layer, value=path.name, columns=shown, expected=expected)
        report.refuse_errors(path.name)
        raise AssertionError("an error refuses the file")
