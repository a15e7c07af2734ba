"""Demand: where people live, how many use mobile internet and what they ask of the network."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _
from coverage.raster import Raster

__all__ = ["busy_hour_mbps_per_user", "demand"]

_SHOWN = 5


def busy_hour_mbps_per_user(assumptions: Assumptions) -> float:
    """Traffic of one user in the busy hour, in Mbit/s.

    GB per month / 30 days x busy-hour share x 8000 Mbit per GB / 3600 s: this is demand, not the
    speed that the user experiences.
    """
    return assumptions["demand.gb_per_month"] / 30.0 * assumptions["demand.busy_hour_share"] * 8000.0 / 3600.0


def demand(settlements: gpd.GeoDataFrame, grid: Raster, assumptions: Assumptions) -> pd.DataFrame:
    """Spread each settlement's people over the pixels around it and tell their demand.

    Homes thin out from the middle of a hamlet: a Gaussian with standard deviation
    ``demand.spread_share`` x ``radius_m``, cut at ``radius_m``, over pixel centres inside the grid.
    Pixels without terrain (sea, voids) carry nobody, unless the settlement has no other. The people
    of each settlement are neither lost nor made: its pixels sum to its population.

    Parameters
    ----------
    settlements : GeoDataFrame
        Points in any CRS, with ``settlement_id, village_code, population, radius_m``.
    grid : Raster
        The region's metric terrain (square pixels, metres).
    assumptions : Assumptions
        ``demand.*``.

    Returns
    -------
    DataFrame
        ``Places``: one row per settlement and pixel, in the order of the settlements, then by row
        and column.

    Raises
    ------
    InputError
        Where settlements lie outside the grid, or have no position.
    """
    points = settlements.geometry.to_crs(grid.crs)
    x, y = np.asarray(points.x, dtype=np.float64), np.asarray(points.y, dtype=np.float64)
    _check_inside(settlements, grid, x, y)
    owner, rows, cols, weight = _spread(grid, x, y, settlements["radius_m"].to_numpy(float), assumptions)
    population = settlements["population"].to_numpy(float)[owner] * weight
    users = population * assumptions["demand.adult_share"] * assumptions["demand.mobile_internet_share"]
    return pd.DataFrame(
        {
            "place_id": np.arange(owner.size, dtype=np.int64),
            "settlement_id": settlements["settlement_id"].take(owner).array,
            "village_code": settlements["village_code"].take(owner).array,
            "row": rows.astype(np.int64),
            "col": cols.astype(np.int64),
            "population": population,
            "users": users,
            "busy_hour_mbps": users * busy_hour_mbps_per_user(assumptions),
        }
    )


def _check_inside(settlements: gpd.GeoDataFrame, grid: Raster, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    west, south, east, north = grid.bounds
    outside = ~((x >= west) & (x < east) & (y > south) & (y <= north))  # also true where x or y is NaN
    if outside.any():
        names = settlements.loc[outside, "settlement_id"].astype(str).tolist()
        raise InputError(
            _("{count} settlements lie outside the terrain: {names}").format(
                count=len(names), names=", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
            ),
            where="settlements",
            todo=_("Use terrain that covers the whole region, or correct their positions"),
        )


def _spread(
    grid: Raster,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    radius_m: NDArray[np.float64],
    assumptions: Assumptions,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Settlement, row, column and share of every pixel that holds people."""
    home_rows, home_cols = grid.rowcol(x, y)
    half = np.ceil(radius_m / grid.resolution[0]).astype(np.intp)
    width = 2 * half + 1
    owner = np.repeat(np.arange(x.size, dtype=np.intp), width**2)
    step = np.arange(owner.size) - np.repeat(np.cumsum(width**2) - width**2, width**2)
    rows = home_rows[owner] - half[owner] + step // width[owner]
    cols = home_cols[owner] - half[owner] + step % width[owner]

    home = (rows == home_rows[owner]) & (cols == home_cols[owner])
    inside = (rows >= 0) & (rows < grid.shape[0]) & (cols >= 0) & (cols < grid.shape[1])
    owner, rows, cols, home = owner[inside], rows[inside], cols[inside], home[inside]
    pixel_x, pixel_y = grid.xy(rows, cols)
    square = (pixel_x - x[owner]) ** 2 + (pixel_y - y[owner]) ** 2
    sigma = assumptions["demand.spread_share"] * radius_m[owner]
    weight = np.exp(-square / (2.0 * sigma**2))
    # the home pixel's centre may lie outside a small radius, and far outside in units of sigma
    weight[(square > radius_m[owner] ** 2) & ~home] = 0.0
    weight[home] = np.maximum(weight[home], np.finfo(float).tiny)

    on_land = np.isfinite(grid.values[rows, cols])
    has_land = np.bincount(owner, weights=weight * on_land, minlength=x.size) > 0.0
    weight[~on_land & has_land[owner]] = 0.0
    keep = weight > 0.0
    owner, rows, cols, weight = owner[keep], rows[keep], cols[keep], weight[keep]
    total = np.bincount(owner, weights=weight, minlength=x.size)
    return owner, rows, cols, weight / total[owner]
