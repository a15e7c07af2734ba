"""Maps of the gain by pillar, programme and indicator: parts add up, every village has a reason."""

import pytest

from coverage.indicators import PILLARS
from coverage.language import using
from coverage.outputs import gain_maps, maps, painting
from coverage.outputs.gain_maps import Choice
from tests.fake_analysis import make_analysis

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def analysis():
    return make_analysis()


def test_parts_of_the_plan_add_up_to_its_gain(analysis):
    whole = gain_maps.village_gains(analysis, Choice()).sum()
    pillars = sum(gain_maps.village_gains(analysis, Choice("plan", "pillar", p)).sum() for p in PILLARS)
    assert whole == pytest.approx(analysis.scores.gain)
    assert pillars == pytest.approx(whole)


def test_parts_of_a_deal_add_up_to_what_all_indicators_gain_by_it(analysis):
    ids = gain_maps.indicators_of(analysis, Choice())
    programmes = {item for scope, item in gain_maps.scopes(analysis) if scope == "programme"}
    by_programme = sum(gain_maps.village_gains(analysis, Choice("alone", "programme", p)).fillna(0) for p in programmes)
    by_indicator = sum(gain_maps.village_gains(analysis, Choice("alone", "indicator", i)).fillna(0) for i in ids)
    assert by_programme.sum() > 0
    assert by_programme.tolist() == pytest.approx(by_indicator.tolist())


def test_per_billion_is_alone_by_cost(analysis):
    alone, per_billion = (gain_maps.village_gains(analysis, Choice(m)) for m in ("alone", "per_billion"))
    cost = analysis.gain.set_index("village_code")["cost_pv_idr"]
    assert (per_billion * cost / 1e9).dropna().tolist() == pytest.approx(alone.dropna().tolist())


@pytest.mark.parametrize("measure", gain_maps.MEASURES)
def test_every_scope_is_drawn_and_ranked_with_reasons(analysis, measure):
    with using("en"):
        for scope, item in gain_maps.scopes(analysis):
            chosen = Choice(measure, scope, item)
            drawn = maps.layer(analysis, chosen.name)
            assert drawn.name == chosen.name
            assert len(drawn.classes) == len(analysis.region.villages)
            assert max(drawn.classes) < len(drawn.legend)
        table = gain_maps.ranking(analysis, Choice(measure))
    assert table["gain"].is_monotonic_decreasing
    assert table["reason"].str.len().min() > 10


@pytest.mark.parametrize("name", ["gain", "gain:plan", "gain:x:index:", "gain:plan:x:", "manfaat", ""])
def test_other_names_are_no_choice(analysis, name):
    assert gain_maps.choice(name) is None
    assert maps.layer(analysis, name).name == "manfaat"


def test_a_name_with_colons_survives_the_way_to_the_map():
    chosen = Choice("alone", "programme", "a:b:c")
    assert gain_maps.choice(chosen.name) == chosen


def test_hostile_names_stay_text_in_the_script():
    analysis = make_analysis(hostile=HOSTILE)
    script = painting.script_json(painting.paint_data(analysis, Choice("plan", "programme", HOSTILE).name))
    assert "<script>" not in script
