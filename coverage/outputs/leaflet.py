"""The folium map of a region: offline, hostile names harmless, repainted without being redrawn.

Off the shelf, folium loads Leaflet and half a dozen other libraries from the internet. Here Leaflet
comes from the installed package ``xstatic-leaflet``, by an address that the caller gives: from the
app's own server, or as ``data:`` inside a single file. The villages are drawn by
``village_map.js``; this module only hands it the data.
"""

from __future__ import annotations

import base64
import html
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import MacroElement
from folium.template import Template
from xstatic.pkg import leaflet as xstatic_leaflet

from coverage.language import _
from coverage.outputs import geometry, maps, words

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.region import Region

LEAFLET_FOLDER = Path(xstatic_leaflet.BASE_DIR)
_HERE = Path(__file__).parent
MAX_ZOOM = 18


def script_json(data: Any) -> str:
    """JSON that is safe inside a script element: no ``<``, ``>``, ``&``, line separators."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("'", "\\u0027")


@cache
def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def data_uri(name: str, kind: str) -> str:
    """A file of Leaflet as a ``data:`` address."""
    return f"data:{kind};base64," + base64.b64encode((LEAFLET_FOLDER / name).read_bytes()).decode("ascii")


def base_data(region: Region, relief_url: str | None = None) -> dict[str, Any]:
    """What stays the same whatever is shown: borders, towers, relief.

    Parameters
    ----------
    region : Region
        Its villages, sites, cells and terrain.
    relief_url : str, optional
        Address of the relief picture; by default it goes in as ``data:``.
    """
    data: dict[str, Any] = {
        "villages": geometry.village_features(region.villages),
        "sites": _sites(region),
        "relief": None,
    }
    if region.terrain is not None:
        png, (south, west, north, east) = geometry.relief_png(region.terrain)
        url = relief_url or "data:image/png;base64," + base64.b64encode(png).decode("ascii")
        data["relief"] = {"url": url, "bounds": [[south, west], [north, east]]}
    return data


def bounds(region: Region) -> tuple[float, float, float, float]:
    """(west, south, east, north) of the villages in degrees."""
    west, south, east, north = (float(v) for v in region.villages.total_bounds)
    return west, south, east, north


def _sites(region: Region) -> list[list[Any]]:
    """``[lat, lon, id, operators and height]`` per site; nothing to translate."""
    on_air = region.cells.sort_values(["operator", "technology"]).groupby("site_id")
    radios = {
        site: ", ".join(dict.fromkeys(f"{o} {t.upper()}" for o, t in zip(c["operator"], c["technology"], strict=True)))
        for site, c in on_air
    }
    return [
        [geometry.rounded(y), geometry.rounded(x), site, f"{height:.0f} m. {radios.get(site, '')}"]
        for site, height, x, y in zip(
            region.sites["site_id"],
            region.sites["height_m"],
            region.sites.geometry.x,
            region.sites.geometry.y,
            strict=True,
        )
    ]


def paint_data(
    analysis: Analysis | None,
    name: str,
    *,
    selected: str = "",
    sites: bool = False,
    legend: bool = False,
) -> dict[str, Any] | None:
    """Colours and words of one layer, for ``jangkau.paint``.

    ``None`` where there is no analysis yet: the villages are then drawn plain.
    """
    if analysis is None:
        return None
    layer = maps.layer(analysis, name)
    data: dict[str, Any] = {
        "name": layer.name,
        "legend": [{"label": i.label, "colour": i.colour, "hatched": i.hatched} for i in layer.legend],
        "legendTitle": layer.legend_title,
        "showLegend": legend,
        "classes": list(layer.classes),
        "values": list(layer.values),
        "uncertain": [i for i, unsure in enumerate(layer.uncertain) if unsure],
        "selected": selected,
        "sites": sites,
        "words": {
            "site": _("Tower"),
            "map": _("Map of the villages: {layer}. The table holds the same.").format(layer=layer.title),
        },
    }
    if name == "rencana":
        data["links"] = geometry.line_coordinates(analysis.plan.links)
        data["builds"] = _builds(analysis)
    return data


def _builds(analysis: Analysis) -> list[list[Any]]:
    """``[lat, lon, technology, village]`` per deal of the plan."""
    chosen = analysis.plan.chosen.merge(
        analysis.option_set.options[["option_id", "technology", "lon", "lat"]], on="option_id"
    )
    names = analysis.region.villages.set_index("village_code")["village_name"]
    return [
        [geometry.rounded(lat), geometry.rounded(lon), words.technology(technology), names.get(code, code)]
        for lat, lon, technology, code in zip(
            chosen["lat"], chosen["lon"], chosen["technology"], chosen["village_code"], strict=True
        )
    ]


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
    """Starts ``village_map.js`` on the map it is added to; ``source`` is an address or the data."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {{ this.code }}
        {{ this.styles }}
        jangkau.start({{ this._parent.get_name() }}, {{ this.source }});
        {{ this.after }}
        {% endmacro %}
        """
    )

    def __init__(self, source: str | dict[str, Any], after: str = "") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "Villages", "villages"
        self.code = _own("village_map.js")
        self.styles = (
            "(function () { var s = document.createElement('style'); s.textContent = "
            + script_json(_own("village_map.css"))
            + "; document.head.appendChild(s); })();"
        )
        self.source = script_json(source)
        self.after = after


def paint_script(data: dict[str, Any] | None) -> str:
    """The call that paints; nothing where there is nothing to paint."""
    return f"jangkau.paint({script_json(data)});" if data is not None else ""


def standalone(analysis: Analysis, name: str = "manfaat") -> str:
    """One HTML page with everything inside: Leaflet, borders, relief, one control for the layers.

    Nothing is loaded from anywhere, so the file can be sent and opened without a network. The same
    analysis gives the same bytes.
    """
    layers = {each: paint_data(analysis, each, sites=each == "layanan", legend=True) for each in maps.LAYERS}
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
            base_data(analysis.region),
            f"{_own('standalone_map.js')}\njangkauControls({script_json(layers)}, {controls});",
        )
    )
    figure: Any = page.get_root()
    figure._id, figure.title = "page", html.escape(f"Jangkau – {analysis.region.name}")
    for part in (figure.header, figure.html, figure.script):
        part._id = "part"
    return str(figure.render())
