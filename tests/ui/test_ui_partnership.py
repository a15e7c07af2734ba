"""The page Kemitraan on a small world that went through the whole chain."""

import time

import pytest

from coverage.analysis import analyse
from coverage.language import rupiah_short, using
from coverage.store import LOCAL, deals, open_store, region_key
from coverage.store.matches import Offer
from coverage.ui import people
from coverage.ui.words import literal
from tests.ridge_world import ridge_region
from tests.ui.settling import PATIENCE_S
from tests.ui.test_ui_pages import _fresh, _warm, everything, pytestmark, start

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


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store of its own, so that kept terms are those of the test."""
    monkeypatch.setenv("JANGKAU_DATA", str(tmp_path))
    people.store.clear()
    made = open_store(trusted=frozenset({LOCAL}))
    yield made
    made.close()
    people.store.clear()


def shown(at):
    return {m.label: m.value for m in at.metric}


@pytest.mark.usefixtures("_ridge")
def test_kept_terms_are_saved_shown_everywhere_and_given_up(store):
    at = partnership(match_tab="terms")
    before = shown(at)["Provider (NPV)"]
    public = next(s for s in at.slider if s.label == "Public money")
    public.set_value(public.value + 1 if public.value < public.max else public.value - 1).run()
    assert shown(at)["Provider (NPV)"] != before
    moved = shown(at)["Provider (NPV)"]
    next(b for b in at.button if b.label == "Keep these terms").click().run()
    assert not at.exception
    key = region_key(at.session_state["here"].region)
    ((deal_id, kept),) = deals.kept(store, LOCAL, key).items()
    assert kept.subsidy_idr is not None
    assert kept.price_idr_month is None
    assert shown(at)["Provider (NPV)"] == moved
    assert "Set by" in everything(at)
    # another session starts from what was kept, and the list, the deal and the papers say it
    again = partnership(match_tab="terms")
    assert shown(again)["Provider (NPV)"] == moved
    again.session_state["match_tab"] = "deal"
    again.run()
    with using("en"):
        assert shown(again)["Public money"] == rupiah_short(kept.subsidy_idr)
    assert "Terms as set by" in everything(again)
    frame = next(f.value for f in again.dataframe if "terms" in f.value)
    assert frame.set_index("deal_id").loc[deal_id, "terms"].startswith("set by")
    # on the village's own page too
    page = start("desa", lang="en")
    page.session_state["village"] = deal_id.split(":", 1)[0]
    page.run()
    assert not page.exception
    (note,) = [i.value for i in page.info if "Terms on the table" in i.value]
    with using("en"):
        assert literal(rupiah_short(kept.subsidy_idr)) in note
    assert "Set by" in note
    # and back
    at.session_state["match_tab"] = "terms"
    at.run()
    next(b for b in at.button if b.label == "Give kept terms up").click().run()
    assert not deals.kept(store, LOCAL, key)[deal_id].any
    assert shown(at)["Provider (NPV)"] == before
    assert len(deals.history(store, LOCAL, key, deal_id)) == 2


@pytest.mark.usefixtures("_ridge")
def test_two_who_change_the_same_terms_are_told_and_can_merge_or_overwrite(store):
    at = partnership(match_tab="terms")
    here = at.session_state["here"]
    key = region_key(here.region)
    row = here.analysis.plan.chosen.sort_values(["index_gain", "deal_id"], ascending=[False, True]).iloc[0]
    deal = here.analysis.deals.set_index("deal_id").loc[row["deal_id"]]
    offer = Offer(str(row["deal_id"]), str(row["option_id"]), str(row["village_code"]), str(row["provider_id"]),
                  str(deal["business_model"]))  # fmt: skip
    deals.edit(store, LOCAL, key, offer, 0, {"speed_mbps": 5.0})
    next(s for s in at.slider if s.label == "Term (years)").set_value(7).run()
    next(b for b in at.button if b.label == "Keep these terms").click().run()
    assert any("Changed by the user of this machine" in w.value for w in at.warning)
    assert deals.kept(store, LOCAL, key)[offer.deal_id].term_years is None
    next(b for b in at.button if b.label == "Merge both").click().run()
    merged = deals.kept(store, LOCAL, key)[offer.deal_id]
    assert merged.term_years == 7.0
    assert merged.speed_mbps == 5.0


@pytest.mark.usefixtures("_ridge")
def test_the_others_who_is_second_and_who_is_not_offered(store):
    at = partnership(match_tab="others")
    assert not at.exception
    ends = time.monotonic() + PATIENCE_S
    while "Weighing" in everything(at) and time.monotonic() < ends:  # the page waits a little in each run
        at.run()
    told = everything(at)
    assert "Stable" in told or "Not stable" in told
    assert "Second comes" in told or "there is no second" in told
    frames = [f.value for f in at.dataframe]
    assert any("reason" in frame and frame["reason"].str.len().min() > 5 for frame in frames)
    at.session_state["match_tab"] = "together"
    at.run()
    assert not at.exception
