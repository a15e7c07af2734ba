"""Who pays whom, year by year.

All amounts are rupiah of constant purchasing power; year 0 is the year of building, running costs
and income fall at the end of years 1..horizon. Positive is money in. Every payment between two
parties is a *transfer* and appears twice, so transfers net to zero over the parties; what is left
is what the project itself costs, paid to suppliers outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy_financial as npf
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from coverage.partnership.market import Markets
from coverage.partnership.models import PARTIES
from coverage.partnership.project import Project, Terms, Years


@dataclass(frozen=True, eq=False)
class Flows:
    """Yearly amounts of a project at some prices, shape (prices or 1 for all, horizon + 1), all positive."""

    households_pay: Years
    ppn: Years
    uplift: Years
    enterprise_keeps: Years
    levies: Years
    care: Years
    agent: Years
    displaced: Years
    guarantee: Years
    tax: Years


def _flows(plan: Project, price: NDArray[np.float64], subscribers: NDArray[np.float64], terms: Terms) -> Flows:
    money = plan.finance
    paying = subscribers[:, None] * plan.adoption
    gross = paying * price[:, None] * 12.0
    net = gross / (1.0 + money.ppn)
    uplift = (plan.market.base_idr_year * plan.adoption)[None, :]
    displaced = net * (1.0 - plan.market.incremental_share)
    kept = net * terms.village_share
    short = np.maximum(terms.guaranteed_subscribers - paying, 0.0) * (np.arange(paying.shape[1]) > 0)
    guarantee = short * price[:, None] * 12.0 / (1.0 + money.ppn)
    sold = net - kept + guarantee + uplift - displaced
    levies = sold * money.levies
    care = paying * plan.care_idr_year
    agent = net * plan.agent_share
    own = (0.0 if plan.resale else 1.0) * (care + agent)
    borne = plan.running * (1.0 - terms.village_running_share)
    profit = sold - levies - own - borne - plan.depreciation * (1.0 - terms.village_capital_share)
    tax = money.income_tax * np.maximum(profit, 0.0)
    return Flows(gross, gross - net, uplift, kept, levies, care, agent, displaced, guarantee, tax)


def _years(plan: Project, f: Flows, terms: Terms) -> tuple[Years, Years]:
    """Net cash of the provider before lump sums, and of the village enterprise."""
    care = f.care + f.agent
    income = f.households_pay - f.ppn - f.enterprise_keeps + f.guarantee + f.uplift - f.displaced
    borne = plan.running * (1.0 - terms.village_running_share) + plan.capital * (1.0 - terms.village_capital_share)
    provider = income - f.levies - f.tax - borne
    enterprise = f.enterprise_keeps - f.guarantee - plan.running * terms.village_running_share
    return (provider, enterprise - care) if plan.resale else (provider - care, enterprise)


def _present(plan: Project, price: Years, subscribers: Years, terms: Terms) -> tuple[Years, Years]:
    """Present value for the provider, before lump sums, and for the village enterprise; one per price."""
    money = plan.finance
    years = _years(plan, _flows(plan, price, subscribers, terms), terms)
    return years[0] @ money.discount(money.hurdle_rate), years[1] @ money.discount(money.social_rate)


#: Provider's and village enterprise's ``a, b, c`` of :class:`Curve`.
Linear = tuple[tuple[float, float, float], ...]
#: Known ones, by project and shares: every step of pricing a deal asks for them again.
_known: WeakKeyDictionary[Project, dict[tuple[float, float, float], Linear]] = WeakKeyDictionary()


def _linear(plan: Project, terms: Terms) -> Linear:
    # Neither price nor lump sums enter, so that terms which only differ there share the work.
    shares = (terms.village_share, terms.village_capital_share, terms.village_running_share)
    known = _known.setdefault(plan, {})
    if shares not in known:
        known[shares] = _coefficients(plan, Terms(0.0, shares[0], 0.0, 0.0, *shares[1:]))
    return known[shares]


def _coefficients(plan: Project, terms: Terms) -> Linear:
    # Evaluated at the size of this market, so that no digits are lost beside the cost.
    price, people = plan.market.willing_idr_month, max(plan.market.potential, 1.0)
    values = _present(plan, np.array([0.0, 0.0, price]), np.array([0.0, people, people]), terms)
    return tuple(
        ((one - free) / (people * price), (free - none) / people, none)
        for none, free, one in (value.tolist() for value in values)
    )


class Curve:
    """NPV of the provider and of the village enterprise over the price.

    Without income tax and guarantee both are exactly ``a N p + b N + c`` with N subscribers at price
    p, so three evaluations of the yearly flows tell all prices; else each price is worked through.
    """

    def __init__(self, plan: Project, terms: Terms) -> None:
        self._plan, self._terms = plan, terms
        money = plan.finance
        self.lump = terms.subsidy_idr + terms.contribution_idr
        #: Of the provider and of the enterprise; empty where the curve is not of this kind.
        self.linear: Linear = ()
        if money.income_tax == 0 and terms.guaranteed_subscribers == 0:
            self.linear = _linear(plan, terms)

    def _values(self, price: Years, subscribers: Years) -> tuple[Years, Years]:
        return _present(self._plan, price, subscribers, self._terms)

    def bare(self, party: int, price_idr_month: ArrayLike) -> Years:
        """NPV of the provider (0), without lump sums, or of the enterprise (1); one per price."""
        price = np.atleast_1d(np.asarray(price_idr_month, dtype=float))
        subscribers = self._plan.market.subscribers(price)
        if not self.linear:
            return self._values(price, subscribers)[party]
        a, b, c = self.linear[party]
        return subscribers * (a * price + b) + c

    def provider(self, price_idr_month: ArrayLike) -> Years:
        """The provider's NPV at its hurdle rate, lump sums included, Rp; one per price."""
        return self.bare(0, price_idr_month) + self.lump

    def enterprise(self, price_idr_month: ArrayLike) -> Years:
        """The village enterprise's NPV at the social rate, Rp; one per price."""
        return self.bare(1, price_idr_month)

    def break_even_subscribers(self, price_idr_month: float) -> float:
        """Mature subscribers at which the provider's NPV is zero at a price; infinite where none suffice.

        Without income tax and guarantee exact; with them, of the straight line through the NPV
        without subscribers and with one potential's worth of them.
        """
        people = max(self._plan.market.potential, 1.0)
        value, _enterprise = self._values(np.array([price_idr_month] * 2), np.array([0.0, people]))
        none, all_of_them = (value + self.lump).tolist()
        if none >= 0:
            return 0.0
        return -none * people / (all_of_them - none) if all_of_them > none else float("inf")


class Curves:
    """The curves of many deals: row by row what :class:`Curve` tells, worked out together.

    Parameters
    ----------
    plans : sequence of Project
        One per row; their markets share one shape of willingness.
    terms : sequence of Terms
        Aligned with them.
    """

    def __init__(self, plans: Sequence[Project], terms: Sequence[Terms]) -> None:
        self._curves = [Curve(plan, agreed) for plan, agreed in zip(plans, terms, strict=True)]
        self._markets = Markets([plan.market for plan in plans])
        self._single = [row for row, curve in enumerate(self._curves) if not curve.linear]
        none = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
        self._factors: Years = np.array([curve.linear or none for curve in self._curves]).reshape(-1, 2, 3, 1)
        self._lump: Years = np.array([curve.lump for curve in self._curves]).reshape(-1, 1)

    def _value(self, party: int, price_idr_month: Years, rows: NDArray[np.intp]) -> Years:
        a, b, c = self._factors[rows, party].swapaxes(0, 1)
        value: Years = self._markets.subscribers(price_idr_month, rows) * (a * price_idr_month + b) + c
        for at in np.flatnonzero(np.isin(rows, self._single)).tolist():
            value[at] = self._curves[rows[at]].bare(party, price_idr_month[at])
        return value

    def provider(self, price_idr_month: Years, rows: NDArray[np.intp]) -> Years:
        """As :meth:`Curve.provider` for the deals of some rows: prices and result of shape (rows, prices)."""
        return self._value(0, price_idr_month, rows) + self._lump[rows]

    def enterprise(self, price_idr_month: Years, rows: NDArray[np.intp]) -> Years:
        """As :meth:`Curve.enterprise` for the deals of some rows: prices and result of shape (rows, prices)."""
        return self._value(1, price_idr_month, rows)


def npv(plan: Project, price_idr_month: ArrayLike, terms: Terms) -> Years:
    """The provider's net present value at its hurdle rate for each price, lump sums included, Rp."""
    return Curve(plan, terms).provider(price_idr_month)


def cash_flow(plan: Project, terms: Terms) -> pd.DataFrame:
    """Who pays and receives what in every year.

    Parameters
    ----------
    plan : Project
        The deal's economics.
    terms : Terms
        What was agreed.

    Returns
    -------
    DataFrame
        Columns ``year, party, item, amount_idr, transfer``: amounts from the view of the party,
        positive is money in. For every year and transfer item the parties sum to zero; the rest is
        what goes to suppliers outside (and the revenue that other places lose).
    """
    price = np.array([terms.price_idr_month])
    f = _flows(plan, price, plan.market.subscribers(price), terms)
    years = plan.finance.horizon_years + 1
    first = np.zeros(years)
    first[0] = 1.0
    seller = "village_enterprise" if plan.resale else "provider"
    rows: list[tuple[str, str, Years, bool]] = []

    def transfer(item: str, payer: str, payee: str, amount: Years) -> None:
        rows.append((payer, item, -amount, True))
        rows.append((payee, item, amount, True))

    sales = f.households_pay[0]
    transfer("sales", "households", seller, sales)
    transfer("ppn", seller, "state", f.ppn[0])
    transfer("levies", "provider", "state", f.levies[0])
    transfer("income_tax", "provider", "state", f.tax[0])
    transfer("usage_uplift", "households", "provider", f.uplift[0])
    if plan.resale:
        transfer("wholesale", seller, "provider", sales - f.ppn[0] - f.enterprise_keeps[0])
    else:
        transfer("revenue_share", "provider", "village_enterprise", f.enterprise_keeps[0])
    transfer("guarantee", "village_enterprise", "provider", f.guarantee[0])
    transfer("subsidy", "public", "provider", terms.subsidy_idr * first)
    transfer("contribution", "village_budget", "provider", terms.contribution_idr * first)
    rows += [
        ("provider", "capital", -plan.capital * (1.0 - terms.village_capital_share), False),
        ("village_budget", "capital", -plan.capital * terms.village_capital_share, False),
        ("provider", "running", -plan.running * (1.0 - terms.village_running_share), False),
        ("village_enterprise", "running", -plan.running * terms.village_running_share, False),
        ("provider", "displaced_revenue", -f.displaced[0], False),
        (seller, "customer_care", -f.care[0], False),
        (seller, "sales_agent", -f.agent[0], False),
    ]
    frame = pd.DataFrame(
        {
            "year": np.tile(np.arange(years), len(rows)),
            "party": np.repeat([r[0] for r in rows], years),
            "item": np.repeat([r[1] for r in rows], years),
            "amount_idr": np.concatenate([r[2] for r in rows]),
            "transfer": np.repeat([r[3] for r in rows], years),
        }
    )
    order = {party: number for number, party in enumerate(PARTIES)}
    frame = frame[frame["amount_idr"] != 0]
    return frame.sort_values(
        ["year", "party"], key=lambda c: c.map(order) if c.name == "party" else c, kind="stable", ignore_index=True
    )


def by_party(flow: pd.DataFrame, horizon_years: int) -> pd.DataFrame:
    """Net cash of every party (columns) in every year (rows 0..horizon)."""
    table = flow.pivot_table(index="year", columns="party", values="amount_idr", aggfunc="sum", fill_value=0.0)
    return table.reindex(index=range(horizon_years + 1), columns=list(PARTIES), fill_value=0.0)


def measures(net_idr: ArrayLike, rate: float) -> dict[str, float]:
    """NPV, IRR and payback of one party's yearly net cash.

    Returns
    -------
    dict
        ``npv_idr``; ``irr`` (NaN where there is none); ``payback_years`` (undiscounted, interpolated
        within the year; NaN where the money never comes back).
    """
    years = np.asarray(net_idr, dtype=float)
    total = np.cumsum(years)
    back = np.flatnonzero((total >= 0) & (np.arange(len(total)) > 0))
    payback = float("nan")
    if total[0] >= 0:
        payback = 0.0
    elif back.size:
        year = int(back[0])
        payback = year - float(total[year] / years[year]) if years[year] else float(year)
    irr = float(npf.irr(years)) if (years < 0).any() and (years > 0).any() else float("nan")
    return {"npv_idr": float(npf.npv(rate, years)), "irr": irr, "payback_years": payback}
