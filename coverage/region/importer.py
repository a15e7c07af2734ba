"""A region from files as they were downloaded: read, checked, joined, completed; nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.language import _, mark
from coverage.progress import Progress, silent
from coverage.raster import Raster
from coverage.region.layers import empty
from coverage.region.providers import default_providers
from coverage.region.quality import Report
from coverage.region.region import Layer, Region, utm_crs
from coverage.region.settle import estimate_settlements
from coverage.region.sites import gather, within
from coverage.region.sources.boundaries import own_crosswalk, read_boundaries, read_crosswalk
from coverage.region.sources.cells import read_cells
from coverage.region.sources.columns import Source
from coverage.region.sources.population import read_population
from coverage.region.sources.radios import Radios
from coverage.region.terrain import read_terrain
from coverage.region.villages import build_villages, likeness, region_of

_M2_PER_KM2 = 1e6
_METRES_PER_DEGREE = 110_000.0
_OWN = mark("Estimate by Jangkau")
_OPEN = "CC0 1.0"
_SOURCE_NOTES = {
    "population_table": mark("Population from a table by village"),
    "population_raster": mark("Population from a raster, summed within the borders"),
    "kontur": mark("Population from hexagons, shared by area"),
}


@dataclass(frozen=True)
class Files:
    """Files to import, as downloaded; only boundaries are needed."""

    boundaries: Path
    cells: tuple[Path, ...] = ()
    terrain: tuple[Path, ...] = ()
    population: Path | None = None
    crosswalk: Path | None = None


@dataclass(frozen=True)
class Choices:
    """What the user says about the files.

    ``code`` keeps only villages whose code begins so; ``name`` is the region's; ``crs`` is taken
    where a vector file states none; ``resolve_overlaps`` cuts disputed ground off the larger
    village; ``date`` (ISO) is the day of the import, kept with what is estimated here.
    """

    code: str = ""
    name: str = ""
    crs: str = ""
    resolve_overlaps: bool = False
    date: str = ""


@dataclass
class _Work:
    """The region as it grows."""

    assumptions: Assumptions
    choices: Choices
    report: Report
    layers: dict[str, Layer] = field(default_factory=dict)

    def keep(self, name: str, source: Source, date: str = "", note: str = "", kind: str = "") -> None:
        self.layers[name] = Layer(name, kind or source.kind, source.label, source.licence, date, note)

    def estimate(self, name: str, note: str) -> None:
        self.layers[name] = Layer(name, "estimated", _OWN, _OPEN, self.choices.date, note)


def import_region(
    files: Files, choices: Choices, assumptions: Assumptions, progress: Progress | None = None
) -> tuple[Region, Report]:
    """Build a region in memory from downloaded files.

    Parameters
    ----------
    files : Files
        Boundaries and whatever else there is.
    choices : Choices
        Code, name and how to treat doubts.
    assumptions : Assumptions
        Topic ``region``.

    Returns
    -------
    Region, Report
        The region, not yet written, and everything that was found, repaired or estimated.

    Raises
    ------
    QualityError
        Where a file cannot be used; it carries the report.
    """
    tell = progress or silent
    work = _Work(assumptions, choices, Report())
    tell(_("Reading boundaries"), 0.0)
    villages, reference = _villages(files, work)
    tell(_("Reading population"), 0.3)
    villages = _with_people(villages, reference, files.population, work)
    code, name = region_of(villages)
    villages = villages.drop(columns="regency_name")
    west, south, east, north = (float(v) for v in villages.total_bounds)
    crs = utm_crs((west, south, east, north))
    margin = assumptions["region.margin_m"] / _METRES_PER_DEGREE
    box = (west - margin, south - margin, east + margin, north + margin)
    tell(_("Reading terrain"), 0.4)
    terrain = _terrain(files.terrain, box, work)
    tell(_("Estimating hamlets"), 0.5)
    settlements = estimate_settlements(villages, terrain, assumptions)
    work.report.add("info", "estimated_settlements", "settlements")
    work.estimate("settlements", mark("Number from the population, place on gentle ground; not the real hamlets"))
    tell(_("Reading cells"), 0.7)
    sites, cells, operators = _towers(files.cells, villages, crs, box, work)
    work.report.add("info", "estimated_providers", "providers")
    work.estimate("providers", mark("A general list with estimated terms"))
    for message in ("no_roads", "no_fibre", "no_facilities", "no_evidence"):
        work.report.add("info", message, message.removeprefix("no_"))
    region = Region(
        code=code,
        name=choices.name or name,
        villages=villages,
        settlements=settlements,
        terrain=terrain,
        sites=sites,
        cells=cells,
        roads=_none("roads"),
        fibre_points=_none("fibre_points"),
        facilities=_none("facilities"),
        providers=default_providers(operators, assumptions),
        evidence=empty("evidence"),
        layers=work.layers,
    )
    tell(_("Done"), 1.0)
    return region, work.report


def _none(name: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(empty(name))


def extent(assumptions: Assumptions) -> dict[str, float]:
    """``west, south, east, north`` of the country in degrees."""
    return {side: assumptions[f"region.country_{side}_deg"] for side in ("west", "south", "east", "north")}


def _villages(files: Files, work: _Work) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    crosswalk = read_crosswalk(files.crosswalk, work.report) if files.crosswalk else own_crosswalk()
    boundaries = read_boundaries(files.boundaries, work.report, extent(work.assumptions), work.choices.crs)
    villages = build_villages(
        boundaries,
        crosswalk,
        work.assumptions,
        work.report,
        code=work.choices.code,
        resolve_overlaps=work.choices.resolve_overlaps,
    )
    work.keep("villages", boundaries.source, boundaries.date)
    bps = crosswalk[["village_code", "bps_code", "other_name"]].drop_duplicates("village_code")
    reference = villages[["village_code", "village_name", "district_name"]].merge(bps, how="left", on="village_code")
    return villages, pd.DataFrame(reference).fillna({"bps_code": "", "other_name": ""})


def _with_people(
    villages: gpd.GeoDataFrame, reference: pd.DataFrame, path: Path | None, work: _Work
) -> gpd.GeoDataFrame:
    """Population and households: from the table or raster, else estimated from area, and told."""
    density = work.assumptions["region.density_per_km2"]
    area = villages.to_crs(utm_crs(tuple(float(v) for v in villages.total_bounds))).area / _M2_PER_KM2  # type: ignore[arg-type]
    estimate = (area * density).round().to_numpy()
    layer = work.layers["villages"]
    people = pd.Series(float("nan"), index=villages["village_code"])
    households = people.copy()
    if path is None:
        work.report.add("warning", "estimated_population", "population", density=f"{density:g}")
        note = mark("Population is estimated from area alone")
    else:
        table, source = read_population(path, villages, reference, likeness(work.assumptions), work.report)
        people = table["population"].reindex(villages["village_code"]).astype(float)
        households = table["households"].reindex(villages["village_code"]).astype(float)
        missing = int(people.isna().sum())
        if missing:
            work.report.add("warning", "missing_population", "population", count=missing)
        note = _SOURCE_NOTES[source.name]
    villages = villages.copy()
    villages["population"] = people.fillna(pd.Series(estimate, index=people.index)).to_numpy()
    spread = (villages["population"] / work.assumptions["region.household_size"]).round().to_numpy()
    villages["households"] = households.fillna(pd.Series(spread, index=households.index)).to_numpy()
    work.layers["villages"] = Layer(layer.name, layer.kind, layer.source, layer.licence, layer.date, note)
    columns = [c for c in villages.columns if c != "geometry"]
    return villages[[*columns, "geometry"]]


def _terrain(paths: tuple[Path, ...], box: tuple[float, float, float, float], work: _Work) -> Raster | None:
    if not paths:
        work.report.add("warning", "no_terrain", "terrain")
        return None
    raster, source = read_terrain(paths, box, work.assumptions, work.report)
    work.keep("terrain", source, note=", ".join(path.name for path in paths))
    return raster


def _towers(
    paths: tuple[Path, ...],
    villages: gpd.GeoDataFrame,
    crs: str,
    box: tuple[float, float, float, float],
    work: _Work,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[str]]:
    """Sites and cells from every file of cells, and the operators that they tell of."""
    if not paths:
        work.report.add("warning", "no_cells_layer", "cells")
        return _none("sites"), empty("cells"), []
    read = [read_cells(path, box, work.assumptions, work.report) for path in paths]
    radios = pd.concat([r.frame for r in read], ignore_index=True)
    radios = radios[within(radios, villages, crs, work.assumptions["region.margin_m"])]
    if not len(radios):
        work.report.add("warning", "no_cells", "cells")
    sites, cells = gather(radios, crs, work.assumptions, work.report)
    completeness = _completeness(read)
    work.report.add("info", "partial_cells", "cells")
    work.report.add("info", "assumed_radio", "cells")
    date = max(r.date for r in read)
    note = mark("Frequency, power, gain and height are assumed by technology")
    for name in ("sites", "cells"):
        work.keep(name, read[0].source, date, note)
    work.layers["cells"] = Layer(**{**vars(work.layers["cells"]), "completeness": completeness})
    return sites, cells, sorted(completeness)


def _completeness(read: list[Radios]) -> dict[str, str]:
    """Per operator the best that any list declares: a complete list is not undone by a partial one."""
    rank = ("unknown", "partial", "complete")
    best: dict[str, str] = {}
    for radios in read:
        for operator, said in radios.completeness.items():
            best[operator] = max(said, best.get(operator, "unknown"), key=rank.index)
    return dict(sorted(best.items()))
