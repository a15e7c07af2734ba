"""How fast path loss is over a real mountain tile, beside SPLAT! where it is installed.

Run: ``python benchmarks/radio_speed.py [TILE.hgt]``

30 km around a 40 m mast, 1800 MHz, receivers at 1.5 m, 90 m pixels. One core is measured in CPU
time of its thread, so that other work on the machine matters little; two cores on the clock.
SPLAT! (Debian package ``splat``) gets the same tile, mast and radius; its loading and drawing time,
taken from a run with a radius of 100 m, is subtracted. It is skipped, and the output says so, where
it is not installed.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from affine import Affine  # noqa: E402

from coverage import assumptions as assumption_files  # noqa: E402
from coverage.assumptions import Assumptions  # noqa: E402
from coverage.radio import signal, update  # noqa: E402
from coverage.radio.path_loss import RAYS, Ground, Mast, ground, sweep  # noqa: E402
from coverage.raster import Raster  # noqa: E402

TILE = ROOT.parent / "shared" / "data" / "real" / "N39W124.hgt"
LAT, LON = 39.5, -123.5
RADIUS_M, HEIGHT_M, MHZ = 30_000.0, 40.0, 1800.0
CRS = "EPSG:32610"
_FIRST = """
import sys, time
sys.path.insert(0, {root!r})
import numpy as np
from affine import Affine
from coverage import assumptions
from coverage.radio import path_loss
from coverage.raster import Raster
land = Raster(np.zeros((50, 50), np.float32), Affine(90, 0, 0, 0, -90, 0), "EPSG:32610")
start = time.perf_counter()
path_loss(land, 2000, -2000, 30, 1800, 2000, assumptions.load())
print(time.perf_counter() - start, time.process_time())
"""
_SWEEPS = """
import sys, time
sys.path[:0] = [{root!r}, {root!r} + "/benchmarks"]
import radio_speed as speed
used = speed.assumption_files.load()
land = speed.ground(speed.Raster.read(speed.TILE).reprojected(speed.CRS, 90.0))
mast = speed.mast_in_the_middle()
speed.sweep(land, mast, speed.RADIUS_M, used)
time.sleep(max({begin} - time.time(), 0.0))
end, count = time.time() + 2.0, 0
while time.time() < end:
    speed.sweep(land, mast, speed.RADIUS_M, used)
    count += 1
print(count)
"""


def best_of(times: int, work: Callable[[], object], clock: Callable[[], float]) -> float:
    """Least time of several runs, in s."""
    found = []
    for _run in range(times):
        start = clock()
        work()
        found.append(clock() - start)
    return min(found)


def first_call() -> None:
    """First call of a fresh process, with an empty and with a filled compile cache."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("compiling", "compiled before"):
            script = _FIRST.format(root=str(ROOT))
            done = subprocess.run(
                [sys.executable, "-c", script],
                env=os.environ | {"NUMBA_CACHE_DIR": folder},
                capture_output=True,
                check=True,
            )
            clock, cpu = (float(v) for v in done.stdout.split())
            print(f"first call in a process, {name}: {clock:.2f} s on the clock; {cpu:.2f} s of CPU with the imports")


def mast_in_the_middle() -> Mast:
    """The mast in the middle of the tile."""
    import pyproj

    x, y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(LON, LAT)
    return Mast(x, y, HEIGHT_M, MHZ)


def ours(tile: Path, used: Assumptions) -> tuple[float, float]:
    """Print our table; return cells per second and time over the circle, on one core with the default rays."""
    raw = Raster.read(tile)
    land = ground(raw.reprojected(CRS, 90.0))
    mast = mast_in_the_middle()
    rate = spent = 0.0
    for rays in (1, 3, RAYS, 9):
        pixels = int((sweep(land, mast, RADIUS_M, used, rays=rays).loss > 0).sum())
        one = best_of(5, lambda rays=rays: sweep(land, mast, RADIUS_M, used, rays=rays), time.thread_time)
        print(f"90 m, {rays:2d} rays, one core: {pixels} cells in {one:.3f} s: {pixels / one / 1e6:.2f} M cells/s")
        if rays == RAYS:
            rate, spent = pixels / one, one
    nothing = np.full(sweep(land, mast, RADIUS_M, used).loss.shape, -np.inf, dtype=np.float32)
    walk = best_of(5, lambda: sweep(land, mast, RADIUS_M, used, useful=nothing), time.thread_time)
    print(
        f"90 m: of these {1e9 * walk * rate / rate / pixels:.0f} ns per cell list pixels and free space ({walk:.3f} s)"
    )

    two_cores(land, mast, used)
    fine = ground(raw.reprojected(CRS, 30.0))
    loss = sweep(fine, mast, RADIUS_M, used).loss
    one = best_of(2, lambda: sweep(fine, mast, RADIUS_M, used), time.thread_time)
    cells = int((loss > 0).sum())
    print(f"30 m, one core: {cells} cells in {one:.2f} s: {cells / one / 1e6:.2f} M cells/s")
    print(f"30 m takes {one / cells * rate:.2f} x the time per cell of 90 m")
    return rate, spent


def by_turns(times: int, *works: Callable[[], object]) -> list[float]:
    """Median time of each of some works on the clock, in s; by turns, so that all see the same machine."""
    found: list[list[float]] = [[] for _work in works]
    for _turn in range(times):
        for work, mine in zip(works, found, strict=True):
            mine.append(best_of(1, work, time.perf_counter))
    return [statistics.median(mine) for mine in found]


def two_cores(land: Ground, mast: Mast, used: Assumptions) -> None:
    """Print what a second core adds to one mast, and what the machine gives to two processes at all."""
    one, two = by_turns(
        15,
        lambda: sweep(land, mast, RADIUS_M, used),
        lambda: sweep(land, mast, RADIUS_M, used, threads=2),
    )
    spent = [best_of(5, lambda n=n: sweep(land, mast, RADIUS_M, used, threads=n), time.process_time) for n in (1, 2)]
    print(f"90 m, one mast on two cores: {one:.3f} s -> {two:.3f} s on the clock: {one / two:.2f} x (wanted: 1.8 x)")
    alone, beside = (statistics.median(sum(_beside(count)) for _turn in range(3)) for count in (1, 2))
    print(f"  two processes beside each other do {beside / alone:.2f} x the sweeps of one: what the machine gives")
    print(f"  (load {os.getloadavg()[0]:.1f}: the clock means something only on an idle machine; two threads")
    print(
        f"  spend {spent[1] / spent[0]:.2f} x the CPU time of one: {2 * spent[0] / spent[1]:.2f} x with two free cores)"
    )


def _beside(count: int) -> list[int]:
    """Sweeps that each of some processes finishes within the same two seconds."""
    script = _SWEEPS.format(root=str(ROOT), begin=time.time() + 8.0)
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _each in range(count)]
    return [int(process.communicate()[0]) for process in running]


def many_masts(used: Assumptions) -> None:
    """Print what a second core adds to the signal of a hundred sites."""
    grid, masts, cells = hundred_sites()
    sites = masts(0.0)
    one, two = by_turns(
        3, lambda: signal(grid, sites, cells, used, threads=1), lambda: signal(grid, sites, cells, used, threads=2)
    )
    print(f"signal of 100 sites: {one:.2f} s -> {two:.2f} s on the clock with two cores: {one / two:.2f} x")


def hundred_sites() -> tuple[Raster, Callable[[float], gpd.GeoDataFrame], pd.DataFrame]:
    """A land, a hundred sites of which one is moved by so many metres, and their cells."""
    rng = np.random.default_rng(4)
    heights = np.cumsum(rng.normal(size=(660, 610)), axis=1).astype(np.float32) * 4 + 300
    grid = Raster(heights, Affine(90, 0, 300_000, 0, -90, 9_250_000), "EPSG:32749")
    names = [f"s{i}" for i in range(100)]
    x, y = rng.uniform(302_000, 353_000, 100), rng.uniform(9_193_000, 9_248_000, 100)

    def masts(moved_m: float) -> gpd.GeoDataFrame:
        frame = {"site_id": names, "owner": "x", "height_m": 40.0, "position_uncertainty_m": 0.0}
        east = x + np.where(np.arange(100) == 50, moved_m, 0.0)
        return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(east, y), crs=grid.crs)

    cells = pd.DataFrame(
        {
            "cell_id": names, "site_id": names, "operator": "Operator A", "technology": "4g", "frequency_mhz": 1800.0,
            "bandwidth_mhz": 10.0, "tx_power_dbm": 46.0, "antenna_gain_dbi": 17.0, "azimuth_deg": np.nan,
            "downtilt_deg": 4.0,
        }
    )  # fmt: skip
    return grid, masts, cells


def what_if(used: Assumptions) -> None:
    """Print how long a changed signal takes when one site among a hundred moves, at 90 m and 20 km."""
    used = used.override({"radio.radius_max_m": 20_000.0})
    grid, masts, cells = hundred_sites()
    before, moved = signal(grid, masts(0.0), cells, used), masts(2_000.0)
    spent = best_of(3, lambda: update(before, grid, moved, cells, used, threads=1), time.process_time)
    clock = best_of(3, lambda: update(before, grid, moved, cells, used), time.perf_counter)
    print(f"what-if, one of 100 sites moved 2 km: {clock:.2f} s on the clock (wanted: 0.5 s); {spent:.2f} s of CPU")


def splat_seconds(folder: Path, radius_km: float, *flags: str) -> float:
    """CPU seconds of one SPLAT! run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [
            "splat",
            "-t",
            "mast.qth",
            "-L",
            "1.5",
            "-R",
            str(radius_km),
            "-metric",
            "-N",
            "-d",
            ".",
            "-o",
            "map.ppm",
            *flags,
        ],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def splat(tile: Path, rate: float, spent: float) -> None:
    """Print SPLAT!'s table beside ours."""
    if not shutil.which("splat") or not shutil.which("srtm2sdf"):
        print("SPLAT! is NOT INSTALLED (apt-get install splat): the comparison was skipped")
        return
    degree = np.pi * 6371.0 / 180
    # Pixels of 3 seconds of arc within the circle.
    cells = np.pi * (RADIUS_M / 1000) ** 2 / ((degree / 1200) ** 2 * np.cos(np.radians(LAT)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(tile, folder)
        subprocess.run(["srtm2sdf", "-d", "/dev/null", tile.name], cwd=folder, capture_output=True, check=False)
        (folder / "mast.qth").write_text(f"Mast\n{LAT}\n{-LON}\n{HEIGHT_M} m\n", encoding="ascii")
        (folder / "mast.lrp").write_text("15.0\n0.005\n301.0\n1800.0\n5\n1\n0.5\n0.5\n1000.0\n", encoding="ascii")
        for model, flags, wanted in (("ITWOM, its default", (), 15), ("-olditm", ("-olditm",), 10)):
            load = min(splat_seconds(folder, 0.1, *flags) for _run in range(2))
            run = splat_seconds(folder, RADIUS_M / 1000, *flags)
            took = run - load
            print(
                f"SPLAT! {model}: {cells:.0f} cells in {took:.2f} s (loading {load:.2f} s): "
                f"{cells / took / 1e6:.3f} M cells/s; ours is {rate / (cells / took):.1f} x per cell, "
                f"{took / spent:.1f} x over the same area (wanted: {wanted} x)"
            )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tile", nargs="?", type=Path, default=TILE)
    tile = parser.parse_args().tile
    if not tile.is_file():
        sys.exit(f"{tile} is absent: give an SRTM tile")
    first_call()
    rate, spent = ours(tile, assumption_files.load())
    many_masts(assumption_files.load())
    what_if(assumption_files.load())
    splat(tile, rate, spent)


if __name__ == "__main__":
    main()
