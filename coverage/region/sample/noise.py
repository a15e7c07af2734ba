"""Reproducible noise: gradient noise on a hashed lattice, the same on every machine and in every order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Eight unit vectors; a table, so that no library's trigonometry decides a byte of the result.
_D = 0.7071067811865476
_GRADIENT_X = np.array([1.0, _D, 0.0, -_D, -1.0, -_D, 0.0, _D])
_GRADIENT_Y = np.array([0.0, _D, 1.0, _D, 0.0, -_D, -1.0, -_D])


def _hash(i: NDArray[np.int64], j: NDArray[np.int64], seed: int) -> NDArray[np.uint32]:
    """Mix two lattice coordinates and a seed to 32 well-spread bits."""
    h = (
        i.astype(np.uint32) * np.uint32(0x9E3779B1)
        ^ j.astype(np.uint32) * np.uint32(0x85EBCA77)
        ^ np.uint32(seed * 0xC2B2AE3D & 0xFFFFFFFF)
    )
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x2C1B3C6D)
    h ^= h >> np.uint32(12)
    h *= np.uint32(0x297A2D39)
    h ^= h >> np.uint32(15)
    return h


def gradient_noise(x: Floats, y: Floats, wavelength: float, seed: int) -> Floats:
    """Smooth noise of one wavelength, about -1..1, with zero mean (Perlin's improved noise).

    Parameters
    ----------
    x, y : ndarray
        Coordinates in metres.
    wavelength : float
        Lattice spacing in metres.
    seed : int
        Another seed gives an independent field.
    """
    u, v = np.asarray(x, dtype=float) / wavelength, np.asarray(y, dtype=float) / wavelength
    i, j = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    fu, fv = u - i, v - j

    def corner(di: int, dj: int) -> Floats:
        direction = _hash(i + di, j + dj, seed) >> np.uint32(29)
        return np.asarray(_GRADIENT_X[direction] * (fu - di) + _GRADIENT_Y[direction] * (fv - dj))

    su = fu * fu * fu * (fu * (fu * 6 - 15) + 10)
    sv = fv * fv * fv * (fv * (fv * 6 - 15) + 10)
    low = corner(0, 0) * (1 - su) + corner(1, 0) * su
    high = corner(0, 1) * (1 - su) + corner(1, 1) * su
    return np.asarray(1.5 * (low * (1 - sv) + high * sv))


def ridged_noise(x: Floats, y: Floats, wavelength: float, octaves: int, seed: int) -> Floats:
    """Ridged multifractal noise, 0 (valley) to 1 (crest) (after F. K. Musgrave).

    Detail is multiplied by the height below it, so crests are rough and valley floors smooth.
    """
    total = np.zeros(np.shape(x))
    weight = np.ones(np.shape(x))
    amplitude, size, scale = 1.0, wavelength, 0.0
    for octave in range(octaves):
        signal = (1.0 - np.abs(gradient_noise(x, y, size, seed + octave))) ** 2
        total += amplitude * weight * signal
        weight = np.clip(signal * 1.6, 0.0, 1.0)
        scale += amplitude
        amplitude, size = amplitude * 0.5, size * 0.5
    return np.asarray(np.clip(total / scale, 0.0, 1.0))


def displaced(x: Floats, y: Floats, amount: float, wavelength: float, seed: int) -> tuple[Floats, Floats]:
    """Points moved by a smooth field: straight lines become natural ones, and neighbours stay neighbours.

    The field stays one-to-one while `amount` is below about a seventh of `wavelength`; a second
    octave of half the size follows the first.
    """
    half = wavelength / 2
    dx = gradient_noise(x, y, wavelength, seed) + 0.5 * gradient_noise(x, y, half, seed + 1)
    dy = gradient_noise(x, y, wavelength, seed + 2) + 0.5 * gradient_noise(x, y, half, seed + 3)
    return np.asarray(x + amount * dx), np.asarray(y + amount * dy)
