"""What options are worth and cost under other assumptions, without running the chain again.

The chain is taken apart once. Gains are linear in the shares of a settlement that an option reaches
and newly covers, in the effects of its technology and in the shares that connectivity moves; costs
are linear in unit costs; income follows the market's own formulae. So a thousand sets of
assumptions are a few products of arrays. Options stay where they stand, deals keep their price, and
the way from each option to its fibre point stays the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.indicators import DIMENSIONS, Framework, driver_state, effects
from coverage.indicators.drivers import FACILITY_DRIVERS, POLLING_DRIVER
from coverage.indicators.framework import changed_framework
from coverage.indicators.gain import coefficients
from coverage.indicators.published import filled_state
from coverage.indicators.scoring import in_area
from coverage.language import _
from coverage.planning.factors import Draws
from coverage.planning.income import IncomeModel, income_model
from coverage.planning.prices import CostModel, cost_model
from coverage.planning.reach_model import RadioTables, ReachModel, reach_model
from coverage.progress import Progress, part, silent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Effects of technologies by what they act on: ``indicators.effect_<technology>_<group>``.
_EFFECTS = ("mobile", "good", "online", "fixed", "facility", "uplink")
_FIXED_POINTS = (*FACILITY_DRIVERS, POLLING_DRIVER)
#: Drivers limited by what the option can carry.
_ROOMY = ("people_served", "speed")
#: Draws worked on together: their arrays should fit the processor's cache.
_AT_ONCE = 40


class ScoredTables(RadioTables, Protocol):
    """What re-scoring reads: an analysis."""

    @property
    def region(self) -> Any:
        """Villages, settlements, facilities and providers."""

    @property
    def framework(self) -> Framework:
        """Indicators."""

    @property
    def deals(self) -> pd.DataFrame:
        """Table Deals."""


@dataclass(frozen=True, eq=False)
class _Driver:
    """How one driver's amount follows from the shares reached and gained, and what it is worth.

    ``per_gained, per_reached, at_site`` per row; ``worth`` (targets low, middle, high; dimensions;
    areas) index points per unit at a connectivity share of 1, and the ``area`` of each row.
    """

    name: str
    effect: str
    per_gained: Floats
    per_reached: Floats
    at_site: Floats
    worth: Floats
    area: Ints

    def only(self, rows: Ints) -> _Driver:
        """The driver in some rows."""
        names = ("per_gained", "per_reached", "at_site", "area")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What the draws bring: arrays of shape (draws, …).

    ``gain`` and ``people`` per row of the reach; ``access`` and ``route`` cost (present value at the
    provider's rate), ``value`` (to the provider before backhaul) per deal; ``link`` cost per link at
    the plan's discount rate. Money in Rp.
    """

    gain: Floats
    people: Floats
    access: Floats
    route: Floats
    value: Floats
    link: Floats

    def __len__(self) -> int:
        return len(self.gain)

    def only(self, draw: int) -> Outcomes:
        """The outcomes of one draw."""
        return Outcomes(*(getattr(self, f.name)[draw : draw + 1] for f in fields(self)))


@dataclass(frozen=True, eq=False)
class Rescorer:
    """Scores draws; ``deals`` has one row per option, in the order of the reach model."""

    reach: ReachModel
    deals: pd.DataFrame
    drivers: tuple[_Driver, ...]
    technology: tuple[str, ...]
    row_technology: Ints
    costs: CostModel
    income: IncomeModel
    congested: float
    traffic: float
    option_capacity: Floats

    def only(self, options: set[str], links: Ints) -> Rescorer:
        """The rescorer of some options and of links at some positions of their table."""
        deals = np.flatnonzero(self.deals["option_id"].isin(options).to_numpy())
        rows = np.flatnonzero(np.isin(self.reach.option, deals))
        return replace(
            self,
            reach=self.reach.only(options),
            deals=self.deals.iloc[deals].reset_index(drop=True),
            drivers=tuple(d.only(rows) for d in self.drivers),
            row_technology=self.row_technology[rows],
            costs=self.costs.only(deals, links),
            income=self.income.only(deals),
            option_capacity=self.option_capacity[deals],
        )

    def draw(self, draws: Draws, progress: Progress | None = None) -> Outcomes:
        """What the draws bring; a few at a time, so that the arrays stay small."""
        tell = progress or silent
        found = []
        for start in range(0, len(draws), _AT_ONCE):
            tell(_("Trying other assumptions"), start / len(draws))
            found.append(self._some(draws.slice(start, start + _AT_ONCE)))
        return Outcomes(*(np.concatenate([getattr(o, f.name) for o in found]) for f in fields(Outcomes)))

    def _some(self, draws: Draws) -> Outcomes:
        reached, gained, asked = self.reach.shares(draws, self.traffic)
        people = self.reach.people(draws)
        everyone = people @ self.reach.population
        here = people[:, self.reach.settlement]
        weight = here * (self.reach.population.sum() / everyone)[:, None]
        head = here * self.reach.population[self.reach.settlement]
        carried = self.congested * self.option_capacity / np.maximum(asked, 1e-9)
        room = np.minimum(1.0, carried)[:, self.reach.option]
        access, route, link = self.costs.of(draws)
        fresh = gained * head
        income = self.income.of(draws, reached * head, fresh, self.reach.option)
        return Outcomes(self._gain(draws, reached, gained, weight, room), fresh, access, route, income - access, link)

    def _gain(self, draws: Draws, reached: Floats, gained: Floats, weight: Floats, room: Floats) -> Floats:
        shares = np.stack([np.clip(self._of(draws, f"indicators.share_{d}"), 0.0, 1.0) for d in DIMENSIONS])
        target = draws["uncertainty.targets"]
        some = (reached > 0).astype(float)
        total = np.zeros_like(reached)
        for driver in self.drivers:
            amount = driver.per_gained * gained
            if driver.per_reached.any():
                amount += driver.per_reached * reached
            if driver.at_site.any():
                amount += driver.at_site * some
            if driver.name not in (*_FIXED_POINTS, "hamlets_online"):
                amount *= weight
            if driver.name in _ROOMY:
                amount *= room
            # Few areas and technologies: what a unit is worth is worked out for their combinations.
            worth = np.einsum("dn,dk->nk", shares, driver.worth[1])
            for end, side in ((0, np.maximum(-target, 0.0)), (2, np.maximum(target, 0.0))):
                worth += np.einsum("dn,n,dk->nk", shares, side, driver.worth[end] - driver.worth[1])
            each = worth[:, :, None] * self._effect(draws, driver)[:, None, :]
            amount *= each.reshape(len(draws), -1)[:, driver.area * len(self.technology) + self.row_technology]
            total += amount
        return np.maximum(total, 0.0)

    def _effect(self, draws: Draws, driver: _Driver) -> Floats:
        """Effect of every technology, shape (draws, technologies)."""
        found = [self._of(draws, f"indicators.effect_{t}_{driver.effect}") for t in self.technology]
        if driver.name == "speed":
            found = [
                e * self._of(draws, f"indicators.speed_{t}_mbps") for e, t in zip(found, self.technology, strict=True)
            ]
        return np.stack(found, axis=1)

    def _of(self, draws: Draws, name: str) -> Floats:
        """A drawn assumption, or its one value where it has no range."""
        return draws.values[name] if name in draws.values else np.full(len(draws), self.costs.fixed[name])


def rescorer(tables: ScoredTables, chosen: pd.DataFrame, progress: Progress | None = None) -> Rescorer:
    """Take an analysis apart.

    Parameters
    ----------
    tables : ScoredTables
        An analysis.
    chosen : DataFrame
        Deals, at most one per option.
    """
    tell = progress or silent
    a = tables.assumptions
    reach = reach_model(tables, tables.region.villages, part(tell, 0.0, 0.8))
    wanted = set(chosen["option_id"])
    if not wanted >= set(reach.rows["option_id"]):
        reach = reach.only(wanted)
    order = pd.unique(reach.rows["option_id"])
    deals = chosen.set_index("option_id").loc[order.tolist()].reset_index()
    technology = tuple(sorted(reach.rows["technology"].unique()))
    return Rescorer(
        reach=reach,
        deals=deals,
        drivers=_drivers(tables, reach),
        technology=technology,
        row_technology=pd.Index(technology).get_indexer(reach.rows["technology"]).astype(np.int64),
        costs=cost_model(tables, deals),
        income=income_model(tables, deals),
        congested=a["access.congested_load"],
        traffic=a["demand.gb_per_month"] * a["demand.busy_hour_share"],
        option_capacity=tables.option_set.options.set_index("option_id")["capacity_mbps"]
        .loc[order.tolist()]
        .to_numpy(float),
    )


def _drivers(tables: ScoredTables, reach: ReachModel) -> tuple[_Driver, ...]:
    """Every driver's dependence on the reach, read from the indicators room by trial reaches."""
    plain = _plain_effects(tables.assumptions)
    population = reach.population[reach.settlement]
    opened = _opened(tables.access)
    full = _amounts(tables, reach, tables.access, population, 0.0 * population, plain)
    half = _amounts(tables, reach, tables.access, population / 2, 0.0 * population, plain)
    lacking = 1.0 - opened.settlements["population_covered"].to_numpy(float) / np.maximum(
        opened.settlements["population"].to_numpy(float), 1e-9
    )
    fresh = population * np.maximum(lacking, 0.0)[reach.settlement]
    gained = _amounts(tables, reach, opened, population, fresh, plain)
    before = _amounts(tables, reach, opened, population, 0.0 * population, plain)
    effect_of = _effect_groups(tables, reach, opened, population, fresh, plain)
    worth = _worth(tables, reach)
    share = np.maximum(fresh / population, 1e-12)
    nothing = np.zeros(len(reach.rows))
    found = []
    for name in sorted(set(full) | set(gained)):
        if name not in effect_of or name not in worth:
            continue
        whole, part_of = full.get(name, nothing), half.get(name, nothing)
        per_gained = (gained.get(name, nothing) - before.get(name, nothing)) / share
        per_reached, at_site = _clean(2 * (whole - part_of)), _clean(2 * part_of - whole)
        areas, area = np.unique(worth[name].reshape(-1, len(reach.rows)), axis=1, return_inverse=True)
        of_area = areas.reshape(3, len(DIMENSIONS), -1)
        found.append(_Driver(name, effect_of[name], per_gained, per_reached, at_site, of_area, area.ravel()))
    return tuple(found)


def _clean(values: Floats) -> Floats:
    """Differences without what is only rounding."""
    return np.where(np.abs(values) > 1e-9 * max(float(np.abs(values).max(initial=0.0)), 1e-9), values, 0.0)


def _plain_effects(a: Assumptions, only: str = "") -> Assumptions:
    """Every effect and speed 1; with ``only`` the effects of other groups 0."""
    values = {}
    for name in a:
        if name.startswith("indicators.effect_"):
            values[name] = 1.0 if not only or name.endswith(f"_{only}") else 0.0
        elif name.startswith("indicators.speed_"):
            values[name] = 1.0
    return a.override(values)


def _opened(access: Any) -> Any:
    """The access with a tenth of the people uncovered at least, so that gains can be read everywhere."""
    table = access.settlements.copy()
    population = table["population"].to_numpy(float)
    covered = table["population_covered"].to_numpy(float)
    less = np.where(covered > 0.9 * population, 0.9, 1.0)
    for name in ("population_covered", "population_served", "population_good", "population_signal"):
        if name in table:
            table[name] = table[name].to_numpy(float) * less
    return replace(access, settlements=table)


@dataclass(frozen=True, eq=False)
class _Trial:
    """Options with a made-up reach."""

    options: pd.DataFrame
    reach: pd.DataFrame


def _amounts(
    tables: ScoredTables, reach: ReachModel, access: Any, reached: Floats, gained: Floats, a: Assumptions
) -> dict[str, Floats]:
    """Amount of every driver that a reach brings, per row."""
    region = tables.region
    rows = reach.rows[["option_id", "settlement_id", "village_code"]].assign(
        population_reached=reached, population_gained=gained
    )
    state = filled_state(driver_state(region.villages, access, a), tables.framework, region.villages)
    trial = _Trial(tables.option_set.options, rows)
    table = effects(trial, state, region.villages, region.settlements, access.settlements, region.facilities, a)
    keys = pd.MultiIndex.from_frame(rows[["option_id", "settlement_id"]])
    sums = table.groupby(["driver", "option_id", "settlement_id"])["amount"].sum()
    return {
        str(name): sums[name].reindex(keys).fillna(0.0).to_numpy(float)
        for name in sums.index.get_level_values(0).unique()
    }


def _effect_groups(
    tables: ScoredTables, reach: ReachModel, access: Any, reached: Floats, gained: Floats, a: Assumptions
) -> dict[str, str]:
    """Which group of effects moves each driver, found by switching all others off."""
    found: dict[str, str] = {}
    for group in _EFFECTS:
        amounts = _amounts(tables, reach, access, reached, gained, _plain_effects(a, group))
        found |= {name: group for name, amount in amounts.items() if amount.any()}
    return found


def _worth(tables: ScoredTables, reach: ReachModel) -> dict[str, Floats]:
    """Index points per unit of each driver, shape (targets, dimensions, rows), at connectivity shares of 1."""
    a = tables.assumptions.override({f"indicators.share_{d}": 1.0 for d in DIMENSIONS})
    villages = tables.region.villages
    state = filled_state(driver_state(villages, tables.access, a), tables.framework, villages)
    village = reach.rows["village_code"]
    found: dict[str, Floats] = {}
    for k, end in enumerate(("low", "target", "high")):
        framework = tables.framework if end == "target" else _at_end(tables.framework, end)
        table = coefficients(framework, state, a)
        dimension = framework.indicators.set_index("id")["dimension"]
        for row in table.to_dict("records"):
            worth = found.setdefault(str(row["driver"]), np.zeros((3, len(DIMENSIONS), len(village))))
            d = DIMENSIONS.index(str(dimension[row["id"]]))
            worth[k, d] += np.where(in_area(village, str(row["area"])), float(row["per_unit"]), 0.0)
    return found


def _at_end(framework: Framework, end: str) -> Framework:
    rows: Sequence[dict[str, Any]] = framework.indicators.to_dict("records")  # type: ignore[assignment]
    return changed_framework(framework, {str(r["id"]): {"target": float(r[end])} for r in rows}, {})
