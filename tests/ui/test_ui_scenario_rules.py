"""Whose money, districts, a thorough plan, and scenarios as files on the page Scenario."""

import pytest

from coverage.errors import ScenarioError
from coverage.scenario import DECIDED_NODES, FOLDER, Scenario, load_scenario
from coverage.ui.scenario_rules import read, toml
from tests.ui.test_ui_scenario_page import _fresh, _warm, pytestmark, settled, start

__all__ = ["_fresh", "_warm", "pytestmark"]


def test_budgets_of_funders_add_up_and_go_again():
    at = start()
    at.number_input(key="pick_budget_apbd").set_value(3.0).run()
    at.number_input(key="pick_budget_dana_desa").set_value(1.5).run()
    assert not at.exception
    scenario = at.session_state["scenario"]
    assert scenario["budgets"] == {"dana_desa": 1.5e9, "apbd": 3e9}
    assert scenario["budget_idr"] == 4.5e9
    at.number_input(key="pick_budget_apbd").set_value(0.0).run()
    assert at.session_state["scenario"]["budgets"] == {"dana_desa": 1.5e9}


def test_districts_and_a_thorough_plan_become_part_of_the_scenario():
    at = start()
    at.number_input(key="pick_district_minimum").set_value(1).run()
    at.button(key="decide").click().run()
    assert not at.exception
    assert at.session_state["scenario"]["minimum"]["villages_per_district"] == 1
    assert at.session_state["scenario"]["node_limit"] == DECIDED_NODES
    assert not [button for button in at.button if button.key == "decide"]


def test_a_file_that_was_saved_is_taken_up_again():
    at = start()
    content = toml(Scenario(name='Dua "miliar"', budget_idr=2e9, objective="people"))
    at.file_uploader(key="scenario_up").upload("mine.toml", content.encode(), "application/toml")
    at.button(key="FormSubmitter:scenario_in-Take up").click()
    settled(at)
    assert not at.exception
    assert (at.session_state["scenario"]["budget_idr"], at.session_state["scenario"]["objective"]) == (2e9, "people")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_ready_scenario_comes_back_from_its_own_file(path):
    scenario = load_scenario(path)
    assert read("x.toml", toml(scenario).encode()) == scenario


def test_odd_names_numbers_and_tables_come_back():
    scenario = Scenario(
        name='x"] \\ \n\t\x7f 🗼 \u2028', budgets={"apbd": (1e9, 2.5e9), "uso": 1e-3}, budget_idr=1e300,
        assumptions={"a.b c": 0.1}, indicators={"B1": {"weight": 2.0}}, must=("33.27.01.2001",),
        minimum={"districts": {"33.27.01": {"villages": 2}}},
    )  # fmt: skip
    assert read("x.toml", toml(scenario).encode()) == scenario


@pytest.mark.parametrize(
    "content",
    [b'base = "../../.streamlit/secrets.toml"', b'base = "/etc/x.toml"', b"\xff", b"a = ", b'base = "../best_mix"'],
)
def test_a_file_that_is_handed_in_reads_nothing_else_here(content):
    with pytest.raises(ScenarioError):
        read("x.toml", content)
