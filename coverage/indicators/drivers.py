"""The drivers of a region: what the indicators measure, from the region's own data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from coverage.assumptions import Assumptions

if TYPE_CHECKING:
    from coverage.access import Access

#: Facilities that count by being online.
FACILITY_DRIVERS: Mapping[str, str] = {
    "village_halls_online": "village_hall",
    "licensing_online": "licensing_office",
    "health_posts_online": "health_post",
    "health_centres_online": "health_centre",
    "schools_online": "school",
    "tourism_online": "tourism",
    "disaster_posts_online": "disaster_post",
    "enterprises_online": "enterprise",
}
#: Polling places count by their uplink.
POLLING_DRIVER = "polling_uplink"
STATE_COLUMNS = ("driver", "item", "settlement_id", "village_code", "amount", "whole", "most")


def driver_state(villages: pd.DataFrame, access: Access, assumptions: Assumptions) -> pd.DataFrame:
    """Where every driver stands: the value of a driver is the sum of ``amount`` over that of ``whole``.

    A driver that the region's data cannot tell has no rows: its indicators are excluded, not zero.
    Kelurahan elect no village head, so their polling places do not count.

    Parameters
    ----------
    villages : DataFrame
        ``Villages``; ``households_fixed_broadband``, ``price_idr_month`` and ``income_idr_month``
        where known.
    access : Access
        Settlements (``population_good`` and ``population_signal`` are optional) and facilities.
    assumptions : Assumptions
        ``access.affordable_income_share``.

    Returns
    -------
    DataFrame
        Columns :data:`STATE_COLUMNS`; ``item`` is a settlement, facility or village, ``most`` the
        largest amount that it can have.
    """
    parts = _people(access.settlements) + _facilities(villages, access.facilities) + _villages(villages, assumptions)
    state: pd.DataFrame = pd.concat(parts, ignore_index=True)
    known = np.isfinite(state["amount"]) & np.isfinite(state["whole"]) & (state["whole"] > 0)
    rows: pd.DataFrame = state[known].reset_index(drop=True)
    return rows


def _rows(
    driver: str, table: pd.DataFrame, item: str, amount: ArrayLike, whole: ArrayLike, most: ArrayLike | None = None
) -> pd.DataFrame:
    settlement = table["settlement_id"] if "settlement_id" in table else pd.Series(pd.NA, table.index, dtype="str")
    return pd.DataFrame(
        {
            "driver": driver,
            "item": table[item].array,
            "settlement_id": settlement.array,
            "village_code": table["village_code"].array,
            "amount": np.broadcast_to(np.asarray(amount, dtype=float), len(table)),
            "whole": np.broadcast_to(np.asarray(whole, dtype=float), len(table)),
            "most": np.broadcast_to(np.asarray(whole if most is None else most, dtype=float), len(table)),
        },
        columns=STATE_COLUMNS,
    )


def _people(settlements: pd.DataFrame) -> list[pd.DataFrame]:
    """Drivers that count people where they live."""
    table = settlements[settlements["population"] > 0]
    population = table["population"].to_numpy(float)
    covered = table["population_covered"].to_numpy(float)

    def rows(driver: str, amount: ArrayLike, whole: ArrayLike = population) -> pd.DataFrame:
        return _rows(driver, table, "settlement_id", amount, whole)

    parts = [
        rows("people_usable", covered),
        rows("people_served", table["population_served"]),
        rows("people_online", covered),
        rows("hamlets_online", covered / population, 1.0),
        # operators and Mbit/s have no natural most
        _rows("operators", table, "settlement_id", population * table["operators"].to_numpy(float), population, np.inf),
        _rows("speed", table, "settlement_id", _covered_speed(table), population, np.inf),
    ]
    for driver, column in (("people_good", "population_good"), ("people_signal", "population_signal")):
        if column in table:
            parts.append(rows(driver, table[column]))
    return parts


def _covered_speed(table: pd.DataFrame) -> NDArray[np.float64]:
    """Person-Mbit/s of each settlement, nothing where nobody is covered.

    Where the load of some cells is not known (partial lists), the mean would be that of the worst
    settlements: then no speed is known at all.
    """
    covered, speed = table["population_covered"].to_numpy(float), table["downlink_mbps"].to_numpy(float)
    if np.isnan(speed[covered > 0]).any():
        return np.full(len(table), np.nan)
    return np.where(covered > 0, covered * speed, 0.0)


def _facilities(villages: pd.DataFrame, facilities: pd.DataFrame) -> list[pd.DataFrame]:
    """Drivers that count public places."""
    parts = []
    for driver, kind in FACILITY_DRIVERS.items():
        table = facilities[facilities["kind"] == kind]
        parts.append(_rows(driver, table, "facility_id", table["online"], 1.0))
    desa = villages.loc[villages["kind"] == "desa", "village_code"]
    table = facilities[(facilities["kind"] == "polling_place") & facilities["village_code"].isin(desa)]
    parts.append(_rows(POLLING_DRIVER, table, "facility_id", table["uplink_reliable"], 1.0))
    return parts


def _villages(villages: pd.DataFrame, assumptions: Assumptions) -> list[pd.DataFrame]:
    """Drivers that are known per village, where the region has them."""
    parts = []
    if "households_fixed_broadband" in villages:
        households = villages["households"].to_numpy(float)
        fixed = np.minimum(villages["households_fixed_broadband"].to_numpy(float), households)
        parts.append(_rows("households_fixed", villages, "village_code", fixed, households))
    if {"price_idr_month", "income_idr_month"} <= set(villages.columns):
        price, income = (villages[f"{name}_idr_month"].to_numpy(float) for name in ("price", "income"))
        line = assumptions["access.affordable_income_share"] * income
        population = villages["population"].to_numpy(float)
        able = np.where(np.isnan(price) | np.isnan(income), np.nan, population * (price <= line))
        parts.append(_rows("people_affordable", villages, "village_code", able, population))
    return parts
