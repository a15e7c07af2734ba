"""What is worked out from an analysis, kept as long as the analysis lives.

An analysis never changes, so whatever is made from it alone can be made once and shown to everybody.
It goes with the analysis: nothing here can be stale, and nothing outlives what it was made from.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from coverage.language import language

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A")

#: Results of one analysis that are kept; the one that was asked for longest ago goes first.
_MOST = 512
_ATTRIBUTE = "_kept"
_lock = threading.Lock()


def kept(function: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """Keep what a function makes of an analysis, per language and other arguments.

    The result is shared: nobody may change it.

    Parameters
    ----------
    function : callable
        Takes an analysis first, then what can be a key; reads nothing else but the language in force.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def once(analysis: A, *args: P.args, **named: P.kwargs) -> R:
        shelf = _shelf(analysis)
        key: Hashable = (name, language(), args, tuple(sorted(named.items())))
        with _lock:
            if key in shelf:
                shelf.move_to_end(key)
                return cast(R, shelf[key])
        result = function(analysis, *args, **named)
        with _lock:
            shelf[key] = result
            while len(shelf) > _MOST:
                shelf.popitem(last=False)
        return result

    return cast("Callable[Concatenate[A, P], R]", once)


def _shelf(analysis: Any) -> OrderedDict[Hashable, Any]:
    """What is kept of an analysis, in the analysis itself; a copy of it begins anew."""
    with _lock:
        owner, shelf = vars(analysis).get(_ATTRIBUTE, (0, None))
        if owner != id(analysis):
            shelf = OrderedDict()
            vars(analysis)[_ATTRIBUTE] = id(analysis), shelf
    return cast("OrderedDict[Hashable, Any]", shelf)
