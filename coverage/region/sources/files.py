"""Files as they were downloaded: what they really are, unpacked where needed, refused where not data."""

from __future__ import annotations

import contextlib
import gzip
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from coverage.region.quality import Report
from coverage.region.sources.columns import aliases
from coverage.region.sources.probe import Probe

#: The most that an archive may hold once unpacked.
LIMIT_BYTES = 2 * 1024**3
LIMIT_ENTRIES = 10_000

_MEGABYTE = 1024**2
_HEAD_BYTES = 2048
#: Kinds of files that can be read, best first where an archive holds several.
READABLE = (
    ".gpkg",
    ".shp",
    ".gdb",
    ".parquet",
    ".geojson",
    ".json",
    ".fgb",
    ".kml",
    ".tif",
    ".tiff",
    ".hgt",
    ".csv",
    ".txt",
    ".tsv",
    ".xlsx",
    ".xls",
    ".ods",
)
#: Bodies that servers send instead of data, saved under the name of the data.
_REFUSALS = (("RATE_LIMITED", "rate_limited"), ("INVALID_TOKEN", "invalid_token"))


@contextlib.contextmanager
def opened(path: Path, layer: str, report: Report) -> Iterator[Path]:
    """The file of data behind ``path``: itself, or what a ``.gz`` or ``.zip`` holds.

    Problems go to the report and are raised at once: nothing can be read from a file that is
    missing, empty or an error page. What was unpacked vanishes at the end of the block.

    Raises
    ------
    QualityError
        Where there is no data to read.
    """
    _refuse_what_is_no_data(path, layer, report)
    with opened_all(path, layer, report) as found:
        best = max(found, key=lambda p: _familiarity(p, layer)) if len(found) > 1 else found[0]
        if len(found) > 1:
            report.add("warning", "several_in_archive", layer, value=path.name, used=best.name)
        yield best


@contextlib.contextmanager
def opened_all(path: Path, layer: str, report: Report) -> Iterator[list[Path]]:
    """Every file of data behind ``path``: like :func:`opened`, for archives of several tiles."""
    _refuse_what_is_no_data(path, layer, report)
    with tempfile.TemporaryDirectory(prefix="jangkau-") as folder:
        try:
            found = _unpacked(path, Path(folder), layer, report)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, ValueError):
            report.add("error", "not_readable", layer, value=path.name)
            found = []
        report.refuse_errors(path.name)
        for inner in found:
            if inner != path and inner.is_file():
                _refuse_what_is_no_data(inner, layer, report)
        yield found


def _familiarity(path: Path, layer: str) -> int:
    """How many columns of a file bear a known name: the fourth level of an archive of four beats the others."""
    known = {name for names in aliases(layer).values() for name in names}
    return len(Probe(path).columns & known)


def _refuse_what_is_no_data(path: Path, layer: str, report: Report) -> None:
    if path.is_dir():
        if path.suffix.lower() != ".gdb":
            report.add("error", "not_readable", layer, value=path.name)
    elif not path.is_file():
        report.add("error", "missing_file", layer, value=path.name)
    elif code := refusal(path):
        report.add("error", code, layer, value=path.name)
    report.refuse_errors(path.name)


def refusal(path: Path) -> str:
    """The code of the problem where a file holds a server's refusal or nothing; empty where it may be data."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return "not_readable"
    text = head.decode("latin-1").lstrip("ï»¿ \r\n\t")
    if not text:
        return "empty_file"
    if text[:200].lower().startswith(("<!doctype html", "<html")):
        return "html_body"
    for word, code in _REFUSALS:
        if word in text[:200].upper():
            return code
    return ""


def _unpacked(path: Path, folder: Path, layer: str, report: Report) -> list[Path]:
    with contextlib.suppress(IsADirectoryError), path.open("rb") as stream:
        magic = stream.read(4)
        if magic[:2] == b"\x1f\x8b":
            return [_gunzip(path, folder, layer, report)]
        if magic == b"PK\x03\x04" and path.suffix.lower() not in {".xlsx", ".ods"}:
            return _unzip(path, folder, layer, report)
    return [path]


def _gunzip(path: Path, folder: Path, layer: str, report: Report) -> Path:
    name = path.name.removesuffix(".gz") if path.name.endswith(".gz") else path.name
    target = folder / name
    written = 0
    with gzip.open(path) as source, target.open("wb") as sink:
        while block := source.read(_MEGABYTE):
            written += len(block)
            if written > LIMIT_BYTES:
                report.add("error", "too_large", layer, value=path.name, limit=LIMIT_BYTES // _MEGABYTE)
                return path
            sink.write(block)
    return target


def _unzip(path: Path, folder: Path, layer: str, report: Report) -> list[Path]:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > LIMIT_ENTRIES or sum(entry.file_size for entry in entries) > LIMIT_BYTES:
            report.add("error", "too_large", layer, value=path.name, limit=LIMIT_BYTES // _MEGABYTE)
            return []
        if any(_unsafe(entry) for entry in entries):
            report.add("error", "unsafe_archive", layer, value=path.name)
            return []
        left = LIMIT_BYTES  # counted while unpacking: what an archive says of its sizes need not be true
        for entry in entries:
            if not entry.is_dir():
                left -= _extract(archive, entry, folder, left)
            if left < 0:
                report.add("error", "too_large", layer, value=path.name, limit=LIMIT_BYTES // _MEGABYTE)
                return []
    found = _candidates(folder)
    if not found:
        report.add("error", "nothing_in_archive", layer, value=path.name, kinds=" ".join(READABLE))
    kind = found[0].suffix.lower() if found else ""
    return [inner for inner in found if inner.suffix.lower() == kind]


def _unsafe(entry: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return name.is_absolute() or ".." in name.parts or ":" in entry.filename or is_link


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, left: int) -> int:
    """Unpack one file, but for little more than ``left`` bytes; how many were written."""
    written = 0
    target = folder / entry.filename.replace("\\", "/")
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as sink:
        while written <= left and (block := source.read(_MEGABYTE)):
            written += sink.write(block)
    return written


def _candidates(folder: Path) -> list[Path]:
    """Readable files and FileGDB folders, best kind first, then by name."""
    found = []
    for path in sorted(folder.rglob("*")):
        inside_gdb = any(parent.suffix.lower() == ".gdb" for parent in path.relative_to(folder).parents)
        hidden = path.name.startswith(".") or "__MACOSX" in path.parts
        if path.suffix.lower() in READABLE and not inside_gdb and not hidden:
            found.append(path)
    return sorted(found, key=lambda p: (READABLE.index(p.suffix.lower()), p.as_posix()))
