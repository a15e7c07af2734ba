"""Results kept by content: the key is made of everything that a result depends on.

The key covers the inputs' bytes, the source text of the package and the versions of the numeric
libraries, so an entry can never be stale. The store is bounded on disk and safe for several
processes (diskcache); an entry that cannot be read is made again.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

import diskcache
import numpy as np
import pandas as pd
import shapely

from coverage.raster import Raster

T = TypeVar("T")

_LIMIT_BYTES = 2 * 1024**3
_LIBRARIES = ("numpy", "pandas", "geopandas", "numba", "rasterio", "shapely", "highspy")


def folder() -> Path:
    """Where results are kept: ``JANGKAU_CACHE``, else the user's cache folder."""
    if chosen := os.environ.get("JANGKAU_CACHE"):
        return Path(chosen)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "jangkau"


@cache
def _store(path: Path) -> diskcache.Cache:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return diskcache.Cache(str(path), size_limit=_LIMIT_BYTES, eviction_policy="least-recently-used")


@cache
def code_digest(*rooms: str) -> str:
    """Digest of the source text of rooms of the package and of the numeric libraries' versions."""
    root = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=16)
    for room in rooms:
        path = root / room
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
        for file in files:
            digest.update(file.read_bytes())
    for name in _LIBRARIES:
        digest.update(f"{name}={version(name)};".encode())
    return digest.hexdigest()


def key(*parts: Any) -> str:
    """Digest of inputs: numbers, text, arrays, tables, rasters and containers of them.

    Raises
    ------
    TypeError
        For a part whose content cannot be told.
    """
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        _feed(digest, part)
    return digest.hexdigest()


def _feed(digest: Any, part: Any) -> None:
    digest.update(type(part).__name__.encode() + b"\0")
    if part is None or isinstance(part, (bool, int, float, str)):
        digest.update(repr(part).encode() + b"\0")
    elif isinstance(part, bytes):
        digest.update(part)
    elif isinstance(part, np.ndarray) and part.dtype != object:
        digest.update(f"{part.dtype.str}{part.shape}".encode() + np.ascontiguousarray(part).tobytes())
    elif isinstance(part, Raster):
        _feed(digest, part.values)
        digest.update(repr((tuple(part.transform), part.crs)).encode())
    elif isinstance(part, pd.DataFrame):
        _feed(digest, part.index)
        for name in part.columns:
            digest.update(str(name).encode() + b"\0")
            _feed(digest, part[name])
        digest.update(str(getattr(part, "crs", "")).encode())
    elif isinstance(part, (pd.Series, pd.Index)):
        if part.dtype == "geometry":
            _feed(digest, [bytes(wkb) for wkb in shapely.to_wkb(np.asarray(part))])
        elif part.dtype.kind in "iufb":
            _feed(digest, np.asarray(part))
        else:
            _feed(digest, [None if pd.isna(value) else str(value) for value in part])
    elif isinstance(part, (list, tuple)):
        digest.update(f"{len(part)}".encode())
        for item in part:
            _feed(digest, item)
    elif isinstance(part, dict):
        for name in sorted(part):
            _feed(digest, (name, part[name]))
    else:
        raise TypeError(f"no content key for {type(part).__name__}")


def remembered(name: str, content: str, make: Callable[[], T]) -> T:
    """The result kept under ``name`` and ``content``, made now if there is none that can be read.

    Parameters
    ----------
    name : str
        Kind of result, a prefix of the key.
    content : str
        Digest of all inputs, from :func:`key`.
    make : callable
        Computes the result; its errors pass through and nothing is kept.
    """
    label = f"{name}-{content}"
    try:
        store = _store(folder())
        kept = store.get(label)
        if isinstance(kept, bytes):
            return cast(T, pickle.loads(kept))  # noqa: S301 - the user's own private folder
    except (OSError, diskcache.Timeout, pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError):
        store = None
    result = make()
    if store is not None:
        try:
            store.set(label, pickle.dumps(result, protocol=5))
        except (OSError, diskcache.Timeout):  # a full or read-only disk costs speed, not the result
            return result
    return result
