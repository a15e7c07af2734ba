"""Quick wins: what stands already is used before anything is built."""

from __future__ import annotations

from functools import cache

from ridge_world import FAR, NEAR, ridge_region

from coverage.analysis import Analysis, analyse
from coverage.planning import check_plan
from coverage.scenario import FOLDER, load_scenario
from coverage.tables import HOME_TECHNOLOGIES, MOBILE_TECHNOLOGIES


@cache
def weak_radio() -> Analysis:
    """No ridge: the near village's tower reaches the far one, but its radio is too weak to."""
    region = ridge_region(0.0)
    region.cells["tx_power_dbm"] = 16.0
    kinds = {"mobile": MOBILE_TECHNOLOGIES, "isp": (*HOME_TECHNOLOGIES, "satellite_wifi")}
    region.providers["technologies"] = [
        ";".join(kinds.get(kind, (named,)))
        for kind, named in zip(region.providers["kind"], region.providers["technologies"], strict=True)
    ]
    return analyse(region, load_scenario(FOLDER / "quick_wins.toml"))


def test_the_plan_hangs_a_radio_on_the_tower_that_stands() -> None:
    made = weak_radio()
    option = made.option_set.options.set_index("option_id")
    chosen = made.plan.chosen.merge(option[["technology", "site_id", "feed"]], on="option_id")
    far = chosen[chosen["village_code"] == FAR]
    assert far["technology"].tolist() == ["new_radio"]
    assert far["site_id"].tolist() == ["S1"]
    assert far["feed"].tolist() == ["existing"]
    assert NEAR not in set(chosen["village_code"])
    assert check_plan(made.plan, made, made.scenario) == []


def test_quick_wins_build_no_tower_and_dig_no_fibre_to_homes() -> None:
    made = weak_radio()
    technology = made.option_set.options.set_index("option_id")["technology"]
    assert {"light_tower", "ftth"} <= set(technology)  # offered, but not quick
    assert set(technology.loc[made.plan.chosen["option_id"]]) <= set(made.scenario.technologies)
    assert made.plan.chosen["subsidy_idr"].sum() <= made.scenario.budget_idr
