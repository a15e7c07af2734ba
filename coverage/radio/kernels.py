"""All compiled kernels of the radio room.

They stand in one module because numba's cache on disk goes stale when a compiled callee in
another file changes. Heights are in metres, distances in kilometres, as in Recommendation
ITU-R P.1812, whose equations they follow for 50 % of time and of locations; the readable
reference is :mod:`coverage.radio.p1812`.

Two tricks carry the speed. The bits of positive float32 numbers order like integers, and integer
maxima and minima are vectorised where those of floats are not: so every scan along a profile is
written to have a positive extreme. And every raster cell is computed once, as the receiver of the
radial nearest to it, at its own distance and ground height, instead of resampling polar points.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

F = np.float32
_I = np.int32
Floats = NDArray[np.float32]

_LARGE = F(1e30)
_HALF, _ONE, _TWO = F(0.5), F(1.0), F(2.0)
#: Ground constants of land: relative permittivity and conductivity in S/m (P.1812 §4.3.3).
_PERMITTIVITY, _CONDUCTIVITY = 22.0, 0.003

_FAST = {"contract", "arcp", "nsz"}
_jit = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
#: For what runs once per pixel or sample, where a call would cost a tenth of the speed.
_inlined = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST, forceinline=True)


@_jit
def knife_edge(nu: Any) -> Any:
    """Loss J(nu) of a single knife edge in dB (P.1812 eq. 12)."""
    if nu <= F(-0.78):
        return F(0.0)
    shifted = nu - F(0.1)
    return F(6.9) + F(20.0) * math.log10(math.sqrt(shifted * shifted + _ONE) + shifted)


@_jit
def _bullington(luc: Any, d: Any) -> Any:
    """Bullington loss from that of its edge (eq. 21)."""
    if luc <= F(0.0):
        return F(0.0)
    return luc + (_ONE - math.exp(-luc / F(6.0))) * (F(10.0) + F(0.02) * d)


@_jit
def _height_gain(b: Any) -> Any:
    """Height gain G(Y) in dB of a terminal before its lower limit (eqs. 34, 35)."""
    if b > _TWO:
        return F(17.6) * math.sqrt(b - F(1.1)) - F(5.0) * math.log10(b - F(1.1)) - F(8.0)
    return F(20.0) * math.log10(b + F(0.1) * b * b * b)


@_jit
def _first_term(radius: Any, d: Any, hte: Any, hre: Any, f: Any, ground: Any) -> Any:
    """First term of the spherical-earth series in dB (eqs. 29 to 36).

    ``radius`` is the effective earth radius in km, ``ground`` the factor of eq. 29 that depends
    on the ground alone.
    """
    root_f = math.exp(math.log(f) / F(3.0))
    root_r = math.exp(math.log(radius) / F(3.0))
    k = F(0.036) * ground / (root_r * root_f)
    k2 = k * k
    beta = (_ONE + F(1.6) * k2 + F(0.67) * k2 * k2) / (_ONE + F(4.5) * k2 + F(1.53) * k2 * k2)
    x = F(21.88) * beta * root_f / (root_r * root_r) * d
    y = F(0.9575) * beta * root_f * root_f / root_r
    log_x = math.log10(x)
    if x >= F(1.6):
        fx = F(11.0) + F(10.0) * log_x - F(17.6) * x
    else:
        fx = F(-20.0) * log_x - F(5.6488) * math.exp(F(1.425) * F(2.302585093) * log_x)
    least = _TWO + F(20.0) * math.log10(k)
    return -fx - max(_height_gain(beta * y * hte), least) - max(_height_gain(beta * y * hre), least)


@_jit
def _reflection_point(d: Any, hte: Any, hre: Any, radius: Any) -> Any:
    """Distance in km from the transmitter where a smooth earth is least cleared (eqs. 24)."""
    c = (hte - hre) / (hte + hre)
    m = F(250.0) * d * d / (radius * (hte + hre))
    inner = F(1.5) * c * math.sqrt(F(3.0) * m / ((m + _ONE) * (m + _ONE) * (m + _ONE)))
    inner = max(F(-1.0), min(_ONE, inner))
    b = _TWO * math.sqrt((m + _ONE) / (F(3.0) * m)) * math.cos(F(math.pi / 3.0) + math.acos(inner) / F(3.0))
    return _HALF * d * (_ONE + b)


@_jit
def _spherical(d: Any, hte: Any, hre: Any, radius: Any, f: Any, wavelength: Any, ground: Any, d1: Any) -> Any:
    """Spherical-earth diffraction loss in dB (§4.3.2, eqs. 22 to 27); ``d1`` is the reflection point."""
    roots = math.sqrt(hte) + math.sqrt(hre)
    share = _ONE
    if d < math.sqrt(_TWO * radius) * F(0.0316227766) * roots:
        d2 = d - d1
        clearance = ((hte - F(500.0) * d1 * d1 / radius) * d2 + (hre - F(500.0) * d2 * d2 / radius) * d1) / d
        share -= clearance / (F(17.456) * math.sqrt(d1 * d2 * wavelength / d))
        if share <= F(0.0):
            return F(0.0)
        radius = F(500.0) * (d / roots) * (d / roots)
    return share * max(_first_term(radius, d, hte, hre, f, ground), F(0.0))


@_jit
def _sample(place: Any, step: Any, last: Any) -> Any:
    """Distance of the profile sample at an index, kept between the first and the last."""
    return F(min(max(place, 1), last)) * step


@_jit
def _smooth_bullington(d: Any, last: Any, step: Any, hte: Any, hre: Any, curve: Any, wavelength: Any, d1: Any) -> Any:
    """Bullington loss in dB over the smooth earth sampled like the profile (§4.3.4).

    Its three maxima have known places, so only the two samples around each are looked at.
    """
    near = int(math.sqrt(hte / curve) / step)
    a, b = _sample(near, step, last), _sample(near + 1, step, last)
    rise = max(curve * (d - a) - hte / a, curve * (d - b) - hte / b)
    if rise < (hre - hte) / d:
        near = int(d1 / step)
        a, b = _sample(near, step, last), _sample(near + 1, step, last)
        over_a = (curve * a * (d - a) - (hte * (d - a) + hre * a) / d) / math.sqrt(a * (d - a))
        over_b = (curve * b * (d - b) - (hte * (d - b) + hre * b) / d) / math.sqrt(b * (d - b))
        over = max(over_a, over_b)
    else:
        near = int((d - math.sqrt(hre / curve)) / step)
        a, b = _sample(near, step, last), _sample(near + 1, step, last)
        fall = max(curve * a - hre / (d - a), curve * b - hre / (d - b))
        point = (hre - hte + fall * d) / (rise + fall)
        rest = d - point
        over = (hte + rise * point - (hte * rest + hre * point) / d) / math.sqrt(point * rest)
    return _bullington(knife_edge(over * math.sqrt(F(0.002) * d / wavelength)), d)


@_jit
def _least_clearance(x: Any, curved: Any, last: Any, d: Any, hts: Any, slope: Any) -> Any:
    """Least of clearance squared over d1 d2 along a profile in line of sight."""
    best = _I(0x7F000000)
    for i in range(1, last + 1):
        clear = hts + slope * x[i] - curved[i]
        best = min(best, F(clear * clear / (x[i] * (d - x[i]))).view(np.int32))
    return _I(best).view(np.float32)


@_jit
def _steepest_back(x: Any, curved: Any, last: Any, d: Any, hts: Any, slope: Any) -> Any:
    """Largest height above the straight line over the distance to the receiver; positive when blocked."""
    best = _I(0)
    for i in range(1, last + 1):
        best = max(best, F((curved[i] - hts - slope * x[i]) / (d - x[i])).view(np.int32))
    return _I(best).view(np.float32)


@_jit
def _obstruction(x: Any, h: Any, last: Any, d: Any, hts: Any, slope: Any) -> Any:
    """Largest height above the straight line, and that over the distance to the receiver (eqs. 85 to 87)."""
    top = _I(0)
    back = _I(0)
    for i in range(1, last + 1):
        over = h[i] - hts - slope * x[i]
        top = max(top, F(over).view(np.int32))
        back = max(back, F(over / (d - x[i])).view(np.int32))
    return _I(top).view(np.float32), _I(back).view(np.float32)


@_inlined
def _diffraction(
    x: Any, h: Any, curved: Any, last: Any, step: Any, d: Any, ground_t: Any, ground_r: Any, htg: Any, hrg: Any,
    rise: Any, rise_bare: Any, v1: Any, v2: Any, f: Any, radius: Any, soil: Any,
) -> Any:  # fmt: skip
    """Delta-Bullington diffraction loss in dB for median time (§4.3.4) at one receiver.

    Parameters
    ----------
    x, h, curved : ndarray, float32
        Distance in km, ground in m, and ground with clutter less the earth's curvature, of the samples.
    last : int
        Index of the last sample before the receiver.
    step : float32
        Spacing of the samples in km.
    d, ground_t, ground_r, htg, hrg : float32
        Path length in km, ground at the ends and antennas above it in m.
    rise, rise_bare : float32
        Steepest slope in m/km seen from the transmitter to samples 1..last, over the curved
        profile with clutter and over the bare profile on a flat earth.
    v1, v2 : float64
        Sums of eqs. 81 and 82 over the whole path.
    f, radius, soil : float32
        Frequency in GHz, effective earth radius in km, ground factor of eq. 30.
    """
    wavelength = F(0.299792458) / f
    curve = F(500.0) / radius
    hts = ground_t + htg
    hrs = ground_r + hrg
    # Slope of the straight line in the frame where the earth is flat and the profile curved.
    slope = (hrs - curve * d * d - hts) / d
    if rise < slope:
        least = _least_clearance(x, curved, last, d, hts, slope)
        nu = -math.sqrt(least * F(0.002) * d / wavelength)
    else:
        fall = _steepest_back(x, curved, last, d, hts, slope)
        over = rise - slope
        point = fall * d / (over + fall)
        rest = d - point
        nu = over * point * math.sqrt(F(0.002) * d / (wavelength * point * rest))
    actual = _bullington(knife_edge(nu), d)

    smooth_t = F((2.0 * v1 * d - v2) / (float(d) * d))
    smooth_r = F((v2 - v1 * d) / (float(d) * d))
    flat = (hrs - hts) / d
    alpha_t = rise_bare - flat
    if alpha_t > F(0.0):
        top, alpha_r = _obstruction(x, h, last, d, hts, flat)
        smooth_t -= top * alpha_t / (alpha_t + alpha_r)
        smooth_r -= top * alpha_r / (alpha_t + alpha_r)
    hte = hts - min(smooth_t, ground_t)
    hre = hrs - min(smooth_r, ground_r)
    d1 = _reflection_point(d, hte, hre, radius)
    sphere = _spherical(d, hte, hre, radius, f, wavelength, soil, d1)
    if sphere > F(0.0):
        actual += max(sphere - _smooth_bullington(d, last, step, hte, hre, curve, wavelength, d1), F(0.0))
    return actual


@_jit
def _free_space(d: Any, rise: Any, f: Any) -> Any:
    """Free-space loss in dB over the slant distance (eqs. 8, 8a)."""
    up = rise * F(0.001)
    return F(92.4) + F(20.0) * math.log10(f) + F(10.0) * math.log10(d * d + up * up)


@_jit
def _soil(f: Any) -> Any:
    """Ground factor of eq. 30 and 30a for vertical polarisation over land."""
    imaginary = 18.0 * _CONDUCTIVITY / f
    horizontal = ((_PERMITTIVITY - 1.0) ** 2 + imaginary**2) ** -0.25
    return F(horizontal * math.sqrt(_PERMITTIVITY**2 + imaginary**2))


@_jit
def profile_loss(
    offsets: Any, step_km: Any, ground: Any, clutter: Any, htg: Any, hrg: Any, f: Any, radius: Any
) -> Any:  # fmt: skip
    """Median loss in dB over equally spaced profiles laid end to end.

    Parameters
    ----------
    offsets : ndarray, shape (paths + 1,), int64
        Where each profile begins in `ground`.
    step_km, htg, hrg, f, radius : ndarray, shape (paths,), float64
        Spacing in km, antennas above ground in m, frequency in GHz, effective earth radius in km.
    ground, clutter : ndarray, float32
        Heights in m at every sample, ends included.
    """
    paths = len(offsets) - 1
    out = np.empty(paths, dtype=np.float32)
    longest = 0
    for p in range(paths):
        longest = max(longest, offsets[p + 1] - offsets[p])
    x = np.empty(longest, dtype=np.float32)
    curved = np.empty(longest, dtype=np.float32)
    for p in range(paths):
        n = offsets[p + 1] - offsets[p]
        h = ground[offsets[p] : offsets[p + 1]]
        c = clutter[offsets[p] : offsets[p + 1]]
        step = F(step_km[p])
        curve = F(500.0 / radius[p])
        hts = h[0] + F(htg[p])
        rise = -_LARGE
        bare = -_LARGE
        v1 = 0.0
        v2 = 0.0
        for i in range(n):
            x[i] = F(i) * step
            curved[i] = h[i] + c[i] - curve * x[i] * x[i]
            if i > 0:
                v1 += float(step) * (h[i] + h[i - 1])
                v2 += float(step) * (h[i] * (2.0 * x[i] + x[i - 1]) + h[i - 1] * (x[i] + 2.0 * x[i - 1]))
                if i < n - 1:
                    rise = max(rise, (curved[i] - hts) / x[i])
                    bare = max(bare, (h[i] - hts) / x[i])
        d = x[n - 1]
        freq = F(f[p])
        loss = _free_space(d, hts - h[n - 1] - F(hrg[p]), freq)
        if n > 2:
            loss += _diffraction(
                x, h, curved, n - 2, step, d, h[0], h[n - 1], F(htg[p]), F(hrg[p]), rise, bare, v1, v2, freq,
                F(radius[p]), _soil(freq),
            )  # fmt: skip
        out[p] = loss
    return out


@_inlined
def _bilinear(grid: Any, row: Any, col: Any) -> Any:
    """Height between pixel centres; outside the grid that of its nearest edge."""
    rows, cols = grid.shape
    row = min(max(row, 0.0), rows - 1.0)
    col = min(max(col, 0.0), cols - 1.0)
    # Unsigned, because numba gives negative indices a meaning, which costs time.
    i, j = np.intp(row), np.intp(col)
    top, left = np.uintp(i), np.uintp(j)
    down, right = np.uintp(min(i + 1, rows - 1)), np.uintp(min(j + 1, cols - 1))
    v, u = F(row - i), F(col - j)
    upper = grid[top, left] + u * (grid[top, right] - grid[top, left])
    lower = grid[down, left] + u * (grid[down, right] - grid[down, left])
    return upper + v * (lower - upper)


@_jit
def ground_at(terrain: Any, row: Any, col: Any) -> Any:
    """Ground in m at one place, in pixels from the centre of pixel (0, 0)."""
    return _bilinear(terrain, row, col)


@_jit
def _nearest(grid: Any, row: Any, col: Any) -> Any:
    """Value of the pixel that holds a point; outside the grid that of its nearest edge."""
    rows, cols = grid.shape
    return grid[np.intp(min(max(row + 0.5, 0.0), rows - 1.0)), np.intp(min(max(col + 0.5, 0.0), cols - 1.0))]


@_jit
def _way_out(position: Any, direction: Any, length: Any) -> Any:
    """Distance in pixels until a ray leaves the grid along one axis."""
    if direction > 0.0:
        return (length - 0.5 - position) / direction
    if direction < 0.0:
        return (-0.5 - position) / direction
    return 1e30 if -0.5 <= position <= length - 0.5 else -1.0


@_inlined
def _trace(
    terrain: Any, clutter: Any, mast_row: Any, mast_col: Any, uy: Any, ux: Any, last: Any, pixel_km: Any, curve: Any,
    hts: Any, line: Any, sums: Any,
) -> None:  # fmt: skip
    """Fill the samples 1..last of a radial: `line` and `sums` as in :func:`_receive`."""
    x, h, curved, rise, bare = line[0], line[1], line[2], line[3], line[4]
    before, steepest, steepest_bare, area, moment = h[0], rise[0], bare[0], 0.0, 0.0
    covered = clutter.shape[0] > 0
    for i in range(1, last + 1):
        row = mast_row + uy * i
        col = mast_col + ux * i
        ground = _bilinear(terrain, row, col)
        top = ground
        if covered:
            top += _nearest(clutter, row, col)
        height = top - curve * x[i] * x[i]
        per_km = F(1.0 / (i * pixel_km))
        steepest = max(steepest, (height - hts) * per_km)
        steepest_bare = max(steepest_bare, (ground - hts) * per_km)
        area += pixel_km * (ground + before)
        moment += pixel_km * pixel_km * (ground * (3.0 * i - 1.0) + before * (3.0 * i - 2.0))
        h[i], curved[i], rise[i], bare[i] = ground, height, steepest, steepest_bare
        sums[0, i], sums[1, i] = area, moment
        before = ground


@_inlined
def _receive(
    line: Any, sums: Any, pixels: Any, pixel_km: Any, ground_t: Any, ground_r: Any, htg: Any, hrg: Any, f: Any,
    radius: Any, soil: Any,
) -> Any:  # fmt: skip
    """Loss in dB at a receiver behind a radial's samples, at its own distance and ground.

    Parameters
    ----------
    line : ndarray, shape (5, samples), float32
        Distance (km), ground (m), ground with clutter less curvature, and the steepest slopes up to
        each sample over the latter and over the bare ground, seen from the transmitter.
    sums : ndarray, shape (2, samples), float64
        Sums of eqs. 85 and 86 up to each sample.
    pixels : float64
        Distance in pixels; samples nearer than half a pixel to the receiver are left out.
    """
    x, h, curved, rise, bare = line[0], line[1], line[2], line[3], line[4]
    whole = pixels * pixel_km
    d = max(F(whole), F(0.001))
    loss = _free_space(d, ground_t + htg - ground_r - hrg, f)
    last = int(pixels - 0.5)
    if last < 1:
        return loss
    to_last = last * pixel_km
    area = sums[0, last] + (whole - to_last) * (ground_r + h[last])
    moment = sums[1, last] + (whole - to_last) * (
        ground_r * (2.0 * whole + to_last) + h[last] * (whole + 2.0 * to_last)
    )
    return loss + _diffraction(
        x, h, curved, last, F(pixel_km), d, ground_t, ground_r, htg, hrg, rise[last], bare[last], area, moment, f,
        radius, soil,
    )  # fmt: skip


@_inlined
def _along(mast: Any, way: Any, size: Any, outward: Any) -> Any:
    """Pixels to visit along an axis, away from the mast: first, end and stride."""
    if outward:
        return max(math.ceil(mast), 0), min(int(mast + way) + 1, size), 1
    return min(math.floor(mast), size - 1), max(math.floor(mast - way), 0) - 1, -1


@_inlined
def _across(mast: Any, near: Any, far: Any, size: Any, rising: Any) -> Any:
    """Pixels between a wedge's two sides, of which the one it begins with belongs to it: first and end."""
    if rising:
        low, high = math.ceil(mast + near), math.ceil(mast + far)
    else:
        low, high = math.floor(mast + far) + 1, math.floor(mast + near) + 1
    return max(low, 0), min(high, size)


@_inlined
def _wedge(
    mast_row: Any, mast_col: Any, shape: Any, radial: Any, turn: Any, way: Any, inner: Any, reach: Any, rows: Any,
    cols: Any, distances: Any,
) -> Any:  # fmt: skip
    """List the pixels nearest to a radial, outward: their number; rows, columns and distances in place."""
    ux, uy = math.cos(turn * radial), math.sin(turn * radial)
    # Column by column or row by row, whichever axis the radial is closer to.
    flat = abs(ux) >= abs(uy)
    near, far = math.tan(turn * (radial - 0.5)), math.tan(turn * (radial + 0.5))
    if flat:
        major0, minor0, majors, minors, outward = mast_col, mast_row, shape[1], shape[0], ux > 0.0
    else:
        near, far = 1.0 / near, 1.0 / far
        major0, minor0, majors, minors, outward = mast_row, mast_col, shape[0], shape[1], uy > 0.0
    begin, end, stride = _along(major0, way, majors, outward)
    count = 0
    for major in range(begin, end, stride):
        away = major - major0
        low, high = _across(minor0, away * near, away * far, minors, outward == flat)
        for minor in range(low, high):
            distance = math.sqrt(away * away + (minor - minor0) ** 2)
            if inner < distance <= reach:
                rows[count] = minor if flat else major
                cols[count] = major if flat else minor
                distances[count] = distance
                count += 1
    return count


@_jit
def _keep(
    terrain: Any, top: Any, pixel_km: Any, f: Any, useful: Any, out_row: Any, out_col: Any, rows: Any, cols: Any,
    distances: Any, count: Any,
) -> Any:  # fmt: skip
    """Keep the listed pixels that free space alone leaves useful, in place: their number."""
    kept = 0
    for i in range(count):
        row, col = rows[i], cols[i]
        if _free_space(F(distances[i] * pixel_km), top - terrain[row, col], f) <= useful[row - out_row, col - out_col]:
            rows[kept], cols[kept], distances[kept] = row, col, distances[i]
            kept += 1
    return kept


@_jit
def _farthest(rays: Any, ray: Any, distances: Any, count: Any) -> Any:
    """Distance of the outermost listed pixel of a ray; 0 where it has none."""
    farthest = 0.0
    for i in range(count):
        if rays[i] == ray:
            farthest = max(farthest, distances[i])
    return farthest


@_jit
def sweep(
    terrain: Any, clutter: Any, mast_row: Any, mast_col: Any, htg: Any, hrg: Any, pixel_km: Any, inner: Any, reach: Any,
    f: Any, radius: Any, radials: Any, first: Any, last: Any, fine: Any, useful: Any, out: Any, out_row: Any,
    out_col: Any,
) -> None:  # fmt: skip
    """Median loss from a mast to every pixel within reach, in 64ths of a dB.

    Radials go out from the mast, sampled every pixel; each pixel is the receiver of the radial
    nearest to it, with its own distance and ground height. They come in wedges about a pixel wide
    at the rim, each of several rays, so that wedges in which nothing matters cost little.

    Parameters
    ----------
    terrain : ndarray, shape (rows, cols), float32
        Ground in m without NaN, square pixels, row 0 in the north.
    clutter : ndarray, shape (rows, cols) or (0, 0), float32
        Height in m of what stands on the ground; (0, 0) for none.
    mast_row, mast_col : float
        Place of the mast in pixels from the centre of pixel (0, 0); may lie outside.
    htg, hrg : float
        Antennas above ground in m.
    pixel_km, inner, reach : float
        Pixel size in km; distances in pixels beyond and up to which to compute.
    f, radius : float
        Frequency in GHz, effective earth radius in km.
    radials, first, last : int
        Number of wedges of the whole circle (a multiple of 8) and the part to do now, clockwise
        from east; `first` may be negative and `last` run past the circle.
    fine : int
        Rays of a wedge, odd, so that the middle of the wedge has one.
    useful : ndarray, float32
        Loss in dB above which a pixel of the window does not matter: where free space alone exceeds
        it, nothing is computed. Shape (0, 0): everything matters.
    out : ndarray, uint16
        Window of the terrain to fill; untouched where nothing was computed.
    out_row, out_col : int
        Row and column of the window's first pixel in the terrain.
    """
    freq, earth, up, down = F(f), F(radius), F(htg), F(hrg)
    soil = _soil(freq)
    ground_t = _bilinear(terrain, mast_row, mast_col)
    size = int(reach) + 4
    line = np.empty((5, size), dtype=np.float32)
    sums = np.zeros((2, size), dtype=np.float64)
    # Loops, because assigning to slices would make numba compile string formatting for its errors.
    for i in range(size):
        line[0, i] = F(i * pixel_km)
    line[1, 0] = line[2, 0] = ground_t
    line[3, 0] = line[4, 0] = -_LARGE
    rows = np.empty(4 * size, dtype=np.intp)
    cols = np.empty(4 * size, dtype=np.intp)
    distances = np.empty(4 * size, dtype=np.float64)
    rays = np.empty(4 * size, dtype=np.intp)
    turn = 2.0 * math.pi / radials
    for number in range(first, last):
        radial = number % radials
        ux, uy = math.cos(turn * radial), math.sin(turn * radial)
        way = min(reach, _way_out(mast_row, uy, terrain.shape[0]) + 1.0, _way_out(mast_col, ux, terrain.shape[1]) + 1.0)
        if way <= 0.0:
            continue
        count = _wedge(mast_row, mast_col, terrain.shape, radial, turn, way, inner, reach, rows, cols, distances)
        if useful.shape[0] > 0:
            count = _keep(
                terrain, ground_t + up - down, pixel_km, freq, useful, out_row, out_col, rows, cols, distances, count
            )
        for i in range(count):
            aside = ux * (rows[i] - mast_row) - uy * (cols[i] - mast_col)
            rays[i] = math.floor(aside / distances[i] / turn * fine + 0.5)
        for ray in range(-(fine // 2), fine // 2 + 1):
            farthest = _farthest(rays, ray, distances, count)
            if farthest <= 0.0:
                continue
            angle = turn * (radial + ray / fine)
            _trace(
                terrain, clutter, mast_row, mast_col, math.sin(angle), math.cos(angle), int(farthest) + 1, pixel_km,
                F(500.0 / radius), ground_t + up, line, sums,
            )  # fmt: skip
            for i in range(count):
                if rays[i] == ray:
                    row, col = rows[i], cols[i]
                    loss = _receive(
                        line, sums, distances[i], pixel_km, ground_t, terrain[row, col], up, down, freq, earth, soil
                    )
                    out[row - out_row, col - out_col] = np.uint16(min(loss, F(1000.0)) * F(64.0) + _HALF)
    # A mast on a pixel's very centre: that pixel lies in no wedge.
    if inner < 0.0 and first == 0 and mast_row == math.floor(mast_row) and mast_col == math.floor(mast_col):
        row, col = int(mast_row), int(mast_col)
        if 0 <= row < terrain.shape[0] and 0 <= col < terrain.shape[1]:
            out[row - out_row, col - out_col] = np.uint16(_free_space(F(0.001), up - down, freq) * F(64.0) + _HALF)


@_jit
def serve(
    loss: Any, out_row: Any, out_col: Any, terrain: Any, mast_row: Any, mast_col: Any, mast_top: Any, hrg: Any,
    pixel_m: Any, reach: Any, power: Any, azimuth: Any, downtilt: Any, beam: Any, cell: Any, rsrp: Any, server: Any,
) -> None:  # fmt: skip
    """Let a cell serve the pixels where it is the strongest so far, in place.

    Equal strength goes to the cell that comes first, so the order of calls does not matter.

    Parameters
    ----------
    loss : ndarray, uint16
        Window from :func:`sweep`, whose first pixel is (`out_row`, `out_col`) of the terrain.
    terrain, mast_row, mast_col, hrg
        As in :func:`sweep`.
    mast_top, pixel_m, reach : float
        Antenna above sea level in m, pixel size in m, radius in pixels.
    power : float
        Reference power in the main direction in dBm, all losses but the path's taken off.
    azimuth, downtilt : float
        Main direction in degrees from north; NaN azimuth for an omnidirectional pattern.
    beam : ndarray, shape (4,), float32
        Half-power widths (horizontal, vertical) in degrees and largest attenuations (horizontal
        and total, vertical) in dB.
    cell : int
        Index of the cell.
    rsrp, server : ndarray, shape of the terrain
        Best so far: float32 dBm and int32 index, -1 for none.
    """
    degrees = F(180.0 / math.pi)
    for i in range(loss.shape[0]):
        for j in range(loss.shape[1]):
            if loss[i, j] == 0:
                continue
            row = out_row + i
            col = out_col + j
            level = F(power) - F(loss[i, j]) * F(1.0 / 64.0)
            held = server[row, col]
            # The pattern only takes away, so most weaker cells need no trigonometry.
            if held >= 0 and level < rsrp[row, col]:
                continue
            east = F(col - mast_col)
            south = F(row - mast_row)
            away = math.sqrt(east * east + south * south)
            if away > F(reach):
                continue
            below = degrees * math.atan2(F(mast_top) - terrain[row, col] - F(hrg), away * F(pixel_m))
            off = (below - F(downtilt)) / beam[1]
            down = min(F(12.0) * off * off, beam[3])
            if azimuth == azimuth:  # noqa: PLR0124 - false for NaN alone
                turn = degrees * math.atan2(east, -south) - F(azimuth)
                turn -= F(360.0) * F(math.floor(turn / F(360.0) + _HALF))
                off = turn / beam[0]
                down += min(F(12.0) * off * off, beam[2])
            level -= min(down, beam[2])
            if held < 0 or level > rsrp[row, col] or (level == rsrp[row, col] and cell < held):
                rsrp[row, col] = level
                server[row, col] = cell


@_jit
def clearances(
    terrain: Any, clutter: Any, pixel_km: Any, ends: Any, f: Any, radius: Any, worst: Any, place: Any, first: Any,
    last: Any,
) -> None:  # fmt: skip
    """Least clearance of straight hops in radii of the first Fresnel zone (ITU-R P.530 §2.2).

    Parameters
    ----------
    terrain, clutter, pixel_km
        As in :func:`sweep`; clutter counts except within a pixel of the ends.
    ends : ndarray, shape (hops, 6), float64
        Row, column (pixels from the centre of pixel (0, 0)) and antenna above ground in m, of both ends.
    f, radius : float
        Frequency in GHz, effective earth radius in km.
    worst, place : ndarray, shape (hops,), float32
        Filled: least clearance over the zone's radius there, and where on the hop, 0 to 1.
    first, last : int
        Hops to do now.
    """
    for hop in range(first, last):
        row_a, col_a, up_a, row_b, col_b, up_b = (
            ends[hop, 0], ends[hop, 1], ends[hop, 2], ends[hop, 3], ends[hop, 4], ends[hop, 5],
        )  # fmt: skip
        pixels = math.sqrt((row_b - row_a) ** 2 + (col_b - col_a) ** 2)
        length = pixels * pixel_km
        steps = max(math.ceil(pixels), 2)
        top_a = _bilinear(terrain, row_a, col_a) + up_a
        top_b = _bilinear(terrain, row_b, col_b) + up_b
        worst[hop] = F(1e9)
        place[hop] = F(0.5)
        if length <= 0.0:
            continue
        for i in range(1, steps):
            share = i / steps
            row = row_a + share * (row_b - row_a)
            col = col_a + share * (col_b - col_a)
            height = float(_bilinear(terrain, row, col))
            if clutter.shape[0] > 0 and share * pixels > 1.0 and (1.0 - share) * pixels > 1.0:
                height += _nearest(clutter, row, col)
            product = share * (1.0 - share) * length * length
            bulge = 500.0 * product / radius
            zone = 17.32 * math.sqrt(product / (f * length))
            ratio = F((top_a + share * (top_b - top_a) - height - bulge) / zone)
            if ratio < worst[hop]:
                worst[hop] = ratio
                place[hop] = F(share)
