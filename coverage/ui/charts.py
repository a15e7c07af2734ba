"""Charts as the reader's language writes numbers."""

from __future__ import annotations

from typing import Any

import altair as alt
import streamlit as st
from babel.numbers import get_decimal_symbol, get_group_symbol

from coverage.language import locale


def show(chart: Any) -> None:
    """Draw an Altair chart whose axes write thousands and decimals as the language in force does."""
    st.altair_chart(chart.configure(locale=_numbers()))


def _numbers() -> alt.Locale:
    spoken = locale()
    return alt.Locale(
        number=alt.NumberLocale(
            thousands=get_group_symbol(spoken), decimal=get_decimal_symbol(spoken), grouping=[3], currency=["Rp", ""]
        )
    )
