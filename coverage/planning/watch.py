"""Long work that can be left at any moment.

The solver looks up only now and then (its inner searches may keep silent for many seconds), so it
works in a thread of its own while the caller's progress is asked ten times a second. When the
caller wants to stop, the caller goes on at once with what was found until then; the thread ends by
itself at its next look.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Time between two looks at the caller's progress, in seconds.
_PAUSE_S = 0.1


def watched(work: Callable[[], T], check: Callable[[], None] | None, leave: Callable[[], None] | None = None) -> T:
    """Do ``work`` in a thread, calling ``check`` again and again; what ``check`` raises ends the waiting.

    Parameters
    ----------
    work : callable
        Must not need the interpreter all the time (compiled, or a solver).
    check : callable, optional
        Raises to stop, as a progress does; without it the work is done here.
    leave : callable, optional
        Tells the work to end soon; called before the exception goes on.
    """
    if check is None:
        return work()
    made: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            made.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failed.append(error)

    # Not a daemon: the interpreter must not end under a solver that is still at work.
    worker = threading.Thread(target=run, name="planning", daemon=False)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(_PAUSE_S)
            check()
    except BaseException:
        if leave is not None:
            leave()
        raise
    if failed:
        raise failed[0]
    return made[0]
