"""Income of deals at their agreed price under other assumptions about the market.

The same formulae as :mod:`coverage.partnership.market` and ``cashflow``, over many draws at once:
who subscribes differs, the price stays as agreed (a mobile operator's tariff follows its average
revenue per user). Income tax is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.partnership.models import MODELS
from coverage.planning.factors import Draws
from coverage.planning.prices import PricedTables
from coverage.tables import HOME_TECHNOLOGIES, MOBILE_TECHNOLOGIES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class IncomeModel:
    """What the income of each deal depends on; arrays per deal."""

    technology: NDArray[np.str_]
    price: Floats
    capacity: Floats
    free_homes: Floats
    known_income: Floats
    market_share: Floats
    rate: Floats
    resale: NDArray[np.bool_]
    earns: NDArray[np.bool_]
    reached: Floats
    a: Assumptions

    def only(self, deals: Ints) -> IncomeModel:
        """The model of some deals (positions)."""
        arrays = {f.name: getattr(self, f.name)[deals] for f in fields(self) if f.name != "a"}
        return replace(self, **arrays)

    def of(self, draws: Draws, reached: Floats, gained: Floats, option: Ints) -> Floats:
        """Present value of income after levies, sales and care, Rp, shape (draws, deals).

        Parameters
        ----------
        reached, gained : ndarray, shape (draws, rows)
            Persons, as of the reach model's rows.
        option : ndarray of int, shape (rows,)
            Deal of each row, rising.
        """
        starts = np.flatnonzero(np.diff(option, prepend=-1))
        everyone, fresh = (np.add.reduceat(x, starts, axis=1) for x in (reached, gained))

        def of(name: str) -> Floats:
            return draws.values[name][:, None] if name in draws.values else np.full((len(draws), 1), self.a[name])

        average = of("market.household_income") / of("market.household_size")
        person = np.where(np.isnan(self.known_income), average, self.known_income)
        paying, willing, base = self._market(everyone, fresh, person, of)
        tower = np.isin(self.technology, MOBILE_TECHNOLOGIES)
        price = np.where(tower, of("market.arpu_mobile") * (1 + of("market.ppn")), self.price)
        subscribers = paying / (1.0 + (price / willing) ** of("market.willing_shape"))
        fresh_share = np.where(tower, 1.0 - of("market.cannibalised"), 1.0)
        levies = of("market.levy_bhp") + of("market.levy_uso")
        earned = np.where(self.earns, of("market.village_share"), 0.0)
        share = np.where(self.resale, of("market.reseller_share"), earned)
        sold_by_agents = (self.technology == "satellite_wifi") & ~self.resale & ~self.earns
        agent = np.where(sold_by_agents, of("market.agent_share"), 0.0)
        care = np.where(
            np.isin(self.technology, HOME_TECHNOLOGIES) & ~self.resale, of("cost.customer_care") * 12.0, 0.0
        )
        net = price * 12.0 / (1 + of("market.ppn"))
        yearly = subscribers * (net * ((fresh_share - share) * (1 - levies) - agent) - care) + base * (1 - levies)
        return np.asarray(yearly * self._years(draws), dtype=float)

    def _market(
        self, everyone: Floats, fresh: Floats, person: Floats, get: Callable[[str], Floats]
    ) -> tuple[Floats, Floats, Floats]:
        """Subscribers at no price, median willingness, and revenue that no price changes."""
        others = np.maximum(everyone - fresh, 0.0)
        homes = self.free_homes * everyone / np.maximum(self.reached, 1e-9) * get("market.takeup_home")
        fibre = np.minimum(homes, self.capacity / get("market.mbps_per_home"))
        most = self.capacity / get("market.mbps_per_user")
        wifi = np.minimum(fresh * get("market.takeup_wifi_new") + others * get("market.takeup_wifi_covered"), most)
        sims = get("market.sims_per_user") * get("market.penetration_mobile")
        mobile = np.minimum(fresh * sims * get("market.share_where_alone"), most)
        base = others * sims * self.market_share * get("market.usage_uplift") * get("market.arpu_mobile") * 12.0
        tower, home = np.isin(self.technology, MOBILE_TECHNOLOGIES), np.isin(self.technology, HOME_TECHNOLOGIES)
        paying = np.where(home, fibre, np.where(tower, mobile, wifi))
        willing = person * np.where(
            home, get("market.household_size") * get("market.willing_home"), get("market.willing_person")
        )
        return paying, willing, np.where(tower, base, 0.0)

    def _years(self, draws: Draws) -> Floats:
        """Adopting years in present value at every deal's rate."""
        horizon = round(self.a["funding.horizon_years"])
        years = np.arange(1, horizon + 1) - 0.5
        speed, middle = draws["market.adoption_speed"][:, None], draws["market.adoption_midpoint"][:, None]
        adopted = 1.0 / (1.0 + np.exp(-speed * (years - middle)))
        factors = (1.0 + self.rate[:, None]) ** -np.arange(1, horizon + 1)
        return np.asarray(adopted @ factors.T, dtype=float)


def income_model(tables: PricedTables, deals: pd.DataFrame) -> IncomeModel:
    """Read what the income of each deal depends on (one row per option)."""
    options = tables.option_set.options.set_index("option_id").loc[deals["option_id"]]
    villages = tables.region.villages.set_index("village_code").loc[deals["village_code"]]
    providers = tables.region.providers.set_index("provider_id").loc[deals["provider_id"]]
    homes = options["households_passed"].to_numpy(float)
    free = homes.copy()
    if "households_fixed_broadband" in villages:
        fixed, all_homes = (
            villages["households_fixed_broadband"].to_numpy(float),
            villages["households"].to_numpy(float),
        )
        known = np.isfinite(fixed) & (all_homes > 0)
        free = np.where(known, homes * np.maximum(0.0, 1.0 - fixed / np.where(known, all_homes, 1.0)), homes)
    income = np.full(len(deals), np.nan)
    if "income_idr_month" in villages:
        income = villages["income_idr_month"].where(villages["income_idr_month"] > 0).to_numpy(float)
    return IncomeModel(
        technology=options["technology"].to_numpy(dtype=str),
        price=deals["price_idr_month"].to_numpy(float),
        capacity=options["capacity_mbps"].to_numpy(float),
        free_homes=free,
        known_income=income,
        market_share=providers["market_share"].to_numpy(float),
        rate=providers["hurdle_rate"].to_numpy(float),
        resale=np.array([MODELS[code].resale for code in deals["business_model"]]),
        earns=np.array([MODELS[code].village_earns for code in deals["business_model"]]),
        reached=options["population_reached"].to_numpy(float),
        a=tables.assumptions,
    )
