"""What each technology needs before it may be offered, and what it then costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from options_world import CODES, NORTH, PIXEL, SIZE, WEST, signal, world
from shapely.geometry import box
from test_options_room import run

from coverage.assumptions import load
from coverage.options import OptionSet
from coverage.options.new_radio import open_sites
from coverage.options.repeater import radiated_dbm
from coverage.tables import OPTION_TECHNOLOGIES

A = load()


def of(made: OptionSet, technology: str, code: str = CODES[1]) -> pd.DataFrame:
    table = made.options
    return table[(table["technology"] == technology) & (table["village_code"] == code)]


def items(made: OptionSet, item_of: str) -> dict[str, float]:
    return made.bill_of(item_of).set_index("item")["quantity"].to_dict()


@pytest.fixture(scope="module")
def ridged() -> OptionSet:
    return run(world(250))


@pytest.fixture(scope="module")
def flat() -> OptionSet:
    return run(world(0))


def test_every_technology_is_offered_somewhere_with_capacity_and_life():
    w = world(250)
    w.places["busy_hour_mbps"] *= 3
    made = run(w).options
    assert set(made["technology"]) == set(OPTION_TECHNOLOGIES)
    assert (made["capacity_mbps"] >= made["backhaul_mbps"]).all()
    assert (made["lifetime_years"] >= 4).all()


def test_without_the_grid_every_mast_brings_its_own_power():
    """The tower stands farther from homes than the grid reaches: panels instead of a connection."""
    grid, solar = "cost.tower_power_grid", "cost.tower_power_solar"
    sociable = A.override({"options.neighbour_worth": 1.0})  # it stands between two villages
    flat = run(world(0), sociable, technologies=["light_tower"])
    dark = items(flat, of(flat, "light_tower").iloc[0]["option_id"])
    assert solar in dark
    assert grid not in dark
    wide = run(world(0), sociable.override({"options.grid_reach": 3000.0}), technologies=["light_tower"])
    lit = items(wide, of(wide, "light_tower").iloc[0]["option_id"])
    assert grid in lit
    assert solar not in lit


def test_a_macro_tower_is_taller_carries_more_and_is_offered_only_where_that_brings_people(flat):
    light, macro = of(flat, "light_tower", CODES[0]).iloc[0], of(flat, "macro_tower", CODES[0])
    crowded = world(0)
    crowded.places["busy_hour_mbps"] *= 3
    tall = of(run(crowded), "macro_tower", CODES[0]).iloc[0]
    assert 42 <= tall["height_m"] <= 52
    assert tall["capacity_mbps"] > light["capacity_mbps"]
    assert tall["capex_idr"] > light["capex_idr"]
    quiet = world(0)
    quiet.places["busy_hour_mbps"] *= 0.01
    quiet.settlements["population"] *= 1
    assert of(run(quiet), "macro_tower", CODES[1]).empty
    assert len(macro) <= 1


def test_a_new_radio_hangs_below_the_top_of_a_connected_tower_and_pays_rent(flat):
    (radio,) = of(flat, "new_radio").to_dict("records")
    assert radio["site_id"] == "T1"
    assert radio["height_m"] == pytest.approx(42 - A["options.radio_below_top"])
    assert radio["site_owner"] == "Operator A"
    assert radio["rent_idr_per_year"] == pytest.approx(12 * A["cost.tower_rent"])
    bill = items(flat, radio["option_id"])
    assert "cost.tower_metre" not in bill
    assert bill["cost.tower_rent"] == 1
    link = flat.links[flat.links["source"] == radio["node"]]
    assert link["kind"].tolist() == ["existing"]
    assert link["target"].tolist() == ["site:T1"]
    # 5 km to the east village: the same kernel that sites towers reaches it
    assert radio["population_gained"] > 0


def test_no_new_radio_where_the_mast_is_low_full_or_has_it_already():
    def radios(change) -> int:
        w = world(0)
        change(w)
        return len(run(w, technologies=["new_radio"]).options)

    assert radios(lambda w: None) == 1
    assert radios(lambda w: w.sites.__setitem__("height_m", 15.0)) == 0
    assert radios(lambda w: setattr(w, "signal", signal(900.0))) == 0  # the only operator has a low band
    assert radios(lambda w: setattr(w.signal, "cells", w.signal.cells.iloc[:0])) == 0  # not known to be connected

    def another(w) -> None:
        twin = w.signal.cells.assign(cell_id="C2", operator="Operator B", frequency_mhz=900.0)
        w.signal.cells = pd.concat([w.signal.cells, twin], ignore_index=True)

    w = world(0)
    another(w)
    (option,) = run(w, technologies=["new_radio"]).options.to_dict("records")
    assert option["operators_there"] == "Operator B"


def test_open_sites_count_tenants():
    class Few:
        assumptions = A.override({"options.mast_tenants": 2})
        sites = pd.DataFrame({"site_id": ["T1"], "owner": ["M"], "height_m": [40.0], "x_m": [0.0], "y_m": [0.0]})

    cell = signal().cells
    two = pd.concat([cell, cell.assign(operator="Operator B")], ignore_index=True)
    assert len(open_sites(Few, cell)) == 1
    # two tenants fill the mast, but either may add a low band of its own
    assert len(open_sites(Few, two)) == 1
    low = two.assign(frequency_mhz=900.0)
    assert open_sites(Few, low).empty


def test_a_repeater_stands_where_its_donor_is_heard_and_serves_the_shadow(ridged):
    w = world(250)
    made = run(w, technologies=["repeater"])
    assert len(made.options)
    for option in made.options.to_dict("records"):
        row, col = w.terrain.rowcol(*_metric(option))
        level = w.signal.layers["Operator A", "4g"].rsrp[int(row), int(col)]
        assert level >= A["options.repeater_donor_dbm"]
        assert option["only_operator"] == "Operator A"
        assert option["site_id"] == "T1"
        assert option["population_gained"] >= A["options.repeater_least_people"]
        # it shares the donor's cell: no more than the spare part of 20 MHz
        assert option["capacity_mbps"] <= 20 * A["options.tower_efficiency"] * A["options.repeater_spare_share"]
    w.signal = signal(ridge_dbm=-110.0)
    w.signal.layers["Operator A", "4g"].rsrp[:] = -110.0
    assert run(w, technologies=["repeater"]).options.empty
    assert ridged.bill_of("nothing").empty


def _metric(option) -> tuple[float, float]:
    from pyproj import Transformer

    return Transformer.from_crs(4326, 32749, always_xy=True).transform(option["lon"], option["lat"])


def test_a_repeater_gives_what_it_hears_up_to_its_power():
    levels = [radiated_dbm(dbm, 20.0, A) for dbm in (-130.0, -120.0, -60.0, -40.0)]
    assert levels[1] - levels[0] == pytest.approx(10.0)  # limited by gain
    assert levels[2] == levels[3]  # limited by power
    most = A["options.repeater_power"] - 10 * np.log10(12 * 100) + A["options.repeater_service_gain"]
    assert levels[3] == pytest.approx(most)


def test_a_village_network_serves_the_hamlets_that_its_mast_sees():
    dear = A.override({"options.site_spare_mbps": 300.0})

    def without_fibre():
        w = world(0)
        w.fibre_points = w.fibre_points.iloc[:0]
        return w

    flat = run(without_fibre(), dear, technologies=["fixed_wireless"])
    (east,) = of(flat, "fixed_wireless").to_dict("records")
    assert east["site_id"] == "T1"  # 5 km, clear: where no fibre is near the connected tower costs least
    bill = items(flat, east["option_id"])
    homes = east["households_passed"]
    assert bill["cost.wireless_customer"] == pytest.approx(homes * A["options.wireless_takeup"])
    assert bill["cost.guyed_mast_metre"] == A["options.wireless_client_height"]
    assert east["population_reached"] <= 2000
    # a wall between tower and village: nothing is seen, so the village has a mast of its own
    w = without_fibre()
    values = w.terrain.values.copy()
    values[:, 140:143] = 400.0
    w.terrain = w.terrain.with_values(values)
    (own,) = of(run(w, dear, technologies=["fixed_wireless"]), "fixed_wireless").to_dict("records")
    assert own["site_id"] == ""
    assert own["feed"] == "fibre"


def test_nothing_is_built_where_it_is_forbidden():
    w = world(0)
    half = box(WEST, NORTH - SIZE * PIXEL / 2, WEST + SIZE * PIXEL, NORTH)
    forbidden = w.villages.iloc[:1].assign(rule="forbidden").set_geometry([half], crs=w.terrain.crs)
    made = run(w, technologies=["light_tower"], exclusions=forbidden)
    limit = forbidden.to_crs(4326).total_bounds[1] + 0.001
    assert len(made.options) == 2
    assert (made.options["lat"] < limit).all()
    everywhere = forbidden.set_geometry(
        [box(WEST, NORTH - SIZE * PIXEL, WEST + SIZE * PIXEL, NORTH)], crs=w.terrain.crs
    )
    assert run(w, technologies=["light_tower"], exclusions=everywhere).options.empty
    permit = everywhere.assign(rule="permit")
    assert len(run(w, technologies=["light_tower"], exclusions=permit).options) == 2


def test_an_option_that_two_others_beat_is_left_out(ridged):
    """Where nobody is left out but a few, three kinds of mast need not all be offered."""
    kinds = ridged.options.assign(
        mobile=ridged.options["technology"].isin(["light_tower", "macro_tower", "new_radio", "repeater"])
    )
    assert (kinds[kinds["mobile"]].groupby("village_code").size() <= 4).all()
    assert kinds.loc[kinds["mobile"], "village_code"].nunique() == 2
