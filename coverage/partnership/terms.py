"""The price: over its whole range, where both sides would sign, and where they would meet.

Adoption falls as the price rises, so the provider's NPV rises and falls again: it may be zero at
two prices, at one, or at none. Between the two lies the zone in which the provider would sign. The
Nash bargaining solution (Nash, *The bargaining problem*, 1950) picks from it the price at which the
product of both sides' gains over their best existing alternative is largest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from coverage.partnership.cashflow import Curve, Curves
from coverage.partnership.market import Markets
from coverage.partnership.project import Project, Terms

Prices = NDArray[np.float64]
Rows = NDArray[np.intp]

_GRID = 97
_FINER = 33
_ROUNDS = 4


@dataclass(frozen=True)
class Zone:
    """The provider's NPV over the price.

    Attributes
    ----------
    break_even_idr_month : tuple of float
        Prices at which the NPV is zero, rising: two, one or none.
    best_idr_month : float
        Price of the highest NPV.
    best_npv_idr : float
        That NPV.
    """

    break_even_idr_month: tuple[float, ...]
    best_idr_month: float
    best_npv_idr: float

    def signed_between(self) -> tuple[float, float]:
        """Lowest and highest price at which the provider would sign; NaN where it never would."""
        if self.best_npv_idr < 0:
            return float("nan"), float("nan")
        ends = self.break_even_idr_month or (self.best_idr_month,)
        return ends[0], ends[-1]


def price_zone(plan: Project, terms: Terms) -> Zone:
    """Search the whole price range for the best price and the break-even prices.

    Parameters
    ----------
    plan : Project
        The deal's economics; with a tariff there is only that price.
    terms : Terms
        Everything agreed except the price.
    """
    return price_zones([plan], [terms])[0]


def price_zones(plans: Sequence[Project], terms: Sequence[Terms]) -> list[Zone]:
    """As :func:`price_zone` for many deals, whose markets share one shape of willingness."""
    curves = Curves(plans, terms)
    tariff = _tariffs(plans)
    known = np.flatnonzero(~np.isnan(tariff))
    value = curves.provider(tariff[known, None], known)[:, 0]
    zones = {
        row: Zone((), price, npv)
        for row, price, npv in zip(known.tolist(), tariff[known].tolist(), value.tolist(), strict=True)
    }
    free = np.flatnonzero(np.isnan(tariff))
    grid = _grid(np.zeros(len(free)), _highest(plans, free), _GRID)
    value = curves.provider(grid, free)
    best, best_npv = _peak(curves, free, grid, value)
    # The peak may rise above zero between two grid points that are both below it.
    at = (grid < best[:, None]).sum(axis=1)
    grid, value = _inserted(grid, at, best), _inserted(value, at, best_npv)
    of, k = np.nonzero((value[:, :-1] < 0) != (value[:, 1:] < 0))
    roots: list[list[float]] = [[] for _row in range(len(free))]
    for row, root in zip(of.tolist(), _root(curves, free[of], grid[of, k], grid[of, k + 1]).tolist(), strict=True):
        roots[row].append(root)
    for row, crossing, price, npv in zip(free.tolist(), roots, best.tolist(), best_npv.tolist(), strict=True):
        zones[row] = Zone(tuple(crossing), price, npv)
    return [zones[row] for row in range(len(plans))]


def _tariffs(plans: Sequence[Project]) -> Prices:
    """The one price of each deal; NaN where it is free."""
    return np.array([math.nan if (t := plan.market.tariff_idr_month) is None else t for plan in plans], dtype=float)


def _highest(plans: Sequence[Project], rows: Rows) -> Prices:
    """Price up to which to search, of some rows."""
    return np.array([plans[row].market.highest_price() for row in rows.tolist()], dtype=float)


def _grid(low: Prices, high: Prices, count: int) -> Prices:
    """Evenly spaced prices from `low` to `high`, a row each, ends included."""
    grid = np.arange(count) * ((high - low) / (count - 1))[:, None] + low[:, None]
    grid[:, -1] = high
    return grid


def _around(grid: Prices, k: Rows) -> Prices:
    """A finer grid of each row between the neighbours of its `k`-th price."""
    row, last = np.arange(len(grid)), grid.shape[1] - 1
    return _grid(grid[row, np.maximum(k - 1, 0)], grid[row, np.minimum(k + 1, last)], _FINER)


def _inserted(table: Prices, at: Rows, value: Prices) -> Prices:
    """The rows with one value more each, before column `at`."""
    col = np.arange(table.shape[1] + 1)
    row = np.arange(len(table))[:, None]
    shifted = table[row, np.minimum(col - (col > at[:, None]), table.shape[1] - 1)]
    return np.where(col == at[:, None], value[:, None], shifted)


def _peak(curves: Curves, rows: Rows, grid: Prices, value: Prices) -> tuple[Prices, Prices]:
    for _round in range(_ROUNDS):
        grid = _around(grid, value.argmax(axis=1))
        value = curves.provider(grid, rows)
    top = np.arange(len(grid)), value.argmax(axis=1)
    return grid[top], value[top]


def _root(curves: Curves, rows: Rows, low: Prices, high: Prices) -> Prices:
    for _round in range(_ROUNDS):
        grid = _grid(low, high, _FINER)
        negative = curves.provider(grid, rows) < 0
        row, k = np.arange(len(grid)), (negative[:, :-1] != negative[:, 1:]).argmax(axis=1)
        low, high = grid[row, k], grid[row, k + 1]
    return (low + high) / 2


def village_payoff(plan: Project, price_idr_month: ArrayLike, terms: Terms) -> NDArray[np.float64]:
    """What a deal is worth to the village at each price: present value at the social rate, Rp.

    Households' consumer surplus plus the village enterprise's net cash, minus what the village
    budget pays.
    """
    price = np.atleast_1d(np.asarray(price_idr_month, dtype=float))
    years, paid = _weights(plan, terms)
    return np.asarray(plan.market.surplus_idr_year(price) * years + Curve(plan, terms).enterprise(price) - paid)


def _weights(plan: Project, terms: Terms) -> tuple[float, float]:
    """What a yearly surplus at maturity is worth over the horizon, in years; and what the village budget pays, Rp."""
    discount = plan.finance.discount(plan.finance.social_rate)
    paid = terms.contribution_idr + terms.village_capital_share * float(plan.capital @ discount)
    return float(plan.adoption @ discount), paid


def both_sides(plan: Project, prices_idr_month: ArrayLike, terms: Terms) -> pd.DataFrame:
    """What a deal is worth to each side over the price, all other terms held.

    Parameters
    ----------
    plan : Project
        The deal's economics.
    prices_idr_month : array_like
        Prices, Rp a month.
    terms : Terms
        Everything agreed except the price.

    Returns
    -------
    DataFrame
        ``price_idr_month``; ``provider_npv_idr`` at the provider's hurdle rate and
        ``village_payoff_idr`` at the social rate (:func:`village_payoff`), both with the lump sums;
        ``both_gain``: whether neither loses.
    """
    price = np.atleast_1d(np.asarray(prices_idr_month, dtype=float))
    provider = Curve(plan, terms).provider(price)
    village = village_payoff(plan, price, terms)
    return pd.DataFrame(
        {
            "price_idr_month": price,
            "provider_npv_idr": provider,
            "village_payoff_idr": village,
            "both_gain": (provider >= 0) & (village >= 0),
        }
    )


@dataclass(frozen=True)
class Bargain:
    """Terms that both sides would sign, with what each gains; see :func:`nash`."""

    terms: Terms
    provider_npv_idr: float
    village_payoff_idr: float
    product: float


def nash(
    plan: Project,
    terms: Terms,
    *,
    provider_alternative_idr: float = 0.0,
    village_alternative_idr: float = 0.0,
    contribution_limit_idr: float = 0.0,
) -> Bargain | None:
    """Price (and village contribution) with the largest product of both sides' gains.

    Parameters
    ----------
    plan : Project
        The deal's economics.
    terms : Terms
        Everything agreed except price and contribution.
    provider_alternative_idr, village_alternative_idr : float
        What each side has without the deal (disagreement point), present value.
    contribution_limit_idr : float
        Most that the village budget may pay in year 0; 0: transfers are not allowed, and only the
        price can share the gain.

    Returns
    -------
    Bargain or None
        None where no price leaves both sides at least as well off as without the deal.
    """
    return nash_all([plan], [terms], [provider_alternative_idr], [village_alternative_idr], [contribution_limit_idr])[0]


def nash_all(
    plans: Sequence[Project],
    terms: Sequence[Terms],
    provider_alternative_idr: Sequence[float],
    village_alternative_idr: Sequence[float],
    contribution_limit_idr: Sequence[float],
) -> list[Bargain | None]:
    """As :func:`nash` for many deals, whose markets share one shape of willingness."""
    curves, markets = Curves(plans, terms), Markets([plan.market for plan in plans])
    weights = np.array([_weights(*pair) for pair in zip(plans, terms, strict=True)]).reshape(-1, 2, 1)
    without = np.column_stack([provider_alternative_idr, village_alternative_idr, contribution_limit_idr])
    best: list[Bargain | None] = [None] * len(plans)

    def look(rows: Rows, grid: Prices) -> tuple[NDArray[np.bool_], Rows]:
        """Keep what beats the best so far; which rows have a price that both agree to, and where the best stands."""
        others = without[rows].reshape(-1, 3, 1)
        enterprise, surplus = curves.enterprise(grid, rows), markets.surplus_idr_year(grid, rows)
        village = surplus * weights[rows, 0] + enterprise - weights[rows, 1] - others[:, 1]
        provider = curves.provider(grid, rows) - others[:, 0]
        lump = np.clip((village - provider) / 2, 0.0, others[:, 2])
        ours, theirs = provider + lump, village - lump
        agreed = (ours >= 0) & (theirs >= 0) & (enterprise >= 0)
        product = np.where(agreed, ours * theirs, -1.0)
        k, possible = product.argmax(axis=1), agreed.any(axis=1)
        for at in np.flatnonzero(possible).tolist():
            row, here = int(rows[at]), (at, int(k[at]))
            found = best[row]
            if found is None or product[here] > found.product:
                ours_before, theirs_before, _limit = without[row].tolist()
                best[row] = Bargain(
                    replace(terms[row], price_idr_month=float(grid[here]), contribution_idr=float(lump[here])),
                    float(ours[here]) + ours_before,
                    float(theirs[here]) + theirs_before,
                    float(product[here]),
                )
        return possible, k

    tariff = _tariffs(plans)
    known, rows = np.flatnonzero(~np.isnan(tariff)), np.flatnonzero(np.isnan(tariff))
    look(known, tariff[known, None])
    grid = _grid(np.zeros(len(rows)), _highest(plans, rows), _GRID)
    for _round in range(_ROUNDS):
        possible, k = look(rows, grid)
        rows, grid = rows[possible], _around(grid[possible], k[possible])
    return best
