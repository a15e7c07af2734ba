"""Jangkau: plans internet coverage for rural Indonesia.

A region's public files go in; explained, costed provider-village agreements come out.
The chain, in the order that :mod:`coverage.analysis` runs it::

    region -> demand -> signal -> access -> options -> benefit -> deals -> plan -> gain

Importing :mod:`coverage` or one of its rooms never loads the others.
"""

import sys
import types
from typing import TYPE_CHECKING, Any

# The package shares its (given) name with coverage.py, which numba looks for when it is imported.
# This stub tells numba that there is nothing to report to; it must be in place before any
# ``import numba``, and a plain ``setdefault`` is safe with several threads.
_stub = types.ModuleType("numba.misc.coverage_support")
_stub.get_registered_loc_notify = lambda: []  # type: ignore[attr-defined]
sys.modules.setdefault("numba.misc.coverage_support", _stub)
del _stub

if TYPE_CHECKING:
    from coverage.analysis import Analysis, analyse

__all__ = ["Analysis", "analyse"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from coverage import analysis

        return getattr(analysis, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
