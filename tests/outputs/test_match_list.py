"""The match list: the plan's deals, who comes next, a workbook that is safe and marked."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from coverage.language import _, using
from coverage.outputs.match_list import alternatives, match_list, match_list_xlsx
from coverage.outputs.words import WATERMARK
from tests.fake_analysis import make_analysis


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
