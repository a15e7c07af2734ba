import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine

from coverage import assumptions as assumption_files
from coverage.demand import busy_hour_mbps_per_user, demand
from coverage.errors import InputError
from coverage.raster import Raster
from coverage.tables import Places

ASSUMPTIONS = assumption_files.load().topic("demand")


def grid(rows=60, cols=60, pixel=90.0):
    return Raster(np.zeros((rows, cols), np.float32), Affine(pixel, 0, 300_000, 0, -pixel, 9_220_000), "EPSG:32749")


def settlements(points, radius=400.0, population=1000.0, crs="EPSG:32749"):
    count = len(points)
    frame = pd.DataFrame(
        {
            "settlement_id": [f"33.27.01.2001-{i:03d}" for i in range(count)],
            "village_code": "33.27.01.2001",
            "population": np.broadcast_to(population, count).astype(float),
            "radius_m": np.broadcast_to(radius, count).astype(float),
        }
    )
    xy = np.asarray(points, float)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1], crs=crs))


MIDDLE = (300_000 + 30 * 90.0 + 45, 9_220_000 - 30 * 90.0 - 45)  # centre of pixel 30, 30


def test_everyone_is_somewhere_and_nobody_twice():
    points = [MIDDLE, (300_010, 9_219_990), (305_390, 9_214_610), (302_000, 9_217_123)]
    frame = settlements(points, radius=[400, 700, 55, 3], population=[1000, 12.5, 7, 333.3])
    places = demand(frame, grid(), ASSUMPTIONS)
    Places.validate(places)
    found = places.groupby("settlement_id")["population"].sum()
    np.testing.assert_allclose(found, frame["population"], rtol=1e-13)
    assert not places.duplicated(["settlement_id", "row", "col"]).any()
    assert places["row"].between(0, 59).all()
    assert places["col"].between(0, 59).all()


def test_homes_thin_out_towards_the_edge_and_stop_at_the_radius():
    places = demand(settlements([MIDDLE], radius=400), grid(), ASSUMPTIONS)
    distance = 90 * np.hypot(places["row"] - 30, places["col"] - 30)
    assert distance.max() <= 400
    order = np.argsort(distance, kind="stable")
    assert (np.diff(places["population"].to_numpy()[order]) <= 1e-12).all()
    # the Gaussian itself: sigma = half the radius, so 180 m against the middle is exp(-0.405)
    at = places.set_index(["row", "col"])["population"]
    assert at[30, 32] / at[30, 30] == pytest.approx(np.exp(-(180**2) / (2 * 200**2)), rel=1e-9)
    assert len(places) == sum(np.hypot(i, j) * 90 <= 400 for i in range(-5, 6) for j in range(-5, 6))


def test_a_hamlet_smaller_than_a_pixel_stays_in_its_pixel():
    corner = (MIDDLE[0] + 44, MIDDLE[1] + 44)
    places = demand(settlements([corner], radius=2), grid(), ASSUMPTIONS)
    assert places[["row", "col", "population"]].to_numpy().tolist() == [[30, 30, 1000]]


def test_nobody_lives_in_the_sea_unless_there_is_nothing_else():
    terrain = grid()
    terrain.values[:31] = np.nan
    coast = demand(settlements([MIDDLE]), terrain, ASSUMPTIONS)
    assert coast["row"].min() == 31
    assert coast["population"].sum() == pytest.approx(1000)
    boat = demand(settlements([(MIDDLE[0], MIDDLE[1] + 1800)]), terrain, ASSUMPTIONS)
    assert boat["population"].sum() == pytest.approx(1000)


def test_traffic_by_hand():
    given = ASSUMPTIONS.override(
        {
            "demand.gb_per_month": 9,
            "demand.busy_hour_share": 0.1,
            "demand.adult_share": 0.8,
            "demand.mobile_internet_share": 0.5,
        }
    )
    places = demand(settlements([MIDDLE]), grid(), given)
    assert places["users"].sum() == pytest.approx(400)
    # 9 GB a month = 0.3 GB a day = 2400 Mbit; a tenth in 3600 s = 1/15 Mbit/s each
    assert busy_hour_mbps_per_user(given) == pytest.approx(1 / 15)
    assert places["busy_hour_mbps"].sum() == pytest.approx(400 / 15)


def test_any_crs_and_the_same_answer_twice():
    metric = settlements([MIDDLE])
    places = demand(metric, grid(), ASSUMPTIONS)
    again = demand(metric.to_crs(4326), grid(), ASSUMPTIONS)
    pd.testing.assert_frame_equal(places, again, rtol=1e-6)
    pd.testing.assert_frame_equal(places, demand(metric, grid(), ASSUMPTIONS))


def test_a_settlement_off_the_map_is_named():
    with pytest.raises(InputError, match=r"33\.27\.01\.2001-001"):
        demand(settlements([MIDDLE, (299_000, 9_219_000)]), grid(), ASSUMPTIONS)
    missing = settlements([MIDDLE, MIDDLE])
    missing.loc[1, "geometry"] = None
    with pytest.raises(InputError, match=r"33\.27\.01\.2001-001"):
        demand(missing, grid(), ASSUMPTIONS)


def test_nobody_in_an_empty_region():
    places = demand(settlements([MIDDLE]).iloc[:0], grid(), ASSUMPTIONS)
    Places.validate(places)
    assert places.empty


def test_a_regency_takes_less_than_half_a_second():
    rng = np.random.default_rng(1)
    terrain = grid(600, 550)
    points = np.column_stack([rng.uniform(300_500, 349_000, 1000), rng.uniform(9_166_500, 9_219_500, 1000)])
    frame = settlements(points, radius=rng.uniform(200, 600, 1000), population=rng.uniform(200, 4000, 1000))
    start = time.process_time()
    places = demand(frame, terrain, ASSUMPTIONS)
    assert time.process_time() - start < 0.5
    assert places["population"].sum() == pytest.approx(frame["population"].sum())
