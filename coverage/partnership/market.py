"""Who subscribes at what price, how fast, and what that is worth to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from coverage.assumptions import Assumptions
from coverage.errors import AssumptionError, InputError
from coverage.language import _
from coverage.tables import HOME_TECHNOLOGIES

#: One number for all, or a column of them.
Number = float | NDArray[np.float64]

_INTEGRAL_STEPS = 20_000
_INTEGRAL_END = 20.0


@lru_cache(maxsize=64)
def _surplus_table(shape: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Area under ``1 / (1 + u ** shape)`` from u on, for rising u (trapezoids)."""
    ratio = np.linspace(0.0, _INTEGRAL_END, _INTEGRAL_STEPS + 1)
    height = 1.0 / (1.0 + ratio**shape)
    below = np.concatenate([[0.0], np.cumsum((height[1:] + height[:-1]) / 2) * ratio[1]])
    angle = np.pi / shape
    return ratio, angle / np.sin(angle) - below


@dataclass(frozen=True)
class Market:
    """Demand for one option from one provider.

    Attributes
    ----------
    potential : float
        Subscribers at maturity if the price were zero, within what the option's capacity carries.
    willing_idr_month : float
        Price at which half of them would subscribe (median willingness to pay), PPN included.
    shape : float
        Shape of the log-logistic (Fisk) distribution of willingness; above 1.
    affordable_idr_month : float
        The affordability line: a share of income.
    incremental_share : float
        Part of a subscriber's revenue that is new to the provider.
    base_idr_year : float
        Further revenue at maturity that does not depend on the price (uplift of present users), PPN excluded.
    tariff_idr_month : float or None
        Where the provider sells at one tariff everywhere, that tariff, PPN included.
    """

    potential: float
    willing_idr_month: float
    shape: float
    affordable_idr_month: float
    incremental_share: float = 1.0
    base_idr_year: float = 0.0
    tariff_idr_month: float | None = None

    def subscribers(self, price_idr_month: ArrayLike) -> NDArray[np.float64]:
        """Subscribers at maturity: ``potential / (1 + (price / median) ** shape)``.

        Raises
        ------
        InputError
            Where a price is negative or not a number.
        """
        price = np.asarray(price_idr_month, dtype=float)
        if not np.all(price >= 0):
            raise InputError(_("A price cannot be negative"), todo=_("Give a price of zero or more"))
        return _subscribers(price, self.potential, self.willing_idr_month, self.shape)

    def highest_price(self) -> float:
        """Price at which 1 % of the potential is left: beyond it nothing is searched."""
        return float(self.willing_idr_month * 99.0 ** (1.0 / self.shape))

    def surplus_idr_year(self, price_idr_month: ArrayLike) -> NDArray[np.float64]:
        """Consumer surplus at maturity, Rp per year: the area under the demand curve above the price.

        The whole area is ``median x (pi / shape) / sin(pi / shape)`` per potential subscriber; what
        lies below the price is integrated numerically.
        """
        price = np.asarray(price_idr_month, dtype=float)
        return _surplus(price, self.potential, self.willing_idr_month, self.shape)


class Markets:
    """Many markets at once, a row each, of one shape of willingness: as :class:`Market` tells of each.

    Raises
    ------
    ValueError
        Where shapes differ.
    """

    def __init__(self, markets: Sequence[Market]) -> None:
        shapes = {market.shape for market in markets}
        if len(shapes) > 1:
            raise ValueError("markets of different shapes")
        self._shape = shapes.pop() if shapes else 2.0
        self._potential = np.array([market.potential for market in markets], dtype=float).reshape(-1, 1)
        self._willing = np.array([market.willing_idr_month for market in markets], dtype=float).reshape(-1, 1)

    def subscribers(self, price_idr_month: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """As :meth:`Market.subscribers` for the markets of some rows: prices and result of shape (rows, prices)."""
        return _subscribers(price_idr_month, self._potential[rows], self._willing[rows], self._shape)

    def surplus_idr_year(self, price_idr_month: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """As :meth:`Market.surplus_idr_year`, likewise."""
        return _surplus(price_idr_month, self._potential[rows], self._willing[rows], self._shape)


def _subscribers(price: NDArray[np.float64], potential: Number, willing: Number, shape: float) -> NDArray[np.float64]:
    return np.asarray(potential / (1.0 + (price / willing) ** shape))


def _surplus(price: NDArray[np.float64], potential: Number, willing: Number, shape: float) -> NDArray[np.float64]:
    ratio, left = _surplus_table(shape)
    relative = price / willing
    # Beyond the table the demand is a pure power, whose integral is exact.
    tail = np.maximum(relative, ratio[-1]) ** (1.0 - shape) / (shape - 1.0)
    area = np.where(relative <= ratio[-1], np.interp(relative, ratio, left), tail)
    return np.asarray(12.0 * potential * willing * area)


def adoption(horizon_years: int, assumptions: Assumptions) -> NDArray[np.float64]:
    """Share of the mature subscribers who pay in each year 0..horizon, logistic, taken at mid-year."""
    return _adoption(horizon_years, assumptions["market.adoption_speed"], assumptions["market.adoption_midpoint"])


@lru_cache(maxsize=64)
def _adoption(horizon_years: int, speed: float, midpoint: float) -> NDArray[np.float64]:
    years = np.arange(horizon_years + 1) - 0.5
    share: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-speed * (years - midpoint)))
    share[0] = 0.0
    share.setflags(write=False)  # everybody's
    return share


def _income_per_person(village: Mapping[str, Any], assumptions: Assumptions) -> float:
    known = village.get("income_idr_month")
    if known is not None and pd.notna(known) and float(known) > 0:
        return float(known)
    return assumptions["market.household_income"] / assumptions["market.household_size"]


def market(
    option: Mapping[str, Any],
    village: Mapping[str, Any],
    market_share: float,
    assumptions: Assumptions,
    *,
    partner_share: float = 0.0,
    listed_idr_month: float | None = None,
) -> Market:
    """Demand for an option from a provider, or from the operators who share it.

    Parameters
    ----------
    option : mapping
        Row of :class:`coverage.tables.Options`.
    village : mapping
        Row of :class:`coverage.tables.Villages`; ``income_idr_month`` and
        ``households_fixed_broadband`` are used where known.
    market_share : float
        Share of the provider among the region's mobile users.
    assumptions : Assumptions
        ``market.*``.
    partner_share : float
        Share of the operators who share the tower with it: those of their users who would not change
        operator are theirs now.
    listed_idr_month : float, optional
        The provider's own list price for this kind of service, PPN included: then that is the price.
    """
    shape = assumptions["market.willing_shape"]
    if shape <= 1:
        raise AssumptionError(_("The shape of willingness must be above 1"), where="market.willing_shape")
    person = _income_per_person(village, assumptions)
    gained = float(option["population_gained"])
    others = max(float(option["population_reached"]) - gained, 0.0)
    capacity = float(option["capacity_mbps"])
    line = assumptions["market.affordable_share"]
    if option["technology"] in HOME_TECHNOLOGIES:
        income = person * assumptions["market.household_size"]
        homes = float(option["households_passed"])
        fixed = village.get("households_fixed_broadband")
        if fixed is not None and pd.notna(fixed) and float(village["households"]) > 0:
            homes *= max(0.0, 1.0 - float(fixed) / float(village["households"]))
        potential = min(homes * assumptions["market.takeup_home"], capacity / assumptions["market.mbps_per_home"])
        willing = income * assumptions["market.willing_home"]
        return Market(potential, willing, shape, income * line, tariff_idr_month=listed_idr_month)
    most = capacity / assumptions["market.mbps_per_user"]
    willing = person * assumptions["market.willing_person"]
    if option["technology"] == "satellite_wifi":
        users = gained * assumptions["market.takeup_wifi_new"] + others * assumptions["market.takeup_wifi_covered"]
        return Market(min(users, most), willing, shape, person * line, tariff_idr_month=listed_idr_month)
    sims = assumptions["market.sims_per_user"]
    penetration = assumptions["market.penetration_mobile"]
    arpu = assumptions["market.arpu_mobile"]
    together = min(market_share + partner_share, 1.0)
    alone = assumptions["market.share_where_alone"]
    # Who stays with an absent operator comes along when that operator shares the tower.
    loyal = (1.0 - alone) * min(partner_share / max(1.0 - market_share, 1e-9), 1.0)
    uplift = others * penetration * sims * together * assumptions["market.usage_uplift"] * arpu * 12.0
    return Market(
        potential=min(gained * penetration * sims * (alone + loyal), most),
        willing_idr_month=willing,
        shape=shape,
        affordable_idr_month=person * line,
        incremental_share=1.0 - assumptions["market.cannibalised"],
        base_idr_year=uplift,
        tariff_idr_month=arpu * (1.0 + assumptions["market.ppn"]),
    )
