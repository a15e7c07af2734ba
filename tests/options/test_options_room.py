"""The options room as a whole, on a small world made by hand."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from options_world import CODES, world

from coverage.assumptions import load
from coverage.errors import Cancelled, InputError
from coverage.options import OptionSet, options
from coverage.tables import HOME_TECHNOLOGIES, Bill, Links, Nodes, Options, Reach

A = load()


def run(w, assumptions=A, **keywords) -> OptionSet:
    return options(
        w.villages,
        w.settlements,
        w.places,
        w.access,
        w.terrain,
        w.sites,
        w.roads,
        w.fibre_points,
        w.signal,
        assumptions,
        **keywords,
    )


@pytest.fixture(scope="module")
def flat() -> OptionSet:
    return run(world(0))


@pytest.fixture(scope="module")
def ridged() -> OptionSet:
    return run(world(250))


def test_tables_are_what_the_contract_says(ridged):
    Options.validate(ridged.options)
    Reach.validate(ridged.reach)
    Bill.validate(ridged.bill)
    Links.validate(pd.DataFrame(ridged.links.drop(columns="geometry")))
    Nodes.validate(pd.DataFrame(ridged.nodes.drop(columns="geometry")))
    assert ridged.links.geometry.is_valid.all()
    assert ridged.links.crs == "EPSG:4326"


def test_only_villages_in_need_get_options_and_one_of_each_technology(flat):
    assert set(flat.options["village_code"]) == set(CODES[:2])
    assert not flat.options.duplicated(["village_code", "technology"]).any()
    every = {"light_tower", "ftth", "fixed_wireless", "satellite_wifi"}
    assert flat.options.groupby("village_code")["technology"].agg(lambda names: every <= set(names)).all()
    w = world(0)
    w.access.villages.loc[2, "population_left_out"] = 900.0
    assert CODES[2] in set(run(w, technologies=["satellite_wifi"]).options["village_code"])


def test_every_cost_is_the_sum_of_its_lines(ridged):
    bill = ridged.bill
    assert np.allclose(bill["amount_idr"], bill["quantity"] * bill["unit_cost_idr"])
    assert set(bill["item"]) <= set(A)
    sums = bill.pivot_table(index="item_of", columns="kind", values="amount_idr", aggfunc="sum", fill_value=0)
    for table, key in ((ridged.options, "option_id"), (ridged.links, "link_id")):
        told = sums.reindex(table[key]).fillna(0.0)
        assert np.allclose(told["capex"], table["capex_idr"])
        assert np.allclose(told["opex"], table["opex_idr_per_year"])


def test_reach_adds_up_and_counts_nobody_twice(flat):
    reach = flat.reach.groupby("option_id")[["population_reached", "population_gained"]].sum()
    options_ = flat.options.set_index("option_id")
    assert np.allclose(reach["population_reached"], options_["population_reached"].reindex(reach.index))
    assert np.allclose(reach["population_gained"], options_["population_gained"].reindex(reach.index))
    people = world().settlements.set_index("settlement_id")["population"]
    assert (flat.reach["population_reached"] <= flat.reach["settlement_id"].map(people) + 1e-6).all()
    assert (flat.reach["population_gained"] <= flat.reach["population_reached"]).all()
    assert not flat.reach["settlement_id"].eq("S4").any() or (
        flat.reach.loc[flat.reach["settlement_id"] == "S4", "population_gained"].eq(0).all()
    )


def tower(option_set: OptionSet, code: str) -> pd.Series:
    mine = option_set.options
    return mine[(mine["village_code"] == code) & (mine["technology"] == "light_tower")].iloc[0]


def test_a_tower_is_sited_by_signal_so_a_ridge_cuts_what_it_covers():
    """The village west of the ridge no longer reaches the people beyond it."""
    sociable = A.override({"options.neighbour_worth": 1.0})
    flat, ridged = (run(world(ridge), sociable, technologies=["light_tower"]) for ridge in (0, 250))
    over = flat.reach[flat.reach["option_id"] == tower(flat, CODES[0])["option_id"]]
    behind = ridged.reach[ridged.reach["option_id"] == tower(ridged, CODES[0])["option_id"]]
    assert "S3" in set(over["settlement_id"])
    assert "S3" not in set(behind["settlement_id"])


def test_a_tower_takes_the_hop_where_it_is_clear_and_cheaper_and_a_ridge_takes_it_away():
    """Alone on a long road a hop costs less than fibre; behind the ridge there is none to take."""
    alone = A.override({"options.feed_sharers": 1})
    over, behind = (run(world(ridge), alone, technologies=["light_tower"]) for ridge in (0, 250))
    assert tower(over, CODES[0])["feed"] == "microwave"
    assert tower(behind, CODES[0])["feed"] == "fibre"
    node = tower(over, CODES[0])["node"]
    assert over.graph().degree[node] == 1  # no traffic can pass through a mast that may not be built
    close = run(
        world(0), alone.override({"cost.fibre_metre": A.row("cost.fibre_metre").low}), technologies=["light_tower"]
    )
    assert tower(close, CODES[0])["feed"] == "fibre"


def test_nobody_is_reached_beyond_what_the_option_can_carry():
    w = world(0)
    w.places["busy_hour_mbps"] *= 3
    made = run(w)
    demand = w.places.groupby("settlement_id")[["busy_hour_mbps", "population"]].sum()
    per_person = (demand["busy_hour_mbps"] / demand["population"]).rename("mbps")
    load = made.reach.join(per_person, on="settlement_id").eval("population_reached * mbps")
    of_homes = made.options.set_index("option_id")["technology"].isin(HOME_TECHNOLOGIES)
    load = load.groupby(made.reach["option_id"]).sum()
    load = load[~of_homes.reindex(load.index)]  # homes ask by subscription, not by phone
    capacity = made.options.set_index("option_id")["capacity_mbps"].reindex(load.index)
    assert (load <= capacity + 1e-6).all()
    assert (load / capacity).max() == pytest.approx(1.0)
    less = made.options.groupby("technology")["population_reached"].min()
    assert less["light_tower"] < run(world(0)).options.groupby("technology")["population_reached"].min()["light_tower"]
    mine = tower(made, CODES[0])
    own = made.reach[(made.reach["option_id"] == mine["option_id"]) & (made.reach["village_code"] == CODES[0])]
    assert own["population_reached"].sum() == pytest.approx(mine["population_reached"])  # its own village first


def test_raising_a_threshold_shrinks_the_reach(flat):
    strict = run(world(0), A.override({"radio.threshold_usable_dbm": -85.0}), technologies=["light_tower"])
    assert strict.options["population_reached"].sum() < flat.options["population_reached"].sum()


def test_every_option_is_connected_to_a_root(ridged):
    graph = ridged.graph()
    roots = [node for node, data in graph.nodes(data=True) if data["is_root"]]
    reached = nx.multi_source_dijkstra_path_length(graph, roots)
    assert set(ridged.options["node"]) <= set(reached)
    assert graph.number_of_edges() == len(ridged.links)


def test_a_longer_way_costs_more_fibre(flat):
    graph = flat.graph()
    cost = {}
    for code in CODES[:2]:
        node = flat.options.query("village_code == @code and technology == 'ftth'")["node"].iloc[0]
        cost[code] = nx.dijkstra_path_length(graph, "fibre:F1", node, weight="capex_idr")
    assert cost[CODES[0]] > cost[CODES[1]] > 0


def test_without_roads_fibre_follows_straight_lines():
    w = world(0, roads=False)
    made = run(w)
    assert set(made.links["kind"]) >= {"fibre", "satellite"}
    assert {"light_tower", "satellite_wifi"} <= set(made.options["technology"])


def test_same_input_same_result(flat):
    again = run(world(0))
    pd.testing.assert_frame_equal(again.options, flat.options)
    pd.testing.assert_frame_equal(again.reach, flat.reach)
    pd.testing.assert_frame_equal(again.bill, flat.bill)
    assert again.links.equals(flat.links)
    assert again.nodes.equals(flat.nodes)


def test_nobody_in_need_gives_empty_tables():
    w = world(0)
    w.access.villages["access_class"] = "served"
    w.access.villages["population_left_out"] = 0.0
    made = run(w)
    assert made.options.empty
    assert made.reach.empty
    assert made.links.empty
    assert made.graph().number_of_nodes() == 0


def test_a_village_without_people_gets_nothing():
    w = world(0)
    w.access.villages.loc[1, "population"] = 0.0
    assert set(run(w, technologies=["ftth"]).options["village_code"]) == {CODES[0]}


def test_without_sites_or_fibre_points_the_satellite_is_left():
    w = world(0)
    w.sites, w.fibre_points, w.signal = w.sites.iloc[:0], w.fibre_points.iloc[:0], None
    assert set(run(w).links["kind"]) == {"satellite"}


def test_unknown_technology_and_foreign_access_are_refused():
    with pytest.raises(InputError, match="balloon"):
        run(world(0), technologies=["balloon"])
    w = world(0)
    w.access.place_covered = w.access.place_covered[:-1]
    with pytest.raises(InputError):
        run(w)


def test_work_can_be_stopped():
    def stop(_label: str, _share: float) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        run(world(0), progress=stop)
