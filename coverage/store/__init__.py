"""The store of people's work: scenarios, matches, reports, corrections, people and the audit log.

``open_store()`` gives a :class:`Store`; the functions of :mod:`scenarios`, :mod:`matches`,
:mod:`deals`, :mod:`evidence`, :mod:`corrections`, :mod:`changes`, :mod:`users` and :mod:`audit` take
it with the id of the acting user, look the role up again and refuse what it does not allow.
"""

from coverage.store import (
    audit,
    changes,
    conflicts,
    corrections,
    deals,
    evidence,
    feedback,
    forms,
    matches,
    scenarios,
    users,
)
from coverage.store.conflicts import Conflict, merge, overwrite
from coverage.store.database import Store, open_store
from coverage.store.faults import NotAllowedError, NotFoundError, StoreError
from coverage.store.here import region_key, with_work
from coverage.store.people import ACTIONS, CONSOLE, LOCAL, ROLES
from coverage.store.place import data_folder, database_url

__all__ = [
    "ACTIONS",
    "CONSOLE",
    "LOCAL",
    "ROLES",
    "Conflict",
    "NotAllowedError",
    "NotFoundError",
    "Store",
    "StoreError",
    "audit",
    "changes",
    "conflicts",
    "corrections",
    "data_folder",
    "database_url",
    "deals",
    "evidence",
    "feedback",
    "forms",
    "matches",
    "merge",
    "open_store",
    "overwrite",
    "region_key",
    "scenarios",
    "users",
    "with_work",
]
