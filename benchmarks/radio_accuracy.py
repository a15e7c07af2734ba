"""How near the fast kernel comes to Recommendation P.1812, on real mountain terrain.

Run: ``python benchmarks/radio_accuracy.py [TILE.hgt] [--paths FILE.npz]``

The reference gets the straight profile to each pixel's own centre, the kernel a radial beside it with
the deciding edges read on that line: more rays per pixel of the rim bring the radial nearer.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from coverage import assumptions as assumption_files  # noqa: E402
from coverage.radio import kernels, p1812  # noqa: E402
from coverage.radio.link_budget import earth_radius_km  # noqa: E402
from coverage.radio.path_loss import RAYS, Ground, Mast, ground, sweep  # noqa: E402
from coverage.raster import Raster  # noqa: E402

SHARED = ROOT.parent / "shared"
ZONE_M = 90.0


def terrain(tile: Path, resolution_m: float = ZONE_M) -> Raster:
    """The tile on a metric grid."""
    raw = Raster.read(tile)
    west, _south, east, _north = raw.bounds
    zone = int(((west + east) / 2 + 180) // 6) + 1
    return raw.reprojected(f"EPSG:{32600 + zone}", resolution_m)


def bilinear(land: Ground, rows: NDArray[np.float64], cols: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights at places in pixels."""
    return np.array([kernels.ground_at(land.terrain, r, c) for r, c in zip(rows, cols, strict=True)], dtype=float)


def reference(
    land: Ground, mast: tuple[float, float, float], pixel: tuple[int, int], f: float, delta_n: float
) -> float:
    """Loss by the full Recommendation over the straight profile from a mast to a pixel's centre."""
    row, col = pixel[0] - mast[0], pixel[1] - mast[1]
    pixels = float(np.hypot(row, col))
    steps = np.arange(0, int(pixels - 0.5) + 1)
    heights = bilinear(land, mast[0] + row / pixels * steps, mast[1] + col / pixels * steps)
    d = np.append(steps, pixels) * land.pixel_m / 1000
    h = np.append(heights, land.terrain[pixel])
    given = (f, 50, d, h, np.zeros_like(h), np.full(len(h), 4), mast[2], 1.5, "vertical")
    return p1812.basic_transmission_loss(*given, 39.5, -123.5, 39.6, -123.4, delta_n, 350)


def report(name: str, error: NDArray[np.float64]) -> None:
    """One line of the table."""
    size = np.abs(error)
    print(
        f"{name:44s} n={len(error):5d} mean {error.mean():+.4f}  median {np.median(size):.4f}  "
        f"95% {np.quantile(size, 0.95):.4f}  99% {np.quantile(size, 0.99):.4f}  max {size.max():.3f} dB  "
        f"within 0.3 dB: {(size <= 0.3).mean():.4f}"
    )


def on_terrain(tile: Path, count: int) -> None:
    """Random pixels around three masts."""
    used = assumption_files.load()
    delta_n = used["radio.delta_n"]
    land = ground(terrain(tile))
    rng = np.random.default_rng(1812)
    for frequency, rays in ((900.0, RAYS), (1800.0, RAYS), (3500.0, RAYS), (1800.0, 3), (1800.0, 9)):
        errors = []
        for row, col in ((600.3, 500.6), (450.2, 480.9), (760.7, 530.1)):
            x, y = land.west + (col + 0.5) * land.pixel_m, land.north - (row + 0.5) * land.pixel_m
            window = sweep(land, Mast(x, y, 40.0, frequency), 35_000.0, used, rays=rays)
            pixels = np.argwhere(window.loss > 0)
            away = np.hypot(pixels[:, 0] + window.row - row, pixels[:, 1] + window.col - col)
            pixels = pixels[away > 2.5]  # the Recommendation wants three points
            for i, j in pixels[rng.choice(len(pixels), count, replace=False)]:
                pixel = (int(i) + window.row, int(j) + window.col)
                exact = reference(land, (row, col, 40.0), pixel, frequency / 1000, delta_n)
                errors.append(window.loss[i, j] / 64 - exact)
        report(f"{frequency:.0f} MHz, {rays} rays", np.array(errors))


def on_paths(file: Path) -> None:
    """The kernel and the reference against published losses over synthetic mountain paths."""
    data = np.load(file)
    meta = dict(zip(data["meta_cols"], data["meta"].T, strict=True))
    offsets, d = data["offsets"], data["d_km"]
    step = np.array([d[b - 1] / (b - a - 1) for a, b in pairwise(offsets)])
    radius = np.array([earth_radius_km(n) for n in meta["DN"]])
    clutter = data["clutter_m"].astype(np.float32)
    fast = kernels.profile_loss(offsets, step, data["h_m"], clutter, meta["htg"], meta["hrg"], meta["f_GHz"], radius)
    median = meta["p_pct"] == 50
    for name, chosen in (
        ("kernel, 50 %, codes agree", median & data["agreed_0p05dB"]),
        ("kernel, 50 %, bare", median & (meta["clutter"] == 0)),
        ("kernel, 50 %, codes disagree", median & ~data["agreed_0p05dB"]),
    ):
        for code in ("Lb_Py1812", "Lb_crc_covlib"):
            report(f"{name}, {code}", (fast - meta[code])[chosen])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tile", nargs="?", type=Path, default=SHARED / "data" / "real" / "N39W124.hgt")
    parser.add_argument("--paths", type=Path, default=SHARED / "reference" / "p1812_mountain_1000.npz")
    parser.add_argument("--pixels", type=int, default=400, help="random pixels per mast and frequency")
    given = parser.parse_args()
    for file, run in ((given.paths, on_paths), (given.tile, lambda tile: on_terrain(tile, given.pixels))):
        if file.is_file():
            run(file)
        else:
            print(f"{file} is absent: skipped")


if __name__ == "__main__":
    main()
