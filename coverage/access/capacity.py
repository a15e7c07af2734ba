"""How many of the people in range the cells can serve in the busy hour, and how fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.access.groups import group_sum
from coverage.access.reception import Reception
from coverage.assumptions import Assumptions
from coverage.radio import CellLoad, Interferers, Sectors, cell_load
from coverage.threads import threads

Floats = NDArray[np.float64]
Heard = Mapping[tuple[str, str], Interferers]

#: Rounds in which people move from fuller to emptier sectors; a fixed number keeps results the same.
_STEPS = 16
#: Rounds of rates under interference and people moving to where the rates are.
_ROUNDS = 2
#: Loads between which a sector's fullness moves people.
_RHO_LIMITS = (0.01, 100.0)


@dataclass(frozen=True)
class Capacity:
    """What is left in the busy hour at each place.

    ``served_share`` is the share of the covered people there whom the cells can carry;
    ``downlink_mbps`` and ``uplink_mbps`` the speeds that one user experiences indoors, NaN where
    nobody is covered or the load cannot be known.
    """

    served_share: Floats
    downlink_mbps: Floats
    uplink_mbps: Floats


def capacity(
    receptions: Sequence[Reception],
    cells: pd.DataFrame,
    users: Floats,
    busy_hour_mbps: Floats,
    judged: Set[str],
    heard: Heard,
    assumptions: Assumptions,
) -> Capacity:
    """Load the cells with the demand of the places they cover.

    Rates, loads and interference of each layer come from :func:`coverage.radio.cell_load`: a place's
    rate falls with the load of the operator's other cells, and load is demand over rate. Served is
    what the cells in range can support together: people at a place are shared among the receptions
    there, then moved step by step from fuller to emptier sectors. Carriers of one operator in the same
    direction on the same site share their load. Of the demand on a sector the part up to
    ``access.congested_load`` is served. A user experiences what the load leaves: rate × (1 − load).

    Operators outside `judged` have cells that the list does not know, so that the load on those it
    knows is overstated: their people count as served and their speed is unknown.

    Parameters
    ----------
    receptions : sequence of Reception
        4G and 5G at the places.
    cells : DataFrame
        ``Cells`` of the signal.
    users, busy_hour_mbps : ndarray, shape (places,)
        People who use the network and their demand in Mbit/s.
    judged : set of str
        Operators whose list is complete.
    heard : mapping
        Interferers per operator and technology, from :func:`coverage.radio.interference`; layers
        without an entry are limited by noise alone.
    """
    size = busy_hour_mbps.size
    sectors = sectors_of(cells, assumptions)
    spectrum = group_sum(sectors.number, cells["bandwidth_mhz"].to_numpy(float) * sectors.copies, len(cells))
    shares = _even(receptions, sectors, spectrum, size)
    pull = spectrum

    def loaded(reception: Reception, share: Floats) -> CellLoad:
        return _loaded(reception, share, cells, users, busy_hour_mbps, sectors, heard, assumptions)

    with ThreadPoolExecutor(threads()) as pool:  # layers know nothing of each other
        for _round in range(_ROUNDS):
            loads = list(pool.map(loaded, receptions, shares))
            shares, pull = _balanced(receptions, loads, sectors, pull, busy_hour_mbps)
        at = [k for k, reception in enumerate(receptions) if reception.operator in judged]
        last = dict(zip(at, pool.map(loaded, [receptions[k] for k in at], [shares[k] for k in at]), strict=True))

    served, down, up, known = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    for k, share in enumerate(shares):
        if k in last:
            load = last[k]
            served += share * load.served_share
            down += share * np.nan_to_num(load.speed_down_mbps)
            up += share * np.nan_to_num(load.speed_up_mbps)
            known += share
        else:
            served += share
    down, up = (np.divide(v, known, out=np.full(size, np.nan), where=known > 0) for v in (down, up))
    return Capacity(np.minimum(served, 1.0), down, up)


def sectors_of(cells: pd.DataFrame, assumptions: Assumptions) -> Sectors:
    """Sectors of the cells: an operator's carriers of a technology in one direction of a site.

    An unknown direction stands for ``access.sectors_if_unknown`` sectors.
    """
    direction = cells["azimuth_deg"].fillna(-1.0).round()
    keys = pd.MultiIndex.from_arrays([cells["operator"], cells["technology"], cells["site_id"], direction])
    number = np.asarray(pd.factorize(keys)[0], dtype=np.intp)
    width = cells["bandwidth_mhz"].to_numpy(float)
    together = group_sum(number, width, len(cells))[number]
    copies = np.where(cells["azimuth_deg"].isna(), assumptions["access.sectors_if_unknown"], 1.0)
    return Sectors(number, together / width, np.asarray(copies, dtype=float))


def _loaded(
    reception: Reception,
    share: Floats,
    cells: pd.DataFrame,
    users: Floats,
    busy_hour_mbps: Floats,
    sectors: Sectors,
    heard: Heard,
    assumptions: Assumptions,
) -> CellLoad:
    """Rates, loads and speeds of one layer that carries a share of each place's people."""
    return cell_load(
        reception.rsrp_dbm,
        np.where(reception.usable, reception.cell, -1),
        users * share,
        busy_hour_mbps * share,
        cells,
        assumptions,
        heard.get((reception.operator, reception.technology)),
        sectors=sectors,
        congested_load=assumptions["access.congested_load"],
    )


def _even(receptions: Sequence[Reception], sectors: Sectors, spectrum: Floats, size: int) -> list[Floats]:
    """People of each place shared among its receptions in proportion to the spectrum behind them."""
    behind = [
        np.where(r.usable, spectrum[sectors.number[np.maximum(r.cell, 0)]] if spectrum.size else 0.0, 0.0)
        for r in receptions
    ]
    total = np.sum(behind, axis=0) if behind else np.zeros(size)
    return [np.divide(b, total, out=np.zeros(size), where=total > 0) for b in behind]


def _balanced(
    receptions: Sequence[Reception],
    loads: Sequence[CellLoad],
    sectors: Sectors,
    pull: Floats,
    busy_hour_mbps: Floats,
) -> tuple[list[Floats], Floats]:
    """Share of each place's people on each reception (zero where not usable), and the pull of each sector."""
    # Where the rates leave a direction open nobody is sent, unless nothing else is there.
    works = [np.flatnonzero(r.usable & load.closes) for r, load in zip(receptions, loads, strict=True)]
    at = [sectors.number[r.cell[on]] for r, on in zip(receptions, works, strict=True)]
    rates = [
        load.rate_down_mbps[on] * sectors.copies[r.cell[on]]
        for r, load, on in zip(receptions, loads, works, strict=True)
    ]
    for _step in range(_STEPS):
        total = np.zeros(busy_hour_mbps.size)
        for on, where in zip(works, at, strict=True):
            total[on] += pull[where]
        rho = np.zeros(pull.size)
        for on, where, rate in zip(works, at, rates, strict=True):
            wanted = np.divide(pull[where], total[on], out=np.zeros(on.size), where=total[on] > 0)
            rho += group_sum(where, busy_hour_mbps[on] * wanted / rate, rho.size)
        pull_now, pull = pull, pull / np.sqrt(np.clip(rho, *_RHO_LIMITS))
    shares = []
    for on, where in zip(works, at, strict=True):
        share = np.zeros(busy_hour_mbps.size)
        share[on] = np.divide(pull_now[where], total[on], out=np.zeros(on.size), where=total[on] > 0)
        shares.append(share)
    return shares, pull_now
