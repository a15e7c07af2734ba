"""The path profile as a small SVG picture: ground, clutter, ray, first Fresnel zone, obstruction."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from coverage.language import _, number
from coverage.radio.explain import Explanation

#: Points that would move a line by less, in pixels of the picture, are left out.
_TOLERANCE = 0.3
#: Narrow, with large letters: the picture must be read on a phone.
_WIDTH, _HEIGHT = 480, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 14, 34


def profile_svg(explanation: Explanation) -> str:
    """Draw a path profile; it carries no script and no text from files.

    The ground is drawn as it is and the ray bent by the earth's curve, mast on the left.

    Parameters
    ----------
    explanation : Explanation
        From :func:`coverage.radio.explain`.

    Returns
    -------
    str
        One ``<svg>`` element with ``currentColor`` for text, so that it fits light and dark pages.
    """
    d, ground, surface = explanation.distance_km, explanation.terrain_m, explanation.surface_m
    ray, zone = explanation.ray_m, explanation.zone_m
    low = float(ground.min())
    high = max(float((ray + zone).max()), float(surface.max()))
    span = max(high - low, 10.0)

    def across(km: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(_LEFT + km / d[-1] * (_WIDTH - _LEFT - _RIGHT))

    def up(metres: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(_TOP + (high - metres) / span * (_HEIGHT - _TOP - _BOTTOM))

    def line(heights: NDArray[np.float64]) -> str:
        drawn = shapely.simplify(shapely.linestrings(across(d), up(heights)), _TOLERANCE)
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(drawn).tolist())

    x, floor = across(d), _HEIGHT - _BOTTOM
    below = f"{x[0]:.1f},{floor} {{}} {x[-1]:.1f},{floor}"
    ring = f"{line(ray + zone)} {' '.join(reversed(line(ray - zone).split()))}"
    # Words outside of f-strings: else nobody finds them for translation.
    title, mast, place = _("Profile from the mast to the place"), _("Mast"), _("Place")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{title}" font-family="sans-serif" font-size="14">',
        f'<polygon points="{ring}" fill="#8da0cb" fill-opacity="0.35"/>',
        *([f'<polygon points="{below.format(line(surface))}" fill="#7fbf7b"/>'] if (surface > ground).any() else []),
        f'<polygon points="{below.format(line(ground))}" fill="#8c6d46"/>',
        f'<polyline points="{line(ray)}" fill="none" stroke="#4059ad" stroke-width="1.5"/>',
        f'<line x1="{x[0]:.1f}" x2="{x[0]:.1f}" y1="{up(ground[:1])[0]:.1f}" y2="{up(ray[:1])[0]:.1f}" '
        'stroke="#444" stroke-width="3"/>',
    ]
    if explanation.obstruction != "none":
        at = explanation.obstruction_sample
        parts.append(
            f'<circle cx="{x[at]:.1f}" cy="{up(surface)[at]:.1f}" r="5" fill="none" stroke="#c0392b" stroke-width="2"/>'
        )
    top, bottom = number(round(high)), number(round(low))
    parts += [
        f'<text x="{_LEFT - 4}" y="{_TOP + 8}" text-anchor="end" fill="currentColor">{top} m</text>',
        f'<text x="{_LEFT - 4}" y="{floor}" text-anchor="end" fill="currentColor">{bottom} m</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 10}" fill="currentColor">{mast}</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 10}" text-anchor="end" fill="currentColor">'
        f"{place} · {number(round(float(d[-1]), 1))} km</text>",
        "</svg>",
    ]
    return "".join(parts)
