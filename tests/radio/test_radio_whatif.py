"""A changed network gives the same signal whether predicted afresh or updated."""

import numpy as np
import pandas as pd
import pytest
from test_radio_signal import assumptions, land, masts, radios  # noqa: F401 - a fixture

from coverage.radio import signal, update


@pytest.fixture
def network(assumptions):  # noqa: F811
    rng = np.random.default_rng(5)
    terrain = land(300 + 80 * np.cumsum(rng.normal(size=(130, 150)), axis=0) / 5)
    sites = masts(*((int(r), int(c)) for r, c in rng.integers(0, 130, (9, 2))))
    cells = radios(sites, operator=["Operator A", "Operator B", "Operator A"] * 3, downtilt_deg=3.0)
    return terrain, sites, cells, signal(terrain, sites, cells, assumptions)


def moved(sites, cells):
    sites = sites.copy()
    sites.loc[3, "geometry"] = sites.geometry[3].__class__(sites.geometry[3].x + 0.01, sites.geometry[3].y)
    return sites, cells


def raised(sites, cells):
    return sites.assign(height_m=np.where(sites["site_id"] == "s5", 72.0, sites["height_m"])), cells


def retuned(sites, cells):
    return sites, cells.assign(frequency_mhz=np.where(cells["cell_id"] == "cs2", 900.0, cells["frequency_mhz"]))


def removed(sites, cells):
    return sites, cells[cells["cell_id"] != "cs4"]


def added(sites, cells):
    extra = cells.iloc[[0]].assign(cell_id="new", site_id="s8", technology="5g")
    return sites, pd.concat([extra, cells], ignore_index=True)


def shuffled(sites, cells):
    return sites, cells.iloc[::-1].reset_index(drop=True)


@pytest.mark.parametrize("change", [moved, raised, retuned, removed, added, shuffled])
def test_update_equals_a_fresh_prediction(network, assumptions, change):  # noqa: F811
    terrain, sites, cells, before = network
    sites, cells = change(sites, cells)
    fresh, updated = (
        signal(terrain, sites, cells, assumptions),
        update(before, terrain, sites, cells, assumptions),
    )
    assert set(fresh.layers) == set(updated.layers)
    for layer in fresh.layers:
        np.testing.assert_array_equal(fresh.layers[layer].rsrp, updated.layers[layer].rsrp)
        np.testing.assert_array_equal(fresh.layers[layer].cell, updated.layers[layer].cell)
