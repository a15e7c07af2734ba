"""How many of the people in range a cell can serve in the busy hour."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.access.groups import group_sum
from coverage.access.reception import Reception
from coverage.assumptions import Assumptions

Floats = NDArray[np.float64]

#: Rounds in which people move from fuller to emptier sectors; a fixed number keeps results the same.
_STEPS = 16
#: Loads between which a sector's fullness moves people.
_RHO_LIMITS = (0.01, 100.0)


@dataclass(frozen=True)
class Capacity:
    """What is left in the busy hour at each place.

    ``served_share`` is the share of the covered people there whom the cells can carry;
    ``downlink_mbps`` the speed that one user experiences, NaN where nobody is covered or the load
    cannot be known.
    """

    served_share: Floats
    downlink_mbps: Floats


def cell_rate_mbps(cells: pd.DataFrame, assumptions: Assumptions) -> Floats:
    """Average downlink rate of each cell in Mbit/s when it serves one user: bandwidth × efficiency × downlink share."""
    technology = cells["technology"].to_numpy()
    efficiency = np.select(
        [technology == "4g", technology == "5g"],
        [assumptions["access.sector_efficiency_4g"], assumptions["access.sector_efficiency_5g"]],
        0.0,
    )
    tdd = cells["frequency_mhz"].to_numpy(float) >= assumptions["access.tdd_from_mhz"]
    downlink = np.where(tdd, assumptions["access.tdd_downlink_share"], 1.0)
    return np.asarray(cells["bandwidth_mhz"].to_numpy(float) * efficiency * downlink)


def capacity(
    receptions: Sequence[Reception],
    cells: pd.DataFrame,
    busy_hour_mbps: Floats,
    judged: Set[str],
    assumptions: Assumptions,
) -> Capacity:
    """Load the cells with the demand of the places they cover.

    Served is what the cells in range can support together: people at a place are shared among the
    receptions there in proportion to the capacity behind them, then moved step by step from fuller
    to emptier sectors. Carriers of one operator in the same direction on the same site share their
    load. Of the demand on a sector the part up to ``access.congested_load`` × its capacity is
    served. A user experiences what the load leaves: capacity × (1 − load).

    Operators outside `judged` have cells that the list does not know, so that the load on those it
    knows is overstated: their people count as served and their speed is unknown.

    Parameters
    ----------
    receptions : sequence of Reception
        4G and 5G at the places.
    cells : DataFrame
        ``Cells`` of the signal.
    busy_hour_mbps : ndarray, shape (places,)
        Demand in Mbit/s.
    judged : set of str
        Operators whose list is complete.
    """
    size = busy_hour_mbps.size
    sector, rate_mbps, sector_mbps = _sectors(cells, assumptions)
    shares, rho = _balanced(receptions, sector, sector_mbps, busy_hour_mbps)
    full = assumptions["access.congested_load"]
    carried = np.minimum(1.0, full / np.maximum(rho, full))
    speed = rate_mbps * (1.0 - np.minimum(rho, full))

    served, mbps, known = np.zeros(size), np.zeros(size), np.zeros(size)
    for reception, share in zip(receptions, shares, strict=True):
        if reception.operator in judged:
            at = sector[np.maximum(reception.cell, 0)]
            served += share * carried[at]
            mbps += share * speed[at]
            known += share
        else:
            served += share
    return Capacity(np.minimum(served, 1.0), np.divide(mbps, known, out=np.full(size, np.nan), where=known > 0))


def _balanced(
    receptions: Sequence[Reception], sector: NDArray[np.intp], sector_mbps: Floats, busy_hour_mbps: Floats
) -> tuple[list[Floats], Floats]:
    """Share of each place's people on each reception (zero where not usable), and load of each sector."""
    usable = [np.flatnonzero(r.usable) for r in receptions]
    at = [sector[r.cell[on]] for r, on in zip(receptions, usable, strict=True)]
    pull = sector_mbps.copy()
    for _step in range(_STEPS):
        total = np.zeros(busy_hour_mbps.size)
        for on, where in zip(usable, at, strict=True):
            total[on] += pull[where]
        load = np.zeros(sector_mbps.size)
        for on, where in zip(usable, at, strict=True):
            wanted = np.divide(pull[where], total[on], out=np.zeros(on.size), where=total[on] > 0)
            load += group_sum(where, busy_hour_mbps[on] * wanted, load.size)
        rho = np.divide(load, sector_mbps, out=np.zeros(load.size), where=sector_mbps > 0)
        pull_now, pull = pull, pull / np.sqrt(np.clip(rho, *_RHO_LIMITS))
    shares = []
    for on, where in zip(usable, at, strict=True):
        share = np.zeros(busy_hour_mbps.size)
        share[on] = np.divide(pull_now[where], total[on], out=np.zeros(on.size), where=total[on] > 0)
        shares.append(share)
    return shares, rho


def _sectors(cells: pd.DataFrame, assumptions: Assumptions) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Number of the sector of each cell; rate of each sector, and its capacity, in Mbit/s."""
    direction = cells["azimuth_deg"].fillna(-1.0).round()
    keys = pd.MultiIndex.from_arrays([cells["operator"], cells["technology"], cells["site_id"], direction])
    sector = np.asarray(pd.factorize(keys)[0], dtype=np.intp)
    count = int(sector.max()) + 1 if sector.size else 0
    rate = cell_rate_mbps(cells, assumptions)
    sectors = np.where(cells["azimuth_deg"].isna(), assumptions["access.sectors_if_unknown"], 1.0)
    return sector, group_sum(sector, rate, count), group_sum(sector, rate * sectors, count)
