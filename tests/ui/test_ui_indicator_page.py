"""The page Indikator: downloads, map of the gain, quick wins, equity, the framework under edit."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from coverage.indicators import EDITABLE, load_framework
from coverage.language import using
from coverage.scenario import FOLDER, load_scenario
from coverage.ui import framework_editor, main
from tests.fake_analysis import make_analysis
from tests.ui.settling import PATIENCE_S, settled

APP = Path(__file__).parent / "fake_app.py"
# Streamlit's own test runner drops its context in threads that it did not start.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    make_analysis()  # pandera's optional parts are loaded here: two threads at once are not safe
    monkeypatch.setattr(main, "_region", main._region)
    monkeypatch.delitem(sys.modules, "fake_region", raising=False)
    monkeypatch.setattr(main, "_make", main._make)
    main._workshop.clear()


@pytest.fixture
def at():
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE_S)
    app.query_params["lang"] = "en"
    app.switch_page("../../coverage/ui/pages/indikator.py")
    return settled(app)


def press(app, label):
    next(b for b in app.button if b.label == label).click()
    return settled(app)


def test_the_page_answers_and_offers_the_report(at):
    assert not at.exception
    assert not at.error
    assert {"Evaluation report (PDF)", "Evaluation report (Excel)"} <= {b.label for b in at.get("download_button")}
    assert "Who gains" in [s.value for s in at.subheader]


def test_every_measure_and_scope_is_drawn(at):
    box = at.selectbox(key="gain_scope")
    for position, measure in ((0, "alone"), (3, "per_billion"), (12, "plan"), (len(box.options) - 1, "alone")):
        at.selectbox(key="gain_scope").select_index(position)
        at.button_group(key="gain_measure").set_value(measure)
        at.run()
        assert not at.exception
        assert not at.error


def test_quick_wins_are_a_plan_at_once(at):
    press(at, "Plan quick wins")
    quick = load_scenario(FOLDER / "quick_wins.toml")
    assert at.session_state["here"].analysis.scenario == quick.model_copy(update={"name": "default"})


def test_the_weight_of_need_reaches_the_scenario(at):
    at.select_slider(key="equity_weight").set_value(1.5)
    with using("en"):  # the weights are written in the page's language
        settled(at)
    assert at.session_state["here"].analysis.scenario.equity_weight == 1.5


def test_own_weights_are_checked_calculated_and_taken_back(at):
    at.number_input(key="weight_impact_0").set_value(40.0).run()
    assert any("Impact: weight 20 → 40" in str(m.value).replace("\\", "") for m in at.markdown)
    press(at, "Calculate with these")
    assert at.session_state["here"].analysis.scenario.dimension_weights["impact"] == 40
    press(at, "Back to the defaults")
    assert at.session_state["here"].analysis.scenario.dimension_weights == {}
    assert at.number_input(key="weight_impact_1").value == 20


def test_weights_that_make_no_index_are_refused_in_words(at):
    for code in ("baseline", "output", "outcome", "impact", "quick_wins"):
        at.number_input(key=f"weight_{code}_0").set_value(0.0)
    at.run()
    assert "not all zero" in at.error[0].value
    assert next(b for b in at.button if b.label == "Calculate with these").disabled


def test_edited_cells_become_changes_with_their_words():
    base = load_framework()
    table = base.indicators[list(EDITABLE)].astype(float)
    assert framework_editor.changed_numbers(base, table) == {}
    edited = pd.DataFrame(table)
    edited.loc[0, "target"] = 0.97
    edited.loc[1, "weight"] = None
    changes = framework_editor.changed_numbers(base, edited)
    first, second = base.indicators["id"].iloc[:2]
    assert changes[first] == {"target": 0.97}
    assert np.isnan(changes[second]["weight"])
    with using("en"):
        told = framework_editor.differences(base, changes, {})
    assert told[0].endswith("target 1 → 0.97")
    assert told[1].endswith("→ –")
