"""The folium map of a region: offline, hostile names harmless, repainted without being redrawn.

Off the shelf, folium loads Leaflet and half a dozen other libraries from the internet. Here Leaflet
comes from the installed package ``xstatic-leaflet``, by an address that the caller gives: from the
app's own server, or as ``data:`` inside a single file. The villages are drawn by
``village_map.js``; this module only hands it the data.
"""

from __future__ import annotations

import base64
import html
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import MacroElement
from folium.template import Template
from xstatic.pkg import leaflet as xstatic_leaflet

from coverage.outputs import maps, words
from coverage.outputs.painting import base_data, bounds, paint_data, script_json

if TYPE_CHECKING:
    from coverage.analysis import Analysis

LEAFLET_FOLDER = Path(xstatic_leaflet.BASE_DIR)
_HERE = Path(__file__).parent
MAX_ZOOM = 18
#: What the map in one file draws over its layers.
_SHOWN = {"layanan": ("relief", "menara"), "operator": ("relief", "menara")}


@cache
def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def data_uri(name: str, kind: str) -> str:
    """A file of Leaflet as a ``data:`` address."""
    return _data_address((LEAFLET_FOLDER / name).read_bytes(), kind)


def _data_address(data: bytes, kind: str) -> str:
    return f"data:{kind};base64," + base64.b64encode(data).decode("ascii")


class VillageMap(folium.Map):
    """A folium map without tiles, whose Leaflet comes from where the caller says.

    Parameters
    ----------
    leaflet_js, leaflet_css : str
        Addresses of the two files.
    """

    def __init__(self, leaflet_js: str, leaflet_css: str, bounds: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_start=10,
            prefer_canvas=True,
            maxZoom=MAX_ZOOM,
            zoomSnap=0.25,
        )
        self.default_js = [("leaflet", leaflet_js)]
        self.default_css = [("leaflet_css", leaflet_css)]
        # A fixed name, so that an unchanged map is not sent again.
        self._id = "jangkau"


class Villages(MacroElement):
    """Brings ``village_map.js`` to the map it is added to; ``start`` is a JavaScript function that takes the map."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {{ this.code }}
        {{ this.styles }}
        ({{ this.start }})({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, start: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "Villages", "villages"
        self.code = _own("map_tools.js") + _own("village_map.js")
        self.styles = (
            "(function () { var s = document.createElement('style'); s.textContent = "
            + script_json(_own("village_map.css"))
            + "; document.head.appendChild(s); })();"
        )
        self.start = start.strip()


def frame_page(leaflet_js: str, leaflet_css: str, start: str) -> str:
    """The page of the app's map: any region's, since the app tells it what to draw.

    Parameters
    ----------
    leaflet_js, leaflet_css : str
        Addresses of Leaflet's files.
    start : str
        JavaScript function that takes the map.
    """
    page = VillageMap(leaflet_js, leaflet_css, (0.0, 0.0, 0.0, 0.0))
    page.add_child(Villages(start))
    return _rendered(page, "Jangkau")


def _rendered(page: VillageMap, title: str) -> str:
    """The page as HTML, the same bytes for the same map."""
    figure: Any = page.get_root()
    figure._id, figure.title = "page", html.escape(title)
    for part in (figure.header, figure.html, figure.script):
        part._id = "part"
    # folium forbids to enlarge the page, which some readers need
    return re.sub(r",\s*maximum-scale=1\.0,\s*user-scalable=no", "", str(figure.render()))


def standalone(analysis: Analysis, name: str = "manfaat") -> str:
    """One HTML page with everything inside: Leaflet, borders, relief, one control for the layers.

    Nothing is loaded from anywhere, so the file can be sent and opened without a network. The same
    analysis gives the same bytes.
    """
    base = base_data(analysis.region)
    if base["relief"]:
        base["relief"]["url"] = _data_address(base["relief"].pop("png"), "image/png")
    layers = {each: paint_data(analysis, each, show=_SHOWN.get(each, ("relief",)), legend=True) for each in maps.LAYERS}
    page = VillageMap(
        data_uri("leaflet.js", "text/javascript"),
        data_uri("leaflet.css", "text/css"),
        bounds(analysis.region),
    )
    controls = script_json(
        {
            "layers": [[each, maps.title(each)] for each in maps.LAYERS],
            "first": name if name in layers else maps.LAYERS[0],
            "badge": words.WATERMARK if analysis.region.is_sample else "",
        }
    )
    page.add_child(
        Villages(
            f"function (map) {{ jangkau.start(map, {script_json(base)});\n"
            f"{_own('standalone_map.js')}\njangkauControls({script_json(layers)}, {controls}); }}"
        )
    )
    return _rendered(page, f"Jangkau – {analysis.region.name}")
