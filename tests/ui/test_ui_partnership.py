"""The page Kemitraan on a small world that went through the whole chain."""

import pytest

from coverage.analysis import analyse
from tests.ridge_world import ridge_region
from tests.ui.test_ui_pages import _fresh, _warm, pytestmark, start

__all__ = ["_fresh", "_warm", "pytestmark"]


@pytest.fixture(scope="module")
def _known():
    """The world's analysis is kept, so that the page need not wait for it."""
    analyse(ridge_region(450.0))


@pytest.fixture
def _ridge(_known, monkeypatch):
    monkeypatch.setenv("JANGKAU_TEST", "ridge")


def partnership(**state):
    at = start("kemitraan", lang="en")
    for name, value in state.items():
        at.session_state[name] = value
    return at.run()


@pytest.mark.usefixtures("_ridge")
def test_an_offer_is_seen_through_before_signing():
    at = partnership(partnership_view="offer")
    assert not at.exception
    # the real case: the village pays all equipment and gets 30 % of sales
    assert "Not fair to the village" in at.error[0].value
    at.slider(key="offer_capex_share").set_value(0).run()
    at.slider(key="offer_income_share").set_value(50).run()
    assert not at.error


@pytest.mark.usefixtures("_ridge")
def test_papers_of_sample_data_are_made_only_when_told_so():
    at = partnership(match_tab="papers")
    assert not at.exception
    if at.session_state["here"].region.is_sample:
        assert [b for b in at.get("download_button") if b.proto.disabled]
        at.checkbox(key="papers_sample").check().run()
    assert at.get("download_button")
    assert not [b for b in at.get("download_button") if b.proto.disabled]


@pytest.mark.usefixtures("_ridge")
def test_moving_the_terms_moves_both_sides():
    at = partnership(match_tab="terms")
    assert not at.exception
    before = {m.label: m.value for m in at.metric}
    public = next(s for s in at.slider if s.label == "Public money")
    public.set_value(0).run()
    after = {m.label: m.value for m in at.metric}
    assert after["Village"] == before["Village"]
    assert after["Provider (NPV)"] != before["Provider (NPV)"]
    assert not at.exception
