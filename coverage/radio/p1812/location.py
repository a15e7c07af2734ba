"""Variation from place to place and into buildings (§4.7 to §4.10; ITU-R P.2109)."""

from __future__ import annotations

import math


def inverse_normal(x: float) -> float:
    """Inverse complementary cumulative normal distribution (Attachment 2, eqs. 96 to 97)."""
    x = min(max(x, 1e-6), 1 - 1e-6)
    if x > 0.5:
        return -inverse_normal(1 - x)
    t = math.sqrt(-2 * math.log(x))
    top = (0.010328 * t + 0.802853) * t + 2.515516698
    return t - top / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1)


def location_sigma_db(
    frequency_ghz: float, resolution_m: float, rx_height_m: float = 1.5, clutter_m: float = 10.0
) -> float:
    """Standard deviation of the median over an area (§4.8, eqs. 64 to 66; §4.10 for raised antennas).

    Parameters
    ----------
    frequency_ghz : float
        Frequency.
    resolution_m : float
        Width w_a of the square over which the loss varies.
    rx_height_m, clutter_m : float
        Receiver and representative clutter there, above ground: the spread fades out from the
        clutter's top to 10 m above it.
    """
    sigma = (0.024 * frequency_ghz + 0.52) * math.pow(resolution_m, 0.28)
    return sigma * min(max(1 - (rx_height_m - clutter_m) / 10, 0.0), 1.0)


def location_variability_db(sigma_db: float, location_percent: float) -> float:
    """Loss added so that it is not exceeded at this share of locations (§4.7, §4.8)."""
    return -inverse_normal(location_percent / 100) * sigma_db


def building_entry_loss_db(
    frequency_ghz: float, probability_percent: float = 50.0, *, efficient: bool = False, elevation_deg: float = 0.0
) -> float:
    """Loss into a building not exceeded with this probability (ITU-R P.2109-2 §3, eqs. 1 to 10).

    ``efficient`` is the Recommendation's thermally efficient building (metallised glass, foil);
    village houses of brick, wood and tile are its traditional kind.
    """
    f = math.log10(frequency_ghz)
    r, s, t, u, v, w, x, y, z = (
        (28.19, -3.0, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1)
        if efficient
        else (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0)
    )
    quantile = -inverse_normal(probability_percent / 100)
    a = quantile * (u + v * f) + r + s * f + t * f**2 + 0.212 * abs(elevation_deg)
    b = quantile * (y + z * f) + w + x * f
    return 10 * math.log10(10 ** (0.1 * a) + 10 ** (0.1 * b) + 10**-0.3)
