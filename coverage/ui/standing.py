"""What is known of access: model, reports and measurements side by side; calibration; the blank-spot list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from coverage.language import _, language, ngettext, number
from coverage.outputs import words
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.ui.state import Here


def show(here: Here) -> None:
    """Draw it; before the first analysis only a word."""
    if here.analysis is None:
        st.info(_("This appears when the first result has been calculated."))
        return
    analysis = here.analysis
    _blank_spots(here.analysis_key, analysis)
    st.subheader(_("Side by side"), anchor=False)
    if not len(analysis.region.evidence):
        st.info(_("Nothing was reported or measured yet. Give surveys, speed tests or your own list under Import."))
    else:
        _statements(analysis)
    _calibration(analysis)


def _statements(analysis: Analysis) -> None:
    from coverage.access import statements

    region = analysis.region
    rows = statements(
        region.evidence, region.settlements, analysis.access.operators, region.completeness, analysis.assumptions
    )
    clashes = int(rows.groupby(["village_code", "settlement_id"])["conflict"].any().sum())
    if clashes:
        text = ngettext(
            "{count} place where they disagree: ask who was there, or measure again.",
            "{count} places where they disagree: ask who was there, or measure again.",
            clashes,
        )
        st.warning(literal(text.format(count=number(clashes))), icon=":material/compare_arrows:")
    villages = region.villages.set_index("village_code")["village_name"]
    hamlets = region.settlements.set_index("settlement_id")["settlement_name"]
    shown = pd.DataFrame(
        {
            "village": rows["village_code"].map(villages),
            "hamlet": rows["settlement_id"].map(hamlets).fillna(""),
            "basis": rows["evidence"].map(words.evidence),
            "class": rows["access_class"].map(words.access_class),
            "operator": rows["operator"],
            "source": rows["source"],
            "date": rows["date"],
            "samples": rows["samples"],
            "counts": [_counts(rank, why, basis) for rank, why, basis in _reasons(rows)],
            "conflict": rows["conflict"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        placeholder="–",
        column_config={
            "village": st.column_config.TextColumn(_("Village"), pinned=True),
            "hamlet": _("Hamlet"),
            "basis": _("Basis"),
            "class": _("Service"),
            "operator": _("Operator"),
            "source": _("Source"),
            "date": _("Date"),
            "samples": _("Samples"),
            "counts": _("Counts?"),
            "conflict": st.column_config.CheckboxColumn(_("Disagree")),
        },
    )


def _reasons(rows: pd.DataFrame) -> list[tuple[int, str, str]]:
    return list(zip(rows["rank"], rows["refused"], rows["evidence"], strict=True))


def _counts(rank: int, refused: str, basis: str) -> str:
    if basis == "modelled":
        return _("where nothing else counts")
    if rank == 1:
        return _("decides")
    if rank > 1:
        return _("counts, but another is better")
    return {
        "old": _("no: too old"),
        "few_samples": _("no: too few samples"),
        "absence_by_speed_test": _("no: a speed test cannot show that there is no signal"),
        "one_operator": _("no: it speaks of one operator only"),
    }.get(refused, refused)


def _calibration(analysis: Analysis) -> None:
    table = analysis.calibration
    if table.empty:
        return
    st.subheader(_("Model against measurements"), anchor=False)
    st.caption(
        _("By how much the measured signal differs from the calculated one. It is used only with enough measurements.")
    )
    why = {
        "few_places": _("not used: too few places measured"),
        "few_villages": _("not used: measured in too few villages"),
        "presence_only": _("not used: people test where there is signal"),
        "": _("used"),
    }
    shown = table.assign(
        offset=[
            "–"
            if pd.isna(value)
            else _("{offset} ± {doubt} dB").format(offset=number(value, 1), doubt=number(doubt, 1))
            for value, doubt in zip(table["offset_db"], table["uncertainty_db"], strict=True)
        ],
        places=table["readings"] + table["classes"],
        used=table["reason"].map(why),
    )
    st.dataframe(
        shown,
        hide_index=True,
        column_order=["operator", "offset", "places", "villages", "used"],
        column_config={
            "operator": _("Operator"),
            "offset": _("Measured minus calculated"),
            "places": _("Places"),
            "villages": _("Villages"),
            "used": _("Used?"),
        },
    )


def _blank_spots(key: str, analysis: Analysis) -> None:
    from coverage.outputs import blank_spots

    st.subheader(_("Blank-spot list"), anchor=False)
    frame, csv, xlsx = _list(key, language(), analysis)
    count = len(frame)
    text = ngettext(
        "{count} hamlet has no signal or a weak one.", "{count} hamlets have no signal or a weak one.", count
    )
    st.write(text.format(count=number(count)))
    st.caption(_("In the form that ministries and operators ask for; hamlets of which nothing is known are not in it."))
    if not count:
        return
    with st.container(horizontal=True):
        st.download_button(
            _("Excel"), xlsx, "daftar_blank_spot.xlsx", blank_spots.XLSX_TYPE, icon=":material/download:"
        )
        st.download_button(_("CSV"), csv, "daftar_blank_spot.csv", "text/csv", icon=":material/download:")


@st.cache_data(max_entries=8, show_spinner=False)
def _list(key: str, spoken: str, _analysis: Analysis) -> tuple[pd.DataFrame, bytes, bytes]:
    """The list and its files, once per analysis."""
    from coverage.outputs import blank_spots
    from coverage.outputs.tables import data_date

    del key, spoken
    frame = blank_spots.blank_spots(_analysis)
    return frame, blank_spots.as_csv(frame), blank_spots.as_xlsx(frame, data_date(_analysis))
