"""Why the signal at a place is as it is, in words: the path from its mast, what stands in it, what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

from coverage.access import INTERNET
from coverage.kept import kept
from coverage.language import _, number
from coverage.radio import Explanation, clutter_for, explain
from coverage.raster import Raster

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def on_grid(analysis: Analysis, lat: float, lon: float) -> tuple[float, float]:
    """A place in degrees as x and y on the computing grid, m."""
    point = gpd.GeoSeries([Point(lon, lat)], crs="EPSG:4326").to_crs(analysis.grid.crs)
    return float(point.x.iloc[0]), float(point.y.iloc[0])


@kept
def hamlets_on_grid(analysis: Analysis) -> dict[str, Any]:
    """The hamlets as points on the computing grid, by their id."""
    found = analysis.region.settlements
    return dict(zip(found["settlement_id"], found.geometry.to_crs(analysis.grid.crs), strict=True))


def heard_at(analysis: Analysis, x_m: float, y_m: float) -> dict[tuple[str, str], float]:
    """Operators and technologies with any signal at a point and its level in dBm, the strongest first.

    What brings the internet comes before the rest: a strong 2G signal explains little.
    """
    row, col = (int(v) for v in analysis.grid.rowcol(x_m, y_m))
    rows, cols = analysis.signal.shape
    if not (0 <= row < rows and 0 <= col < cols):
        return {}
    levels = {
        key: float(layer.rsrp[row, col]) for key, layer in analysis.signal.layers.items() if layer.cell[row, col] >= 0
    }
    return dict(sorted(levels.items(), key=lambda item: (item[0][1] not in INTERNET, -item[1], item[0])))


@kept
def _clutter(analysis: Analysis) -> Raster | None:
    """The clutter that the signal was computed with."""
    return clutter_for(analysis.region.land_cover_on(analysis.grid), analysis.assumptions)


@kept
def explained(analysis: Analysis, x_m: float, y_m: float, operator: str, technology: str) -> Explanation | None:
    """The explanation of one layer at a point; None where no cell serves it."""
    return explain(
        analysis.grid,
        analysis.signal,
        x_m,
        y_m,
        operator,
        technology,
        analysis.assumptions,
        clutter=_clutter(analysis),
    )


def sentence(why: Explanation) -> str:
    """Who serves a place from where, and what is in the way."""
    served = _("Tower {site}, {km} km away, serves this place with {level} dBm on {mhz} MHz.").format(
        site=why.cell["site_id"],
        km=number(float(why.distance_km[-1]), 1),
        level=number(round(why.map_dbm)),
        mhz=number(round(float(why.cell["frequency_mhz"]))),
    )
    km = number(float(why.distance_km[why.obstruction_sample]), 1)
    over = number(abs(round(why.obstruction_over_m)))
    above = why.obstruction_over_m > 0
    if why.obstruction == "none":
        blocked = _("Nothing stands in the way.")
    elif why.obstruction == "earth":
        blocked = _("The curve of the earth itself stands in the way.")
    elif why.obstruction == "clutter":
        blocked = (
            _("Trees or houses {km} km from the tower rise {metres} m above the line of sight.")
            if above
            else _("Trees or houses {km} km from the tower come within {metres} m of the line of sight.")
        ).format(km=km, metres=over)
    else:
        blocked = (
            _("A hill {km} km from the tower rises {metres} m above the line of sight.")
            if above
            else _("A hill {km} km from the tower comes within {metres} m of the line of sight.")
        ).format(km=km, metres=over)
    return f"{served} {blocked}"


def losses(why: Explanation) -> pd.DataFrame:
    """What the tower sends and what the way takes, in dB, down to what arrives: columns ``term, db``."""
    names = {
        "reference": _("Sent by the tower (dBm)"),
        "antenna": _("Off the antenna's main direction"),
        "free_space": _("Distance"),
        "terrain": _("Hills"),
        "clutter": _("Trees and houses"),
        "earth": _("Curve of the earth"),
    }
    rows = [(names[term], value + 0.0) for term, value in why.terms_db.items()]
    return pd.DataFrame([*rows, (_("Arrives at the phone (dBm)"), why.rsrp_dbm)], columns=["term", "db"])


def predicted() -> str:
    """How such an explanation came about."""
    return _("Predicted by the method of ITU-R P.1812 from the list of towers and the terrain; outdoors, not measured.")
