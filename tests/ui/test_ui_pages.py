"""Every page, without a browser: it runs, it answers, it marks the sample, and markup stays text."""

import re
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.errors import RegionError
from coverage.language import DEFAULT, _, set_language, using
from coverage.ui import bench, drawing, main, people, words
from tests.fake_analysis import code, make_analysis
from tests.ui.settling import PATIENCE_S, settled

APP = Path(__file__).parent / "fake_app.py"
PAGES = ("peta", "desa", "kemitraan", "skenario", "indikator", "data", "asumsi")
# Streamlit's own test runner drops its context in threads that it did not start.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def _warm():
    """Load pandera's optional parts here: pytest's rewriting of imports is not safe in two threads."""
    make_analysis()


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """The stand-ins that the app under test puts into the process are taken away again."""
    monkeypatch.setattr(main, "_region", main._region)
    monkeypatch.delitem(sys.modules, "fake_region", raising=False)
    monkeypatch.setattr(drawing, "_HEAD_START_S", 0.0)
    monkeypatch.setattr(main, "_make", main._make)
    main._workshop.clear()
    yield
    set_language(DEFAULT)


def start(page="peta", **query):
    set_language(query.get("lang", DEFAULT))  # the test runner writes what is chosen in its own thread
    at = AppTest.from_file(str(APP), default_timeout=PATIENCE_S)
    for name, value in query.items():
        at.query_params[name] = value
    if page != "peta":
        at.switch_page(f"../../coverage/ui/pages/{page}.py")
    return settled(at)


def everything(at):
    kinds = ("markdown", "caption", "header", "subheader", "error", "info", "warning", "success")
    return "\n".join(str(element.value) for kind in kinds for element in at.get(kind))


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_and_marks_the_sample(page, language):
    at = start(page, lang=language)
    assert not at.exception
    assert not at.error
    assert at.header
    with using(language):
        assert _("Sample data") in everything(at)
        if page != "asumsi":
            assert at.header[0].value.startswith(words.literal(_("Example: {answer}").split(" ")[0]))


def test_the_first_screen_answers_and_shows_a_story():
    at = start(lang="en")
    assert "The next Rp 1 billion is most useful in" in at.header[0].value
    assert at.subheader[0].value.startswith("Desa")
    assert at.metric[0].label == "Villages in the plan"


def test_the_signal_of_any_place_is_explained_in_both_languages():
    for language, asked, silent in (
        ("id", "menara mana yang melayaninya", "Tidak ada menara dalam daftar yang menjangkau tempat ini."),
        ("en", "which tower serves it", "No tower in the list reaches this place."),
    ):
        at = start(lang=language)
        for key in ("trying", "asking"):
            at.toggle(key=key).set_value(True)
            settled(at)
        assert at.toggle(key="trying").value is False  # a press asks one thing at a time
        assert asked in everything(at)
        at.session_state["tried_place"] = (-7.1, 109.35)
        assert silent in everything(settled(at))
        assert not at.exception


def test_a_deep_link_opens_village_and_layer():
    at = start(desa=code(7), lapis="layanan", lang="en")
    assert at.session_state["desa"] == code(7)
    assert at.session_state["lapis"] == "layanan"
    assert "Desa H7" in [s.value for s in at.subheader]
    assert at.query_params["desa"] in (code(7), [code(7)])


@pytest.mark.parametrize(
    "bad", [{"desa": "<script>"}, {"lapis": "../../etc"}, {"lang": "xx"}, {"desa": "99.99.99.9999"}]
)
def test_nonsense_in_the_address_does_no_harm(bad):
    at = start(**bad)
    assert not at.exception
    assert not at.error


def test_the_budget_makes_another_plan():
    at = start(lang="en")
    before = {m.label: m.value for m in at.metric}
    at.slider(key="budget_peta").set_value(0)
    settled(at)
    after = {m.label: m.value for m in at.metric}
    assert int(after["Villages in the plan"]) < int(before["Villages in the plan"])
    assert after["Public money used"] == "Rp 0"


def test_another_plan_stands_beside_on_the_same_layer_with_the_same_selection(monkeypatch, tmp_path):
    monkeypatch.setenv("JANGKAU_DATA", str(tmp_path))
    people.store.clear()
    bench.clear()
    at = start(lang="en", desa=code(0))
    at.session_state["scenario"] = {**at.session_state["scenario"], "technologies": ["light_tower"]}
    settled(at)
    at.selectbox(key="compare_choice").select("siap-satellite_first")
    at.run()
    assert at.session_state["work_beside"].ended.wait(60)
    at.run()
    assert not at.exception
    assert at.session_state["lapis"] == "rencana"
    assert at.query_params["banding"] in ("siap-satellite_first", ["siap-satellite_first"])
    told = everything(at)
    assert re.search(r"\d+ villages differ on this layer", told.replace("\\", ""))
    rows = next(table.value for table in at.dataframe if list(table.value) == ["name", "district", "left", "right"])
    assert len(rows) == int(re.search(r"(\d+) villages differ", told)[1])
    # a plan of this session, too: the one before the budget changed
    at.slider(key="budget_peta").set_value(3)
    settled(at)
    options = at.selectbox(key="compare_choice").options
    assert [o for o in options if o.startswith("Before: Rp 12 billion")]
    at.selectbox(key="compare_choice").set_value(None)
    at.run()
    assert "differ on this layer" not in everything(at)


def test_an_address_with_a_plan_that_is_not_there_shows_one_map():
    for code_of_plan in ("siap-nothing", "rencana-abc", "simpanan-1", "../x"):
        at = start(lang="en", banding=code_of_plan)
        assert not at.exception
        assert not at.error
        assert "differ on this layer" not in everything(at)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_tells_the_date_of_its_data_and_takes_feedback(page):
    at = start(page, lang="en")
    assert "Data of June 30, 2025" in everything(at).replace("\\", "")
    assert at.text_area(key="feedback_words").label


def test_the_language_switch_changes_the_words():
    at = start(lang="en")
    english = everything(at)
    at.button_group(key="lang").set_value("id").run()
    assert everything(at) != english
    assert "Contoh" in at.header[0].value


def test_names_are_never_markup(monkeypatch):
    monkeypatch.setenv("JANGKAU_TEST", "hostile")
    for page in PAGES:
        at = start(page, lang="en")
        assert not at.exception
        shown = everything(at)
        assert not re.search(r"(?<!\\)<(img|script)", shown), page
        assert not re.search(r"(?<!\\)!(?<!\\)\[p", shown), page
        assert not re.search(r"(?<!\\):red\[x", shown), page


def test_real_data_carry_no_sample_mark(monkeypatch):
    monkeypatch.setenv("JANGKAU_TEST", "partial")
    at = start(lang="en")
    assert "Sample data" not in everything(at)
    assert at.header[0].value.startswith("The next")


def test_a_region_that_cannot_be_read_is_told_without_a_traceback(monkeypatch):
    def broken(_folder, _stamp):
        raise RegionError("This is not a region", where="somewhere", todo="Import one")

    at = AppTest.from_string("from coverage.ui import main\nmain.run()", default_timeout=PATIENCE_S)
    monkeypatch.setattr(main, "_region", broken)
    at.run()
    assert not at.exception
    assert "This is not a region" in at.error[0].value
    assert "Import one" in at.error[0].value


@pytest.mark.parametrize("text", ["a *b* [c](d) <i>", "$x$ :red[y] `z`", "_u_ #h ~s~ |t|", "![p](http://q)"])
def test_literal_text_means_itself_in_markdown(text):
    from markdown_it import MarkdownIt

    rendered = MarkdownIt().renderInline(words.literal(text))
    import html

    assert html.unescape(rendered).replace("\u2060", "") == text
