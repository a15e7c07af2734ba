"""The map of the app: a page made by folium once, embedded as a component, repainted without being redrawn.

The page, Leaflet and the drawings (borders, relief) are served by the app's own server as files;
a rerun sends only the colours and words of the layer that is shown. Neither folium nor geometry is
loaded by a server that finds these files kept from before.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
import streamlit.components.v1 as components
from streamlit import runtime
from xstatic.pkg import leaflet as xstatic_leaflet

from coverage import cache as kept
from coverage.language import _, language
from coverage.ui import state

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.region import Region

HEIGHT_PX = 520
#: About as long as a browser takes from hearing of the map to having drawn it.
_HEAD_START_S = 0.7
_OUTPUTS = Path(__file__).parents[1] / "outputs"
_FRAME = Path(__file__).with_name("frame.js")
_leaflet = components.declare_component("leaflet", path=xstatic_leaflet.BASE_DIR)


@cache
def _sources() -> str:
    """Digest of everything that the page is made of."""
    names = ("village_map.js", "village_map.css", "map_tools.js", "leaflet.py", "painting.py", "geometry.py")
    return kept.key([file.read_bytes() for file in (_FRAME, *(_OUTPUTS / name for name in names))])


@cache
def _folder() -> Path:
    """Where page and drawings lie: the user's cache, else a temporary folder."""
    folder = kept.folder() / "drawings" / _sources()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / ".writable").touch()
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="jangkau-"))
    return folder


def _write(name: str, data: bytes) -> None:
    """Write a file whole or not at all: another process may be reading it."""
    with tempfile.NamedTemporaryFile(dir=_folder(), suffix=".part", delete=False) as draft:
        draft.write(data)
    Path(draft.name).replace(_folder() / name)


def _page() -> Path:
    """The folder with the page of the map, made by folium where it is not there yet."""
    if not (_folder() / "index.html").is_file():
        from coverage.outputs import leaflet

        address = f"../{_leaflet.name}/leaflet"
        page = leaflet.frame_page(f"{address}.js", f"{address}.css", _FRAME.read_text(encoding="utf-8"))
        _write("index.html", page.encode())
    return _folder()


_map = components.declare_component("map", path=str(_page()))


def register() -> None:
    """Let the server know the components: Streamlit does so itself only in a visitor's run."""
    if runtime.exists():
        registry = runtime.get_instance().component_registry
        registry.register_component(_leaflet)
        registry.register_component(_map)


@st.cache_data(max_entries=8, show_spinner=False)
def base_url(region_key: str, _region: Region) -> str:
    """Address of a region's borders, towers and relief: files named by what they are made of."""
    del region_key  # names the entry
    layers = [_region.villages, _region.sites, _region.cells, _region.facilities, _region.fibre_points, _region.terrain]
    name = f"base-{kept.key(_sources(), layers)}.json"
    if not (_folder() / name).is_file():
        from coverage.outputs import painting

        data = painting.base_data(_region)
        if data["relief"]:  # a picture of its own comes later than the borders, and unpacked
            picture = name.replace(".json", ".png")
            _write(picture, data["relief"]["png"])
            data["relief"] = {"url": picture, "bounds": data["relief"]["bounds"]}
        _write(name, json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())
    return name


@st.cache_data(max_entries=64, show_spinner=False)
def paint(
    analysis_key: str,
    layer: str,
    spoken: str,
    over: tuple[str, ...],
    _analysis: Any,
    like_key: str = "",
    _like: Any = None,
) -> dict[str, Any] | None:
    """Colours and words of a layer; kept, since every click shows them again."""
    del spoken, like_key  # they name the entry
    if _analysis is None:
        return None
    from coverage.outputs import painting

    data = painting.paint_data(_analysis, layer, show=over, legend=True, like=_like)
    if data and "sinyal" in over:
        data["signal"] = _signal(analysis_key, _analysis)
    return data


def _signal(analysis_key: str, analysis: Analysis) -> dict[str, Any]:
    """The picture of the signal, written where it is not there yet, with its legend."""
    from coverage.outputs import painting

    found = _signal_corners(analysis_key, analysis)
    classes = painting.signal_classes(analysis)
    return found | {"legend": [{"label": label, "colour": colour} for _limit, colour, label in classes]}


@st.cache_data(max_entries=8, show_spinner=False)
def _signal_corners(analysis_key: str, _analysis: Any) -> dict[str, Any]:
    from coverage.outputs import painting

    png, corners = painting.signal_picture(_analysis)
    name = f"signal-{kept.key(png)}.png"
    del analysis_key  # names the entry
    _write(name, png)
    return {"url": name, "bounds": corners}


@dataclass(frozen=True, eq=False)
class Plan:
    """An analysis that a map may show instead of the one at hand."""

    key: str
    analysis: Analysis
    name: str = ""


def marks(analysis_key: str, other: Plan, layer: str, analysis: Any) -> dict[str, Any]:
    """Where a plan differs from the one at hand on a layer."""
    return _marks(analysis_key, other.key, layer, language(), analysis, other.analysis)


@st.cache_data(max_entries=32, show_spinner=False)
def _marks(key: str, other_key: str, layer: str, spoken: str, _left: Any, _right: Any) -> dict[str, Any]:
    """Kept, since every click shows them again."""
    from coverage.outputs import beside

    del key, other_key, spoken  # they name the entry
    return beside.marks(_left, _right, layer)


@dataclass(frozen=True)
class View:
    """One map: what it shows and which other map looks at the same ground.

    ``of`` is the plan that is drawn instead of the one at hand, ``against`` the one that the plan at hand
    is compared with; the villages that the two show differently are marked.
    """

    layer: str
    over: tuple[str, ...] = ("relief",)
    name: str = "drawing"
    linked: bool = False
    placing: bool = False
    tried: tuple[float, float] | None = None
    of: Plan | None = None
    against: Plan | None = None


def show(view: View, selected: str, on_place: Callable[[float, float], None] | None = None) -> None:
    """Draw a map; a click on a village chooses it, or asks for a tower at the place."""
    here = state.here()
    if view.of is None:
        data = paint(here.analysis_key, view.layer, language(), view.over, here.analysis)
    else:
        data = paint(view.of.key, view.layer, language(), view.over, view.of.analysis, here.analysis_key, here.analysis)
    other = view.of or view.against
    if data and other:
        data = data | marks(here.analysis_key, other, view.layer, here.analysis)
    if data and view.of:
        data["title"] = f"{data['title']} – {view.of.name}"
    if data:
        data = {**data, "selected": selected, "placing": view.placing, "tried": view.tried}
    with st.container(key="map" if view.name == "drawing" else f"map_{view.name}"):
        _draw(view, base_url(here.region_key, here.region), data, lambda: _pressed(view.name, on_place))


def show_places(base: str, data: dict[str, Any], name: str, on_press: Callable[[str], None]) -> None:
    """Draw a map of places of any kind; a click on one tells its code.

    Parameters
    ----------
    base : str
        Name of the file of :func:`write_places`.
    data : dict
        Colours and words (:func:`coverage.outputs.place_maps.paint`).
    """

    def pressed() -> None:
        on_press(str((st.session_state.get(name) or {}).get("code", "")))

    with st.container(key="map"):
        _draw(View("", name=name), base, data, pressed)


def write_places(key: str, borders: dict[str, Any]) -> str:
    """Write borders for the browser; the file's name, which ``key`` makes its own."""
    name = f"places-{kept.key(_sources(), key)}.json"
    nothing: dict[str, Any] = {"sites": [], "facilities": [], "fibre": [], "relief": None}
    text = json.dumps({"villages": borders, **nothing}, separators=(",", ":"), ensure_ascii=False)
    _write(name, text.encode())
    return name


def _draw(view: View, base: str, data: dict[str, Any] | None, on_change: Callable[[], None]) -> None:
    _map(
        base=base,
        paint=data,
        title=data["words"]["map"] if data else _("Map of the villages"),
        lang=language(),
        name=view.name,
        linked=view.linked,
        height=HEIGHT_PX,
        default=None,
        key=view.name,
        on_change=on_change,
    )


def let_it_draw() -> None:
    """On a visitor's first page, let the browser draw the map before it is sent heavier things."""
    if not st.session_state.get("map_drawn"):
        st.session_state["map_drawn"] = True
        time.sleep(_HEAD_START_S)


def _pressed(name: str, on_place: Callable[[float, float], None] | None) -> None:
    told = st.session_state.get(name) or {}
    place = told.get("place")
    if place and on_place:
        on_place(float(place["lat"]), float(place["lon"]))
        return
    code = str(told.get("code", ""))
    if (state.here().region.villages["village_code"] == code).any():
        state.choose_village(code)
