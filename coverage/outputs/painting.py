"""What the page of a map is given: borders and places once, colours and words of a layer as often as asked.

No folium here: the app loads it for every click, and folium takes half a second.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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
        "relief": None,
    }
    if region.terrain is not None:
        png, (south, west, north, east) = geometry.relief_png(region.terrain)
        data["relief"] = {"png": png, "bounds": [[south, west], [north, east]]}
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
