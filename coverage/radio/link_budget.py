"""Link budget: from a cell's transmitter to the reference signal that a phone measures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from coverage.assumptions import Assumptions
from coverage.radio.p1812 import location_sigma_db, location_variability_db

#: Noise of a resistor at 290 K.
THERMAL_NOISE_DBM_PER_HZ = -173.98
#: Technologies whose carriers consist of resource blocks.
WITH_BLOCKS = ("4g", "5g")


def resource_blocks(technology: str, bandwidth_mhz: ArrayLike, assumptions: Assumptions) -> NDArray[np.float64]:
    """Number of resource blocks of a 4G or 5G carrier, at least one.

    Whole blocks of twelve subcarriers in the occupied part of the carrier (3GPP TS 36.101 table
    5.6-1, TS 38.101-1 table 5.3.2-1).
    """
    share = assumptions[f"radio.occupied_share_{technology}"]
    width_mhz = 12 * assumptions[f"radio.subcarrier_{technology}_khz"] / 1000
    blocks = np.floor(np.asarray(bandwidth_mhz, dtype=float) * share / width_mhz + 1e-9)
    return np.maximum(blocks, 1.0)


def port_power_dbm(cells: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.float64]:
    """Power of the reference signal at the antenna port of each cell, in dBm.

    4G and 5G: power per resource element, P - 10 log10(12 N_RB). 2G and 3G have no resource
    elements: an offset puts them on the same scale, so that one set of thresholds serves all
    technologies.
    """
    spread = np.zeros(len(cells))
    for technology in sorted(set(cells["technology"])):
        these = (cells["technology"] == technology).to_numpy()
        if technology in WITH_BLOCKS:
            bandwidth = cells.loc[these, "bandwidth_mhz"].to_numpy(dtype=float)
            spread[these] = 10 * np.log10(12 * resource_blocks(technology, bandwidth, assumptions))
        else:
            spread[these] = assumptions[f"radio.reference_offset_{technology}_db"]
    return np.asarray(cells["tx_power_dbm"].to_numpy(dtype=float) - spread)


def reference_power_dbm(cells: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.float64]:
    """Power of the reference signal in the main direction of each cell, in dBm EIRP.

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
    return np.asarray(port_power_dbm(cells, assumptions) + cells["antenna_gain_dbi"].to_numpy(dtype=float))


def subcarrier_hz(cells: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.float64]:
    """Width of a resource element of each cell; 2G and 3G are treated like 4G."""
    khz = {t: assumptions[f"radio.subcarrier_{t}_khz"] for t in WITH_BLOCKS}
    return np.array([1000 * khz.get(t, khz["4g"]) for t in cells["technology"]], dtype=float)


def occupied_hz(cells: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.float64]:
    """Bandwidth of each cell that carries resource blocks."""
    share = {t: assumptions[f"radio.occupied_share_{t}"] for t in WITH_BLOCKS}
    width = cells["bandwidth_mhz"].to_numpy(dtype=float) * 1e6
    return np.asarray(width * np.array([share.get(t, share["4g"]) for t in cells["technology"]], dtype=float))


def downlink_share(frequency_mhz: NDArray[np.float64], assumptions: Assumptions) -> NDArray[np.float64]:
    """Share of the time for the downlink: 1 in paired bands, less in TDD bands."""
    tdd = np.asarray(frequency_mhz) >= assumptions["radio.tdd_from_mhz"]
    return np.where(tdd, assumptions["radio.tdd_downlink_share"], 1.0)


def reliable_threshold_dbm(
    threshold_dbm: float,
    frequency_mhz: float,
    resolution_m: float,
    reliability: float,
    assumptions: Assumptions,
    *,
    indoors: bool = False,
) -> float:
    """Median outdoor level needed so that a share of the locations in a pixel has a threshold.

    Parameters
    ----------
    threshold_dbm : float
        What the phone needs, for example ``assumptions["radio.threshold_usable_dbm"]``.
    frequency_mhz, resolution_m : float
        Carrier and pixel size: locations vary more over larger pixels (ITU-R P.1812 §4.8).
    reliability : float
        Share of the locations, 0.01 to 0.99.
    assumptions : Assumptions
        Topic ``radio``.
    indoors : bool
        Whether the phone is indoors: adds the loss into a house.

    Returns
    -------
    float
        dBm; the threshold itself for half of the locations outdoors.
    """
    clutter_top = assumptions["radio.receiver_height_m"]  # the phone stands among buildings
    sigma = location_sigma_db(frequency_mhz / 1000, resolution_m, assumptions["radio.receiver_height_m"], clutter_top)
    margin = location_variability_db(sigma, 100 * reliability)
    return threshold_dbm + margin + (assumptions["radio.indoor_loss_db"] if indoors else 0.0)


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
