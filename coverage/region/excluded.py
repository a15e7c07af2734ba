"""Which points lie where nothing may be built."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from coverage.tables import EXCLUSION_RULES


def excluded(
    exclusions: gpd.GeoDataFrame, lon: ArrayLike, lat: ArrayLike, rules: tuple[str, ...] = EXCLUSION_RULES[:1]
) -> NDArray[np.bool_]:
    """Whether points lie in an area with one of the rules.

    Parameters
    ----------
    exclusions : GeoDataFrame
        Table *Exclusions* in EPSG:4326; may be empty.
    lon, lat : array, shape (points,)
        In degrees.
    rules : tuple of str
        By default ``forbidden`` alone; with ``permit`` also areas that need one.

    Returns
    -------
    ndarray of bool, shape (points,)
        All false where there are no areas.
    """
    points = np.atleast_1d(np.asarray(shapely.points(np.atleast_1d(lon), np.atleast_1d(lat)), dtype=object))
    inside = np.zeros(len(points), dtype=bool)
    areas = exclusions.geometry.to_numpy()[exclusions["rule"].isin(rules).to_numpy(dtype=bool)]
    if len(areas):
        inside[shapely.STRtree(areas).query(points, predicate="intersects")[0]] = True
    return inside
