"""The page Scenario: ready scenarios, rules, and every question that can be asked of a plan."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.language import DEFAULT, set_language
from coverage.scenario import FOLDER, load_scenario
from coverage.ui import bench, main, scenarios
from tests.fake_analysis import code, make_analysis
from tests.ridge_world import FAR
from tests.ui.settling import PATIENCE_S, settled

APP = Path(__file__).parent / "fake_app.py"
#: The years need a plan that was really made: they are asked of the small world below.
VIEWS = ("result", "frontier", "next", "why", "compare", "uncertainty")
# Streamlit's own test runner drops its context in threads that it did not start.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def _warm():
    """Load pandera's optional parts here: pytest's rewriting of imports is not safe in two threads."""
    make_analysis()


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """The stand-ins that the app under test puts into the process are taken away again."""
    monkeypatch.setattr(main, "_region", main._region)
    monkeypatch.delitem(sys.modules, "fake_region", raising=False)
    monkeypatch.setattr(main, "_make", main._make)
    main._workshop.clear()
    bench.clear()
    yield
    set_language(DEFAULT)


def start(view="result", lang="en", **query):
    set_language(lang)  # the test runner formats what it chooses in its own thread
    at = AppTest.from_file(str(APP), default_timeout=PATIENCE_S)
    for name, value in {"lang": lang, **query}.items():
        at.query_params[name] = value
    at.switch_page("../../coverage/ui/pages/skenario.py")
    at.session_state["plan_view"] = view
    return settled(at)


def show(at, view):
    at.session_state["plan_view"] = view
    return at.run()


def worked(at, view):
    """Press the button of a view and wait for its work."""
    at.button(key=f"start_{view}").click().run()
    job = at.session_state[f"work_{view}"]
    assert job.ended.wait(PATIENCE_S)
    assert job.state == "done", job.error
    return at.run()


def told(at):
    kinds = ("markdown", "caption", "success", "warning", "info", "error")
    return "\n".join(str(e.value) for kind in kinds for e in at.get(kind)).replace("\\", "")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_question_can_be_asked_before_anything_is_worked_out(lang):
    at = start(lang=lang)
    for view in VIEWS:
        show(at, view)
        assert not at.exception, view
        assert not at.error, view


def test_a_ready_scenario_is_taken_whole_and_any_change_makes_it_ones_own():
    at = start()
    at.selectbox(key="pick_ready").select("satellite_first")
    settled(at)
    assert at.session_state["here"].analysis.scenario == load_scenario(FOLDER / "satellite_first.toml")
    assert at.selectbox(key="pick_ready").value == "satellite_first"
    at.slider(key="budget_skenario").set_value(5)
    settled(at)
    asked = at.session_state["here"].analysis.scenario
    assert asked.budget_idr == 5e9
    assert asked.technologies == ("satellite_wifi",)
    assert at.selectbox(key="pick_ready").value is None


def test_least_cost_asks_for_its_target():
    at = start()
    at.radio(key="pick_objective").set_value(scenarios.LEAST_COST)
    settled(at)
    at.number_input(key="pick_target").set_value(0.01)
    settled(at)
    asked = at.session_state["here"].analysis.scenario
    assert (asked.objective, asked.target.amount) == ("least_cost", 0.01)
    at.radio(key="pick_objective").set_value("people")
    settled(at)
    assert at.session_state["here"].analysis.scenario.target is None


def test_plans_are_compared_and_taken_along():
    at = start("compare", desa=code(3))
    at.multiselect(key="compare_chosen").set_value(["_mine", "quick_wins", "satellite_first"]).run()
    worked(at, "compare")
    assert not at.exception
    assert "reaches most people" in told(at)
    assert {b.proto.label for b in at.get("download_button")} >= {
        "Summary (PDF)",
        "Tables (Excel)",
        "Maps (GeoPackage)",
    }
    # another budget makes another comparison: the old one is not shown as if it were the answer
    at.slider(key="budget_skenario").set_value(3)
    settled(at)
    assert at.button(key="start_compare")


def test_what_was_worked_out_can_be_read(monkeypatch):
    """The whole chain on a small world: budgets, next billion, years, why, how sure."""
    monkeypatch.setenv("JANGKAU_TEST", "ridge")
    at = start("years", desa=FAR)
    assert not at.exception
    assert "a year" in told(at)
    worked(show(at, "frontier"), "frontier")
    assert not at.exception
    assert len(at.dataframe) == 2
    worked(show(at, "next"), "next")
    assert not at.exception
    worked(show(at, "why"), "why")
    assert "It is in the plan." in told(at) or "It is not in the plan." in told(at)
    show(at, "uncertainty")
    at.session_state["uncertain_draws"] = 200
    worked(at.run(), "uncertainty")
    assert not at.exception
    assert "Latin hypercube of 200 draws" in told(at)
    assert [m.label for m in at.metric][2] == "The budget is enough in"
