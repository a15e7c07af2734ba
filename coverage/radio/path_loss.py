"""Path loss from one mast over a window of the terrain."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _, number
from coverage.radio.link_budget import earth_radius_km
from coverage.raster import Raster
from coverage.threads import threads as allowed_threads

#: The kernel writes 64ths of a dB: exact in float32, and half the memory.
STEPS_PER_DB = 64
_NO_CLUTTER = np.zeros((0, 0), dtype=np.float32)
#: Rays per pixel of the rim: how near to its own line a pixel's edges are sought (odd, see the kernel).
RAYS = 5
#: Wedges that a thread takes at least, and in how many turns each thread does its part of a circle.
_WEDGES, _TURNS = 32, 8
#: As `useful` of :func:`sweep`: every pixel matters.
EVERYTHING = np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Ground:
    """Terrain made ready for the kernels.

    ``terrain`` holds no ``NaN`` (sea and voids are 0 m), ``clutter`` is (0, 0) for none; ``pixel_m``
    is the size of the square pixels; ``west`` and ``north`` are the outer corner.
    """

    terrain: NDArray[np.float32]
    clutter: NDArray[np.float32]
    pixel_m: float
    west: float
    north: float

    def pixel(self, x_m: float, y_m: float) -> tuple[float, float]:
        """(row, column) of a point, in pixels from the centre of pixel (0, 0)."""
        return (self.north - y_m) / self.pixel_m - 0.5, (x_m - self.west) / self.pixel_m - 0.5

    def height(self, x_m: float, y_m: float) -> float:
        """Ground in m at a point, bilinear; outside the raster that of the nearest edge."""
        from coverage.radio import kernels

        return float(kernels.ground_at(self.terrain, *self.pixel(x_m, y_m)))

    def clutter_height(self, x_m: float, y_m: float) -> float:
        """Clutter in m above the ground at a point; outside the raster that of the nearest edge."""
        if self.clutter.size == 0:
            return 0.0
        row, col = self.pixel(x_m, y_m)
        rows, cols = self.clutter.shape
        return float(self.clutter[min(max(round(row), 0), rows - 1), min(max(round(col), 0), cols - 1)])


@dataclass(frozen=True)
class Mast:
    """A transmitter: place in the terrain's CRS, antenna above ground, carrier."""

    x_m: float
    y_m: float
    height_m: float
    frequency_mhz: float


@dataclass(frozen=True, eq=False)
class Window:
    """Loss over a part of the terrain: 64ths of a dB from pixel (row, col) on, 0 for none."""

    row: int
    col: int
    loss: NDArray[np.uint16]


def ground(terrain: Raster, clutter: Raster | None = None) -> Ground:
    """Make terrain ready for the kernels.

    Parameters
    ----------
    terrain : Raster
        Metres above sea level on a metric grid of square pixels. ``NaN`` (sea, void) counts as 0 m.
    clutter : Raster, optional
        Height of buildings and trees in m, on the same grid. Leave it out where the terrain is a
        surface model that already holds them.

    Raises
    ------
    InputError
        Where the pixels are not square and metric, the raster is empty or the grids differ.
    """
    width, height = terrain.resolution
    if terrain.values.size == 0:
        raise InputError(_("The terrain is empty"), todo=_("Give a terrain raster that covers the region"))
    if not math.isclose(width, height, rel_tol=1e-6) or width < 1:
        raise InputError(
            _("The terrain must have square pixels in metres"), where=terrain.crs, todo=_("Reproject it to UTM first")
        )
    heights = np.ascontiguousarray(np.nan_to_num(terrain.values, nan=0.0, posinf=0.0, neginf=0.0), dtype=np.float32)
    above = _NO_CLUTTER
    if clutter is not None:
        if clutter.shape != terrain.shape or clutter.transform != terrain.transform:
            raise InputError(_("Clutter and terrain lie on different grids"), todo=_("Resample one onto the other"))
        above = np.ascontiguousarray(np.nan_to_num(clutter.values, nan=0.0), dtype=np.float32)
    return Ground(heights, above, float(width), float(terrain.transform.c), float(terrain.transform.f))


def wedges(reach_pixels: float) -> int:
    """Wedges of a full circle: a pixel wide at its rim, a multiple of eight for symmetry."""
    return 8 * math.ceil(2 * math.pi * max(reach_pixels, 8.0) / 8)


def window_of(land: Ground, x_m: float, y_m: float, radius_m: float) -> tuple[slice, slice]:
    """Rows and columns of the terrain within the square around a circle; may be empty."""
    row, col = land.pixel(x_m, y_m)
    reach = radius_m / land.pixel_m
    rows, cols = land.terrain.shape
    top, left = max(0, math.ceil(row - reach)), max(0, math.ceil(col - reach))
    bottom, right = min(rows, math.floor(row + reach) + 1), min(cols, math.floor(col + reach) + 1)
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def sweep(
    land: Ground,
    mast: Mast,
    radius_m: float,
    assumptions: Assumptions,
    *,
    ring_m: tuple[float, float] | None = None,
    useful: NDArray[np.float32] = EVERYTHING,
    sector: tuple[float, float] = (0.0, 1.0),
    rays: int = RAYS,
    threads: int = 1,
) -> Window:
    """Loss around a mast, or a part of it.

    Parameters
    ----------
    radius_m : float
        Radius of the whole sweep; it sets the number of wedges.
    ring_m : (float, float), optional
        Compute only beyond the first and up to the second distance.
    useful : ndarray, float32
        For each pixel of the ring's window (:func:`window_of`) the loss in dB above which it does
        not matter; such pixels may stay 0.
    sector : (float, float)
        Compute only these turns of the circle, clockwise from east: ``(0, 0.5)`` is its southern half,
        ``(-0.1, 0.1)`` looks east.
    rays : int
        Rays per pixel of the rim, odd: 5 keep 99 % of all mountain pixels up to 35 km within 0.3 dB of
        the profile to their own centre, 9 keep 99 % within 0.02 dB at four fifths of the speed.
    threads : int
        Threads that share the circle; the result does not depend on it.

    Raises
    ------
    InputError
        Where the circle is wider than the kernel's longest profile.
    """
    # Here, because numba takes a third of a second that a start with kept results can do without.
    from coverage.radio import kernels

    if radius_m / land.pixel_m > kernels.LONGEST - 8:
        raise InputError(
            _("A radius of {km} km is too far for pixels of {metres} m").format(
                km=number(radius_m / 1000), metres=number(land.pixel_m)
            ),
            todo=_("Use a smaller radius or coarser terrain"),
        )
    inner_m, outer_m = ring_m or (-land.pixel_m, radius_m)
    rows, cols = window_of(land, mast.x_m, mast.y_m, outer_m)
    loss = np.zeros((rows.stop - rows.start, cols.stop - cols.start), dtype=np.uint16)
    if loss.size == 0:
        return Window(rows.start, cols.start, loss)
    row, col = land.pixel(mast.x_m, mast.y_m)
    count = wedges(radius_m / land.pixel_m)
    first, last = math.floor(count * sector[0]), math.floor(count * sector[1])
    if first < 0:  # once round, so that no part but that of the whole circle begins at the first wedge
        first, last = first + count, last + count

    def part(begin: int, end: int) -> None:
        kernels.sweep(
            land.terrain,
            land.clutter,
            row,
            col,
            float(mast.height_m),
            assumptions["radio.receiver_height_m"],
            land.pixel_m / 1000,
            inner_m / land.pixel_m,
            outer_m / land.pixel_m,
            mast.frequency_mhz / 1000,
            earth_radius_km(assumptions["radio.delta_n"]),
            count,
            begin,
            end,
            rays,
            useful,
            loss,
            rows.start,
            cols.start,
        )

    share_out(part, first, last, threads)
    return Window(rows.start, cols.start, loss)


def share_out(work: Callable[[int, int], None], first: int, last: int, threads: int) -> None:
    """Do a range of wedges by some threads, this one among them: each takes the next few when it is done.

    Every pixel lies in one wedge, so that no two threads write the same one.
    """
    if threads <= 1 or last - first < 2 * _WEDGES:
        work(first, last)
        return
    step = max(_WEDGES, (last - first) // (_TURNS * threads))
    parts = iter(range(first, last, step))  # taking the next is one step of the interpreter: no two get the same

    def take() -> None:
        for begin in parts:
            work(begin, min(begin + step, last))

    with ThreadPoolExecutor(threads - 1) as pool:
        others = [pool.submit(take) for _thread in range(threads - 1)]
        take()
        for other in others:
            other.result()


def path_loss(
    terrain: Raster,
    x_m: float,
    y_m: float,
    height_m: float,
    frequency_mhz: float,
    radius_m: float,
    assumptions: Assumptions,
    *,
    clutter: Raster | None = None,
    rays: int = RAYS,
    threads: int | None = None,
) -> Raster:
    """Median basic transmission loss from a mast to every pixel around it.

    Free space and delta-Bullington diffraction at 50 % of time and locations (ITU-R P.1812-8 §4.2,
    §4.3), over rays sampled every pixel. Each pixel is the receiver of the ray nearest to it, with the
    deciding edges read on the straight line to its own centre.

    Parameters
    ----------
    terrain : Raster
        Metres above sea level, square metric pixels; ``NaN`` (sea, void) counts as 0 m. Beyond its
        edge the ground goes on as at the edge.
    x_m, y_m : float
        Mast in the CRS of `terrain`; it may stand outside.
    height_m : float
        Antenna above ground.
    frequency_mhz, radius_m : float
        Carrier and how far to look.
    assumptions : Assumptions
        Topic ``radio``.
    clutter : Raster, optional
        Height of what stands on the ground in m, on the same grid.
    rays : int
        As for :func:`sweep`.
    threads : int, optional
        By default as many as :func:`coverage.threads.threads` allows; the result does not depend on it.

    Returns
    -------
    Raster
        dB, in steps of 1/64; the part of the terrain within the radius, ``NaN`` elsewhere in it.

    Raises
    ------
    InputError
        Where the circle misses the terrain altogether, or is too wide for its pixels.
    """
    mast = Mast(x_m, y_m, height_m, frequency_mhz)
    window = sweep(
        ground(terrain, clutter), mast, radius_m, assumptions, rays=rays, threads=threads or allowed_threads()
    )
    if window.loss.size == 0:
        raise InputError(
            _("The mast stands too far from the terrain"),
            where=f"x={x_m:.0f}, y={y_m:.0f}",
            todo=_("Check its position and the terrain's extent"),
        )
    loss = window.loss.astype(np.float32) / np.float32(STEPS_PER_DB)
    loss[window.loss == 0] = np.nan
    return Raster(loss, terrain.transform @ Affine.translation(window.col, window.row), terrain.crs)
