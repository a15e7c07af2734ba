"""The path: radio climate (§3) and profile analysis (Attachment 1 to Annex 1, §5)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Mean earth radius in km.
EARTH_RADIUS_KM = 6371.0
#: Speed of light as the Recommendation's own software has it: wavelength in m = this / GHz.
WAVELENGTH_AT_1_GHZ = 0.2998
SEA, COASTAL, INLAND = 1, 3, 4


@dataclass(frozen=True, eq=False)
class Path:
    """A profile with its terminals.

    ``distance_km``, ``terrain_m`` and ``surface_m`` (terrain with clutter except at the ends) are
    equally long; ``zone`` is 1 sea, 3 coastal land, 4 inland.
    """

    distance_km: Floats
    terrain_m: Floats
    surface_m: Floats
    zone: NDArray[np.int64]
    tx_height_m: float
    rx_height_m: float

    @property
    def length_km(self) -> float:
        """Length of the path."""
        return float(self.distance_km[-1])

    @property
    def tx_top_m(self) -> float:
        """Transmitting antenna above sea level, h_ts."""
        return float(self.terrain_m[0]) + self.tx_height_m

    @property
    def rx_top_m(self) -> float:
        """Receiving antenna above sea level, h_rs."""
        return float(self.terrain_m[-1]) + self.rx_height_m


def effective_earth_radius_km(delta_n: float) -> tuple[float, float]:
    """Median effective earth radius, and that exceeded for beta0 of time (§3.5, eqs. 6 to 7b)."""
    return EARTH_RADIUS_KM * 157.0 / (157.0 - delta_n), EARTH_RADIUS_KM * 3.0


def _stretches(path: Path, inside: NDArray[np.bool_]) -> Floats:
    """Lengths in km of the connected stretches; borders lie half-way between samples."""
    d = path.distance_km
    borders = np.concatenate([[d[0]], (d[1:] + d[:-1]) / 2, [d[-1]]])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
    return np.asarray(borders[edges[1::2]] - borders[edges[0::2]])


def sea_fraction(path: Path) -> float:
    """Fraction of the path over sea, omega (Table 5)."""
    return float(_stretches(path, path.zone == SEA).sum()) / path.length_km


def longest_stretch_km(path: Path, *zones: int) -> float:
    """Longest continuous section in some of the zones (§3.6: d_tm for land, d_lm for inland)."""
    return float(_stretches(path, np.isin(path.zone, zones)).max(initial=0.0))


def inland_factor(longest_inland_km: float) -> float:
    """Parameter tau (eq. 3)."""
    return 1.0 - math.exp(-4.12e-4 * longest_inland_km**2.41)


def anomalous_time_percent(latitude: float, longest_land_km: float, longest_inland_km: float) -> float:
    """Time for which strong refractivity gradients are expected, beta0 in % (§3.6, eqs. 2 to 5)."""
    tau = inland_factor(longest_inland_km)
    by_land = math.pow(10, -longest_land_km / (16 - 6.6 * tau)) + math.pow(10, -5 * (0.496 + 0.354 * tau))
    mu1 = min(math.pow(by_land, 0.2), 1.0)
    if abs(latitude) <= 70:
        return math.pow(10, -0.015 * abs(latitude) + 1.67) * mu1 * math.pow(mu1, -0.935 + 0.0176 * abs(latitude))
    return 4.17 * math.pow(mu1, 1.3)


def midpoint_latitude(tx_lat: float, tx_lon: float, rx_lat: float, rx_lon: float, length_km: float) -> float:
    """Latitude half the path's length from the transmitter towards the receiver, in degrees (ITU-R P.2001 H.2, H.3)."""
    lat_t, lat_r, turn = math.radians(tx_lat), math.radians(rx_lat), math.radians(rx_lon - tx_lon)
    bearing = math.atan2(
        math.cos(lat_r) * math.sin(turn),
        math.cos(lat_t) * math.sin(lat_r) - math.sin(lat_t) * math.cos(lat_r) * math.cos(turn),
    )
    half = length_km / 2 / EARTH_RADIUS_KM
    return math.degrees(
        math.asin(math.sin(lat_t) * math.cos(half) + math.cos(lat_t) * math.sin(half) * math.cos(bearing))
    )


@dataclass(frozen=True)
class Horizon:
    """Horizons seen from the two ends (§5.1 to §5.5): elevations, distances, path angle, samples."""

    tx_angle_mrad: float
    rx_angle_mrad: float
    tx_distance_km: float
    rx_distance_km: float
    path_angle_mrad: float
    transhorizon: bool
    tx_sample: int
    rx_sample: int


def horizon(path: Path, frequency_ghz: float, radius_km: float) -> Horizon:
    """Horizon angles and distances over the bare terrain (§5.1 to §5.5, eqs. 76 to 84)."""
    d, h, length = path.distance_km[1:-1], path.terrain_m[1:-1], path.length_km
    tx_top, rx_top = path.tx_top_m, path.rx_top_m
    seen_from_tx = 1000 * np.arctan((h - tx_top) / (1000 * d) - d / (2 * radius_km))
    tx_to_rx = 1000 * math.atan((rx_top - tx_top) / (1000 * length) - length / (2 * radius_km))
    transhorizon = bool(seen_from_tx.max() > tx_to_rx)
    tx_angle = max(float(seen_from_tx.max()), tx_to_rx)
    if transhorizon:
        back = length - d
        seen_from_rx = 1000 * np.arctan((h - rx_top) / (1000 * back) - back / (2 * radius_km))
        rx_angle = float(seen_from_rx.max())
        tx_sample = int(seen_from_tx.argmax()) + 1
        rx_sample = int(np.flatnonzero(seen_from_rx == seen_from_rx.max())[-1]) + 1
    else:
        rx_angle = 1000 * math.atan((tx_top - rx_top) / (1000 * length) - length / (2 * radius_km))
        bulge = h + 500 / radius_km * d * (length - d) - (tx_top * (length - d) + rx_top * d) / length
        wavelength = WAVELENGTH_AT_1_GHZ / frequency_ghz
        nu = bulge * np.sqrt(0.002 * length / (wavelength * d * (length - d)))
        tx_sample = rx_sample = int(np.flatnonzero(nu == nu.max())[-1]) + 1
    return Horizon(
        tx_angle,
        rx_angle,
        float(path.distance_km[tx_sample]),
        length - float(path.distance_km[rx_sample]),
        1000 * length / radius_km + tx_angle + rx_angle,
        transhorizon,
        tx_sample,
        rx_sample,
    )


def smooth_surface_m(path: Path) -> tuple[float, float]:
    """Ends of the least-squares straight line through the terrain, above sea level (§5.6.1, eqs. 85 to 88)."""
    d, h, length = path.distance_km, path.terrain_m, path.length_km
    step = np.diff(d)
    v1 = float((step * (h[1:] + h[:-1])).sum())
    v2 = float((step * (h[1:] * (2 * d[1:] + d[:-1]) + h[:-1] * (d[1:] + 2 * d[:-1]))).sum())
    return (2 * v1 * length - v2) / length**2, (v2 - v1 * length) / length**2


def diffraction_surface_m(path: Path) -> tuple[float, float]:
    """Smooth surface for the diffraction model, lowered under obstructions (§5.6.2, eqs. 89 to 91)."""
    tx_smooth, rx_smooth = smooth_surface_m(path)
    d, length = path.distance_km[1:-1], path.length_km
    line = (path.tx_top_m * (length - d) + path.rx_top_m * d) / length
    over = path.terrain_m[1:-1] - line
    top = float(over.max())
    if top > 0:
        tx_slope, rx_slope = float((over / d).max()), float((over / (length - d)).max())
        tx_smooth -= top * tx_slope / (tx_slope + rx_slope)
        rx_smooth -= top * rx_slope / (tx_slope + rx_slope)
    return min(tx_smooth, float(path.terrain_m[0])), min(rx_smooth, float(path.terrain_m[-1]))


def ducting_heights_m(path: Path, seen: Horizon) -> tuple[float, float, float]:
    """Effective heights for ducting and the terrain roughness (§5.6.3, eqs. 92 to 95)."""
    tx_smooth, rx_smooth = smooth_surface_m(path)
    tx_smooth, rx_smooth = min(tx_smooth, float(path.terrain_m[0])), min(rx_smooth, float(path.terrain_m[-1]))
    slope = (rx_smooth - tx_smooth) / path.length_km
    between = slice(seen.tx_sample, seen.rx_sample + 1)
    roughness = float((path.terrain_m[between] - (tx_smooth + slope * path.distance_km[between])).max())
    return path.tx_top_m - tx_smooth, path.rx_top_m - rx_smooth, roughness
