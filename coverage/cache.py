"""Results kept by content: the key is made of everything that a result depends on.

The key covers the inputs' bytes, the source text of the package and the versions of the numeric
libraries, so an entry can never be stale. The store is bounded on disk and safe for several
processes (diskcache); an entry that cannot be read is made again.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sqlite3
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import cache, singledispatch
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


def writable() -> bool:
    """Whether results can be kept at all."""
    try:
        return bool(_store(folder()).set("writable", b""))
    except (OSError, sqlite3.Error, diskcache.Timeout):
        return False


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
        _feed(part, digest)
    return digest.hexdigest()


@singledispatch
def _feed(part: Any, digest: Any) -> None:  # noqa: ARG001 - the shape that the kinds below share
    raise TypeError(f"no content key for {type(part).__name__}")


@_feed.register(type(None))
@_feed.register(bool)
@_feed.register(int)
@_feed.register(float)
@_feed.register(str)
@_feed.register(bytes)
def _feed_scalar(part: Any, digest: Any) -> None:
    digest.update(f"{type(part).__name__}:{part!r};".encode())


@_feed.register(list)
@_feed.register(tuple)
def _feed_sequence(part: list[Any] | tuple[Any, ...], digest: Any) -> None:
    digest.update(f"{len(part)}[".encode())
    for item in part:
        _feed(item, digest)


@_feed.register
def _feed_dict(part: dict, digest: Any) -> None:  # type: ignore[type-arg]
    _feed([(name, part[name]) for name in sorted(part)], digest)


@_feed.register
def _feed_array(part: np.ndarray, digest: Any) -> None:
    if part.dtype == object:
        raise TypeError("no content key for an array of objects")
    digest.update(f"{part.dtype.str}{part.shape}".encode())
    digest.update(np.ascontiguousarray(part).tobytes())


@_feed.register
def _feed_raster(part: Raster, digest: Any) -> None:
    _feed([part.values, tuple(part.transform), part.crs], digest)


@_feed.register(pd.Series)
@_feed.register(pd.Index)
def _feed_column(part: Any, digest: Any) -> None:
    if part.dtype == "geometry":
        _feed([bytes(wkb) for wkb in shapely.to_wkb(np.asarray(part))], digest)
    elif part.dtype.kind in "iufb":
        _feed(np.asarray(part), digest)
    else:
        _feed([None if pd.isna(value) else str(value) for value in part], digest)


@_feed.register
def _feed_frame(part: pd.DataFrame, digest: Any) -> None:
    _feed([part.index, *((str(name), part[name]) for name in part.columns), str(getattr(part, "crs", ""))], digest)


def remembered(name: str, content: str, make: Callable[[], T], keep: Callable[[T], bool] = lambda _result: True) -> T:
    """The result kept under ``name`` and ``content``, made now if there is none that can be read.

    While anybody in this process still holds the result it is the same object: nobody may change it.

    Parameters
    ----------
    name : str
        Kind of result, a prefix of the key.
    content : str
        Digest of all inputs, from :func:`key`.
    make : callable
        Computes the result; its errors pass through and nothing is kept.
    keep : callable, optional
        Whether a result may be kept: not what the user stopped half-way.
    """
    label = f"{name}-{content}"
    place = (folder(), label)
    if (alive := _alive.get(place)) is not None:
        return cast(T, alive)
    try:
        store = _store(folder())
        kept = store.get(label)
        if isinstance(kept, bytes):
            return _share(place, cast(T, pickle.loads(kept)))  # noqa: S301 - the user's own private folder
    except (OSError, diskcache.Timeout, pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError):
        store = None
    result = make()
    if store is not None and keep(result):
        try:
            store.set(label, pickle.dumps(result, protocol=5))
        except (OSError, diskcache.Timeout):  # a full or read-only disk costs speed, not the result
            return result
        return _share(place, result)
    return result


#: Results that somebody holds: analyses that differ in their plan alone share all the rest.
_alive: weakref.WeakValueDictionary[tuple[Path, str], Any] = weakref.WeakValueDictionary()


def _share(place: tuple[Path, str], result: T) -> T:
    with suppress(TypeError):  # plain containers cannot be held weakly
        _alive[place] = result
    return result
