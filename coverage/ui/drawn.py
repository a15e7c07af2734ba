"""Parts of a page that depend on the analysis alone: made once per language, then shown again from what was made."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

import streamlit as st

from coverage.language import language
from coverage.ui import state

if TYPE_CHECKING:
    from coverage.analysis import Analysis

P = ParamSpec("P")

#: Analyses times languages times other arguments, per part of a page.
_MOST = 32


def drawn(function: Callable[Concatenate[Analysis, P], None]) -> Callable[Concatenate[Analysis, P], None]:
    """Keep what a function draws of the analysis that the page shows.

    Everybody sees the same: the function draws no control, reads nothing of the session or of who is
    at work, and its other arguments tell all that the drawing depends on beside analysis and language.
    """

    def make(analysis_key: str, spoken: str, args: Any, named: Any, _analysis: Any) -> None:
        del analysis_key, spoken  # they name the entry
        function(_analysis, *args, **named)

    # Streamlit tells functions apart by these.
    make.__module__, make.__qualname__ = function.__module__, f"{function.__qualname__}.drawn"
    replay = st.cache_data(max_entries=_MOST, show_spinner=False)(make)

    @wraps(function)
    def draw(analysis: Analysis, *args: P.args, **named: P.kwargs) -> None:
        replay(state.here().analysis_key, language(), args, named, analysis)

    return cast("Callable[Concatenate[Analysis, P], None]", draw)
