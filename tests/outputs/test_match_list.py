"""The match list: the plan's deals, who comes next, a workbook that is safe and marked."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from coverage.analysis import analyse, village_gains
from coverage.language import _, using
from coverage.outputs import story
from coverage.outputs.match_list import alternatives, match_list, match_list_xlsx
from coverage.outputs.words import WATERMARK
from coverage.scenario import Scenario
from tests.fake_analysis import make_analysis
from tests.ridge_world import ridge_region


@pytest.fixture(scope="module")
def analysis():
    return make_analysis()


def rows(analysis):
    book = CalamineWorkbook.from_filelike(io.BytesIO(match_list_xlsx(analysis)))
    return book.get_sheet_by_index(0).to_python()


def test_every_match_of_the_plan_is_listed_with_its_figures(analysis):
    listed = match_list(analysis).set_index("deal_id")
    chosen = analysis.plan.chosen.set_index("deal_id")
    assert set(listed.index) == set(chosen.index)
    assert listed["subsidy"].sum() == pytest.approx(chosen["subsidy_idr"].sum())
    assert listed["people"].sum() == pytest.approx(chosen["population_gained"].sum())


def test_the_next_best_is_another_provider_that_the_alternatives_show(analysis):
    with using("en"):
        for match in match_list(analysis).to_dict("records"):
            others = alternatives(analysis, match["village_code"])
            assert others["provider"].is_unique
            assert others["in_plan"].tolist() == [True] + [False] * (len(others) - 1)
            assert match["provider"] == others["provider"].iloc[0]
            assert match["next_best"].startswith(others["provider"].iloc[1])


def test_the_workbook_says_what_the_list_says_and_is_marked(analysis):
    with using("id"):
        sheet, listed = rows(analysis), match_list(analysis)
        assert "bukan penetapan penyedia" in sheet[0][0]
        assert WATERMARK in sheet[0][0]
        heads = sheet[2]
        prices = [row[heads.index(_("Price a month (Rp)"))] for row in sheet[3:]]
    assert prices == pytest.approx(listed["price"].tolist())


def test_names_never_become_formulas_and_bytes_stay_the_same():
    hostile = make_analysis(hostile='=HYPERLINK("http://x")')
    assert not any(str(cell).startswith("=") for row in rows(hostile) for cell in row)
    assert match_list_xlsx(make_analysis()) == match_list_xlsx(make_analysis())
    assert all(WATERMARK not in str(row) for row in rows(make_analysis(sample=False)))


def test_what_is_signed_without_public_money_stands_below_the_plan_and_no_village_stands_twice():
    made = make_analysis(Scenario(budget_idr=2e9))
    outside = made.deals[~made.deals["village_code"].isin(set(made.plan.chosen["village_code"]))]
    deal_id = str(outside["deal_id"].iloc[0])
    made.deals.loc[made.deals["deal_id"] == deal_id, ["subsidy_idr", "npv_idr"]] = [0.0, 1e7]
    made.unaided = (deal_id,)
    with using("en"):
        found = match_list(made)
        assert found["village_code"].is_unique
        assert found["deal_id"].iloc[-1] == deal_id
        assert found["listed"].tolist() == ["public plan"] * (len(found) - 1) + ["signs without public money"]
        last = found.iloc[-1]
        assert last["subsidy"] == 0
        assert "Outside the plan; village and provider would both sign without public money" in last["why"]
        assert last["provider"] == alternatives(made, last["village_code"])["provider"].iloc[0]
        assert not alternatives(made, last["village_code"])["in_plan"].any()
        head = rows(made)[2]
        assert rows(made)[-1][head.index("Listed as")] == "signs without public money"


def test_a_listed_deal_is_the_one_recommended_everywhere():
    """One screen never shows two best providers: neither for a village of the plan nor for one beside it."""
    for made in (analyse(ridge_region(450.0)), beside_the_plan()):
        best = made.gain.set_index("village_code")["best_deal_id"]
        listed = match_list(made)
        assert set(listed["deal_id"]) == {*made.unaided, *made.plan.chosen["deal_id"]}
        assert len(listed)
        for row in listed.itertuples():
            assert best[row.village_code] == row.deal_id
            offers = story(made, row.village_code).offers
            assert [o.deal_id for o in offers if o.is_best] == [row.deal_id]


def beside_the_plan():
    """A deal outside the plan is signed without public money, though another gains more per rupiah."""
    made = make_analysis(Scenario(budget_idr=2e9))
    outside = made.deals[~made.deals["village_code"].isin(set(made.plan.chosen["village_code"]))]
    best = set(made.gain["best_deal_id"].dropna())
    made.unaided = (str(outside.loc[~outside["deal_id"].isin(best), "deal_id"].iloc[0]),)
    made.gain = village_gains(made.region.villages, made.benefit, made.deals, made.plan, made.scores, made.unaided)
    assert made.unaided[0] in set(made.gain["best_deal_id"].dropna()) - best
    return made
