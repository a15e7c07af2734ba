"""A small map of an import before it is saved: outlines, hamlets, roads, towers; no network, no script."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from coverage.language import _

if TYPE_CHECKING:
    from coverage.region import Region

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
Drawn = Callable[[Floats], Floats]

_WIDTH = 620.0
_MARGIN = 8.0
_FINEST_PX = 0.6  # outlines are drawn no finer than this
_MOST_POINTS = 3000
_COLOURS = {"villages": "#8aa9a4", "settlements": "#6b6b6b", "roads": "#c8b48a", "sites": "#b3261e"}


def drawn(region: Region) -> tuple[str, str]:
    """The region as an SVG drawing, north up, and its legend as HTML.

    Names from the files are not drawn, so that nothing in them can matter.
    """
    west, south, east, north = region.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (_WIDTH - 2 * _MARGIN) / max((east - west) * squeeze, 1e-6)
    height = (north - south) * scale + 2 * _MARGIN

    def placed(xy: Floats) -> Floats:
        x = (xy[:, 0] - west) * squeeze * scale + _MARGIN
        return np.column_stack([x, (north - xy[:, 1]) * scale + _MARGIN])

    tolerance = _FINEST_PX / scale
    polygons = shapely.get_parts(shapely.simplify(region.villages.geometry.to_numpy(), tolerance))
    outlines = shapely.get_rings(polygons)  # of single polygons only
    lines = shapely.get_parts(shapely.simplify(region.roads.geometry.to_numpy(), tolerance))
    parts = [_paths(outlines, placed, "villages", fill=True), _paths(lines, placed, "roads", fill=False)]
    parts += [_dots(region.settlements.geometry.to_numpy(), placed, "settlements", 1.2)]
    parts += [_dots(region.sites.geometry.to_numpy(), placed, "sites", 2.6)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {height:.0f}">{"".join(parts)}</svg>',
        _legend(),
    )


def _paths(shapes: Shapes, drawn: Drawn, name: str, *, fill: bool) -> str:
    steps = []
    for shape in shapes:
        points = drawn(shapely.get_coordinates(shape))
        steps.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if fill else ""))
    inside = f'fill="{_COLOURS[name]}" fill-opacity=".18" fill-rule="evenodd"' if fill else 'fill="none"'
    return f'<path d="{"".join(steps)}" {inside} stroke="{_COLOURS[name]}" stroke-width=".8"/>' if steps else ""


def _dots(points: Shapes, drawn: Drawn, name: str, radius: float) -> str:
    if not len(points):
        return ""
    every = math.ceil(len(points) / _MOST_POINTS)
    middles = drawn(shapely.get_coordinates(shapely.centroid(points[::every])))
    # A line of no length with round ends is a dot: one path for thousands.
    steps = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in middles)
    colour = _COLOURS[name]
    return f'<path d="{steps}" stroke="{colour}" stroke-width="{2 * radius}" stroke-linecap="round"/>'


def _legend() -> str:
    named = {
        "villages": _("Villages"),
        "roads": _("Roads"),
        "settlements": _("Hamlets"),
        "sites": _("Towers"),
    }
    return (
        '<p style="font-size:.85rem">'
        + " &nbsp; ".join(f'<span style="color:{_COLOURS[name]}">●</span> {label}' for name, label in named.items())
        + "</p>"
    )
