"""The evaluation report to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage.indicators import DIMENSIONS
from coverage.language import _
from coverage.ui import state

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@st.cache_data(max_entries=8, show_spinner=False)
def _pdf(analysis_key: str, now: tuple[float, ...], _analysis: Any) -> bytes:
    from coverage.outputs.evaluation import evaluation_pdf

    del analysis_key  # it names the entry
    return evaluation_pdf(_analysis, _entered(now))


@st.cache_data(max_entries=8, show_spinner=False)
def _workbook(analysis_key: str, now: tuple[float, ...], _analysis: Any) -> bytes:
    from coverage.outputs.evaluation import evaluation_xlsx

    del analysis_key  # it names the entry
    return evaluation_xlsx(_analysis, _entered(now))


def _entered(now: tuple[float, ...]) -> dict[str, float] | None:
    return dict(zip(DIMENSIONS, now, strict=True)) if now else None


def downloads(analysis: Analysis) -> None:
    """Two buttons: the report as PDF and as workbook, both in Indonesian."""
    given = [st.session_state.get(f"now_{code}") for code in DIMENSIONS]
    now = tuple(float(v) for v in given if v is not None)
    entered = now if len(now) == len(DIMENSIONS) else ()
    key = state.here().analysis_key
    stem = f"evaluasi-{analysis.region.code}"
    with st.container(horizontal=True):
        st.download_button(
            _("Evaluation report (PDF)"), lambda: _pdf(key, entered, analysis), f"{stem}.pdf", "application/pdf",
            icon=":material/picture_as_pdf:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            _("Evaluation report (Excel)"), lambda: _workbook(key, entered, analysis), f"{stem}.xlsx", _XLSX,
            icon=":material/table:", on_click="ignore",
        )  # fmt: skip
    st.caption(_("In Indonesian, as an annex to the yearly self-assessment. Indicative, not the ministry's score."))
