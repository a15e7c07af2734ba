"""Where a mast stands: people newly covered against what road and electricity cost."""

from __future__ import annotations

import numpy as np
import pytest
from options_world import CODES, NORTH, PIXEL, SIZE, WEST, World, world
from shapely.geometry import LineString, MultiPolygon, box
from test_options_room import run

from coverage.assumptions import load
from coverage.options import OptionSet

A = load()
#: Rows and column of two equal hills, north and south of the first village's people (row 100).
HILLS, COL = (92, 108), 33
BLOCK = 1


def y_of(row: int) -> float:
    return NORTH - (row + 0.5) * PIXEL


def two_hills(road: int | None = None, homes: int | None = None, far: tuple[int, float] | None = None) -> World:
    """Flat land with two hills on which alone masts may stand.

    A road may pass the hill at a row, a few homes may stand beside one, and more people of the
    village may live on a row far away, where only the hill on their side is heard.
    """
    w = world(0, roads=road is not None)
    heights = w.terrain.values.copy()
    for row in HILLS:
        heights[row - BLOCK : row + BLOCK + 1, COL - BLOCK : COL + BLOCK + 1] += 60.0
    w.terrain = w.terrain.with_values(heights)
    second = w.places["settlement_id"] == "S2"
    w.places.loc[second, ["population", "users", "busy_hour_mbps"]] = 0.0
    w.places.loc[w.places["settlement_id"] == "S3", "row"] += 300  # the other village is beyond reach
    w.places = w.places[w.places["row"] < SIZE].reset_index(drop=True)
    w.access.place_covered = (w.places["settlement_id"] == "S4").to_numpy()
    second = w.places["settlement_id"] == "S2"
    if homes is not None:
        w.places.loc[second, "population"] = 0.4
        w.places.loc[second, ["row", "col"]] = (homes, COL + 2)
    if far is not None:
        w.places.loc[second, "population"] = far[1] / 25
        w.places.loc[second, ["row", "col"]] = (far[0], COL)
    if road is not None:
        line = LineString([(WEST, y_of(road)), (WEST + SIZE * PIXEL, y_of(road))])
        w.roads = w.roads.iloc[:1].set_geometry([line], crs=w.terrain.crs)
    return w


def towers(w: World, **overrides: float) -> tuple[OptionSet, list[int]]:
    """The first village's towers, and the row on which each stands."""
    whole = box(WEST, NORTH - SIZE * PIXEL, WEST + SIZE * PIXEL, NORTH)
    x, half = WEST + (COL + 0.5) * PIXEL, (BLOCK + 0.4) * PIXEL
    hills = MultiPolygon([box(x - half, y_of(row) - half, x + half, y_of(row) + half) for row in HILLS])
    forbidden = w.villages.iloc[:1].assign(rule="forbidden").set_geometry([whole.difference(hills)], crs=w.terrain.crs)
    a = A.override({"options.tower_road_reach": 2000.0, **{f"options.{key}": v for key, v in overrides.items()}})
    made = run(w, a, technologies=["light_tower", "macro_tower"], exclusions=forbidden)
    mine = made.options[made.options["village_code"] == CODES[0]]
    return made, [int(option.split(":r")[1].split("c")[0]) for option in mine["option_id"]]


def quantity(made: OptionSet, item: str) -> float:
    (option,) = made.options.loc[made.options["technology"] == "light_tower", "option_id"]
    return float(made.bill_of(option).query("item == @item")["quantity"].sum())


@pytest.mark.parametrize("hill", HILLS)
def test_of_two_equal_hills_the_one_beside_the_road_is_chosen(hill):
    made, rows = towers(two_hills(road=hill))
    assert rows
    assert all(abs(row - hill) <= BLOCK for row in rows)
    assert quantity(made, "cost.access_track") == 0


@pytest.mark.parametrize("hill", HILLS)
def test_of_two_equal_hills_the_one_with_electricity_is_chosen(hill):
    made, rows = towers(two_hills(homes=hill))
    assert rows
    assert all(abs(row - hill) <= BLOCK for row in rows)
    assert quantity(made, "cost.power_line") == 0
    assert quantity(made, "cost.tower_power_grid") == 1


def test_a_hill_with_far_more_people_still_wins_and_pays_its_track():
    """Away from the road the mast costs about two fifths more; that many more people are worth it."""
    north, south = HILLS
    far = south + 55
    few, rows = towers(two_hills(road=north, far=(far, 300.0)))
    assert all(abs(row - north) <= BLOCK for row in rows)
    many, rows = towers(two_hills(road=north, far=(far, 4000.0)))
    assert rows
    assert all(abs(row - south) <= BLOCK for row in rows)
    gap = (south - north) * PIXEL
    assert quantity(many, "cost.access_track") == pytest.approx(gap * A["options.route_factor"], rel=0.2)
    prices = [made.options.query("technology == 'light_tower'")["capex_idr"].iloc[0] for made in (few, many)]
    assert prices[1] - prices[0] == pytest.approx(
        quantity(many, "cost.access_track") * A["cost.access_track"], rel=1e-6
    )


def test_a_line_is_drawn_as_long_as_panels_cost_more():
    panels = A["cost.tower_power_solar"] * A["cost.idr_per_usd"] - A["cost.tower_power_grid"]
    found = {}
    for reach in (100.0, 300.0, 600.0):
        made, rows = towers(two_hills(), grid_reach=reach)
        to_homes = min(abs(rows[0] - row) for row in (98, 102)) * PIXEL
        line = quantity(made, "cost.power_line")
        needed = max(0.0, to_homes - reach) * A["options.route_factor"]
        assert line == pytest.approx(needed if needed * A["cost.power_line"] < panels else 0.0, abs=PIXEL / 2)
        assert quantity(made, "cost.tower_power_grid") + quantity(made, "cost.tower_power_solar") == 1
        found[reach] = (line > 0, quantity(made, "cost.tower_power_solar") == 1)
    assert found == {100.0: (False, True), 300.0: (True, False), 600.0: (False, False)}


def test_where_nobody_is_left_out_a_tower_serves_the_villages_own_people():
    w = two_hills()
    w.access.place_covered = np.ones(len(w.places), dtype=bool)
    made, rows = towers(w)
    assert rows
    assert (made.options["population_gained"] == 0).all()
    assert (made.options["population_reached"] > 0).all()
