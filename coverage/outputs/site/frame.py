"""From degrees to a small picture: projection, path data, labels that do not cover each other."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from coverage.outputs.site.atlas import clean

#: Length of a degree of latitude (WGS 84 mean).
KM_PER_DEG = 111.2
#: Average width of a letter, as a share of the size of the type.
_LETTER = 0.6
_ELLIPSIS = "…"


@dataclass(frozen=True)
class Frame:
    """A box in degrees drawn ``width`` x ``height`` units large, north up.

    Degrees of longitude are shortened by the cosine of the middle latitude, which is exact enough
    over one regency.
    """

    west: float
    south: float
    east: float
    north: float
    width: float
    height: float

    @classmethod
    def around(
        cls, box: tuple[float, float, float, float], width: float, *, height: float | None = None, margin: float = 0.05
    ) -> Frame:
        """The frame that holds a box (west, south, east, north) with a margin (share of its longer side).

        Without `height` the frame takes the height of what it holds; with it, the box is widened.
        """
        west, south, east, north = box
        shrink = math.cos(math.radians((south + north) / 2))
        half_x, half_y = (east - west) / 2 * shrink, (north - south) / 2
        pad = margin * 2 * max(half_x, half_y, 1e-6)
        half_x, half_y = half_x + pad, half_y + pad
        if height is None:
            height = width * half_y / half_x
        elif half_y / half_x < height / width:
            half_y = half_x * height / width
        else:
            half_x = half_y * width / height
        x, y = (west + east) / 2, (south + north) / 2
        return cls(x - half_x / shrink, y - half_y, x + half_x / shrink, y + half_y, width, height)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) in degrees."""
        return self.west, self.south, self.east, self.north

    @property
    def units_per_km(self) -> float:
        """Scale of the picture."""
        return self.height / ((self.north - self.south) * KM_PER_DEG)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Position of a point in the picture; y grows downwards."""
        return (
            (lon - self.west) / (self.east - self.west) * self.width,
            (self.north - lat) / (self.north - self.south) * self.height,
        )

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Whether a position lies inside the picture."""
        return margin <= x <= self.width - margin and margin <= y <= self.height - margin

    def cut(self, shape: Any) -> Any:
        """The part of a shape inside the frame; a little more, so that cut edges stay out of sight."""
        dx, dy = (self.east - self.west) * 0.02, (self.north - self.south) * 0.02
        return shapely.clip_by_rect(shape, self.west - dx, self.south - dy, self.east + dx, self.north + dy)

    def path(self, shape: Any) -> str:
        """SVG path data of a polygon or line, in tenths of a unit; ``""`` for nothing."""
        parts = []
        for ring in _rings(shape):
            points = shapely.get_coordinates(ring)
            x = np.rint((points[:, 0] - self.west) / (self.east - self.west) * self.width * 10).astype(int)
            y = np.rint((self.north - points[:, 1]) / (self.north - self.south) * self.height * 10).astype(int)
            steps = zip(np.diff(x).tolist(), np.diff(y).tolist(), strict=True)
            moved = "".join(_tenth(dx) + _tenth(dy) for dx, dy in steps if dx or dy)
            if moved:
                close = "z" if ring.geom_type == "LinearRing" else ""
                parts.append(f"M{_tenth(int(x[0])).lstrip()}{_tenth(int(y[0]))}l{moved.lstrip()}{close}")
        return "".join(parts)


def _tenth(value: int) -> str:
    """Tenths as the shortest decimal that starts with a space or a sign."""
    whole, rest = divmod(abs(value), 10)
    text = f"{whole}.{rest}" if rest and whole else f".{rest}" if rest else str(whole)
    return f"-{text}" if value < 0 else f" {text}"


def _rings(shape: Any) -> Iterable[Any]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield part.exterior
            yield from part.interiors
        elif part.geom_type in ("LineString", "LinearRing") and not part.is_empty:
            yield part


def shortened(text: str, letters: int) -> str:
    """A name that fits into some letters."""
    text = clean(text)
    return text if len(text) <= letters else text[: letters - 1].rstrip() + _ELLIPSIS


def escaped(text: object) -> str:
    """Text for markup: SVG and HTML."""
    return html.escape(clean(text))


@dataclass
class Labels:
    """Places text so that no label covers another, nor leaves the picture."""

    frame: Frame
    _taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def block(self, x: float, y: float, radius: float) -> None:
        """Keep a spot free of text."""
        self.block_box(x - radius, y - radius, x + radius, y + radius)

    def block_box(self, left: float, top: float, right: float, bottom: float) -> None:
        """Keep an area free of text."""
        self._taken.append((left, top, right, bottom))

    def beside(self, x: float, y: float, text: str, size: float, gap: float, kind: str) -> str:
        """Text beside a point: right, left, above or below it; ``""`` where there is no room."""
        width, low = len(text) * size * _LETTER, size * 0.35
        for anchor, left, base in (
            ("start", x + gap, y + low),
            ("end", x - gap - width, y + low),
            ("middle", x - width / 2, y - gap - 1),
            ("middle", x - width / 2, y + gap + size * 0.75),
        ):
            if self._free(left, base, width, size):
                at = {"start": left, "end": left + width, "middle": left + width / 2}[anchor]
                return _text(at, base, text, anchor, kind)
        return ""

    def centred(self, x: float, y: float, text: str, size: float, kind: str) -> str:
        """Text in the middle of an area, moved a little where it must be; ``""`` where there is no room."""
        width = len(text) * size * _LETTER
        inside_x = min(max(x, width / 2 + 3), self.frame.width - width / 2 - 3)
        inside_y = min(max(y, size + 2), self.frame.height - 5)
        for shift in (0.0, 1.2 * size, -1.2 * size, 2.4 * size, -2.4 * size):
            base = inside_y + size * 0.35 + shift
            if self._free(inside_x - width / 2, base, width, size):
                return _text(inside_x, base, text, "middle", kind)
        return ""

    def _free(self, left: float, base: float, width: float, size: float) -> bool:
        box = (left, base - size * 0.8, left + width, base + size * 0.2)
        if box[0] < 1 or box[1] < 1 or box[2] > self.frame.width - 1 or box[3] > self.frame.height - 1:
            return False
        if any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in self._taken):
            return False
        self._taken.append(box)
        return True


def _text(x: float, y: float, text: str, anchor: str, kind: str) -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}"{where}>{escaped(text)}</text>'
