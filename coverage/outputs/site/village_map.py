"""The map of one village as SVG: its hamlets, towers, public places, its neighbours and what is proposed.

The same picture stands on the static page and in the PDF. It carries its own style, needs no font
file and no script, and says in its description what it shows.
"""

from __future__ import annotations

import math
from typing import Any

import shapely

from coverage.language import _, number
from coverage.outputs import maps, words
from coverage.outputs.site.atlas import Atlas, clean
from coverage.outputs.site.frame import Frame, Labels, escaped, shortened

WIDTH, HEIGHT = 340.0, 280.0
#: How much of the neighbours is seen: share of the village's longer side on each side.
_MARGIN = 0.22
_LEGEND_ROW, _LEGEND_COLUMN = 17.0, 170.0
_NAME_LETTERS = 20
#: Pale tints of the access classes' colours (Okabe and Ito), so that black text stands on them.
TINTS = {"none": "#f9dcc8", "weak": "#fbecc9", "served": "#cfe3f2", "unknown": "#ececec"}
STRONG = {"none": maps.ORANGE, "weak": maps.AMBER, "served": maps.BLUE, "unknown": "#767676"}
_ORDER = ("none", "weak", "served", "unknown")
_ROAD_WIDTH = {"primary": 2.4, "secondary": 2.0, "tertiary": 1.5, "local": 0.9}

STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#1b1b1b}"
    "text.h{font-size:10.5px;paint-order:stroke;stroke:#fff;stroke-width:2.6px;stroke-linejoin:round}"
    "text.n{font-size:10.5px;fill:#555;paint-order:stroke;stroke:#fff;stroke-width:2.2px;stroke-linejoin:round}"
    "text.w{font-size:15px;font-weight:700;fill:#7a2e00;fill-opacity:.26;letter-spacing:1px}"
    ".b{stroke:#fff;stroke-width:1.2px}.me{fill:none;stroke:#1b1b1b;stroke-width:2px;stroke-linejoin:round}"
    ".r{fill:none;stroke:#a09a8e;stroke-linecap:round;stroke-linejoin:round}"
    ".t{fill:#1b1b1b;stroke:#fff;stroke-width:.8px}.f{stroke:#00695c;stroke-width:1.3px}"
    ".k{fill:#fff;fill-opacity:.85}"
    ".s{fill:#cc79a7;stroke:#1b1b1b;stroke-width:1px}.a{fill:none;stroke:#1b1b1b;stroke-width:1.6px}"
    + "".join(f".p-{code}{{fill:{tint}}}" for code, tint in TINTS.items())
    + ".h-none{fill:#fff;stroke:#d55e00;stroke-width:2.6px}.h-weak{fill:#e69f00;stroke:#1b1b1b;stroke-width:1px}"
    ".h-served{fill:#0072b2;stroke:#fff;stroke-width:1px}"
    ".h-unknown{fill:#fff;stroke:#767676;stroke-width:1.8px;stroke-dasharray:2 1.6}"
)


def village_svg(atlas: Atlas, code: str) -> str:
    """Draw a village.

    Parameters
    ----------
    atlas : Atlas
        Lookups over the analysis.
    code : str
        Village of the region.

    Returns
    -------
    str
        One ``<svg>`` element, 340 units wide, with its legend below the map; text in the language
        in force, names escaped.
    """
    frame = Frame.around(atlas.shape(code).bounds, WIDTH, height=HEIGHT, margin=_MARGIN)
    drawing = _Drawing(atlas, code, frame)
    scale = drawing.scale()
    body = drawing.ground() + drawing.points() + drawing.names() + scale
    legend, rows = drawing.legend()
    if atlas.analysis.region.is_sample:
        body += diagonal(words.WATERMARK, WIDTH / 2, HEIGHT / 2)
    height = HEIGHT + rows * _LEGEND_ROW + (8 if rows else 0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-labelledby="map-title map-text"><title id="map-title">{escaped(drawing.title())}</title>'
        f'<desc id="map-text">{escaped(drawing.description())}</desc><style>{STYLE}</style>'
        f'<clipPath id="c"><rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" rx="6"/></clipPath>'
        f'<g clip-path="url(#c)"><rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="#f4f5f3"/>{body}</g>'
        f"{legend}</svg>"
    )


def description(atlas: Atlas, code: str) -> str:
    """What the map of a village shows, for those who cannot see it."""
    frame = Frame.around(atlas.shape(code).bounds, WIDTH, height=HEIGHT, margin=_MARGIN)
    return _Drawing(atlas, code, frame).description()


def diagonal(mark: str, x: float, y: float) -> str:
    """A pale mark across a map, centred on a position."""
    return (
        f'<text class="w" x="{x:.0f}" y="{y:.0f}" text-anchor="middle" transform="rotate(-32 {x:.0f} {y:.0f})">'
        f"{escaped(mark)}</text>"
    )


class _Drawing:
    """One map while it is being drawn; remembers which symbols it used, for the legend."""

    def __init__(self, atlas: Atlas, code: str, frame: Frame) -> None:
        self.atlas, self.code, self.frame = atlas, code, frame
        self.name = str(atlas.villages[code]["village_name"])
        self.hamlets = atlas.hamlets(code)
        self.facilities = atlas.facilities(code)
        self.labels = Labels(frame)
        self.used: set[str] = set()

    # ---------------------------------------------------------------- layers

    def ground(self) -> str:
        """Neighbours in the tint of their class, roads, and the border of the village."""
        if self.code not in self.atlas.drawn:
            roads = self._roads()
            self.atlas.drawn[self.code] = (self._borders() + roads + self._border(), bool(roads))
        drawn, has_roads = self.atlas.drawn[self.code]
        if has_roads:
            self.used.add("road")
        return drawn

    def _borders(self) -> str:
        parts = []
        for code in self.atlas.within(self.frame.box):
            data = self.frame.path(self.frame.cut(self.atlas.fine[self.atlas.position(code)]))
            if data:
                parts.append(f'<path class="b p-{self.atlas.access_class(code)}" d="{data}"/>')
        return "".join(parts)

    def _border(self) -> str:
        return f'<path class="me" d="{self.frame.path(self.atlas.fine[self.atlas.position(self.code)])}"/>'

    def _roads(self) -> str:
        """Roads in the view, one path per class."""
        lines, tree, classes = self.atlas.roads
        found: dict[str, list[Any]] = {}
        for i in sorted(tree.query(shapely.box(*self.frame.box))):
            found.setdefault(classes[i], []).append(self.frame.cut(lines[i]))
        parts = []
        for kind in sorted(found):
            data = "".join(self.frame.path(line) for line in found[kind])
            if data:
                parts.append(f'<path class="r" stroke-width="{_ROAD_WIDTH.get(kind, 1)}" d="{data}"/>')
        return "".join(parts)

    def points(self) -> str:
        """Public places, the proposed site, hamlets, towers; each spot is kept free of names."""
        return self._places() + self._proposed() + self._hamlets() + self._towers()

    def _places(self) -> str:
        parts = []
        for place in self.facilities:
            x, y = self.frame.at(place["lon"], place["lat"])
            symbol = {True: "place_on", False: "place_off", None: "place"}[place["is_online"]]
            self.used.add(symbol)
            parts.append(_place(x, y, symbol))
        return "".join(parts)

    def _proposed(self) -> str:
        deal = self.atlas.best_deal(self.code)
        if deal is None:
            return ""
        option = self.atlas.options[deal["option_id"]]
        x, y = self.frame.at(option["lon"], option["lat"])
        if option["height_m"] <= 0 or not self.frame.holds(x, y):
            return ""
        self.used.add("proposed")
        self.labels.block(x, y, 7)
        return _star(x, y)

    def _hamlets(self) -> str:
        parts = []
        largest = max([1.0, *(hamlet["population"] for hamlet in self.hamlets)])
        for hamlet in self.hamlets:
            x, y = self.frame.at(*self.atlas.hamlet_points[hamlet["settlement_id"]])
            radius, kind = 4 + 4 * math.sqrt(hamlet["population"] / largest), hamlet["access_class"]
            self.used.add(f"hamlet_{kind}")
            self.labels.block(x, y, radius)
            parts.append(f'<circle class="h-{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>')
        return "".join(parts)

    def _towers(self) -> str:
        parts = []
        for lon, lat in self.atlas.towers_within(self.frame.box):
            x, y = self.frame.at(lon, lat)
            if self.frame.holds(x, y, 2):
                self.used.add("tower")
                self.labels.block(x, y, 6)
                parts.append(_tower(x, y))
        nearest = self.atlas.nearest_tower(self.code)
        if nearest is not None:
            x, y = self.frame.at(*self.atlas.towers[nearest[0]])
            if not self.frame.holds(x, y, 2):
                self.used.add("tower")
                parts.append(self._arrow(x, y, nearest[1]))
        return "".join(parts)

    def _arrow(self, x: float, y: float, distance_m: float) -> str:
        """A tower outside the picture: an arrow at the edge that points to it."""
        middle_x, middle_y = self.frame.width / 2, self.frame.height / 2
        dx, dy = x - middle_x, y - middle_y
        inset = 14
        reach = min((middle_x - inset) / max(abs(dx), 1e-9), (middle_y - inset) / max(abs(dy), 1e-9))
        at_x, at_y = middle_x + dx * reach, middle_y + dy * reach
        angle = math.degrees(math.atan2(dy, dx))
        self.labels.block(at_x, at_y, 10)
        text = _("tower {km} km").format(km=number(distance_m / 1000, 1))
        label = self.labels.beside(at_x, at_y, text, 10.5, 14, "h")
        turned = f"translate({at_x:.1f} {at_y:.1f}) rotate({angle:.0f})"
        return f'<path class="a" d="M-9 0H8M2-5L8 0L2 5" transform="{turned}"/>{label}'

    def names(self) -> str:
        """Names of hamlets, then of the neighbours, as far as there is room."""
        parts = []
        for hamlet in self.hamlets:
            x, y = self.frame.at(*self.atlas.hamlet_points[hamlet["settlement_id"]])
            parts.append(self.labels.beside(x, y, shortened(hamlet["settlement_name"], _NAME_LETTERS), 10.5, 10, "h"))
        for code in self.atlas.within(self.frame.box):
            seen = self.frame.cut(self.atlas.fine[self.atlas.position(code)])
            if code == self.code or seen.is_empty:
                continue
            spot = seen.representative_point()
            x, y = self.frame.at(spot.x, spot.y)
            name = shortened(self.atlas.villages[code]["village_name"], _NAME_LETTERS)
            parts.append(self.labels.centred(x, y, name, 10.5, "n"))
        return "".join(parts)

    def scale(self) -> str:
        """A bar of a round number of kilometres."""
        per_km = self.frame.units_per_km
        km = next((k for k in (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0) if k * per_km >= 40), 50.0)
        length, x, y = km * per_km, 10.0, self.frame.height - 10
        self.labels.block_box(4, y - 17, length + 16, y + 6)
        text = _("{km} km").format(km=number(km, 0 if km >= 1 else 1))
        return (
            f'<rect class="k" x="4" y="{y - 17:.0f}" width="{length + 12:.0f}" height="23" rx="3"/>'
            f'<path class="a" d="M{x:.0f} {y - 3:.0f}v4h{length:.1f}v-4"/>'
            f'<text x="{x + length / 2:.0f}" y="{y - 4:.0f}" text-anchor="middle">{escaped(text)}</text>'
        )

    # ---------------------------------------------------------------- words

    def title(self) -> str:
        """Name of the picture."""
        return _("Map of {village}").format(village=clean(self.name))

    def description(self) -> str:
        """What the picture shows, for those who cannot see it."""
        sentences = [
            _("{village} in the middle, its neighbours around it, north at the top.").format(village=clean(self.name))
        ]
        for code in _ORDER:
            mine = [clean(hamlet["settlement_name"]) for hamlet in self.hamlets if hamlet["access_class"] == code]
            if mine:
                names = ", ".join(mine)
                sentences.append(_("Hamlets {service}: {names}.").format(service=words.access_class(code), names=names))
        nearest = self.atlas.nearest_tower(self.code)
        if nearest is not None:
            sentences.append(_("The nearest tower is {km} km away.").format(km=number(nearest[1] / 1000, 1)))
        return " ".join(sentences)

    def legend(self) -> tuple[str, int]:
        """Symbols that the map uses, in two columns, and the number of rows."""
        items = []
        for code in _ORDER:
            if f"hamlet_{code}" in self.used:
                text = _("hamlet: {service}").format(service=words.access_class(code))
                items.append((f'<circle class="h-{code}" cx="8" cy="8" r="5"/>', text))
        for key, symbol, text in (
            ("tower", _tower(8, 8), _("tower")),
            ("proposed", _star(8, 8), _("proposed tower")),
            ("place_on", _place(8, 8, "place_on"), _("public place, online")),
            ("place_off", _place(8, 8, "place_off"), _("public place, offline")),
            ("place", _place(8, 8, "place"), _("public place")),
            ("road", '<path class="r" stroke-width="1.8" d="M1 8H15"/>', _("road")),
        ):
            if key in self.used:
                items.append((symbol, text))
        items.append((_swatch(), _("ground: service of the village")))
        parts = []
        for i, (symbol, text) in enumerate(items):
            x, y = (i % 2) * _LEGEND_COLUMN, HEIGHT + 6 + i // 2 * _LEGEND_ROW
            parts.append(
                f'<g transform="translate({x:.0f} {y:.0f})">{symbol}<text x="21" y="12">{escaped(text)}</text></g>'
            )
        return "".join(parts), math.ceil(len(items) / 2)


def _swatch() -> str:
    """The four tints of the ground side by side."""
    return "".join(f'<rect class="p-{c}" x="{i * 4}" y="2" width="4" height="12"/>' for i, c in enumerate(_ORDER))


def _tower(x: float, y: float) -> str:
    return f'<path class="t" d="M{x:.1f} {y - 6:.1f}l5 11h-10z"/>'


def _place(x: float, y: float, symbol: str) -> str:
    fill = {"place_on": "#00695c", "place_off": "#fff", "place": "#9ec9c3"}[symbol]
    return f'<rect class="f" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{fill}"/>'


def _star(x: float, y: float) -> str:
    points = []
    for i in range(10):
        radius, angle = (8.0 if i % 2 == 0 else 3.4), math.pi * (i / 5 - 0.5)
        points.append(f"{x + radius * math.cos(angle):.1f},{y + radius * math.sin(angle):.1f}")
    return f'<polygon class="s" points="{" ".join(points)}"/>'
