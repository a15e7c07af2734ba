"""A region from files as they were downloaded: read, checked, joined, completed; nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.language import _, mark
from coverage.progress import Progress, silent
from coverage.raster import Raster
from coverage.region.corrections import Corrections, read_corrections
from coverage.region.land_cover import read_land_cover
from coverage.region.layers import CRS, LAYERS, empty
from coverage.region.providers import default_providers
from coverage.region.quality import Report
from coverage.region.region import Layer, Region, metric_crs
from coverage.region.settle import estimate_settlements, settle_hamlets, settle_pixels
from coverage.region.sites import gather, within
from coverage.region.sources.boundaries import own_crosswalk, read_boundaries
from coverage.region.sources.columns import Source
from coverage.region.sources.registry import Context, Read, read
from coverage.region.terrain import read_terrain
from coverage.region.text import area_code
from coverage.region.villages import build_villages, region_of

_M2_PER_KM2 = 1e6
_METRES_PER_DEGREE = 110_000.0
_OWN = mark("Estimate by Jangkau")
_OPEN = "CC0 1.0"
_PEOPLE_NOTES = {
    "population_table": mark("Population from a table by village"),
    "population_raster": mark("Population from a raster, summed within the borders"),
    "kontur": mark("Population from hexagons, shared by area"),
}
_RANK = ("unknown", "partial", "complete")


@dataclass(frozen=True)
class Files:
    """Files to import, as downloaded; only boundaries are needed."""

    boundaries: Path
    cells: tuple[Path, ...] = ()
    terrain: tuple[Path, ...] = ()
    population: Path | None = None
    crosswalk: Path | None = None
    settlements: Path | None = None
    roads: Path | None = None
    fibre: Path | None = None
    facilities: tuple[Path, ...] = ()
    providers: Path | None = None
    evidence: tuple[Path, ...] = ()
    land_cover: tuple[Path, ...] = ()
    exclusions: tuple[Path, ...] = ()
    baselines: tuple[Path, ...] = ()
    corrections: Path | None = None


@dataclass(frozen=True)
class Choices:
    """What the user says about the files.

    ``code`` keeps only villages whose code begins so; ``name`` is the region's; ``crs`` is taken
    where the boundaries state none; ``resolve_overlaps`` cuts disputed ground off the larger
    village; ``complete`` names operators whose cells are all in the lists given; ``date`` (ISO) is
    the day of the import, kept with what is estimated here.
    """

    code: str = ""
    name: str = ""
    crs: str = ""
    resolve_overlaps: bool = False
    complete: tuple[str, ...] = ()
    date: str = ""


@dataclass
class _Work:
    """The import as it goes on."""

    assumptions: Assumptions
    choices: Choices
    report: Report
    corrections: Corrections
    layers: dict[str, Layer] = field(default_factory=dict)

    def keep(self, name: str, source: Source, date: str = "", note: str = "") -> None:
        self.layers[name] = Layer(name, source.kind, source.label, source.licence, date, note)

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
    report = Report()
    corrections = read_corrections(files.corrections, report) if files.corrections else Corrections()
    work = _Work(assumptions, choices, report, corrections)
    tell(_("Reading boundaries"), 0.0)
    villages, context = _villages(files, work)
    code, name = region_of(villages)
    villages = villages.drop(columns="regency_name")
    tell(_("Reading population"), 0.3)
    villages, pixels = _with_people(villages, context, files.population, work)
    tell(_("Reading terrain"), 0.4)
    terrain = _terrain(files.terrain, context, work)
    tell(_("Reading hamlets"), 0.5)
    settlements = _settlements(files.settlements, villages, pixels, terrain, context, work)
    context = replace(context, settlements=settlements)
    tell(_("Reading cells"), 0.7)
    sites, cells, operators = _towers(files.cells, context, work)
    context = replace(context, sites=sites)
    tell(_("Reading the other layers"), 0.8)
    region = Region(
        code=code,
        name=choices.name or name,
        villages=villages,
        settlements=settlements,
        terrain=terrain,
        sites=sites,
        cells=cells,
        roads=_vector("roads", "roads", (files.roads,), context, work),
        fibre_points=_vector("fibre_points", "fibre", (files.fibre,), context, work),
        facilities=_vector("facilities", "facilities", files.facilities, context, work),
        providers=_providers(files.providers, operators, context, work),
        evidence=_rows("evidence", "evidence", files.evidence, context, work),
        land_cover=_land_cover(files.land_cover, context, work),
        exclusions=_vector("exclusions", "exclusions", files.exclusions, context, work),
        baselines=_rows("baselines", "baselines", files.baselines, context, work),
        layers=work.layers,
    )
    corrections.tell_unused(_kinds_given(files), report)
    tell(_("Done"), 1.0)
    return region, report


def villages_context(
    files: Files, choices: Choices, assumptions: Assumptions, report: Report
) -> tuple[gpd.GeoDataFrame, Context]:
    """Only the villages of an import, and what readers of other files may know of them."""
    return _villages(files, _Work(assumptions, choices, report, Corrections()))


def _kinds_given(files: Files) -> set[str]:
    return {name for name, value in vars(files).items() if value}


def _country(assumptions: Assumptions) -> tuple[float, float, float, float]:
    """(west, south, east, north) of the country in degrees: the box before the villages are known."""
    west, south, east, north = (
        assumptions[f"region.country_{side}_deg"] for side in ("west", "south", "east", "north")
    )
    return west, south, east, north


def _villages(files: Files, work: _Work) -> tuple[gpd.GeoDataFrame, Context]:
    """Villages, and what readers of other files may know of them."""
    nothing = gpd.GeoDataFrame(columns=["village_code", "village_name", "district_name", "geometry"], crs=CRS)
    before = Context(
        nothing, pd.DataFrame(nothing), CRS, _country(work.assumptions), work.assumptions, work.corrections
    )
    crosswalk = read("crosswalk", files.crosswalk, before, work.report).frame if files.crosswalk else own_crosswalk()
    boundaries = read_boundaries(files.boundaries, before, work.report, work.choices.crs)
    villages = build_villages(
        boundaries,
        crosswalk,
        work.assumptions,
        work.report,
        code=area_code(work.choices.code),
        resolve_overlaps=work.choices.resolve_overlaps,
    )
    work.keep("villages", boundaries.source, boundaries.date)
    bps = crosswalk[["village_code", "bps_code", "other_name"]].drop_duplicates("village_code")
    known = pd.DataFrame(villages[["village_code", "village_name", "district_name"]])
    reference = known.merge(bps, how="left", on="village_code").fillna({"bps_code": "", "other_name": ""})
    west, south, east, north = (float(v) for v in villages.total_bounds)
    margin = work.assumptions["region.margin_m"] / _METRES_PER_DEGREE
    box = (west - margin, south - margin, east + margin, north + margin)
    crs = metric_crs(villages)
    return villages, Context(villages, reference, crs, box, work.assumptions, work.corrections)


def _with_people(
    villages: gpd.GeoDataFrame, context: Context, path: Path | None, work: _Work
) -> tuple[gpd.GeoDataFrame, Raster | None]:
    """Population and households: from the table or raster, else estimated from area, and told.

    A raster of people comes back as well, to place the hamlets.
    """
    pixels = None
    density = work.assumptions["region.density_per_km2"]
    codes = pd.Index(villages["village_code"])
    area = villages.to_crs(context.crs).area / _M2_PER_KM2
    estimate = pd.Series((area * density).round().to_numpy(), index=codes)
    if path is None:
        work.report.add("warning", "estimated_population", "population", density=f"{density:g}")
        people, households = estimate, pd.Series(float("nan"), index=codes)
        note = mark("Population is estimated from area alone")
    else:
        found = read("population", path, context, work.report)
        pixels = found.raster
        people = found.frame["population"].reindex(codes).astype(float)
        households = found.frame["households"].reindex(codes).astype(float)
        if people.isna().any():
            work.report.add("warning", "missing_population", "population", count=int(people.isna().sum()))
        people = people.fillna(estimate)
        note = _PEOPLE_NOTES[found.source.name]
    spread = (people / work.assumptions["region.household_size"]).round()
    columns = [c for c in villages.columns if c != "geometry"]
    filled = villages.assign(population=people.to_numpy(), households=households.fillna(spread).to_numpy())
    work.layers["villages"] = replace(work.layers["villages"], note=note)
    return gpd.GeoDataFrame(filled[[*columns, "population", "households", "geometry"]]), pixels


def _terrain(paths: tuple[Path, ...], context: Context, work: _Work) -> Raster | None:
    if not paths:
        work.report.add("warning", "no_terrain", "terrain")
        return None
    raster, source = read_terrain(paths, context.box, work.assumptions, work.report)
    work.keep("terrain", source, note=", ".join(path.name for path in paths))
    return raster


def _land_cover(paths: tuple[Path, ...], context: Context, work: _Work) -> Raster | None:
    if not paths:
        return None
    raster, source = read_land_cover(paths, context.box, work.assumptions, work.report)
    work.keep("land_cover", source, note=", ".join(path.name for path in paths))
    return raster


def _settlements(
    path: Path | None,
    villages: gpd.GeoDataFrame,
    pixels: Raster | None,
    terrain: Raster | None,
    context: Context,
    work: _Work,
) -> gpd.GeoDataFrame:
    """Hamlets from their points, else where a raster has people, else on gentle ground."""
    if path is None and pixels is not None:
        settlements, estimated = settle_pixels(villages, pixels, terrain, work.assumptions)
        work.report.add("info", "settlements_from_raster", "settlements", count=estimated)
        work.estimate("settlements", mark("Where the population raster has people; not the real hamlets"))
        return settlements
    if path is None:
        work.report.add("info", "estimated_settlements", "settlements")
        work.estimate("settlements", mark("Number from the population, place on gentle ground; not the real hamlets"))
        return estimate_settlements(villages, terrain, work.assumptions)
    found = read("settlements", path, context, work.report)
    settlements, estimated = settle_hamlets(villages, found.frame, terrain, work.assumptions)
    if estimated:
        work.report.add("warning", "hamlets_completed", "settlements", count=estimated)
    work.keep("settlements", found.source, found.date)
    return settlements


def _towers(paths: tuple[Path, ...], context: Context, work: _Work) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[str]]:
    """Sites and cells from every file of cells, and the operators that they tell of."""
    if not paths:
        work.report.add("warning", "no_cells_layer", "cells")
        return gpd.GeoDataFrame(empty("sites")), empty("cells"), []
    found = [read("cells", path, context, work.report) for path in paths]
    radios = pd.concat([f.frame for f in found], ignore_index=True)
    radios = radios[within(radios, context.villages, context.crs, work.assumptions["region.margin_m"])]
    if not len(radios):
        work.report.add("warning", "no_cells", "cells")
    sites, cells = gather(radios, context.crs, work.assumptions, work.report)
    completeness = _completeness(found, work.choices.complete)
    if any(said != "complete" for said in completeness.values()):
        work.report.add("info", "partial_cells", "cells")
    work.report.add("info", "assumed_radio", "cells")
    note = mark("Frequency, power, gain and height are assumed by technology where the source has none")
    for name in ("sites", "cells"):
        _keep_all(name, found, note, work)
    work.layers["cells"] = replace(work.layers["cells"], completeness=completeness)
    return sites, cells, sorted(completeness)


def _keep_all(name: str, found: list[Read], note: str, work: _Work) -> None:
    """Provenance of a layer from several files: all sources and licences, the newest date, the humblest kind."""
    order = ("official", "open", "reported", "estimated", "synthetic")
    work.layers[name] = Layer(
        name,
        max((f.source.kind for f in found), key=order.index),
        "; ".join(dict.fromkeys(f.source.label for f in found)),
        "; ".join(dict.fromkeys(f.source.licence for f in found)),
        max(f.date for f in found),
        note,
    )


def _completeness(found: list[Read], complete: tuple[str, ...]) -> dict[str, str]:
    """Per operator the best that any list declares, or what the user declares."""
    best = dict.fromkeys(complete, "complete")
    for one in found:
        for operator, said in one.completeness.items():
            best[operator] = max(said, best.get(operator, "unknown"), key=_RANK.index)
    return dict(sorted(best.items()))


def _rows(name: str, kind: str, paths: tuple[Path | None, ...], context: Context, work: _Work) -> pd.DataFrame:
    """A layer from any number of files of a kind; empty, and told, where there is none."""
    found = [read(kind, path, context, work.report) for path in paths if path is not None]
    if not found:
        if not LAYERS[name].optional:
            work.report.add("info", f"no_{kind}", kind)
        return empty(name)
    _keep_all(name, found, "", work)
    if len(found) == 1:
        return found[0].frame
    frame = pd.concat([f.frame for f in found], ignore_index=True)
    key = str(frame.columns[0])  # every table begins with its identifier; files may number alike
    repeat = frame.groupby(key).cumcount()
    frame[key] = frame[key].where(repeat == 0, frame[key] + "-" + (repeat + 1).astype("str"))
    return frame


def _vector(name: str, kind: str, paths: tuple[Path | None, ...], context: Context, work: _Work) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(_rows(name, kind, paths, context, work))


def _providers(path: Path | None, operators: list[str], context: Context, work: _Work) -> pd.DataFrame:
    if path is not None:
        found = read("providers", path, context, work.report)
        work.keep("providers", found.source, found.date)
        return found.frame
    work.report.add("info", "estimated_providers", "providers")
    work.estimate("providers", mark("A general list with estimated terms"))
    return default_providers(operators, work.assumptions)
