"""The price: over its whole range, where both sides would sign, and where they would meet.

Adoption falls as the price rises, so the provider's NPV rises and falls again: it may be zero at
two prices, at one, or at none. Between the two lies the zone in which the provider would sign. The
Nash bargaining solution (Nash, *The bargaining problem*, 1950) picks from it the price at which the
product of both sides' gains over their best existing alternative is largest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from coverage.partnership.cashflow import Curve
from coverage.partnership.project import Project, Terms

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
    curve = Curve(plan, terms)
    if plan.market.tariff_idr_month is not None:
        tariff = plan.market.tariff_idr_month
        return Zone((), tariff, float(curve.provider(tariff)[0]))
    grid = np.linspace(0.0, plan.market.highest_price(), _GRID)
    value = curve.provider(grid)
    best, best_npv = _peak(curve, grid, value)
    # The peak may rise above zero between two grid points that are both below it.
    at = int(np.searchsorted(grid, best))
    grid, value = np.insert(grid, at, best), np.insert(value, at, best_npv)
    crossing = np.flatnonzero((value[:-1] < 0) != (value[1:] < 0))
    roots = tuple(_root(curve, grid[k], grid[k + 1]) for k in crossing)
    return Zone(roots, best, best_npv)


def _peak(curve: Curve, grid: NDArray[np.float64], value: NDArray[np.float64]) -> tuple[float, float]:
    for _round in range(_ROUNDS):
        k = int(np.argmax(value))
        grid = np.linspace(grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)], _FINER)
        value = curve.provider(grid)
    k = int(np.argmax(value))
    return float(grid[k]), float(value[k])


def _root(curve: Curve, low: float, high: float) -> float:
    for _round in range(_ROUNDS):
        grid = np.linspace(low, high, _FINER)
        negative = curve.provider(grid) < 0
        k = int(np.flatnonzero(negative[:-1] != negative[1:])[0])
        low, high = float(grid[k]), float(grid[k + 1])
    return (low + high) / 2


def village_payoff(plan: Project, price_idr_month: ArrayLike, terms: Terms) -> NDArray[np.float64]:
    """What a deal is worth to the village at each price: present value at the social rate, Rp.

    Households' consumer surplus plus the village enterprise's net cash, minus what the village
    budget pays.
    """
    price = np.atleast_1d(np.asarray(price_idr_month, dtype=float))
    discount = plan.finance.discount(plan.finance.social_rate)
    surplus = plan.market.surplus_idr_year(price) * float(plan.adoption @ discount)
    enterprise = Curve(plan, terms).enterprise(price)
    paid = terms.contribution_idr + terms.village_capital_share * float(plan.capital @ discount)
    return np.asarray(surplus + enterprise - paid)


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
    curve = Curve(plan, terms)
    tariff = plan.market.tariff_idr_month
    grid = np.linspace(0.0, plan.market.highest_price(), _GRID) if tariff is None else np.array([tariff])
    best: Bargain | None = None
    for _round in range(_ROUNDS if tariff is None else 1):
        provider = curve.provider(grid) - provider_alternative_idr
        village = village_payoff(plan, grid, terms) - village_alternative_idr
        enterprise = curve.enterprise(grid)
        lump = np.clip((village - provider) / 2, 0.0, contribution_limit_idr)
        ours, theirs = provider + lump, village - lump
        agreed = (ours >= 0) & (theirs >= 0) & (enterprise >= 0)
        if not agreed.any():
            return best
        product = np.where(agreed, ours * theirs, -1.0)
        k = int(np.argmax(product))
        if best is None or product[k] > best.product:
            settled = replace(terms, price_idr_month=float(grid[k]), contribution_idr=float(lump[k]))
            best = Bargain(
                settled,
                float(ours[k]) + provider_alternative_idr,
                float(theirs[k]) + village_alternative_idr,
                float(product[k]),
            )
        grid = np.linspace(grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)], _FINER)
    return best
