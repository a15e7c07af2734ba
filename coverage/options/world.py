"""What every technology needs to know of the region, made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options.roadnet import STEP_M, RoadNet
from coverage.radio.path_loss import STEPS_PER_DB, Ground, Mast, ground, sweep, window_of
from coverage.raster import Raster

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]
NOWHERE = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class People:
    """The places that a radio may reach, one entry per place.

    ``population`` residents, ``covered`` whether today, ``demand_mbps`` their traffic in the busy
    hour, ``village`` the number of their village, ``xy`` metric coordinates, shape (places, 2).
    """

    population: Floats
    covered: Mask
    demand_mbps: Floats
    village: Ints
    xy: Floats

    def near(self, spots: Floats, radius_m: float) -> Ints:
        """Positions of the places in the box that reaches `radius_m` beyond the spots, shape (n, 2)."""
        if not len(spots):
            return NOWHERE
        low, high = spots.min(axis=0) - radius_m, spots.max(axis=0) + radius_m
        order, x = self._by_x
        strip = order[np.searchsorted(x, low[0]) : np.searchsorted(x, high[0], side="right")]
        y = self.xy[strip, 1]
        return np.sort(strip[(y >= low[1]) & (y <= high[1])])

    @cached_property
    def _by_x(self) -> tuple[Ints, Floats]:
        """Positions of the places from west to east, and their x."""
        order = np.argsort(self.xy[:, 0], kind="stable")
        return order, self.xy[order, 0]


@dataclass(frozen=True)
class Radio:
    """What hangs on a mast: antenna above ground in m, carrier, power per resource element, how far to look."""

    height_m: float
    frequency_mhz: float
    eirp_dbm: float
    radius_m: float


@dataclass(frozen=True, eq=False)
class Heard:
    """Places that hear a radio at the usable level or better, and how strongly."""

    at: Ints
    level_dbm: Floats


@dataclass(eq=False)
class World:
    """A region as the options room sees it; metric coordinates throughout.

    ``hamlets`` are the settlements in order of their identifier; ``sites`` the existing sites with
    ``x_m``, ``y_m``; ``building`` the pixels where a new mast may stand as far as exclusions go.
    """

    terrain: Raster
    clutter: Raster | None
    places: pd.DataFrame
    people: People
    numbers: dict[str, int]
    household_size: dict[str, float]
    hamlets: gpd.GeoDataFrame
    sites: pd.DataFrame
    fibre_xy: Floats
    net: RoadNet
    has_roads: bool
    building: Mask
    assumptions: Assumptions

    @cached_property
    def places_of_village(self) -> dict[str, Ints]:
        """Positions of the places of every village."""
        return positions(self.places["village_code"])

    @cached_property
    def places_of_hamlet(self) -> dict[str, Ints]:
        """Positions of the places of every settlement."""
        return positions(self.places["settlement_id"])

    @cached_property
    def _hamlets_of(self) -> dict[str, Ints]:
        return positions(self.hamlets["village_code"])

    @cached_property
    def _hamlets(self) -> tuple[list[str], Floats]:
        return self.hamlets["settlement_id"].tolist(), shapely.get_coordinates(self.hamlets.geometry.to_numpy())

    def hamlets_of(self, village_code: str) -> tuple[list[str], Floats]:
        """Identifiers of a village's settlements, and where they lie, shape (n, 2)."""
        names, xy = self._hamlets
        at = self._hamlets_of.get(village_code, NOWHERE)
        return [names[k] for k in at.tolist()], xy[at]

    @cached_property
    def homes(self) -> Mask:
        """Pixels where anybody lives."""
        grid = np.zeros(self.terrain.shape, dtype=bool)
        lived = self.people.population > 0
        grid[self.places["row"].to_numpy()[lived], self.places["col"].to_numpy()[lived]] = True
        return grid

    @cached_property
    def left_out(self) -> Floats:
        """People per pixel whom nobody covers today."""
        grid = np.zeros(self.terrain.shape)
        rows, cols = self.places["row"].to_numpy(), self.places["col"].to_numpy()
        np.add.at(grid, (rows, cols), np.where(self.people.covered, 0.0, self.people.population))
        return grid

    @cached_property
    def road_pixels(self) -> Mask:
        """Pixels that a road touches; none where no roads are known, which then set no limit."""
        road = np.zeros(self.terrain.shape, dtype=bool)
        if self.has_roads and len(self.net):
            rows, cols = self.terrain.rowcol(self.net.xy[:, 0], self.net.xy[:, 1])
            inside = (rows >= 0) & (rows < road.shape[0]) & (cols >= 0) & (cols < road.shape[1])
            road[rows[inside], cols[inside]] = True
        return road

    @cached_property
    def ready(self) -> Mask:
        """Pixels that need neither a track nor a power line: beside a road and near homes."""
        reach = max(1, round(self.assumptions["options.grid_reach"] / self.terrain.resolution[0]))
        near = box_sum(self.homes.astype(float), reach) > 0.5
        if self.road_pixels.any():
            near &= box_sum(self.road_pixels.astype(float), 1) > 0.5
        return near

    @cached_property
    def _home_tree(self) -> shapely.STRtree:
        return shapely.STRtree(np.asarray(shapely.points(self.people.xy[self.people.population > 0])).reshape(-1))

    def track_metres(self, x: float, y: float) -> float:
        """Track from a point to the nearest road, m; none beside a road or where no roads are known.

        Closer than the pieces of which roads are made counts as beside it.
        """
        if not self.has_roads or not len(self.net):
            return 0.0
        _vertex, gap = self.net.nearest([x], [y])
        return max(0.0, float(gap[0]) - STEP_M) * self.assumptions["options.route_factor"]

    def line_metres(self, x: float, y: float) -> float:
        """Power line from a point to where the electricity grid ends, m; infinite where nobody lives.

        The grid ends ``options.grid_reach`` from homes.
        """
        nearest = self._home_tree.query_nearest(shapely.Point(x, y), return_distance=True, all_matches=False)[1]
        if not nearest.size:
            return float("inf")
        gap = float(nearest[0]) - self.assumptions["options.grid_reach"]
        return max(0.0, gap) * self.assumptions["options.route_factor"]

    def has_power(self, x: float, y: float) -> bool:
        """Whether the electricity grid reaches a point without a line of its own."""
        return self.line_metres(x, y) == 0.0

    @cached_property
    def _road_to_fibre(self) -> Floats | None:
        if not len(self.fibre_xy) or not len(self.net):
            return None
        vertex, gap = self.net.nearest(self.fibre_xy[:, 0], self.fibre_xy[:, 1])
        near = sorted(set(vertex[gap <= self.assumptions["options.road_reach"]].tolist()))
        return self.net.metres_from(near) if near else None

    def fibre_metres(self, x: float, y: float) -> float:
        """Fibre from a point along the roads to the nearest fibre point, m; infinite where there is no way."""
        if self._road_to_fibre is None:
            return float("inf")
        vertex, gap = self.net.nearest([x], [y])
        if gap[0] > self.assumptions["options.road_reach"]:
            return float("inf")
        return float(self._road_to_fibre[vertex[0]]) + float(gap[0]) * self.assumptions["options.route_factor"]

    @cached_property
    def _ground(self) -> Ground:
        return ground(self.terrain, self.clutter)

    @cached_property
    def _pixel_of_place(self) -> tuple[Ints, Ints]:
        rows, cols = self.terrain.rowcol(self.people.xy[:, 0], self.people.xy[:, 1])
        return rows, cols

    def heard(self, x: float, y: float, radio: Radio, among: Ints | None = None) -> Heard:
        """Who hears a radio at a point, by the path loss around it; nobody where it stands off the terrain.

        With `among` only those places are looked at, which is quicker.
        """
        row, col = (int(v) for v in self.terrain.rowcol(x, y))
        height, width = self.terrain.shape
        if not (0 <= row < height and 0 <= col < width):
            return Heard(NOWHERE, np.empty(0))
        a = self.assumptions
        land, radius = self._ground, radio.radius_m
        at = window_of(land, x, y, radius)
        near = self.people.near(np.array([[x, y]]), radius) if among is None else among
        rows, cols = (v[near] for v in self._pixel_of_place)
        inside = (rows >= at[0].start) & (rows < at[0].stop) & (cols >= at[1].start) & (cols < at[1].stop)
        near, rows, cols = near[inside], rows[inside] - at[0].start, cols[inside] - at[1].start
        # Only where people are, and only as far as they could hear it: elsewhere nobody asks.
        useful = np.full([s.stop - s.start for s in at], -np.inf, dtype=np.float32)
        least = a["radio.threshold_usable_dbm"]
        useful[rows, cols] = radio.eirp_dbm - least + 1 / STEPS_PER_DB
        mast = Mast(x, y, radio.height_m, radio.frequency_mhz)
        loss = sweep(land, mast, radius, a, useful=useful).loss[rows, cols]
        level = radio.eirp_dbm - loss / np.float64(STEPS_PER_DB)
        usable = (loss > 0) & (level >= least)
        return Heard(near[usable], level[usable])


def positions(keys: pd.Series) -> dict[str, Ints]:
    """Positions of every key, in order."""
    codes, names = pd.factorize(keys)
    order = np.argsort(codes, kind="stable")
    ends = np.flatnonzero(np.diff(codes[order])) + 1
    return {str(names[codes[group[0]]]): group for group in np.split(order, ends) if group.size}


def box_sum(values: Floats, radius: int) -> Floats:
    """Sum over the square of 2 radius + 1 pixels around every pixel (outside counts as 0)."""
    padded = np.pad(values, ((radius + 1, radius), (radius + 1, radius)))
    total = padded.cumsum(axis=0).cumsum(axis=1)
    size = 2 * radius + 1
    sums: Floats = total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    return sums


def household_sizes(villages: gpd.GeoDataFrame, assumptions: Assumptions) -> dict[str, float]:
    """People per home by village; where either number is missing the regency's average."""
    population, households = villages["population"].to_numpy(float), villages["households"].to_numpy(float)
    known = (population > 0) & (households > 0)
    size = np.full(len(villages), assumptions["market.household_size"])
    size[known] = population[known] / households[known]
    return dict(zip(villages["village_code"], size.tolist(), strict=True))


def metric_sites(sites: gpd.GeoDataFrame, crs: str) -> pd.DataFrame:
    """Sites in order of their identifier, with ``x_m`` and ``y_m`` in a metric CRS."""
    ordered = sites.sort_values("site_id").reset_index(drop=True)
    xy = shapely.get_coordinates(ordered.geometry.to_crs(crs).to_numpy()) if len(ordered) else np.empty((0, 2))
    table = pd.DataFrame(ordered.drop(columns="geometry"))
    return table.assign(x_m=xy[:, 0], y_m=xy[:, 1])
