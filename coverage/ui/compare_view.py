"""Plans side by side in the app: ready scenarios and the one at hand."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import cache
from coverage.language import _, language, ngettext
from coverage.outputs import compare, compare_map
from coverage.progress import part
from coverage.ui import bench, main, scenarios, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.outputs.compare import Comparison

_MINE = "_mine"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_GPKG = "application/geopackage+sqlite3"


def show(here: state.Here, analysis: Analysis) -> None:
    """Choose plans, compare them, take the comparison along."""
    names = {_MINE: _("The plan above")} | {name: compare.scenario_name(name) for name in scenarios.ready()}
    chosen = st.multiselect(
        _("Compare (two to five)"),
        list(names),
        default=[_MINE, "bumdes_first"],  # two are soon compared
        format_func=names.__getitem__,
        max_selections=compare.MOST,
        key="compare_chosen",
    )
    if len(chosen) < 2:
        st.info(_("Choose at least two."))
        return
    region, mine = here.region, analysis

    def make(progress: Any) -> Comparison:
        found = []
        for k, name in enumerate(chosen):
            told = part(progress, k / len(chosen), (k + 1) / len(chosen))
            found.append(mine if name == _MINE else main._make(region, scenarios.ready()[name])(told))
        return compare.compare(found)

    found: Comparison | None = bench.result(
        "compare",
        cache.key("compare", here.analysis_key, list(chosen), language()),
        _("Compare"),
        make,
        _("Makes the plan of every scenario; the first time it takes up to a minute for each."),
    )
    if found is None:
        return
    st.markdown("**" + literal(compare.headline(found)) + "**")
    _maps(found)
    _table(found)
    _villages(found)
    _downloads(found, cache.key(here.analysis_key, list(chosen)))


def _maps(found: Comparison) -> None:
    with st.container(horizontal=True, key="compare_maps"):
        for name, svg in zip(found.names, compare_map.side_maps(found), strict=True):
            # As a picture: nothing in it can run, and it needs no other file.
            data = base64.b64encode(svg.encode()).decode()
            with st.container(width=190):
                st.markdown("**" + literal(name) + "**")
                st.image(f"data:image/svg+xml;base64,{data}", width="stretch")
    legend = " &nbsp; ".join(
        f'<span style="display:inline-block;width:.8em;height:.8em;border:1px solid #8a8a86;'
        f'background:{compare_map.COLOURS[code]}"></span> {compare_map.class_label(code)}'
        for code in compare_map.CLASSES
    )
    border = _("dark border: the plans differ here")
    st.html(f"<small>{legend} &nbsp; {border}</small>")


def _table(found: Comparison) -> None:
    groups: dict[str, list[compare.Row]] = {}
    for row in found.rows:
        groups.setdefault(row.group, []).append(row)
    for group, rows in groups.items():
        frame = pd.DataFrame(
            {
                literal(name): [literal(compare.said(row, row.values[k], found.gain_digits)) for row in rows]
                for k, name in enumerate(found.names)
            },
            index=[literal(row.label) for row in rows],
        )
        if group:
            with st.expander(group):
                st.table(frame)
        else:
            st.table(frame)


def _villages(found: Comparison) -> None:
    differing = found.differing
    st.markdown(
        "**"
        + ngettext(
            "{count} village is not served alike", "{count} villages are not served alike", len(differing)
        ).format(count=len(differing))
        + "**"
    )
    if differing.empty:
        return
    frame = pd.DataFrame({_("Village"): differing["village_name"] + " · " + differing["district_name"]})
    for letter, name in zip(found.letters, found.names, strict=True):
        frame[name] = [compare.cell(found, row, letter) for _position, row in differing.iterrows()]
    st.dataframe(frame, hide_index=True)


@st.cache_data(max_entries=4, show_spinner=False)
def _files(key: str, spoken: str, _found: Any) -> dict[str, bytes]:
    import tempfile
    from pathlib import Path

    from coverage.outputs import compare_files

    del key, spoken  # they name the entry
    with tempfile.TemporaryDirectory() as folder:
        return {path.name: path.read_bytes() for path in compare_files.write(_found, Path(folder) / "out")}


def _downloads(found: Comparison, key: str) -> None:
    files = _files(key, language(), found)
    with st.container(horizontal=True):
        for name, label, kind, icon in (
            ("compare.pdf", _("Summary (PDF)"), "application/pdf", ":material/picture_as_pdf:"),
            ("compare.xlsx", _("Tables (Excel)"), _XLSX, ":material/table:"),
            ("compare.gpkg", _("Maps (GeoPackage)"), _GPKG, ":material/map:"),
        ):
            st.download_button(label, files[name], name, kind, icon=icon)
