"""Long work beside the page: analyses run in a thread, tell how far they are, and can be stopped.

One workshop serves all sessions of the server: who asks for the same region and scenario gets the
same analysis, computed once. Analyses are computed one after the other, so that several users stay
served on a small machine.
"""

from __future__ import annotations

import contextvars
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coverage.errors import Cancelled, JangkauError
from coverage.language import _
from coverage.progress import Progress
from coverage.ui import journal

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_KEPT = 6


@dataclass(eq=False)
class Job:
    """One analysis on its way. ``state`` is ``running``, ``done``, ``failed`` or ``cancelled``."""

    key: str
    state: str = "running"
    label: str = ""
    share: float = 0.0
    result: Analysis | None = None
    error: JangkauError | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    waiting: set[str] = field(default_factory=set)
    #: Stopped because nobody waited for it any more, not because somebody said so.
    forsaken: bool = False

    def tell(self, label: str, share: float) -> None:
        """Take progress from the work; stops it where that was asked for."""
        self.label, self.share = label, min(max(share, 0.0), 1.0)
        if self.stop.is_set():
            raise Cancelled(_("Stopped"))


class Workshop:
    """The jobs of a server, by key; the latest few results are kept."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        # Beyond these, what some session still shows: it holds the job itself.
        self._shown: weakref.WeakValueDictionary[str, Job] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()
        self._bench = threading.Lock()

    def ask(self, key: str, session: str, make: Callable[[Progress], Analysis], *, again: bool = False) -> Job:
        """The job for ``key``, started if there is none; other unfinished jobs of the session stop.

        Parameters
        ----------
        key : str
            Names region and scenario.
        session : str
            Who asks.
        make : callable
            Does the work; takes a progress.
        again : bool
            Start anew after a failure or a stop.
        """
        with self._lock:
            for other in self._jobs.values():
                if other.key != key and other.state == "running":
                    other.waiting.discard(session)
                    if not other.waiting:
                        other.forsaken = True
                        other.stop.set()
            job = self._jobs.get(key) or self._shown.get(key)
            ended = job is not None and (job.stop.is_set() or job.state in ("failed", "cancelled"))
            if job is None or job.forsaken or (ended and again):
                job = Job(key)
                self._start(job, make)
            self._jobs[key] = self._shown[key] = job
            job.waiting.add(session)
            self._jobs.move_to_end(key)
            for old in [k for k, j in self._jobs.items() if j.state != "running"][: max(0, len(self._jobs) - _KEPT)]:
                if old != key:
                    del self._jobs[old]
            return job

    def _start(self, job: Job, make: Callable[[Progress], Analysis]) -> None:
        # The copied context carries the reader's language into the thread.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run, job, make), daemon=True).start()

    def _run(self, job: Job, make: Callable[[Progress], Analysis]) -> None:
        try:
            with self._bench:
                job.tell(_("Starting"), 0.0)
                job.result = make(job.tell)
            job.state = "done"
        except Cancelled:
            job.state = "cancelled"
        except JangkauError as error:
            job.state, job.error = "failed", error
        except Exception as error:  # noqa: BLE001 - a fault must end the job, or the page waits for ever
            number = journal.failure("work", error)
            job.state = "failed"
            job.error = JangkauError(
                _("The analysis stopped because of a fault in the program"),
                todo=_("Please report it with this number: {id}").format(id=number),
            )
        finally:
            job.ended.set()
