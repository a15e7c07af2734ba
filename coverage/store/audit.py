"""Reading the audit log: who did what when, with what was there before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from coverage.store.schema import AuditEntry

if TYPE_CHECKING:
    from coverage.store.database import Store


def entries(
    store: Store, acting: str, region_code: str, *, entity_id: str = "", user_id: str = "", limit: int = 500
) -> list[AuditEntry]:
    """Entries of a region, newest first; of one thing or one user where named.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "audit.read", region_code, write=False) as work:
        query = select(AuditEntry).where(AuditEntry.region_code == region_code)
        if entity_id:
            query = query.where(AuditEntry.entity_id == entity_id)
        if user_id:
            query = query.where(AuditEntry.user_id == user_id)
        found = list(work.session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)))
        for entry in found:
            work.check(entry)
        return found
