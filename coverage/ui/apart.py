"""The chain in a process of its own: pages stay quick while a plan is made.

Threads of one Python process take turns, so an analysis in a thread makes everybody wait. Here the
chain runs in a second process of lower priority. It hands over no results but leaves the stages in
the content cache, from where the server takes them; so whatever happens to the process, the server
can always do the work itself. The two speak through the process's input and output, which works alike on
every system, and the process ends when the server does.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from coverage import cache
from coverage.errors import Cancelled
from coverage.language import _, language, set_language
from coverage.ui import journal

if TYPE_CHECKING:
    from coverage.planning import Plan
    from coverage.progress import Progress
    from coverage.region import Region
    from coverage.scenario import Scenario

_ASK_S = 0.2
#: A process that was told to stop and does not within this time is ended.
_STOP_S = 20.0
#: Progress is told at most this often.
_TELL_S = 0.1
_NICE = 5


class Apart:
    """The second process, from the server's side. One analysis at a time."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._region: Region | None = None

    def start(self) -> bool:
        """Start the process where none runs; whether there is one."""
        if self._process is not None and self._process.poll() is None:
            return True
        if not cache.writable():
            return False  # nothing could be handed over
        root = str(Path(__file__).parents[2])
        paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )
        except OSError as error:
            journal.failure("no_second_process", error)
            return False
        self._process, self._answers, self._region = process, queue.SimpleQueue(), None
        threading.Thread(target=_listen, args=(process.stdout, self._answers.put), daemon=True).start()
        return True

    def run(self, region: Region, scenario: Scenario, progress: Progress) -> Plan | None:
        """Run the chain in the process, where one runs; its stages are then in the content cache.

        Returns
        -------
        Plan or None
            The plan where it was stopped half-way and is therefore not in the cache.

        Raises
        ------
        Cancelled
            Where `progress` says so.
        """
        with self._busy:
            if self._process is None:
                return None
            try:
                self._send((None if region is self._region else region, scenario, language()))
                self._region = region
                return self._wait(progress)
            except (OSError, EOFError) as error:
                # Killed, or out of memory: the server does this one itself, and the next one has a new process.
                journal.failure("second_process_lost", error)
                self.close()
                self.start()
                return None

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                with suppress(OSError):
                    stream.close()  # type: ignore[union-attr]
        self._process, self._region = None, None

    def _send(self, message: Any) -> None:
        assert self._process is not None  # noqa: S101
        assert self._process.stdin is not None  # noqa: S101
        pickle.dump(message, self._process.stdin, protocol=5)
        self._process.stdin.flush()

    def _wait(self, progress: Progress) -> Plan | None:
        told: tuple[str, float] = ("", 0.0)
        stopped: Cancelled | None = None
        until = float("inf")
        while True:
            try:
                kind, *values = self._answers.get(timeout=_ASK_S)
            except queue.Empty:
                kind, values = "waiting", []
            if kind == "progress":
                told = values[0], values[1]
            elif kind == "done":
                return values[0]  # type: ignore[no-any-return]
            elif kind == "cancelled":
                raise stopped or Cancelled(_("Stopped"))
            elif kind == "lost":
                raise EOFError
            if stopped is None and told[0]:
                try:
                    progress(*told)
                except Cancelled as error:
                    stopped, until = error, time.monotonic() + _STOP_S
                    self._send("stop")
            if time.monotonic() > until:
                self.close()
                self.start()
                raise stopped or Cancelled(_("Stopped"))


def _listen(stream: BinaryIO, put: Any) -> None:
    """Put every message of a stream; at its end the word that it is lost."""
    while True:
        try:
            message = pickle.load(stream)  # noqa: S301 - our own process
        except Exception:  # noqa: BLE001 - cut off in the middle of a message, in whatever way that shows
            put(("lost",))
            return
        put(message)


class _Bench:
    """The work, from the process's side."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._stop = threading.Event()
        self._tasks: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._told_at = 0.0

    def take(self, message: Any) -> None:
        """A task, or the word to stop the one at work."""
        if message == "stop":
            self._stop.set()
        elif message == ("lost",):
            os._exit(0)  # the server is gone
        else:
            self._stop.clear()
            self._tasks.put(message)

    def work(self) -> None:
        """Do one task after the other."""
        from coverage.analysis import analyse
        from coverage.outputs import ahead

        region: Any = None
        last: Any = None
        while True:
            given, scenario, spoken = self._tasks.get()
            region = given or region
            set_language(spoken)
            try:
                # Stages that live are not read again: the last analysis stays.
                last = analyse(region, scenario, self._tell)
            except Cancelled:
                self._answer("cancelled")
            except Exception:  # noqa: BLE001 - the server meets the same fault and tells it
                self._answer("done", None)
            else:
                self._answer("done", None if last.plan.reproducible else last.plan)
                with suppress(Exception):  # who opens the page meets the same fault and tells it
                    ahead.prepare(last)

    def _tell(self, label: str, share: float) -> None:
        if self._stop.is_set():
            raise Cancelled(_("Stopped"))
        now = time.monotonic()
        if now - self._told_at >= _TELL_S:
            self._told_at = now
            self._answer("progress", label, share)

    def _answer(self, *message: Any) -> None:
        pickle.dump(message, self._answers, protocol=5)
        self._answers.flush()


def _main() -> None:
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    bench = _Bench(answers)
    threading.Thread(target=_listen, args=(sys.stdin.buffer, bench.take), daemon=True).start()
    bench.work()


if __name__ == "__main__":
    _main()
