"""Map layers say what the tables say, and what is not known is never painted as known."""

import numpy as np
import pandas as pd
import pytest
from affine import Affine

from coverage.language import using
from coverage.outputs import beside, geometry, maps
from coverage.raster import Raster
from coverage.scenario import Scenario
from tests.fake_analysis import access_class, make_analysis, make_region


@pytest.fixture(scope="module")
def analysis():
    return make_analysis(Scenario(budget_idr=1e9))


@pytest.mark.parametrize("name", maps.LAYERS)
def test_every_village_has_a_class_of_the_legend(analysis, name):
    layer = maps.layer(analysis, name)
    assert layer.name == name
    assert len(layer.classes) == len(layer.values) == len(analysis.region.villages)
    assert set(layer.classes) <= set(range(len(layer.legend)))
    assert sum(layer.counts) == len(analysis.region.villages)


def test_unknown_villages_are_hatched_and_no_others(analysis):
    layer = maps.layer(analysis, "layanan")
    for i, item in enumerate(layer.classes):
        assert layer.legend[item].hatched == (access_class(i) == "unknown")


def test_gains_of_unknown_villages_are_marked_uncertain(analysis):
    for name in maps.LAYERS:
        unsure = maps.layer(analysis, name).uncertain
        assert list(unsure) == [access_class(i) == "unknown" for i in range(30)], name


def test_the_best_class_is_the_darkest_however_few_classes_there_are(analysis):
    codes = analysis.region.villages["village_code"]
    few = pd.Series([0.0001] * 15 + [0.0002] * 15, index=codes.index)
    legend = maps.graded(analysis, few, "x", "X", "X", "").legend
    graded = [item.colour for item in legend if item.colour in maps.MORE]
    assert 1 <= len(graded) < len(maps.MORE)
    assert graded[-1] == maps.MORE[-1]


def test_gain_classes_follow_the_gain(analysis):
    layer = maps.layer(analysis, "manfaat")
    per_billion = analysis.gain["gain_per_billion"].to_numpy()
    known = per_billion > 0
    classes = np.array(layer.classes)
    assert [item.colour for item in layer.legend[:5]] == list(maps.MORE)
    assert (np.diff(classes[known][np.argsort(per_billion[known])]) >= 0).all()
    with using("en"):
        labels = [item.label for item in maps.layer(analysis, "manfaat").legend]
    assert {labels[c] for c in classes[~known]} == {"nothing to gain"}
    assert not any(layer.legend[c].hatched for c in classes[~known])
    assert len(set(classes[known])) == 5


def test_the_plan_layer_tells_built_from_waiting(analysis):
    layer = maps.layer(analysis, "rencana")
    with using("en"):
        labels = [item.label for item in maps.layer(analysis, "rencana").legend]
    built = set(analysis.plan.chosen["village_code"])
    assert 0 < len(built) < 24
    for code, item in zip(analysis.region.villages["village_code"], layer.classes, strict=True):
        assert (labels[item] == "built in the plan") == (code in built)


def test_gains_that_are_all_equal_or_none_still_make_a_legend(analysis):
    flat = make_analysis()
    flat.gain["gain_per_billion"] = 0.5
    assert sum(maps.layer(flat, "manfaat").counts) == 30
    without = make_analysis()
    without.gain["gain_per_billion"] = np.nan
    layer = maps.layer(without, "manfaat")
    for i, item in enumerate(layer.classes):
        assert layer.legend[item].hatched == (access_class(i) == "unknown")


def test_slopes_towards_the_north_west_are_lit():
    y, x = np.mgrid[0:20, 0:20].astype(np.float32)
    rising_to_south_east, rising_to_north_west = 50 * (x + y), -50 * (x + y)
    lit = geometry.hillshade(rising_to_south_east, 100.0)[10, 10]
    dark = geometry.hillshade(rising_to_north_west, 100.0)[10, 10]
    flat = geometry.hillshade(np.zeros((20, 20), np.float32), 100.0)[10, 10]
    assert dark < flat < lit
    assert flat == pytest.approx(np.sin(np.radians(45)), abs=1e-6)


def test_relief_covers_the_terrain_and_survives_missing_heights():
    values = np.full((40, 40), np.nan, np.float32)
    values[5:35, 5:35] = 100.0
    png, (south, west, north, east) = geometry.relief_png(
        Raster(values, Affine(0.01, 0, 109, 0, -0.01, -7), "EPSG:4326")
    )
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert south <= -7.4 + 0.01
    assert west <= 109.0 + 0.01
    assert (north, east) >= (-7.01, 109.39)


def test_simplified_borders_stay_joined_and_light():
    region = make_region()
    features = geometry.village_features(region.villages)["features"]
    corners = [tuple(map(tuple, f["geometry"]["coordinates"][0])) for f in features]
    assert all(len(ring) == 5 for ring in corners)
    assert set(corners[0]) & set(corners[1])
    assert [f["properties"]["code"] for f in features] == region.villages["village_code"].tolist()


def test_two_plans_differ_where_their_maps_do_and_share_one_scale(analysis):
    other = make_analysis(Scenario(technologies=("light_tower",)))
    assert beside.differing(analysis, analysis, "rencana") == ()
    assert beside.differing(analysis, other, "layanan") == ()  # who is served today rests on no plan
    either = set(analysis.plan.chosen["village_code"]) | set(other.plan.chosen["village_code"])
    codes = analysis.region.villages["village_code"]
    # dishes in one plan, masts in the other: no village is served alike
    assert {codes[i] for i in beside.differing(analysis, other, "rencana")} == either
    shown = maps.layer(other, "manfaat", like=analysis)
    assert shown.legend == maps.layer(analysis, "manfaat").legend
    best = maps.layer(analysis, "kesepakatan"), maps.layer(other, "kesepakatan")
    colours = [{item.label: item.colour for item in layer.legend} for layer in best]
    assert all(colours[1][label] == colour for label, colour in colours[0].items() if label in colours[1])
    with using("en"):
        marks = beside.marks(analysis, other, "rencana")
        assert marks["differsTold"] == f"{len(either)} villages differ on this layer."
        assert len(beside.table(analysis, other, "rencana")) == len(either)


#: Paper of the light and of the dark page, and what of the ground shines through a village (village_map.js).
_PAPERS, _OPACITY = ("#f4f5f3", "#14171a"), 0.82
#: How red, green and blue light are seen with each kind of colour vision (Machado and others, 2009, severity 1).
_EYES = {
    "all": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def _seen(colour, paper, eye):
    """CIELAB of a colour that lies on paper."""
    mixed = [int(colour[i : i + 2], 16) * _OPACITY + int(paper[i : i + 2], 16) * (1 - _OPACITY) for i in (1, 3, 5)]
    share = np.array(mixed) / 255
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = _XYZ @ np.clip(np.asarray(eye) @ light, 0, 1) / _XYZ.sum(axis=1)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("palette", [maps.MORE, maps.WORSE])
def test_more_is_darker_and_every_eye_tells_the_classes_and_the_want_of_data_apart(palette):
    for paper in _PAPERS:
        for eye in _EYES.values():
            seen = [_seen(colour, paper, eye) for colour in (*palette, maps.PLAIN, maps.NO_DATA)]
            lightness = [lab[0] for lab in seen[: len(palette)]]
            assert (np.diff(lightness) < -8).all()
            apart = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
            assert min(apart) > 10
