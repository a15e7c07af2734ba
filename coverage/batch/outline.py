"""Borders for maps of many places: no gaps, no overlaps, small enough for a slow link."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.errors import JangkauError
from coverage.language import _

Shapes = NDArray[np.object_]

#: The most that one step of the map may weigh.
LIMIT_BYTES = 300_000
_DIGITS = 5  # about a metre
#: Gaps narrower than this (degrees, about 200 m) come from borders that were simplified one by one.
_GAP_DEG = 0.002
_LEAST_DEG = 0.0002
_MOST_DEG = 0.2
#: Kept of a regency's outline before it is joined with its neighbours' (about 60 m).
_OUTLINE_DEG = 0.0005
#: Columns of the villages that their map carries, as property names of few letters.
_VILLAGE_FACTS = {
    "population": 0, "population_left_out": 0, "covered_share": 3, "need": 1, "gain_per_billion": 5,
}  # fmt: skip


def clean(shapes: Shapes) -> Shapes:
    """Polygons that share their edges exactly: an overlap goes to the smaller, mostly a new village on its old one."""
    repaired = np.array([_areal(shape) for shape in shapely.make_valid(shapely.force_2d(shapes))], dtype=object)
    return _joined(repaired, _GAP_DEG)


def _joined(shapes: Shapes, gap: float) -> Shapes:
    library: Any = shapely  # its published types do not know the function yet
    return np.asarray(library.coverage_clean(shapes, gap_width=gap, merge_strategy="min_area"), dtype=np.object_)


def _areal(shape: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts(shape))  # a mended shape may be a collection with a MultiPolygon in it
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def outline(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The border around a regency's villages, one row, EPSG:4326."""
    whole = shapely.coverage_union_all(clean(villages.geometry.to_numpy()))
    return gpd.GeoDataFrame(geometry=[shapely.simplify(whole, _OUTLINE_DEG)], crs=villages.crs)


def village_map(villages: gpd.GeoDataFrame) -> bytes:
    """The villages of a regency as GeoJSON of at most :data:`LIMIT_BYTES`.

    Parameters
    ----------
    villages : GeoDataFrame
        Partition *villages* of the batch, EPSG:4326.
    """
    properties = [
        {
            "code": row["village_code"],
            "name": row["village_name"],
            "class": row["access_class"],
            **{name: short(row[name], digits) for name, digits in _VILLAGE_FACTS.items()},
        }
        for row in villages.drop(columns="geometry").to_dict("records")
    ]
    return mosaic(clean(villages.geometry.to_numpy()), properties)


def short(value: Any, digits: int) -> float | None:
    """A number for a browser: rounded, nothing where it is missing."""
    return None if pd.isna(value) else round(float(value), digits)


def mosaic(shapes: Shapes, properties: Sequence[dict[str, Any]], limit: int = LIMIT_BYTES) -> bytes:
    """A GeoJSON FeatureCollection simplified until it fits, neighbours still joined edge to edge.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon
        A clean coverage (:func:`clean`) in degrees.
    properties : sequence of dict
        Of each feature, in the same order.
    limit : int
        Bytes.

    Raises
    ------
    JangkauError
        Where even the coarsest borders do not fit.
    """
    tolerance = _LEAST_DEG
    while tolerance <= _MOST_DEG:
        made = _collection(_simplified(shapes, tolerance), properties)
        if len(made) <= limit:
            return made
        tolerance *= 1.4
    raise JangkauError(_("The map cannot be made small enough"), where=f"{len(made)} B > {limit} B")


def _simplified(shapes: Shapes, tolerance: float) -> Shapes:
    """Shared borders simplified once for both sides and rounded alike."""
    simple = shapely.coverage_simplify(shapes, tolerance)
    rounded = shapely.transform(simple, lambda xy: np.round(xy, _DIGITS))
    if shapely.is_valid(rounded).all() and not shapely.is_empty(rounded).any():
        return np.asarray(rounded, dtype=np.object_)
    mended = np.array([_areal(s) for s in shapely.make_valid(rounded)], dtype=object)
    return _joined(mended, 0.0)


def _collection(shapes: Shapes, properties: Sequence[dict[str, Any]]) -> bytes:
    features = [
        {"type": "Feature", "properties": facts, "geometry": _rounded(json.loads(shape))}
        for facts, shape in zip(properties, shapely.to_geojson(shapes), strict=True)
    ]
    text = json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    def walk(part: Any) -> Any:
        return [walk(p) for p in part] if isinstance(part, list) else round(part, _DIGITS)

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}
