"""Roads and fibre points cut by regency, with those within reach of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.batch.rasters import METRES_PER_DEGREE
from coverage.errors import InputError
from coverage.language import _
from coverage.region import Report
from coverage.region.sources import columns
from coverage.region.sources.files import opened
from coverage.region.sources.points import is_overpass
from coverage.region.sources.probe import Probe
from coverage.region.sources.tabular import read_table
from coverage.region.sources.vector import placed, read_vector
from coverage.region.text import numbers

Box = tuple[float, float, float, float]


def split_places(
    kind: str, path: Path, folder: Path, boxes: Mapping[str, Box], reach_m: float, extent: Mapping[str, float]
) -> None:
    """Write each regency's part of a layer to ``<code>/<kind>/``; none where nothing lies within reach.

    Parameters
    ----------
    kind : str
        ``roads`` or ``fibre``.
    path : Path
        A vector file, or a table with coordinates in degrees; read whole, so of a province rather
        than of the nation.
    boxes : mapping
        (west, south, east, north) in degrees by regency.
    extent : mapping
        ``west, south, east, north`` of the country in degrees.

    Raises
    ------
    InputError, QualityError
        Where the file cannot be read or has no places.
    """
    report = Report()
    with opened(path, kind, report) as inner:
        probe = Probe(inner)
        if is_overpass(probe):
            raise InputError(
                _("An answer of Overpass holds one regency at most"),
                where=path.name,
                todo=_("Give the layer as GeoPackage, GeoJSON or GeoParquet"),
            )
        if probe.is_vector:
            lines = placed(read_vector(inner, kind, report), kind, report, extent)
            bounds = shapely.bounds(lines.geometry.to_numpy())
            frame: pd.DataFrame = lines
        else:
            frame = read_table(inner, kind, report)
            bounds = _points(frame, kind, path.name)
    for code, box in boxes.items():
        margin = reach_m / METRES_PER_DEGREE  # the import's own margin: a part is never empty there
        near = (bounds[:, 2] >= box[0] - margin) & (bounds[:, 0] <= box[2] + margin)
        near &= (bounds[:, 3] >= box[1] - margin) & (bounds[:, 1] <= box[3] + margin)
        if not near.any():
            continue
        target = folder / code / kind
        target.mkdir(exist_ok=True)
        if probe.is_vector:
            frame[near].to_parquet(target / f"{path.stem}.parquet", index=False)
        else:
            frame[near].to_csv(target / f"{path.stem}.csv", index=False, lineterminator="\n")


def _points(frame: pd.DataFrame, kind: str, name: str) -> NDArray[np.float64]:
    fields = columns.renamed(frame, kind)
    if not {"lon", "lat"} <= set(fields.columns):
        raise InputError(_("The table has no coordinates"), where=name)
    lon, lat = numbers(fields["lon"]).to_numpy(), numbers(fields["lat"]).to_numpy()
    return np.column_stack([lon, lat, lon, lat])
