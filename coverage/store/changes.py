"""Assumptions that an office has changed for its region."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coverage.errors import AssumptionError
from coverage.language import _
from coverage.store.schema import AssumptionChange

if TYPE_CHECKING:
    from coverage.store.database import Store


def listed(store: Store, acting: str, region_code: str) -> list[AssumptionChange]:
    """Changed assumptions, by name; one without a value is back at its default.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "assumption.read", region_code, write=False) as work:
        return sorted(work.all(AssumptionChange), key=lambda row: row.name)


def overrides(store: Store, acting: str, region_code: str) -> dict[str, float]:
    """Name -> value in force, for :class:`coverage.scenario.Scenario`.

    Raises
    ------
    NotAllowedError, StoreError
    """
    return {row.name: row.value for row in listed(store, acting, region_code) if row.value is not None}


def change(
    store: Store, acting: str, region_code: str, name: str, value: float | None, *, version: int = 0, note: str = ""
) -> AssumptionChange:
    """Change an assumption for everybody who works on the region; None: back to its default.

    Parameters
    ----------
    version : int
        Of the change as the user saw it; 0 where nobody had changed it.

    Raises
    ------
    AssumptionError
        Where there is no such assumption, or the value is none.
    Conflict, NotAllowedError, StoreError
    """
    from coverage import assumptions

    if value is not None and not math.isfinite(value):
        raise AssumptionError(_("This is not a number"), where=name[:80])
    assumptions.load().override({} if value is None else {name: value})
    with store.work(acting, "assumption.change", region_code) as work:
        row = work.session.scalars(work.select(AssumptionChange).where(AssumptionChange.name == name)).first()
        if row is None:
            return work.add(AssumptionChange(region_code=region_code, name=name, value=value, note=note))
        return work.change(AssumptionChange, row.id, version, {"value": value, "note": note})
