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
def _files(analysis_key: str, now: tuple[float, ...], _analysis: Any) -> tuple[bytes, bytes]:
    from coverage.outputs.evaluation import evaluation_pdf, evaluation_xlsx

    del analysis_key  # it names the entry
    entered = dict(zip(DIMENSIONS, now, strict=True)) if now else None
    return evaluation_pdf(_analysis, entered), evaluation_xlsx(_analysis, entered)


def downloads(analysis: Analysis) -> None:
    """Two buttons: the report as PDF and as workbook, both in Indonesian."""
    given = [st.session_state.get(f"now_{code}") for code in DIMENSIONS]
    now = tuple(float(v) for v in given if v is not None)
    pdf, workbook = _files(state.here().analysis_key, now if len(now) == len(DIMENSIONS) else (), analysis)
    stem = f"evaluasi-{analysis.region.code}"
    with st.container(horizontal=True):
        st.download_button(
            _("Evaluation report (PDF)"), pdf, f"{stem}.pdf", "application/pdf", icon=":material/picture_as_pdf:"
        )
        st.download_button(_("Evaluation report (Excel)"), workbook, f"{stem}.xlsx", _XLSX, icon=":material/table:")
    st.caption(_("In Indonesian, as an annex to the yearly self-assessment. Indicative, not the ministry's score."))
