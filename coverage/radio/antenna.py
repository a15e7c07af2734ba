"""Antenna patterns: how much weaker a cell is off its main direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coverage.assumptions import Assumptions


def beam(assumptions: Assumptions) -> NDArray[np.float32]:
    """Shape of a sector antenna as the kernels take it: widths in degrees, then limits in dB."""
    names = ("beamwidth_horizontal_deg", "beamwidth_vertical_deg", "front_to_back_db", "side_lobe_db")
    return np.array([assumptions[f"radio.{name}"] for name in names], dtype=np.float32)


def attenuation_db(
    turn_deg: ArrayLike, below_deg: ArrayLike, downtilt_deg: float, assumptions: Assumptions
) -> NDArray[np.float64]:
    """Attenuation against the main direction (3GPP TR 38.901 table 7.3-1).

    Parameters
    ----------
    turn_deg : array_like
        Angle clockwise from the azimuth; ``NaN`` for an omnidirectional antenna or an unknown
        azimuth, which counts as the best sector.
    below_deg : array_like
        Angle below the horizon.
    downtilt_deg : float
        Main direction below the horizon.

    Returns
    -------
    ndarray
        dB, positive.
    """
    wide, high, most, side = (float(value) for value in beam(assumptions))
    turn = (np.asarray(turn_deg, dtype=float) + 180) % 360 - 180
    across = np.nan_to_num(np.minimum(12 * (turn / wide) ** 2, most), nan=0.0)
    upright = np.minimum(12 * ((np.asarray(below_deg, dtype=float) - downtilt_deg) / high) ** 2, side)
    return np.asarray(np.minimum(across + upright, most))
