"""Link budget: from a cell's transmitter to the reference signal that a phone measures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from coverage.assumptions import Assumptions


def resource_blocks(technology: str, bandwidth_mhz: ArrayLike, assumptions: Assumptions) -> NDArray[np.float64]:
    """Number of resource blocks of a 4G or 5G carrier, at least one.

    Whole blocks of twelve subcarriers in the occupied part of the carrier (3GPP TS 36.101 table
    5.6-1, TS 38.101-1 table 5.3.2-1).
    """
    share = assumptions[f"radio.occupied_share_{technology}"]
    width_mhz = 12 * assumptions[f"radio.subcarrier_{technology}_khz"] / 1000
    blocks = np.floor(np.asarray(bandwidth_mhz, dtype=float) * share / width_mhz + 1e-9)
    return np.maximum(blocks, 1.0)


def reference_power_dbm(cells: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.float64]:
    """Power of the reference signal in the main direction of each cell, in dBm EIRP.

    4G and 5G: power per resource element, P - 10 log10(12 N_RB), plus antenna gain. 2G and 3G have
    no resource elements: an offset puts them on the same scale, so that one set of thresholds
    serves all technologies.

    Parameters
    ----------
    cells : DataFrame
        Table ``Cells``: ``technology, bandwidth_mhz, tx_power_dbm, antenna_gain_dbi``.
    assumptions : Assumptions
        Topic ``radio``.

    Returns
    -------
    ndarray, shape (cells,)
    """
    spread = np.zeros(len(cells))
    for technology in sorted(set(cells["technology"])):
        these = (cells["technology"] == technology).to_numpy()
        if technology in ("4g", "5g"):
            bandwidth = cells.loc[these, "bandwidth_mhz"].to_numpy(dtype=float)
            spread[these] = 10 * np.log10(12 * resource_blocks(technology, bandwidth, assumptions))
        else:
            spread[these] = assumptions[f"radio.reference_offset_{technology}_db"]
    power = cells["tx_power_dbm"].to_numpy(dtype=float) + cells["antenna_gain_dbi"].to_numpy(dtype=float)
    return np.asarray(power - spread)


def free_space_range_m(loss_db: ArrayLike, frequency_mhz: ArrayLike) -> NDArray[np.float64]:
    """Distance at which free space alone has this loss (ITU-R P.525: 32.4 + 20 log f + 20 log d)."""
    loss, frequency = np.asarray(loss_db, dtype=float), np.asarray(frequency_mhz, dtype=float)
    return np.asarray(1000.0 * 10.0 ** ((loss - 32.4 - 20 * np.log10(frequency)) / 20))


def reach_m(cells: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.float64]:
    """Radius within which each cell can matter: free space to the weak threshold, and not beyond the cap.

    Returns
    -------
    ndarray, shape (cells,)
        In m.
    """
    allowed = reference_power_dbm(cells, assumptions) - assumptions["radio.threshold_weak_dbm"]
    free = free_space_range_m(allowed, cells["frequency_mhz"].to_numpy(dtype=float))
    return np.minimum(free, assumptions["radio.radius_max_m"])


def earth_radius_km(delta_n: float) -> float:
    """Median effective earth radius in km (ITU-R P.1812 §3.5, eqs. 5, 6)."""
    return 6371.0 * 157.0 / (157.0 - delta_n)
