"""What reaches each point through each operator and technology."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _

if TYPE_CHECKING:
    from coverage.radio import Signal

#: Technologies that carry the internet well enough to count as access.
INTERNET = ("4g", "5g")


@dataclass(frozen=True)
class Thresholds:
    """Received powers in dBm and coupling losses in dB from which something works."""

    good_dbm: float
    usable_dbm: float
    weak_dbm: float
    uplink_db: float
    reliable_uplink_db: float

    @classmethod
    def of(cls, assumptions: Assumptions) -> Thresholds:
        """Read them from ``radio.*`` and ``access.*``."""
        return cls(
            assumptions["radio.threshold_good_dbm"],
            assumptions["radio.threshold_usable_dbm"],
            assumptions["radio.threshold_weak_dbm"],
            assumptions["access.uplink_max_coupling_loss_db"],
            assumptions["access.reliable_uplink_max_coupling_loss_db"],
        )


@dataclass(frozen=True)
class Reception:
    """One operator and technology at n points.

    ``rsrp_dbm`` is NaN and ``cell`` -1 where nothing arrives; ``coupling_loss_db`` is the loss
    between the antenna ports, both gains included.
    """

    operator: str
    technology: str
    rsrp_dbm: NDArray[np.float32]
    cell: NDArray[np.intp]
    coupling_loss_db: NDArray[np.float64]
    usable: NDArray[np.bool_]
    weak: NDArray[np.bool_]
    uplink_fails: NDArray[np.bool_]

    @property
    def is_internet(self) -> bool:
        """Whether it is 4G or 5G."""
        return self.technology in INTERNET


def receive(signal: Signal, rows: NDArray[np.intp], cols: NDArray[np.intp], thresholds: Thresholds) -> list[Reception]:
    """Sample every layer of the signal at pixels of its grid, sorted by operator and technology.

    A point is usable where the downlink is at or above the usable threshold and the phone is heard
    at the tower: the coupling loss is reciprocal, so the uplink follows from the downlink.

    Raises
    ------
    InputError
        Where pixels lie outside the signal's grid: it was made for another terrain.
    """
    if rows.size and not (
        rows.min() >= 0 and rows.max() < signal.shape[0] and cols.min() >= 0 and cols.max() < signal.shape[1]
    ):
        raise InputError(
            _("The signal was computed on another grid"), where="signal", todo=_("Compute the signal again")
        )
    # power of the reference signal at the antenna port: what both ways of the path start from
    power = (signal.cells["reference_dbm"] - signal.cells["antenna_gain_dbi"]).to_numpy(float)
    result = []
    for operator, technology in sorted(signal.layers):
        layer = signal.layers[operator, technology]
        rsrp = layer.rsrp[rows, cols]
        cell = np.where(np.isnan(rsrp), -1, layer.cell[rows, cols]).astype(np.intp)
        loss = np.full(rsrp.shape, np.nan)
        loss[cell >= 0] = power[cell[cell >= 0]] - rsrp[cell >= 0]
        downlink = rsrp >= thresholds.usable_dbm
        uplink_fails = downlink & (loss > thresholds.uplink_db) & (technology in INTERNET)
        usable = downlink & ~uplink_fails
        weak = (rsrp >= thresholds.weak_dbm) & ~usable
        result.append(Reception(operator, technology, rsrp, cell, loss, usable, weak, uplink_fails))
    return result


def any_of(receptions: Iterable[NDArray[np.bool_]], size: int) -> NDArray[np.bool_]:
    """Whether any of the masks holds; all false where there is none."""
    found = np.zeros(size, dtype=bool)
    for mask in receptions:
        found |= mask
    return found


def best_rsrp(receptions: Iterable[Reception], size: int) -> NDArray[np.float32]:
    """The strongest of several receptions at each point; NaN where nothing arrives."""
    best = np.full(size, np.nan, dtype=np.float32)
    for reception in receptions:
        best = np.fmax(best, reception.rsrp_dbm)
    return best
