"""The whole method: from a profile to the basic transmission loss (§4.1, §4.6, §4.10)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from coverage.radio.p1812 import anomalous, location
from coverage.radio.p1812.diffraction import Diffraction, delta_bullington
from coverage.radio.p1812.profile import (
    COASTAL,
    INLAND,
    SEA,
    Horizon,
    Path,
    anomalous_time_percent,
    diffraction_surface_m,
    ducting_heights_m,
    effective_earth_radius_km,
    horizon,
    longest_stretch_km,
    midpoint_latitude,
    sea_fraction,
)

Polarization = Literal["horizontal", "vertical"]


@dataclass(frozen=True)
class Terms:
    """Every intermediate of the method, in dB unless the name says otherwise.

    The names of the Recommendation: L_bfs, L_b0p, L_b0beta, L_d50, L_dbeta, L_dp, L_bd50, L_bd,
    L_minb0p, L_ba, L_minbap, L_bda, L_bam, L_bs, L_bc, L_loc, L_b.
    """

    free_space: float
    los: float
    los_beta: float
    diffraction_median: Diffraction
    diffraction_beta: Diffraction
    diffraction: float
    diffraction_path_median: float
    diffraction_path: float
    least_los: float
    ducting: float
    least_ducting: float
    diffraction_or_ducting: float
    modified: float
    troposcatter: float
    combined: float
    location: float
    loss: float
    horizon: Horizon
    smooth_m: tuple[float, float]
    ducting_heights_m: tuple[float, float, float]
    beta0_percent: float
    sea_share: float
    interpolation: float
    angle_factor: float
    distance_factor: float


def make_path(
    distance_km: ArrayLike, terrain_m: ArrayLike, clutter_m: ArrayLike, zone: ArrayLike, tx_m: float, rx_m: float
) -> Path:
    """A checked profile; clutter is added except at the ends (§3.2).

    Raises
    ------
    ValueError
        For profiles of fewer than three points, unequal lengths, distances that do not rise from
        0, unknown zones or antennas below the ground.
    """
    d, h, r = (np.asarray(a, dtype=float) for a in (distance_km, terrain_m, clutter_m))
    z = np.asarray(zone, dtype=np.int64)
    if len(d) < 3 or not len(d) == len(h) == len(r) == len(z):
        raise ValueError("a profile needs at least three points, and as many heights, clutter heights and zones")
    if d[0] != 0 or not (np.diff(d) > 0).all() or not np.isfinite([d, h, r]).all():
        raise ValueError("distances must rise from 0, and all heights must be numbers")
    if not np.isin(z, (SEA, COASTAL, INLAND)).all():
        raise ValueError("zones are 1 (sea), 3 (coastal land) and 4 (inland)")
    if min(tx_m, rx_m) <= 0:
        raise ValueError("antennas stand above the ground")
    surface = h + r
    surface[[0, -1]] = h[[0, -1]]
    return Path(d, h, surface, z, float(tx_m), float(rx_m))


def terms(
    path: Path,
    frequency_ghz: float,
    time_percent: float,
    polarization: Polarization,
    latitude: float,
    delta_n: float,
    n0: float,
    *,
    location_percent: float = 50.0,
    location_sigma_db: float = 0.0,
    coast_km: tuple[float, float] | None = None,
) -> Terms:
    """Run the method and keep every intermediate (§4).

    Parameters
    ----------
    latitude : float
        Of the path's middle.
    location_sigma_db : float
        Standard deviation over locations (§4.8).
    coast_km : (float, float), optional
        Distance over land from each end to the coast; by default far, or 0 for an end at sea.
    """
    f, p, length = frequency_ghz, time_percent, path.length_km
    median_km, beta_km = effective_earth_radius_km(delta_n)
    sea = sea_fraction(path)
    inland_km = longest_stretch_km(path, INLAND)
    beta0 = anomalous_time_percent(latitude, longest_stretch_km(path, COASTAL, INLAND), inland_km)
    seen = horizon(path, f, median_km)
    smooth = diffraction_surface_m(path)
    if coast_km is None:
        coast_km = (0.0 if path.zone[0] == SEA else 500.0, 0.0 if path.zone[-1] == SEA else 500.0)

    free = anomalous.free_space(path, f)
    los = free + anomalous.enhancement(seen, p)
    los_beta = free + anomalous.enhancement(seen, beta0)
    tops = (path.tx_top_m, path.rx_top_m)
    median, beta = (
        delta_bullington(path.distance_km, path.surface_m, tops, smooth, radius, f, sea, polarization)
        for radius in (median_km, beta_km)
    )
    # §4.3.5: between the losses for 50 % and beta0 of time (eqs. 40, 41).
    share = location.inverse_normal(p / 100) / location.inverse_normal(beta0 / 100) if p > beta0 else 1.0
    diffracted = median.loss + share * (beta.loss - median.loss)
    path_median, path_loss = free + median.loss, los + diffracted

    # §4.6: combine the mechanisms (eqs. 57 to 63).
    by_angle = 1 - 0.5 * (1 + math.tanh(3 * 0.8 * (seen.path_angle_mrad - 0.3) / 0.3))
    by_distance = 1 - 0.5 * (1 + math.tanh(3 * 0.5 * (length - 20) / 20))
    if p < beta0:
        least = los + (1 - sea) * diffracted
    else:
        least = path_median + (los_beta + (1 - sea) * diffracted - path_median) * share
    heights = ducting_heights_m(path, seen)
    duct = anomalous.ducting(
        path, seen, heights, f, p, sea_share=sea, beta0=beta0, radius_km=median_km, inland_km=inland_km,
        coast_km=coast_km,
    )  # fmt: skip
    least_duct = 2.5 * _log_sum(duct / 2.5, los / 2.5)
    either = path_loss if least_duct > path_loss else least_duct + (path_loss - least_duct) * by_distance
    modified = either + (least - either) * by_angle
    scatter = anomalous.troposcatter(length, seen.path_angle_mrad, f, p, n0)
    combined = -5 * math.log10(10 ** (-0.2 * scatter) + 10 ** (-0.2 * modified))
    spread = 0.0 if path.zone[-1] == SEA else location.location_variability_db(location_sigma_db, location_percent)
    return Terms(
        free, los, los_beta, median, beta, diffracted, path_median, path_loss, least, duct, least_duct, either,
        modified, scatter, combined, spread, max(los, combined + spread), seen, smooth, heights, beta0, sea, share,
        by_angle, by_distance,
    )  # fmt: skip


def _log_sum(a: float, b: float) -> float:
    """ln(e^a + e^b) without overflow."""
    return max(a, b) + math.log1p(math.exp(-abs(a - b)))


def basic_transmission_loss(
    frequency_ghz: float,
    time_percent: float,
    distance_km: ArrayLike,
    terrain_m: ArrayLike,
    clutter_m: ArrayLike,
    zone: ArrayLike,
    tx_height_m: float,
    rx_height_m: float,
    polarization: Polarization,
    tx_lat: float,
    tx_lon: float,
    rx_lat: float,
    rx_lon: float,
    delta_n: float,
    n0: float,
    location_percent: float = 50.0,
    *,
    resolution_m: float = 500.0,
) -> float:
    """Basic transmission loss not exceeded for a share of time and of locations (ITU-R P.1812-8).

    Parameters
    ----------
    frequency_ghz : float
        0.03 to 6 GHz.
    time_percent : float
        1 to 50 %.
    distance_km, terrain_m, clutter_m, zone : array_like, equally long
        Profile from the transmitter (0 km) to the receiver: terrain above sea level,
        representative clutter above ground (not used at the two ends) and radio-climatic zone: 1
        sea, 3 coastal land, 4 inland.
    tx_height_m, rx_height_m : float
        Antennas above ground.
    polarization : {"horizontal", "vertical"}
        Polarisation.
    tx_lat, tx_lon, rx_lat, rx_lon : float
        Degrees.
    delta_n, n0 : float
        Refractivity lapse in the lowest km (N-units/km, positive) and at sea level (N-units), at the
        path's middle.
    location_percent : float
        1 to 99 %; 50 is the median.
    resolution_m : float
        Width of the area over which locations vary (§4.8); matters only away from the median.

    Returns
    -------
    float
        dB. The field strength for 1 kW e.r.p. is 199.36 + 20 log10(f) - loss (eq. 70).

    Raises
    ------
    ValueError
        For inputs outside the Recommendation's limits.
    """
    if not 0.03 <= frequency_ghz <= 6 or not 1 <= time_percent <= 50 or not 1 <= location_percent <= 99:
        raise ValueError("frequency 0.03 to 6 GHz, time 1 to 50 %, locations 1 to 99 %")
    if polarization not in ("horizontal", "vertical"):
        raise ValueError("polarization is horizontal or vertical")
    path = make_path(distance_km, terrain_m, clutter_m, zone, tx_height_m, rx_height_m)
    clutter_there = float(np.asarray(clutter_m, dtype=float)[-1])
    return terms(
        path,
        frequency_ghz,
        time_percent,
        polarization,
        midpoint_latitude(tx_lat, tx_lon, rx_lat, rx_lon, path.length_km),
        delta_n,
        n0,
        location_percent=location_percent,
        location_sigma_db=location.location_sigma_db(frequency_ghz, resolution_m, rx_height_m, clutter_there),
    ).loss


def field_strength_dbuv_m(loss_db: float, frequency_ghz: float) -> float:
    """Field strength in dB(uV/m) for 1 kW e.r.p. that goes with a basic transmission loss (eq. 70)."""
    return 199.36 + 20 * math.log10(frequency_ghz) - loss_db
