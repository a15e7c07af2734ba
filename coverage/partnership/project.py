"""A deal's economics: what is built, for which market, under which business model and rates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options import capital_flow
from coverage.partnership.market import Market, adoption
from coverage.partnership.models import MODELS
from coverage.tables import HOME_TECHNOLOGIES

Years = NDArray[np.float64]


@dataclass(frozen=True)
class Asset:
    """Something built, run and renewed: the access or one link of its backhaul."""

    capex_idr: float
    opex_idr_per_year: float
    lifetime_years: float


@lru_cache(maxsize=64)
def _discount(rate: float, horizon_years: int) -> Years:
    factors: Years = (1.0 + rate) ** -np.arange(horizon_years + 1, dtype=float)
    factors.setflags(write=False)  # everybody's
    return factors


@lru_cache(maxsize=256)
def _payments(lifetime_years: float, horizon_years: int, rate: float, residual_share: float) -> Years:
    flow = capital_flow(lifetime_years, horizon_years, rate, residual_share)
    flow.setflags(write=False)  # everybody's
    return flow


@dataclass(frozen=True)
class Finance:
    """How years are counted and valued, and what the state takes."""

    horizon_years: int
    hurdle_rate: float
    social_rate: float
    residual_share: float
    ppn: float
    levies: float
    income_tax: float

    def discount(self, rate: float) -> Years:
        """Discount factors of years 0..horizon."""
        return _discount(rate, self.horizon_years)


def finance(hurdle_rate: float, assumptions: Assumptions) -> Finance:
    """Finance of a provider with this hurdle rate: ``funding.*`` and the taxes in ``market.*``."""
    return Finance(
        horizon_years=round(assumptions["funding.horizon_years"]),
        hurdle_rate=hurdle_rate,
        social_rate=assumptions["funding.social_rate"],
        residual_share=assumptions["funding.residual_share"],
        ppn=assumptions["market.ppn"],
        levies=assumptions["market.levy_bhp"] + assumptions["market.levy_uso"],
        income_tax=assumptions["funding.income_tax"],
    )


@dataclass(frozen=True)
class Terms:
    """What the parties agree on.

    ``price_idr_month`` per subscriber, PPN included; ``village_share`` the village enterprise's part
    of sales without PPN; ``subsidy_idr`` and ``contribution_idr`` are paid to the provider in year 0
    by public funds and by the village budget; ``village_capital_share`` and
    ``village_running_share`` are the parts of the building and of the running cost that the village
    pays (from its budget, and from its enterprise); ``guaranteed_subscribers`` those whose bills the
    village enterprise pays when fewer subscribe.
    """

    price_idr_month: float
    village_share: float = 0.0
    subsidy_idr: float = 0.0
    contribution_idr: float = 0.0
    village_capital_share: float = 0.0
    village_running_share: float = 0.0
    guaranteed_subscribers: float = 0.0


@dataclass(frozen=True, eq=False)
class AssetYears:
    """Yearly cost of all assets of a project, years 0..horizon, positive is spending."""

    capital: Years
    running: Years
    depreciation: Years


@dataclass(frozen=True, eq=False)
class Project:
    """One deal's economics before its terms: assets, market and business model."""

    assets: tuple[Asset, ...]
    market: Market
    business_model: str
    finance: Finance
    adoption: Years
    care_idr_year: float
    agent_share: float
    years: AssetYears = field(repr=False)

    @property
    def capital(self) -> Years:
        """Spending on building and renewing in years 0..horizon."""
        return self.years.capital

    @property
    def running(self) -> Years:
        """Running cost in years 0..horizon."""
        return self.years.running

    @property
    def depreciation(self) -> Years:
        """Depreciation for tax in years 0..horizon."""
        return self.years.depreciation

    @property
    def resale(self) -> bool:
        """Whether the village enterprise sells."""
        return MODELS[self.business_model].resale

    def cost_pv_idr(self, rate: float) -> float:
        """Present value of the assets: building, renewing and running them."""
        return float((self.capital + self.running) @ self.finance.discount(rate))


@lru_cache(maxsize=4096)
def _asset_years(assets: tuple[Asset, ...], money: Finance) -> AssetYears:
    capital, running, depreciation = (np.zeros(money.horizon_years + 1) for _ in range(3))
    for asset in assets:
        flow = _payments(asset.lifetime_years, money.horizon_years, money.hurdle_rate, money.residual_share)
        capital += asset.capex_idr * flow
        running[1:] += asset.opex_idr_per_year
        depreciation[1:] += asset.capex_idr / asset.lifetime_years
    for years in (capital, running, depreciation):
        years.setflags(write=False)  # everybody's
    return AssetYears(capital, running, depreciation)


def with_assets(plan: Project, assets: tuple[Asset, ...]) -> Project:
    """The same project with other assets (and its horizon as it is now)."""
    return replace(plan, assets=assets, years=_asset_years(assets, plan.finance))


def project(
    assets: tuple[Asset, ...], demand: Market, business_model: str, technology: str, hurdle_rate: float, a: Assumptions
) -> Project:
    """Put a deal's economics together.

    Parameters
    ----------
    assets : tuple of Asset
        The access first, then the links of its backhaul.
    demand : Market
        Its subscribers.
    business_model : str
        Code of :data:`coverage.partnership.models.MODELS`.
    technology : str
        Option technology: vouchers have a sales agent (unless the village enterprise is it), mobile
        customers need no local care.
    hurdle_rate : float
        Return that the provider asks, 1/year.
    a : Assumptions
        ``funding.*``, ``market.*`` and ``cost.customer_care``.
    """
    money = finance(hurdle_rate, a)
    model = MODELS[business_model]
    agent = technology == "satellite_wifi" and not (model.resale or model.village_earns)
    return Project(
        assets=assets,
        market=demand,
        business_model=business_model,
        finance=money,
        adoption=adoption(money.horizon_years, a),
        care_idr_year=a["cost.customer_care"] * 12.0 if technology in HOME_TECHNOLOGIES else 0.0,
        agent_share=a["market.agent_share"] if agent else 0.0,
        years=_asset_years(assets, money),
    )
