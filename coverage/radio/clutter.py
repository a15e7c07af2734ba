"""Clutter: what stands on the ground, by land cover."""

from __future__ import annotations

import numpy as np

from coverage.assumptions import Assumptions
from coverage.raster import Raster

#: Classes of ESA WorldCover 2021 that stand above the ground, and the assumption of their height.
#: Grass (30), crops (40), bare (60), snow (70), water (80), wetland (90) and moss (100) do not.
WORLDCOVER = {10: "trees", 20: "shrubs", 50: "built", 95: "mangrove"}
#: Of these, what a surface model (SRTM, Copernicus) already contains.
IN_SURFACE_MODEL = ("trees", "shrubs", "mangrove")


def clutter_heights(land_cover: Raster, assumptions: Assumptions, *, surface_model: bool) -> Raster:
    """Height of clutter from a land-cover raster.

    Parameters
    ----------
    land_cover : Raster
        Codes of ESA WorldCover on the grid of the terrain; unknown codes and ``NaN`` count as open.
    assumptions : Assumptions
        ``radio.clutter_*``.
    surface_model : bool
        Whether the terrain is a surface model that already holds tree tops: then only buildings
        are added, or trees would count twice.

    Returns
    -------
    Raster
        m above the terrain.
    """
    heights = np.zeros(land_cover.shape, dtype=np.float32)
    codes = np.nan_to_num(land_cover.values, nan=0.0)
    for code, name in WORLDCOVER.items():
        if not (surface_model and name in IN_SURFACE_MODEL):
            heights[codes == code] = assumptions[f"radio.clutter_{name}_m"]
    return land_cover.with_values(heights)


def clutter_for(land_cover: Raster | None, assumptions: Assumptions) -> Raster | None:
    """Height of clutter where land cover is known, else none.

    Parameters
    ----------
    land_cover : Raster, optional
        As for :func:`clutter_heights`.
    assumptions : Assumptions
        Topic ``radio``; ``terrain_has_trees`` says whether the terrain is a surface model.

    Returns
    -------
    Raster or None
        m above the terrain.
    """
    if land_cover is None:
        return None
    return clutter_heights(land_cover, assumptions, surface_model=assumptions["radio.terrain_has_trees"] >= 1.0)
