"""Bills of quantities and what costs are worth over time.

A cost is always *quantity x assumption*: the item of a bill line is the name of the assumption of
its unit cost, whose unit says the currency, the unit of the quantity and, for running costs, the
period: ``Rp/m``, ``USD/site``, ``USD/site/year``, ``Rp/Mbps/month``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from coverage.assumptions import Assumptions
from coverage.errors import AssumptionError
from coverage.language import _

_PERIODS_PER_YEAR = {"year": 1, "month": 12}


@dataclass(frozen=True)
class UnitCost:
    """What one unit of an item costs: rupiah (per year for running costs)."""

    idr: float
    unit: str
    kind: str


@dataclass(frozen=True)
class Line:
    """So many units of an item."""

    item: str
    quantity: float


def unit_cost(assumptions: Assumptions, item: str) -> UnitCost:
    """Unit cost of a bill item in rupiah.

    Parameters
    ----------
    assumptions : Assumptions
        Holds `item` and, for costs in dollars, ``cost.idr_per_usd``.
    item : str
        Name of the assumption, e.g. ``"cost.fibre_metre"``.

    Raises
    ------
    AssumptionError
        Where the unit of the assumption is not ``currency/unit[/period]`` or the cost is negative.
    """
    row = assumptions.row(item)
    currency, _sep, rest = row.unit.partition("/")
    unit, _sep, period = rest.partition("/")
    if currency not in ("Rp", "USD") or not unit or (period and period not in _PERIODS_PER_YEAR):
        raise AssumptionError(_("The unit of a cost must be like Rp/m or USD/site/year"), where=item)
    if row.value < 0:
        raise AssumptionError(_("A cost cannot be negative"), where=item)
    idr = row.value * (assumptions["cost.idr_per_usd"] if currency == "USD" else 1.0)
    if not period:
        return UnitCost(idr, unit, "capex")
    return UnitCost(idr * _PERIODS_PER_YEAR[period], unit, "opex")


def bill(item_of: str, lines: Iterable[Line], assumptions: Assumptions) -> list[dict[str, object]]:
    """Priced lines of one option or link, as rows of :class:`coverage.tables.Bill`."""
    rows: list[dict[str, object]] = []
    for line in lines:
        cost = unit_cost(assumptions, line.item)
        rows.append(
            {
                "item_of": item_of,
                "item": line.item,
                "kind": cost.kind,
                "quantity": float(line.quantity),
                "unit": cost.unit,
                "unit_cost_idr": cost.idr,
                "amount_idr": float(line.quantity) * cost.idr,
            }
        )
    return rows


def totals(rows: Iterable[dict[str, object]]) -> tuple[float, float]:
    """Sum of the capex lines (Rp) and of the opex lines (Rp/year) of a bill."""
    sums = {"capex": 0.0, "opex": 0.0}
    for row in rows:
        sums[str(row["kind"])] += float(row["amount_idr"])  # type: ignore[arg-type]
    return sums["capex"], sums["opex"]


def bill_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Bill rows as a table (:class:`coverage.tables.Bill`), also when there are none."""
    columns = ["item_of", "item", "kind", "quantity", "unit", "unit_cost_idr", "amount_idr"]
    frame = pd.DataFrame(rows, columns=columns)
    floats = dict.fromkeys(("quantity", "unit_cost_idr", "amount_idr"), "float64")
    texts = dict.fromkeys(("item_of", "item", "kind", "unit"), "str")
    return frame.astype(floats | texts)


def annuity_factor(rate: float, years: float) -> float:
    """Present value of 1 paid at the end of each of `years` years.

    Examples
    --------
    >>> round(annuity_factor(0.1, 2), 4)
    1.7355
    >>> annuity_factor(0.0, 5)
    5
    """
    if rate == 0:
        return years
    return float((1 - (1 + rate) ** -years) / rate)


def capital_flow(lifetime_years: float, horizon_years: int, rate: float, residual_share: float) -> NDArray[np.float64]:
    """Payments in years 0..horizon that keep an asset of cost 1 in service until the horizon.

    The asset is bought in year 0 and again whenever its life ends; at the horizon `residual_share`
    of the remaining worth is counted. The remaining worth is the present value of the annuities not
    yet used up, so with a share of 1 the present value of the flow equals that of the exact annuity
    ``1 / annuity_factor(rate, lifetime)`` paid every year of the horizon.

    Returns
    -------
    ndarray, shape (horizon_years + 1,)
        Positive: spending.
    """
    flow = np.zeros(horizon_years + 1)
    bought = 0.0
    while bought < horizon_years:
        flow[round(bought)] += 1.0
        last = round(bought)
        bought = last + max(1.0, round(lifetime_years))
    remaining = last + max(1.0, round(lifetime_years)) - horizon_years
    worth = annuity_factor(rate, remaining) / annuity_factor(rate, max(1.0, round(lifetime_years)))
    flow[horizon_years] -= residual_share * worth
    return flow


@overload
def present_value(
    capex_idr: float,
    opex_idr_per_year: float,
    lifetime_years: float,
    *,
    rate: float,
    horizon_years: int,
    residual_share: float,
) -> float: ...


@overload
def present_value(
    capex_idr: ArrayLike,
    opex_idr_per_year: ArrayLike,
    lifetime_years: ArrayLike,
    *,
    rate: float,
    horizon_years: int,
    residual_share: float,
) -> NDArray[np.float64]: ...


def present_value(
    capex_idr: ArrayLike,
    opex_idr_per_year: ArrayLike,
    lifetime_years: ArrayLike,
    *,
    rate: float,
    horizon_years: int,
    residual_share: float,
) -> NDArray[np.float64] | float:
    """Present value of owning and running something until the horizon, in rupiah.

    Parameters
    ----------
    capex_idr, opex_idr_per_year, lifetime_years : float or array
        Of the options or links; running costs are paid at the end of each year.
    rate : float
        Discount rate, 1/year.
    horizon_years : int
        Years counted.
    residual_share : float
        Share of the remaining worth that counts at the horizon; see :func:`capital_flow`.
    """
    lifetimes, which = np.unique(np.asarray(lifetime_years, dtype=float), return_inverse=True)
    factors = np.array([_owning(life, horizon_years, rate, residual_share) for life in lifetimes.tolist()])
    running = _running(horizon_years, rate)
    total = np.asarray(capex_idr) * factors[which] + np.asarray(opex_idr_per_year) * running
    return total if np.ndim(total) else float(total)


@lru_cache(maxsize=1024)
def _owning(lifetime_years: float, horizon_years: int, rate: float, residual_share: float) -> float:
    """Present value of keeping an asset of cost 1 in service until the horizon."""
    discount = (1 + rate) ** -np.arange(horizon_years + 1)
    return float(capital_flow(lifetime_years, horizon_years, rate, residual_share) @ discount)


@lru_cache(maxsize=256)
def _running(horizon_years: int, rate: float) -> float:
    """Present value of 1 at the end of each year until the horizon."""
    return float(((1 + rate) ** -np.arange(horizon_years + 1))[1:].sum())


def social_cost(things: pd.DataFrame, assumptions: Mapping[str, float]) -> NDArray[np.float64]:
    """Present value of options or links to society, in rupiah, in the order of the table.

    Parameters
    ----------
    things : DataFrame
        Columns ``capex_idr, opex_idr_per_year, lifetime_years``.
    assumptions : Mapping
        ``funding.social_rate, funding.horizon_years, funding.residual_share``.
    """
    return present_value(
        things["capex_idr"].to_numpy(dtype=float),
        things["opex_idr_per_year"].to_numpy(dtype=float),
        things["lifetime_years"].to_numpy(dtype=float),
        rate=assumptions["funding.social_rate"],
        horizon_years=round(assumptions["funding.horizon_years"]),
        residual_share=assumptions["funding.residual_share"],
    )
