"""Which microwave hops have a clear path over the terrain (ITU-R P.530-18 §2.2.2.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coverage.raster import Raster

_EARTH_RADIUS_M = 6_371_000.0
_LIGHT_M_PER_S = 299_792_458.0


def clearance_m(
    terrain: Raster,
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    *,
    frequency_mhz: float,
    k_factor: float,
    fresnel_share: float,
    canopy_m: float,
) -> NDArray[np.float64]:
    """Least clearance of hops, beyond what the Fresnel zone needs.

    Along the profile the ray must clear the ground, the earth's bulge ``d1 d2 / (2 k a)``, what
    grows and stands there, and `fresnel_share` of the first Fresnel radius
    ``sqrt(wavelength d1 d2 / d)``.

    Parameters
    ----------
    terrain : Raster
        Metric terrain in metres; ``NaN`` counts as sea level.
    start, stop : ndarray, shape (n, 3)
        x and y in the terrain's CRS, antenna height above ground in metres.
    frequency_mhz : float
        Carrier.
    k_factor : float
        Effective earth radius factor.
    fresnel_share : float
        Share of the first Fresnel radius to keep clear.
    canopy_m : float
        Height of trees and houses between the ends.

    Returns
    -------
    ndarray, shape (n,)
        Metres; the hop is clear where it is not negative.
    """
    if not len(start):
        return np.empty(0)
    span = np.hypot(stop[:, 0] - start[:, 0], stop[:, 1] - start[:, 1])
    samples = max(3, int(np.ceil(span.max() / terrain.resolution[0])) + 1)
    t = np.linspace(0.0, 1.0, samples)[None, :]
    x = start[:, :1] + t * (stop[:, :1] - start[:, :1])
    y = start[:, 1:2] + t * (stop[:, 1:2] - start[:, 1:2])
    ground = np.nan_to_num(terrain.sample(x, y).astype(np.float64))
    first, last = ground[:, :1] + start[:, 2:], ground[:, -1:] + stop[:, 2:]
    ray = first + t * (last - first)
    product = t * (1 - t) * span[:, None] ** 2
    bulge = product / (2 * k_factor * _EARTH_RADIUS_M)
    wavelength = _LIGHT_M_PER_S / (frequency_mhz * 1e6)
    fresnel = np.sqrt(wavelength * product / np.maximum(span[:, None], 1.0))
    room = ray - ground - bulge - fresnel_share * fresnel - canopy_m
    # Near the ends the canopy is the clearing that the masts stand in.
    pixel = terrain.resolution[0] / np.maximum(span[:, None], 1.0)
    inner = (t > pixel) & (t < 1 - pixel)
    least: NDArray[np.float64] = np.where(inner, room, np.inf).min(axis=1)
    return least
