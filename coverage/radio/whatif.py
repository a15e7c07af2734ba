"""What if a mast is added, moved, raised or retuned: predict only what changes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions
from coverage.progress import Progress
from coverage.radio.best_server import BestServer, Layer, Spot, fill
from coverage.radio.path_loss import ground
from coverage.radio.signal import Signal, finish, layer_names, place_cells
from coverage.raster import Raster

#: Columns of a placed cell on which its signal depends.
_MATTERS = (
    "operator",
    "technology",
    "frequency_mhz",
    "x_m",
    "y_m",
    "height_m",
    "reach_m",
    "reference_dbm",
    "azimuth_deg",
    "downtilt_deg",
)


def update(
    before: Signal,
    terrain: Raster,
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    assumptions: Assumptions,
    progress: Progress | None = None,
    *,
    clutter: Raster | None = None,
    threads: int | None = None,
) -> Signal:
    """Signal for changed sites and cells, from the signal before the change.

    Only cells that are new or different are predicted afresh, and other cells of the same layer
    only where a cell that is gone or different had served. The result is the one that
    :func:`coverage.radio.signal` gives for the new tables.

    Parameters
    ----------
    before : Signal
        Of the same terrain, clutter and radio assumptions.
    terrain, sites, cells, assumptions, progress, clutter, threads
        As for :func:`coverage.radio.signal`, after the change.

    Returns
    -------
    Signal
    """
    placed = place_cells(terrain.crs, sites, cells, assumptions)
    kept = _kept(before.cells, placed)
    old_to_new = np.full(len(before.cells) + 1, -1, dtype=np.int32)
    old_to_new[kept["before"].to_numpy()] = kept["after"].to_numpy()
    fresh = sorted(set(range(len(placed))) - set(kept["after"]))
    layers: dict[Layer, BestServer] = {}
    blank: dict[Layer, Spot] = {}
    for layer in layer_names(placed):
        layers[layer] = BestServer.empty(terrain.shape)
        blank[layer] = Spot.of(np.zeros(terrain.shape, dtype=bool))
        if layer in before.layers:
            old = before.layers[layer]
            # The last entry, -1, answers for pixels without a server.
            layers[layer].cell[:] = old_to_new[old.cell]
            served = layers[layer].cell >= 0
            layers[layer].rsrp[served] = old.rsrp[served]
            blank[layer] = Spot.of((old.cell >= 0) & ~served)
    land = ground(terrain, clutter)
    names = list(zip(placed["operator"], placed["technology"], strict=True))
    refill = [i for i in kept["after"] if len(blank[names[i]].rows)]
    fill(land, placed, layers, assumptions, indices=refill, where=blank, threads=threads)
    fill(land, placed, layers, assumptions, progress, indices=fresh, threads=threads)
    return finish(terrain, placed, layers)


def _kept(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Positions ``before`` and ``after`` of the cells whose signal is unchanged.

    Cells that changed their order among each other count as changed, because the order settles
    ties.
    """
    old, new = (
        frame[["cell_id", *_MATTERS]].assign(position=np.arange(len(frame), dtype=np.int32))
        for frame in (before, after)
    )
    both = old.merge(new, on="cell_id", suffixes=("", "_new"))
    same = np.ones(len(both), dtype=bool)
    for column in _MATTERS:
        left, right = both[column], both[f"{column}_new"]
        same &= ((left == right) | (left.isna() & right.isna())).to_numpy(dtype=bool)
    both = both[same].sort_values("position")
    rising = both["position_new"].to_numpy() > both["position_new"].cummax().shift(fill_value=-1).to_numpy()
    return pd.DataFrame({"before": both["position"][rising], "after": both["position_new"][rising]})
