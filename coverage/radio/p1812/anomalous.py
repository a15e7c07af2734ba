"""Propagation beyond diffraction: line of sight with enhancements, troposcatter, ducting (§4.2, §4.4, §4.5)."""

from __future__ import annotations

import math

from coverage.radio.p1812.profile import Horizon, Path, inland_factor


def free_space(path: Path, frequency_ghz: float) -> float:
    """Free-space loss over the slant distance (§4.2, eqs. 8, 8a)."""
    slant2 = path.length_km**2 + ((path.tx_top_m - path.rx_top_m) / 1000) ** 2
    return 92.4 + 20 * math.log10(frequency_ghz) + 10 * math.log10(slant2)


def enhancement(seen: Horizon, percent: float) -> float:
    """Multipath and focusing correction for a percentage of time (§4.2, eqs. 9a, 9b)."""
    reach = seen.tx_distance_km + seen.rx_distance_km
    return 2.6 * (1 - math.exp(-0.1 * reach)) * math.log10(percent / 50)


def troposcatter(length_km: float, path_angle_mrad: float, f: float, percent: float, n0: float) -> float:
    """Loss by troposcatter not exceeded for p % of time (§4.4, eqs. 44, 45)."""
    by_frequency = 25 * math.log10(f) - 2.5 * math.log10(f / 2) ** 2
    by_time = 10.125 * math.pow(math.log10(50 / percent), 0.7)
    return 190.1 + by_frequency + 20 * math.log10(length_km) + 0.573 * path_angle_mrad - 0.15 * n0 - by_time


def _shielding(angle_mrad: float, horizon_km: float, f: float) -> float:
    """Site-shielding loss of a terminal (eqs. 48, 48a)."""
    angle = angle_mrad - 0.1 * horizon_km
    if angle <= 0:
        return 0.0
    return 20 * math.log10(1 + 0.361 * angle * math.sqrt(f * horizon_km)) + 0.264 * angle * math.cbrt(f)


def _sea_coupling(coast_km: float, horizon_km: float, top_m: float, sea_share: float) -> float:
    """Coupling into over-sea surface ducts (eqs. 49, 49a)."""
    if sea_share < 0.75 or coast_km > min(horizon_km, 5.0):
        return 0.0
    return -3 * math.exp(-0.25 * coast_km**2) * (1 + math.tanh(0.07 * (50 - top_m)))


def _coupling(path: Path, seen: Horizon, f: float, sea_share: float, coast_km: tuple[float, float]) -> float:
    """Fixed coupling losses between the antennas and the anomalous structure, A_f (eqs. 47 to 49a)."""
    by_frequency = 45.375 - 137 * f + 92.5 * f**2 if f < 0.5 else 0.0
    return (
        102.45
        + 20 * math.log10(f)
        + 20 * math.log10(seen.tx_distance_km + seen.rx_distance_km)
        + by_frequency
        + _shielding(seen.tx_angle_mrad, seen.tx_distance_km, f)
        + _shielding(seen.rx_angle_mrad, seen.rx_distance_km, f)
        + _sea_coupling(coast_km[0], seen.tx_distance_km, path.tx_top_m, sea_share)
        + _sea_coupling(coast_km[1], seen.rx_distance_km, path.rx_top_m, sea_share)
    )


def _time_loss(
    length: float, beta0: float, heights_m: tuple[float, float, float], between_km: float, inland_km: float,
    radius_km: float, percent: float,
) -> float:  # fmt: skip
    """Loss that varies with time, A(p) (eqs. 53 to 56a)."""
    tx_m, rx_m, roughness = heights_m
    alpha = max(-0.6 - 3.5e-9 * length**3.1 * inland_factor(inland_km), -3.4)
    mu2 = min(math.pow(500 / radius_km * length**2 / (math.sqrt(tx_m) + math.sqrt(rx_m)) ** 2, alpha), 1.0)
    mu3 = math.exp(-4.6e-5 * (roughness - 10) * (43 + 6 * min(between_km, 40))) if roughness > 10 else 1.0
    beta = beta0 * mu2 * mu3
    log_beta = math.log10(beta)
    gamma = (
        1.076
        / (2.0058 - log_beta) ** 1.012
        * math.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta**2) * 1e-6 * length**1.13)
    )
    return -12 + (1.2 + 3.7e-3 * length) * math.log10(percent / beta) + 12 * math.pow(percent / beta, gamma)


def ducting(
    path: Path,
    seen: Horizon,
    heights_m: tuple[float, float, float],
    frequency_ghz: float,
    percent: float,
    *,
    sea_share: float,
    beta0: float,
    radius_km: float,
    inland_km: float,
    coast_km: tuple[float, float],
) -> float:
    """Loss during ducting and layer reflection (§4.5, eqs. 46 to 56).

    Parameters
    ----------
    heights_m : (float, float, float)
        Effective heights of both ends and terrain roughness (§5.6.3).
    sea_share, beta0, radius_km, inland_km
        Fraction over sea, % of time (eq. 5), median effective earth radius, longest inland section.
    coast_km : (float, float)
        Distance over land from each end to the coast along the path; 0 for an end at sea.
    """
    length = path.length_km
    per_mrad = 5e-5 * radius_km * math.cbrt(frequency_ghz)
    angle = (
        1000 * length / radius_km
        + min(seen.tx_angle_mrad, 0.1 * seen.tx_distance_km)
        + min(seen.rx_angle_mrad, 0.1 * seen.rx_distance_km)
    )
    between = length - seen.tx_distance_km - seen.rx_distance_km
    varying = _time_loss(length, beta0, heights_m, between, inland_km, radius_km, percent)
    return _coupling(path, seen, frequency_ghz, sea_share, coast_km) + per_mrad * angle + varying
