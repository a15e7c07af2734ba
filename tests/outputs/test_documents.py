"""Documents to sign, send and fill in: figures as on the screen, marked, safe, the same bytes every time."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from coverage.analysis import analyse
from coverage.errors import InputError, RegionError
from coverage.language import LANGUAGES, rupiah_short, using
from coverage.outputs import story
from coverage.outputs.documents import (
    bumdes_worksheet,
    document_pdf,
    letter_of_intent,
    request_for_information,
    term_sheet,
)
from coverage.outputs.words import WATERMARK
from coverage.partnership import best_deals, by_party, cash_flow, deal
from tests.fake_analysis import make_analysis
from tests.ridge_world import ridge_region

HOSTILE = '=HYPERLINK("http://x")#eval("1+1") *b* $x$ @r <l> //'
needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed"
)


@pytest.fixture(scope="module")
def analysis():
    return make_analysis()


def dearest(analysis):
    """The match that takes the most public money."""
    return analysis.plan.chosen.sort_values("subsidy_idr").iloc[-1]


def made(analysis):
    deal_id = str(dearest(analysis)["deal_id"])
    codes = list(analysis.plan.chosen["village_code"])
    return (
        term_sheet(analysis, deal_id),
        letter_of_intent(analysis, deal_id),
        request_for_information(analysis, codes),
    )


def read(pdf, tmp_path):
    path = tmp_path / "document.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True).stdout.decode()
    return " ".join(text.split())


@needs_poppler
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_document_awards_nothing_and_marks_the_sample(analysis, lang, tmp_path):
    with using(lang):
        for document in made(analysis):
            text = read(document_pdf(document), tmp_path)
            assert document.warning in text
            assert "bukan penetapan penyedia" in document.warning
            assert WATERMARK in text
            assert document.title in text
            for part in document.parts:
                assert part.title in text


@needs_poppler
def test_figures_are_those_of_the_screen(analysis, tmp_path):
    chosen = dearest(analysis)
    assert chosen["subsidy_idr"] > 0
    with using("id"):
        offer = next(o for o in story(analysis, str(chosen["village_code"])).offers if o.in_plan)
        for document in made(analysis)[:2]:
            text = read(document_pdf(document), tmp_path)
            assert rupiah_short(offer.price_idr_month) in text
            assert rupiah_short(float(chosen["subsidy_idr"])) in text
            assert offer.provider in text
            assert offer.label in text


def test_nothing_that_only_staff_may_see_is_in_a_document(analysis):
    deal = analysis.deals.set_index("deal_id").loc[dearest(analysis)["deal_id"]]
    with using("id"):
        for document in made(analysis):
            assert rupiah_short(float(deal["npv_idr"])) not in str(document.parts)
            assert "hurdle" not in str(document).lower()


@needs_poppler
def test_a_hostile_name_is_only_text(tmp_path):
    for document in made(make_analysis(hostile=HOSTILE)):
        assert re.search(r'#eval\("1\+1"\) \*b\* \$x\$ @r', read(document_pdf(document), tmp_path))


def test_the_same_analysis_gives_the_same_bytes(analysis):
    with using("id"):
        first = [document_pdf(document) for document in made(analysis)]
        assert [document_pdf(document) for document in made(make_analysis())] == first


def test_real_data_carry_no_watermark():
    assert all(document.watermark == "" for document in made(make_analysis(sample=False)))


def test_wrong_names_are_told(analysis):
    with pytest.raises(InputError, match="no-such-deal"):
        term_sheet(analysis, "no-such-deal")
    with pytest.raises(RegionError, match=r"99\.99"):
        request_for_information(analysis, ["99.99.99.2999"])
    with pytest.raises(InputError):
        request_for_information(analysis, [])


def test_the_worksheet_of_a_village_enterprise_adds_up():
    analysis = analyse(ridge_region(450.0))
    resale = analysis.deals[analysis.deals["business_model"] == "bumdes_resale"]
    code = str(resale["village_code"].iloc[0])
    best = best_deals(resale[resale["village_code"] == code]).iloc[0]
    economics = deal(
        str(best["deal_id"]), analysis.option_set, analysis.region.villages, analysis.region.providers,
        analysis.assumptions,
    )  # fmt: skip
    horizon = economics.project.finance.horizon_years
    flow = by_party(cash_flow(economics.project, economics.terms), horizon)
    village = flow["village_enterprise"] + flow["village_budget"]
    rate = economics.project.finance.social_rate
    worth = sum(village[year] / (1 + rate) ** year for year in range(horizon + 1))
    with using("en"):
        sheet = {part.title: part for part in bumdes_worksheet(analysis, code).parts}
        told = dict(sheet["Does it pay for the village?"].rows)
        assert told["NPV (present value of all that comes in and goes out)"] == rupiah_short(worth)
        years = sheet["Year by year"].rows
        assert len(years) == horizon + 1
        assert years[-1][-1] == rupiah_short(float(village.sum()))
        with pytest.raises(InputError, match="resell"):
            bumdes_worksheet(analysis, "33.27.99.2999")
