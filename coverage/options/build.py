"""The options of a region: which villages need them, what each technology offers, what it costs."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _
from coverage.options.backhaul import backhaul
from coverage.options.costs import bill_frame
from coverage.options.draft import Draft, option_row, reach_frame
from coverage.options.ftth import ftth
from coverage.options.hops import Hop, nearest_hops
from coverage.options.model import OptionSet
from coverage.options.roadnet import RoadNet, road_network
from coverage.options.tower import Ground, People, best_tower, tower_power_dbm
from coverage.options.wifi import satellite_wifi
from coverage.progress import Progress, silent
from coverage.radio.path_loss import path_loss
from coverage.raster import Raster
from coverage.tables import OPTION_TECHNOLOGIES, Options

if TYPE_CHECKING:
    from coverage.access import Access
    from coverage.radio import Signal

#: Threads that site towers: the kernels release the interpreter lock, and more only wait.
_THREADS = 2
_NOWHERE = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class _Ground:
    """What every technology needs to know, made once."""

    places: pd.DataFrame
    population: NDArray[np.float64]
    xy: NDArray[np.float64]
    covered: NDArray[np.bool_]
    household_size: dict[str, float]


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
    signal: Signal,  # noqa: ARG001 - kept for interference and sharing of sites
    assumptions: Assumptions,
    technologies: Iterable[str] = OPTION_TECHNOLOGIES,
    progress: Progress | None = None,
) -> OptionSet:
    """Options of every village in need, with their reach, bill and backhaul graph.

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
    signal : Signal
        Today's signal.
    assumptions : Assumptions
        ``options.*``, ``cost.*``, ``market.household_size`` and ``radio.*``.
    technologies : iterable of str
        Which of :data:`coverage.tables.OPTION_TECHNOLOGIES` to offer.
    progress : callable, optional
        Told after each village.

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
    xy = np.column_stack(terrain.xy(places["row"].to_numpy(), places["col"].to_numpy()))
    population = places["population"].to_numpy(dtype=float)
    world = _Ground(places, population, xy, covered, _household_sizes(villages, assumptions))
    net = road_network(roads, settlements, fibre_points, terrain.crs, assumptions["options.route_factor"])
    drafts: list[Draft | None] = []
    if "light_tower" in wanted:
        drafts += _towers(needy, world, villages, terrain, net if len(roads) else None, assumptions, tell)
    if "ftth" in wanted:
        own = _positions(places["village_code"])
        for code in needy:
            at = own.get(code, _NOWHERE)
            drafts.append(ftth(code, world.household_size[code], at, population, xy, net, assumptions))
    if "satellite_wifi" in wanted:
        at_hamlet = _positions(places["settlement_id"])
        demand = places["busy_hour_mbps"].to_numpy(dtype=float)
        hamlets = settlements.to_crs(terrain.crs).sort_values("settlement_id")
        of_village = _positions(hamlets["village_code"])
        for code in needy:
            here = hamlets.iloc[of_village.get(code, _NOWHERE)]
            drafts.append(
                satellite_wifi(code, here, world.household_size[code], at_hamlet, population, demand, xy, assumptions)
            )
    order = {name: number for number, name in enumerate(OPTION_TECHNOLOGIES)}
    made = sorted((d for d in drafts if d is not None), key=lambda d: (d.village_code, order[d.technology]))
    tell(_("Finding backhaul routes"), 0.85)
    made, hops = _with_microwave(made, terrain, sites, assumptions)
    nodes, links, bill = backhaul(made, net, hops, fibre_points, terrain.crs, assumptions)
    tell(_("Options are ready"), 1.0)
    return _option_set(made, nodes, links, bill, world, assumptions)


def _positions(keys: pd.Series) -> dict[str, NDArray[np.intp]]:
    """Positions of every key, in order."""
    codes, names = pd.factorize(keys)
    order = np.argsort(codes, kind="stable")
    ends = np.flatnonzero(np.diff(codes[order])) + 1
    return {str(names[codes[group[0]]]): group for group in np.split(order, ends) if group.size}


def _with_microwave(
    drafts: list[Draft], terrain: Raster, sites: gpd.GeoDataFrame, assumptions: Assumptions
) -> tuple[list[Draft], dict[str, Hop]]:
    """The drafts, and behind every tower with a clear hop its twin that is fed by that hop."""
    found = nearest_hops(drafts, terrain, sites, assumptions)
    made: list[Draft] = []
    hops: dict[str, Hop] = {}
    for draft in drafts:
        made.append(draft)
        if draft.option_id in found:
            twin = replace(draft, option_id=f"{draft.option_id}m", feed="microwave")
            made.append(twin)
            hops[twin.option_id] = found[draft.option_id]
    return made, hops


def _option_set(
    drafts: list[Draft],
    nodes: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
    link_bill: list[dict[str, object]],
    world: _Ground,
    assumptions: Assumptions,
) -> OptionSet:
    where = dict(zip(nodes["node"], shapely.get_coordinates(nodes.geometry.to_numpy()).tolist(), strict=True))
    rows, bill = [], []
    for draft in drafts:
        lon, lat = where[draft.option_id]
        row, lines = option_row(draft, lon, lat, world.covered, assumptions)
        rows.append(row)
        bill.extend(lines)
    frame = pd.DataFrame(rows, columns=list(Options.to_schema().columns))
    return OptionSet(
        options=Options.validate(frame),
        reach=reach_frame(drafts, world.places, world.covered),
        links=links,
        nodes=nodes,
        bill=bill_frame(bill + link_bill),
    )


def _household_sizes(villages: gpd.GeoDataFrame, assumptions: Assumptions) -> dict[str, float]:
    """People per home by village; where either number is missing the regency's average."""
    population, households = villages["population"].to_numpy(float), villages["households"].to_numpy(float)
    known = (population > 0) & (households > 0)
    size = np.full(len(villages), assumptions["market.household_size"])
    size[known] = population[known] / households[known]
    return dict(zip(villages["village_code"], size.tolist(), strict=True))


def _towers(
    needy: list[str],
    world: _Ground,
    villages: gpd.GeoDataFrame,
    terrain: Raster,
    net: RoadNet | None,
    assumptions: Assumptions,
    tell: Progress,
) -> list[Draft | None]:
    numbers = {code: number for number, code in enumerate(villages["village_code"])}
    people = People(
        world.population,
        world.covered,
        world.places["busy_hour_mbps"].to_numpy(dtype=float),
        world.places["village_code"].map(numbers).fillna(-1).to_numpy(dtype=np.intp),
        world.xy,
    )
    ground = _tower_ground(world, villages, terrain, net, assumptions)
    power = tower_power_dbm(assumptions)
    usable = assumptions["radio.threshold_usable_dbm"]

    radius = assumptions["options.tower_radius"]

    def predict(x: float, y: float) -> Raster:
        loss = path_loss(
            _window(terrain, x, y, radius),
            x,
            y,
            assumptions["options.tower_height"],
            assumptions["options.tower_frequency"],
            radius,
            assumptions,
        )
        return loss.with_values(power - loss.values)

    def site(code: str) -> Draft | None:
        return best_tower(
            code,
            numbers[code],
            ground.candidates(numbers[code]),
            ground,
            predict,
            people,
            usable,
            world.household_size[code],
            assumptions,
        )

    found: list[Draft | None] = []
    pool = ThreadPoolExecutor(_THREADS)
    try:
        for number, draft in enumerate(pool.map(site, needy), start=1):
            found.append(draft)
            tell(_("Siting towers"), 0.8 * number / len(needy))
    finally:
        # A progress that raises Cancelled must not wait for villages that nobody wants any more.
        pool.shutdown(wait=True, cancel_futures=True)
    return found


def _window(terrain: Raster, x: float, y: float, radius_m: float) -> Raster:
    """The terrain around a point, so that the rest is not made ready again for every candidate."""
    reach = int(np.ceil(radius_m / terrain.resolution[0])) + 2
    row, col = (int(v) for v in terrain.rowcol(x, y))
    top, left = max(0, row - reach), max(0, col - reach)
    values = terrain.values[top : row + reach + 1, left : col + reach + 1]
    return Raster(values, terrain.transform @ Affine.translation(left, top), terrain.crs)


def _tower_ground(
    world: _Ground,
    villages: gpd.GeoDataFrame,
    terrain: Raster,
    net: RoadNet | None,
    assumptions: Assumptions,
) -> Ground:
    rows, cols = world.places["row"].to_numpy(), world.places["col"].to_numpy()
    population = world.population
    left_out, homes = np.zeros(terrain.shape), np.zeros(terrain.shape, dtype=bool)
    np.add.at(left_out, (rows, cols), np.where(world.covered, 0.0, population))
    homes[rows[population > 0], cols[population > 0]] = True
    road = np.zeros(terrain.shape, dtype=bool)
    if net is not None and len(net):
        road_rows, road_cols = terrain.rowcol(net.xy[:, 0], net.xy[:, 1])
        inside = (road_rows >= 0) & (road_rows < road.shape[0]) & (road_cols >= 0) & (road_cols < road.shape[1])
        road[road_rows[inside], road_cols[inside]] = True
    shapes = villages.geometry.to_crs(terrain.crs)
    burnt = rasterio.features.rasterize(
        ((shape, number) for number, shape in enumerate(shapes) if shape is not None and not shape.is_empty),
        out_shape=terrain.shape,
        transform=terrain.transform,
        fill=-1,
        dtype="int32",
    )
    return Ground(terrain, burnt.astype(np.intp), left_out, road, homes, assumptions)
