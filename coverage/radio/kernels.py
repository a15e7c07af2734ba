"""All compiled kernels of the radio room.

They stand in one module because numba's cache on disk goes stale when a compiled callee in
another file changes. Heights are in metres, distances in kilometres, as in Recommendation
ITU-R P.1812, whose equations they follow for 50 % of time and of locations; the readable
reference is :mod:`coverage.radio.p1812`.

Four tricks carry speed and accuracy. The bits of positive float32 numbers order like integers, and
integer maxima and minima are vectorised where those of floats are not: so every scan along a profile
is written to have a positive extreme; the last bits of the integer carry the sample's index, so that
one pass tells where the extreme is. Every raster cell is computed once, as the receiver of the radial
nearest to it, at its own distance and ground height, instead of resampling polar points. The radial
only tells *where* the edges are that decide the loss: the heights of these few samples are then read
on the straight line to the cell itself, which removes nearly all of the error of borrowing a radial.
And near the mast, where radials run close together, the rays of a wedge share their samples.
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
#: Samples before the first of a profile that can never be an edge, so that scans run in whole vectors.
_PAD = 16
#: Part of a ray, from the mast on, that it takes over from the ray before it in its wedge.
_SHARED = 0.3
#: Last bits of a keyed value, which hold the index of a sample.
_INDEX = _I(4095)
#: Longest profile, in samples, that the keys can tell apart.
LONGEST = 4095 - _PAD
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


@_inlined
def _height_gain(b: Any, least: Any) -> Any:
    """Height gain of a terminal (eqs. 34, 35): part outside the logarithm in dB, and factor inside 20 log10.

    The lower limit `least` (not in dB) only ever binds where the gain is all logarithm.
    """
    if b > _TWO:
        over = b - F(1.1)
        return F(17.6) * math.sqrt(over) - F(8.0), _ONE / math.sqrt(math.sqrt(over))
    return F(0.0), max(b + F(0.1) * b * b * b, least)


@_inlined
def _first_term(radius: Any, d: Any, hte: Any, hre: Any, root_f: Any, ground: Any) -> Any:
    """First term of the spherical-earth series in dB (eqs. 29 to 36), its logarithms taken together.

    ``radius`` is the effective earth radius in km, ``root_f`` the cube root of the frequency in GHz,
    ``ground`` the factor of eq. 29 that depends on the ground alone.
    """
    root_r = math.exp(math.log(radius) / F(3.0))
    k = F(0.036) * ground / (root_r * root_f)
    k2 = k * k
    beta = (_ONE + F(1.6) * k2 + F(0.67) * k2 * k2) / (_ONE + F(4.5) * k2 + F(1.53) * k2 * k2)
    x = F(21.88) * beta * root_f / (root_r * root_r) * d
    y = F(0.9575) * beta * root_f * root_f / root_r
    least = F(1.258925412) * k
    gain_t, factor_t = _height_gain(beta * y * hte, least)
    gain_r, factor_r = _height_gain(beta * y * hre, least)
    factors = factor_t * factor_r
    if x >= F(1.6):
        plain = F(11.0) - F(17.6) * x
        inside = x * factors * factors
    else:
        plain = F(-5.6488) * math.exp(F(1.425) * math.log(x))
        inside = factors * factors / (x * x)
    return -plain - gain_t - gain_r - F(10.0) * math.log10(inside)


@_jit
def _reflection_point(d: Any, hte: Any, hre: Any, radius: Any) -> Any:
    """Distance in km from the transmitter where a smooth earth is least cleared (eqs. 24)."""
    c = (hte - hre) / (hte + hre)
    m = F(250.0) * d * d / (radius * (hte + hre))
    inner = F(1.5) * c * math.sqrt(F(3.0) * m / ((m + _ONE) * (m + _ONE) * (m + _ONE)))
    # cos(pi/3 + acos(c)/3) = sin(asin(c)/3); the arc sine by Abramowitz and Stegun 4.4.45, to 7e-5.
    size = min(abs(inner), _ONE)
    arc = ((F(-0.0187293) * size + F(0.0742610)) * size - F(0.2121144)) * size + F(1.5707288)
    third = (F(math.pi / 2.0) - math.sqrt(_ONE - size) * arc) / F(3.0)
    square = third * third
    sine = third * (_ONE - square * (F(1.0 / 6.0) - square * F(1.0 / 120.0)))
    b = _TWO * math.sqrt((m + _ONE) / (F(3.0) * m)) * (sine if inner > F(0.0) else -sine)
    return _HALF * d * (_ONE + b)


@_jit
def _spherical(d: Any, hte: Any, hre: Any, radius: Any, root_f: Any, wavelength: Any, ground: Any, d1: Any) -> Any:
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
    return share * max(_first_term(radius, d, hte, hre, root_f, ground), F(0.0))


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


@_inlined
def _keyed(value: Any, i: Any) -> Any:
    """Value of a positive float32 as an ordered integer whose last bits hold an index."""
    return _I(_I(F(value).view(np.int32) & ~_INDEX) | _I(i))


@_jit
def _tightest(line: Any, first: Any, last: Any, d: Any, hts: Any, slope: Any) -> Any:
    """Sample with the least of clearance squared over d1 d2 along a profile in line of sight."""
    best = _I(0x7F000000)
    x, curved = line[0], line[2]
    for i in range(np.uintp(first), np.uintp(last + 1)):
        clear = hts + slope * x[i] - curved[i]
        best = min(best, _keyed(clear * clear / (x[i] * (d - x[i])), i))
    return np.intp(best & _INDEX)


@_jit
def _steepest_back(line: Any, first: Any, last: Any, d: Any, hts: Any, slope: Any, flat: Any) -> Any:
    """Sample of the largest height above the straight line over the distance to the receiver; 0 for none."""
    best = _I(0)
    top = _I(0)
    behind = _I(0)
    x, h, curved = line[0], line[1], line[2]
    for i in range(np.uintp(first), np.uintp(last + 1)):
        per_km = _ONE / (d - x[i])
        best = max(best, _keyed((curved[i] - hts - slope * x[i]) * per_km, i))
        over = h[i] - hts - flat * x[i]
        top = max(top, F(over).view(np.int32))
        behind = max(behind, F(over * per_km).view(np.int32))
    return np.intp(best & _INDEX), _I(top).view(np.float32), _I(behind).view(np.float32)


@_inlined
def _own(terrain: Any, clutter: Any, row: Any, col: Any, uy: Any, ux: Any, i: Any, x: Any, curve: Any) -> Any:
    """Curved height with clutter of a sample on the straight line to a pixel."""
    row += uy * i
    col += ux * i
    height = _bilinear(terrain, row, col)
    if clutter.shape[0] > 0:
        height += _nearest(clutter, row, col)
    return height - curve * x * x


@_inlined
def _two_edges(rise: Any, fall: Any, d: Any, slope: Any, wavelength: Any) -> Any:
    """Parameter nu of the Bullington point of a blocked path (eqs. 18 to 20).

    ``rise`` and ``fall`` are the steepest slopes in m/km seen from the transmitter and, above the
    straight line of slope ``slope``, from the receiver.
    """
    over = rise - slope
    point = fall * d / (over + fall)
    return over * point * math.sqrt(F(0.002) * d / (wavelength * point * (d - point)))


@_inlined
def _whole_vectors(last: Any) -> Any:
    """First sample of a scan that ends at `last` and fills whole vectors of 16."""
    return last + 1 - ((last - _PAD + 15) // 16) * 16


@_inlined
def _edges(
    terrain: Any, clutter: Any, mast_row: Any, mast_col: Any, uy: Any, ux: Any, line: Any, last: Any, d: Any, hts: Any,
    hrs: Any, curve: Any, wavelength: Any,
) -> Any:  # fmt: skip
    """Parameter nu of the deciding edges (eqs. 14 to 20), of which a radial knows the place.

    Heights are read on the straight line to the receiver, whose direction is (`uy`, `ux`): at the
    sample that rises highest from the mast, and around the one that decides from the receiver.

    Returns
    -------
    nu, top, behind : float32
        The latter two as from :func:`_steepest_back`; `behind` is negative where it was not looked for.
    """
    x = line[0]
    flat = (hrs - hts) / d
    # Slope of the straight line in the frame where the earth is flat and the profile curved.
    slope = flat - curve * d
    first = _whole_vectors(last)
    edge = np.intp(line[5, last])
    over = _own(terrain, clutter, mast_row, mast_col, uy, ux, edge - _PAD, x[edge], curve) - hts
    rise = over / x[edge]
    fall = max(F(0.0), (over - slope * x[edge]) / (d - x[edge]))
    if rise < slope:
        at = _tightest(line, first, last, d, hts, slope)
        least = _LARGE
        for i in range(max(at - 1, _PAD + 1), min(at + 1, last) + 1):
            clear = hts + slope * x[i] - _own(terrain, clutter, mast_row, mast_col, uy, ux, i - _PAD, x[i], curve)
            least = min(least, clear * abs(clear) / (x[i] * (d - x[i])))
        nu = math.sqrt(abs(least) * F(0.002) * d / wavelength)
        return (-nu if least > F(0.0) else nu), F(0.0), F(-1.0)
    at, top, behind = _steepest_back(line, first, last, d, hts, slope, flat)
    if at != edge:
        for i in range(max(at - 1, _PAD + 1), min(at + 1, last) + 1):
            over = _own(terrain, clutter, mast_row, mast_col, uy, ux, i - _PAD, x[i], curve) - hts
            rise = max(rise, over / x[i])
            fall = max(fall, (over - slope * x[i]) / (d - x[i]))
    return _two_edges(rise, fall, d, slope, wavelength), top, behind


@_inlined
def _profile_edges(line: Any, last: Any, d: Any, hts: Any, hrs: Any, curve: Any, wavelength: Any) -> Any:
    """As :func:`_edges` for a receiver on the profile itself."""
    x, curved = line[0], line[2]
    flat = (hrs - hts) / d
    slope = flat - curve * d
    first = _whole_vectors(last)
    edge = np.intp(line[5, last])
    rise = (curved[edge] - hts) / x[edge]
    if rise < slope:
        i = _tightest(line, first, last, d, hts, slope)
        clear = hts + slope * x[i] - curved[i]
        return -clear * math.sqrt(F(0.002) * d / (wavelength * x[i] * (d - x[i]))), F(0.0), F(-1.0)
    i, top, behind = _steepest_back(line, first, last, d, hts, slope, flat)
    i = i if i > 0 else edge
    fall = max(F(0.0), (curved[i] - hts - slope * x[i]) / (d - x[i]))
    return _two_edges(rise, fall, d, slope, wavelength), top, behind


@_inlined
def _diffraction(
    line: Any, last: Any, step: Any, d: Any, ground_t: Any, ground_r: Any, htg: Any, hrg: Any, edges: Any,
    rise_bare: Any, v1: Any, v2: Any, wavelength: Any, root_f: Any, radius: Any, soil: Any,
) -> Any:  # fmt: skip
    """Delta-Bullington diffraction loss in dB for median time (§4.3.4) at one receiver.

    Parameters
    ----------
    line : ndarray
        As in :func:`_receive`.
    last : int
        Index in it of the last sample before the receiver.
    step : float32
        Spacing of the samples in km.
    d, ground_t, ground_r, htg, hrg : float32
        Path length in km, ground at the ends and antennas above it in m.
    edges : tuple
        From :func:`_edges` or :func:`_profile_edges`.
    rise_bare : float32
        Steepest slope in m/km seen from the transmitter over the bare profile on a flat earth.
    v1, v2 : float64
        Sums of eqs. 81 and 82 over the whole path.
    wavelength, root_f, radius, soil : float32
        Wavelength in m, cube root of the frequency in GHz, effective earth radius in km, ground
        factor of eq. 30.
    """
    nu, top, alpha_r = edges
    curve = F(500.0) / radius
    hts = ground_t + htg
    hrs = ground_r + hrg
    actual = _bullington(knife_edge(nu), d)

    smooth_t = F((2.0 * v1 * d - v2) / (float(d) * d))
    smooth_r = F((v2 - v1 * d) / (float(d) * d))
    flat = (hrs - hts) / d
    alpha_t = rise_bare - flat
    if alpha_t > F(0.0):
        if alpha_r < F(0.0):
            _at, top, alpha_r = _steepest_back(line, _whole_vectors(last), last, d, hts, flat, flat)
        smooth_t -= top * alpha_t / (alpha_t + alpha_r)
        smooth_r -= top * alpha_r / (alpha_t + alpha_r)
    hte = hts - min(smooth_t, ground_t)
    hre = hrs - min(smooth_r, ground_r)
    d1 = _reflection_point(d, hte, hre, radius)
    sphere = _spherical(d, hte, hre, radius, root_f, wavelength, soil, d1)
    if sphere > F(0.0):
        actual += max(sphere - _smooth_bullington(d, last - _PAD, step, hte, hre, curve, wavelength, d1), F(0.0))
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
def _line(size: Any, pixel_km: Any) -> Any:
    """Room for a profile as in :func:`_receive`, with what no ray changes filled in."""
    line = np.empty((6, size), dtype=np.float32)
    # Loops, because assigning to slices would make numba compile string formatting for its errors.
    for i in range(_PAD, size):
        line[0, i] = F((i - _PAD) * pixel_km)
        line[3, i] = F(1.0 / max((i - _PAD) * pixel_km, 1e-3))
    # Far below any ground, somewhere on the way.
    for i in range(_PAD + 1):
        line[0, i] = F(1e-3)
        line[1, i] = line[2, i] = F(-1e15)
    line[0, _PAD] = F(0.0)
    return line


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
    line = _line(longest + _PAD, 1.0)
    x, h, curved = line[0], line[1], line[2]
    for p in range(paths):
        n = offsets[p + 1] - offsets[p]
        step = F(step_km[p])
        freq = F(f[p])
        curve = F(500.0 / radius[p])
        hts = ground[offsets[p]] + F(htg[p])
        steepest = -_LARGE
        bare = -_LARGE
        v1 = 0.0
        v2 = 0.0
        at = _PAD + 1
        for k in range(n):
            i = k + _PAD
            x[i] = F(k) * step
            h[i] = ground[offsets[p] + k]
            curved[i] = h[i] + clutter[offsets[p] + k] - curve * x[i] * x[i]
            if k > 0:
                v1 += float(step) * (h[i] + h[i - 1])
                v2 += float(step) * (h[i] * (2.0 * x[i] + x[i - 1]) + h[i - 1] * (x[i] + 2.0 * x[i - 1]))
                if k < n - 1:
                    bare = max(bare, (h[i] - hts) / x[i])
                    if (curved[i] - hts) / x[i] > steepest:
                        steepest = (curved[i] - hts) / x[i]
                        at = i
            line[5, i] = F(at)
        last = n - 2 + _PAD
        d = x[last + 1]
        hrs = h[last + 1] + F(hrg[p])
        up = (hts - hrs) * F(0.001)
        loss = F(92.4) + F(20.0) * math.log10(freq) + F(10.0) * math.log10(d * d + up * up)
        if n > 2:
            wavelength = F(0.299792458) / freq
            edges = _profile_edges(line, last, d, hts, hrs, curve, wavelength)
            loss += _diffraction(
                line, last, step, d, h[_PAD], h[last + 1], F(htg[p]), F(hrg[p]), edges, bare, v1, v2, wavelength,
                F(f[p] ** (1.0 / 3.0)), F(radius[p]), _soil(freq),
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
    terrain: Any, clutter: Any, mast_row: Any, mast_col: Any, uy: Any, ux: Any, begin: Any, last: Any, curve: Any,
    hts: Any, line: Any, sums: Any,
) -> None:  # fmt: skip
    """Fill the samples after `begin` up to `last` of a radial: `line` and `sums` as in :func:`_receive`."""
    x, h, curved, ahead, bare, edge = line[0], line[1], line[2], line[3], line[4], line[5]
    steepest, steepest_bare = -_LARGE, -_LARGE
    at: Any = 1
    area, moment = sums[0, begin + _PAD], sums[1, begin + _PAD]
    if begin > 0:
        at = np.intp(edge[begin + _PAD]) - _PAD
        steepest, steepest_bare = (curved[at + _PAD] - hts) * ahead[at + _PAD], bare[begin + _PAD]
    covered = clutter.shape[0] > 0
    for i in range(begin + 1, last + 1):
        row = mast_row + uy * i
        col = mast_col + ux * i
        ground = _bilinear(terrain, row, col)
        top = ground
        if covered:
            top += _nearest(clutter, row, col)
        height = top - curve * x[i + _PAD] * x[i + _PAD]
        per_km = ahead[i + _PAD]
        slope = (height - hts) * per_km
        if slope > steepest:
            steepest = slope
            at = i
        steepest_bare = max(steepest_bare, (ground - hts) * per_km)
        area += ground
        moment += ground * float(i)
        h[i + _PAD], curved[i + _PAD], bare[i + _PAD] = ground, height, steepest_bare
        edge[i + _PAD] = F(at + _PAD)
        sums[0, i + _PAD], sums[1, i + _PAD] = area, moment


@_inlined
def _receive(
    terrain: Any, clutter: Any, mast_row: Any, mast_col: Any, uy: Any, ux: Any, line: Any, sums: Any, pixels: Any,
    pixel_km: Any, ground_t: Any, ground_r: Any, htg: Any, hrg: Any, wavelength: Any, root_f: Any, free: Any,
    radius: Any, soil: Any,
) -> Any:  # fmt: skip
    """Loss in dB at a receiver behind a radial's samples, at its own distance and ground.

    Parameters
    ----------
    terrain, clutter, mast_row, mast_col
        As in :func:`sweep`.
    uy, ux : float64
        Direction from the mast to the receiver, in rows and columns per pixel.
    line : ndarray, shape (6, samples), float32
        The radial's samples, after ``_PAD`` that count for nothing: distance (km), ground (m), ground
        with clutter less curvature (m), one over the distance; steepest slope up to each sample
        over the bare ground, and index of the sample that rises steepest over the curved one, both
        seen from the transmitter.
    sums : ndarray, shape (2, samples), float64
        Sums of the ground, and of the ground times the number of the sample, from the first after
        the mast on: eqs. 85 and 86 follow from them.
    pixels : float64
        Distance in pixels; samples nearer than half a pixel to the receiver are left out.
    ground_t, ground_r, htg, hrg, wavelength, root_f, radius, soil : float32
        As in :func:`_diffraction`.
    free : float32
        Free-space loss at 1 km.
    """
    h = line[1]
    whole = pixels * pixel_km
    d = max(F(whole), F(0.001))
    up = (ground_t + htg - ground_r - hrg) * F(0.001)
    loss = free + F(10.0) * math.log10(d * d + up * up)
    last = int(pixels - 0.5)
    if last < 1:
        return loss
    to_last = last * pixel_km
    last += _PAD
    at_last = float(h[last])
    area = pixel_km * (2.0 * sums[0, last] - at_last + ground_t) + (whole - to_last) * (ground_r + at_last)
    moment = pixel_km * pixel_km * (6.0 * sums[1, last] - at_last * (3.0 * (last - _PAD) + 1.0) + ground_t)
    moment += (whole - to_last) * (ground_r * (2.0 * whole + to_last) + at_last * (whole + 2.0 * to_last))
    edges = _edges(
        terrain, clutter, mast_row, mast_col, uy, ux, line, last, d, ground_t + htg, ground_r + hrg,
        F(500.0) / radius, wavelength,
    )  # fmt: skip
    return loss + _diffraction(
        line, last, F(pixel_km), d, ground_t, ground_r, htg, hrg, edges, line[4, last], area, moment, wavelength,
        root_f, radius, soil,
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
        enough = useful[row - out_row, col - out_col]
        # Most that do not matter do not matter at all, and need no logarithm.
        if enough > -_LARGE and _free_space(F(distances[i] * pixel_km), top - terrain[row, col], f) <= enough:
            rows[kept], cols[kept], distances[kept] = row, col, distances[i]
            kept += 1
    return kept


@_jit
def _outermost(rays: Any, ray: Any, distances: Any, count: Any) -> Any:
    """Distance of the outermost listed pixel of a ray; 0 where it has none."""
    farthest = 0.0
    for i in range(count):
        if rays[i] == ray:
            farthest = max(farthest, distances[i])
    return farthest


@_jit
def _farthest(distances: Any, count: Any) -> Any:
    """Distance of the outermost listed pixel; 0 for none."""
    farthest = 0.0
    for i in range(count):
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
        Rays of a wedge, odd, so that the middle of the wedge has one. Near the mast, up to a part of
        the way to the rim, all share the samples of the middle one.
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
    wavelength = F(0.299792458 / f)
    root_f = F(f ** (1.0 / 3.0))
    free = F(92.4 + 20.0 * math.log10(f))
    ground_t = _bilinear(terrain, mast_row, mast_col)
    size = int(reach) + 4 + _PAD
    line = _line(size, pixel_km)
    line[1, _PAD] = ground_t
    sums = np.zeros((2, size), dtype=np.float64)
    rows = np.empty(4 * size, dtype=np.intp)
    cols = np.empty(4 * size, dtype=np.intp)
    distances = np.empty(4 * size, dtype=np.float64)
    rays = np.empty(4 * size, dtype=np.intp)
    turn = 2.0 * math.pi / radials
    per_ray = fine / turn
    # From the whole circle alone, so that the result does not depend on what is looked at.
    common = int(_SHARED / turn)
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
            rays[i] = math.floor(aside / distances[i] * per_ray + 0.5)
        near = min(common, int(_farthest(distances, count)))
        # The middle ray comes first, and its mirror images follow, so that the order has no handedness.
        for order in range(fine):
            ray = (order + 1) // 2 if order % 2 == 1 else -(order // 2)
            farthest = _outermost(rays, ray, distances, count)
            if count == 0 or (order > 0 and farthest <= 0.0):
                continue
            angle = turn * (radial + ray / fine)
            _trace(
                terrain, clutter, mast_row, mast_col, math.sin(angle), math.cos(angle), 0 if order == 0 else near,
                max(int(farthest), near) + 1, F(500.0 / radius), ground_t + up, line, sums,
            )  # fmt: skip
            for i in range(count):
                if rays[i] == ray:
                    row, col = rows[i], cols[i]
                    loss = _receive(
                        terrain, clutter, mast_row, mast_col, (row - mast_row) / distances[i],
                        (col - mast_col) / distances[i], line, sums, distances[i], pixel_km, ground_t,
                        terrain[row, col], up, down, wavelength, root_f, free, earth, soil,
                    )  # fmt: skip
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
