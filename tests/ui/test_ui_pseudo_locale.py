"""Every word on the pages goes through the catalogue: with one that wraps, nothing but data stays bare."""

import json

import pytest
import streamlit as st

from tests.pseudo import bare, data_texts, wrap
from tests.ui.test_ui_pages import PAGES, _fresh, _warm, start  # noqa: F401 - fixtures

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
_TEXTS = ("markdown", "caption", "header", "subheader", "error", "info", "warning", "success", "metric")
_SHOWN = (*_TEXTS, "button", "toggle", "slider", "selectbox", "multiselect", "radio", "text_input", "number_input",
          "checkbox", "button_group", "expander")  # fmt: skip


@pytest.fixture
def wrapping(monkeypatch):
    st.cache_data.clear()
    wrap(monkeypatch)
    yield
    st.cache_data.clear()


@pytest.fixture(scope="module")
def data():
    """What is data on the pages."""
    return data_texts()


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
    for table in at.get("dataframe"):
        for name, column in json.loads(table.proto.columns or "{}").items():
            for part in ("label", "help"):
                if left := bare(str(column.get(part) or ""), data):
                    found[f"column {name}.{part}"] = left
    for chart in at.get("arrow_vega_lite_chart"):
        for title in titles(json.loads(chart.proto.spec)):
            if left := bare(title, data):
                found[f"chart: {title}"] = left
    assert found == {}


def titles(spec):
    """Words that a chart's specification itself holds: titles of axes, legends and tooltips."""
    if isinstance(spec, dict):
        for name, value in spec.items():
            if name in ("title", "labelExpr") and isinstance(value, str):
                yield value
            elif name != "datasets":
                yield from titles(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from titles(value)
