"""Microwave hops: Fresnel clearance over known lands, and rain."""

import math

import numpy as np
import pytest
from test_radio_signal import assumptions, centre, land  # noqa: F401 - a fixture

from coverage.radio.hops import best_repeater, hops
from coverage.radio.rain import fade_margin_db, longest_hop_km, rain_coefficients, rain_fade_db, unavailable_percent


def ends(*rowcols, height=30.0):
    xy = np.array([centre(r, c) for r, c in rowcols])
    return xy[:, 0], xy[:, 1], np.full(len(xy), height)


def test_clearance_over_flat_land_is_geometry(assumptions):  # noqa: F811
    terrain = land(np.zeros((20, 301)))
    got = hops(terrain, ends((10, 50)), ends((10, 250)), 7.0, assumptions)
    length = 200 * 0.09
    bulge = 500 * (length / 2) ** 2 / (6371 * 157 / (157 - assumptions["radio.delta_n"]))
    zone = 17.32 * math.sqrt((length / 2) ** 2 / (7.0 * length))
    assert got.length_m[0] == pytest.approx(length * 1000)
    # The clearance at the middle bounds the least clearance, which lies near it on flat land.
    assert got.clear_median[0] == pytest.approx((30 - bulge) / zone, rel=0.01)
    assert got.clear_low[0] < got.clear_median[0]
    assert got.worst_x_m[0] == pytest.approx(centre(10, 150)[0], abs=500)


def test_a_hill_blocks_and_a_repeater_on_it_helps(assumptions):  # noqa: F811
    heights = np.zeros((41, 201))
    heights[:, 100] = 150.0
    terrain = land(heights)
    a, b = ends((20, 10)), ends((20, 190))
    blocked = hops(terrain, a, b, 15.0, assumptions)
    assert not blocked.clear[0]
    assert blocked.clear_median[0] < 0
    assert blocked.worst_x_m[0] == pytest.approx(centre(20, 100)[0], abs=100)
    points = tuple(tuple(float(v[0]) for v in end) for end in (a, b))
    on_plain_and_hill = ends((5, 60), (20, 100), (38, 100))
    assert best_repeater(terrain, *points, on_plain_and_hill, 15.0, assumptions) == 1
    assert best_repeater(terrain, *points, ends((5, 60)), 15.0, assumptions) is None


def test_hops_are_the_same_both_ways_and_clutter_counts(assumptions):  # noqa: F811
    rng = np.random.default_rng(4)
    terrain = land(rng.normal(100, 30, (80, 80)))
    a = ends(*rng.integers(0, 80, (50, 2)), height=60)
    b = ends(*rng.integers(0, 80, (50, 2)), height=60)
    there, back = hops(terrain, a, b, 7.0, assumptions), hops(terrain, b, a, 7.0, assumptions)
    np.testing.assert_allclose(there.clear_median, back.clear_median, rtol=1e-4, atol=1e-3)
    trees = terrain.with_values(np.full((80, 80), 15.0))
    assert (hops(terrain, a, b, 7.0, assumptions, clutter=trees).clear_median <= there.clear_median).all()


@pytest.mark.parametrize(
    ("frequency", "k_h", "alpha_h", "k_v", "alpha_v"),
    # ITU-R P.838-3 table 5.
    [
        (10, 0.01217, 1.2571, 0.01129, 1.2156),
        (20, 0.09164, 1.0568, 0.09611, 0.9847),
        (7, 0.001915, 1.4810, 0.001425, 1.4745),
    ],
)
def test_rain_coefficients_are_the_published_ones(frequency, k_h, alpha_h, k_v, alpha_v):
    assert rain_coefficients(frequency, "horizontal") == pytest.approx((k_h, alpha_h), rel=1e-3)
    assert rain_coefficients(frequency, "vertical") == pytest.approx((k_v, alpha_v), rel=1e-3)


def test_rain_limits_high_bands_to_short_hops(assumptions):  # noqa: F811
    fades = [rain_fade_db(10, f, 120) for f in (7, 15, 23, 38)]
    assert fades == sorted(fades)
    assert rain_fade_db(10, 15, 120, 0.1) < rain_fade_db(10, 15, 120, 0.01)
    lengths = [longest_hop_km(f, assumptions) for f in (7, 15, 23)]
    assert lengths == sorted(lengths, reverse=True)
    reach = longest_hop_km(23, assumptions)
    allowed = 100 - assumptions["radio.hop_availability_percent"]
    assert unavailable_percent(reach, 23, assumptions) == pytest.approx(allowed, rel=0.01)
    assert fade_margin_db(reach, 23, assumptions) > 0
