"""The form for reports without a network: download it, hand the filled one in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _, ngettext, number
from coverage.store import evidence, forms, region_key
from coverage.ui import boxes, people
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.region import Region
    from coverage.store.schema import User

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LIMIT_MB = 10


def show(region: Region, user: User) -> None:
    """Both directions; a village gets the form of its own."""
    villages = region.villages
    if user.role == "village":
        villages = villages[villages["village_code"] == user.village_code]
    operators = sorted(set(region.cells["operator"]))
    with st.expander(_("Collect reports without a network"), icon=":material/wifi_off:"):
        st.write(_("Take the form along, fill it in where there is no signal, and hand it in here afterwards."))
        with st.container(horizontal=True):
            st.download_button(
                _("Form for reports (Excel)"), lambda: forms.form_xlsx(villages, operators), "formulir-sinyal.xlsx",
                _XLSX, icon=":material/download:", on_click="ignore",
            )  # fmt: skip
            st.download_button(
                _("Form for reports (CSV)"), lambda: forms.form_csv(villages, operators), "formulir-sinyal.csv",
                "text/csv", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
        with st.form("offline", border=False, clear_on_submit=True):
            boxes.tell("offline_file", _LIMIT_MB, ("xlsx", "csv"))
            given = st.file_uploader(
                _("Filled form"), type=["xlsx", "csv"], max_upload_size=_LIMIT_MB, key="offline_file"
            )
            sent = st.form_submit_button(_("Hand in"), icon=":material/upload:")
        if sent and given is not None:
            _take(given.name, given.getvalue(), region)


def _take(name: str, content: bytes, region: Region) -> None:
    """File every report of the form; of a form with a fault, none."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(name.replace("\\", "/")).name
            path.write_bytes(content)
            made = forms.read_form(path, region.villages, region.settlements)
        for one in made:
            evidence.report(people.here(), people.acting(), region_key(region), one)
    except JangkauError as error:
        where = literal(f"{error.where}: ") if error.where else ""
        st.error(f"{where}{literal(error.what)}.\n\n{literal(error.todo)}", icon=":material/error:")
        return
    if not made:
        st.info(_("Nobody has filled the form in yet."))
        return
    st.success(
        ngettext("{count} report was taken in.", "{count} reports were taken in.", len(made)).format(
            count=number(len(made))
        ),
        icon=":material/check:",
    )
