"""Rain on microwave hops: attenuation, availability, how long a hop may be."""

from __future__ import annotations

import math

from coverage.assumptions import Assumptions

# ITU-R P.838-3 tables 1 to 4: a, b, c of each Gaussian, then m and c of the straight line.
_K = {
    "horizontal": (
        ((-5.33980, -0.10008, 1.13098), (-0.35351, 1.26970, 0.45400), (-0.23789, 0.86036, 0.15354),
         (-0.94158, 0.64552, 0.16817)),
        -0.18961,
        0.71147,
    ),
    "vertical": (
        ((-3.80595, 0.56934, 0.81061), (-3.44965, -0.22911, 0.51059), (-0.39902, 0.73042, 0.11899),
         (0.50167, 1.07319, 0.27195)),
        -0.16398,
        0.63297,
    ),
}  # fmt: skip
_ALPHA = {
    "horizontal": (
        ((-0.14318, 1.82442, -0.55187), (0.29591, 0.77564, 0.19822), (0.32177, 0.63773, 0.13164),
         (-5.37610, -0.96230, 1.47828), (16.1721, -3.29980, 3.43990)),
        0.67849,
        -1.95537,
    ),
    "vertical": (
        ((-0.07771, 2.33840, -0.76284), (0.56727, 0.95545, 0.54039), (-0.20238, 1.14520, 0.26809),
         (-48.2991, 0.791669, 0.116226), (48.5833, 0.791459, 0.116479)),
        -0.053739,
        0.83433,
    ),
}  # fmt: skip


def rain_coefficients(frequency_ghz: float, polarization: str = "vertical") -> tuple[float, float]:
    """Coefficients k and alpha of the specific attenuation k R^alpha (ITU-R P.838-3, eqs. 2, 3)."""
    log_f = math.log10(frequency_ghz)

    def curve(table: tuple[tuple[tuple[float, float, float], ...], float, float]) -> float:
        bumps, slope, offset = table
        return sum(a * math.exp(-(((log_f - b) / c) ** 2)) for a, b, c in bumps) + slope * log_f + offset

    return math.pow(10, curve(_K[polarization])), curve(_ALPHA[polarization])


def rain_fade_db(
    length_km: float, frequency_ghz: float, rain_mm_h: float, percent: float = 0.01, polarization: str = "vertical"
) -> float:
    """Rain attenuation of a hop exceeded for a share of an average year (ITU-R P.530-18 §2.4.1).

    Parameters
    ----------
    length_km, frequency_ghz : float
        Hop.
    rain_mm_h : float
        Rain rate exceeded for 0.01 % of the year.
    percent : float
        0.001 to 1 % of the year.
    """
    if length_km <= 0:
        return 0.0
    k, alpha = rain_coefficients(frequency_ghz, polarization)
    spread = 0.477 * length_km**0.633 * rain_mm_h ** (0.073 * alpha) * frequency_ghz**0.123
    spread -= 10.579 * (1 - math.exp(-0.024 * length_km))
    share = min(1 / spread, 2.5) if spread > 0 else 2.5
    worst = k * math.pow(rain_mm_h, alpha) * length_km * share
    c0 = 0.12 + 0.4 * math.log10((frequency_ghz / 10) ** 0.8) if frequency_ghz >= 10 else 0.12
    c1 = 0.07**c0 * 0.12 ** (1 - c0)
    c2 = 0.855 * c0 + 0.546 * (1 - c0)
    c3 = 0.139 * c0 + 0.043 * (1 - c0)
    return float(worst * c1 * math.pow(percent, -(c2 + c3 * math.log10(percent))))


def fade_margin_db(length_km: float, frequency_ghz: float, assumptions: Assumptions) -> float:
    """What a hop can lose to rain before it fails: budget less free space, in dB."""
    free = 92.45 + 20 * math.log10(frequency_ghz) + 20 * math.log10(max(length_km, 1e-3))
    budget = (
        assumptions["radio.hop_power_dbm"]
        + 2 * assumptions["radio.hop_antenna_gain_dbi"]
        - assumptions["radio.hop_sensitivity_dbm"]
    )
    return budget - free


def unavailable_percent(length_km: float, frequency_ghz: float, assumptions: Assumptions) -> float:
    """Share of the year, 0.001 to 1 %, for which rain cuts a hop."""
    margin = fade_margin_db(length_km, frequency_ghz, assumptions)
    rain = assumptions["radio.rain_mm_h"]
    low, high = -3.0, 0.0
    if rain_fade_db(length_km, frequency_ghz, rain, 10**high) > margin:
        return 10**high
    for _step in range(40):
        middle = (low + high) / 2
        if rain_fade_db(length_km, frequency_ghz, rain, 10**middle) > margin:
            low = middle
        else:
            high = middle
    return math.pow(10, high)


def longest_hop_km(frequency_ghz: float, assumptions: Assumptions) -> float:
    """Longest hop of a band that rain leaves available enough, in km."""
    allowed = 100 - assumptions["radio.hop_availability_percent"]
    low, high = 0.0, assumptions["radio.hop_longest_km"]
    if unavailable_percent(high, frequency_ghz, assumptions) <= allowed:
        return high
    for _step in range(40):
        middle = (low + high) / 2
        if unavailable_percent(middle, frequency_ghz, assumptions) <= allowed:
            low = middle
        else:
            high = middle
    return low
