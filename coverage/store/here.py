"""Where a region and its stored work meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.store import corrections, evidence

if TYPE_CHECKING:
    from coverage.region import Region
    from coverage.store.database import Store
    from coverage.store.schema import TowerCorrection


def region_key(region: Region) -> str:
    """Under what the work on a region is kept: its code; work on sample data is kept apart."""
    return f"{region.code}-contoh" if region.is_sample else region.code


def with_work(region: Region, store: Store, acting: str) -> tuple[Region, list[TowerCorrection]]:
    """The region as people know it: accepted corrections applied, accepted reports as evidence.

    Returns
    -------
    Region, list of TowerCorrection
        Ready for :func:`coverage.analysis.analyse`; and the corrections that found no tower or did
        not fit.

    Raises
    ------
    NotAllowedError, StoreError
    """
    key = region_key(region)
    corrected, unused = corrections.with_corrections(region, corrections.accepted(store, acting, key))
    return evidence.with_evidence(corrected, evidence.evidence_rows(store, acting, key)), unused
