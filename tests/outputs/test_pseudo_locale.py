"""Every word on static pages, in PDFs, workbooks and on the command line goes through the catalogue."""

import io
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from coverage.cli.main import main
from coverage.language import using
from coverage.outputs import compare, compare_files, summary
from coverage.outputs.brief import village_brief
from coverage.outputs.documents import (
    document_pdf,
    letter_of_intent,
    request_for_information,
    term_sheet,
)
from coverage.outputs.evaluation import evaluation_xlsx
from coverage.outputs.leaflet import standalone
from coverage.outputs.match_list import match_list_xlsx
from coverage.outputs.site.atlas import Atlas
from coverage.outputs.site.pages import district_html, districts, index_html, village_html
from coverage.partnership.form import OFFER_COLUMNS, PROVIDER_COLUMNS, form_workbook
from coverage.scenario import Scenario
from tests.fake_analysis import code, make_analysis
from tests.pseudo import bare, data_texts, wrap

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed"
)


@pytest.fixture(scope="module")
def analysis():
    return make_analysis()


@pytest.fixture(scope="module")
def data():
    return data_texts()


@pytest.fixture
def wrapping(monkeypatch):
    wrap(monkeypatch)
    with using("en"):
        yield


class Shown(HTMLParser):
    """What a page says: its text and its alternatives for those who hear it."""

    def __init__(self):
        super().__init__()
        self.texts, self.inside = [], []

    def handle_starttag(self, tag, attrs):
        self.inside.append(tag)
        self.texts += [value for name, value in attrs if name in ("alt", "title", "aria-label", "placeholder")]

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, text):
        if not {"style", "script"} & set(self.inside):
            self.texts.append(text)


def texts_of(page):
    shown = Shown()
    shown.feed(page)
    return shown.texts


def read(pdf, tmp_path):
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(["pdftotext", "-raw", path, "-"], check=True, capture_output=True).stdout.decode()
    return " ".join(said.split())


def cells(workbook):
    """Every text of a workbook, and the names of its sheets."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        names = [n for n in book.namelist() if n == "xl/sharedStrings.xml" or n.startswith("xl/worksheets/")]
        trees = [ElementTree.fromstring(book.read(name)) for name in names]  # noqa: S314 - made here
        found = [element.text or "" for tree in trees for element in tree.iter() if element.tag.endswith("}t")]
        sheets = ElementTree.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - made here
        names = [s.get("name") for s in sheets.iter() if s.tag.endswith("}sheet")]
        return found + [f"{name}»" if "«" in name and "»" not in name else name for name in names]  # names are cut


def unwrapped(texts, data):
    return {text[:90]: left for text in texts if (left := bare(text, data))}


def test_static_pages(analysis, wrapping, data):
    atlas = Atlas(analysis)
    pages = [index_html(atlas), district_html(atlas, next(iter(districts(atlas))))]
    pages += [village_html(atlas, code(index)) for index in range(5)]
    same = ["Bahasa Indonesia", "English", "WhatsApp", "SMS", "none", *data]
    assert {k: v for page in pages for k, v in unwrapped(texts_of(page), same).items()} == {}


@needs_poppler
def test_papers(analysis, wrapping, data, tmp_path):
    deals = str(analysis.plan.chosen["deal_id"].iloc[0])
    other = make_analysis(Scenario(name="satellite_first", technologies=("satellite_wifi",)))
    made = {
        "brief": village_brief(analysis, code(0)),
        "term sheet": document_pdf(term_sheet(analysis, deals)),
        "memorandum": document_pdf(letter_of_intent(analysis, deals)),
        "request": document_pdf(request_for_information(analysis, list(analysis.plan.chosen["village_code"][:3]))),
        "comparison": compare_files.pdf(compare.compare([analysis, other])),
    }
    watermark = ["CONTOH", "BUKAN DATA RESM"]  # it runs over the edge of the sheet
    assert {name: left for name, pdf in made.items() if (left := bare(read(pdf, tmp_path), [*data, *watermark]))} == {}


def test_workbooks(analysis, wrapping, data):
    other = make_analysis(Scenario(name="satellite_first", technologies=("satellite_wifi",)))
    made = {
        "matches": match_list_xlsx(analysis),
        "comparison": compare_files.workbook(compare.compare([analysis, other])),
        "evaluation": evaluation_xlsx(analysis),
        "request": form_workbook(analysis.region.villages),
    }
    # the codes under the words of the form are read back
    same = [*sorted({*PROVIDER_COLUMNS, *OFFER_COLUMNS}, key=len, reverse=True), *data]
    found = {name: left for name, book in made.items() if (left := unwrapped(cells(book), same))}
    assert found == {}


def test_the_map_in_one_file_and_the_summary(analysis, wrapping, data):
    page = summary.page(analysis)
    assert unwrapped(texts_of(page), data) == {}
    assert unwrapped(summary.markdown(analysis).splitlines(), data) == {}
    assert unwrapped(texts_of(standalone(analysis)), data) == {}


COMMANDS = (
    "fetch",
    "import",
    "check",
    "blank-spots",
    "run",
    "publish",
    "compare",
    "batch",
    "backup",
    "restore",
    "users",
)
#: What is typed and not read: names of commands, options and choices, and places.
_TYPED = re.compile(r"--[\w-]+|\[[^\]\s]*\]|\b[A-Z_]{2,}(=[A-Z]+)?\b|python -m coverage|^  [\w-]+", re.MULTILINE)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_of_the_command_line(command, wrapping, capsys):
    assert main(["--lang", "en", *command.split(), "--help"]) == 0
    said = " ".join(_TYPED.sub(" ", capsys.readouterr().out).split())
    assert bare(said, [command, "public table", "host database"]) == []


@pytest.mark.parametrize(
    "words",
    [
        ["run", "nowhere"], ["check", "nowhere"], ["publish", "data/pemalang"],
        ["run", "data/pemalang", "--budget", "much"],
        ["run", "data/pemalang", "--nonsense"], ["nonsense"], ["compare", "data/pemalang", "--scenario", "best_mix"],
        ["run", "data/pemalang", "--set", "radio.nothing=1"], ["run", "data/pemalang", "--set", "x"], ["batch", "out"],
        ["import", "out", "--boundaries", "nowhere.geojson"], ["restore", "nowhere.zip"], ["fetch", "99.99"],
        ["blank-spots", "nowhere", "x.xlsx"], ["users", "nonsense"],
    ],
)  # fmt: skip
def test_refusals_of_the_command_line(words, wrapping, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("JANGKAU_DATA", str(tmp_path))
    assert main([*words, "--lang", "en"]) == 2
    err = capsys.readouterr().err
    assert err
    told = re.sub(r"--[\w-]+|[\w./-]*\.(geojson|zip|xlsx|json)\b|\b[A-Z_]{3,}\b", " ", err)
    assert bare(told, [*words, "python -m coverage", "datapackage", "radio.nothing"]) == []
