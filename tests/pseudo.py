"""A pseudo-locale: a catalogue that wraps every string, so that text which went past it stands bare."""

import datetime as dt
import re

from coverage import language
from coverage.language import date
from tests.fake_analysis import make_analysis

#: Marks of Streamlit's Markdown, our name, and what is written the same in every language.
SAME = re.compile(
    r"https?://\S+|:[a-z]+(-[a-z]+)*\[|:material/\w+:|<style>.*?</style>|<[^>]+>|Jangkau|JANGKAU|"
    r"CONTOH – BUKAN DATA RESMI|\bRp\b|"
    r"\b(km|m|dBm|dB|Mbit/s|Mbps|MHz|billion|million|thousand|GB|ID|EN)\b",
    re.DOTALL,
)


class Wrapping:
    """Stands in for a catalogue; the marks are in every font."""

    @staticmethod
    def gettext(message):
        return f"«{message}»"

    @staticmethod
    def ngettext(singular, plural, count):
        return f"«{singular if count == 1 else plural}»"


def wrap(monkeypatch):
    """Make every string that goes through the catalogue wear marks."""
    monkeypatch.setattr(language, "_catalogue", lambda _code: Wrapping)


def bare(text, data):
    """What of a text is neither wrapped nor data."""
    text = re.sub(r"\\([^\w\s])", r"\1", text)  # escapes of Markdown
    while (less := re.sub(r"«[^«»]*»", " ", text)) != text:
        text = less
    for value in data:
        text = text.replace(value, " ")
    return re.findall(r"[^\W\d_]{3,}", SAME.sub(" ", text))


def data_texts():
    """Every text of the tables of the stand-in analysis, the longest first."""
    analysis = make_analysis()
    region = analysis.region
    framework, assumptions = analysis.framework, analysis.assumptions
    tables = (
        framework.indicators,
        framework.drivers,
        framework.published,
        region.villages,
        region.settlements,
        region.sites,
        region.cells,
        region.facilities,
        region.providers,
    )
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
    for row in map(assumptions.row, assumptions):
        texts |= {row.note_id, row.note_en, row.source}
    return sorted(texts - {""}, key=len, reverse=True)
