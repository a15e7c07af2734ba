"""Diffraction: delta-Bullington over terrain and smooth earth (§4.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from coverage.radio.p1812.profile import WAVELENGTH_AT_1_GHZ, Floats

#: Relative permittivity and conductivity (S/m) of land and sea (§4.3.3).
_LAND, _SEA = (22.0, 0.003), (80.0, 5.0)


@dataclass(frozen=True)
class Diffraction:
    """Parts of the delta-Bullington loss in dB: actual path, smooth path, spherical earth, result."""

    actual: float
    smooth: float
    spherical: float

    @property
    def loss(self) -> float:
        """Diffraction loss of the general path (eq. 39)."""
        return self.actual + max(self.spherical - self.smooth, 0.0)


def knife_edge(nu: float) -> float:
    """Loss of a knife edge, J(nu) (eq. 12; ITU-R P.526 §4.1)."""
    if nu <= -0.78:
        return 0.0
    return 6.9 + 20 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1) + nu - 0.1)


def bullington(
    distance_km: Floats, surface_m: Floats, tx_top_m: float, rx_top_m: float, radius_km: float, frequency_ghz: float
) -> float:
    """Bullington part of the diffraction loss (§4.3.1, eqs. 13 to 21)."""
    d, g, length = distance_km[1:-1], surface_m[1:-1], float(distance_km[-1])
    back = length - d
    wavelength = WAVELENGTH_AT_1_GHZ / frequency_ghz
    raised = g + 500 / radius_km * d * back
    from_tx = float(((raised - tx_top_m) / d).max())
    if from_tx < (rx_top_m - tx_top_m) / length:
        line = (tx_top_m * back + rx_top_m * d) / length
        nu = float(((raised - line) * np.sqrt(0.002 * length / (wavelength * d * back))).max())
    else:
        from_rx = float(((raised - rx_top_m) / back).max())
        point = (rx_top_m - tx_top_m + from_rx * length) / (from_tx + from_rx)
        height = tx_top_m + from_tx * point - (tx_top_m * (length - point) + rx_top_m * point) / length
        nu = height * math.sqrt(0.002 * length / (wavelength * point * (length - point)))
    edge = knife_edge(nu)
    return edge + (1 - math.exp(-edge / 6)) * (10 + 0.02 * length)


def _first_term_over(
    ground: tuple[float, float], polarization: str, length_km: float, tx_m: float, rx_m: float, radius: float, f: float
) -> float:
    """First term of the spherical-earth series over one kind of ground (§4.3.3, eqs. 29 to 36)."""
    permittivity, imaginary = ground[0], 18 * ground[1] / f
    k = 0.036 / math.cbrt(radius * f) / math.pow((permittivity - 1) ** 2 + imaginary**2, 0.25)
    if polarization == "vertical":
        k *= math.sqrt(permittivity**2 + imaginary**2)
    beta = (1 + 1.6 * k**2 + 0.67 * k**4) / (1 + 4.5 * k**2 + 1.53 * k**4)
    x = 21.88 * beta * math.cbrt(f / radius**2) * length_km
    fx = 11 + 10 * math.log10(x) - 17.6 * x if x >= 1.6 else -20 * math.log10(x) - 5.6488 * math.pow(x, 1.425)
    gains = 0.0
    for height in (tx_m, rx_m):
        gains += max(_height_gain(beta * 0.9575 * beta * math.cbrt(f**2 / radius) * height), 2 + 20 * math.log10(k))
    return -fx - gains


def _height_gain(b: float) -> float:
    """Height gain of a terminal, G(Y), before its lower limit (eqs. 34, 35)."""
    if b <= 2:
        return 20 * math.log10(b + 0.1 * b**3)
    return 17.6 * math.sqrt(b - 1.1) - 5 * math.log10(b - 1.1) - 8


def first_term(
    length_km: float, tx_m: float, rx_m: float, radius_km: float, f: float, sea_share: float, polarization: str
) -> float:
    """First term of spherical-earth diffraction over land and sea (§4.3.3, eq. 28)."""
    land = _first_term_over(_LAND, polarization, length_km, tx_m, rx_m, radius_km, f)
    sea = _first_term_over(_SEA, polarization, length_km, tx_m, rx_m, radius_km, f)
    return sea_share * sea + (1 - sea_share) * land


def spherical_earth(
    length_km: float, tx_m: float, rx_m: float, radius_km: float, f: float, sea_share: float, polarization: str
) -> float:
    """Spherical-earth diffraction loss for effective heights (§4.3.2, eqs. 22 to 27)."""
    line_of_sight_km = math.sqrt(2 * radius_km) * (math.sqrt(0.001 * tx_m) + math.sqrt(0.001 * rx_m))
    if length_km >= line_of_sight_km:
        return first_term(length_km, tx_m, rx_m, radius_km, f, sea_share, polarization)
    c = (tx_m - rx_m) / (tx_m + rx_m)
    m = 250 * length_km**2 / (radius_km * (tx_m + rx_m))
    inner = 1.5 * c * math.sqrt(3 * m / (m + 1) ** 3)
    b = 2 * math.sqrt((m + 1) / (3 * m)) * math.cos(math.pi / 3 + math.acos(inner) / 3)
    d1 = length_km / 2 * (1 + b)
    d2 = length_km - d1
    clearance = ((tx_m - 500 * d1**2 / radius_km) * d2 + (rx_m - 500 * d2**2 / radius_km) * d1) / length_km
    needed = 17.456 * math.sqrt(d1 * d2 * WAVELENGTH_AT_1_GHZ / f / length_km)
    if clearance > needed:
        return 0.0
    modified = 500 * (length_km / (math.sqrt(tx_m) + math.sqrt(rx_m))) ** 2
    loss = max(first_term(length_km, tx_m, rx_m, modified, f, sea_share, polarization), 0.0)
    return (1 - clearance / needed) * loss


def delta_bullington(
    distance_km: Floats,
    surface_m: Floats,
    tops_m: tuple[float, float],
    smooth_m: tuple[float, float],
    radius_km: float,
    frequency_ghz: float,
    sea_share: float,
    polarization: str,
) -> Diffraction:
    """Complete delta-Bullington model for one effective earth radius (§4.3.4, eqs. 37 to 39).

    Parameters
    ----------
    distance_km, surface_m : ndarray
        Profile with clutter.
    tops_m, smooth_m : (float, float)
        Antennas and smooth surface above sea level at both ends.
    """
    tx_m, rx_m = tops_m[0] - smooth_m[0], tops_m[1] - smooth_m[1]
    length = float(distance_km[-1])
    return Diffraction(
        bullington(distance_km, surface_m, *tops_m, radius_km, frequency_ghz),
        bullington(distance_km, np.zeros_like(surface_m), tx_m, rx_m, radius_km, frequency_ghz),
        spherical_earth(length, tx_m, rx_m, radius_km, frequency_ghz, sea_share, polarization),
    )
