"""The mark that everything made of sample data carries."""

from __future__ import annotations

from coverage.language import _
from coverage.outputs.words import WATERMARK


def watermark(sample: bool) -> str:
    """The watermark, with its translation for who reads no Indonesian; ``""`` for real data."""
    if not sample:
        return ""
    translated = _("SAMPLE – NOT OFFICIAL DATA")
    return WATERMARK if translated == WATERMARK else f"{WATERMARK} / {translated}"
