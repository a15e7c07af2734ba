"""How many threads a computation may use; no result depends on it."""

from __future__ import annotations

import os

#: Beyond these, threads mostly wait for the interpreter's lock.
_MOST = 2


def threads() -> int:
    """``JANGKAU_THREADS`` where it is a whole number above zero; else one per core, at most two."""
    chosen = os.environ.get("JANGKAU_THREADS", "")
    if chosen.isdecimal() and int(chosen) > 0:
        return int(chosen)
    return min(_MOST, os.cpu_count() or 1)
