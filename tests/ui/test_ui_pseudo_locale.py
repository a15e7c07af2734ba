"""Every word on the pages goes through the catalogue: with one that wraps, nothing but data stays bare."""

import datetime as dt
import re

import pytest
import streamlit as st

from coverage import language
from coverage.language import date
from tests.fake_analysis import make_analysis
from tests.ui.test_ui_pages import PAGES, _fresh, _warm, start  # noqa: F401 - fixtures

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
_TEXTS = ("markdown", "caption", "header", "subheader", "error", "info", "warning", "success", "metric")
_SHOWN = (*_TEXTS, "button", "toggle", "slider", "selectbox", "multiselect", "radio", "text_input", "number_input",
          "checkbox", "button_group", "expander")  # fmt: skip
#: Marks of Streamlit's Markdown, our name, and what is written the same in every language.
_SAME = re.compile(
    r":[a-z]+(-[a-z]+)*\[|:material/\w+:|<style>.*?</style>|<[^>]+>|Jangkau|CONTOH – BUKAN DATA RESMI|\bRp\b|"
    r"\b(km|m|dBm|dB|Mbit/s|MHz|billion|million|thousand|GB|ID|EN)\b",
    re.DOTALL,
)


class _Wrapping:
    @staticmethod
    def gettext(message):
        return f"⟦{message}⟧"

    @staticmethod
    def ngettext(singular, plural, count):
        return f"⟦{singular if count == 1 else plural}⟧"


def bare(text, data):
    """What of a text is neither wrapped nor data."""
    text = re.sub(r"\\([^\w\s])", r"\1", text)  # escapes of Markdown
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = less
    text = _SAME.sub(" ", text)
    for value in data:
        text = text.replace(value, " ")
    return re.findall(r"[^\W\d_]{3,}", text)


@pytest.fixture
def wrapping(monkeypatch):
    st.cache_data.clear()
    monkeypatch.setattr(language, "_catalogue", lambda _code: _Wrapping)
    yield
    st.cache_data.clear()


@pytest.fixture(scope="module")
def data():
    """Every text of the tables, the longest first."""
    analysis = make_analysis()
    region = analysis.region
    tables = (region.villages, region.settlements, region.sites, region.cells, region.facilities, region.providers)
    texts = {region.name}
    for table in tables:
        for name in table.columns:
            if name != "geometry" and table[name].dtype.kind not in "iufb":
                texts |= {str(value) for value in table[name].dropna()}
    for layer in region.layers.values():
        texts |= {layer.source, layer.licence, layer.note, layer.date}
        if layer.date:
            with language.using("en"):
                texts.add(date(dt.date.fromisoformat(layer.date)))
    return sorted(texts - {""}, key=len, reverse=True)


@pytest.mark.parametrize("page", PAGES)
def test_no_word_on_a_page_lies_outside_the_catalogue(page, wrapping, data):
    at = start(page, lang="en")
    assert not at.exception
    found = {}
    for kind in _SHOWN:
        for element in at.get(kind):
            # the value of a control is a code; what is shown of it goes through its options
            for part in ("label", "help", "value") if kind in _TEXTS else ("label", "help"):
                text = getattr(element, part, None)
                if isinstance(text, str) and (left := bare(text, data)):
                    found[f"{kind}.{part}: {text[:90]}"] = left
    assert found == {}
