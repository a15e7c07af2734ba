"""Results of many regions in the app: which are known, where the reader stands, and the map of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.batch import results as batch
from coverage.language import _, language
from coverage.outputs import place_maps, words
from coverage.region import library
from coverage.ui import drawing, main, state

if TYPE_CHECKING:
    from coverage.batch.results import Results

_MAP = "places"


def known() -> dict[str, Path]:
    """Folders of results by name: the one that the app was started with, and those among the user's data."""
    started = main.region_folder()
    first = {started.resolve().name: started} if batch.is_results(started) else {}
    return {**batch.kept(), **first}


def shown() -> Results | None:
    """The results that the session looks at; none where none are known.

    Raises
    ------
    InputError
        Where they cannot be read.
    """
    folders = known()
    if not folders:
        return None
    started = main.region_folder().resolve().name
    chosen = st.session_state.get("hasil") or started
    if chosen not in folders:
        chosen = started if started in folders else next(iter(folders))
        st.session_state["hasil"] = ""
    return opened(folders[chosen])


def opened(folder: Path) -> Results:
    """A folder's summary, kept until it is summed up anew."""
    return _opened(str(folder), batch.stamp(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(folder: str, stamp: str) -> Results:
    del stamp  # names the entry
    return batch.open_results(Path(folder))


def here(found: Results) -> str:
    """The place that the address names, or the top where it names none."""
    code = state.place()
    # one province is not worth a step of its own
    return code if code != batch.NATION and found.has(code) else found.top


def around(code: str) -> str:
    """The place whose map is shown: a village is shown among its neighbours."""
    return batch.parent(code) if batch.level(code) == "village" else code


def children(found: Results, code: str) -> pd.DataFrame:
    """The rows of a step, read once."""
    return _children(str(found.folder), found.stamp, code, found)


@st.cache_data(max_entries=64, show_spinner=False)
def _children(folder: str, stamp: str, code: str, _found: Any) -> pd.DataFrame:
    del folder, stamp  # they name the entry
    made: pd.DataFrame = _found.children(code)
    return made


@st.cache_data(max_entries=64, show_spinner=False)
def _base(folder: str, stamp: str, code: str, _found: Any) -> tuple[str, list[str]]:
    """The file of a step's borders, and the codes in its order."""
    borders = _found.borders(code)
    name = drawing.write_places(f"{folder}:{stamp}:{code}", borders)
    return name, [feature["properties"]["code"] for feature in borders["features"]]


@st.cache_data(max_entries=64, show_spinner=False)
def _paint(folder: str, stamp: str, code: str, measure: str, spoken: str, _found: Any) -> dict[str, Any]:
    del spoken  # names the entry
    found: Results = _found
    _name, order = _base(folder, stamp, code, found)
    rows = children(found, code).reindex(order)
    villages = batch.level(code) == "regency"
    layer = place_maps.layer(rows, measure, str(found.totals.get("objective", "")), villages=villages)
    mark = words.WATERMARK if found.totals.get("is_sample") else ""
    return place_maps.paint(layer, found.name(code), "", mark)


def draw(found: Results, code: str) -> None:
    """The map around a place; a click goes one step down."""
    ground = around(code)
    key = str(found.folder), found.stamp, ground
    name, order = _base(*key, found)
    paint = _paint(*key, measure(found), language(), found)

    def go(pressed: str) -> None:
        if pressed in order:
            state.choose_place(pressed)

    drawing.show_places(name, {**paint, "selected": code if code != ground else ""}, _MAP, go)


def measure(found: Results) -> str:
    """The measure that colours the map: the one chosen, else the first that tells places apart."""
    if chosen := st.session_state.get("ukuran"):
        return str(chosen)
    return place_maps.MEASURES[0 if (found.regencies["next_per_billion"] > 0).any() else 1]


def measures(found: Results) -> None:
    """Which measure colours the map."""
    state.mirror("measure", measure(found))

    def choose() -> None:
        st.session_state["ukuran"] = st.session_state["measure"]

    st.segmented_control(
        _("Compare by"),
        place_maps.MEASURES,
        format_func=place_maps.title,
        key="measure",
        label_visibility="collapsed",
        required=True,
        on_change=choose,
    )


def picker() -> None:
    """Which results are shown, and which regions can be opened whole."""
    folders = list(known())
    if len(folders) > 1:
        current = shown()
        state.mirror("results_shown", current.folder.resolve().name if current else folders[0])

        def choose() -> None:
            st.session_state["hasil"] = st.session_state["results_shown"]
            state.choose_place(batch.NATION)

        st.selectbox(_("Results shown"), folders, key="results_shown", on_change=choose)
    with st.expander(_("Regions that open with all pages"), icon=":material/folder_open:"):
        for folder, title in regions().items():
            st.button(
                _("Open {region}").format(region=title),
                key=f"open_{folder}",
                icon=":material/open_in_new:",
                type="tertiary",
                on_click=open_region,
                args=(folder,),
            )


def regions() -> dict[Path, str]:
    """Folders of single regions by title: the embedded one and those that were imported."""
    return {**library.titles((state.DATA / state.EMBEDDED,)), **library.kept()}


def whole_region(regency: str) -> Path | None:
    """The region folder of a regency, where there is one."""
    return library.of_regency(regency, (state.DATA / state.EMBEDDED,))


def open_region(folder: Path, village: str = "") -> None:
    """Show all pages on a region (a callback)."""
    state.choose_region(folder)
    state.choose_village(village)
    st.session_state["goto"] = "desa" if village else "peta"


def warm(folder: Path) -> None:
    """Read the summary and write the first map before anybody asks."""
    found = opened(folder)
    _paint(str(found.folder), found.stamp, found.top, measure(found), language(), found)
