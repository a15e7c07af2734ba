"""One file with everything of regions and the work on them."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from coverage.errors import InputError
from coverage.language import _
from coverage.store import migrate
from coverage.store.archive import Writer, file_blocks, line
from coverage.store.people import refuse
from coverage.store.place import data_folder
from coverage.store.schema import TABLES, Base, User
from coverage.swap import draft_file

if TYPE_CHECKING:
    from coverage.store.database import Store

_PACKAGE = "datapackage.json"


def region_folders() -> list[Path]:
    """The region folders kept in the data folder, directly or below ``regions``."""
    found = [*data_folder().glob(f"*/{_PACKAGE}"), *data_folder().glob(f"regions/*/{_PACKAGE}")]
    return sorted(path.parent for path in found if not path.parent.name.startswith("."))


def write_backup(
    store: Store, acting: str, path: Path, folders: Sequence[Path], region_codes: Sequence[str] | None = None
) -> Path:
    """Write regions and work into one file, whole or not at all; it is read at one moment.

    Parameters
    ----------
    path : Path
        The file, replaced if it exists.
    folders : sequence of Path
        Region folders to take along; each must load without a fault.
    region_codes : sequence of str, optional
        Keys of the regions whose work is taken (:func:`coverage.store.region_key`), by default all.

    Raises
    ------
    InputError
        Where the file cannot be written, or two folders have the same name.
    RegionError, QualityError
        Where a region folder is damaged.
    NotAllowedError, StoreError
    """
    with store.work(acting, "backup.write", write=False) as work:
        limit = work.user.region_code
        if limit and list(region_codes or []) != [limit]:
            raise refuse(work.user)
    _check_folders(folders)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = draft_file(path)
        try:
            with draft.open("wb") as stream:
                with zipfile.ZipFile(stream, "w") as archive:
                    _fill(Writer(archive), store, folders, region_codes)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            _("The backup cannot be written"),
            where=str(path),
            todo=_("Choose another folder or make room on the disk"),
        ) from error
    return path


def _check_folders(folders: Sequence[Path]) -> None:
    from coverage.region import load

    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        raise InputError(_("Two region folders have the same name"), where=", ".join(sorted(names)))
    for folder in folders:
        load(folder)


def _fill(writer: Writer, store: Store, folders: Sequence[Path], region_codes: Sequence[str] | None) -> None:
    for folder in folders:
        root = folder.resolve()
        for file in sorted(root.rglob("*")):
            inside = file.relative_to(root)
            if file.is_file() and not file.is_symlink() and not any(part.startswith(".") for part in inside.parts):
                writer.add(f"regions/{root.name}/{inside.as_posix()}", file_blocks(file))
    codes: set[str] = set()
    with store.session(snapshot=True) as session:
        for table in TABLES:
            writer.add(f"work/{table.__tablename__}.jsonl", _lines(session, table, region_codes, codes))
    writer.seal(revision=migrate.revisions()[-1], region_codes=sorted(codes if region_codes is None else region_codes))


def _lines(session: Session, table: type[Base], region_codes: Sequence[str] | None, codes: set[str]) -> Iterator[bytes]:
    """Rows of the regions, all users; the codes that occur are noted."""
    query = select(table).order_by(table.__table__.c.id)
    if region_codes is not None and table is not User:
        query = query.where(table.__table__.c.region_code.in_(region_codes))
    for row in session.scalars(query.execution_options(yield_per=500)):
        if table is not User and (code := str(vars(row)["region_code"])):
            codes.add(code)
        yield line(row)
        session.expunge(row)
