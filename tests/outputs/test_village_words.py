"""What page and sheet of a village say of who comes second and of doing it together; what they keep to themselves."""

from __future__ import annotations

import html
import re
import shutil
import subprocess

import pandas as pd
import pytest

from coverage.language import LANGUAGES, number, rupiah_short, using
from coverage.outputs import story
from coverage.outputs.brief import village_brief
from coverage.outputs.documents import term_sheet
from coverage.outputs.match_list import match_list
from coverage.outputs.site.atlas import Atlas
from coverage.outputs.site.pages import MOST_BYTES, village_html
from coverage.outputs.standing import seconds
from coverage.outputs.together import masts, public_money
from tests.fake_analysis import code, make_analysis

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed"
)


@pytest.fixture(scope="module")
def analysis():
    """The mast of the first village reaches everybody whom the second's own would reach."""
    made = make_analysis()
    reach, own = made.option_set.reach, f"{code(1)}/light_tower"
    there = reach[reach["option_id"] == own].assign(option_id=f"{code(0)}/light_tower")
    made.option_set.reach = pd.concat([reach, there], ignore_index=True)
    best = made.gain["best_deal_id"].copy()
    for at in (0, 1):
        best[at] = f"{code(at)}/light_tower@operator_a"
    made.gain["best_deal_id"] = best
    return made


def pages(analysis, village, tmp_path):
    """Words of the static page and of the sheet."""
    page = village_html(Atlas(analysis), village)
    assert len(page.encode()) <= MOST_BYTES
    path = tmp_path / "sheet.pdf"
    path.write_bytes(village_brief(analysis, village))
    sheet = subprocess.run(["pdftotext", "-raw", path, "-"], check=True, capture_output=True).stdout.decode()
    assert sheet.count("\f") == 1
    plain = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(style|svg).*?</\1>", " ", page, flags=re.DOTALL)))
    return [" ".join(text.split()) for text in (plain, sheet)]


@needs_poppler
@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_and_sheet_tell_who_comes_second_and_what_doing_it_together_saves(analysis, lang, tmp_path):
    village = code(1)
    with using(lang):
        second, group = seconds(analysis)[village], masts(analysis)[village]
        for text in pages(analysis, village, tmp_path):
            assert second.sentence in text
            assert second.turn in text
            assert group.sentence(village) in text
            assert "Desa A0" in group.first(village)


@needs_poppler
@pytest.mark.parametrize("lang", LANGUAGES)
def test_neither_tells_what_only_staff_may_see(analysis, lang, tmp_path):
    village = code(1)
    with using(lang):
        second = seconds(analysis)[village]
        worths = [second.worth_idr, second.second_worth_idr, second.margin_idr]
        deals = analysis.deals[analysis.deals["village_code"] == village]
        secret = {rupiah_short(abs(v)) for v in (*worths, *deals["npv_idr"], *deals["village_payoff_idr"])}
        told = {rupiah_short(v) for v in (*deals["subsidy_idr"], abs(second.more_public_idr))}  # the same figures
        for text in pages(analysis, village, tmp_path):
            for figure in secret - told:
                assert figure not in text, figure


def test_a_group_with_one_mast_pays_what_its_masts_cost(analysis):
    group = masts(analysis)[code(0)]
    assert group.cluster.masts == (f"{code(0)}/light_tower",)
    assert set(group.cluster.village_codes) == {code(0), code(1)}
    money = public_money(analysis, group)
    deals = analysis.deals.set_index("deal_id")["subsidy_idr"]
    assert money.together_idr == deals[f"{code(0)}/light_tower@operator_a"]
    assert money.alone_idr == deals[list(group.cluster.deal_ids)].sum()
    with using("en"):
        assert "2 villages need only 1 mast together." in group.sentence(code(0))
    assert code(2) not in masts(analysis)


def test_people_reached_and_people_counted_are_both_named_wherever_they_differ():
    made = make_analysis()
    chosen = made.plan.chosen
    village, option = str(chosen.loc[0, "village_code"]), str(chosen.loc[0, "option_id"])
    reached = float(made.option_set.options.set_index("option_id").loc[option, "population_gained"])
    with using("en"):
        assert "nobody counts twice" not in story(made, village).paragraph("deal").text
    made = make_analysis()
    made.plan.chosen.loc[0, "population_gained"] = reached - 100
    with using("en"):
        counted = number(reached - 100)
        told = story(made, village).paragraph("deal").text
        row = match_list(made).set_index("village_code").loc[village]
        assert f"newly reach {number(reached)} people." in told
        assert f"The plan counts {counted} of them here" in told
        assert f"In the plan it newly reaches {counted} people, nobody counted twice" in row["why"]
        sheet = dict(next(part.rows for part in term_sheet(made, str(row["deal_id"])).parts if part.title == "Service"))
        assert sheet["People newly reached"] == number(reached)
        assert sheet["of these not reached from a neighbour's site"] == counted
        assert row["people"] == reached - 100


def test_a_card_of_a_planned_deal_has_the_plans_money():
    made = make_analysis()
    row = made.plan.chosen.iloc[0]
    made.plan.chosen.loc[0, "subsidy_idr"] = 1.23e8
    with using("en"):
        told = story(made, str(row["village_code"]))
    offer = next(o for o in told.offers if o.in_plan)
    assert offer.subsidy_idr == 1.23e8
