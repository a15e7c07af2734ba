"""Corrections of towers and cells by people who stand below them, their review, and their effect."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from coverage.errors import InputError
from coverage.language import _
from coverage.store import reviews
from coverage.store.schema import TowerCorrection

if TYPE_CHECKING:
    import pandas as pd

    from coverage.region import Region
    from coverage.store.database import Store

#: Layer -> field -> whether it is a number. ``exists`` with value ``no`` takes a site or cell away.
FIELDS: dict[str, dict[str, bool]] = {
    "sites": {"lon": True, "lat": True, "height_m": True, "owner": False, "exists": False},
    "cells": {
        "operator": False,
        "technology": False,
        "frequency_mhz": True,
        "tx_power_dbm": True,
        "azimuth_deg": True,
        "downtilt_deg": True,
        "exists": False,
    },
}
_KEYS = {"sites": "site_id", "cells": "cell_id"}


@dataclass(frozen=True)
class Correction:
    """One field of a site or cell as it really is; ``village_code`` is where it is seen from."""

    layer: str
    target_id: str
    field: str
    value: str
    reporter: str
    village_code: str = ""
    reason: str = ""


def report(store: Store, acting: str, region_code: str, made: Correction) -> TowerCorrection:
    """File a correction; staff will review it.

    Raises
    ------
    InputError
        Where the layer or field is unknown, or the value does not fit it.
    NotAllowedError, StoreError
    """
    _check(made)
    with store.work(acting, "correction.report", region_code) as work:
        return work.add(TowerCorrection(region_code=region_code, state="open", **vars(made)))


def _check(made: Correction) -> None:
    fields = FIELDS.get(made.layer, {})
    if made.field not in fields:
        raise InputError(_("This field cannot be corrected"), where=f"{made.layer} {made.field}"[:80])
    if made.field == "exists" and made.value != "no":
        raise InputError(_("A tower or cell can only be said not to exist"), where=made.value[:40])
    if fields[made.field] and not math.isfinite(_number(made.value)):
        raise InputError(_("This is not a number"), where=made.value[:40])
    if not made.target_id.strip() or not made.value.strip():
        raise InputError(_("The correction is not complete"), todo=_("Say which tower, and what is right"))
    if not made.reporter.strip():
        raise InputError(_("The report does not say who observed it"), where="reporter")


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


def listed(store: Store, acting: str, region_code: str, *states: str) -> list[TowerCorrection]:
    """Corrections that the user may see, oldest first; only those in the given states, by default all.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "correction.read", region_code, write=False) as work:
        return [row for row in work.all(TowerCorrection) if not states or row.state in states]


def review(store: Store, acting: str, row_id: str, version: int, verdict: str, note: str = "") -> TowerCorrection:
    """Accept, reject or ask back (`verdict` ``accept | reject | ask``).

    Raises
    ------
    InputError, Conflict, NotAllowedError, NotFoundError, StoreError
    """
    return reviews.review(store, acting, "correction.review", TowerCorrection, row_id, version, verdict, note)


def answer(store: Store, acting: str, row_id: str, version: int, made: Correction) -> TowerCorrection:
    """Complete a correction that is not decided yet; it is reviewed again.

    Raises
    ------
    InputError, Conflict, NotAllowedError, NotFoundError, StoreError
    """
    _check(made)
    return reviews.answer(store, acting, "correction.report", TowerCorrection, row_id, version, vars(made))


def accepted(store: Store, acting: str, region_code: str) -> list[TowerCorrection]:
    """Accepted corrections, oldest first: they are public, as the towers are.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "deal.read", region_code, write=False) as work:
        query = select(TowerCorrection).where(
            TowerCorrection.region_code == region_code, TowerCorrection.state == "accepted"
        )
        return list(work.session.scalars(query.order_by(TowerCorrection.id)))


def with_corrections(region: Region, rows: list[TowerCorrection]) -> tuple[Region, list[TowerCorrection]]:
    """The region as corrected, newest word last, and the corrections that found no tower or do not fit.

    A correction that would break the layer's table (a height of 900 m) is left out and told.
    """
    unused = []
    for row in rows:
        corrected = _corrected(region, row)
        if corrected is None:
            unused.append(row)
        else:
            region = corrected
    return region, unused


def _corrected(region: Region, row: TowerCorrection) -> Region | None:
    import pandera.errors

    from coverage.tables import Cells, Sites

    frame: Any = getattr(region, row.layer)
    hit = frame[_KEYS[row.layer]] == row.target_id
    if not hit.any():
        return None
    if row.field == "exists":
        return _without(region, row.layer, row.target_id)
    try:
        changed = _with_value(frame, hit, row.field, row.value)
        (Sites if row.layer == "sites" else Cells).validate(changed)
    except (pandera.errors.SchemaError, ValueError, TypeError):
        return None
    return replace(region, **{row.layer: changed})


def _with_value(frame: Any, hit: pd.Series, field: str, value: str) -> Any:
    import shapely

    changed = frame.copy()
    if field in ("lon", "lat"):
        points = changed.geometry[hit]
        lon = points.x if field == "lat" else _number(value)
        lat = points.y if field == "lon" else _number(value)
        changed.loc[hit, changed.geometry.name] = shapely.points(lon + 0 * points.x, lat + 0 * points.y)
        return changed
    numeric = any(field in fields and fields[field] for fields in FIELDS.values())
    changed.loc[hit, field] = _number(value) if numeric else value
    return changed


def _without(region: Region, layer: str, target_id: str) -> Region:
    """The region without a site (and its cells) or without a cell."""
    cells = region.cells[region.cells[_KEYS[layer]] != target_id].reset_index(drop=True)
    if layer == "cells":
        return replace(region, cells=cells)
    sites = region.sites[region.sites["site_id"] != target_id].reset_index(drop=True)
    return replace(region, cells=cells, sites=sites)
