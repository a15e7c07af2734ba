import time

import numpy as np
import pandas as pd
import pytest
from access_world import ASSUMPTIONS, VILLAGES, World

from coverage import tables
from coverage.access import access
from coverage.errors import InputError
from coverage.radio import Interferers

COMPLETE = {"Operator A": "complete", "Operator B": "complete"}


def validated(result):
    tables.OperatorAccess.validate(result.operators)
    tables.SettlementAccess.validate(result.settlements)
    tables.VillageAccess.validate(result.villages)
    tables.FacilityAccess.validate(result.facilities)
    return result


def village(result, code="33.27.01.2001"):
    return result.villages.set_index("village_code").loc[code]


def test_the_hamlet_left_out_is_named():
    world = World()
    world.beam("Operator A", "4g", -90, world.settlement_mask(0))  # the second hamlet hears nothing
    row = village(validated(world.access(COMPLETE)))
    assert row["population"] == pytest.approx(1000)
    assert row["population_covered"] == pytest.approx(800)
    assert row["covered_share"] == pytest.approx(0.8)
    assert row["worst_settlement_id"] == "S1"
    assert row["population_left_out"] == pytest.approx(200)
    assert (row["best_operator"], row["site_id"], row["operators"]) == ("Operator A", "T1", 1)
    assert row["access_class"] == "weak"  # 80 % is below the 85 % that counts as served


def test_covered_is_at_the_usable_threshold_and_weak_below_it():
    world = World()
    world.beam("Operator A", "4g", -105.0, world.settlement_mask(0))
    world.beam("Operator A", "4g", -105.1, world.settlement_mask(1))
    rows = world.access(COMPLETE).operators.set_index(["settlement_id", "operator", "technology"])
    assert rows.loc[("S0", "Operator A", "4g"), "population_covered"] == pytest.approx(800)
    assert rows.loc[("S0", "Operator A", "4g"), "population_weak"] == 0
    assert rows.loc[("S1", "Operator A", "4g"), "population_covered"] == 0
    assert rows.loc[("S1", "Operator A", "4g"), "population_weak"] == pytest.approx(200)


def test_2g_is_a_signal_but_not_access():
    world = World()
    world.beam("Operator A", "2g", -60, True)
    result = validated(world.access(COMPLETE))
    row = village(result)
    assert row["population_covered"] == 0
    assert row["access_class"] == "none"
    assert result.settlements["population_signal"].tolist()[:2] == pytest.approx([800, 200])
    assert result.operators.query("technology == '2g'")["population_covered"].sum() > 0


def test_the_best_operator_covers_most_and_two_make_a_choice():
    world = World()
    world.beam("Operator A", "4g", -80, world.settlement_mask(0))
    world.beam("Operator B", "4g", -100, True)
    row = village(world.access(COMPLETE))
    assert row["best_operator"] == "Operator B"
    assert row["site_id"] == "T2"
    assert row["operators"] == 2
    assert row["rsrp_dbm"] == pytest.approx(-100)
    assert "single_operator" not in row["reasons"]


def test_a_full_cell_serves_only_what_it_can_carry():
    world = World()
    world.beam("Operator A", "4g", -80, True)
    easy = village(world.access(COMPLETE))
    assert easy["population_served"] == pytest.approx(1000)
    # a strong signal in 9 MHz at the highest efficiency, with two antennas, less the overhead
    rate = 9 * 4.4 * ASSUMPTIONS["radio.antenna_gain_down"] * 0.8
    world.places["busy_hour_mbps"] *= 200 / world.places["busy_hour_mbps"].sum()
    row = village(world.access(COMPLETE))
    assert row["population_covered"] == pytest.approx(1000)
    assert row["population_served"] == pytest.approx(1000 * 0.8 * rate / 200)
    assert row["downlink_mbps"] == pytest.approx(rate * (1 - 0.8))
    assert 0 < row["uplink_mbps"] < easy["uplink_mbps"] < easy["downlink_mbps"]
    assert "no_capacity" in row["reasons"].split(";")
    assert row["access_class"] == "weak"


def test_more_load_never_serves_more_nor_faster():
    world = World()
    world.beam("Operator A", "4g", -80, True)
    world.beam("Operator B", "4g", -80, world.settlement_mask(0))
    base = world.places["busy_hour_mbps"].copy()
    served, speed = [], []
    for factor in (0.1, 1, 10, 100, 1000):
        world.places["busy_hour_mbps"] = base * factor
        row = village(world.access(COMPLETE))
        served.append(row["population_served"])
        speed.append(row["downlink_mbps"])
        assert row["population_served"] <= row["population_covered"] + 1e-9
    assert (np.diff(served) <= 1e-9).all()
    assert (np.diff(speed) <= 1e-9).all()


def test_carriers_in_one_direction_share_their_load():
    world = World(cells=[("C1", "T1", "Operator A", "4g", 1800, 10), ("C2", "T1", "Operator A", "4g", 900, 30)])
    world.beam("Operator A", "4g", -80, True)
    world.places["busy_hour_mbps"] *= 140 / world.places["busy_hour_mbps"].sum()
    assert village(world.access(COMPLETE))["population_served"] == pytest.approx(
        1000
    )  # within 0.8 of 190 Mbit/s, not of 48


def test_neighbours_that_fill_up_slow_a_village_down_until_it_is_weak():
    cells = [("A1", "T1", "Operator A", "4g", 1800, 10), ("A2", "T2", "Operator A", "4g", 1800, 10)]
    world = World(cells=cells)
    world.beam("Operator A", "4g", -90, True)
    layer = world.signal.layers["Operator A", "4g"]
    layer.cell[world.village_mask(1)] = 1  # the second village is served by the second cell
    pixels = world.places["row"].to_numpy(), world.places["col"].to_numpy()
    other = np.int32(1) - layer.cell[pixels]
    heard = {("Operator A", "4g"): Interferers(np.arange(len(other)), other, np.full(len(other), -92.0))}
    mine = world.places["village_code"] == VILLAGES[0]
    world.places.loc[mine, "busy_hour_mbps"] *= 16.0 / world.places.loc[mine, "busy_hour_mbps"].sum()
    base = world.places["busy_hour_mbps"].copy()
    speed, classes = [], []
    for neighbours in (0.0, 4.0, 8.0, 40.0):
        world.places.loc[~mine, "busy_hour_mbps"] = base[~mine] * neighbours / base[~mine].sum()
        row = village(validated(world.access(COMPLETE, heard=heard)))
        speed.append(row["downlink_mbps"])
        classes.append(row["access_class"])
    assert (np.diff(speed) < 0).all()
    assert speed[-1] < village(world.access(COMPLETE))["downlink_mbps"] / 2  # without interference
    assert (classes[0], classes[-1]) == ("served", "weak")
    assert "no_capacity" in row["reasons"].split(";")


def test_the_tower_must_hear_the_phone():
    world = World(power_dbm=60)  # a loud tower: -105 dBm at a coupling loss that no phone overcomes
    world.signal.cells["reference_dbm"] += 20
    world.beam("Operator A", "4g", -104, True)
    row = village(world.access(COMPLETE))
    assert row["population_covered"] == 0
    assert row["reasons"].split(";") == ["uplink", "facility_offline"]


@pytest.mark.parametrize(
    "completeness", [{}, {"Operator A": "partial"}, {"Operator A": "unknown", "Operator B": "complete"}]
)
def test_a_partial_list_never_says_none_or_weak(completeness):
    world = World()
    world.beam("Operator A", "4g", -80, world.settlement_mask(0) | world.village_mask(1))
    result = validated(world.access(completeness))
    assert set(result.villages["access_class"]) == {"unknown", "served"}
    assert set(result.settlements["access_class"]) == {"unknown", "served"}
    assert village(result)["access_class"] == "unknown"
    assert village(result)["reasons"] == "partial_list"
    assert village(result, "33.27.01.2002")["access_class"] == "served"


def test_load_on_a_partial_list_condemns_nobody():
    world = World()
    world.beam("Operator A", "4g", -80, True)
    world.places["busy_hour_mbps"] *= 1e6
    row = village(world.access({"Operator A": "partial", "Operator B": "partial"}))
    assert row["access_class"] == "served"
    assert np.isnan(row["downlink_mbps"])


def test_without_any_cell_nothing_is_known():
    world = World(cells=[])
    row = village(validated(world.access({})))
    assert (row["access_class"], row["reasons"]) == ("unknown", "no_data")
    # but a complete list without a cell says that there is none
    assert village(world.access(COMPLETE))["access_class"] == "none"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("measured", "served", "2025-06-01", 100, "speed_test")], ("served", "measured")),
        ([("measured", "none", "2025-06-01", 100, "drive_test")], ("none", "measured")),
        ([("reported", "none", "2025-06-01", 3, "survey")], ("none", "reported")),
        # a speed test proves presence, never absence; without a method a measurement may be one
        ([("measured", "none", "2025-06-01", 100, "speed_test")], ("weak", "modelled")),
        ([("measured", "none", "2025-06-01", 100, None)], ("weak", "modelled")),
        # too old, too few, no date
        ([("measured", "served", "2020-06-01", 100, "speed_test")], ("weak", "modelled")),
        ([("measured", "served", "2025-06-01", 5, "speed_test")], ("weak", "modelled")),
        ([("reported", "none", "soon", 3, "survey")], ("weak", "modelled")),
        # measured outranks reported even when the report is newer
        (
            [("reported", "none", "2025-12-01", 9, "survey"), ("measured", "served", "2025-01-01", 90, "drive_test")],
            ("served", "measured"),
        ),
        # of equals the newest counts
        (
            [("reported", "none", "2025-02-01", 9, "survey"), ("reported", "served", "2025-03-01", 1, "survey")],
            ("served", "reported"),
        ),
        # an old measurement does not silence a recent report
        (
            [("measured", "served", "2019-01-01", 900, "drive_test"), ("reported", "none", "2025-03-01", 1, "survey")],
            ("none", "reported"),
        ),
    ],
)
def test_evidence_outranks_the_model_only_when_it_may(rows, expected):
    world = World()
    world.beam("Operator A", "4g", -90, world.settlement_mask(0))
    world.evidence = pd.DataFrame(
        [
            (f"E{i}", "33.27.01.2001", kind, said, date, "test", samples, method)
            for i, (kind, said, date, samples, method) in enumerate(rows)
        ],
        columns=["evidence_id", "village_code", "evidence", "access_class", "date", "source", "samples", "method"],
    )
    result = validated(world.access(COMPLETE))
    row = village(result)
    assert (row["access_class"], row["evidence"]) == expected
    if expected[0] == "none":
        assert row["population_covered"] == 0
        assert not result.place_covered[world.places["village_code"] == "33.27.01.2001"].any()
        assert not result.facilities.query("village_code == '33.27.01.2001'")["online"].any()
    if expected == ("served", "measured"):
        # enough are covered, the strongest first: the hamlet without signal keeps those left out
        assert 0.85 <= row["covered_share"] < 1
        assert row["worst_settlement_id"] == "S1"


def test_a_village_of_many_hamlets_needs_more_samples():
    world = World()
    world.beam("Operator A", "4g", -90, world.settlement_mask(0))
    world.evidence = pd.DataFrame(
        {
            "evidence_id": ["E"],
            "village_code": ["33.27.01.2001"],
            "evidence": ["measured"],
            "access_class": ["served"],
            "date": ["2025-06-01"],
            "source": ["test"],
            "samples": [40.0],
        }
    )
    assert village(world.access(COMPLETE))["access_class"] == "served"
    strict = ASSUMPTIONS.override({"access.measured_min_samples_per_settlement": 25})
    assert village(world.access(COMPLETE, strict))["evidence"] == "modelled"


def test_a_report_on_one_hamlet_speaks_of_that_hamlet_alone():
    world = World()
    world.beam("Operator A", "4g", -90, True)
    world.evidence = pd.DataFrame(
        {
            "evidence_id": ["E"],
            "village_code": ["33.27.01.2001"],
            "settlement_id": ["S1"],
            "method": ["survey"],
            "evidence": ["reported"],
            "access_class": ["none"],
            "date": ["2025-06-01"],
            "source": ["kepala dusun"],
            "samples": [1.0],
        }
    )
    result = validated(world.access(COMPLETE))
    hamlets = result.settlements.set_index("settlement_id")
    assert hamlets.loc["S1", ["access_class", "evidence"]].tolist() == ["none", "reported"]
    assert hamlets.loc["S0", ["access_class", "evidence"]].tolist() == ["served", "modelled"]
    assert village(result)["population_left_out"] == pytest.approx(200)


def test_a_facility_follows_the_signal_where_it_stands_unless_a_survey_knows():
    world = World()
    world.beam("Operator A", "4g", -85, world.settlement_mask(0))
    found = world.access(COMPLETE).facilities.set_index("facility_id")
    assert found["online"].to_dict() == {"F0": True, "F1": False, "F2": False}
    assert found["settlement_id"].to_dict() == {"F0": "S0", "F1": "S1", "F2": "S2"}
    assert found.loc["F0", "uplink_reliable"]
    assert village(world.access(COMPLETE))["facilities_offline"] == 1
    world.facilities["online"] = [0.0, 1.0, np.nan]
    assert world.access(COMPLETE).facilities["online"].tolist() == [False, True, False]


def test_a_faint_uplink_is_not_reliable():
    world = World()
    world.beam("Operator A", "4g", -104.9, True)
    world.signal.cells["reference_dbm"] += 10
    found = world.access(COMPLETE).facilities
    assert found["online"].all()
    assert not found["uplink_reliable"].any()


def test_price_is_a_reason_only_where_both_are_known():
    world = World()
    world.beam("Operator A", "4g", -85, True)
    world.villages["price_idr_month"] = [100_000.0, np.nan]
    world.villages["income_idr_month"] = [2_000_000.0, 2_000_000.0]
    reasons = world.access(COMPLETE).villages["reasons"].str.split(";")
    assert "price" in reasons[0]
    assert "price" not in reasons[1]


def test_need_grows_as_coverage_goes():
    scores = []
    for level in (-80, -104, -110, None):
        world = World()
        if level is not None:
            world.beam("Operator A", "4g", level, world.settlement_mask(0))
        scores.append(village(world.access(COMPLETE))["need"])
    assert scores[0] == scores[1] < scores[2] == scores[3] <= 100
    world = World()
    world.beam("Operator A", "4g", -80, True)
    world.beam("Operator B", "4g", -80, True)
    assert village(world.access(COMPLETE))["need"] == pytest.approx(0)


def test_a_village_without_hamlets_is_unknown_not_forgotten():
    world = World()
    extra = {**world.villages.iloc[0].to_dict(), "village_code": "33.27.01.2009", "population": 77.0}
    world.villages = pd.concat([world.villages, pd.DataFrame([extra])], ignore_index=True)
    row = village(validated(world.access(COMPLETE)), "33.27.01.2009")
    assert (row["access_class"], row["reasons"], row["population_left_out"]) == ("unknown", "no_data", 77)


def test_a_hamlet_where_nobody_lives_breaks_nothing():
    world = World()
    world.beam("Operator A", "4g", -80, world.settlement_mask(0))
    world.places.loc[world.places["settlement_id"] == "S1", ["population", "users", "busy_hour_mbps"]] = 0.0
    result = validated(world.access(COMPLETE))
    assert village(result)["worst_settlement_id"] == "S0"
    assert village(result)["covered_share"] == 1


def test_a_signal_of_another_grid_is_refused():
    world = World()
    world.places["row"] += 10_000
    with pytest.raises(InputError):
        world.access(COMPLETE)
    world = World()
    world.places["settlement_id"] = "nowhere"
    with pytest.raises(InputError):
        world.access(COMPLETE)


def test_nothing_in_nothing_out():
    world = World()
    result = access(
        world.villages.iloc[:0],
        world.settlements.iloc[:0],
        world.places.iloc[:0],
        world.facilities.iloc[:0],
        world.signal,
        world.evidence,
        COMPLETE,
        ASSUMPTIONS,
    )
    assert result.villages.empty
    assert result.place_covered.size == 0


def test_the_same_answer_whatever_the_order_of_the_places():
    world = World()
    world.beam("Operator A", "4g", -90, world.settlement_mask(0))
    first = world.access(COMPLETE)
    world.places = world.places.sample(frac=1, random_state=3).reset_index(drop=True)
    again = world.access(COMPLETE)
    pd.testing.assert_frame_equal(first.villages, again.villages)
    pd.testing.assert_frame_equal(first.settlements, again.settlements)


def test_a_regency_takes_less_than_a_second():
    world = World.large(villages=223, settlements=1000, places=100_000, operators=4)
    start = time.process_time()
    result = world.access({f"Operator {i}": "complete" for i in range(4)})
    assert time.process_time() - start < 2.0  # 0.7 s on an idle core
    assert len(result.villages) == 223
    validated(result)
