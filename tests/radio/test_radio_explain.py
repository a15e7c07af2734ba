"""Explanations, candidates, offsets, clutter and exported rasters."""

import numpy as np
import pytest
import rasterio
from test_radio_signal import assumptions, centre, land, masts, radios  # noqa: F401 - a fixture

from coverage.radio import explain, signal
from coverage.radio.candidates import Radio, high_points, newly_covered
from coverage.radio.clutter import clutter_heights
from coverage.radio.export import write_signal
from coverage.radio.offsets import OFFSETS_DB, covered_at, covered_curve
from coverage.radio.profile_plot import profile_svg

LAYER = ("Operator A", "4g")


def ridge_land(top=160.0):
    heights = np.full((61, 121), 100.0)
    heights[:, 60] = top
    return land(heights)


def test_the_ridge_is_named_and_the_terms_add_up(assumptions):  # noqa: F811
    terrain, sites = ridge_land(), masts((30, 20))
    got = signal(terrain, sites, radios(sites, downtilt_deg=2.0), assumptions)
    told = explain(terrain, got, *centre(30, 100), *LAYER, assumptions)
    assert told.obstruction == "terrain"
    assert told.obstruction_x_m == pytest.approx(centre(30, 60)[0], abs=90)
    assert told.obstruction_over_m == pytest.approx(160 - (141.5 + 100) / 2 + 10 - 8, abs=25)
    assert sum(told.terms_db.values()) == pytest.approx(told.rsrp_dbm)
    assert told.rsrp_dbm == pytest.approx(told.map_dbm, abs=0.1)
    assert told.terms_db["terrain"] < -10
    assert told.terms_db["clutter"] == 0
    clear = explain(terrain, got, *centre(30, 30), *LAYER, assumptions)
    assert clear.obstruction == "none"
    assert explain(terrain, got, *centre(30, 400), *LAYER, assumptions) is None
    assert explain(terrain, got, *centre(30, 30), "Operator A", "5g", assumptions) is None


def test_trees_are_told_from_ground(assumptions):  # noqa: F811
    terrain, sites = ridge_land(100.0), masts((30, 20))
    trees = np.zeros((61, 121))
    trees[:, 90:98] = 25.0
    clutter = terrain.with_values(trees)
    got = signal(terrain, sites, radios(sites), assumptions, clutter=clutter)
    told = explain(terrain, got, *centre(30, 100), *LAYER, assumptions, clutter=clutter)
    assert told.obstruction == "clutter"
    assert told.terms_db["clutter"] < -5
    assert told.rsrp_dbm == pytest.approx(told.map_dbm, abs=0.1)


def test_the_picture_is_plain_svg(assumptions):  # noqa: F811
    terrain, sites = ridge_land(), masts((30, 20))
    got = signal(terrain, sites, radios(sites), assumptions)
    picture = profile_svg(explain(terrain, got, *centre(30, 100), *LAYER, assumptions))
    assert picture.startswith("<svg")
    assert "<circle" in picture
    assert "script" not in picture
    assert len(picture) < 12_000


def test_candidates_count_the_people_they_reach(assumptions):  # noqa: F811
    terrain = ridge_land(220.0)
    radio = Radio(32.0, 900.0, 30.0, 0.0, 9000.0)
    rows, cols = np.array([30, 31, 30]), np.array([75, 76, 10])
    xy = np.array([centre(30, 85), centre(30, 20)])
    reached = newly_covered(
        terrain, xy[:, 0], xy[:, 1], radio, rows, cols, np.array([100.0, 50.0, 7.0]), -95.0, assumptions
    )
    # The ridge keeps each mast to its own side.
    assert reached.tolist() == [150.0, 7.0]
    wanted = np.zeros(terrain.shape, dtype=bool)
    wanted[:, 50:70] = True
    x, y = high_points(terrain, wanted, 5400.0)
    found_rows, found_cols = terrain.rowcol(x, y)
    assert 60 in found_cols
    assert wanted[found_rows, found_cols].all()


def test_offset_curve_counts_people_over_the_threshold():
    group = np.array([0, 0, 1, 1])
    level = np.array([-100.0, -110.5, np.nan, -140.0])
    people = np.array([10.0, 20.0, 30.0, 40.0])
    curve = covered_curve(group, 2, level, people, -105.0)
    for offset in OFFSETS_DB:
        expected = [people[(group == g) & (level + offset >= -105.0)].sum() for g in (0, 1)]
        assert curve[:, offset - OFFSETS_DB[0]].tolist() == expected
    assert covered_at(curve, 0.0).tolist() == [10.0, 0.0]
    assert (np.diff(curve, axis=1) >= 0).all()


def test_trees_are_not_added_to_a_surface_model(assumptions):  # noqa: F811
    cover = land([[10, 50], [80, np.nan]])
    bare = clutter_heights(cover, assumptions, surface_model=False).values
    surface = clutter_heights(cover, assumptions, surface_model=True).values
    houses, trees = assumptions["radio.clutter_built_m"], assumptions["radio.clutter_trees_m"]
    assert bare.tolist() == [[trees, houses], [0, 0]]
    assert surface.tolist() == [[0, houses], [0, 0]]


def test_rasters_carry_their_meaning(assumptions, tmp_path):  # noqa: F811
    terrain, sites = ridge_land(), masts((30, 20))
    got = signal(terrain, sites, radios(sites), assumptions)
    (path,) = write_signal(got, tmp_path / "out", assumptions, status="CONTOH")
    with rasterio.open(path) as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.tags()["unit"] == "dBm"
        assert source.tags()["status"] == "CONTOH"
        assert source.crs.to_string() == terrain.crs
        np.testing.assert_array_equal(source.read(1), got.layers[LAYER].rsrp)
