"""The whole chain, wired: one ridge is followed from the terrain to the words on the village's panel."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from ridge_world import FAR, NEAR, ridge_region

from coverage import tables
from coverage.access import reason_sentence
from coverage.analysis import Analysis, analyse
from coverage.errors import AssumptionError, Cancelled
from coverage.outputs.story import story
from coverage.planning import check_plan
from coverage.scenario import Scenario

BUDGET = Scenario(budget_idr=6e9)


@cache
def world(ridge_m: float, completeness: str = "complete") -> Analysis:
    return analyse(ridge_region(ridge_m, completeness), BUDGET)


def of(table, code: str = FAR):  # type: ignore[no-untyped-def]
    return table[table["village_code"] == code]


def words(analysis: Analysis) -> str:
    told = story(analysis, FAR)
    return " ".join([told.headline, *(p.text for p in told.paragraphs)])


def test_a_ridge_changes_signal_class_reason_option_price_plan_gain_and_words() -> None:
    flat, ridge = world(0.0), world(450.0)

    # signal: the ridge takes more than 15 dB from the village behind it, and nothing from the one before
    before, after = (of(a.access.villages).iloc[0] for a in (flat, ridge))
    assert after["rsrp_dbm"] < before["rsrp_dbm"] - 15
    near = [of(a.access.villages, NEAR)["rsrp_dbm"].iloc[0] for a in (flat, ridge)]
    assert near[0] == pytest.approx(near[1], abs=1.0)

    # class and reason
    assert before["access_class"] == "served"
    assert after["access_class"] in ("none", "weak")
    assert "terrain_shadow" in after["reasons"].split(";")
    assert "terrain_shadow" not in before["reasons"].split(";")
    assert after["need"] > before["need"]

    # option and price: nothing to sell where all are served, a tower that reaches them where not
    assert of(flat.option_set.options).empty
    tower = of(ridge.option_set.options).query("technology == 'light_tower'").iloc[0]
    assert tower["population_gained"] > 700
    assert (of(ridge.deals)["price_idr_month"] > 0).all()

    # plan and gain
    assert flat.plan.chosen.empty
    assert FAR in set(ridge.plan.chosen["village_code"])
    assert ridge.plan.chosen["subsidy_idr"].sum() <= BUDGET.budget_idr
    assert of(ridge.gain)["index_gain_plan"].iloc[0] > 0
    assert of(flat.gain)["index_gain_plan"].iloc[0] == 0
    assert ridge.scores.index_after > ridge.scores.index_before == flat.scores.index_after
    for made in (flat, ridge):
        assert check_plan(made.plan, made, made.scenario) == []

    # words
    towers = ridge.access.towers.set_index("village_code").loc[FAR]
    sentence = reason_sentence("terrain_shadow", site=towers["site_id"], distance_m=towers["distance_m"])
    assert sentence in words(ridge)
    assert "S1" in sentence
    assert sentence not in words(flat)


def test_height_brings_the_signal_back() -> None:
    low = world(120.0)
    region = ridge_region(120.0)
    region.sites["height_m"] = 150.0
    high = analyse(region, BUDGET)
    assert of(high.access.villages)["rsrp_dbm"].iloc[0] > of(low.access.villages)["rsrp_dbm"].iloc[0] + 3


def test_a_partial_list_never_says_none() -> None:
    partial = world(450.0, "partial")
    classes = partial.access.villages.set_index("village_code")["access_class"]
    assert classes[NEAR] == "served"
    assert classes[FAR] == "unknown"
    assert not set(partial.plan.chosen["village_code"]) & {FAR}


def test_every_table_keeps_its_contract() -> None:
    made = world(450.0)
    for table, frame in {
        tables.Places: made.places,
        tables.Calibration: made.calibration,
        tables.OperatorAccess: made.access.operators,
        tables.SettlementAccess: made.access.settlements,
        tables.VillageAccess: made.access.villages,
        tables.Options: made.option_set.options,
        tables.Reach: made.option_set.reach,
        tables.Links: made.option_set.links,
        tables.Nodes: made.option_set.nodes,
        tables.Bill: made.option_set.bill,
        tables.Benefit: made.benefit,
        tables.Deals: made.deals,
        tables.Chosen: made.plan.chosen,
        tables.Gain: made.gain,
    }.items():
        table.validate(frame, lazy=True)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        (
            "radio.threshold_usable_dbm",
            {
                "signal",
                "calibration",
                "interference",
                "access",
                "options",
                "benefit",
                "deals",
                "plan",
                "unaided",
                "scores",
            },
        ),
        ("cost.fibre_metre", {"options", "benefit", "deals", "plan", "unaided", "scores"}),
        ("market.household_income", {"options", "benefit", "deals", "plan", "unaided", "scores"}),
        ("funding.social_rate", {"deals", "plan", "unaided", "scores"}),
        ("planning.cost_penalty", {"plan", "unaided", "scores"}),
        ("indicators.share_output", {"benefit", "plan", "unaided", "scores"}),
    ],
)
def test_an_assumption_changes_only_what_depends_on_it(name: str, changed: set[str]) -> None:
    base = world(450.0)
    row = base.assumptions.row(name)
    other = row.high if row.value != row.high else row.low
    again = analyse(ridge_region(450.0), BUDGET.model_copy(update={"assumptions": {name: other}}))
    differing = {stage for stage in base.keys if base.keys[stage] != again.keys[stage]}
    assert differing == changed


def test_the_same_input_gives_the_same_result() -> None:
    first = world(450.0)
    again = analyse(ridge_region(450.0), BUDGET)
    assert first.keys == again.keys
    np.testing.assert_array_equal(first.gain["index_gain_alone"], again.gain["index_gain_alone"])


def test_an_unknown_assumption_in_a_scenario_is_refused() -> None:
    with pytest.raises(AssumptionError, match=r"radio\.no_such"):
        analyse(ridge_region(0.0), Scenario(assumptions={"radio.no_such": 1.0}))


def test_the_work_can_be_cancelled_and_tells_how_far_it_is() -> None:
    told: list[float] = []

    def progress(_label: str, share: float) -> None:
        told.append(share)
        if share > 0.5:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        analyse(ridge_region(433.0), BUDGET, progress)
    assert told == sorted(told)
    assert told[-1] < 0.6
