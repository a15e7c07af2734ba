"""Charts as the reader's language writes numbers."""

from __future__ import annotations

from typing import Any

import altair as alt
import streamlit as st

from coverage.language import language


def show(chart: Any) -> None:
    """Draw an Altair chart whose axes write thousands and decimals as the language in force does."""
    st.altair_chart(chart.configure(locale=_numbers()))


def _numbers() -> alt.Locale:
    marks = (".", ",") if language() == "id" else (",", ".")
    return alt.Locale(number=alt.NumberLocale(thousands=marks[0], decimal=marks[1], grouping=[3], currency=["Rp", ""]))
