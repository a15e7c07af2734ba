"""The story says what the tables say, in both languages, and never more than is known."""

import pytest

from coverage.errors import RegionError
from coverage.language import using
from coverage.outputs import story
from coverage.outputs.words import layer_kind
from tests.fake_analysis import access_class, code, make_analysis


@pytest.fixture(scope="module")
def analysis():
    return make_analysis()


def texts(told):
    return " ".join([told.headline, *(p.text for p in told.paragraphs)])


def test_every_village_has_a_story_in_both_languages(analysis):
    for i in range(30):
        told = {}
        for language in ("id", "en"):
            with using(language):
                told[language] = story(analysis, code(i))
        assert told["id"].access_class == told["en"].access_class == access_class(i)
        assert [p.topic for p in told["id"].paragraphs] == [p.topic for p in told["en"].paragraphs]
        assert "{" not in texts(told["id"]) + texts(told["en"])
        assert told["en"].sample


def test_the_numbers_of_the_tables_are_in_the_words(analysis):
    with using("en"):
        told = story(analysis, code(0))
    assert told.headline == "Desa A0 is not served yet."
    assert "Of 1,000 people, 100 (10%)" in told.paragraph("service").text
    assert "900 people are left out. Worst off is Dusun 2: 5% of its 300" in told.paragraph("left_out").text
    assert "S002" in told.paragraph("why").text
    assert "6.6 km" in told.paragraph("why").text
    assert "Rp 250 thousand a month" in told.paragraph("price").text
    assert "more than one person here can bear: Rp 150 thousand" in told.paragraph("price").text


def test_an_unknown_village_is_never_called_unserved(analysis):
    with using("en"):
        told = story(analysis, code(3))
    assert told.access_class == "unknown"
    assert "not known" in told.headline
    assert "left out" not in told.paragraph("left_out").text
    assert "not served" not in texts(told)


def test_reported_evidence_is_named(analysis):
    with using("en"):
        assert "report from the field" in story(analysis, code(1)).paragraph("service").text
        assert "calculated" in story(analysis, code(0)).paragraph("service").text


def test_numbers_lead_to_layers_and_assumptions(analysis):
    with using("en"):
        told = story(analysis, code(0))
        kinds = {s.kind for p in told.paragraphs for s in p.sources}
        assert layer_kind("synthetic") == "made up (sample)"
    assert {"synthetic", "estimated", "open", "judgement"} <= kinds
    assert {s.topic for s in told.paragraph("price").sources} == {"cost", "funding", "market"}


def test_offers_put_the_recommended_deal_first_and_one_per_technology(analysis):
    told = story(analysis, code(0))
    best = analysis.gain.set_index("village_code").loc[code(0), "best_deal_id"]
    assert told.offers[0].deal_id == best
    assert [o.is_best for o in told.offers] == [True, False, False]
    assert len({o.technology for o in told.offers}) == len(told.offers) == 3


def test_a_served_village_has_nothing_to_build(analysis):
    with using("en"):
        told = story(analysis, code(2))
    assert told.offers == ()
    assert "nothing to build" in told.paragraph("plan").text
    assert told.paragraph("price") is None


def test_an_unknown_code_is_told_kindly(analysis):
    with pytest.raises(RegionError, match=r"99\.99"):
        story(analysis, "99.99.99.9999")


def test_the_answer_rests_on_villages_that_are_known(analysis):
    from coverage.outputs import summary
    from coverage.scenario import Scenario

    for included in (False, True):
        known = make_analysis(Scenario(include_unknown=included))
        unknown = known.access.villages["access_class"] == "unknown"
        known.gain.loc[unknown & known.gain["best_deal_id"].notna(), "gain_per_billion"] = 9.0
        best = [code(i) for i in range(30)].index(summary.next_best(known))
        assert (access_class(best) == "unknown") == included
    with using("en"):
        assert "too little is known" in story(make_analysis(Scenario(budget_idr=0)), code(13)).paragraph("plan").text


def test_what_feeds_the_best_deal_and_how_fast_one_can_send_is_told(analysis):
    with using("en"):
        assert "Its link to the network: satellite." in story(analysis, code(0)).paragraph("deal").text
        fast = make_analysis()
        fast.access.villages["uplink_mbps"] = 1.26
        assert "They can send about 1.3 Mbps." in story(fast, code(2)).paragraph("service").text
        assert "send" not in story(analysis, code(2)).paragraph("service").text
