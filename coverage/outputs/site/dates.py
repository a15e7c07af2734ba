"""Dates of layers as people read them."""

from __future__ import annotations

import datetime as dt

from coverage.language import date


def in_words(text: str) -> str:
    """``2026-01-01`` as *1 Januari 2026*; what is no ISO date stays as it is."""
    try:
        return date(dt.date.fromisoformat(text))
    except ValueError:
        return text
