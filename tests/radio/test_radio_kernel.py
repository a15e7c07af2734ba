"""The fast kernel against the reference and against physics."""

import math
from itertools import pairwise

import numpy as np
import pytest
from test_radio_p1812 import REFERENCE, needs_reference
from test_radio_signal import assumptions, centre, land  # noqa: F401 - a fixture

from coverage.radio import kernels, p1812, path_loss
from coverage.radio.link_budget import earth_radius_km, free_space_range_m


def mountain():
    data = np.load(REFERENCE / "p1812_mountain_1000.npz")
    meta = dict(zip(data["meta_cols"], data["meta"].T, strict=True))
    offsets, d = data["offsets"], data["d_km"]
    step = np.array([d[b - 1] / (b - a - 1) for a, b in pairwise(offsets)])
    radius = np.array([earth_radius_km(n) for n in meta["DN"]])
    clutter = data["clutter_m"].astype(np.float32)
    loss = kernels.profile_loss(offsets, step, data["h_m"], clutter, meta["htg"], meta["hrg"], meta["f_GHz"], radius)
    return data, meta, loss


@needs_reference
@pytest.mark.shared
def test_kernel_over_mountain_paths():
    data, meta, loss = mountain()
    median = meta["p_pct"] == 50
    bare = np.abs(loss - meta["Lb_Py1812"])[median & (meta["clutter"] == 0)]
    assert (bare <= 1.0).mean() >= 0.95
    assert bare.max() < 0.05
    agreed = np.abs(loss - meta["Lb_Py1812"])[median & data["agreed_0p05dB"]]
    assert len(agreed) == 532
    assert (agreed <= 0.6).mean() >= 0.99
    assert agreed.max() < 0.1


@needs_reference
@pytest.mark.shared
def test_reference_over_mountain_paths():
    data, meta, _loss = mountain()
    offsets, d, h, clutter = (data[name] for name in ("offsets", "d_km", "h_m", "clutter_m"))
    ours = np.array(
        [
            p1812.basic_transmission_loss(
                meta["f_GHz"][i], meta["p_pct"][i], d[a:b], h[a:b], clutter[a:b],
                np.full(b - a, 4), meta["htg"][i], meta["hrg"][i], "vertical", meta["lat_t"][i], meta["lon_t"][i],
                meta["lat_r"][i], meta["lon_r"][i], meta["DN"][i], meta["N0"][i],
            )
            for i, (a, b) in enumerate(pairwise(offsets))
        ]
    )  # fmt: skip
    assert np.abs(ours - meta["Lb_Py1812"]).max() < 0.01


@pytest.mark.parametrize("clutter_m", [0.0, 8.0])
@pytest.mark.parametrize("frequency", [850.0, 2300.0])
def test_raster_equals_the_reference_along_a_row(assumptions, frequency, clutter_m):  # noqa: F811
    rng = np.random.default_rng(int(frequency))
    heights = (400 + 25 * np.cumsum(rng.normal(size=(3, 390)), axis=1)).astype(np.float32)
    cover = np.where(rng.random((3, 390)) < 0.3, clutter_m, 0.0).astype(np.float32)
    terrain, clutter = land(heights), land(cover)
    got = path_loss(terrain, *centre(1, 0), 45, frequency, 34_900, assumptions, clutter=clutter).values[1]
    for col in range(5, 380, 3):
        n = col + 1
        expected = p1812.basic_transmission_loss(
            frequency / 1000, 50, np.arange(n) * 0.09, heights[1, :n], cover[1, :n], np.full(n, 4), 45,
            assumptions["radio.receiver_height_m"], "vertical", -7, 109, -7.1, 109.3, assumptions["radio.delta_n"], 365,
        )  # fmt: skip
        # Troposcatter, which the kernel leaves out, only matters for hopeless pixels.
        assert got[col] == pytest.approx(expected, abs=0.05 if expected < 180 else 0.6)


def test_flat_earth_is_free_space_then_the_spherical_earth(assumptions):  # noqa: F811
    terrain = land(np.zeros((3, 600)))
    got = path_loss(terrain, *centre(1, 0), 60, 900, 53_000, assumptions).values[1]
    d = np.arange(len(got)) * 0.09
    radius = earth_radius_km(assumptions["radio.delta_n"])
    near = 92.4 + 20 * math.log10(0.9) + 20 * np.log10(np.hypot(d[5], 0.0585))
    assert got[5] == pytest.approx(near, abs=0.02)
    for col in (150, 300, 560):
        sphere = p1812.diffraction.spherical_earth(d[col], 60, 1.5, radius, 0.9, 0.0, "vertical")
        free = 92.4 + 20 * math.log10(0.9) + 20 * math.log10(d[col])
        assert got[col] == pytest.approx(free + sphere, abs=0.05)
    assert (np.diff(got[2:]) > 0).all()


def test_never_below_free_space(assumptions):  # noqa: F811
    heights = np.random.default_rng(1).normal(300, 100, (150, 150))
    terrain = land(heights)
    x, y = centre(70, 70)
    loss = path_loss(terrain, x, y, 30, 1800, 6000, assumptions)
    px, py = loss.xy(*np.indices(loss.shape))
    rows, cols = terrain.rowcol(px, py)
    drop = heights[70, 70] + 30 - heights[rows, cols] - 1.5
    slant = np.hypot(np.hypot(px - x, py - y), drop)
    with np.errstate(divide="ignore"):
        free = 92.4 + 20 * np.log10(1.8) + 20 * np.log10(slant / 1000)
    inside = np.isfinite(loss.values) & (slant > 50)
    assert (loss.values[inside] >= free[inside] - 0.02).all()


def test_profiles_are_reciprocal():
    rng = np.random.default_rng(9)
    heights = (200 + 20 * np.cumsum(rng.normal(size=120))).astype(np.float32)
    none = np.zeros(120, dtype=np.float32)
    offsets = np.array([0, 120])
    one = np.array([1.0])
    there = kernels.profile_loss(offsets, 0.1 * one, heights, none, 30 * one, 6 * one, 1.8 * one, 8930 * one)
    back = kernels.profile_loss(
        offsets, 0.1 * one, heights[::-1].copy(), none, 6 * one, 30 * one, 1.8 * one, 8930 * one
    )
    assert there[0] == pytest.approx(back[0], abs=0.01)


def test_free_space_range_inverts_free_space():
    loss = 32.4 + 20 * math.log10(1800) + 20 * math.log10(5)
    assert free_space_range_m(loss, 1800.0) == pytest.approx(5000)


def test_more_rays_bring_profiles_nearer_to_their_pixels(assumptions):  # noqa: F811
    heights = 300 + 80 * np.cumsum(np.random.default_rng(6).normal(size=(161, 161)), axis=0) / 8
    few, more, most = (
        path_loss(land(heights), *centre(80, 80), 40, 1800, 7000, assumptions, rays=rays).values for rays in (1, 9, 61)
    )
    assert np.nanmean(np.abs(more - most)) < 0.5 * np.nanmean(np.abs(few - most))


def test_mountain_pixels_agree_with_the_reference_on_their_own_line(assumptions):  # noqa: F811
    rng = np.random.default_rng(35)
    # Relief of many sizes, as mountains have: 25 km across, 1,000 m high.
    rows, cols = np.mgrid[0:281, 0:281] / 281
    heights = np.zeros(rows.shape)
    for octave in range(1, 7):
        for _wave in range(6):
            down, right, phase = rng.normal(size=3) * (2**octave, 2**octave, 3)
            heights += 250 / 1.9**octave * np.abs(np.sin(np.pi * (down * rows + right * cols) + phase))
    terrain = land(heights)
    mast = (140.3, 140.6)
    loss = path_loss(terrain, *centre(*mast), 40, 1800, 12_500, assumptions).values
    pixels = np.argwhere(np.isfinite(loss))
    reach = 12_500 / 90
    top, left = math.ceil(mast[0] - reach), math.ceil(mast[1] - reach)
    errors = []
    for i, j in pixels[rng.choice(len(pixels), 300, replace=False)]:
        row, col = i + top, j + left
        away = math.hypot(row - mast[0], col - mast[1])
        if away < 3:
            continue
        steps = np.arange(int(away - 0.5) + 1)
        h = [
            kernels.ground_at(
                terrain.values, mast[0] + (row - mast[0]) / away * k, mast[1] + (col - mast[1]) / away * k
            )
            for k in steps
        ]
        d = np.append(steps, away) * 0.09
        exact = p1812.basic_transmission_loss(
            1.8, 50, d, np.append(h, terrain.values[row, col]), np.zeros(len(d)), np.full(len(d), 4), 40,
            assumptions["radio.receiver_height_m"], "vertical", -7, 109, -7.1, 109.3, assumptions["radio.delta_n"], 365,
        )  # fmt: skip
        errors.append(abs(loss[i, j] - exact))
    assert np.mean(np.array(errors) <= 0.3) >= 0.98
    assert np.median(errors) < 0.01
