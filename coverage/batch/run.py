"""Many regions: split, run each regency on the engine, keep what is finished, sum up the nation."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import shutil
import tempfile
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coverage import assumptions
from coverage.assumptions import Assumptions
from coverage.batch.engine import engine, places, work
from coverage.batch.parts import Inputs, Part, split
from coverage.batch.rasters import cut, grown, tiles
from coverage.batch.task import Order, Result, program
from coverage.errors import Cancelled, InputError
from coverage.language import _, language
from coverage.scenario import Scenario

_STATE = ".batch"
_WAIT_S = 0.5
#: Orders beyond those at work that wait on the cluster, so that no worker idles.
_AHEAD = 2
#: Files that are no partition of a table.
_SINGLE = {"map": "map/{code}.geojson", "quality": "quality/{code}.csv"}
#: ``tell(code, label, share)``: a regency's progress; ``label`` is translated, ``share`` 1 when it ended.
#: Now and then without a code: nothing has happened, or the label says what is waited for.
Tell = Callable[[str, str, float], None]


@dataclass(frozen=True)
class Settings:
    """What the planner asks of a batch, and where it runs.

    ``budgets`` are those of every regency's frontier in Rp per village; empty: those of the
    assumptions. ``only`` are beginnings of village codes to keep. ``date`` (ISO) is the day kept with
    what is estimated.
    """

    scenario: Scenario = field(default_factory=Scenario)
    budgets: tuple[float, ...] = ()
    complete: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    date: str = ""
    scheduler: str = ""
    workers: int = 0


@dataclass(frozen=True)
class Finished:
    """A regency whose files stand in the folder of results."""

    code: str
    name: str
    key: str
    files: dict[str, str]
    facts: dict[str, Any]
    notes: tuple[str, ...]
    seconds: dict[str, float]
    peak_mb: float
    worker: str


@dataclass(frozen=True)
class Outcome:
    """How a batch ended.

    ``faults`` are messages by regency that failed; ``reused`` the codes that were finished before.
    """

    finished: dict[str, Finished]
    faults: dict[str, str]
    names: dict[str, str]
    reused: tuple[str, ...]


def run_batch(inputs: Inputs, out: Path, settings: Settings, tell: Tell | None = None) -> Outcome:
    """Run the chain for every regency of the files.

    Each regency's files are written when it is finished: ``<table>/regency=<code>/part-0.parquet``,
    ``map/<code>.geojson`` and ``quality/<code>.csv``. A later run with the same inputs, program and
    settings does not run it again; a regency that failed is tried again. The results do not depend
    on where, in which order or by how many workers they were made.

    Parameters
    ----------
    out : Path
        Folder of results; made, or gone on with.
    tell : callable, optional
        Progress per regency; may raise :class:`~coverage.errors.Cancelled`.

    Raises
    ------
    InputError, QualityError
        Where the files cannot be read or split, or no scheduler answers.
    Cancelled
        Where it was stopped: what is finished stays.
    """
    used = assumptions.load().override(settings.scenario.assumptions)
    state = _folder(out)
    overrides = _reaching(used)
    extent = {side: used[f"region.country_{side}_deg"] for side in ("west", "south", "east", "north")}
    parts = split(inputs, state / "parts", overrides["region.margin_m"], extent, settings.only)
    _refuse_narrower(state, parts, out)
    told = tell or (lambda code, label, share: None)  # noqa: ARG005
    finished: dict[str, Finished] = {}
    faults = {part.code: _repeated(part) for part in parts if part.repeated}
    waiting = deque(sorted((p for p in parts if not p.repeated), key=lambda p: (-p.villages, p.code)))
    for code, fault in faults.items():
        told(code, fault, 1.0)
    desk = _Desk(inputs, out, settings, used, overrides, told, finished, faults)
    with tempfile.TemporaryDirectory(prefix="jangkau-batch-") as scratch:
        # The engine starts only where something is left to do.
        first = desk.next_order(waiting)
        if first is not None:
            memory = used["batch.worker_memory_gib"]
            with engine(settings.scheduler, settings.workers, memory, Path(scratch)) as client:
                desk.run(client, first, waiting)
    _forget_others(out, state, finished)
    return Outcome(
        dict(sorted(finished.items())),
        dict(sorted(faults.items())),
        {part.code: part.name for part in parts},
        tuple(sorted(desk.reused)),
    )


def _folder(out: Path) -> Path:
    state = out / _STATE
    if out.exists() and not state.is_dir() and any(out.iterdir()):
        raise InputError(
            _("The folder holds other files"),
            where=str(out),
            todo=_("Choose an empty folder or that of an earlier batch"),
        )
    (state / "done").mkdir(parents=True, exist_ok=True)
    return state


def _refuse_narrower(state: Path, parts: list[Part], out: Path) -> None:
    """Hours of work must not vanish because somebody asks for less in the same folder."""
    others = sorted({marker.stem for marker in (state / "done").glob("*.json")} - {part.code for part in parts})
    if others:
        raise InputError(
            _("The folder holds regencies that these files and codes leave out: {codes}").format(
                codes=", ".join(others[:5]) + (" …" if len(others) > 5 else "")
            ),
            where=str(out),
            todo=_("Choose another folder for fewer regencies"),
        )


def _reaching(used: Assumptions) -> dict[str, float]:
    """Assumptions that let towers and terrain across the border count as far as a cell reaches."""
    reach = used["radio.radius_max_m"]
    return {
        name: max(used[name], min(reach, used.row(name).high)) for name in ("region.margin_m", "analysis.grid_margin_m")
    }


def _repeated(part: Part) -> str:
    shown = "; ".join(part.repeated[:3]) + (" …" if len(part.repeated) > 3 else "")
    return _("Villages stand in the boundaries more than once: {codes}. Keep one of them and run again.").format(
        codes=shown
    )


class _Desk:
    """Hands out orders and takes results in."""

    def __init__(
        self,
        inputs: Inputs,
        out: Path,
        settings: Settings,
        used: Assumptions,
        overrides: dict[str, float],
        told: Tell,
        finished: dict[str, Finished],
        faults: dict[str, str],
    ) -> None:
        self._inputs, self._out, self._settings = inputs, out, settings
        self._used, self._overrides, self._told = used, overrides, told
        self._finished, self._faults = finished, faults
        self.reused: list[str] = []

    def run(self, client: Any, first: Order, waiting: deque[Part]) -> None:
        """Keep the cluster busy until nothing waits; on any exception withdraw what is not finished."""
        events: queue.Queue[tuple[str, Any]] = queue.Queue()
        topic = f"jangkau-{uuid.uuid4().hex}"
        client.subscribe_topic(topic, lambda event: events.put(("told", event[1])))
        pending: dict[str, tuple[Order, Any]] = {}

        def submit(order: Order) -> None:
            future = client.submit(work, order, topic, key=f"{order.code}-{topic}", pure=False)
            pending[order.code] = order, future
            future.add_done_callback(lambda _future, code=order.code: events.put(("ended", code)))

        try:
            order: Order | None = first
            room = places(client) + _AHEAD
            while order is not None or pending:
                while order is not None and len(pending) < room:
                    submit(order)
                    order = self.next_order(waiting)
                try:
                    kind, about = events.get(timeout=_WAIT_S)
                except queue.Empty:
                    alone = client.status == "running" and not places(client)
                    self._told("", _("Waiting for a worker to join the cluster") if alone else "", 0.0)
                    continue
                if kind == "told":
                    self._told(about["code"], about["label"], min(about["share"], 0.999))
                else:
                    done, future = pending.pop(about)
                    self._take(done, future)
                    room = places(client) + _AHEAD  # workers come and go
        finally:
            if client.status == "running":  # else there is nobody left to tell
                client.cancel([future for _order, future in pending.values()])
                client.unsubscribe_topic(topic)

    def next_order(self, waiting: deque[Part]) -> Order | None:
        """The next regency that is not finished yet; none where all are."""
        while waiting:
            part = waiting.popleft()
            try:
                order = self._order(part)
            except InputError as error:
                self._fail(part.code, str(error))
                continue
            kept = self._kept(order)
            if kept is None:
                return order
            self._finished[part.code] = kept
            self.reused.append(part.code)
            self._told(part.code, _("finished before"), 1.0)
        return None

    def _order(self, part: Part) -> Order:
        if not np.isfinite(part.box).all():
            raise InputError(_("No village has an outline"), where=part.code, todo=_("Draw them or leave them out"))
        folder = self._out / _STATE / "parts" / part.code
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        # A little more than the reach, so that resampling finds its neighbours at the edge.
        box = grown(part.box, 1.05 * self._overrides["region.margin_m"])
        rasters = [("terrain/", self._inputs.terrain)]
        if self._inputs.population is not None and "population.csv" not in files:
            rasters.append(("population-", (self._inputs.population,)))
        for start, paths in rasters:
            with tiles(paths, "terrain") as found:
                for tile in found:
                    content = cut(tile, box)
                    if content is not None:
                        files[f"{start}{tile.stem}.tif"] = content
        return Order(
            code=part.code,
            name=part.name,
            files=files,
            scenario=self._settings.scenario.model_dump(mode="json"),
            budgets=tuple(budget * part.villages for budget in self._settings.budgets or steps(self._used)),
            complete=self._settings.complete,
            crs=self._inputs.crs,
            date=self._settings.date,
            overrides=self._overrides,
            language=language(),
            program=program(),
        )

    def _kept(self, order: Order) -> Finished | None:
        """The finished regency of an earlier run, where it was made of the same and is whole."""
        marker = _marker(self._out, order.code)
        try:
            kept = json.loads(marker.read_text(encoding="utf-8"))
            found = Finished(**{**kept, "notes": tuple(kept["notes"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        whole = found.key == order.key and all(_sha(self._out / path) == sha for path, sha in found.files.items())
        return found if whole else None

    def _take(self, order: Order, future: Any) -> None:
        if future.status == "cancelled":
            raise Cancelled(_("The scheduler has gone; what is finished stays, run the same command again"))
        error = future.exception() if future.status == "error" else None
        if error is not None:
            said = _("its workers died again and again, perhaps for want of memory")
            self._fail(
                order.code, said if type(error).__name__ == "KilledWorker" else f"{type(error).__name__}: {error}"
            )
            return
        result, worker = future.result()
        if result.fault:
            self._fail(order.code, result.fault)
            return
        self._finished[order.code] = keep(self._out, order, result, worker)
        self._told(order.code, _("finished"), 1.0)

    def _fail(self, code: str, fault: str) -> None:
        self._faults[code] = fault
        self._told(code, fault, 1.0)


def steps(used: Mapping[str, float]) -> tuple[float, ...]:
    """Budgets of a frontier, Rp per village: from the least on, each a multiple of the one before."""
    least, growth = used["batch.frontier_least_idr_village"], used["batch.frontier_growth"]
    return tuple(least * growth**k for k in range(int(used["batch.frontier_steps"])))


def _marker(out: Path, code: str) -> Path:
    return out / _STATE / "done" / f"{code}.json"


def _sha(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def keep(out: Path, order: Order, result: Result, worker: str) -> Finished:
    """Write a regency's files, each whole or not at all, and last the marker that says it is finished."""
    written = {}
    for name, content in sorted(result.files.items()):
        path = _SINGLE.get(name, "{name}/regency={code}/part-0.parquet").format(name=name, code=order.code)
        write_whole(out / path, content)
        written[path] = _sha(out / path)
    done = Finished(
        order.code, str(result.facts["regency_name"]), order.key, written, result.facts, result.notes,
        result.seconds, result.peak_mb, worker,
    )  # fmt: skip
    write_whole(_marker(out, order.code), json.dumps(vars(done), ensure_ascii=False, indent=1).encode())
    return done


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    os.replace(beside, path)  # noqa: PTH105 - one step, also over an existing file


def _forget_others(out: Path, state: Path, finished: dict[str, Finished]) -> None:
    """Remove what an earlier run left of regencies that have failed now."""
    for marker in sorted((state / "done").glob("*.json")):
        if marker.stem not in finished:
            marker.unlink()
    for folder in sorted(out.glob("*/regency=*")):
        if folder.name.removeprefix("regency=") not in finished:
            shutil.rmtree(folder)
    for path in sorted([*out.glob("map/??.??.geojson"), *out.glob("quality/??.??.csv")]):
        if path.stem not in finished:
            path.unlink()


def timings(finished: Mapping[str, Finished]) -> pd.DataFrame:
    """CPU seconds per stage and most memory, one row per regency: not a result, it differs from run to run."""
    rows = [
        {"regency_code": f.code, "villages": f.facts["villages"], "cells": f.facts["cells"], **f.seconds,
         "total": round(sum(f.seconds.values()), 3), "peak_mb": round(f.peak_mb, 1), "worker": f.worker}
        for f in finished.values()
    ]  # fmt: skip
    return pd.DataFrame(rows)
