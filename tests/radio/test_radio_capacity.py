"""Loads, speeds and interference: small networks with answers that can be worked out."""

import numpy as np
import pytest
from test_radio_signal import assumptions, land, masts, radios  # noqa: F401 - a fixture

from coverage.radio import interferers, signal
from coverage.radio.capacity import Interferers, cell_load
from coverage.radio.link_budget import reliable_threshold_dbm, resource_blocks
from coverage.radio.signal import place_cells

#: Load above which a cell counts as full.
FULL = 0.8


@pytest.fixture
def cells(assumptions):  # noqa: F811
    sites = masts((5, 5), (5, 40))
    return place_cells("EPSG:32749", sites, radios(sites), assumptions)


def run(cells, assumptions, rsrp, cell, users, demand, others=None, **more):  # noqa: F811
    arrays = (np.asarray(rsrp, float), np.asarray(cell), np.asarray(users, float), np.asarray(demand, float))
    return cell_load(*arrays, cells, assumptions, others, congested_load=FULL, **more)


def test_load_is_demand_over_rate_and_speed_what_is_left(cells, assumptions):  # noqa: F811
    got = run(cells, assumptions, [-80, -100, np.nan], [0, 0, -1], [30, 10, 5], [3.0, 1.0, 1.0])
    assert got.load_down[0] == pytest.approx(3.0 / got.rate_down_mbps[0] + 1.0 / got.rate_down_mbps[1])
    assert got.speed_down_mbps[0] == pytest.approx(got.rate_down_mbps[0] * (1 - got.load_down[0]))
    # Harmonic mean over its users.
    expected = 40 / (30 / got.rate_down_mbps[0] + 10 / got.rate_down_mbps[1])
    assert got.capacity_mbps[0] == pytest.approx(expected)
    assert np.isnan(got.speed_down_mbps[2])
    assert not got.closes[2]
    assert got.served_share[2] == 0
    assert got.users.tolist() == [40, 0]


def test_rate_is_truncated_shannon(cells, assumptions):  # noqa: F811
    strong, weak = run(cells, assumptions, [-40, -122], [0, 0], [1, 1], [0, 0], indoors=False).rate_down_mbps
    per_hz = assumptions["radio.efficiency_most_down"] * assumptions["radio.antenna_gain_down"]
    assert strong == pytest.approx(9.0 * per_hz * (1 - assumptions["radio.overhead_share"]))
    assert 0 < weak < strong / 5


def test_demand_beyond_the_cell_leaves_people_unserved(cells, assumptions):  # noqa: F811
    got = run(cells, assumptions, [-90], [0], [5000], [500.0])
    assert got.load_down[0] > 1
    assert got.congested[0]
    assert got.served_share[0] == pytest.approx(FULL / max(got.load_down[0], got.load_up[0]))
    assert got.speed_down_mbps[0] == pytest.approx(got.rate_down_mbps[0] * (1 - FULL))


def test_uplink_can_fail_where_the_downlink_still_works(cells, assumptions):  # noqa: F811
    far = run(cells, assumptions, [-127], [0], [1], [0.1], indoors=False)
    assert far.rate_down_mbps[0] > 0
    assert far.rate_up_mbps[0] == 0
    assert not far.closes[0]


def test_neighbours_slow_each_other_down_and_the_loads_settle(cells, assumptions):  # noqa: F811
    place, cell = np.array([0, 1]), np.array([1, 0])
    others = Interferers(place, cell, np.array([-95.0, -95.0]))
    alone = run(cells, assumptions, [-85, -85], [0, 1], [50, 50], [8.0, 8.0])
    both = run(cells, assumptions, [-85, -85], [0, 1], [50, 50], [8.0, 8.0], others)
    assert (both.load_down > alone.load_down).all()
    assert (both.sinr_db < alone.sinr_db).all()
    assert both.rounds < 100
    # A fixed point: the load follows from the rate that this load allows.
    assert both.load_down == pytest.approx(8.0 / both.rate_down_mbps, rel=1e-4)
    busier = run(cells, assumptions, [-85, -85], [0, 1], [50, 50], [8.0, 16.0], others)
    assert busier.load_down[0] > both.load_down[0]


def test_interferers_are_the_other_cells_on_the_carrier(assumptions):  # noqa: F811
    terrain = land(np.zeros((60, 120)))
    sites = masts((30, 20), (30, 100), (30, 60))
    cells = radios(sites, frequency_mhz=[1800.0, 1800.0, 2100.0], operator="Operator A")
    got = signal(terrain, sites, cells, assumptions)
    layer = got.layers["Operator A", "4g"]
    rows, cols = np.array([30, 30]), np.array([25, 61])
    heard = interferers(terrain, got, rows, cols, "Operator A", "4g", assumptions)
    assert layer.cell[rows, cols].tolist() == [0, 2]
    # The first place hears cell 1 on its own carrier; the second, on 2100 MHz, hears nobody.
    assert list(zip(heard.place, heard.cell, strict=True)) == [(0, 1)]
    only = signal(terrain, sites, cells.iloc[[1]], assumptions).layers["Operator A", "4g"].rsrp
    assert heard.rsrp_dbm[0] == pytest.approx(only[30, 25], abs=0.01)


def test_link_budget_arithmetic(assumptions):  # noqa: F811
    # 40 W over 50 blocks: 18.2 dBm per resource element.
    sites = masts((5, 5))
    placed = place_cells("EPSG:32749", sites, radios(sites, tx_power_dbm=46.0, antenna_gain_dbi=0.0), assumptions)
    assert resource_blocks("4g", 10.0, assumptions) == 50
    assert resource_blocks("4g", [5.0, 20.0], assumptions).tolist() == [25, 100]
    assert placed["reference_dbm"][0] == pytest.approx(18.2, abs=0.05)
    usable = assumptions["radio.threshold_usable_dbm"]
    assert reliable_threshold_dbm(usable, 1800, 90, 0.5, assumptions) == pytest.approx(usable)
    assert reliable_threshold_dbm(usable, 1800, 90, 0.9, assumptions) == pytest.approx(usable + 2.55, abs=0.1)
    indoors = reliable_threshold_dbm(usable, 1800, 90, 0.5, assumptions, indoors=True)
    assert indoors == pytest.approx(usable + assumptions["radio.indoor_loss_db"])
