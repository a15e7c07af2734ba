"""What an option changes in every driver, settlement by settlement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.indicators.drivers import FACILITY_DRIVERS, POLLING_DRIVER

#: How a technology moves each driver: group of ``indicators.effect_<technology>_<group>``.
_GROUPS: Mapping[str, str] = {
    "people_usable": "mobile",
    "people_served": "online",
    "people_good": "good",
    "people_signal": "mobile",
    "people_online": "online",
    "hamlets_online": "online",
    "operators": "mobile",
    "speed": "online",
    "households_fixed": "fixed",
    POLLING_DRIVER: "uplink",
} | dict.fromkeys(FACILITY_DRIVERS, "facility")
#: Mean earth radius in m (IUGG), for distances of a few hundred metres.
_EARTH_M = 6_371_008.8
EFFECT_COLUMNS = ("option_id", "settlement_id", "village_code", "driver", "item", "amount")


class Offer(Protocol):
    """The tables of an option set that matter here: ``Options`` and ``Reach``."""

    @property
    def options(self) -> pd.DataFrame:
        """``Options``."""

    @property
    def reach(self) -> pd.DataFrame:
        """``Reach``."""


def effects(
    offer: Offer,
    state: pd.DataFrame,
    villages: pd.DataFrame,
    settlements: pd.DataFrame,
    settlement_access: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    assumptions: Assumptions,
    places: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """How much each option alone adds to each item of each driver.

    People: those newly covered count as ``population_gained``; those covered by full cells are
    relieved by any option that reaches them, as far as its capacity goes. Facilities: one comes
    online with its nearest settlement, by the share of that settlement's people whom the option
    reaches (the chance that the facility is among them), surely when it stands at the option's
    site. An item never gains more than it lacks.

    Parameters
    ----------
    offer : OptionSet
        Options and their reach.
    state : DataFrame
        :func:`coverage.indicators.drivers.driver_state` before any option.
    villages, settlements, settlement_access, facilities : DataFrame
        ``Villages``, ``Settlements``, ``SettlementAccess``, ``Facilities`` (points).
    assumptions : Assumptions
        ``indicators.*`` and ``access.congested_load``.
    places : DataFrame, optional
        ``Places``: what people ask of an option's capacity; without it capacity is not looked at.

    Returns
    -------
    DataFrame
        Columns :data:`EFFECT_COLUMNS`; the amounts are in the driver's unit and above zero.
    """
    reach = _reach(offer, settlement_access, places, assumptions)
    parts = [
        _people(reach, state, assumptions),
        _fixed(reach, villages, settlements, state, assumptions),
        _facilities(reach, offer.options, facilities, state, assumptions),
    ]
    table = pd.concat(parts, ignore_index=True).merge(
        state[["driver", "item", "amount", "most"]], on=["driver", "item"]
    )
    table["amount"] = np.minimum(table["gain"], table["most"] - table["amount"])
    return table.loc[table["amount"] > 0, list(EFFECT_COLUMNS)].reset_index(drop=True)


def combined(table: pd.DataFrame, state: pd.DataFrame) -> pd.DataFrame:
    """The state after several options are built together.

    In each settlement the best of them counts, not their sum: nobody is counted twice. No item ends
    above its most.

    Parameters
    ----------
    table : DataFrame
        :func:`effects` of the options built.
    state : DataFrame
        State before them.

    Returns
    -------
    DataFrame
        Like `state`.
    """
    best = table.groupby(["driver", "item", "settlement_id"])["amount"].max()
    more = best.groupby(["driver", "item"]).sum().rename("more").reset_index()
    after = state.merge(more, on=["driver", "item"], how="left")
    after["amount"] = np.minimum(after["amount"] + after["more"].fillna(0.0), after["most"])
    return after[list(state.columns)]


def _reach(
    offer: Offer, settlement_access: pd.DataFrame, places: pd.DataFrame | None, assumptions: Assumptions
) -> pd.DataFrame:
    """Reach with what is known of the settlement and the share of it that the capacity can serve."""
    known = settlement_access.drop(columns=["village_code", "settlement_name"], errors="ignore")
    table = offer.reach.merge(offer.options[["option_id", "technology", "capacity_mbps"]], on="option_id").merge(
        known[known["population"] > 0], on="settlement_id"
    )
    population, covered = table["population"].to_numpy(float), table["population_covered"].to_numpy(float)
    reached = np.minimum(table["population_reached"].to_numpy(float), population)
    gained = np.minimum(np.minimum(table["population_gained"].to_numpy(float), reached), population - covered)
    table["reached"], table["gained"] = reached, np.maximum(gained, 0.0)
    table["capacity_share"] = 1.0
    if places is not None:
        demand = places.groupby("settlement_id")[["population", "busy_hour_mbps"]].sum()
        per_person = demand["busy_hour_mbps"] / demand["population"].where(demand["population"] > 0)
        asked = table["reached"] * table["settlement_id"].map(per_person).astype(float).fillna(0.0)
        total = asked.groupby(table["option_id"]).transform("sum").to_numpy(float)
        can = assumptions["access.congested_load"] * table["capacity_mbps"].to_numpy(float)
        table["capacity_share"] = np.divide(can, total, out=np.ones(len(table)), where=total > can)
    return table


def _factor(technology: pd.Series[str], group: str, assumptions: Assumptions) -> NDArray[np.float64]:
    factors = {name: assumptions[f"indicators.effect_{name}_{group}"] for name in sorted(technology.unique())}
    return np.asarray(technology.map(factors), dtype=np.float64)


def _people(reach: pd.DataFrame, state: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """People, hamlets, operators and speed in the settlements reached."""
    gained, reached, population, covered, served, room = (
        reach[name].to_numpy(float)
        for name in ("gained", "reached", "population", "population_covered", "population_served", "capacity_share")
    )
    crowded = np.divide(covered - served, covered, out=np.zeros(len(reach)), where=covered > 0)
    change: dict[str, NDArray[np.float64]] = {
        "people_usable": gained,
        "people_online": gained,
        "people_served": room * (gained + (reached - gained) * crowded),
        "people_good": gained,
        "hamlets_online": gained / population,
        "operators": gained,  # from none to one: the option's provider
        "speed": room * gained * _speeds(reach["technology"], assumptions),
    }
    if "population_signal" in reach:
        out, silent = population - covered, population - reach["population_signal"].to_numpy(float)
        change["people_signal"] = gained * np.divide(silent, out, out=np.zeros(len(reach)), where=out > 0)
    known = set(state["driver"].unique())
    parts = [
        _part(reach, name, reach["settlement_id"], amount * _factor(reach["technology"], _GROUPS[name], assumptions))
        for name, amount in change.items()
        if name in known
    ]
    return pd.concat(parts, ignore_index=True) if parts else _part(reach, "", reach["settlement_id"], 0.0 * gained)


def _speeds(technology: pd.Series[str], assumptions: Assumptions) -> NDArray[np.float64]:
    speeds = {name: assumptions[f"indicators.speed_{name}_mbps"] for name in sorted(technology.unique())}
    return np.asarray(technology.map(speeds), dtype=np.float64)


def _fixed(
    reach: pd.DataFrame,
    villages: pd.DataFrame,
    settlements: pd.DataFrame,
    state: pd.DataFrame,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """New fixed subscriptions: homes reached that have none, times take-up."""
    fixed = state[state["driver"] == "households_fixed"].set_index("village_code")
    people = settlements.groupby("village_code")["population"].sum()
    per_person = villages.set_index("village_code")["households"] / people.where(people > 0)
    without = 1.0 - fixed["amount"] / fixed["whole"]
    homes = reach["reached"] * reach["village_code"].map(per_person * without).astype(float).fillna(0.0)
    gain = homes.to_numpy(float) * _factor(reach["technology"], "fixed", assumptions)
    return _part(reach, "households_fixed", reach["village_code"], gain)


def _facilities(
    reach: pd.DataFrame,
    options: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    state: pd.DataFrame,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """Facilities that come online with their nearest settlement."""
    kinds = [*FACILITY_DRIVERS, POLLING_DRIVER]
    lacking = state[state["driver"].isin(kinds) & (state["amount"] < state["whole"])]
    pairs = reach.merge(lacking[["driver", "item", "settlement_id"]], on="settlement_id")
    distance = _distance_m(pairs, options, facilities)
    share = (pairs["reached"] / pairs["population"]).to_numpy(float)
    at_site = (distance <= assumptions["indicators.facility_at_site_m"]) & (share > 0)
    chance = np.where(at_site, 1.0, share)
    online = _factor(pairs["technology"], "facility", assumptions)
    uplink = _factor(pairs["technology"], "uplink", assumptions)
    factor = np.where(pairs["driver"] == POLLING_DRIVER, uplink, online)
    return _part(pairs, pairs["driver"], pairs["item"], chance * factor)


def _distance_m(pairs: pd.DataFrame, options: pd.DataFrame, facilities: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Distance from each option's site to the facility, on a plane that is flat for a few hundred metres."""
    points = facilities.geometry.to_crs(4326)
    place = pd.DataFrame(
        {"lon": points.x.to_numpy(), "lat": points.y.to_numpy()}, index=facilities["facility_id"].array
    )
    there = np.radians(place.reindex(pairs["item"]).to_numpy(float))
    here = np.radians(options.set_index("option_id")[["lon", "lat"]].reindex(pairs["option_id"]).to_numpy(float))
    east = (there[:, 0] - here[:, 0]) * np.cos(here[:, 1])
    return np.asarray(_EARTH_M * np.hypot(east, there[:, 1] - here[:, 1]))


def _part(
    rows: pd.DataFrame, driver: pd.Series[str] | str, item: pd.Series[str], gain: NDArray[np.float64]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "option_id": rows["option_id"].array,
            "settlement_id": rows["settlement_id"].array,
            "village_code": rows["village_code"].array,
            "driver": driver if isinstance(driver, str) else driver.array,
            "item": item.array,
            "gain": gain,
        }
    )
