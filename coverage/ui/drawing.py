"""The map of the app: folium in Streamlit, without the internet, repainted without being redrawn.

Leaflet and the drawings (borders, relief) are served by the app's own server, as files of two
components; a rerun sends only the colours and words of the layer that is shown.
"""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import streamlit as st
import streamlit.components.v1 as components
from folium.template import Template
from streamlit_folium import st_folium

from coverage import cache as kept
from coverage.language import language
from coverage.outputs import leaflet
from coverage.ui import state

if TYPE_CHECKING:
    from coverage.region import Region

HEIGHT_PX = 520
_CLICK = "last_object_clicked_tooltip"
_UNPAINTED = "unpainted"
# Tells Streamlit at once which village was pressed; streamlit-folium itself waits a quarter second.
# It also loses what arrives while Leaflet is loading: a map that was not painted asks once more.
_TELL = (
    "(function () { function tell(what) { var told = {}; told['" + _CLICK + "'] = what + ' ' + Date.now();"
    " Object.assign(window.__GLOBAL_DATA__, told); window.__GLOBAL_DATA__.previous_data = told;"
    " window.Streamlit.setComponentValue(told); }"
    " window.addEventListener('jangkau-select', function (event) { tell(event.detail.code); });"
    " setTimeout(function () { if (!jangkau.painted()) { tell('" + _UNPAINTED + "'); } }, 100); })();"
)

_leaflet = components.declare_component("leaflet", path=str(leaflet.LEAFLET_FOLDER))


@cache
def _folder() -> Path:
    """Where the drawings lie: the user's cache, else a temporary folder."""
    folder = kept.folder() / "drawings"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / ".writable").touch()
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="jangkau-"))
    return folder


_drawings = components.declare_component("drawings", path=str(_folder()))


@st.cache_data(max_entries=8, show_spinner=False)
def _base_url(region_key: str, _region: Region) -> str:
    """Write borders and relief of a region as files named by their content; address of the borders."""
    data = leaflet.base_data(_region)
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    name = f"base-{kept.key(text)}.json"
    path = _folder() / name
    if not path.is_file():
        draft = path.with_suffix(f".{kept.key(region_key)[:8]}.part")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    return f"../{_drawings.name}/{name}"


class _Paint(folium.FeatureGroup):
    """Carries the call that paints; Leaflet itself gets an empty group."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.layerGroup();
        {{ this.paint }}
        {% endmacro %}
        """
    )

    def __init__(self, paint: str) -> None:
        super().__init__(control=False)
        self.paint = paint


@st.cache_data(max_entries=64, show_spinner=False)
def _paint(analysis_key: str, layer: str, spoken: str, sites: bool, _analysis: Any) -> dict[str, Any] | None:
    del analysis_key, spoken  # they name the entry
    return leaflet.paint_data(_analysis, layer, sites=sites, legend=True)


def show(*, layer: str, sites: bool, selected: str) -> None:
    """Draw the map of the page; a click on a village chooses it."""
    here = state.here()
    figure = leaflet.VillageMap(
        f"../{_leaflet.name}/leaflet.js", f"../{_leaflet.name}/leaflet.css", leaflet.bounds(here.region)
    )
    figure.add_child(leaflet.Villages(_base_url(here.region_key, here.region), _TELL))
    data = _paint(here.analysis_key, layer, language(), sites, here.analysis)
    paint = leaflet.paint_script({**data, "selected": selected} if data else None)
    paint += f"\n// {st.session_state.get('asked', '')}\n"
    with st.container(key="map"):
        st_folium(
            figure,
            key="drawing",
            height=HEIGHT_PX,
            use_container_width=True,
            returned_objects=[_CLICK],
            feature_group_to_add=_Paint(paint),
            on_change=_clicked,
        )


def _clicked() -> None:
    told = (st.session_state.get("drawing") or {}).get(_CLICK) or ""
    code, _space, moment = str(told).partition(" ")
    if code == _UNPAINTED and moment.isdigit():
        st.session_state["asked"] = moment
    known = state.here().region.villages["village_code"]
    if (known == code).any():
        state.choose_village(code)
