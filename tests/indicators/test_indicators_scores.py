from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from indicator_world import ASSUMPTIONS, DESA, FRAMEWORK, HAMLETS, KELURAHAN, OTHER, linear_framework, offer, world

from coverage import indicators, tables
from coverage.indicators import (
    DIMENSIONS,
    benefit,
    by_dimension,
    by_district,
    by_driver,
    by_pillar,
    by_place,
    by_programme,
    by_village,
    driver_state,
    load_framework,
    score,
)
from coverage.indicators.scoring import connectivity_share, shares_in_dimension
from coverage.tables import FACILITY_KINDS

EVERYTHING = offer(
    ("tower", "light_tower", {"S1": (200, 200), "S2": (500, 400), "S0": (800, 0)}),
    ("fibre", "ftth", {"S2": (500, 400)}),
    ("wifi", "satellite_wifi", {"S1": (120, 120)}),
)


def run(given=None, chosen=(), framework=FRAMEWORK, assumptions=ASSUMPTIONS, where=None):
    where = where or world()
    return score(
        where.villages,
        where.settlements,
        where.access,
        where.facilities,
        framework,
        assumptions,
        option_set=given,
        chosen=chosen,
    )


def worth(given, framework=FRAMEWORK, where=None, **extra):
    where = where or world()
    table = benefit(
        given, where.villages, where.settlements, where.access, where.facilities, framework, ASSUMPTIONS, **extra
    )
    return tables.Benefit.validate(table)


def test_drivers_by_hand():
    where = world(fixed=[25.0, 0.0, 275.0])
    state = driver_state(where.villages, where.access, ASSUMPTIONS)
    value = state.groupby("driver")["amount"].sum() / state.groupby("driver")["whole"].sum()
    assert value["people_usable"] == pytest.approx(2400 / 3000)
    assert value["people_served"] == pytest.approx(2000 / 3000)
    assert value["people_signal"] == pytest.approx(2650 / 3000)
    assert value["hamlets_online"] == pytest.approx((1 + 0 + 0.2 + 1) / 4)
    assert value["operators"] == pytest.approx((800 * 2 + 500 + 1500 * 3) / 3000)
    assert value["speed"] == pytest.approx((800 * 6 + 100 * 9 + 1500 * 20) / 3000)
    assert value["households_fixed"] == pytest.approx(300 / 750)
    assert value["schools_online"] == pytest.approx(0.5)


def test_kelurahan_elect_no_village_head():
    where = world()
    state = driver_state(where.villages, where.access, ASSUMPTIONS)
    polling = state[state["driver"] == "polling_uplink"]
    assert set(polling["village_code"]) == {DESA, OTHER}
    assert polling["amount"].sum() == 0  # the only polling place with a reliable uplink stands in the kelurahan
    scores = run()
    of_kelurahan = scores.villages.set_index(["village_code", "indicator_id"]).loc[(KELURAHAN, "Q2")]
    assert np.isnan(of_kelurahan["before"])


def test_without_a_plan_nothing_changes():
    scores = run()
    assert scores.index_before == scores.index_after == ASSUMPTIONS["indicators.index_before"]
    assert (scores.gain, scores.gain_low, scores.gain_high) == (0, 0, 0)
    assert scores.judgement_share == 0
    included = scores.indicators[scores.indicators["included"]]
    pd.testing.assert_series_equal(included["score_before"], included["score_after"], check_names=False)


def test_a_missing_baseline_is_excluded_not_zero():
    scores = run()
    assert set(scores.excluded) == {"B5", "C7"}
    table = scores.indicators.set_index("id")
    assert table.loc["B5", ["before", "score_before"]].isna().all()
    sums = table[table["included"]].groupby("dimension")["share"].sum()
    assert sums.to_dict() == pytest.approx(dict.fromkeys(DIMENSIONS, 1))
    known = run(where=world(fixed=[25.0, 0.0, 275.0]))
    assert set(known.excluded) == {"C7"}
    # an excluded indicator must not lower the rest: the scores of the others are the same
    rest = known.indicators.set_index("id").drop("B5")["score_before"]
    pd.testing.assert_series_equal(rest, table.drop("B5")["score_before"])


def test_shares_sum_to_one_in_every_dimension_whatever_is_excluded():
    rng = np.random.default_rng(8)
    for _round in range(20):
        included = rng.random(len(FRAMEWORK.indicators)) < 0.6
        shares = pd.Series(shares_in_dimension(FRAMEWORK.indicators, included))
        sums = shares.groupby(FRAMEWORK.indicators["dimension"]).sum()
        there = pd.Series(included).groupby(FRAMEWORK.indicators["dimension"]).any()
        assert sums[there].to_numpy() == pytest.approx(1)
        assert (sums[~there] == 0).all()


def test_the_gain_by_hand():
    """Everyone gets 4G from 80 % to 100 %: score 3.2 to 4 in every dimension."""
    given = offer(("tower", "light_tower", {"S1": (200, 200), "S2": (500, 400)}))
    framework = linear_framework("people_usable")
    scores = run(given, ["tower"], framework)
    per_point = sum(framework.weights[d] * ASSUMPTIONS[f"indicators.share_{d}"] for d in DIMENSIONS)
    assert scores.gain == pytest.approx(per_point * 0.8)
    assert scores.index_after == pytest.approx(scores.index_before + scores.gain)
    assert by_village(scores).set_index("village_code")["gain"].to_dict() == pytest.approx(
        {DESA: scores.gain / 3, OTHER: scores.gain * 2 / 3, KELURAHAN: 0}
    )


def test_the_whole_gain_cannot_exceed_what_connectivity_moves():
    scores = run(EVERYTHING, ["tower", "fibre", "wifi"])
    bound = 4 * sum(FRAMEWORK.weights[d] * s for d, s in zip(DIMENSIONS, connectivity_share(ASSUMPTIONS), strict=True))
    assert 0 < scores.gain <= bound
    high = 4 * sum(
        FRAMEWORK.weights[d] * s for d, s in zip(DIMENSIONS, connectivity_share(ASSUMPTIONS, "high"), strict=True)
    )
    assert scores.gain_low <= scores.gain <= scores.gain_high <= high


def test_no_indicator_passes_its_target():
    framework = linear_framework("people_usable", target=0.85)
    part = offer(("a", "light_tower", {"S1": (200, 200)}))  # 80 % to 86.7 %
    whole = offer(("a", "light_tower", {"S1": (200, 200), "S2": (500, 400)}))
    assert (run(part, ["a"], framework).indicators["score_after"] == 4).all()
    assert run(whole, ["a"], framework).gain == pytest.approx(run(part, ["a"], framework).gain)
    scores = run(EVERYTHING, ["tower", "fibre", "wifi"])
    assert scores.indicators["score_after"].max() <= 4
    assert scores.villages["score_after"].max() <= 4


def test_the_index_never_passes_four():
    near = ASSUMPTIONS.override({"indicators.index_before": 3.999})
    scores = run(EVERYTHING, ["tower"], assumptions=near)
    assert scores.index_after == 4
    assert scores.gain == pytest.approx(0.001)
    assert scores.villages["gain"].sum() == pytest.approx(0.001)
    assert run(EVERYTHING, ["tower"], assumptions=ASSUMPTIONS.override({"indicators.index_before": 4})).gain == 0


def test_coefficients_are_exact_where_responses_are_linear():
    framework = linear_framework("people_usable", "people_online", "schools_online", "people_good")
    for option in EVERYTHING.options["option_id"]:
        alone = worth(EVERYTHING, framework).query("option_id == @option")["index_gain"].sum()
        assert alone == pytest.approx(run(EVERYTHING, [option], framework).gain)


def test_options_in_different_hamlets_add_up_and_in_the_same_do_not():
    framework = linear_framework("people_usable", "schools_online")
    apart = offer(("a", "light_tower", {"S1": (200, 200)}), ("b", "light_tower", {"S2": (500, 400)}))
    assert run(apart, ["a", "b"], framework).gain == pytest.approx(
        run(apart, ["a"], framework).gain + run(apart, ["b"], framework).gain
    )
    same = offer(("a", "light_tower", {"S2": (400, 300)}), ("b", "light_tower", {"S2": (450, 350)}))
    assert run(same, ["a", "b"], framework).gain == pytest.approx(run(same, ["b"], framework).gain)


def test_nobody_is_counted_twice_by_many_options():
    twins = offer(*[(f"t{i}", "light_tower", {"S1": (200, 200), "S2": (500, 400)}) for i in range(30)])
    one, all_of_them = run(twins, ["t0"]), run(twins, [f"t{i}" for i in range(30)])
    assert all_of_them.gain == pytest.approx(one.gain)
    after = all_of_them.indicators.set_index("id")["after"]
    assert after["B1"] <= 1
    # subscriptions of two hamlets of one village do add up
    where = world(fixed=[0.0, 0.0, 0.0])
    both = offer(("f", "ftth", {"S0": (800, 0), "S1": (200, 200)}))
    value = run(both, ["f"], where=where).indicators.set_index("id").loc["B5", "after"]
    assert value == pytest.approx(ASSUMPTIONS["indicators.effect_ftth_fixed"] * 250 / 750)


def test_more_options_never_gain_less():
    chosen, gains = [], []
    for option in EVERYTHING.options["option_id"]:
        chosen.append(option)
        gains.append(run(EVERYTHING, chosen).gain)
    assert (np.diff(gains) >= -1e-15).all()


def test_full_cells_are_relieved_as_far_as_the_option_can_carry():
    framework = linear_framework("people_served")
    given = offer(("t", "light_tower", {"S0": (800, 0)}))  # 400 of 800 covered people are not served
    full = worth(given, framework)["index_gain"].sum()
    assert full == pytest.approx(run(given, ["t"], framework).gain)
    places = pd.DataFrame({"settlement_id": ["S0"], "population": [800.0], "busy_hour_mbps": [160.0]})
    # 100 Mbit/s at the congested load of 0.8 carry half of the 160 that its people ask for
    half = worth(given, framework, places=places)["index_gain"].sum()
    assert half == pytest.approx(full / 2)


def test_a_facility_comes_online_with_its_hamlet_or_at_the_options_site():
    framework = linear_framework("schools_online")
    per_school = worth(offer(("t", "light_tower", {"S1": (200, 200)})), framework)["index_gain"].sum()
    quarter = worth(offer(("t", "light_tower", {"S1": (50, 50)})), framework)["index_gain"].sum()
    assert quarter == pytest.approx(per_school / 4)
    near = world()
    spot = near.facilities["facility_id"] == "S1-school"
    near.facilities.loc[spot, "geometry"] = near.settlements.geometry.iloc[1]
    surely = worth(offer(("w", "satellite_wifi", {"S1": (50, 50)})), framework, near)["index_gain"].sum()
    assert surely == pytest.approx(per_school)
    # the benefit stands at the hamlet whose facility it is, and one that is online gains nothing
    table = worth(offer(("t", "light_tower", {"S0": (800, 0), "S1": (200, 200)})), framework)
    assert table.set_index("settlement_id")["index_gain"].to_dict() == pytest.approx({"S0": 0, "S1": per_school})


def test_an_unreachable_facility_gains_nothing():
    where = world()
    where.access.facilities["settlement_id"] = where.access.facilities["settlement_id"].where(
        where.access.facilities["village_code"] != OTHER
    )
    assert (
        worth(offer(("t", "light_tower", {"S2": (500, 400)})), linear_framework("schools_online"), where)[
            "index_gain"
        ].sum()
        == 0
    )


def test_fibre_brings_people_online_but_no_mobile_signal():
    fibre = offer(("f", "ftth", {"S2": (500, 400)}))
    assert worth(fibre, linear_framework("people_usable"))["index_gain"].sum() == 0
    assert worth(fibre, linear_framework("people_online"))["index_gain"].sum() > 0


def test_an_indicator_of_one_district_counts_only_there():
    scores = run(EVERYTHING, ["fibre"])  # reaches only the village of another district than Moga
    assert scores.indicators.set_index("id").loc["Q1", "gain"] == 0
    assert scores.indicators.set_index("id").loc["Q1", "before"] == pytest.approx(2 / 3)  # of three sites in Moga
    rows = scores.villages.set_index(["indicator_id", "village_code"])
    assert np.isnan(rows.loc[("Q1", OTHER), "before"])
    assert rows.loc[("O7", OTHER), "gain"] > 0


def test_unknown_villages_make_a_range_down_to_nothing():
    given = offer(("t", "light_tower", {"S2": (500, 400)}))
    sure, unsure = run(given, ["t"]), run(given, ["t"], where=world(unknown=[OTHER]))
    assert sure.gain_low > 0
    assert unsure.gain_low == 0
    assert unsure.gain == pytest.approx(sure.gain)


def test_speed_of_a_partial_list_is_excluded():
    where = world()
    where.access.settlements.loc[0, "downlink_mbps"] = np.nan
    assert "I6" in run(where=where).excluded


def test_an_older_table_without_signal_columns_only_loses_those_indicators():
    where = world()
    older = where.access.settlements.drop(columns=["population_good", "population_signal"])
    where.access = replace(where.access, settlements=older)
    assert {"B3", "C6", "I5"} <= set(run(EVERYTHING, ["tower"], where=where).excluded)


def test_the_tables_tell_the_same_gain():
    scores = run(EVERYTHING, ["tower", "fibre", "wifi"])
    assert scores.villages["gain"].sum() == pytest.approx(scores.gain)
    for table in (
        by_dimension(scores, FRAMEWORK, ASSUMPTIONS),
        by_pillar(scores),
        by_programme(scores),
        by_driver(scores),
        by_village(scores),
        by_district(scores),
    ):
        assert table["gain"].sum() == pytest.approx(scores.gain)
    assert list(by_dimension(scores, FRAMEWORK, ASSUMPTIONS)["dimension"]) == list(DIMENSIONS)
    assert 0 < scores.judgement_share < 1


def test_now_is_shown_only_where_the_user_knows_it():
    scores = run(EVERYTHING, ["tower"])
    blank = by_dimension(scores, FRAMEWORK, ASSUMPTIONS)
    assert blank[["now", "after"]].isna().all(axis=None)
    now = {"baseline": 3.0, "output": 3.0, "outcome": 3.5, "impact": 3.0, "quick_wins": 4.0}
    told = by_dimension(scores, FRAMEWORK, ASSUMPTIONS, now)
    assert told["after"].max() == 4  # capped
    assert (told["after"] >= told["now"]).all()
    assert told["after"][0] == pytest.approx(3.0 + told["change"][0])
    with pytest.raises(ValueError, match=r"scores\.impact"):
        by_dimension(scores, FRAMEWORK, ASSUMPTIONS, {**now, "impact": 5})


def test_dimension_change_times_weight_is_the_gain():
    table = by_dimension(run(EVERYTHING, ["tower"]), FRAMEWORK, ASSUMPTIONS)
    assert (table["weight"] * table["change"]).to_numpy() == pytest.approx(table["gain"].to_numpy())


def test_another_years_weights_change_the_gain():
    other = load_framework(scheme="kominfo_other")
    table = by_dimension(run(EVERYTHING, ["tower"], other), other, ASSUMPTIONS)
    assert table["gain"].sum() == pytest.approx((table["weight"] * table["change"]).sum())
    assert run(EVERYTHING, ["tower"], other).gain != pytest.approx(run(EVERYTHING, ["tower"]).gain)


def test_a_doubled_share_doubles_the_gain_of_its_dimension():
    double = ASSUMPTIONS.override({"indicators.share_outcome": 2 * ASSUMPTIONS["indicators.share_outcome"]})
    before, after = (
        by_dimension(run(EVERYTHING, ["tower"], assumptions=a), FRAMEWORK, a).set_index("dimension")["gain"]
        for a in (ASSUMPTIONS, double)
    )
    assert after["outcome"] == pytest.approx(2 * before["outcome"])
    assert after["output"] == pytest.approx(before["output"])


def test_steps_move_only_at_their_threshold_while_the_coefficient_is_a_line():
    framework = load_framework()
    given = offer(("t", "light_tower", {"S1": (200, 200)}))
    scores = run(given, ["t"], framework)
    row = scores.indicators.set_index("id").loc["Q2"]
    assert row["after"] == pytest.approx(0.9 / 3)  # one of three desa polling places, 90 % reliable
    assert row["score_after"] == 0
    assert worth(given, framework)["index_gain"].sum() > 0


def test_benefit_has_one_row_per_reach_and_the_same_answer_twice():
    table = worth(EVERYTHING)
    assert len(table) == len(EVERYTHING.reach)
    assert not table.duplicated(["option_id", "settlement_id"]).any()
    pd.testing.assert_frame_equal(table, worth(EVERYTHING))
    assert worth(offer()).empty


def test_every_hamlet_has_every_kind_of_place():
    assert len(world().facilities) == len(HAMLETS) * len(FACILITY_KINDS)


def test_benefit_of_parts_adds_up_to_the_whole():
    w = world()
    offered = offer(("tower", "light_tower", {"S1": (200, 200), "S2": (500, 400)}))

    args = offered, w.villages, w.settlements, w.access, w.facilities, FRAMEWORK, ASSUMPTIONS
    made, whole = indicators.worth(*args), benefit(*args)["index_gain"].sum()
    parts = {i: made.points([i])["index_gain"].sum() for i in FRAMEWORK.indicators["id"]}
    assert sum(parts.values()) == pytest.approx(whole)
    assert made.points([])["index_gain"].sum() == 0.0
    assert max(parts.values()) < whole
    greatest = max(parts, key=lambda i: parts[i])
    assert benefit(*args, only=[greatest])["index_gain"].sum() == parts[greatest]


def test_places_have_scores_and_districts_weigh_their_villages_by_people():
    w = world()
    offered = offer(("tower", "light_tower", {"S2": (500, 400)}))
    found = score(
        w.villages, w.settlements, w.access, w.facilities, FRAMEWORK, ASSUMPTIONS, option_set=offered, chosen={"tower"}
    )
    villages = w.villages.assign(district_code=w.villages["village_code"].str.slice(0, 8))
    by_code = by_place(found, villages).set_index("village_code")
    by_district = by_place(found, villages, "district_code").set_index("district_code")
    assert by_code["gain"].sum() == pytest.approx(found.gain)
    assert by_district["gain"].sum() == pytest.approx(found.gain)
    assert by_code.loc[OTHER, "score_after"] > by_code.loc[OTHER, "score_before"]
    assert by_code[["score_before", "score_after"]].apply(lambda c: c.between(0, 4)).all(axis=None)
    of_desa, of_kelurahan = by_code["score_before"][[DESA, KELURAHAN]]
    assert of_desa < by_district.loc["33.27.01", "score_before"] < of_kelurahan
