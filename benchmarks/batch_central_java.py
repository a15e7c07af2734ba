"""All 35 regencies of Central Java through the whole chain: time, memory, growth, and what the nation would cost.

Run: ``python benchmarks/batch_central_java.py [WORK_FOLDER] [--regencies 33.27 …] [--cells synthetic real]``

Needs the real boundary file in ``../shared``. With synthetic cells there is one made-up tower per
3,000 people (by area) and made-up terrain of 3 arc-seconds; with real cells the sparse OpenCelliD
extract on the same terrain; by default first the one, then the other. With ``--alone N …`` the first N regencies are
then run once more as a batch of their own, and what they cost there stands beside what they cost
among all. It stops after 24 minutes;
run again it goes on where it stopped: regencies finished in WORK_FOLDER are not run again, and
their times are read from there. The table of growth adds regencies in the order of their codes; its
seconds are CPU seconds of the workers.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import shapely  # noqa: E402
from affine import Affine  # noqa: E402

from benchmarks.processes import family, proportional_mb  # noqa: E402
from coverage import assumptions as assumption_files  # noqa: E402
from coverage.batch import Inputs, Outcome, Settings, run_batch, sum_up, timings  # noqa: E402
from coverage.errors import Cancelled  # noqa: E402
from coverage.raster import Raster  # noqa: E402
from coverage.region.sample.noise import gradient_noise, ridged_noise  # noqa: E402
from coverage.scenario import Scenario  # noqa: E402

REAL = ROOT.parent / "shared" / "data" / "real"
BOUNDARIES = REAL / "desa_33_jawa_tengah_kemendagri.geojson"
OPERATORS = ("Operator A", "Operator B", "Operator C", "Operator D")
PEOPLE_PER_SITE = 3000.0
NATION_VILLAGES = 83_000
_METRIC = "EPSG:32749"
_STEP = 1 / 1200
_SEED = 20


def synthetic_terrain(bounds: tuple[float, float, float, float]) -> Raster:
    """Ridges and plains of up to about 2,000 m in EPSG:4326, made block by block."""
    west, south, east, north = bounds[0] - 0.3, bounds[1] - 0.3, bounds[2] + 0.3, bounds[3] + 0.3
    west, north = np.floor(west / _STEP) * _STEP, np.ceil(north / _STEP) * _STEP
    rows, cols = int((north - south) / _STEP), int((east - west) / _STEP)
    values = np.empty((rows, cols), dtype=np.float32)
    x = (west + (np.arange(cols) + 0.5) * _STEP) * 111_000.0
    for start in range(0, rows, 200):
        y = (north - (np.arange(start, min(start + 200, rows)) + 0.5) * _STEP) * 111_000.0
        mx, my = (a.ravel() for a in np.meshgrid(x, y))
        broad = np.clip(0.5 + gradient_noise(mx, my, 60_000.0, _SEED), 0.0, 1.0) ** 2
        heights = 5.0 + 1500.0 * broad * (0.2 + ridged_noise(mx, my, 9_000.0, 4, _SEED + 1))
        values[start : start + len(y)] = heights.reshape(len(y), cols)
    return Raster(np.round(values), Affine(_STEP, 0.0, west, 0.0, -_STEP, north), "EPSG:4326")


def synthetic_sites(villages: gpd.GeoDataFrame, density: float) -> pd.DataFrame:
    """A list of towers: one per 3,000 people, anywhere in their village, of one or two of four operators."""
    metric = villages.to_crs(_METRIC)
    people = metric.area.to_numpy() / 1e6 * density
    total = np.cumsum(people / PEOPLE_PER_SITE)
    count = np.diff(np.floor(np.r_[0.0, total])).astype(int)
    random = np.random.default_rng(_SEED)
    rows = []
    for code, outline, wanted in zip(villages["kode"], villages.geometry, count, strict=True):
        west, south, east, north = shapely.bounds(outline)
        tries = random.uniform((west, south), (east, north), (40 * max(1, wanted), 2))
        inside = tries[shapely.contains_xy(outline, tries[:, 0], tries[:, 1])][:wanted]
        for k, (lon, lat) in enumerate(inside):
            first = int(random.integers(4))
            tenants = [OPERATORS[first], *([OPERATORS[(first + 1) % 4]] if random.random() < 0.4 else [])]
            rows.append((f"{code}-{k}", round(lon, 6), round(lat, 6), 42, "; ".join(tenants), "4G"))
    return pd.DataFrame(rows, columns=["site_id", "lon", "lat", "height_m", "operator", "technology"])


class Together:
    """Memory of this process and all that it started, at one moment; what they share counts once."""

    def __init__(self) -> None:
        self.most_mb = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self.most_mb = max(self.most_mb, sum(map(proportional_mb, family(os.getpid()))))
            time.sleep(0.5)


def make_inputs(folder: Path) -> None:
    """Towers and terrain, once."""
    if (folder / "terrain.tif").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    villages = gpd.read_file(BOUNDARIES)
    villages = villages.set_geometry(shapely.make_valid(villages.geometry.to_numpy()), crs=villages.crs)
    density = assumption_files.load()["region.density_per_km2"]
    synthetic_sites(villages, density).to_csv(folder / "towers.csv", index=False)
    west, south, east, north = (float(v) for v in villages.total_bounds)
    synthetic_terrain((west, south, east, north)).write(folder / "made.tif")
    (folder / "made.tif").rename(folder / "terrain.tif")  # last: what is half made is made again


def run(folder: Path, cells: str, only: tuple[str, ...], workers: int, ends: float, name: str = "") -> Outcome:
    """The batch, its seconds on the clock, and the nation's files."""
    sparse = cells == "real"
    inputs = Inputs(
        (BOUNDARIES,), (REAL / "opencellid_510.csv" if sparse else folder / "towers.csv",), (folder / "terrain.tif",)
    )
    # A list of volunteers is partial: what it does not show is unknown, and unknown villages may be planned for.
    scenario = Scenario(objective="people", include_unknown=sparse, node_limit=50)
    settings = Settings(scenario=scenario, complete=() if sparse else OPERATORS, only=only, workers=workers)
    out = folder / f"out-{cells}{name}"
    start = time.perf_counter()

    def tell_in_time(code: str, label: str, share: float) -> None:
        tell(code, label, share)
        if time.monotonic() > ends:
            raise Cancelled("time is over")

    outcome = run_batch(inputs, out, settings, tell_in_time)
    ran = time.perf_counter() - start
    budget = 50e6 * sum(f.facts["villages"] for f in outcome.finished.values())
    start = time.perf_counter()
    shared = sum_up(outcome, out, budget, {}, "people")
    print(f"the chain for all: {ran:.0f} s on the clock; the nation's files: {time.perf_counter() - start:.1f} s")
    if outcome.reused:
        print(f"  ({len(outcome.reused)} regencies were finished before: the clock does not count them)")
    if shared is not None:
        print(
            f"budget of Rp {budget / 1e9:.0f} billion: {shared.benefit:.0f} people for "
            f"Rp {shared.public_idr / 1e9:.1f} billion by {shared.method}, gap {shared.gap:.1e}; not concave: "
            f"{', '.join(sorted(set(shared.bends['regency_code']))) or 'none'}"
        )
    return outcome


def tell(code: str, label: str, share: float) -> None:
    """One line per regency that ended."""
    if code and share >= 1:
        print(f"  {time.strftime('%H:%M:%S')} {code} {label}", flush=True)


def report(outcome: Outcome, together: Together) -> None:
    """Growth, stages, memory, the nation."""
    table = timings(outcome.finished).sort_values("regency_code", ignore_index=True)
    stages = [c for c in table.columns if c not in ("regency_code", "villages", "cells", "total", "peak_mb", "worker")]
    print("\nregencies villages  cells  CPU_s  CPU_s/village  of_linear_%  largest_peak_MB")
    rate = table["total"].sum() / table["villages"].sum()
    # Linear: a share per regency, per village and per cell, the same for the first and the last.
    work = np.column_stack([np.ones(len(table)), table["villages"], table["cells"]])
    shares = np.linalg.lstsq(work, table["total"].to_numpy(dtype=float), rcond=None)[0]
    for count in sorted({1, 2, 5, 10, 20, 35, len(table)}):
        if count <= len(table):
            part = table.head(count)
            each = part["total"].sum() / part["villages"].sum()
            straight = part["total"].sum() / (work[:count] @ shares).sum()
            print(
                f"{count:9d} {part['villages'].sum():8d} {part['cells'].sum():6d} {part['total'].sum():6.0f} "
                f"{each:14.3f} {100 * straight:12.0f} {part['peak_mb'].max():16.0f}"
            )
    print("\nstage        CPU_s  share")
    for stage in stages:
        spent = table[stage].fillna(0).sum()
        print(f"{stage:10s} {spent:7.1f} {spent / table['total'].sum():6.1%}")
    worst = table.loc[table["peak_mb"].idxmax()]
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\nmost memory of a worker: {worst['peak_mb']:.0f} MB ({worst['regency_code']}, {worst['villages']} villages)"
    )
    print(f"most memory of the process that hands out the work: {own:.0f} MB")
    print(f"most memory of all processes together at one moment (PSS): {together.most_mb / 1024:.2f} GiB")
    if len(table) > 3:
        print(f"linear: {shares[0]:.1f} s a regency + {shares[1]:.3f} s a village + {shares[2]:.4f} s a cell")
    hours = rate * NATION_VILLAGES / 3600
    print(f"{NATION_VILLAGES} villages at {rate:.3f} s each: {hours:.1f} core-hours, {hours / 32:.2f} h on 32 cores")


def report_alone(among: Outcome, alone: Outcome) -> None:
    """What some regencies cost as a batch of their own and among all."""
    there = timings(among.finished).set_index("regency_code")
    here = timings(alone.finished).set_index("regency_code")
    both = there.loc[here.index]
    print(
        f"{len(here)} regencies: {here['total'].sum():.0f} CPU s alone, {both['total'].sum():.0f} among {len(there)} "
        f"({100 * both['total'].sum() / here['total'].sum():.0f} %); largest peak {here['peak_mb'].max():.0f} MB alone"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "jangkau-central-java")
    parser.add_argument("--regencies", nargs="*", default=[], help="beginnings of codes, by default all")
    parser.add_argument("--cells", choices=("synthetic", "real"), nargs="*", default=["synthetic", "real"])
    parser.add_argument(
        "--alone", type=int, nargs="*", default=[], help="how many regencies to run again by themselves"
    )
    parser.add_argument("--minutes", type=float, default=24.0, help="stop after so long; run again to go on")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    if not BOUNDARIES.is_file():
        sys.exit("the real boundary file beside the repository is absent")
    ends = time.monotonic() + 60 * given.minutes
    make_inputs(given.folder)
    together = Together()
    for cells in given.cells:
        together.most_mb = 0.0
        print(f"\n== {cells} cells ==", flush=True)
        try:
            outcome = run(given.folder, cells, tuple(given.regencies), given.workers, ends)
        except Cancelled:
            sys.exit(f"stopped after {given.minutes:g} minutes; run the same command again to go on")
        for code, fault in outcome.faults.items():
            print(f"FAILED {code}: {fault}")
        report(outcome, together)
        for count in given.alone:
            first = tuple(sorted(outcome.finished)[:count])
            report_alone(outcome, run(given.folder, cells, first, given.workers, ends, f"-first-{count}"))


if __name__ == "__main__":
    main()
