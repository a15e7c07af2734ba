"""Which public places can be online."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.access.evidence import Verdicts
from coverage.access.reception import Thresholds, any_of, best_rsrp, receive

if TYPE_CHECKING:
    from coverage.radio import Signal


def facility_access(
    facilities: gpd.GeoDataFrame,
    settlements: gpd.GeoDataFrame,
    villages: pd.DataFrame,
    signal: Signal,
    village_verdicts: Verdicts,
    thresholds: Thresholds,
) -> pd.DataFrame:
    """Sample the signal where each facility stands.

    A facility is online with usable 4G or 5G, unless a survey (column ``online``) knows better, or
    accepted evidence says that its village has none. Facilities outside the signal's grid receive
    nothing.

    Returns
    -------
    DataFrame
        ``FacilityAccess``, in the order of the facilities.
    """
    points = facilities.geometry.to_crs(signal.crs)
    x, y = np.asarray(points.x, dtype=np.float64), np.asarray(points.y, dtype=np.float64)
    col, row = ~signal.transform @ np.vstack([x, y]) if x.size else (x, y)
    inside = (row >= 0) & (row < signal.shape[0]) & (col >= 0) & (col < signal.shape[1])
    where = np.flatnonzero(inside)
    receptions = [
        r for r in receive(signal, row[where].astype(np.intp), col[where].astype(np.intp), thresholds) if r.is_internet
    ]
    usable = any_of((r.usable for r in receptions), where.size)
    reliable = any_of(
        (r.usable & (r.coupling_loss_db <= thresholds.reliable_uplink_db) for r in receptions), where.size
    )

    online, uplink = np.zeros(x.size, dtype=bool), np.zeros(x.size, dtype=bool)
    rsrp = np.full(x.size, np.nan)
    online[where], uplink[where], rsrp[where] = usable, reliable, best_rsrp(receptions, where.size)
    cut_off = facilities["village_code"].isin(villages.loc[village_verdicts.says("none", "weak"), "village_code"])
    online, uplink = online & ~cut_off.to_numpy(), uplink & ~cut_off.to_numpy()
    if "online" in facilities:
        known = facilities["online"].to_numpy(float)
        online = np.where(np.isnan(known), online, known > 0)
        uplink = np.where(np.isnan(known), uplink, uplink & (known > 0))
    return pd.DataFrame(
        {
            "facility_id": facilities["facility_id"].array,
            "village_code": facilities["village_code"].array,
            "settlement_id": _nearest_settlement(facilities, settlements, x, y, signal.crs),
            "kind": facilities["kind"].array,
            "rsrp_dbm": rsrp,
            "online": online,
            "uplink_reliable": uplink,
        }
    )


def _nearest_settlement(
    facilities: gpd.GeoDataFrame,
    settlements: gpd.GeoDataFrame,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    crs: str,
) -> pd.Series[str]:
    """The nearest settlement of the facility's own village; missing where it has none."""
    homes = settlements.geometry.to_crs(crs)
    mine = pd.DataFrame({"village_code": facilities["village_code"].array, "x": x, "y": y, "row": np.arange(x.size)})
    theirs = pd.DataFrame(
        {
            "village_code": settlements["village_code"].array,
            "settlement_id": settlements["settlement_id"].array,
            "home_x": homes.x.to_numpy(),
            "home_y": homes.y.to_numpy(),
        }
    )
    pairs = mine.merge(theirs, on="village_code", how="inner")
    pairs["square"] = (pairs["x"] - pairs["home_x"]) ** 2 + (pairs["y"] - pairs["home_y"]) ** 2
    nearest = pairs.sort_values(["row", "square", "settlement_id"], kind="stable").drop_duplicates("row")
    return nearest.set_index("row")["settlement_id"].reindex(range(x.size)).reset_index(drop=True)
