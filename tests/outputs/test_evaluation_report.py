"""The evaluation report: marked, complete, the same bytes every time, safe with any name."""

import io
import shutil
import subprocess

import pytest
from python_calamine import CalamineWorkbook

from coverage.assumptions import load
from coverage.indicators import DIMENSIONS, label
from coverage.language import _, using
from coverage.outputs.evaluation import evaluation_pdf, evaluation_xlsx
from coverage.outputs.evaluation_content import report
from coverage.outputs.words import WATERMARK
from tests.fake_analysis import make_analysis

HOSTILE = '=HYPERLINK("http://x")#eval("1+1") *b* $x$ @r <l> //'
needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed"
)


@pytest.fixture(scope="module")
def analysis():
    return make_analysis()


@pytest.fixture(scope="module")
def book(analysis):
    return CalamineWorkbook.from_filelike(io.BytesIO(evaluation_xlsx(analysis)))


def read(pdf, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True).stdout.decode()
    return " ".join(text.split())


@needs_poppler
def test_the_report_is_marked_and_holds_every_part(analysis, tmp_path):
    text = read(evaluation_pdf(analysis), tmp_path)
    with using("id"):
        told = report(analysis)
        places = [text.index(label(d)) for d in DIMENSIONS]
    assert WATERMARK in text
    assert told.warning in text
    assert places == sorted(places)
    assert all(block.title in text for block in told.blocks)
    assert all(name in text for name in analysis.framework.indicators["id"])
    assert "1,38" in text
    assert "0,8" in text


@needs_poppler
def test_real_data_carry_no_watermark(tmp_path):
    assert "CONTOH" not in read(evaluation_pdf(make_analysis(sample=False)), tmp_path)


@needs_poppler
def test_a_hostile_name_is_only_text(tmp_path):
    assert '#eval("1+1") *b* $x$ @r' in read(evaluation_pdf(make_analysis(hostile=HOSTILE)), tmp_path)


def test_the_same_analysis_gives_the_same_bytes_in_any_language(analysis):
    with using("en"):
        first = evaluation_pdf(analysis), evaluation_xlsx(analysis)
    assert (evaluation_pdf(make_analysis()), evaluation_xlsx(make_analysis())) == first


def test_the_workbook_has_numbers_that_add_up(analysis, book):
    with using("id"):
        told = report(analysis)
        gain_at = [c.label for c in told.blocks[0].columns].index(_("Index gain"))
    rows = book.get_sheet_by_index(1).to_python()
    assert WATERMARK in rows[1][0]
    gains = [row[gain_at] for row in rows if row[0] in {r[0].value for r in told.blocks[0].rows}]
    assert len(gains) == len(DIMENSIONS)
    assert sum(gains) == pytest.approx(analysis.scores.gain)
    assert len(book.sheet_names) == 1 + len(told.blocks)


def test_no_cell_begins_like_a_formula():
    book = CalamineWorkbook.from_filelike(io.BytesIO(evaluation_xlsx(make_analysis(hostile=HOSTILE))))
    cells = [v for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for v in row]
    assert any(isinstance(v, str) and v.startswith("'=HYPERLINK") for v in cells)
    assert not any(isinstance(v, str) and v.startswith(("=", "@")) for v in cells)


def test_now_and_then_are_told_only_where_entered(analysis):
    now = dict.fromkeys(DIMENSIONS, 2.0)
    with using("en"):
        plain, entered = report(analysis).blocks[0], report(analysis, now).blocks[0]
    assert "Today" not in [c.label for c in plain.columns]
    at = [c.label for c in entered.columns].index("Today")
    assert {row[at].value for row in entered.rows} == {2.0}


def test_missing_data_are_named_and_judgement_is_counted():
    analysis = make_analysis()
    analysis.scores.indicators.loc[0, "included"] = False
    with using("en"):
        told = report(analysis)
    left_out = next(b for b in told.blocks if b.key == "excluded")
    assert [row[0].value for row in left_out.rows] == [analysis.framework.indicators["id"].iloc[0]]
    judged = analysis.framework.indicators["source"].eq("").mean()
    assert told.figures[2][0] == f"{judged:.0%}"


def test_growth_has_sources():
    rows = [load().row(name) for name in load() if name.startswith("indicators.growth_")]
    assert len(rows) == 3
    assert not any(row.is_judgement for row in rows)
