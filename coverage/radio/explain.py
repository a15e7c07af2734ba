"""Why a place has the signal it has: the path to its server, what stands in it, loss by term."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.radio.antenna import attenuation_db
from coverage.radio.link_budget import earth_radius_km
from coverage.radio.p1812 import anomalous, diffraction
from coverage.radio.p1812.method import make_path
from coverage.radio.p1812.profile import INLAND, WAVELENGTH_AT_1_GHZ, Path, diffraction_surface_m
from coverage.radio.path_loss import Ground, ground
from coverage.radio.signal import Signal
from coverage.raster import Raster

#: Least share of the first Fresnel zone that stays free when nothing obstructs.
_FREE = 0.6


@dataclass(frozen=True, eq=False)
class Explanation:
    """The path from the serving cell to a place.

    Attributes
    ----------
    cell : Series
        The serving cell, a row of ``Signal.cells``.
    rsrp_dbm, map_dbm : float
        Level over this very profile, and on the map (over the nearest radial).
    distance_km, terrain_m, surface_m : ndarray
        Profile from the mast: ground, and ground with clutter.
    ray_m, zone_m : ndarray
        Height of the straight ray above sea level over a curved earth, and radius of the first
        Fresnel zone around it.
    obstruction : str
        ``none``, ``terrain``, ``clutter`` or ``earth``: what the ray meets first of all.
    obstruction_sample : int
        Sample of the profile that stands deepest in the zone.
    obstruction_x_m, obstruction_y_m : float
        Where that is, in the terrain's CRS.
    obstruction_over_m : float
        How far it stands above the ray; negative below.
    terms_db : dict
        Reference power, then what is taken off: ``antenna``, ``free_space``, ``terrain``,
        ``clutter``, ``earth``; they add up to ``rsrp_dbm``.
    """

    cell: pd.Series
    rsrp_dbm: float
    map_dbm: float
    distance_km: NDArray[np.float64]
    terrain_m: NDArray[np.float64]
    surface_m: NDArray[np.float64]
    ray_m: NDArray[np.float64]
    zone_m: NDArray[np.float64]
    obstruction: str
    obstruction_sample: int
    obstruction_x_m: float
    obstruction_y_m: float
    obstruction_over_m: float
    terms_db: dict[str, float]


def explain(
    terrain: Raster,
    signal: Signal,
    x_m: float,
    y_m: float,
    operator: str,
    technology: str,
    assumptions: Assumptions,
    *,
    clutter: Raster | None = None,
) -> Explanation | None:
    """Explain the signal of one operator and technology at a point.

    Parameters
    ----------
    terrain, clutter : Raster
        As for :func:`coverage.radio.signal`.
    signal : Signal
        Its result.
    x_m, y_m : float
        The point in the CRS of `terrain`.
    operator, technology : str
        The layer.
    assumptions : Assumptions
        Topic ``radio``.

    Returns
    -------
    Explanation or None
        None where no cell serves the point.
    """
    layer = signal.layers.get((operator, technology))
    row, col = (int(v) for v in terrain.rowcol(x_m, y_m))
    inside = 0 <= row < signal.shape[0] and 0 <= col < signal.shape[1]
    if layer is None or not inside or layer.cell[row, col] < 0:
        return None
    cell = signal.cells.iloc[int(layer.cell[row, col])]
    land = ground(terrain, clutter)
    path = trace(land, (float(cell["x_m"]), float(cell["y_m"]), float(cell["height_m"])), (x_m, y_m), assumptions)
    f, radius = float(cell["frequency_mhz"]) / 1000, earth_radius_km(assumptions["radio.delta_n"])
    terms = _terms(path, cell, (x_m, y_m), f, radius, assumptions)
    d, length = path.distance_km, path.length_km
    bulge = 500 / radius * d * (length - d)
    ray = (path.tx_top_m * (length - d) + path.rx_top_m * d) / length - bulge
    zone = np.sqrt(1000 * WAVELENGTH_AT_1_GHZ / f * d * (length - d) / length)
    worst = 1 + int(np.argmax((path.surface_m - ray)[1:-1] / zone[1:-1]))
    share = float(d[worst]) / length
    return Explanation(
        cell,
        float(sum(terms.values())),
        float(layer.rsrp[row, col]),
        d,
        path.terrain_m,
        path.surface_m,
        ray,
        zone,
        _kind(path, ray, zone, bulge, worst),
        worst,
        float(cell["x_m"]) + share * (x_m - float(cell["x_m"])),
        float(cell["y_m"]) + share * (y_m - float(cell["y_m"])),
        float(path.surface_m[worst] - ray[worst]),
        terms,
    )


def trace(land: Ground, mast: tuple[float, float, float], point: tuple[float, float], assumptions: Assumptions) -> Path:
    """Profile from a mast (x, y, height) to a point, sampled about every pixel, at least five samples."""
    away = float(np.hypot(point[0] - mast[0], point[1] - mast[1]))
    count = max(5, round(away / land.pixel_m) + 1)
    share = np.linspace(0, 1, count)
    x, y = mast[0] + share * (point[0] - mast[0]), mast[1] + share * (point[1] - mast[1])
    heights = np.array([land.height(float(a), float(b)) for a, b in zip(x, y, strict=True)])
    above = np.array([land.clutter_height(float(a), float(b)) for a, b in zip(x, y, strict=True)])
    length_km = max(away, 1.0) / 1000
    return make_path(
        share * length_km, heights, above, np.full(count, INLAND), mast[2], assumptions["radio.receiver_height_m"]
    )


def _terms(
    path: Path, cell: pd.Series, point: tuple[float, float], f: float, radius: float, assumptions: Assumptions
) -> dict[str, float]:
    """The link budget over the profile, by the reference method."""
    tops = (path.tx_top_m, path.rx_top_m)
    parts = diffraction.delta_bullington(
        path.distance_km, path.surface_m, tops, diffraction_surface_m(path), radius, f, 0.0, "vertical"
    )
    bare = diffraction.bullington(path.distance_km, path.terrain_m, *tops, radius, f)
    east, north = point[0] - float(cell["x_m"]), point[1] - float(cell["y_m"])
    below = np.degrees(np.arctan2(path.tx_top_m - path.rx_top_m, 1000 * path.length_km))
    turn = np.degrees(np.arctan2(east, north)) - float(cell["azimuth_deg"])
    return {
        "reference": float(cell["reference_dbm"]),
        "antenna": -float(attenuation_db(turn, below, float(cell["downtilt_deg"]), assumptions)),
        "free_space": -anomalous.free_space(path, f),
        "terrain": -min(bare, parts.actual),
        "clutter": min(bare - parts.actual, 0.0),
        "earth": min(parts.smooth - parts.spherical, 0.0),
    }


def _kind(
    path: Path, ray: NDArray[np.float64], zone: NDArray[np.float64], bulge: NDArray[np.float64], worst: int
) -> str:
    """What obstructs: the ground, what stands on it, the earth's own curve, or nothing."""
    if path.surface_m[worst] < ray[worst] - _FREE * zone[worst]:
        return "none"
    if path.terrain_m[worst] < min(ray[worst], path.surface_m[worst]):
        return "clutter"
    # Without the curve of the earth the ray would lie higher by the bulge.
    if path.terrain_m[worst] < ray[worst] + bulge[worst] - _FREE * zone[worst]:
        return "earth"
    return "terrain"
