"""The options of a region: which villages need them, what each technology offers, what it costs."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.features
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _
from coverage.options.backhaul import backhaul
from coverage.options.costs import bill_frame
from coverage.options.draft import Draft, option_row, reach_frame
from coverage.options.feeds import choose_feeds
from coverage.options.fixed_wireless import fixed_wireless
from coverage.options.ftth import ftth
from coverage.options.model import OptionSet
from coverage.options.new_radio import new_radios
from coverage.options.prune import prune
from coverage.options.repeater import donors, fitting, repeater
from coverage.options.roadnet import road_network
from coverage.options.siting import Ground
from coverage.options.tower import towers
from coverage.options.wifi import satellite_wifi
from coverage.options.world import NOWHERE, People, World, household_sizes, metric_sites
from coverage.progress import Progress, silent
from coverage.raster import Raster
from coverage.tables import OPTION_TECHNOLOGIES, Options
from coverage.threads import threads

if TYPE_CHECKING:
    from coverage.access import Access
    from coverage.radio import Signal


def villages_in_need(village_access: pd.DataFrame, assumptions: Assumptions) -> list[str]:
    """Codes of the villages that get options, in order.

    Every village whose class is not ``served``, and served ones that leave out more people than
    ``options.left_out_people``. A village without residents gets none: there is nobody to serve.
    """
    needy = (village_access["access_class"] != "served") | (
        village_access["population_left_out"] > assumptions["options.left_out_people"]
    )
    return sorted(village_access.loc[needy & (village_access["population"] > 0), "village_code"])


def options(
    villages: gpd.GeoDataFrame,
    settlements: gpd.GeoDataFrame,
    places: pd.DataFrame,
    access: Access,
    terrain: Raster,
    sites: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    fibre_points: gpd.GeoDataFrame,
    signal: Signal | None,
    assumptions: Assumptions,
    technologies: Iterable[str] = OPTION_TECHNOLOGIES,
    progress: Progress | None = None,
    *,
    exclusions: gpd.GeoDataFrame | None = None,
    clutter: Raster | None = None,
) -> OptionSet:
    """Options of every village in need, with their reach, bill and backhaul graph.

    Each technology offers a village at most one option; one that two others beat in everything is
    left out (:mod:`coverage.options.prune`).

    Parameters
    ----------
    villages, settlements, sites, roads, fibre_points : GeoDataFrame
        Layers of a region, any CRS (:mod:`coverage.tables`).
    places : DataFrame
        :class:`coverage.tables.Places` on the pixels of `terrain`.
    access : Access
        ``villages`` says who needs options, ``place_covered`` who is covered today.
    terrain : Raster
        Metric terrain in metres.
    signal : Signal or None
        Today's signal with its cells: which operator is on which tower, and what a repeater could
        repeat. Without it there are no repeaters and no new radios.
    assumptions : Assumptions
        ``options.*``, ``cost.*``, ``market.household_size``, ``market.mbps_per_home`` and ``radio.*``.
    technologies : iterable of str
        Which of :data:`coverage.tables.OPTION_TECHNOLOGIES` to offer.
    progress : callable, optional
        Told after each village.
    exclusions : GeoDataFrame, optional
        :class:`coverage.tables.Exclusions`: no new mast stands where they forbid it.
    clutter : Raster, optional
        Height of what stands on the ground in m, on the grid of `terrain`.

    Returns
    -------
    OptionSet
        Deterministic: options are in order of village, then technology.

    Raises
    ------
    InputError
        Where a technology is unknown or the places do not fit the access result.
    """
    wanted = set(technologies)
    if unknown := wanted - set(OPTION_TECHNOLOGIES):
        raise InputError(
            _("There is no such technology"),
            where=", ".join(sorted(unknown)),
            todo=_("Choose from: {names}").format(names=", ".join(OPTION_TECHNOLOGIES)),
        )
    covered = np.asarray(access.place_covered, dtype=bool)
    if len(covered) != len(places):
        raise InputError(_("Access was computed for other places"), where="place_covered")
    tell = progress or silent
    needy = villages_in_need(access.villages, assumptions)
    layers = (villages, settlements, sites, roads, fibre_points)
    world = _world(layers, places, covered, terrain, exclusions, clutter, assumptions)
    drafts = _drafts(needy, wanted, villages, world, signal, tell)
    order = {name: number for number, name in enumerate(OPTION_TECHNOLOGIES)}
    drafts.sort(key=lambda draft: (draft.village_code, order[draft.technology]))
    tell(_("Finding backhaul routes"), 0.85)
    made, hops = choose_feeds(drafts, world)
    made = prune(made, hops, world)
    nodes, links, bill = backhaul(made, world.net, hops, world.sites, fibre_points, terrain.crs, assumptions)
    tell(_("Options are ready"), 1.0)
    return _option_set(made, nodes, links, bill, world)


def _world(
    layers: tuple[gpd.GeoDataFrame, ...],
    places: pd.DataFrame,
    covered: NDArray[np.bool_],
    terrain: Raster,
    exclusions: gpd.GeoDataFrame | None,
    clutter: Raster | None,
    assumptions: Assumptions,
) -> World:
    villages, settlements, sites, roads, fibre_points = layers
    numbers = {code: number for number, code in enumerate(villages["village_code"])}
    people = People(
        places["population"].to_numpy(dtype=float),
        covered,
        places["busy_hour_mbps"].to_numpy(dtype=float),
        places["village_code"].map(numbers).fillna(-1).to_numpy(dtype=np.intp),
        np.column_stack(terrain.xy(places["row"].to_numpy(), places["col"].to_numpy())),
    )
    return World(
        terrain=terrain,
        clutter=clutter,
        places=places,
        people=people,
        numbers=numbers,
        household_size=household_sizes(villages, assumptions),
        hamlets=settlements.to_crs(terrain.crs).sort_values("settlement_id"),
        sites=metric_sites(sites, terrain.crs),
        fibre_xy=shapely.get_coordinates(fibre_points.geometry.to_crs(terrain.crs).to_numpy()).reshape(-1, 2),
        net=road_network(roads, settlements, fibre_points, terrain.crs, assumptions["options.route_factor"]),
        has_roads=len(roads) > 0,
        building=_building(exclusions, terrain),
        assumptions=assumptions,
    )


def _drafts(
    needy: list[str],
    wanted: set[str],
    villages: gpd.GeoDataFrame,
    world: World,
    signal: Signal | None,
    tell: Progress,
) -> list[Draft]:
    """What every technology offers to the villages in need."""
    found: list[Draft | None] = []
    pool = ThreadPoolExecutor(threads())  # the kernels release the interpreter's lock
    try:
        if wanted & {"light_tower", "macro_tower", "repeater"}:
            ground = Ground(world, _burnt(villages, world.terrain))
            source = donors(signal) if signal is not None and "repeater" in wanted else None
            fits = fitting(ground, source, world.assumptions) if source is not None else None

            def masts(code: str) -> list[Draft | None]:
                made: list[Draft | None] = list(towers(code, ground, world))
                return (
                    [*made, repeater(code, ground, source, fits, world)]
                    if source is not None and fits is not None
                    else made
                )

            for number, mine in enumerate(pool.map(masts, needy), start=1):
                found += mine
                tell(_("Siting towers"), 0.6 * number / len(needy))
        if "new_radio" in wanted and signal is not None:
            tell(_("Trying existing towers"), 0.6)
            found += new_radios(needy, world, signal.cells, pool)
    finally:
        # A progress that raises Cancelled must not wait for villages that nobody wants any more.
        pool.shutdown(wait=True, cancel_futures=True)
    if "fixed_wireless" in wanted:
        tell(_("Looking which hamlets masts see"), 0.7)
        found += fixed_wireless(needy, world)
    for code in needy:
        if "ftth" in wanted:
            at = world.places_of_village.get(code, NOWHERE)
            found.append(
                ftth(
                    code,
                    world.household_size[code],
                    at,
                    world.people.population,
                    world.people.xy,
                    world.net,
                    world.assumptions,
                )
            )
        if "satellite_wifi" in wanted:
            found.append(satellite_wifi(code, world))
    return [draft for draft in found if draft is not None and draft.technology in wanted]


def _option_set(
    drafts: list[Draft],
    nodes: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
    link_bill: list[dict[str, object]],
    world: World,
) -> OptionSet:
    where = dict(zip(nodes["node"], shapely.get_coordinates(nodes.geometry.to_numpy()).tolist(), strict=True))
    rows, bill = [], []
    covered = world.people.covered
    for draft in drafts:
        lon, lat = where[draft.option_id]
        row, lines = option_row(draft, lon, lat, covered, world.assumptions)
        rows.append(row)
        bill.extend(lines)
    frame = pd.DataFrame(rows, columns=list(Options.to_schema().columns))
    return OptionSet(
        options=Options.validate(frame),
        reach=reach_frame(drafts, world.places, covered),
        links=links,
        nodes=nodes,
        bill=bill_frame(bill + link_bill),
    )


def _burnt(villages: gpd.GeoDataFrame, terrain: Raster) -> NDArray[np.intp]:
    """Number of the village of each pixel; -1 outside."""
    shapes = villages.geometry.to_crs(terrain.crs)
    burnt = rasterio.features.rasterize(
        ((shape, number) for number, shape in enumerate(shapes) if shape is not None and not shape.is_empty),
        out_shape=terrain.shape,
        transform=terrain.transform,
        fill=-1,
        dtype="int32",
    )
    return np.asarray(burnt.astype(np.intp))


def _building(exclusions: gpd.GeoDataFrame | None, terrain: Raster) -> NDArray[np.bool_]:
    """Pixels where no exclusion forbids a new mast."""
    free = np.ones(terrain.shape, dtype=bool)
    if exclusions is None or not len(exclusions):
        return free
    shapes = exclusions.loc[exclusions["rule"] == "forbidden"].geometry.to_crs(terrain.crs)
    real = [shape for shape in shapes if shape is not None and not shape.is_empty]
    if real:
        free &= ~rasterio.features.geometry_mask(real, terrain.shape, terrain.transform, all_touched=True, invert=True)
    return free
