"""Published baselines: which row counts, and what they do to scores, gains and the plan's objective."""

from dataclasses import replace

import pandas as pd
import pytest
from indicator_world import ASSUMPTIONS, DESA, FRAMEWORK, KELURAHAN, OTHER, linear_framework, offer, world

from coverage.analysis import analyse
from coverage.indicators import DIMENSIONS, benefit, changed_framework, score, with_baselines
from coverage.outputs.evaluation_content import report
from coverage.region.layers import empty
from tests.ridge_world import ridge_region

TOWER = offer(("tower", "light_tower", {"S1": (200, 200), "S2": (500, 400)}))


def rows(*given):
    """(indicator, area, value, year), the source being the year's report."""
    return pd.DataFrame(
        [(f"b{n}", i, a, v, float(y), f"BPS {y}") for n, (i, a, v, y) in enumerate(given)],
        columns=["baseline_id", "indicator", "area_code", "value", "year", "source"],
    )


def known(*given, framework=FRAMEWORK):
    return with_baselines(framework, rows(*given), world().villages)


def scored(framework, where=None):
    where = where or world()
    given = where.villages, where.settlements, where.access, where.facilities, framework, ASSUMPTIONS
    return score(*given, option_set=TOWER, chosen=["tower"]), benefit(TOWER, *given)


def test_the_newest_row_of_the_regency_counts_before_any_village():
    made = known(
        ("B1", "33.27", 0.5, 2020), ("B1", "33.27", 0.6, 2023), ("B1", DESA, 0.1, 2025), ("zz", "33.27", 1, 2023)
    )
    (row,) = made.published.to_dict("records")
    assert (row["id"], row["value"], row["year"], row["source"], row["villages"]) == ("B1", 0.6, 2023, "BPS 2023", 0)


def test_else_villages_are_weighted_by_their_people_and_take_their_districts_row():
    made = known(("B1", DESA, 0.2, 2022), ("B1", "33.27.02", 0.8, 2024))
    (row,) = made.published.to_dict("records")
    assert row["value"] == pytest.approx(
        (1000 * 0.2 + 500 * 0.8) / 1500
    )  # the kelurahan is not told: it does not count
    assert (row["villages"], row["year"], row["source"]) == (2, 2022, "BPS 2022; BPS 2024")


def test_an_indicator_of_one_district_takes_no_value_of_the_regency():
    assert known(("Q1", "33.27", 0.9, 2024)).published.empty
    assert known(("Q1", "33.27.01", 0.4, 2024)).published["value"].tolist() == [0.4]
    assert known(("Q1", OTHER, 0.4, 2024)).published.empty


@pytest.mark.parametrize("value", [60.0, -0.1, float("nan")])
def test_a_share_that_is_none_is_left_out(value):
    assert known(("B1", "33.27", value, 2024)).published.empty


def test_the_score_starts_from_it_and_moves_by_what_the_plan_moves():
    plain = linear_framework("people_usable")
    ids = [(i, "33.27", 0.3, 2024) for i in plain.indicators["id"]]
    given = known(*ids, framework=plain)
    scores, worth = scored(given)
    assert scores.indicators["before"].tolist() == [0.3] * 5
    assert scores.indicators["after"].to_numpy() == pytest.approx(0.5)  # calculated: from 80 % to 100 %
    per_point = sum(plain.weights[d] * ASSUMPTIONS[f"indicators.share_{d}"] for d in DIMENSIONS)
    assert scores.gain == pytest.approx(per_point * 4 * 0.2)
    # where the response is a line, the plan's objective says the same
    assert worth["index_gain"].sum() == pytest.approx(scores.gain)


def test_a_share_never_passes_one():
    plain = linear_framework("people_usable")
    given = known(*[(i, "33.27", 0.95, 2024) for i in plain.indicators["id"]], framework=plain)
    assert scored(given)[0].indicators["after"].tolist() == [1.0] * 5


def test_what_the_region_cannot_tell_is_excluded_until_somebody_publishes_it():
    assert "B5" in scored(FRAMEWORK)[0].excluded
    scores, _worth = scored(known(("B5", "33.27", 0.1, 2024)))
    row = scores.indicators.set_index("id").loc["B5"]
    assert "B5" not in scores.excluded
    assert row["before"] == pytest.approx(0.1)
    assert row["after"] == pytest.approx(0.1)  # a tower brings no fixed lines
    assert set(scores.villages.loc[scores.villages["indicator_id"] == "B5", "village_code"]) == {DESA, OTHER, KELURAHAN}
    fibre = offer(("fibre", "ftth", {"S1": (200, 200)}))
    where = world()
    given = where.villages, where.settlements, where.access, where.facilities, known(("B5", "33.27", 0.1, 2024))
    found = score(*given, ASSUMPTIONS, option_set=fibre, chosen=["fibre"]).indicators.set_index("id")
    assert found.loc["B5", "after"] > 0.1


def test_without_rows_nothing_changes_and_users_numbers_keep_them():
    assert with_baselines(FRAMEWORK, empty("baselines"), world().villages).published.empty
    made = known(("B1", "33.27", 0.6, 2023))
    assert changed_framework(made, {"B1": {"weight": 2.0}}).published.equals(made.published)


def test_the_chain_takes_them_in_and_the_report_names_their_source():
    region = ridge_region(450.0)
    code = region.villages["village_code"].iloc[0]
    before = analyse(region)
    given = rows(("B1", code[:5], 0.25, 2024))
    after = analyse(replace(region, baselines=given))
    assert after.scores.indicators.set_index("id").loc["B1", "before"] == 0.25
    assert after.keys["options"] == before.keys["options"]
    assert after.keys["benefit"] != before.keys["benefit"]
    block = next(b for b in report(after).blocks if b.key == "published")
    assert [cell.value for cell in block.rows[0]][2:5] == [0.25, "2024", "BPS 2024"]
