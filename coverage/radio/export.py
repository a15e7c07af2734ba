"""Signal rasters as cloud-optimised GeoTIFF."""

from __future__ import annotations

import re
from pathlib import Path

from coverage.assumptions import Assumptions
from coverage.radio.signal import Signal


def write_signal(signal: Signal, folder: Path, assumptions: Assumptions, **tags: str) -> list[Path]:
    """Write one GeoTIFF per operator and technology.

    Parameters
    ----------
    signal : Signal
        From :func:`coverage.radio.signal`.
    folder : Path
        Made where missing, unless there is nothing to write.
    assumptions : Assumptions
        Topic ``radio``: the thresholds go into the metadata.
    **tags : str
        More metadata, for example ``status="CONTOH – BUKAN DATA RESMI"``.

    Returns
    -------
    list of Path
        ``rsrp_<operator>_<technology>.tif``, sorted.
    """
    if signal.layers:
        folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for operator, technology in sorted(signal.layers):
        name = re.sub(r"[^a-z0-9]+", "_", f"{operator}_{technology}".lower()).strip("_")
        path = folder / f"rsrp_{name}.tif"
        signal.raster(operator, technology).write(
            path,
            operator=operator,
            technology=technology,
            quantity="RSRP outdoors, median over time and locations",
            unit="dBm",
            method="ITU-R P.1812-8 free space and delta-Bullington diffraction",
            threshold_usable_dbm=str(assumptions["radio.threshold_usable_dbm"]),
            threshold_good_dbm=str(assumptions["radio.threshold_good_dbm"]),
            receiver_height_m=str(assumptions["radio.receiver_height_m"]),
            **tags,
        )
        paths.append(path)
    return paths
