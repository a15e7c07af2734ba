"""Microwave hops: which pairs of masts see each other clearly enough, and what stands between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coverage.assumptions import Assumptions
from coverage.radio.link_budget import earth_radius_km
from coverage.radio.p1812.profile import EARTH_RADIUS_KM
from coverage.radio.path_loss import Ground, ground
from coverage.raster import Raster
from coverage.threads import threads


@dataclass(frozen=True, eq=False)
class Hops:
    """Clearance of hops, one entry per pair.

    ``length_m``; ``clear_median`` and ``clear_low``: least clearance over the radius of the first
    Fresnel zone with the median and with a low effective earth radius (1 is a free zone, 0 grazing,
    below 0 blocked); ``worst_x_m, worst_y_m``: where it is least at the median; ``clear``: both
    criteria met.
    """

    length_m: NDArray[np.float64]
    clear_median: NDArray[np.float32]
    clear_low: NDArray[np.float32]
    worst_x_m: NDArray[np.float64]
    worst_y_m: NDArray[np.float64]
    clear: NDArray[np.bool_]


def hops(
    terrain: Raster,
    a: tuple[ArrayLike, ArrayLike, ArrayLike],
    b: tuple[ArrayLike, ArrayLike, ArrayLike],
    frequency_ghz: float,
    assumptions: Assumptions,
    *,
    clutter: Raster | None = None,
) -> Hops:
    """Check many hops for a free first Fresnel zone (ITU-R P.530-18 §2.2.2).

    The whole zone must be free at the median refraction and ``radio.fresnel_share_low`` of it at
    ``radio.k_low``.

    Parameters
    ----------
    terrain : Raster
        Ground in m on square metric pixels; ``NaN`` counts as sea level.
    a, b : (x, y, height)
        Equally long arrays: ends in the CRS of `terrain` in m, antennas above ground in m.
    frequency_ghz : float
        Carrier.
    assumptions : Assumptions
        Topic ``radio``.
    clutter : Raster, optional
        Height of buildings and trees in m, on the same grid.

    Returns
    -------
    Hops
    """
    land = ground(terrain, clutter)
    ax, ay, ah, bx, by, bh = (np.atleast_1d(np.asarray(v, dtype=float)) for v in (*a, *b))
    row_a, col_a, row_b, col_b = (
        (land.north - ay) / land.pixel_m - 0.5,
        (ax - land.west) / land.pixel_m - 0.5,
        (land.north - by) / land.pixel_m - 0.5,
        (bx - land.west) / land.pixel_m - 0.5,
    )
    ends = np.column_stack([row_a, col_a, ah, row_b, col_b, bh])
    median, place = _clearance(land, ends, frequency_ghz, earth_radius_km(assumptions["radio.delta_n"]))
    low, _place = _clearance(land, ends, frequency_ghz, EARTH_RADIUS_KM * assumptions["radio.k_low"])
    clear = (median >= 1.0) & (low >= assumptions["radio.fresnel_share_low"])
    return Hops(np.hypot(bx - ax, by - ay), median, low, ax + place * (bx - ax), ay + place * (by - ay), clear)


def _clearance(
    land: Ground, ends: NDArray[np.float64], frequency_ghz: float, radius_km: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Least clearance in zone radii and where along the hop."""
    from coverage.radio import kernels  # here for the reason told in :mod:`coverage.radio.path_loss`

    worst, place = np.empty(len(ends), dtype=np.float32), np.empty(len(ends), dtype=np.float32)
    count = threads()
    bounds = np.linspace(0, len(ends), count + 1).astype(int).tolist()

    def work(first: int, last: int) -> None:
        kernels.clearances(
            land.terrain, land.clutter, land.pixel_m / 1000, ends, frequency_ghz, radius_km, worst, place, first, last
        )

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, bounds[:-1], bounds[1:]))
    return worst, place


def best_repeater(
    terrain: Raster,
    a: tuple[float, float, float],
    b: tuple[float, float, float],
    candidates: tuple[ArrayLike, ArrayLike, ArrayLike],
    frequency_ghz: float,
    assumptions: Assumptions,
    *,
    clutter: Raster | None = None,
) -> int | None:
    """Position of the candidate that sees both ends best, or None where none sees both.

    Parameters
    ----------
    a, b : (x, y, height)
        Ends that do not see each other.
    candidates : (x, y, height)
        Arrays of possible places for a repeater.

    Returns
    -------
    int or None
        The clear candidate with the shortest way over it; the first of equals.
    """
    x, y, h = (np.atleast_1d(np.asarray(v, dtype=float)) for v in candidates)
    legs = []
    for end in (a, b):
        start = tuple(np.full(len(x), value) for value in end)
        legs.append(
            hops(terrain, (start[0], start[1], start[2]), (x, y, h), frequency_ghz, assumptions, clutter=clutter)
        )
    both = np.flatnonzero(legs[0].clear & legs[1].clear)
    if len(both) == 0:
        return None
    return int(both[np.argmin((legs[0].length_m + legs[1].length_m)[both])])
