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

_jit = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "arcp", "nsz"})


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
def _height_gain(b: Any, k: Any) -> Any:
    """Height gain G(Y) in dB of a terminal (eqs. 35, 36)."""
    if b > _TWO:
        gain = F(17.6) * math.sqrt(b - F(1.1)) - F(5.0) * math.log10(b - F(1.1)) - F(8.0)
    else:
        gain = F(20.0) * math.log10(b + F(0.1) * b * b * b)
    return max(gain, _TWO + F(20.0) * math.log10(k))


@_jit
def _first_term(radius: Any, d: Any, hte: Any, hre: Any, f: Any, ground: Any) -> Any:
    """First term of the spherical-earth series in dB (eqs. 29 to 37).

    ``radius`` is the effective earth radius in km, ``ground`` the factor of eq. 30 that depends
    on the ground alone.
    """
    root_f = math.exp(math.log(f) / F(3.0))
    root_r = math.exp(math.log(radius) / F(3.0))
    k = F(0.036) * ground / (root_r * root_f)
    k2 = k * k
    beta = (_ONE + F(1.6) * k2 + F(0.67) * k2 * k2) / (_ONE + F(4.5) * k2 + F(1.53) * k2 * k2)
    x = F(21.88) * beta * root_f / (root_r * root_r) * d
    y = F(0.9575) * beta * root_f * root_f / root_r
    if x >= F(1.6):
        fx = F(11.0) + F(10.0) * math.log10(x) - F(17.6) * x
    else:
        log_x = math.log10(x)
        fx = F(-20.0) * log_x - F(5.6488) * math.exp(F(1.425) * F(2.302585093) * log_x)
    return -fx - _height_gain(beta * y * hte, k) - _height_gain(beta * y * hre, k)


@_jit
def _reflection_point(d: Any, hte: Any, hre: Any, radius: Any) -> Any:
    """Distance in km from the transmitter where a smooth earth is least cleared (eqs. 25)."""
    c = (hte - hre) / (hte + hre)
    m = F(250.0) * d * d / (radius * (hte + hre))
    inner = F(1.5) * c * math.sqrt(F(3.0) * m / ((m + _ONE) * (m + _ONE) * (m + _ONE)))
    inner = max(F(-1.0), min(_ONE, inner))
    b = _TWO * math.sqrt((m + _ONE) / (F(3.0) * m)) * math.cos(F(math.pi / 3.0) + math.acos(inner) / F(3.0))
    return _HALF * d * (_ONE + b)


@_jit
def _spherical(d: Any, hte: Any, hre: Any, radius: Any, f: Any, wavelength: Any, ground: Any, d1: Any) -> Any:
    """Spherical-earth diffraction loss in dB (§4.3.2, eqs. 22 to 28); ``d1`` is the reflection point."""
    roots = math.sqrt(hte) + math.sqrt(hre)
    horizon = math.sqrt(_TWO * radius) * F(0.0316227766) * roots
    if d >= horizon:
        return max(_first_term(radius, d, hte, hre, f, ground), F(0.0))
    d2 = d - d1
    clearance = ((hte - F(500.0) * d1 * d1 / radius) * d2 + (hre - F(500.0) * d2 * d2 / radius) * d1) / d
    needed = F(17.456) * math.sqrt(d1 * d2 * wavelength / d)
    if clearance >= needed:
        return F(0.0)
    modified = F(500.0) * (d / roots) * (d / roots)
    loss = _first_term(modified, d, hte, hre, f, ground)
    if loss <= F(0.0):
        return F(0.0)
    return (_ONE - clearance / needed) * loss


@_jit
def _smooth_nu(at: Any, d: Any, hte: Any, hre: Any, curve: Any, wavelength: Any) -> Any:
    """Diffraction parameter of a point of the smooth earth (eq. 15 with g = 0)."""
    rest = d - at
    height = curve * at * rest - (hte * rest + hre * at) / d
    return height * math.sqrt(F(0.002) * d / (wavelength * at * rest))


@_jit
def _smooth_bullington(d: Any, last: Any, step: Any, hte: Any, hre: Any, curve: Any, wavelength: Any, d1: Any) -> Any:
    """Bullington loss in dB over the smooth earth sampled like the profile (§4.3.4).

    Its three maxima have known places, so only the two samples around each are looked at.
    """
    slope = (hre - hte) / d
    near = _I(math.sqrt(hte / curve) / step)
    rise = -_LARGE
    for i in range(near, near + 2):
        at = F(min(max(i, 1), last)) * step
        rise = max(rise, curve * (d - at) - hte / at)
    if rise < slope:
        near = _I(d1 / step)
        nu = -_LARGE
        for i in range(near, near + 2):
            nu = max(nu, _smooth_nu(F(min(max(i, 1), last)) * step, d, hte, hre, curve, wavelength))
        return _bullington(knife_edge(nu), d)
    near = _I((d - math.sqrt(hre / curve)) / step)
    fall = -_LARGE
    for i in range(near, near + 2):
        at = F(min(max(i, 1), last)) * step
        fall = max(fall, curve * at - hre / (d - at))
    point = (hre - hte + fall * d) / (rise + fall)
    rest = d - point
    height = hte + rise * point - (hte * rest + hre * point) / d
    return _bullington(knife_edge(height * math.sqrt(F(0.002) * d / (wavelength * point * rest))), d)


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


@_jit
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


@_jit
def _bilinear(grid: Any, row: Any, col: Any) -> Any:
    """Height between pixel centres; outside the grid that of its nearest edge."""
    rows, cols = grid.shape
    row = min(max(row, 0.0), rows - 1.0)
    col = min(max(col, 0.0), cols - 1.0)
    top = min(np.intp(row), rows - 2) if rows > 1 else 0
    left = min(np.intp(col), cols - 2) if cols > 1 else 0
    down = min(top + 1, rows - 1)
    right = min(left + 1, cols - 1)
    v = F(row - top)
    u = F(col - left)
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


@_jit
def sweep(
    terrain: Any, clutter: Any, mast_row: Any, mast_col: Any, htg: Any, hrg: Any, pixel_km: Any, reach: Any, f: Any,
    radius: Any, radials: Any, first: Any, last: Any, out: Any, out_row: Any, out_col: Any,
) -> None:  # fmt: skip
    """Median loss from a mast to every pixel within reach, in 64ths of a dB.

    Radials go out from the mast, sampled every pixel; each pixel is the receiver of the radial
    nearest to it, with its own distance and ground height.

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
    pixel_km, reach : float
        Pixel size in km and radius in pixels.
    f, radius : float
        Frequency in GHz, effective earth radius in km.
    radials, first, last : int
        Number of radials of the whole circle (a multiple of 8) and the part to do now.
    out : ndarray, uint16
        Window of the terrain to fill; 0 where nothing was computed.
    out_row, out_col : int
        Row and column of the window's first pixel in the terrain.
    """
    rows, cols = terrain.shape
    size = int(reach) + 4
    step = F(pixel_km)
    curve = F(500.0 / radius)
    freq = F(f)
    earth = F(radius)
    soil = _soil(freq)
    up = F(htg)
    down = F(hrg)
    ground_t = _bilinear(terrain, mast_row, mast_col)
    hts = ground_t + up
    x = np.empty(size, dtype=np.float32)
    h = np.empty(size, dtype=np.float32)
    curved = np.empty(size, dtype=np.float32)
    rise = np.empty(size, dtype=np.float32)
    bare = np.empty(size, dtype=np.float32)
    v1 = np.empty(size, dtype=np.float64)
    v2 = np.empty(size, dtype=np.float64)
    for i in range(size):
        x[i] = F(i) * step
    for radial in range(first, last):
        angle = 2.0 * math.pi * radial / radials
        ux = math.cos(angle)
        uy = math.sin(angle)
        way = min(reach, _way_out(mast_row, uy, rows) + 1.0, _way_out(mast_col, ux, cols) + 1.0)
        if way <= 0.0:
            continue
        # The profile along the radial with its running maxima and sums.
        h[0] = ground_t
        curved[0] = ground_t
        v1[0] = 0.0
        v2[0] = 0.0
        rise[0] = -_LARGE
        bare[0] = -_LARGE
        for i in range(1, int(way) + 2):
            row = mast_row + uy * i
            col = mast_col + ux * i
            ground = _bilinear(terrain, row, col)
            top = ground
            if clutter.shape[0] > 0:
                top += _nearest(clutter, row, col)
            h[i] = ground
            curved[i] = top - curve * x[i] * x[i]
            rise[i] = max(rise[i - 1], (curved[i] - hts) / x[i])
            bare[i] = max(bare[i - 1], (ground - hts) / x[i])
            v1[i] = v1[i - 1] + pixel_km * (h[i] + h[i - 1])
            v2[i] = v2[i - 1] + pixel_km * pixel_km * (h[i] * (3.0 * i - 1.0) + h[i - 1] * (3.0 * i - 2.0))
        # Pixels between this radial's two boundaries, along the axis it is closest to.
        before = 2.0 * math.pi * (radial - 0.5) / radials
        after = 2.0 * math.pi * (radial + 0.5) / radials
        along_cols = abs(ux) >= abs(uy)
        if along_cols:
            near, far = math.tan(before), math.tan(after)
            outward, mast_major, mast_minor = ux > 0.0, mast_col, mast_row
            majors, minors = cols, rows
        else:
            near, far = math.cos(before) / math.sin(before), math.cos(after) / math.sin(after)
            outward, mast_major, mast_minor = uy > 0.0, mast_row, mast_col
            majors, minors = rows, cols
        if outward:
            begin, end, stride = math.ceil(mast_major), min(int(mast_major + way) + 1, majors), 1
            begin = max(begin, 0)
        else:
            begin, end, stride = math.floor(mast_major), max(math.floor(mast_major - way), 0) - 1, -1
            begin = min(begin, majors - 1)
        for major in range(begin, end, stride):
            away = major - mast_major
            if outward == along_cols:
                low = math.ceil(mast_minor + away * near)
                high = math.ceil(mast_minor + away * far) - 1
            else:
                low = math.floor(mast_minor + away * far) + 1
                high = math.floor(mast_minor + away * near)
            for minor in range(max(low, 0), min(high, minors - 1) + 1):
                aside = minor - mast_minor
                pixels = math.sqrt(away * away + aside * aside)
                if pixels > reach:
                    continue
                row_in, col_in = (minor, major) if along_cols else (major, minor)
                ground_r = terrain[row_in, col_in]
                d = max(F(pixels * pixel_km), F(0.001))
                loss = _free_space(d, hts - ground_r - down, freq)
                behind = int(pixels - 0.5)
                if behind >= 1:
                    rest = pixels * pixel_km - behind * pixel_km
                    sum1 = v1[behind] + rest * (ground_r + h[behind])
                    whole = pixels * pixel_km
                    sum2 = v2[behind] + rest * (
                        ground_r * (2.0 * whole + behind * pixel_km) + h[behind] * (whole + 2.0 * behind * pixel_km)
                    )
                    loss += _diffraction(
                        x, h, curved, behind, step, d, ground_t, ground_r, up, down, rise[behind], bare[behind],
                        sum1, sum2, freq, earth, soil,
                    )  # fmt: skip
                out[row_in - out_row, col_in - out_col] = np.uint16(min(loss, F(1000.0)) * F(64.0) + _HALF)
    if first == 0 and mast_row == math.floor(mast_row) and mast_col == math.floor(mast_col):
        row_in, col_in = int(mast_row), int(mast_col)
        if 0 <= row_in < rows and 0 <= col_in < cols:
            loss = _free_space(F(0.001), up - down, freq)
            out[row_in - out_row, col_in - out_col] = np.uint16(loss * F(64.0) + _HALF)


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
