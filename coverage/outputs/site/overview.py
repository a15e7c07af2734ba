"""Maps of a district and of the whole regency as SVG: villages by how well they are served."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from coverage.language import _, ngettext, number
from coverage.outputs import words
from coverage.outputs.site.atlas import Atlas, clean
from coverage.outputs.site.frame import Frame, Labels, escaped, shortened
from coverage.outputs.site.village_map import TINTS, diagonal

_WIDTH = 340.0
_TALLEST = 460.0
_LETTERS = 16
_ORDER = ("none", "weak", "served", "unknown")
#: Fuller than the tints of a village's map, because little text stands on them.
_FILLS = {"none": "#e8955c", "weak": "#f3cd6d", "served": "#8dbde0", "unknown": "#d5d5d5"}

_STYLE = (
    "text{font:10.5px system-ui,sans-serif;fill:#1b1b1b}"
    "text.n{paint-order:stroke;stroke:#fff;stroke-width:2.4px;stroke-linejoin:round}"
    "text.w{font-size:15px;font-weight:700;fill:#7a2e00;fill-opacity:.26;letter-spacing:1px}"
    ".e{fill:none;stroke:#1b1b1b;stroke-width:1.1px;stroke-linejoin:round}"
    ".v{stroke:#fff;stroke-width:.7px}.o{fill:#fff;fill-opacity:0}"
    "a:hover .o,a:focus .o{fill-opacity:.35}a:focus .o{stroke:#1b1b1b;stroke-width:2.6px}"
    + "".join(f".p-{code}{{fill:{fill}}}" for code, fill in _FILLS.items())
)


def district_svg(atlas: Atlas, codes: list[str], links: dict[str, str]) -> str:
    """Draw the villages of a district, each a link.

    Parameters
    ----------
    atlas : Atlas
        Lookups over the analysis.
    codes : list of str
        Villages of the district.
    links : dict
        Address of each village's page.
    """
    shapes = [atlas.fine[atlas.position(code)] for code in codes]
    frame = _frame(shapes)
    parts, labels = [], Labels(frame)
    for code, shape in zip(codes, shapes, strict=True):
        parts.append(f'<path class="v p-{atlas.access_class(code)}" d="{frame.path(shape)}"/>')
    edge = frame.path(shapely.unary_union(shapes))
    parts.append(f'<path class="e" d="{edge}"/>')
    for code, shape in zip(codes, shapes, strict=True):
        name = str(atlas.villages[code]["village_name"])
        label = _label(labels, frame, shape, name)
        parts.append(
            f'<a href="{escaped(links[code])}" aria-label="{escaped(name)}"><title>{escaped(name)}</title>'
            f'<path class="o" d="{frame.path(shape)}"/>{label}</a>'
        )
    return _svg(atlas, frame, "".join(parts), _("Map of the villages of the district"), _counts(atlas, codes))


def region_svg(atlas: Atlas, districts: dict[str, tuple[str, list[str]]], links: dict[str, str]) -> str:
    """Draw all villages, the districts being links.

    Parameters
    ----------
    atlas : Atlas
        Lookups over the analysis.
    districts : dict
        Per district code its name and the codes of its villages.
    links : dict
        Address of each district's page.
    """
    frame = _frame(list(atlas.coarse))
    parts, labels = [], Labels(frame)
    for kind in _ORDER:
        mine = [atlas.coarse[atlas.position(c)] for c in atlas.codes if atlas.access_class(c) == kind]
        if mine:
            parts.append(f'<path class="v p-{kind}" d="{"".join(frame.path(s) for s in mine)}"/>')
    for code, (name, villages) in districts.items():
        shape = shapely.unary_union([atlas.coarse[atlas.position(c)] for c in villages])
        parts.append(
            f'<a href="{escaped(links[code])}" aria-label="{escaped(name)}"><title>{escaped(name)}</title>'
            f'<path class="e o" d="{frame.path(shape)}"/>{_label(labels, frame, shape, name)}</a>'
        )
    return _svg(atlas, frame, "".join(parts), _("Map of the regency"), _counts(atlas, atlas.codes))


def _frame(shapes: list[Any]) -> Frame:
    bounds = shapely.bounds(np.asarray(shapes, dtype=object))
    box = (float(bounds[:, 0].min()), float(bounds[:, 1].min()), float(bounds[:, 2].max()), float(bounds[:, 3].max()))
    frame = Frame.around(box, _WIDTH, margin=0.02)
    return frame if frame.height <= _TALLEST else Frame.around(box, _WIDTH, height=_TALLEST, margin=0.02)


def _label(labels: Labels, frame: Frame, shape: Any, name: str) -> str:
    spot = shape.representative_point()
    return labels.centred(*frame.at(spot.x, spot.y), shortened(name, _LETTERS), 10.5, "n")


def _counts(atlas: Atlas, codes: list[str]) -> str:
    found = [atlas.access_class(code) for code in codes]
    return " ".join(
        ngettext("{count} village {service}.", "{count} villages {service}.", found.count(kind)).format(
            count=number(found.count(kind)), service=words.access_class(kind)
        )
        for kind in _ORDER
        if kind in found
    )


def _svg(atlas: Atlas, frame: Frame, body: str, title: str, text: str) -> str:
    mark = words.WATERMARK if atlas.analysis.region.is_sample else ""
    across = diagonal(mark, frame.width / 2, frame.height / 2) if mark else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width:.0f} {frame.height:.0f}" '
        f'aria-labelledby="map-title map-text" role="group"><title id="map-title">{escaped(title)}</title>'
        f'<desc id="map-text">{escaped(clean(text))}</desc><style>{_STYLE}</style>{body}{across}</svg>'
    )


def legend_colours() -> dict[str, str]:
    """Colour of each access class on these maps, in the order of the legend."""
    return {kind: _FILLS[kind] for kind in _ORDER}


def tints() -> dict[str, str]:
    """Pale colour of each access class, for badges with dark text."""
    return dict(TINTS)
