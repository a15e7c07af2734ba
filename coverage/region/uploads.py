"""Files that somebody hands in: named safely, of a known kind, what their name says, and not too large."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from coverage.region.quality import Report
from coverage.region.sources.files import READABLE, refusal

#: The most that one file may hold as handed in.
LIMIT_BYTES = 200 * 1024**2

_MEGABYTE = 1024**2
#: Endings that can be taken, beyond those that an archive may hold.
ENDINGS = (*READABLE, ".zip", ".gz", ".sql")
#: How files of these endings begin; the others are text.
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".gpkg": (b"SQLite format 3",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".parquet": (b"PAR1",),
    ".fgb": (b"fgb\x03",),
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".xlsx": (b"PK\x03\x04",),
    ".ods": (b"PK\x03\x04",),
    ".xls": (b"\xd0\xcf\x11\xe0",),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".gz": (b"\x1f\x8b",),
    ".geojson": (b"{", b"\xef\xbb\xbf{"),
    ".json": (b"{", b"[", b"\xef\xbb\xbf{", b"\xef\xbb\xbf["),
}
_BEGINNINGS[".tiff"] = _BEGINNINGS[".tif"]
_ANY = (".hgt",)  # bare numbers: nothing to know them by


def safe_name(name: str) -> str:
    """The last part of a name, with letters, digits, dots and dashes only; never hidden, never empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = re.sub(r"[^\w.-]+", "_", last, flags=re.ASCII).lstrip(".")
    return plain[-100:].lstrip(".") or "file"


def take(name: str, content: BinaryIO, folder: Path, layer: str, report: Report) -> Path:
    """Write what was handed in under a safe name, unless it is not what it says.

    Parameters
    ----------
    name : str
        As the sender calls it; only its last part is used.
    content : binary stream
        Read to its end, or to the limit.
    folder : Path
        Of this hand-in alone; names that stand there already get a number.

    Raises
    ------
    QualityError
        Where the ending is unknown, the beginning belies it, the file is larger than the limit, or
        a server sent something else in its place.
    """
    plain = safe_name(name)
    ending = Path(plain).suffix.lower()
    if ending not in ENDINGS:
        report.add("error", "unknown_ending", layer, value=name, kinds=" ".join(ENDINGS))
        report.refuse_errors(plain)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / plain
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{number}-{plain}"
    head, written = b"", 0
    with path.open("wb") as sink:
        while (block := content.read(_MEGABYTE)) and written <= LIMIT_BYTES:
            head = head or block[:64]
            written += len(block)
            sink.write(block)
    if written > LIMIT_BYTES:
        report.add("error", "too_large_file", layer, value=name, limit=LIMIT_BYTES // _MEGABYTE)
    elif code := refusal(path):  # a login page, a server's refusal, nothing at all
        report.add("error", code, layer, value=name)
    elif belied(ending, head):
        report.add("error", "wrong_ending", layer, value=name, ending=ending)
    if report.errors:
        path.unlink()
        report.refuse_errors(plain)
    return path


def belied(ending: str, head: bytes) -> bool:
    """Whether the first bytes cannot be those of a file with this ending."""
    if not head or ending in _ANY:
        return False  # an empty file is told as such when it is read
    known = _BEGINNINGS.get(ending)
    if known:
        return not head.lstrip().startswith(known) if ending in {".json", ".geojson"} else not head.startswith(known)
    return b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
