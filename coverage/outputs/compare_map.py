"""One small map per plan: where it builds, and where the plans differ. SVG without scripts or text from files."""

from __future__ import annotations

import math
from typing import Any

from coverage.language import _
from coverage.outputs import maps
from coverage.outputs.compare import Comparison
from coverage.outputs.geometry import village_features

#: Served in every plan; only in some, here among them; only in others; nowhere.
CLASSES = ("all", "here", "elsewhere", "nowhere")
COLOURS = {"all": maps.BLUE, "here": maps.GREEN, "elsewhere": maps.PINK, "nowhere": maps.PLAIN}
_WIDTH = 300.0
#: Land shown around the villages that any plan serves, as a share of their extent.
_MARGIN = 0.12


def class_label(code: str) -> str:
    """What a colour means."""
    return {
        "all": _("in every plan"),
        "here": _("in this plan, not in all"),
        "elsewhere": _("only in another plan"),
        "nowhere": _("in no plan"),
    }[code]


def village_classes(comparison: Comparison, letter: str) -> dict[str, str]:
    """Class of every served village as one plan's map shows it; villages that are not named are in no plan."""
    table = comparison.villages
    inside = table[[f"in_{each}" for each in comparison.letters]].to_numpy(bool)
    mine = table[f"in_{letter}"].to_numpy(bool)
    codes = table["village_code"].tolist()
    found = ["all" if row.all() else "here" if here else "elsewhere" for row, here in zip(inside, mine, strict=True)]
    return dict(zip(codes, found, strict=True))


def side_maps(comparison: Comparison) -> list[str]:
    """An SVG per plan, all on the same scale; villages that differ have a thick border."""
    features = village_features(comparison.analyses[0].region.villages)["features"]
    served = set(comparison.villages["village_code"])
    project, height = _projection([f for f in features if f["properties"]["code"] in served] or features)
    paths = [(f["properties"]["code"], _path(f["geometry"], project)) for f in features]
    differs = set(comparison.differing["village_code"])
    return [_svg(paths, village_classes(comparison, letter), differs, height) for letter in comparison.letters]


def _svg(paths: list[tuple[str, str]], classes: dict[str, str], differs: set[str], height: float) -> str:
    parts = []
    # Villages that differ are drawn last, so that no neighbour covers their border.
    for code, path in sorted(paths, key=lambda p: p[0] in differs):
        border = ("#1b1b1b", "1.1") if code in differs else ("#ffffff", "0.4")
        colour = COLOURS[classes.get(code, "nowhere")]
        parts.append(f'<path d="{path}" fill="{colour}" stroke="{border[0]}" stroke-width="{border[1]}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img">'
        + "".join(parts)
        + "</svg>"
    )


def _projection(features: list[dict[str, Any]]) -> tuple[Any, float]:
    """From degrees to the picture, and its height: equirectangular, true at the middle latitude, a margin around."""
    points = [p for f in features for ring in _rings(f["geometry"]) for p in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    wide, high = _MARGIN * (east - west), _MARGIN * (north - south)
    west, east, south, north = west - wide, east + wide, south - high, north + high
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = _WIDTH / max((east - west) * squeeze, 1e-9)

    def project(point: list[float]) -> tuple[float, float]:
        return (point[0] - west) * squeeze * scale, (north - point[1]) * scale

    return project, (north - south) * scale


def _rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [ring for polygon in polygons for ring in polygon]


def _path(geometry: dict[str, Any], project: Any) -> str:
    steps = []
    for ring in _rings(geometry):
        points = [project(p) for p in ring]
        steps.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z")
    return "".join(steps)
