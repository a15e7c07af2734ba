"""The chain for one regency, as a task that any worker can run: bytes in, bytes out.

Nothing but the order travels, so workers need no common disk; an order that is run twice gives the
same bytes.
"""

from __future__ import annotations

import atexit
import functools
import io
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diskcache
import geopandas as gpd
import pandas as pd

from coverage import assumptions, cache
from coverage.analysis import Analysis, analyse
from coverage.batch.outline import outline, village_map
from coverage.errors import Cancelled, InputError, JangkauError
from coverage.language import _, using
from coverage.planning import Frontier, frontier
from coverage.progress import Progress
from coverage.region import Region, Report, utm_crs
from coverage.region.importer import Choices, Files, import_region
from coverage.scenario import Scenario

#: Everything whose source text decides a result.
_ROOMS = (
    "region", "demand", "radio", "access", "options", "indicators", "partnership", "planning", "analysis",
    "assumptions", "batch", "raster", "scenario", "solver", "tables",
)  # fmt: skip
#: Columns of the villages' partition that come from the table of access.
_ACCESS = (
    "population_covered", "population_served", "covered_share", "operators", "rsrp_dbm", "downlink_mbps",
    "best_operator", "population_left_out", "facilities", "facilities_offline", "access_class", "evidence", "reasons",
    "need",
)  # fmt: skip
_ONE = threading.Lock()
_GAIN = ("best_deal_id", "index_gain_alone", "cost_pv_idr", "gain_per_billion")


@dataclass(frozen=True)
class Order:
    """All that the chain needs to know of one regency.

    ``files`` are parts by path (``boundaries.parquet``, ``cells/510.csv``, ``terrain/S08E109.tif``,
    ``population.csv``); ``budgets`` those of the frontier, Rp; ``overrides`` what the reach across
    the border asks of the assumptions; ``program`` is the fingerprint of the program that gave it.
    """

    code: str
    name: str
    files: dict[str, bytes]
    scenario: dict[str, Any]
    budgets: tuple[float, ...]
    complete: tuple[str, ...] = ()
    crs: str = ""
    date: str = ""
    overrides: dict[str, float] = field(default_factory=dict)
    language: str = "id"
    program: str = ""

    @property
    def key(self) -> str:
        """Fingerprint of all that the result depends on, the program included."""
        used = assumptions.load().override({**self.scenario.get("assumptions", {}), **self.overrides})
        return cache.key(
            program(),
            used.values_key(),
            self.code,
            self.files,
            Scenario(**self.scenario).model_dump_json(),
            list(self.budgets),
            list(self.complete),
            self.crs,
            self.date,
        )


def program() -> str:
    """Fingerprint of the program text and libraries that results depend on."""
    return cache.code_digest(*_ROOMS)


@dataclass(frozen=True)
class Result:
    """What a worker found: files by table, facts for the summary, and how the work went.

    ``fault`` says why there are no files; ``seconds`` is CPU time per stage, ``peak_mb`` the most
    memory that the worker held meanwhile: both are left out of the results, which must repeat.
    """

    code: str
    files: dict[str, bytes]
    facts: dict[str, Any]
    notes: tuple[str, ...] = ()
    fault: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0


def run_order(order: Order, tell: Progress | None = None, scratch: str | None = None) -> Result:
    """Import, analyse and plan one regency.

    Any fault of the regency comes back as ``Result.fault``: it must not stop the others.

    Parameters
    ----------
    tell : callable, optional
        Progress; may raise :class:`~coverage.errors.Cancelled`, which passes through.
    scratch : str, optional
        Folder of the worker for what it keeps between the stages; by default the system's.
    """
    # One regency at a time in a process, so that memory stays bounded, and on one core: the others are other workers'.
    os.environ.setdefault("JANGKAU_THREADS", "1")
    with _ONE, using(order.language), _own_cache(scratch):
        clock = _Clock(tell)
        _reset_peak()
        try:
            if order.program not in ("", program()):
                raise InputError(
                    _("The worker runs another version of Jangkau"), todo=_("Give all workers the same version")
                )
            files, facts, notes = _run(order, clock)
        except Cancelled:
            raise
        except JangkauError as error:
            fault = str(error)
        except Exception as error:  # noqa: BLE001 - one regency's fault, told by name, must not stop the nation
            last = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
        else:
            return Result(order.code, files, facts, tuple(notes), "", clock.seconds(), _peak_mb())
        return Result(order.code, {}, {}, fault=fault, seconds=clock.seconds(), peak_mb=_peak_mb())


def _run(order: Order, clock: _Clock) -> tuple[dict[str, bytes], dict[str, Any], list[str]]:
    scenario = _own(Scenario(**order.scenario), order)
    used = assumptions.load().override(scenario.assumptions)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as name:
        folder = Path(name)
        for path, content in order.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        choices = Choices(crs=order.crs, complete=order.complete, date=order.date)
        region, report = import_region(_files(folder, order), choices, used, clock.within("import", 0.0, 0.1))
    analysis = analyse(region, scenario, clock.within("", 0.1, 0.9))
    steps = frontier(analysis, scenario, order.budgets, clock.within("frontier", 0.9, 1.0))
    clock.begin("write")
    files = _tables(order, analysis, steps, report)
    return files, _facts(order, analysis, steps), _notes(region)


def _own(scenario: Scenario, order: Order) -> Scenario:
    """The scenario of one regency: its own villages, and assumptions that reach across the border."""
    return scenario.model_copy(
        update={
            "must": tuple(code for code in scenario.must if code.startswith(order.code)),
            "never": tuple(code for code in scenario.never if code.startswith(order.code)),
            # a deal's id begins with its village
            "pinned": tuple(deal for deal in scenario.pinned if deal.startswith(order.code)),
            "forbidden": tuple(deal for deal in scenario.forbidden if deal.startswith(order.code)),
            "assumptions": {**scenario.assumptions, **order.overrides},
        }
    )


def _files(folder: Path, order: Order) -> Files:
    def under(start: str) -> tuple[Path, ...]:
        return tuple(folder / path for path in sorted(order.files) if path.startswith(start))

    def single(start: str) -> Path | None:
        return next(iter(under(start)), None)

    return Files(
        folder / "boundaries.parquet",
        under("cells/"),
        under("terrain/"),
        population=single("population"),
        roads=single("roads/"),
        fibre=single("fibre/"),
    )


def _notes(region: Region) -> list[str]:
    """What is odd about a regency and was still handled, as codes."""
    west, south, east, north = region.bounds
    found = {
        "no_sites": not len(region.sites),
        "no_terrain": region.terrain is None,
        "one_village": len(region.villages) == 1,
        "utm_zones": utm_crs((west, south, west, north)) != utm_crs((east, south, east, north)),
    }
    return [note for note, holds in found.items() if holds]


def _tables(order: Order, analysis: Analysis, steps: Frontier, report: Report) -> dict[str, bytes]:
    """Partitions by table name; rows carry ``regency_code``."""
    region = analysis.region
    access = analysis.access.villages.set_index("village_code")
    gain = analysis.gain.set_index("village_code")
    codes = region.villages["village_code"]
    villages = region.villages.copy()
    for columns, table in ((_ACCESS, access), (_GAIN, gain)):
        for column in columns:
            villages[column] = table[column].reindex(codes).to_numpy()
    shapes = villages.pop("geometry")
    hamlets = region.settlements[["settlement_id", "radius_m", "geometry"]]
    settlements = hamlets.merge(analysis.access.settlements, on="settlement_id", sort=False)
    chosen = [made.chosen.assign(budget_idr=budget) for budget, made in steps.plans.items()]
    links = [made.links.assign(budget_idr=budget) for budget, made in steps.plans.items()]
    placed = gpd.GeoDataFrame(villages, geometry=shapes, crs=region.villages.crs)
    named: Mapping[str, pd.DataFrame] = {
        "villages": placed,
        "settlements": gpd.GeoDataFrame(settlements, geometry="geometry", crs=region.settlements.crs),
        "deals": analysis.deals,
        "frontier": steps.points,
        "plans": pd.concat(chosen, ignore_index=True),
        "plan_links": gpd.GeoDataFrame(pd.concat(links, ignore_index=True), geometry="geometry", crs=links[0].crs),
    }
    files = {name: _parquet(frame.assign(regency_code=order.code)) for name, frame in named.items()}
    files["outline"] = _parquet(outline(region.villages))
    files["map"] = village_map(placed)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        report.write(Path(folder) / "quality.csv")  # codes: read again in any language
        files["quality"] = (Path(folder) / "quality.csv").read_bytes()
    return files


def _parquet(frame: pd.DataFrame) -> bytes:
    """Parquet whose columns have the same types in every partition, also where one holds nothing."""
    open_columns = [name for name, dtype in frame.dtypes.items() if str(dtype) == "object"]
    frame = frame.astype(dict.fromkeys(open_columns, "str"))
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False, compression="zstd")
    return stream.getvalue()


def _facts(order: Order, analysis: Analysis, steps: Frontier) -> dict[str, Any]:
    """One row of the national summary."""
    region, found = analysis.region, analysis.access.villages
    classes = found["access_class"].value_counts()
    people = float(found["population"].sum())
    worst = found.sort_values(["need", "village_code"], ascending=[False, True]).iloc[0]
    return {
        "regency_code": order.code,
        "regency_name": region.name,
        "province_code": order.code[:2],
        "villages": len(found),
        **{f"villages_{c}": int(classes.get(c, 0)) for c in ("none", "weak", "served", "unknown")},
        "population": people,
        "population_covered": float(found["population_covered"].sum()),
        "population_served": float(found["population_served"].sum()),
        "population_left_out": float(found["population_left_out"].sum()),
        "served_share": float(found["population_served"].sum()) / people if people > 0 else 0.0,
        "need": float((found["need"] * found["population"]).sum() / people) if people > 0 else 0.0,
        "worst_village_code": str(worst["village_code"]),
        "sites": len(region.sites),
        "cells": len(region.cells),
        "options": len(analysis.option_set.options),
        "deals": len(analysis.deals),
        "is_sample": region.is_sample,
        "frontier_gap": float(steps.points["gap"].max()),
    }


# ---------------------------------------------------------------- clocks and memory of the worker


class _Clock:
    """CPU seconds per stage, told apart by the labels of the progress."""

    def __init__(self, tell: Progress | None) -> None:
        self._tell = tell
        self._stage = "start"
        self._since = time.process_time()
        self._spent: dict[str, float] = {}

    def begin(self, stage: str) -> None:
        now = time.process_time()
        self._spent[self._stage] = self._spent.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    def within(self, stage: str, start: float, stop: float) -> Progress:
        """Progress of a part of the work; without a stage's name the chain's share of its own work tells it."""
        if stage:
            self.begin(stage)

        def told(label: str, share: float) -> None:
            now = stage or next(name for name, end in _CHAIN if share <= end or end == 1.0)
            if now != self._stage:
                self.begin(now)
            if self._tell is not None:
                self._tell(label, start + (stop - start) * share)

        return told

    def seconds(self) -> dict[str, float]:
        self.begin("end")
        return {name: round(s, 3) for name, s in self._spent.items() if name not in ("start", "end")}


#: Stages of the chain by the share of its progress at which each ends (``coverage.analysis``).
_CHAIN = (
    ("demand", 0.019), ("signal", 0.499), ("access", 0.529), ("options", 0.799), ("indicators", 0.829),
    ("deals", 0.879), ("plan", 0.979), ("scores", 1.0),
)  # fmt: skip


@contextmanager
def _own_cache(scratch: str | None) -> Iterator[None]:
    """Stages kept apart, for this task: a nation would push everything else out of the user's cache."""
    folder = _kept(scratch)
    before = os.environ.get("JANGKAU_CACHE")
    os.environ["JANGKAU_CACHE"] = folder
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("JANGKAU_CACHE", None)
        else:
            os.environ["JANGKAU_CACHE"] = before
        with diskcache.Cache(folder) as store:
            store.clear()


@functools.cache
def _kept(scratch: str | None) -> str:
    """One folder per process, because an open store is never closed."""
    folder = tempfile.mkdtemp(prefix="jangkau-kept-", dir=scratch)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _reset_peak() -> None:
    """Begin the kernel's count of the most memory held anew (Linux)."""
    if sys.platform == "linux":
        with open("/proc/self/clear_refs", "w") as stream:  # noqa: PTH123
            stream.write("5")


def _peak_mb() -> float:
    """The most memory that the process held, in MB: since the reset on Linux, else since its start."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(row for row in status.read_text(encoding="ascii", errors="replace").splitlines() if "VmHWM" in row)
        return float(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
