"""People whom every option reaches and newly covers when the signal, the people and the traffic differ.

The radio is not run again. Kept are, per settlement and serving site, the covered population against
an offset of the signal (:mod:`coverage.radio.offsets`), and for every new tower the same curve of
the settlements in its reach. Options stay where they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray
from pyproj import Transformer

from coverage.access.reception import Thresholds, receive
from coverage.assumptions import Assumptions
from coverage.language import _
from coverage.options.tower import tower_power_dbm
from coverage.planning.factors import Draws
from coverage.progress import Progress, silent
from coverage.radio import Signal
from coverage.radio.offsets import OFFSETS_DB, covered_curve
from coverage.radio.path_loss import path_loss
from coverage.raster import Raster

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Settlements that a tower reaches only with a signal better by more than this are left out.
_REACH_DB = 10


class RadioTables(Protocol):
    """What the offsets are read from: an analysis."""

    @property
    def grid(self) -> Raster:
        """Metric terrain."""

    @property
    def places(self) -> pd.DataFrame:
        """Table Places."""

    @property
    def signal(self) -> Signal:
        """Today's signal."""

    @property
    def access(self) -> Any:
        """Access of the access room."""

    @property
    def option_set(self) -> Any:
        """Options and reach."""

    @property
    def assumptions(self) -> Assumptions:
        """Assumptions in force."""


@dataclass(frozen=True, eq=False)
class ReachModel:
    """Reach of every option in every settlement, as functions of the draws.

    Attributes
    ----------
    rows : DataFrame
        ``option_id, settlement_id, village_code, technology, reached, gained``: the nominal reach,
        and settlements that a tower reaches only with a better signal (nominal 0).
    curves : ndarray, shape (groups, 41)
        Covered population of every settlement and serving site against the offset.
    """

    rows: pd.DataFrame
    settlement: Ints
    option: Ints
    village_of_settlement: Ints
    population: Floats
    demand_mbps: Floats
    curves: Floats
    curve_settlement: Ints
    curve_site: Ints
    always: Floats
    tower_curve: Floats
    tower: Ints
    capacity: Floats
    is_wifi: NDArray[np.bool_]
    kit_mbps: float
    threshold_dbm: float
    uplink_db: float
    sites: int
    towers: int
    villages: int
    #: Traffic of a user is the product of these.
    traffic: tuple[str, ...] = ("demand.gb_per_month", "demand.busy_hour_share")

    def only(self, options: set[str]) -> ReachModel:
        """The model of some options."""
        stay = self.rows["option_id"].isin(options).to_numpy()
        kept = np.unique(self.option[stay])
        return replace(
            self,
            rows=self.rows[stay].reset_index(drop=True),
            settlement=self.settlement[stay],
            option=np.searchsorted(kept, self.option[stay]),
            tower_curve=self.tower_curve[stay],
            tower=self.tower[stay],
            is_wifi=self.is_wifi[stay],
            capacity=self.capacity[kept],
        )

    @property
    def counts(self) -> tuple[int, int, int]:
        """Sites, new towers and villages, which err by themselves."""
        return self.sites, self.towers, self.villages

    def people(self, draws: Draws) -> Floats:
        """Factor on the people of each settlement, shape (draws, settlements)."""
        spread = draws["uncertainty.population_village"][:, None] * draws.village
        return np.exp(np.clip(spread, -1.0, 1.0))[:, self.village_of_settlement]

    def covered(self, draws: Draws) -> Floats:
        """Share of each settlement covered today, shape (draws, settlements)."""
        offset = self._offset(draws)[:, None] + self._site_db(draws)[:, self.curve_site]
        people = _interpolated(self.curves, offset)
        total = np.zeros((len(draws), len(self.population)))
        np.add.at(total.T, self.curve_settlement, people.T)
        share = (total + self.always) / np.maximum(self.population, 1e-9)
        return np.asarray(np.clip(share, 0.0, 1.0), dtype=float)

    def shares(self, draws: Draws, nominal_traffic: float) -> tuple[Floats, Floats, Floats]:
        """Share of its settlement that each row reaches and newly covers, and the room that capacity leaves.

        Parameters
        ----------
        nominal_traffic : float
            Product of the traffic assumptions behind the places.

        Returns
        -------
        tuple of ndarray, shape (draws, rows)
            Reached, gained, and demand per person reached of the option's capacity (Mbit/s asked,
            per option, shape (draws, options)).
        """
        covered = self.covered(draws)[:, self.settlement]
        reached0 = self.rows["reached"].to_numpy(float)
        population = self.population[self.settlement]
        traffic = draws[self.traffic[0]] * draws[self.traffic[1]] / nominal_traffic
        people = self.people(draws)[:, self.settlement]
        per_person = (self.demand_mbps / np.maximum(self.population, 1e-9))[self.settlement]
        reached = np.broadcast_to(reached0 / population, covered.shape).copy()
        self._towers(draws, reached, population)
        self._kits(reached, population, per_person, people, traffic)
        fresh = self._uncovered(covered)
        gained = reached * fresh
        asked = (traffic[:, None] * people) * (per_person * population)
        load_fresh, load_old = self._per_option(gained * asked), self._per_option((reached - gained) * asked)
        # Those left out come first, as when the tower was sited; then those covered already.
        first = np.minimum(1.0, self.capacity / np.maximum(load_fresh, 1e-9))
        left = np.maximum(self.capacity - load_fresh, 0.0)
        second = np.minimum(1.0, left / np.maximum(load_old, 1e-9))
        kept = gained * first[:, self.option]
        whole = kept + (reached - gained) * second[:, self.option]
        return whole, kept, self._per_option(whole * asked)

    def _offset(self, draws: Draws) -> Floats:
        """Common offset in dB: error of the prediction, and another threshold."""
        return draws["uncertainty.signal_common_db"] - (draws["radio.threshold_usable_dbm"] - self.threshold_dbm)

    def _site_db(self, draws: Draws) -> Floats:
        return draws["uncertainty.signal_site_db"][:, None] * draws.site

    def _towers(self, draws: Draws, reached: Floats, population: Floats) -> None:
        mine = np.flatnonzero(self.tower >= 0)
        own = draws["uncertainty.signal_site_db"][:, None] * draws.tower
        now = _interpolated(self.tower_curve[mine], self._offset(draws)[:, None] + own[:, self.tower[mine]])
        base = self.tower_curve[mine, len(OFFSETS_DB) // 2]
        nominal = self.rows["reached"].to_numpy(float)[mine]
        # Anchored at the reach table, which knows the tower's capacity; new settlements come as they are.
        scaled = np.where(base > 0, nominal * now / np.maximum(base, 1e-9), now)
        reached[:, mine] = np.clip(scaled / population[mine], 0.0, 1.0)

    def _kits(self, reached: Floats, population: Floats, per_person: Floats, people: Floats, traffic: Floats) -> None:
        mine = np.flatnonzero(self.is_wifi)
        nominal = self.rows["reached"].to_numpy(float)[mine]
        full = nominal * per_person[mine] >= self.kit_mbps * (1 - 1e-6)
        most = np.where(full, population[mine], nominal)
        carried = self.kit_mbps / np.maximum(per_person[mine] * traffic[:, None], 1e-12)
        reached[:, mine] = np.minimum(most, carried / people[:, mine]) / population[mine]

    def _uncovered(self, covered: Floats) -> Floats:
        """Share of those reached who are not covered, moved with the settlement's own share."""
        reached = self.rows["reached"].to_numpy(float)
        before = self._covered_now[self.settlement]
        out0 = 1.0 - before
        fresh0 = np.where(reached > 0, self.rows["gained"].to_numpy(float) / np.maximum(reached, 1e-9), out0)
        out = 1.0 - covered
        fewer = fresh0 * out / np.maximum(out0, 1e-9)
        more = 1.0 - (1.0 - fresh0) * (1.0 - out) / np.maximum(1.0 - out0, 1e-9)
        return np.asarray(np.clip(np.where(out <= out0, fewer, more), 0.0, 1.0), dtype=float)

    @property
    def _covered_now(self) -> Floats:
        total = np.bincount(self.curve_settlement, self.curves[:, len(OFFSETS_DB) // 2], len(self.population))
        return np.asarray(np.clip((total + self.always) / np.maximum(self.population, 1e-9), 0, 1), dtype=float)

    def _per_option(self, values: Floats) -> Floats:
        return np.add.reduceat(values, self._starts, axis=1)

    @property
    def _starts(self) -> Ints:
        return np.flatnonzero(np.diff(self.option, prepend=-1)).astype(np.int64)


def _interpolated(curves: Floats, offset: Floats) -> Floats:
    """Curve values at offsets, shape (draws, curves); beyond ±20 dB as at the end."""
    at = np.clip(offset - OFFSETS_DB[0], 0.0, len(OFFSETS_DB) - 1.000001)
    left = at.astype(np.int64)
    rest = at - left
    rows = np.arange(len(curves))
    return np.asarray(curves[rows, left] * (1 - rest) + curves[rows, left + 1] * rest, dtype=float)


def reach_model(tables: RadioTables, villages: pd.DataFrame, progress: Progress = silent) -> ReachModel:
    """Read the curves of an analysis.

    Parameters
    ----------
    tables : RadioTables
        An analysis.
    villages : DataFrame
        Table Villages.
    """
    a = tables.assumptions
    places, found = tables.places, tables.access
    settlements = found.settlements
    ids = pd.Index(settlements["settlement_id"])
    of_place = ids.get_indexer(places["settlement_id"])
    people = places["population"].to_numpy(float)
    population = _sums(of_place, people, len(ids))
    level, site, sites = _best(tables)
    modelled = level >= 0
    served = np.asarray(found.place_covered, dtype=bool)
    always = _sums(of_place, people * (served & ~modelled), len(ids))
    # Places that evidence denies stay uncovered whatever the signal; those it covers stay covered.
    level = np.where((modelled & ~served) | (served & ~modelled), np.nan, level)
    key, groups = np.unique(np.stack([of_place, site]), axis=1, return_inverse=True)
    curves = covered_curve(groups.ravel(), key.shape[1], level, people, 0.0)
    rows, tower_curve, tower, towers = _towers(tables, of_place, progress)
    rows["option"] = pd.Index(tables.option_set.options["option_id"]).get_indexer(rows["option_id"])
    order = np.argsort(rows["option"].to_numpy(), kind="stable")
    rows, tower_curve, tower = rows.iloc[order].reset_index(drop=True), tower_curve[order], tower[order]
    options = tables.option_set.options.set_index("option_id")
    ordered = pd.unique(rows["option_id"])
    wifi = rows["technology"].eq("satellite_wifi").to_numpy(bool)
    capacity = options["capacity_mbps"].reindex(ordered).to_numpy(float)
    is_tower = options["technology"].reindex(ordered).eq("light_tower").to_numpy(bool)
    return ReachModel(
        rows=rows,
        settlement=ids.get_indexer(rows["settlement_id"]).astype(np.int64),
        option=pd.factorize(rows["option_id"])[0].astype(np.int64),
        village_of_settlement=pd.Index(villages["village_code"])
        .get_indexer(settlements["village_code"])
        .astype(np.int64),
        population=np.where(population > 0, population, 1.0),
        demand_mbps=_sums(of_place, places["busy_hour_mbps"].to_numpy(float), len(ids)),
        curves=curves,
        curve_settlement=key[0].astype(np.int64),
        curve_site=key[1].astype(np.int64),
        always=always,
        tower_curve=tower_curve,
        tower=tower,
        capacity=np.where(is_tower, capacity, np.inf),
        is_wifi=wifi,
        kit_mbps=a["options.wifi_kit_mbps"],
        threshold_dbm=a["radio.threshold_usable_dbm"],
        uplink_db=a["access.uplink_max_coupling_loss_db"],
        sites=sites,
        towers=towers,
        villages=len(villages),
    )


def _sums(group: NDArray[np.intp], values: Floats, groups: int) -> Floats:
    return np.asarray(np.bincount(group, values, groups), dtype=np.float64)


def _best(tables: RadioTables) -> tuple[Floats, Ints, int]:
    """Margin in dB of the best 4G or 5G at every place (above 0: usable), its site, and how many sites there are."""
    places, signal = tables.places, tables.signal
    rows, cols = places["row"].to_numpy(np.intp), places["col"].to_numpy(np.intp)
    limits = Thresholds.of(tables.assumptions)
    codes, names = pd.factorize(signal.cells["site_id"], sort=True)
    best, site = np.full(len(places), -np.inf), np.full(len(places), len(names), dtype=np.int64)
    for one in receive(signal, rows, cols, limits):
        if not one.is_internet:
            continue
        margin = np.fmin(one.rsrp_dbm.astype(float) - limits.usable_dbm, limits.uplink_db - one.coupling_loss_db)
        better = (one.cell >= 0) & (margin > best)
        best[better], site[better] = margin[better], codes[one.cell[better]]
    return np.where(np.isfinite(best), best, np.nan), site, len(names) + 1


def _towers(
    tables: RadioTables, of_place: NDArray[np.intp], progress: Progress
) -> tuple[pd.DataFrame, Floats, Ints, int]:
    """The reach table with what towers would reach on a better signal, their curves and their numbers."""
    options = tables.option_set.options
    reach = tables.option_set.reach.merge(options[["option_id", "technology"]], on="option_id")
    reach = reach.rename(columns={"population_reached": "reached", "population_gained": "gained"})
    masts = options[options["technology"] == "light_tower"]
    spots = masts[["lon", "lat"]].round(9).drop_duplicates()
    number = pd.Series(range(len(spots)), index=pd.MultiIndex.from_frame(spots))
    ids = tables.access.settlements["settlement_id"].to_numpy()
    village = tables.access.settlements.set_index("settlement_id")["village_code"]
    parts: list[pd.DataFrame] = [reach[reach["technology"] != "light_tower"].assign(tower=-1)]
    curves: list[Floats] = [np.zeros((len(parts[0]), len(OFFSETS_DB)))]
    of_spot = []
    for k, (lon, lat) in enumerate(spots.itertuples(index=False, name=None)):
        progress(_("Reading how far each tower reaches"), k / len(spots))
        of_spot.append(_tower_curves(tables, lon, lat, of_place))
    for option_id, lon, lat in masts[["option_id", "lon", "lat"]].round(9).itertuples(index=False, name=None):
        spot = int(number[lon, lat])
        at, curve = of_spot[spot]
        mine = pd.DataFrame(
            {
                "option_id": option_id,
                "settlement_id": ids[at],
                "village_code": village.reindex(ids[at]).to_numpy(),
                "technology": "light_tower",
                "tower": spot,
            }
        )
        nominal = reach.loc[reach["option_id"] == option_id, ["settlement_id", "reached", "gained"]]
        parts.append(mine.merge(nominal, on="settlement_id", how="left").fillna({"reached": 0.0, "gained": 0.0}))
        curves.append(curve)
    rows = pd.concat(parts, ignore_index=True)
    return rows, np.concatenate(curves), rows["tower"].to_numpy(np.int64), len(spots)


def _tower_curves(tables: RadioTables, lon: float, lat: float, of_place: NDArray[np.intp]) -> tuple[Ints, Floats]:
    """Settlements that a tower could reach with a better signal, and their curves."""
    grid, places, a = tables.grid, tables.places, tables.assumptions
    x, y = Transformer.from_crs(4326, grid.crs, always_xy=True).transform(lon, lat)
    radius = a["options.tower_radius"]
    reach = int(np.ceil(radius / grid.resolution[0])) + 2
    row, col = (int(v) for v in grid.rowcol(x, y))
    top, left = max(0, row - reach), max(0, col - reach)
    window = Raster(
        grid.values[top : row + reach + 1, left : col + reach + 1],
        grid.transform @ Affine.translation(left, top),
        grid.crs,
    )
    height, frequency = a["options.tower_height"], a["options.tower_frequency"]
    loss = path_loss(window, x, y, height, frequency, radius, a)
    px, py = grid.xy(places["row"].to_numpy(), places["col"].to_numpy())
    near = np.flatnonzero(np.hypot(px - x, py - y) <= radius)
    level = tower_power_dbm(a) - loss.sample(px[near], py[near])
    at, group = np.unique(of_place[near], return_inverse=True)
    people = places["population"].to_numpy(float)[near]
    curve = covered_curve(group, len(at), level, people, a["radio.threshold_usable_dbm"])
    some = curve[:, len(OFFSETS_DB) // 2 + _REACH_DB] > 0
    return at[some].astype(np.int64), curve[some]
