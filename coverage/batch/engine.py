"""Dask: workers on this machine, or a cluster by its address."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coverage.batch.task import Order, Result, run_order
from coverage.errors import Cancelled, InputError
from coverage.language import _

_GIB = 1024**3
_CONNECT_S = 15.0
_TOLD_EVERY_S = 1.0
#: Orders carry their files: a few megabytes each, which Dask would otherwise call a mistake.
_SETTINGS = {"distributed.admin.large-graph-warning-threshold": "200 MiB"}


@contextmanager
def engine(scheduler: str, workers: int, memory_gib: float, scratch: Path) -> Iterator[Any]:
    """A client of the cluster at an address, or of workers on this machine.

    Parameters
    ----------
    scheduler : str
        ``tcp://host:port``; empty for this machine.
    workers : int
        Processes on this machine; 0 for as many as its cores and memory allow.
    memory_gib : float
        What one worker is expected to need: a machine gets no more workers than it can feed. Each
        is then limited to its share of the machine.
    scratch : Path
        For the files of local workers.

    Raises
    ------
    InputError
        Where nobody answers at the address.
    """
    import dask
    import distributed
    from dask.system import CPU_COUNT
    from distributed.system import MEMORY_LIMIT

    engine_of: Any = distributed  # it publishes no types

    with dask.config.set(_SETTINGS):
        if scheduler:
            try:
                client = engine_of.Client(scheduler, timeout=_CONNECT_S, set_as_default=False)
            except (OSError, ValueError, TypeError) as error:
                raise InputError(
                    _("No Dask scheduler answers"),
                    where=scheduler,
                    todo=_("Start one with: dask scheduler, and write its address as tcp://host:8786"),
                ) from error
            with client:
                yield client
            return
        count = workers or max(1, min(CPU_COUNT, int(MEMORY_LIMIT // (memory_gib * _GIB))))
        with (
            engine_of.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                memory_limit=int(MEMORY_LIMIT / count),
                host="127.0.0.1",
                dashboard_address=None,
                local_directory=str(scratch),
                silence_logs=logging.ERROR,
            ) as cluster,
            engine_of.Client(cluster, set_as_default=False) as client,
        ):
            yield client


def places(client: Any) -> int:
    """How many orders the cluster works on at a time: one per worker process; 0 where there is none."""
    return len(client.scheduler_info(n_workers=-1)["workers"])


def work(order: Order, topic: str) -> tuple[Result, str]:
    """An order on a worker, its progress told on a topic; also who did it.

    Between the steps the worker looks whether the order was withdrawn.
    """
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    last = 0.0

    def tell(label: str, share: float) -> None:
        nonlocal last
        state = worker.state.tasks.get(key)
        if state is None or state.state == "cancelled":
            raise Cancelled(_("Stopped"))
        now = time.monotonic()
        if now - last >= _TOLD_EVERY_S:
            last = now
            worker.log_event(topic, {"code": order.code, "label": label, "share": share})

    return run_order(order, tell, worker.local_directory), f"{worker.address} {os.getpid()}"
