"""Plans side by side: sums that agree, differences that are told, files that are safe and repeat."""

from __future__ import annotations

import io
import shutil
import subprocess
from types import SimpleNamespace

import pyogrio
import pytest
from python_calamine import CalamineWorkbook

from coverage.cli.main import main
from coverage.errors import ScenarioError
from coverage.language import using
from coverage.outputs import compare as comparing
from coverage.outputs import compare_files, compare_map
from coverage.outputs.words import WATERMARK
from coverage.scenario import Scenario
from tests.fake_analysis import make_analysis, make_region

HOSTILE = '=HYPERLINK("http://x")#eval("1+1") *b* $x$ @r <l> //'


def pair(hostile=""):
    """The plan of the budget, and one of less money that leaves a village out."""
    region = make_region(hostile=hostile)
    full = make_analysis(Scenario(name="best_mix"), region=region, hostile=hostile)
    never = (full.plan.chosen["village_code"].iloc[0],)
    less = Scenario(name="mine", budget_idr=full.plan.chosen["subsidy_idr"].sum() / 2, never=never)
    return full, make_analysis(less, region=region, hostile=hostile)


@pytest.fixture(scope="module")
def comparison():
    with using("en"):
        return comparing.compare(pair())


def value(comparison, code):
    return next(row.values for row in comparison.rows if row.code == code)


def test_what_the_funders_pay_is_what_the_plans_cost(comparison):
    paid = [row.values for row in comparison.rows if row.code.startswith("funder:")]
    assert [sum(v) for v in zip(*paid, strict=True)] == pytest.approx(value(comparison, "cost"))
    public = [row.values for row in comparison.rows if row.code.startswith("funder:") and row.code != "funder:provider"]
    assert [sum(v) for v in zip(*public, strict=True)] == pytest.approx(value(comparison, "subsidy"))


def test_index_by_dimension_and_by_pillar_adds_up(comparison):
    for group in ("Index gain by dimension", "Index gain by pillar"):
        with using("en"):
            parts = [row.values for row in comparison.rows if row.group == group]
        whole = [a.scores.gain for a in comparison.analyses]
        assert [sum(v) for v in zip(*parts, strict=True)] == pytest.approx(whole)


def test_the_villages_that_differ_say_why(comparison):
    full, less = comparison.analyses
    lost = set(full.plan.chosen["village_code"]) - set(less.plan.chosen["village_code"])
    table = comparison.villages.set_index("village_code")
    assert set(comparison.differing["village_code"]) == lost
    assert table.loc[sorted(lost), "in_a"].all()
    assert not table.loc[sorted(lost), "in_b"].any()
    assert table.loc[less.scenario.never[0], "why_b"] == "left out by the scenario"
    assert (table.loc[sorted(lost), "why_b"] != "").all()


def test_reasons_follow_the_rules_of_the_scenario():
    with using("en"):
        analysis = make_analysis(Scenario())
        code = analysis.plan.chosen["village_code"].iloc[0]

        def told(left=0.0, **values):
            changed = SimpleNamespace(**{**vars(analysis), "scenario": analysis.scenario.model_copy(update=values)})
            return comparing.why_out(changed, code, left)

        assert told(technologies=()) == "nothing of what may be built"
        assert told(business_models=("uso_subsidised",)) == "no business model that is allowed"
        assert told(left=1e15) == "others gain more for the same money"
        assert comparing.why_out(analysis, "33.27.99.2001", 1e15) == "no provider offers anything"


def test_the_maps_mark_what_differs(comparison):
    classes = [compare_map.village_classes(comparison, letter) for letter in comparison.letters]
    lost = set(comparison.differing["village_code"])
    assert {code for code, kind in classes[0].items() if kind == "here"} == lost
    assert {code for code, kind in classes[1].items() if kind == "elsewhere"} == lost
    maps = compare_map.side_maps(comparison)
    assert len(maps) == 2
    assert maps[0].count('stroke="#1b1b1b"') == len(lost)
    assert maps[0].count("<path") == len(comparison.analyses[0].region.villages)


@pytest.mark.parametrize("count", [1, 6])
def test_too_few_or_too_many_are_refused(count):
    with pytest.raises(ScenarioError):
        comparing.compare([make_analysis()] * count)


def test_the_files_repeat_and_hostile_text_stays_text(tmp_path):
    with using("id"):
        found = comparing.compare(pair(HOSTILE))
        first = compare_files.write(found, tmp_path / "one")
        second = compare_files.write(found, tmp_path / "two")
    assert [p.name for p in first] == ["compare.gpkg", "compare.pdf", "compare.xlsx"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    book = CalamineWorkbook.from_filelike(io.BytesIO(first[2].read_bytes()))
    cells = [str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
    assert any(HOSTILE[1:] in cell for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells if not cell[1:2].isdigit())
    assert any(WATERMARK in cell for cell in cells)
    villages = pyogrio.read_dataframe(first[0], layer="villages")
    assert villages["differs"].sum() == len(found.differing)
    assert set(villages["watermark"]) == {WATERMARK}
    assert {"villages", "plan_a", "plan_b"} <= {name for name, _kind in pyogrio.list_layers(first[0])}
    if shutil.which("pdftotext"):
        run = ["pdftotext", "-layout", str(first[1]), "-"]
        text = subprocess.run(run, check=True, capture_output=True).stdout.decode()
        assert WATERMARK in text
        assert "#eval" in text


def test_the_command_refuses_one_scenario_alone_before_any_work(tmp_path, capsys):
    arguments = ["compare", "data/pemalang", "--scenario", "best_mix", "--out", str(tmp_path / "out"), "--lang", "en"]
    assert main(arguments) == 2
    assert "Choose two to 5" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
