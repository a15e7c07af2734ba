"""Published baselines: where an indicator stands today, as somebody counted it, instead of what is calculated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from coverage.indicators.framework import Framework

#: Length of the dotted code of a district: the longest that is no village.
_DISTRICT = len("33.27.01")
COLUMNS = ("id", "value", "year", "source", "villages")
SHARE = "share"


def with_baselines(framework: Framework, baselines: pd.DataFrame, villages: pd.DataFrame) -> Framework:
    """The framework with the values that indicators start from.

    An indicator starts from the newest row of its own area (the regency, or the one district that it
    is limited to), else from the mean over its villages weighted by population, each with the newest
    row of the village or of its district; villages without any do not count. What no row tells is
    calculated from the region's own data as before; what that cannot tell either stays excluded.

    Parameters
    ----------
    framework : Framework
        Its indicators say what is meant; rows of others are left out, and so are shares outside 0 to 1.
    baselines : DataFrame
        :class:`coverage.tables.Baselines`.
    villages : DataFrame
        ``village_code, population``.

    Returns
    -------
    Framework
        ``published`` has a row per indicator with a baseline: :data:`COLUMNS`; ``villages`` is how
        many of them it rests on, 0 where one row speaks of the whole area.
    """
    shares = set(framework.indicators.loc[framework.indicators["unit"] == SHARE, "id"])
    usable = baselines["value"].notna() & (~baselines["indicator"].isin(shares) | baselines["value"].between(0.0, 1.0))
    rows = baselines[usable].sort_values(["year", "baseline_id"], kind="stable")
    of_indicator: dict[str, dict[str, dict[str, Any]]] = {}
    for known in rows[["indicator", "area_code", "value", "year", "source"]].to_dict("records"):
        # Oldest first: a newer row takes the place of an older one.
        of_indicator.setdefault(str(known["indicator"]), {})[str(known["area_code"])] = {
            str(k): v for k, v in known.items()
        }
    regency = str(villages["village_code"].iloc[0])[: len("33.27")] if len(villages) else ""
    found = []
    for line in framework.indicators[["id", "area"]].to_dict("records"):
        identity, area = str(line["id"]), str(line["area"]).strip()
        mine = of_indicator.get(identity, {})
        if not mine:
            continue
        if (whole := area or regency) in mine:
            row = mine[whole]
            found.append((identity, row["value"], row["year"], row["source"], 0))
        elif (mean := _mean(identity, area, mine, villages)) is not None:
            found.append(mean)
    return replace(framework, published=pd.DataFrame(found, columns=list(COLUMNS)))


def _mean(
    identity: str, area: str, mine: Mapping[str, Mapping[str, Any]], villages: pd.DataFrame
) -> tuple[str, float, float, str, int] | None:
    districts = [part.strip() for part in area.split(";") if part.strip()]
    total, people, count = 0.0, 0.0, 0
    used: set[str] = set()
    for code, population in zip(villages["village_code"], villages["population"], strict=True):
        if districts and code[:_DISTRICT] not in districts:
            continue
        key = code if code in mine else code[:_DISTRICT]
        if key in mine and population > 0:
            total, people, count = total + population * float(mine[key]["value"]), people + population, count + 1
            used.add(key)
    if not people:
        return None
    sources = "; ".join(sorted({str(mine[key]["source"]) for key in used}))
    return identity, total / people, min(float(mine[key]["year"]) for key in used), sources, count


def starting_values(framework: Framework, calculated: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Values that the indicators start from: published where there are some, else as calculated."""
    values = framework.indicators["id"].map(framework.published.set_index("id")["value"]).to_numpy(float)
    return np.where(np.isnan(values), calculated, values)


def moved_values(
    framework: Framework, calculated: np.ndarray[Any, Any], after: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Values after a plan: a published one moves by what the calculated one moves, a share to 1 at most."""
    start = starting_values(framework, calculated)
    moved = start + (after - calculated)
    known = framework.indicators["id"].isin(set(framework.published["id"])).to_numpy(bool)
    capped = np.where((framework.indicators["unit"] == SHARE).to_numpy(bool), np.minimum(moved, 1.0), moved)
    return np.where(known, np.maximum(capped, start), after)


def filled_state(state: pd.DataFrame, framework: Framework, villages: pd.DataFrame) -> pd.DataFrame:
    """The drivers with those that only a published share tells, spread evenly over the villages.

    Only for shares of homes and people, so that what options bring can be added to them.
    """
    published = framework.published.merge(framework.indicators[["id", "driver", "unit", "area"]], on="id")
    wholes = {"households_fixed": "households", "people_affordable": "population"}
    lacking = published[
        published["driver"].isin(set(wholes) - set(state["driver"]))
        & (published["unit"] == SHARE)
        & (published["area"] == "")
    ].sort_values(["year", "id"])
    parts = [state]
    for row in lacking.drop_duplicates("driver", keep="last").to_dict("records"):
        whole = villages[wholes[row["driver"]]].to_numpy(float)
        part = pd.DataFrame(
            {
                "driver": row["driver"], "item": villages["village_code"].array,
                "settlement_id": pd.Series(pd.NA, villages.index, dtype="str").array,
                "village_code": villages["village_code"].array,
                "amount": float(row["value"]) * whole, "whole": whole, "most": whole,
            }
        )  # fmt: skip
        parts.append(part[np.isfinite(whole) & (whole > 0)])
    return state if len(parts) == 1 else pd.concat(parts, ignore_index=True)
