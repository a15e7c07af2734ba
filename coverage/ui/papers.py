"""Papers of a match, to be downloaded: made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _
from coverage.outputs.documents import (
    Document,
    bumdes_worksheet,
    document_pdf,
    letter_of_intent,
    request_for_information,
    term_sheet,
)
from coverage.outputs.match_list import match_list_xlsx
from coverage.ui import kept_terms, people, provider_replies
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.partnership import KeptTerms

_PDF = "application/pdf"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def of_match(analysis: Analysis, deal_id: str, village_code: str, kept: KeptTerms, *, village: bool = True) -> None:
    """Term sheet, memorandum and worksheet of one match; letters of sample data are made only when told so.

    The worksheet holds the figures of the village's side: it is left out where those are not to be seen.
    """
    agreed = True
    if kept.any:
        st.caption(literal(kept_terms.told(kept)))
    if analysis.region.is_sample:
        agreed = st.checkbox(_("I know that these are sample data, not for sending"), key="papers_sample")
    _button(_("Term sheet"), f"term-sheet-{village_code}.pdf", lambda: term_sheet(analysis, deal_id, kept), agreed)
    _button(
        _("Memorandum of intent"),
        f"memorandum-{village_code}.pdf",
        lambda: letter_of_intent(analysis, deal_id, kept),
        agreed,
    )
    models = analysis.deals.loc[analysis.deals["village_code"] == village_code, "business_model"]
    if village and "bumdes_resale" in set(models):
        _button(
            _("Worksheet of the village enterprise (BUMDes)"),
            f"bumdes-{village_code}.pdf",
            lambda: bumdes_worksheet(analysis, village_code, kept_terms.of_region(analysis.region)),
            agreed,
        )


def of_list(analysis: Analysis, codes: list[str], kept: Mapping[str, KeptTerms]) -> None:
    """The match list as a workbook, with a sheet for staff alone, and what providers are asked about its villages."""
    secrets = people.secrets()
    with st.container(horizontal=True):
        st.download_button(
            _("Match list (Excel)"),
            lambda: match_list_xlsx(analysis, kept, secrets=secrets),
            "match-list.xlsx",
            _XLSX,
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            _("Request for information (PDF)"),
            lambda: document_pdf(request_for_information(analysis, codes, kept)),
            "request-for-information.pdf",
            _PDF,
            icon=":material/mail:",
            on_click="ignore",
            help=_("The same questions to all providers, about the villages in the list"),
        )
        villages = analysis.region.villages
        provider_replies.forms(villages[villages["village_code"].isin(set(codes))])


def _button(label: str, name: str, make: Callable[[], Document], enabled: bool) -> None:
    try:
        made = make()
    except JangkauError as error:
        st.info(literal(f"{label}: {error.what}. {error.todo}"))
        return
    st.download_button(
        label,
        lambda: document_pdf(made),
        name,
        _PDF,
        icon=":material/description:",
        disabled=not enabled,
        on_click="ignore",
    )
