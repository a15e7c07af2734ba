"""Signal over small made-up lands: what a ridge, a mast and a direction must do."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine

from coverage import assumptions as assumption_set
from coverage.errors import Cancelled, InputError
from coverage.radio import path_loss, signal
from coverage.raster import Raster

CRS = "EPSG:32749"
WEST, NORTH, PIXEL = 300_000.0, 9_250_000.0, 90.0


@pytest.fixture(scope="module")
def assumptions():
    return assumption_set.load()


def land(values):
    return Raster(np.asarray(values, dtype=np.float32), Affine(PIXEL, 0, WEST, 0, -PIXEL, NORTH), CRS)


def centre(row, col):
    return WEST + (col + 0.5) * PIXEL, NORTH - (row + 0.5) * PIXEL


def masts(*places, height=40.0):
    xy = [centre(row, col) for row, col in places]
    frame = {
        "site_id": [f"s{i}" for i in range(len(xy))],
        "owner": "x",
        "height_m": height,
        "position_uncertainty_m": 0.0,
    }
    points = gpd.points_from_xy([p[0] for p in xy], [p[1] for p in xy])
    return gpd.GeoDataFrame(frame, geometry=points, crs=CRS).to_crs("EPSG:4326")


def radios(sites, **changes):
    frame = pd.DataFrame(
        {
            "cell_id": ["c" + s for s in sites["site_id"]],
            "site_id": sites["site_id"].to_numpy(),
            "operator": "Operator A",
            "technology": "4g",
            "frequency_mhz": 1800.0,
            "bandwidth_mhz": 10.0,
            "tx_power_dbm": 46.0,
            "antenna_gain_dbi": 17.0,
            "azimuth_deg": np.nan,
            "downtilt_deg": 0.0,
        }
    )
    return frame.assign(**changes)


def test_ridge_cuts_the_signal_and_height_restores_it(assumptions):
    flat = np.full((101, 101), 100.0)
    ridge = flat.copy()
    ridge[:, 60:63] = 150.0
    village = (50, 80)

    def level(terrain, height):
        sites = masts((50, 50), height=height)
        return float(signal(land(terrain), sites, radios(sites), assumptions).layers["Operator A", "4g"].rsrp[village])

    assert level(flat, 40) - level(ridge, 40) > 20
    assert level(ridge, 149) > level(ridge, 40) + 15


def test_result_does_not_depend_on_threads(assumptions):
    terrain = land(np.random.default_rng(3).normal(300, 80, (120, 150)))
    sites = masts((10, 20), (60, 70), (60, 70), (110, 140))
    one = signal(terrain, sites, radios(sites), assumptions, threads=1).layers["Operator A", "4g"]
    two = signal(terrain, sites, radios(sites), assumptions, threads=2).layers["Operator A", "4g"]
    np.testing.assert_array_equal(one.rsrp, two.rsrp)
    np.testing.assert_array_equal(one.cell, two.cell)
    # Sites s1 and s2 are the same: the first serves.
    assert set(np.unique(one.cell)) == {0, 1, 3}


def test_sector_looks_where_it_points(assumptions):
    sites = masts((50, 50))
    terrain = land(np.zeros((101, 101)))
    east = signal(terrain, sites, radios(sites, azimuth_deg=90.0), assumptions).layers["Operator A", "4g"].rsrp
    omni = signal(terrain, sites, radios(sites), assumptions).layers["Operator A", "4g"].rsrp
    assert east[50, 90] == pytest.approx(omni[50, 90])
    assert omni[50, 10] - east[50, 10] == pytest.approx(assumptions["radio.front_to_back_db"], abs=0.1)
    # Half a beamwidth off the main direction costs 3 dB.
    off = np.radians(assumptions["radio.beamwidth_horizontal_deg"] / 2)
    row, col = round(50 - 40 * np.sin(off)), round(50 + 40 * np.cos(off))
    assert omni[row, col] - east[row, col] == pytest.approx(3.0, abs=0.2)
    np.testing.assert_allclose(east, east[::-1], atol=0.02)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_loss_turns_and_mirrors_with_the_land(assumptions, turn):
    heights = np.random.default_rng(8).normal(400, 150, (121, 121))
    loss = path_loss(land(heights), *centre(60, 60), 30, 900, 4800, assumptions).values
    turned = path_loss(land(np.rot90(heights, turn)), *centre(60, 60), 30, 900, 4800, assumptions).values
    np.testing.assert_allclose(np.rot90(loss, turn), turned, atol=0.05)
    mirrored = path_loss(land(heights[:, ::-1]), *centre(60, 60), 30, 900, 4800, assumptions).values
    np.testing.assert_allclose(loss[:, ::-1], mirrored, atol=0.05)


def test_every_pixel_within_the_radius_and_none_beyond(assumptions):
    terrain = land(np.random.default_rng(2).normal(200, 60, (200, 180)))
    x, y = centre(30.3, 171.6)
    loss = path_loss(terrain, x, y, 30, 1800, 8000, assumptions)
    rows, cols = np.indices(loss.shape)
    px, py = loss.xy(rows, cols)
    inside = np.hypot(px - x, py - y) <= 8000
    np.testing.assert_array_equal(np.isfinite(loss.values), inside)


def test_sea_voids_edges_and_far_masts(assumptions):
    heights = np.zeros((80, 80))
    holed = heights.copy()
    holed[:, :20] = np.nan
    same = [path_loss(land(h), *centre(40, 40), 30, 1800, 5000, assumptions).values for h in (heights, holed)]
    np.testing.assert_array_equal(*same)
    outside = path_loss(land(heights), *centre(40, -15), 30, 1800, 3000, assumptions)
    assert np.isfinite(outside.values).any()
    with pytest.raises(InputError):
        path_loss(land(heights), *centre(40, -90), 30, 1800, 3000, assumptions)
    sites = masts((40, -500))
    nothing = signal(land(heights), sites, radios(sites), assumptions).layers["Operator A", "4g"]
    assert np.isnan(nothing.rsrp).all()
    assert (nothing.cell == -1).all()


def test_bad_input_is_told(assumptions):
    sites = masts((5, 5))
    with pytest.raises(InputError, match="zz"):
        signal(land(np.zeros((10, 10))), sites, radios(sites, site_id="zz"), assumptions)
    oblong = Raster(np.zeros((10, 10), np.float32), Affine(90, 0, 0, 0, -80, 0), CRS)
    with pytest.raises(InputError):
        signal(oblong, sites, radios(sites), assumptions)


def test_work_can_be_stopped(assumptions):
    sites = masts(*[(5, c) for c in range(0, 40, 2)])

    def stop(label, share):
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        signal(land(np.zeros((60, 60))), sites, radios(sites), assumptions, stop)


def test_skipping_hopeless_pixels_changes_nothing(assumptions):
    rng = np.random.default_rng(11)
    terrain = land(200 + 60 * np.cumsum(rng.normal(size=(140, 160)), axis=1) / 6)
    places = [(int(r), int(c)) for r, c in rng.integers(0, 140, (12, 2))]
    sites = masts(*places)
    cells = radios(sites, tx_power_dbm=np.linspace(38, 46, 12), azimuth_deg=[np.nan, 90.0] * 6, downtilt_deg=4.0)
    layer = signal(terrain, sites, cells, assumptions).layers["Operator A", "4g"]
    # One cell at a time nothing can be skipped.
    alone = [signal(terrain, sites, cells.iloc[[i]], assumptions).layers["Operator A", "4g"].rsrp for i in range(12)]
    each = np.nan_to_num(np.array(alone), nan=-999.0)
    np.testing.assert_array_equal(layer.rsrp, each.max(axis=0))
    np.testing.assert_array_equal(layer.cell, each.argmax(axis=0))


def test_no_cells_make_no_layers(assumptions):
    sites = masts((5, 5))
    got = signal(land(np.zeros((10, 10))), sites, radios(sites).iloc[:0], assumptions)
    assert got.layers == {}
    assert len(got.cells) == 0
    got = signal(land(np.zeros((10, 10))), sites.iloc[:0], radios(sites).iloc[:0], assumptions)
    assert got.layers == {}
