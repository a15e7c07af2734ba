"""Words of the trade are explained where they stand: on hover in texts, labels and heads of tables."""

import json

import pytest

from coverage.language import using
from coverage.outputs import glossary
from tests.ui.test_ui_pages import _fresh, _warm, start  # noqa: F401 - fixtures

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
PAGES = ("peta", "desa", "skenario", "indikator", "data", "asumsi", "kerja")
_LABELLED = ("button_group", "multiselect", "number_input", "radio", "selectbox", "slider", "text_input", "toggle")


def unexplained(at):
    """Elements with a word of the trade and no help, by kind; a list is explained by its head."""
    for kind in ("markdown", "caption", "header", "subheader", *_LABELLED, "metric"):
        for element in at.get(kind):
            text = element.label if kind in (*_LABELLED, "metric") else element.value
            text = str(text).replace("\\", "")
            if not text.startswith("- ") and glossary.explain(text) and not element.proto.help:
                yield f"{kind}: {text[:100]}"
    for element in at.get("dataframe"):
        for name, config in json.loads(element.proto.columns or "{}").items():
            label = str(config.get("label") or name)
            if glossary.explain(label) and not config.get("help"):
                yield f"column: {label}"


@pytest.mark.parametrize("page", PAGES)
def test_words_of_the_trade_are_explained_where_they_stand(page):
    with using("en"):
        at = start(page, lang="en")
        assert not at.exception
        assert list(unexplained(at)) == []


def test_a_word_is_known_by_itself_and_not_inside_another():
    with using("en"):
        assert "Universal" not in (glossary.explain("USO") or "")
        assert glossary.explain("the NPV, and PPN") == "\n\n".join(
            sentence for sentence in glossary.sentences() if sentence.startswith(("NPV", "PPN"))
        )
        assert glossary.explain("an NPVX") is None
