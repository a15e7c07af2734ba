"""The brief: one A4 sheet, the same bytes every time, safe with any name, marked where it is a sample."""

import shutil
import subprocess

import pytest

from coverage.errors import RegionError
from coverage.language import using
from coverage.outputs.brief import village_brief
from coverage.outputs.words import WATERMARK
from tests.fake_analysis import code, make_analysis

HOSTILE = '#eval("1+1") *b* $x$ @r <l> \\ // /* [#pagebreak()] "); <script>\u202e]]>\x07 '
pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")


@pytest.fixture(scope="module")
def analysis():
    return make_analysis()


def read(pdf, tmp_path):
    """Text of a PDF and its number of pages."""
    path = tmp_path / "brief.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True).stdout.decode()
    return " ".join(text.split()), text.count("\f")


def test_the_brief_is_one_marked_sheet_in_both_languages(analysis, tmp_path):
    for language, headline in (("id", WATERMARK), ("en", "Desa A0 is not served yet.")):
        with using(language):
            pdf = village_brief(analysis, code(0))
        text, pages = read(pdf, tmp_path)
        assert pdf.startswith(b"%PDF")
        assert pages == 1
        assert headline in text
        assert WATERMARK in text
        assert f"JANGKAU {code(0)}" in text


def test_the_same_analysis_gives_the_same_bytes(analysis):
    assert village_brief(analysis, code(1)) == village_brief(make_analysis(), code(1))


def test_real_data_carry_no_watermark(tmp_path):
    text, pages = read(village_brief(make_analysis(sample=False), code(0)), tmp_path)
    assert pages == 1
    assert "CONTOH" not in text


def test_a_hostile_name_is_only_text(tmp_path):
    with using("en"):
        text, pages = read(village_brief(make_analysis(hostile=HOSTILE), code(0)), tmp_path)
    assert pages == 1
    assert '#eval("1+1") *b* $x$ @r' in text
    assert "[#pagebreak()]" in text


def test_long_names_still_fit_on_one_sheet(tmp_path):
    _text, pages = read(village_brief(make_analysis(hostile="Sangat Panjang Sekali Namanya " * 5), code(0)), tmp_path)
    assert pages == 1


def test_a_village_without_options_has_a_brief(analysis, tmp_path):
    with using("en"):
        text, pages = read(village_brief(analysis, code(2)), tmp_path)
    assert pages == 1
    assert "nothing has to be built" in text


def test_an_unknown_code_is_told_kindly(analysis):
    with pytest.raises(RegionError, match=r"99\.99"):
        village_brief(analysis, "99.99.99.9999")
