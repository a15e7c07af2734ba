"""Costs of options, routes and links as sums over unit costs, for many sets of assumptions at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options import present_value
from coverage.partnership.routes import route_frame, routes
from coverage.planning.factors import Draws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MONTHS = 12.0


class PricedTables(Protocol):
    """What costs are read from."""

    @property
    def option_set(self) -> Any:
        """Options, links and their bill."""

    @property
    def region(self) -> Any:
        """Providers."""

    @property
    def assumptions(self) -> Assumptions:
        """Assumptions in force."""


@dataclass(frozen=True, eq=False)
class _Part:
    """Units of every item (columns) that some things (``rows``) need, of one lifetime and one rate."""

    rows: Ints
    lifetime: float
    rate: float
    capex: Floats
    opex: Floats

    def only(self, things: Ints) -> _Part:
        """The part of some things, in their order."""
        at = pd.Index(self.rows).get_indexer(pd.Index(things))
        here = at >= 0
        return _Part(np.flatnonzero(here), self.lifetime, self.rate, self.capex[at[here]], self.opex[at[here]])


@dataclass(frozen=True, eq=False)
class CostModel:
    """Costs of deals and links; ``fixed`` holds every assumption's value in force."""

    items: tuple[str, ...]
    access: tuple[_Part, ...]
    route: tuple[_Part, ...]
    links: tuple[_Part, ...]
    fixed: dict[str, float]
    units: dict[str, str]
    deals: int
    linked: int

    def only(self, deals: Ints, links: Ints) -> CostModel:
        """The model of some deals and some links (positions)."""
        access, route = (tuple(p.only(deals) for p in parts) for parts in (self.access, self.route))
        some = tuple(p.only(links) for p in self.links)
        return replace(self, access=access, route=route, links=some, deals=len(deals), linked=len(links))

    def of(self, draws: Draws) -> tuple[Floats, Floats, Floats]:
        """Present value of access and own route per deal (provider's rate) and of every link (plan's rate), Rp."""
        unit = np.stack([self._unit(draws, item) for item in self.items])
        over = draws["uncertainty.cost_overrun"]
        access, route = (np.zeros((self.deals, len(draws))) for _k in range(2))
        for total, parts in ((access, self.access), (route, self.route)):
            for p in parts:
                total[p.rows] += self._provider(p, draws, unit, over)
        link = np.zeros((self.linked, len(draws)))
        for p in self.links:
            link[p.rows] += self._planned(p, draws, unit, over)
        return access.T, route.T, link.T

    def _unit(self, draws: Draws, item: str) -> Floats:
        """Rp per unit, per year for running costs."""
        value = draws.values.get(item, np.full(len(draws), self.fixed[item]))
        currency, _sep, rest = self.units[item].partition("/")
        if currency == "USD":
            value = value * draws["cost.idr_per_usd"]
        return value * (_MONTHS if rest.endswith("/month") else 1.0)

    def _provider(self, p: _Part, draws: Draws, unit: Floats, over: Floats) -> Floats:
        none, rest, running = self._factors(p.lifetime, p.rate)
        build = (none + draws["funding.residual_share"] * (rest - none)) * over
        return np.asarray((p.capex @ unit) * build + (p.opex @ unit) * running)

    def _planned(self, p: _Part, draws: Draws, unit: Floats, over: Floats) -> Floats:
        rates = draws["funding.social_rate"]
        grid = np.unique(np.round(np.concatenate([np.linspace(rates.min(), rates.max(), 41), rates[:1]]), 9))
        known = np.array([self._factors(p.lifetime, rate) for rate in grid.tolist()])
        none, rest, running = (np.interp(rates, grid, column) for column in known.T)
        build = (none + draws["funding.residual_share"] * (rest - none)) * over
        return np.asarray((p.capex @ unit) * build + (p.opex @ unit) * running)

    def _factors(self, lifetime: float, rate: float) -> tuple[float, float, float]:
        """Present value of building with no and with all of the worth left at the horizon, and of running, per Rp."""
        years = round(self.fixed["funding.horizon_years"])
        none, rest = (
            present_value(1.0, 0.0, lifetime, rate=rate, horizon_years=years, residual_share=r) for r in (0.0, 1.0)
        )
        return none, rest, present_value(0.0, 1.0, lifetime, rate=rate, horizon_years=years, residual_share=0.0)


def cost_model(tables: PricedTables, deals: pd.DataFrame) -> CostModel:
    """Read the bills.

    Parameters
    ----------
    deals : DataFrame
        Deals, one row per option.
    """
    a, found = tables.assumptions, tables.option_set
    bill = found.bill
    items = tuple(sorted(bill["item"].unique()))
    wide = {
        kind: bill[bill["kind"] == kind].pivot_table(
            index="item_of", columns="item", values="quantity", aggfunc="sum", fill_value=0.0
        ).reindex(columns=list(items), fill_value=0.0)
        for kind in ("capex", "opex")
    }  # fmt: skip
    rate = tables.region.providers.set_index("provider_id")["hurdle_rate"].reindex(deals["provider_id"]).to_numpy(float)
    options = found.options.set_index("option_id")
    life = options["lifetime_years"].reindex(deals["option_id"]).to_numpy(float)

    def units(names: pd.Series[str]) -> tuple[Floats, Floats]:
        return tuple(wide[kind].reindex(names).fillna(0.0).to_numpy(float) for kind in ("capex", "opex"))

    access = _parts(life, rate, *units(deals["option_id"]))
    steps = route_frame(routes(found, a))
    steps["deal"] = pd.Index(deals["option_id"]).get_indexer(steps["option_id"])
    steps = steps[steps["deal"] >= 0]
    of_link = found.links.set_index("link_id")["lifetime_years"]
    step_life = of_link.reindex(steps["link_id"]).to_numpy(float)
    step_units = units(steps["link_id"])
    deal = steps["deal"].to_numpy(np.int64)
    route = []
    for lifetime in np.unique(step_life):
        mine = step_life == lifetime
        things, at = np.unique(deal[mine], return_inverse=True)
        summed = [np.zeros((len(things), len(items))) for _k in range(2)]
        for total, one in zip(summed, step_units, strict=True):
            np.add.at(total, at, one[mine])
        parts = _parts(np.full(len(things), lifetime), rate[things], *summed)
        route += [replace(p, rows=things[p.rows]) for p in parts]
    links = _parts(
        found.links["lifetime_years"].to_numpy(float), np.zeros(len(found.links)), *units(found.links["link_id"])
    )
    return CostModel(
        items, tuple(access), tuple(route), tuple(links), {name: a[name] for name in a},
        {item: a.row(item).unit for item in items}, len(deals), len(found.links),
    )  # fmt: skip


def _parts(life: Floats, rate: Floats, capex: Floats, opex: Floats) -> list[_Part]:
    """One part per lifetime and rate."""
    found = []
    for lifetime, r in sorted(set(zip(life.tolist(), rate.tolist(), strict=True))):
        mine = np.flatnonzero((life == lifetime) & (rate == r))
        found.append(_Part(mine, lifetime, r, capex[mine], opex[mine]))
    return found
