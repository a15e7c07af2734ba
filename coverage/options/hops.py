"""Which microwave hops have a clear path over the terrain (ITU-R P.530-18 §2.2.2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options.draft import Draft
from coverage.raster import Raster

_EARTH_RADIUS_M = 6_371_000.0
_LIGHT_M_PER_S = 299_792_458.0


def clearance_m(
    terrain: Raster,
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    *,
    frequency_mhz: float,
    k_factor: float,
    fresnel_share: float,
    canopy_m: float,
) -> NDArray[np.float64]:
    """Least clearance of hops, beyond what the Fresnel zone needs.

    Along the profile the ray must clear the ground, the earth's bulge ``d1 d2 / (2 k a)``, what
    grows and stands there, and `fresnel_share` of the first Fresnel radius
    ``sqrt(wavelength d1 d2 / d)``.

    Parameters
    ----------
    terrain : Raster
        Metric terrain in metres; ``NaN`` counts as sea level.
    start, stop : ndarray, shape (n, 3)
        x and y in the terrain's CRS, antenna height above ground in metres.
    frequency_mhz : float
        Carrier.
    k_factor : float
        Effective earth radius factor.
    fresnel_share : float
        Share of the first Fresnel radius to keep clear.
    canopy_m : float
        Height of trees and houses between the ends.

    Returns
    -------
    ndarray, shape (n,)
        Metres; the hop is clear where it is not negative.
    """
    if not len(start):
        return np.empty(0)
    span = np.hypot(stop[:, 0] - start[:, 0], stop[:, 1] - start[:, 1])
    samples = max(3, int(np.ceil(span.max() / terrain.resolution[0])) + 1)
    t = np.linspace(0.0, 1.0, samples)[None, :]
    x = start[:, :1] + t * (stop[:, :1] - start[:, :1])
    y = start[:, 1:2] + t * (stop[:, 1:2] - start[:, 1:2])
    ground = np.nan_to_num(terrain.sample(x, y).astype(np.float64))
    first, last = ground[:, :1] + start[:, 2:], ground[:, -1:] + stop[:, 2:]
    ray = first + t * (last - first)
    product = t * (1 - t) * span[:, None] ** 2
    bulge = product / (2 * k_factor * _EARTH_RADIUS_M)
    wavelength = _LIGHT_M_PER_S / (frequency_mhz * 1e6)
    fresnel = np.sqrt(wavelength * product / np.maximum(span[:, None], 1.0))
    room = ray - ground - bulge - fresnel_share * fresnel - canopy_m
    # Near the ends the canopy is the clearing that the masts stand in.
    pixel = terrain.resolution[0] / np.maximum(span[:, None], 1.0)
    inner = (t > pixel) & (t < 1 - pixel)
    least: NDArray[np.float64] = np.where(inner, room, np.inf).min(axis=1)
    return least


@dataclass(frozen=True)
class Hop:
    """A clear microwave hop to an existing site, metric coordinates."""

    site_id: str
    x: float
    y: float
    length_m: float


def nearest_hops(
    drafts: Iterable[Draft], terrain: Raster, sites: pd.DataFrame, assumptions: Assumptions
) -> dict[str, Hop]:
    """The shortest clear hop of every tower to an existing site, by option_id.

    Parameters
    ----------
    drafts : iterable of Draft
        Options; those without a mast are passed over.
    terrain : Raster
        Metric terrain.
    sites : DataFrame
        Existing sites: ``site_id, height_m, x_m, y_m``; those lower than ``options.site_min_height`` feed nobody.
    assumptions : Assumptions
        ``options.microwave_*``, ``options.site_min_height``, ``options.fresnel_clear``,
        ``options.k_factor`` and ``options.canopy``.
    """
    towers = [draft for draft in drafts if draft.height_m > 0]
    tall = sites[sites["height_m"] >= assumptions["options.site_min_height"]].sort_values("site_id")
    if not towers or not len(tall):
        return {}
    masts = np.array([(draft.x, draft.y, draft.height_m) for draft in towers])
    places = tall[["x_m", "y_m", "height_m"]].to_numpy(float)
    gap = np.hypot(masts[:, None, 0] - places[None, :, 0], masts[:, None, 1] - places[None, :, 1])
    order = np.argsort(gap, axis=1, kind="stable")[:, : round(assumptions["options.microwave_neighbours"])]
    length = np.take_along_axis(gap, order, axis=1)
    # Masts on the same spot need no radio; they are no hop.
    tower, rank = np.nonzero((length <= assumptions["options.microwave_range"]) & (length >= 1.0))
    clear = clearance_m(
        terrain,
        masts[tower],
        places[order[tower, rank]],
        frequency_mhz=assumptions["options.microwave_frequency"],
        k_factor=assumptions["options.k_factor"],
        fresnel_share=assumptions["options.fresnel_clear"],
        canopy_m=assumptions["options.canopy"],
    )
    hops: dict[str, Hop] = {}
    names = tall["site_id"].tolist()
    for k in np.flatnonzero(clear >= 0).tolist():
        site = int(order[tower[k], rank[k]])
        hop = Hop(names[site], float(places[site, 0]), float(places[site, 1]), float(length[tower[k], rank[k]]))
        hops.setdefault(towers[int(tower[k])].option_id, hop)
    return hops
