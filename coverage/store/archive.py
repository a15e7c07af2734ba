"""The file of a backup: a zip whose manifest names every file with its size and fingerprint.

``work/<table>.jsonl`` hold the rows of the store, one JSON object a line, in the order of their
keys; ``regions/<name>/…`` the files of region folders; ``manifest.json`` says what there must be,
and the comment of the zip is the fingerprint of the manifest. The same content gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import LargeBinary, inspect

from coverage.errors import InputError
from coverage.language import _
from coverage.store.schema import TABLES, Base

FORMAT, VERSION = "jangkau-backup", 1
MANIFEST = "manifest.json"
_DAY = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20
_MANIFEST_LIMIT = 64 * _BLOCK
#: The most that a backup may hold once unpacked, and the longest row: a photo of 5 MB as text, and more.
LIMIT_BYTES, LIMIT_ROW = 16 * 1024**3, 64 * _BLOCK
_WORK = re.compile(r"work/(\w+)\.jsonl")
_REGION = re.compile(r"regions/[\w-][\w .-]*(/[\w-][\w .-]*)+")


@dataclass(frozen=True)
class Entry:
    """Size in bytes and fingerprint of a file in the archive."""

    sha256: str
    size: int


# ---------------------------------------------------------------- writing


class Writer:
    """Adds files to an archive and seals it with the manifest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._files: dict[str, Entry] = {}

    def add(self, name: str, blocks: Iterable[bytes]) -> None:
        """A file, written block by block."""
        digest, size = hashlib.sha256(), 0
        with self._archive.open(_info(name), "w", force_zip64=True) as stream:
            for block in blocks:
                digest.update(block)
                size += len(block)
                stream.write(block)
        self._files[name] = Entry(digest.hexdigest(), size)

    def seal(self, **facts: Any) -> None:
        """Write the manifest."""
        files = {name: vars(entry) for name, entry in sorted(self._files.items())}
        manifest = {"format": FORMAT, "version": VERSION, **facts, "files": files}
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self._archive.writestr(_info(MANIFEST), text)
        self._archive.comment = hashlib.sha256(text).hexdigest().encode()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def file_blocks(path: Path) -> Iterator[bytes]:
    """A file, block by block."""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def line(row: Base) -> bytes:
    """A row of the store as a line."""
    values: dict[str, Any] = {}
    for name in inspect(type(row)).columns.keys():  # noqa: SIM118 - a collection of columns, not a dict
        value = getattr(row, name)
        values[name] = base64.b64encode(value).decode() if isinstance(value, bytes) else value
    return (json.dumps(values, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n").encode()


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Archive:
    """An archive whose every file is as the manifest says."""

    zip: zipfile.ZipFile
    manifest: dict[str, Any]
    files: dict[str, Entry]

    def open(self, name: str) -> IO[bytes]:
        """A file of the archive."""
        return self.zip.open(name)

    def rows(self, table: type[Base]) -> Iterator[dict[str, Any]]:
        """The rows of a table, as column -> value."""
        name = f"work/{table.__tablename__}.jsonl"
        if name not in self.files:
            return
        columns = inspect(table).columns
        with self.open(name) as stream:
            while text := stream.readline(LIMIT_ROW + 1):
                if len(text) > LIMIT_ROW:
                    raise ValueError("a row beyond the limit")
                values = json.loads(text)
                for column, value in values.items():
                    if column in columns and isinstance(columns[column].type, LargeBinary):
                        values[column] = base64.b64decode(value, validate=True)
                yield values

    def region_names(self) -> list[str]:
        """Names of the region folders."""
        return sorted({name.split("/")[1] for name in self.files if name.startswith("regions/")})


def read(archive: zipfile.ZipFile, where: str) -> Archive:
    """Check an archive from end to end; nothing of it is used before.

    Raises
    ------
    InputError
        Where it is no backup, or is damaged, incomplete or changed.
    """
    manifest = _manifest(archive, where)
    try:
        files = {str(name): Entry(str(e["sha256"]), int(e["size"])) for name, e in manifest["files"].items()}
        facts = (str(manifest["revision"]), [str(code) for code in manifest["region_codes"]])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(where) from error
    infos = {info.filename: info for info in archive.infolist()}
    if set(infos) != {MANIFEST, *files} or len(infos) != len(archive.infolist()) or not facts:
        raise damaged(where)
    if sum(max(entry.size, 0) for entry in files.values()) > LIMIT_BYTES:
        raise damaged(where)
    for name, entry in files.items():
        if not _is_expected(name) or infos[name].file_size != entry.size:
            raise damaged(where)
        _check_content(archive, name, entry, where)
    return Archive(archive, manifest, files)


def _manifest(archive: zipfile.ZipFile, where: str) -> dict[str, Any]:
    try:
        if archive.getinfo(MANIFEST).file_size > _MANIFEST_LIMIT:
            raise damaged(where)
        text = archive.read(MANIFEST)
        manifest = json.loads(text)
        known = manifest["format"] == FORMAT
    except (KeyError, TypeError, ValueError, RecursionError, zipfile.BadZipFile, zlib.error, OSError) as error:
        raise not_a_backup(where) from error
    if not known or archive.comment != hashlib.sha256(text).hexdigest().encode():
        raise damaged(where)
    if manifest["version"] != VERSION:
        raise InputError(
            _("This backup was made by a newer version of Jangkau"),
            where=where,
            todo=_("Update Jangkau, then try again"),
        )
    return dict(manifest)


def _is_expected(name: str) -> bool:
    work = _WORK.fullmatch(name)
    if work:
        return work[1] in {table.__tablename__ for table in TABLES}
    return bool(_REGION.fullmatch(name)) and ".." not in name.split("/")


def _check_content(archive: zipfile.ZipFile, name: str, entry: Entry, where: str) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                size += len(block)
                if size > entry.size:
                    raise damaged(where)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise damaged(where) from error
    if size != entry.size or digest.hexdigest() != entry.sha256:
        raise damaged(where)


def not_a_backup(where: str) -> InputError:
    """The error for a file that is none."""
    return InputError(
        _("This is no backup of Jangkau"), where=where, todo=_("Choose a file made by: python -m coverage backup")
    )


def damaged(where: str) -> InputError:
    """The error for a backup that is not as it was written."""
    return InputError(_("The backup is damaged or was changed"), where=where, todo=_("Use another copy of it"))
