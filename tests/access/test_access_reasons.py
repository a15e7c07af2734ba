import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from access_world import ASSUMPTIONS, CRS, TOWERS, TRANSFORM, World, cell_table

from coverage import language
from coverage.access import REASONS, reason_sentence
from coverage.access.need import need_score
from coverage.access.reasons import nearest_tower, smooth_earth_reach_m
from coverage.language import using
from coverage.radio import Signal, signal
from coverage.raster import Raster

COMPLETE = {"Operator A": "complete", "Operator B": "complete"}


def test_a_hamlet_near_a_tower_without_signal_lies_behind_a_hill():
    row = World().access(COMPLETE).villages.iloc[0]
    assert row["reasons"].split(";")[:1] == ["terrain_shadow"]
    assert "distance" not in row["reasons"]


def test_a_hamlet_beyond_the_reach_of_any_tower_is_too_far():
    world = World()
    world.signal.cells["x_m"] += 20_000
    result = world.access(COMPLETE)
    assert result.villages.iloc[0]["reasons"].split(";")[:1] == ["distance"]
    tower = result.towers.iloc[0]
    assert tower["site_id"] in TOWERS
    assert tower["distance_m"] == pytest.approx(20_000, rel=0.2)


def test_a_ridge_between_tower_and_village_is_the_reason():
    """The same tower and village on flat land and behind a ridge, through the radio room."""
    world = World()
    sites = pd.DataFrame({"site_id": ["T1"], "height_m": [30.0]})
    tower = gpd.GeoDataFrame(sites, geometry=gpd.points_from_xy([302_800], [9_219_055], crs=CRS))
    cells = cell_table([("A4", "T1", "Operator A", "4g", 1800, 10)]).drop(columns=["x_m", "y_m", "height_m"])
    cells["azimuth_deg"] = np.nan
    seen = {}
    for height in (0.0, 400.0):
        land = np.full(world.shape, 100.0, np.float32)
        land[:, 20] += height  # north-south between the first hamlet (column 10) and the tower (column 31)
        world.signal = signal(Raster(land, TRANSFORM, CRS), tower, cells, ASSUMPTIONS)
        seen[height] = world.access(COMPLETE).settlements.set_index("settlement_id").loc["S0"]
        reasons = world.access(COMPLETE).villages.iloc[0]["reasons"].split(";")
    assert seen[0.0]["access_class"] == "served"
    assert seen[400.0]["access_class"] != "served"
    assert seen[400.0]["rsrp_dbm"] < seen[0.0]["rsrp_dbm"] - 20
    assert "terrain_shadow" in reasons


def test_the_reach_on_a_smooth_earth():
    cells = cell_table([("A4", "T1", "Operator A", "4g", 1800, 10)])
    given = ASSUMPTIONS.override({"radio.radius_max_m": 1e9})
    loss = cells["reference_dbm"][0] - given["radio.threshold_usable_dbm"]
    km = smooth_earth_reach_m(cells, given)[0] / 1000
    plane = 40 * np.log10(km * 1000) - 20 * np.log10(40 * given["radio.receiver_height_m"])
    free = 32.4 + 20 * np.log10(1800) + 20 * np.log10(km)
    assert max(plane, free) == pytest.approx(loss)
    assert smooth_earth_reach_m(cells, ASSUMPTIONS)[0] == ASSUMPTIONS["radio.radius_max_m"]


def test_of_equally_near_towers_the_first_by_name():
    cells = cell_table([("B", "T2", "Operator A", "4g", 1800, 10), ("A", "T1", "Operator A", "4g", 1800, 10)])
    cells[["x_m", "y_m"]] = [[1000.0, 0.0], [-1000.0, 0.0]]
    found = nearest_tower(np.zeros(1), np.zeros(1), Signal(TRANSFORM, CRS, (1, 1), cells), ASSUMPTIONS)
    assert found["site_id"].tolist() == ["T1"]
    assert found["distance_m"].tolist() == [1000]


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_has_a_sentence(code):
    with using("en"):
        plain = reason_sentence(code)
        told = reason_sentence(code, site="BTS Gapura", distance_m=2345.0, facilities=3)
    assert plain.endswith(".")
    assert plain != code
    assert "{" not in told
    if code in ("terrain_shadow", "distance"):
        assert "BTS Gapura" in told
        assert "2.3 km" in told
    assert language.language() == "id"


def test_a_code_from_elsewhere_is_shown_not_guessed():
    assert reason_sentence("<b>") == "<b>"


def test_need_by_hand():
    given = ASSUMPTIONS.override(
        {
            "access.need_people_full": 2000,
            "access.need_weight_people": 2,
            "access.need_weight_share": 1,
            "access.need_weight_worst": 1,
            "access.need_weight_facilities": 4,
            "access.need_weight_operators": 2,
        }
    )
    one = np.ones(1)
    score = need_score(one * 1000, one * 0.25, one * 0.75, one * 0.5, one, given)
    assert score[0] == pytest.approx(100 * (2 * 0.5 + 0.25 + 0.75 + 4 * 0.5 + 2 * 0.5) / 10)
    # a village without facilities is judged by the rest
    score = need_score(one * 1000, one * 0.25, one * 0.75, one * np.nan, one, given)
    assert score[0] == pytest.approx(100 * (2 * 0.5 + 0.25 + 0.75 + 2 * 0.5) / 6)
    assert need_score(one * 1e9, one, one, one, one * 0, given)[0] == pytest.approx(100)
