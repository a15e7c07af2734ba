"""How much traffic cells carry: interference and load to a fixed point, downlink and uplink.

Works on arrays of places; it knows no village. A place's rate falls with the interference of its
operator's other cells on the same carrier, that interference rises with their load, and load rises
as rates fall. The map from loads to loads is increasing, so iterating from idle cells climbs to the
least fixed point.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.radio.link_budget import (
    THERMAL_NOISE_DBM_PER_HZ,
    downlink_share,
    occupied_hz,
    port_power_dbm,
    subcarrier_hz,
)

Floats = NDArray[np.float64]
Positions = NDArray[np.integer[Any]]
_MOST_ROUNDS = 500
_LOAD_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Interferers:
    """Other cells heard: ``place`` and ``cell`` are positions, ``rsrp_dbm`` their level.

    ``of`` gives, where several places share what they hear, the position in ``place`` that stands for
    each place, and ``server_dbm`` the level of the server there: they share the ratio of the two. By
    default each place stands for itself.
    """

    place: Positions
    cell: Positions
    rsrp_dbm: NDArray[np.floating[Any]]
    of: Positions | None = None
    server_dbm: NDArray[np.floating[Any]] | None = None

    @cached_property
    def _by_place(self) -> tuple[Positions, Positions]:
        """The order that puts them together by place, and where each place begins in it."""
        order = np.argsort(self.place, kind="stable")
        begin = np.concatenate([[0], np.cumsum(np.bincount(self.place))])
        return order, begin

    def matrix(self, values: Floats, rows: int, cells: int) -> Any:
        """Sparse matrix of a value of each, shape (rows, cells): times the loads it sums over what a place hears."""
        from scipy.sparse import csr_array  # a warm start can do without

        order, begin = self._by_place
        begin = np.concatenate([begin, np.full(rows + 1 - len(begin), begin[-1])])
        return csr_array((values[order], self.cell[order], begin), shape=(rows, cells))

    @classmethod
    def none(cls) -> Interferers:
        """Nothing but noise."""
        empty = np.zeros(0, dtype=np.intp)
        return cls(empty, empty, np.zeros(0))


@dataclass(frozen=True, eq=False)
class Sectors:
    """Cells that carry their traffic together.

    ``number`` is the sector of each cell: carriers of one operator in one direction of a site. A phone
    is served by one of them and uses all; ``widths`` is the width of all in units of the cell's own.
    ``copies`` is for how many such sectors a cell stands (three where the direction is unknown).
    """

    number: Positions
    widths: Floats
    copies: Floats

    @classmethod
    def single(cls, count: int) -> Sectors:
        """Every cell for itself."""
        return cls(np.arange(count), np.ones(count), np.ones(count))


@dataclass(frozen=True, eq=False)
class CellLoad:
    """What cells carry and what their places get.

    Per place: ``sinr_db`` (downlink), ``rate_down_mbps`` and ``rate_up_mbps`` (alone in the cell),
    ``speed_down_mbps`` and ``speed_up_mbps`` (experienced, rate x (1 - load)), ``closes`` (both
    directions work), ``served_share`` (of its users, within what the cell can carry). ``NaN`` or 0
    where no cell serves. Per cell: ``load_down`` and ``load_up`` (offered; above 1 is more than
    it can carry), ``capacity_mbps`` (harmonic mean of the downlink rate over its users),
    ``congested``, ``users``.
    """

    sinr_db: Floats
    rate_down_mbps: Floats
    rate_up_mbps: Floats
    speed_down_mbps: Floats
    speed_up_mbps: Floats
    closes: NDArray[np.bool_]
    served_share: Floats
    load_down: Floats
    load_up: Floats
    capacity_mbps: Floats
    congested: NDArray[np.bool_]
    users: Floats
    rounds: int


def cell_load(
    rsrp_dbm: NDArray[np.floating[Any]],
    cell: Positions,
    users: NDArray[np.floating[Any]],
    demand_mbps: NDArray[np.floating[Any]],
    cells: pd.DataFrame,
    assumptions: Assumptions,
    interferers: Interferers | None = None,
    *,
    indoors: bool = True,
    sectors: Sectors | None = None,
    congested_load: float,
) -> CellLoad:
    """Load of cells and speed at places in the busy hour.

    Parameters
    ----------
    rsrp_dbm, cell : ndarray, shape (places,)
        Outdoor level of the serving cell and its position in `cells`; -1 for none.
    users, demand_mbps : ndarray, shape (places,)
        People who use it there and their downlink traffic together in the busy hour.
    cells : DataFrame
        ``Signal.cells``: ``technology, frequency_mhz, bandwidth_mhz, tx_power_dbm``.
    assumptions : Assumptions
        Topic ``radio``.
    interferers : Interferers, optional
        Other cells on the same carrier, from :func:`coverage.radio.interference.interferers`.
    indoors : bool
        Whether people are indoors, which lowers wanted and unwanted signals alike.
    sectors : Sectors, optional
        Cells that share their load; by default each carries its own.
    congested_load : float
        Load beyond which people are no longer served.

    Returns
    -------
    CellLoad
    """
    others = interferers or Interferers.none()
    level = np.asarray(rsrp_dbm, dtype=float)
    lost = assumptions["radio.body_loss_db"] + (assumptions["radio.indoor_loss_db"] if indoors else 0.0)
    # From here on only the places that a cell serves, `at`.
    at = np.flatnonzero((np.asarray(cell) >= 0) & np.isfinite(level))
    mine = np.asarray(cell, dtype=np.intp)[at]
    wanted_mw = _mw(level[at] - lost)
    demand = np.asarray(demand_mbps, dtype=float)[at]
    people = np.asarray(users, dtype=float)[at]
    count = len(cells)

    noise_dbm: Floats = THERMAL_NOISE_DBM_PER_HZ + 10 * np.log10(subcarrier_hz(cells, assumptions))
    noise_mw = _mw(noise_dbm + assumptions["radio.receiver_noise_db"])[mine]
    shared = sectors or Sectors.single(count)
    widths = shared.widths[mine]
    share_down = downlink_share(cells["frequency_mhz"].to_numpy(float), assumptions)
    width_mhz = (occupied_hz(cells, assumptions) / 1e6 * share_down)[mine] * widths
    rate_up = _uplink_rate(level[at], lost, mine, cells, assumptions)
    load = np.full(count, assumptions["radio.idle_load"])
    rows = len(level) if others.of is None else int(others.of.max(initial=-1)) + 1
    unwanted_mw = others.matrix(_mw(np.asarray(others.rsrp_dbm - lost, dtype=float)), rows, count)
    row = at if others.of is None else others.of[at]
    relative: Floats | float = 1.0
    if others.of is not None and others.server_dbm is not None:
        relative = wanted_mw / _mw(np.nan_to_num(others.server_dbm[row].astype(float), nan=0.0) - lost)
    # A place that interference has silenced stays silent, or loads would swing to and fro.
    closes = rate_up > 0
    rounds, moved = 0, np.inf
    while moved > _LOAD_TOLERANCE and rounds < _MOST_ROUNDS:
        rounds += 1
        heard = (unwanted_mw @ load)[row] * relative
        sinr = wanted_mw / (noise_mw + heard)
        rate = width_mhz * _efficiency_down(sinr, assumptions)
        closes = closes & (rate > 0)
        offered = _load(demand, rate, mine, closes, shared)
        then = np.clip(offered, assumptions["radio.idle_load"], 1.0)
        moved = float(np.abs(then - load).max(initial=0.0))
        load = then

    # A phone sends on one carrier, but different phones on different ones.
    up = _load(demand * assumptions["radio.uplink_traffic_share"], rate_up * widths, mine, closes, shared)
    worst = np.maximum(offered, up)
    carried = np.minimum(1.0, congested_load / np.maximum(worst, 1e-12))
    free_down, free_up = 1 - np.minimum(offered, congested_load), 1 - np.minimum(up, congested_load)
    on_cells = np.bincount(mine[closes], people[closes], minlength=count).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        capacity = on_cells / np.bincount(mine[closes], people[closes] / rate[closes], minlength=count)

    def spread(values: Floats | NDArray[np.bool_], elsewhere: float = np.nan) -> Floats:
        everywhere = np.full(len(level), elsewhere)
        everywhere[at] = values
        return everywhere

    return CellLoad(
        spread(10 * np.log10(sinr)),
        spread(rate),
        spread(rate_up),
        spread(np.where(closes, rate * free_down[mine], 0.0)),
        spread(np.where(closes, rate_up * free_up[mine], 0.0)),
        spread(closes, 0.0).astype(bool),
        spread(np.where(closes, carried[mine], 0.0), 0.0),
        offered,
        up,
        np.nan_to_num(capacity, nan=0.0),
        worst > congested_load,
        on_cells,
        rounds,
    )


def _mw(dbm: Floats) -> Floats:
    return np.asarray(10.0 ** (dbm / 10))


def _load(demand: Floats, rate: Floats, cell: Positions, closes: NDArray[np.bool_], sectors: Sectors) -> Floats:
    """Share of its time that each cell's sector needs: the sum of demand over rate."""
    of = sectors.number[cell[closes]]
    count = int(sectors.number.max(initial=-1)) + 1
    needed = np.bincount(of, demand[closes] / rate[closes], minlength=count)
    return np.asarray(needed[sectors.number] / sectors.copies, dtype=float)


def _efficiency_down(sinr: Floats, assumptions: Assumptions) -> Floats:
    """Attenuated, truncated Shannon in bit/s/Hz (3GPP TR 36.942 A.2), with antenna gain and overhead."""
    bits = np.minimum(
        assumptions["radio.shannon_share_down"] * np.log2(1 + sinr), assumptions["radio.efficiency_most_down"]
    )
    enough = sinr >= 10 ** (assumptions["radio.sinr_least_db"] / 10)
    gain = assumptions["radio.antenna_gain_down"] * (1 - assumptions["radio.overhead_share"])
    return np.where(enough, bits * gain, 0.0)


def _uplink_rate(level: Floats, lost: float, cell: Positions, cells: pd.DataFrame, assumptions: Assumptions) -> Floats:
    """Rate in Mbit/s of a phone alone in the uplink to the cell that serves it.

    Uplink and downlink lose alike. A phone short of power takes fewer resource blocks, down to
    one, to stay above the least SINR; below that the uplink does not close.
    """
    lost_db = port_power_dbm(cells, assumptions)[cell] - level + lost
    density = THERMAL_NOISE_DBM_PER_HZ + assumptions["radio.base_noise_db"] + assumptions["radio.uplink_rise_db"]
    # Bandwidth over which the phone's power gives the least SINR.
    margin_db = assumptions["radio.phone_power_dbm"] - lost_db - density - assumptions["radio.sinr_least_db"]
    width = np.minimum(occupied_hz(cells, assumptions)[cell], _mw(margin_db))
    block = 12 * subcarrier_hz(cells, assumptions)[cell]
    sinr = 10 ** ((assumptions["radio.phone_power_dbm"] - lost_db - density) / 10) / width
    bits = np.minimum(
        assumptions["radio.shannon_share_up"] * np.log2(1 + sinr), assumptions["radio.efficiency_most_up"]
    )
    share = 1 - downlink_share(cells["frequency_mhz"].to_numpy(float), assumptions)
    share[share == 0] = 1.0  # paired bands have an uplink of their own
    time = share[cell] * (1 - assumptions["radio.overhead_share"])
    return np.where(width >= block, width / 1e6 * bits * time, 0.0)
