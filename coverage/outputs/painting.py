"""What the page of a map is given: borders and places once, colours and words of a layer as often as asked.

No folium here: the app loads it for every click, and folium takes half a second.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from coverage.language import _
from coverage.outputs import geometry, maps, words

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.region import Region


def script_json(data: Any) -> str:
    """JSON that is safe inside a script element: no ``<``, ``>``, ``&``, line separators."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("'", "\\u0027")


def base_data(region: Region) -> dict[str, Any]:
    """What stays the same whatever is shown: borders, towers, relief (``png`` bytes with ``bounds``)."""
    data: dict[str, Any] = {
        "villages": geometry.village_features(region.villages),
        "sites": _sites(region),
        "facilities": _points(region.facilities, "facility_name", "kind"),
        "fibre": _points(region.fibre_points, "fibre_id", "owner"),
        "relief": None,
    }
    if region.terrain is not None:
        png, (south, west, north, east) = geometry.relief_png(region.terrain)
        data["relief"] = {"png": png, "bounds": [[south, west], [north, east]]}
    return data


def _points(table: gpd.GeoDataFrame, name: str, kind: str) -> list[list[Any]]:
    """``[lat, lon, name, kind]`` per row."""
    places = table.geometry
    return [
        [geometry.rounded(y), geometry.rounded(x), str(named), str(sort)]
        for y, x, named, sort in zip(places.y, places.x, table[name], table[kind], strict=True)
    ]


def signal_picture(analysis: Analysis) -> tuple[bytes, list[list[float]]]:
    """The best 4G or 5G signal of any operator as a PNG, with its corners for Leaflet."""
    layers = [
        analysis.signal.raster(operator, technology)
        for operator, technology in sorted(analysis.signal.layers)
        if technology in ("4g", "5g")
    ]
    values = np.full(analysis.grid.shape, np.nan, dtype=np.float32)
    for layer in layers:
        values = np.fmax(values, layer.values)
    limits = [limit for limit, _colour, _label in signal_classes(analysis)]
    colours = [colour for _limit, colour, _label in signal_classes(analysis)]
    png, (south, west, north, east) = geometry.classes_png(analysis.grid.with_values(values), limits, colours)
    return png, [[south, west], [north, east]]


def signal_classes(analysis: Analysis) -> list[tuple[float, str, str]]:
    """Least RSRP (dBm), colour and words of each class of signal, the strongest first."""
    a = analysis.assumptions
    return [
        (a["radio.threshold_good_dbm"], "#2c7fb8", _("good signal")),
        (a["radio.threshold_usable_dbm"], "#7fcdbb", _("usable signal")),
        (a["radio.threshold_weak_dbm"], "#edf8b1", _("weak signal")),
    ]


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
    show: Sequence[str] = ("relief",),
    legend: bool = False,
    like: Analysis | None = None,
) -> dict[str, Any] | None:
    """Colours and words of one layer, for ``jangkau.paint``; in the classes of ``like``, where it is given.

    ``None`` where there is no analysis yet: the villages are then drawn plain.
    """
    if analysis is None:
        return None
    layer = maps.layer(analysis, name, like=like)
    data: dict[str, Any] = {
        "name": layer.name,
        "legend": [{"label": i.label, "colour": i.colour, "hatched": i.hatched} for i in layer.legend],
        "legendTitle": layer.legend_title,
        "showLegend": legend,
        "classes": list(layer.classes),
        "values": list(layer.values),
        "uncertain": [i for i, unsure in enumerate(layer.uncertain) if unsure],
        "selected": selected,
        "show": list(show),
        "words": {
            "site": _("Tower"),
            "fibre": _("Fibre point"),
            "map": _("Map of the villages: {layer}. The table holds the same.").format(layer=layer.title),
            "told": maps.told(layer),
            "kinds": {kind: words.facility(kind) for kind in sorted(set(analysis.region.facilities["kind"]))},
            "measure": _("Measure"),
            "picture": _("Picture"),
            "tried": _("Tower tried here"),
        },
        "title": f"{layer.title} – {analysis.region.name}",
        "mark": words.WATERMARK if analysis.region.is_sample else "",
    }
    if name == "rencana" or "jaringan" in show:
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
