"""Whole batches: on this machine, on a small cluster that is mistreated, stopped and gone on with."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from batch_world import AWKWARD, BROKEN, QUICK, REPEATED, SCENARIO, SOUND, make, written

from coverage.batch import Inputs, Outcome, Settings, run_batch, sum_up
from coverage.cli import main
from coverage.errors import Cancelled, InputError
from coverage.language import using

ROOT = Path(__file__).parents[2]
BUDGET = 2e9
FINISHED = sorted({**SOUND, **AWKWARD})


def batch(world: dict[str, object], out: Path, scheduler: str = "", tell: object = None) -> Outcome:
    settings = Settings(scenario=SCENARIO, date="2026-01-01", scheduler=scheduler, workers=1)
    with using("en"):
        outcome = run_batch(Inputs(**world), out, settings, tell)  # type: ignore[arg-type]
        sum_up(outcome, out, BUDGET, {}, SCENARIO.objective)
    return outcome


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return make(tmp_path_factory.mktemp("world"), awkward=True)


@dataclass(frozen=True)
class Said:
    """What the command line wrote."""

    code: int
    out: str
    err: str


@contextlib.contextmanager
def engine_in_this_process(*_given: object) -> Iterator[object]:
    """A worker in a thread: spares the suite three processes; long runs start real ones."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def single(world: dict[str, object], tmp_path_factory: pytest.TempPathFactory, long_run: bool) -> tuple[Path, Said]:
    """The world run by the command line on one worker of this machine."""
    out = tmp_path_factory.mktemp("single") / "out"
    words = ["batch", str(out), "--lang", "en", "--workers", "1"]
    for name, paths in world.items():
        words += [word for path in paths for word in (f"--{name}", str(path))]  # type: ignore[attr-defined]
    for name, value in QUICK.items():
        words += ["--set", f"{name}={value}"]
    words += ["--include-unknown", "--effort", "20", "--budget", "2 miliar", "--date", "2026-01-01"]
    stdout, stderr = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        if not long_run:
            patch.setattr("coverage.batch.run.engine", engine_in_this_process)
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            code = main(words)
    return out, Said(code, stdout.getvalue(), stderr.getvalue())


def test_each_awkward_regency_is_handled_or_named(single: tuple[Path, Said]) -> None:
    out, done = single
    assert done.code == 2, done.err
    assert "Traceback" not in done.err
    assert f"{len(FINISHED)} regencies finished (0 of them before), 2 failed" in done.out
    problems = pd.read_csv(out / "problems.csv", dtype=str)
    told = {(row.regency_code, row.state): row.problem for row in problems.itertuples()}
    assert "33.31.01.2001 (jawa_tengah.geojson + lain.geojson)" in told[REPEATED, "failed"]
    assert BROKEN in told[BROKEN, "failed"] or "outline" in told[BROKEN, "failed"]
    by_code = problems.groupby("regency_code")["problem"].agg(" ".join)
    assert "no towers" in by_code["33.29"]
    assert "no terrain" in by_code["33.29"]
    assert "only one village" in by_code["33.30"]
    assert "more than one UTM zone" in by_code["61.71"]
    assert not set(SOUND) & set(problems["regency_code"])
    summary = gpd.read_parquet(out / "summary.parquet").set_index("regency_code")
    assert sorted(summary.index) == FINISHED
    assert summary.loc["33.29", ["sites", "villages_none", "villages_unknown"]].tolist() == [0, 0, 2]
    assert summary.loc["33.28", "sites"] >= 2  # its own, and one across the border


def test_results_are_partitioned_geoparquet_and_small_maps(
    single: tuple[Path, Said],
) -> None:
    out, _done = single
    villages = gpd.read_parquet(out / "villages")
    assert len(villages) == sum(where[2] for where in {**SOUND, **AWKWARD}.values())
    assert villages.crs == "EPSG:4326"
    assert set(villages["regency_code"]) == set(FINISHED)
    plan = pd.concat([pd.read_parquet(path) for path in sorted((out / "plan").rglob("*.parquet"))])
    totals = json.loads((out / "batch.json").read_text())
    assert plan["subsidy_idr"].sum() == pytest.approx(totals["public_idr"])
    assert totals["public_idr"] <= BUDGET
    assert totals["failed"] == [REPEATED, BROKEN]
    names = sorted(path.name for path in (out / "map").iterdir())
    assert names == sorted(["33.geojson", "61.geojson", "nation.geojson", *(f"{code}.geojson" for code in FINISHED)])
    for path in (out / "map").iterdir():
        assert path.stat().st_size <= 300_000
        shapes = gpd.read_file(path)
        assert shapely.coverage_is_valid(shapes.geometry.to_numpy())


# ---------------------------------------------------------------- a real cluster


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Cluster:
    """A scheduler and workers as processes with addresses of their own."""

    def __init__(self, folder: Path, workers: int, silent_for: str) -> None:
        self.address = f"tcp://127.0.0.1:{_free_port()}"
        quiet = {
            "env": os.environ | {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": silent_for, "JANGKAU_CACHE": str(folder)},
            "cwd": ROOT,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
        port = self.address.rpartition(":")[2]
        dask = [sys.executable, "-m", "dask"]
        where = ["--host", "127.0.0.1", "--no-dashboard"]
        self.processes = [subprocess.Popen([*dask, "scheduler", "--port", port, *where], **quiet)]  # type: ignore[call-overload]
        # One may not come back: no nanny restarts what the test kills.
        plain = ["--no-nanny", "--nthreads", "1", "--local-directory", str(folder), "--memory-limit", "2GiB"]
        for _k in range(workers):
            words = [*dask, "worker", self.address, *where, *plain]
            self.processes.append(subprocess.Popen(words, **quiet))  # type: ignore[call-overload]

    @property
    def workers(self) -> list[subprocess.Popen[bytes]]:
        return self.processes[1:]

    def wait(self) -> None:
        """Until all workers have joined."""
        from distributed import Client

        with Client(self.address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=120)

    def close(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, long_run: bool) -> Iterator[Cluster]:
    """Three workers at first; later tests find the two that the first one leaves alive."""
    made = Cluster(tmp_path_factory.mktemp("workers"), 3, "60s" if long_run else "5 minutes")
    try:
        made.wait()
        yield made
    finally:
        made.close()


@pytest.mark.long
def test_cluster_with_a_killed_and_a_slowed_worker_equals_one_machine(
    world: dict[str, object],
    single: tuple[Path, Said],
    cluster: Cluster,
    tmp_path: Path,
    long_run: bool,
) -> None:
    killed, slowed = cluster.workers[:2]
    log: list[str] = []
    began = time.monotonic()

    def note(what: str) -> None:
        log.append(f"{time.monotonic() - began:6.1f} s  {what}")

    def mistreat(code: str, label: str, share: float) -> None:
        if share < 1 or not code:
            return
        note(f"{code}: {label}")
        if killed.poll() is None and code not in (REPEATED, BROKEN):
            killed.kill()
            killed.wait()
            slowed.send_signal(signal.SIGSTOP)
            note("one worker killed, one held")
            if not long_run:  # in a long run it never wakes: the scheduler must give its work away
                threading.Timer(3.0, slowed.send_signal, (signal.SIGCONT,)).start()

    outcome = batch(world, tmp_path / "out", cluster.address, mistreat)
    note("done")
    print("\n".join(log))  # noqa: T201 - the log in brief, shown with -s
    assert killed.poll() is not None
    assert sorted(outcome.finished) == FINISHED
    assert len({f.worker for f in outcome.finished.values()}) >= 2
    assert written(tmp_path / "out") == written(single[0])


@pytest.mark.long
def test_a_stopped_batch_goes_on_where_it_was(
    world: dict[str, object],
    single: tuple[Path, Said],
    cluster: Cluster,
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    ended: list[str] = []

    def stop(code: str, label: str, share: float) -> None:
        if code and share >= 1 and code in FINISHED:
            ended.append(code)
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        batch(world, out, cluster.address, stop)
    assert len(ended) == 1
    kept = {path: path.stat().st_mtime_ns for path in (out / "villages").rglob("*.parquet")}
    # What is damaged meanwhile is made again, what is whole is not.
    outcome = batch(world, out, cluster.address)
    assert outcome.reused == tuple(ended)
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    (out / "deals" / f"regency={FINISHED[1]}" / "part-0.parquet").write_bytes(b"damaged")
    shutil.rmtree(out / "villages" / f"regency={FINISHED[2]}")
    again = batch(world, out, cluster.address)
    assert sorted(set(FINISHED) - set(again.reused)) == FINISHED[1:3]
    assert written(out) == written(single[0])
    with pytest.raises(InputError, match=r"33\.28"):  # asked for less, it would throw work away
        run_batch(Inputs(**world), out, Settings(scenario=SCENARIO, only=("33.27",)))  # type: ignore[arg-type]
    assert written(out) == written(single[0])


@pytest.mark.long
def test_a_scheduler_that_dies_is_told_and_loses_nothing(
    world: dict[str, object], cluster: Cluster, tmp_path: Path, long_run: bool
) -> None:
    """Last in this file: it leaves no cluster behind. A short run only calls where nobody answers."""
    with pytest.raises(InputError, match="bogus"):
        batch(world, tmp_path / "out", "bogus://nowhere:1")
    if not long_run:
        return
    scheduler = cluster.processes[0]

    def kill(code: str, label: str, share: float) -> None:
        if code in FINISHED and share >= 1 and scheduler.poll() is None:
            scheduler.kill()
            scheduler.wait()

    with pytest.raises(Cancelled):
        batch(world, tmp_path / "out", cluster.address, kill)
    assert len(list((tmp_path / "out" / ".batch" / "done").glob("*.json"))) >= 1
