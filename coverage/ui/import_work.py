"""What the import page does behind its controls: hand-ins, attempts, saving; no drawing."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pandas as pd
import streamlit as st

from coverage import cache
from coverage.errors import InputError
from coverage.language import _
from coverage.ui import people
from coverage.ui.work import Job, Workshop

if TYPE_CHECKING:
    from coverage.progress import Progress
    from coverage.region import Region, Report

#: Kinds of files that may be given, those of which several may be given, and those without corrections.
SEVERAL = ("cells", "terrain", "facilities", "evidence", "land_cover", "exclusions", "baselines")


def kinds() -> tuple[str, ...]:
    """Kinds of files that an import takes, boundaries first."""
    from coverage.region.importer import Files

    return tuple(f.name for f in fields(Files) if f.name != "corrections")


@dataclass(frozen=True)
class Attempt:
    """What came of reading the files: the region, or none where they cannot be used, and all findings."""

    region: Region | None
    report: Report
    #: The lines of the corrections file that were applied.
    corrections: tuple[dict[str, str], ...] = ()


@dataclass(eq=False)
class Desk:
    """One visitor's import: files handed in, what was asked, what was put right."""

    #: Where the files handed in lie; it vanishes with the visitor's session.
    path: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="jangkau-import-")))
    taken: dict[tuple[str, str], Path] = field(default_factory=dict)
    corrections: list[dict[str, str]] = field(default_factory=list)
    job: Job | None = None
    #: The files and choices of the last attempt, to try again with corrections.
    asked: tuple[dict[str, Any], dict[str, Any]] = field(default_factory=lambda: ({}, {}))

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def desk() -> Desk:
    """The visitor's import."""
    found: Desk = st.session_state.setdefault("import_desk", Desk())
    return found


@st.cache_resource(show_spinner=False)
def bench() -> Workshop:
    """Imports are worked on apart from analyses, so that neither stops the other."""
    return Workshop()


def take(kind: str, identity: str, name: str, content: BinaryIO) -> Path:
    """A file handed in, written once per hand-in.

    Raises
    ------
    QualityError
        Where it is not of a kind that can be read, or too large.
    """
    from coverage.region import Report
    from coverage.region.uploads import take as take_file

    here = desk()
    key = (kind, identity)
    if key not in here.taken:
        here.taken[key] = take_file(name, content, here.path / kind, kind, Report())
    return here.taken[key]


def pointed(text: str) -> dict[str, list[Path | str]]:
    """Files named by path, or tables by address: one ``kind = path`` per line.

    Raises
    ------
    InputError
        Where a line is no such pair, or names a kind that there is not.
    """
    from coverage.region.postgis import is_database

    found: dict[str, list[Path | str]] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        kind, equals, path = (part.strip() for part in line.partition("="))
        if not equals or kind not in kinds() or not path:
            raise InputError(
                _("This line does not name a kind and a file"),
                where=line[:60],
                todo=_("Write kind = path, with one of: {kinds}").format(kinds=", ".join(kinds())),
            )
        found.setdefault(kind, []).append(path if is_database(path) else Path(path))
    return found


def begin(
    given: Mapping[str, Sequence[Path | str]], choices: Mapping[str, Any], session: str, *, again: bool = False
) -> Job:
    """Start reading the files, or find that it has been done.

    ``again`` takes the corrections of the desk as they are, without those of an earlier import.

    Raises
    ------
    InputError
        Where there are no boundaries.
    NotAllowedError
        Where the user may not import.
    """
    people.require("region.import")
    if not given.get("boundaries"):
        raise InputError(_("Boundaries of the villages are needed"), todo=_("Give their file; the others are optional"))
    here = desk()
    here.asked = dict(given), dict(choices)
    if not again:
        here.corrections = here.corrections or earlier(str(choices.get("name", "")))
    lines = [dict(line) for line in here.corrections]
    asked = {kind: [str(path) for path in paths] for kind, paths in sorted(given.items())}
    stamps = [_stamp(path) for paths in asked.values() for path in paths]
    key = cache.key(str(here.path), repr(asked), repr(stamps), repr(sorted(choices.items())), repr(lines), repr(again))
    make = _maker(here.path, given, dict(choices), lines, recall=not again)
    here.job = bench().ask(key, session, cast("Any", make), again=True)
    return here.job


def earlier(name: str) -> list[dict[str, str]]:
    """What was put right at an earlier import of the region of this name."""
    from coverage.region import CORRECTIONS, Report, library
    from coverage.region.corrections import read_corrections

    path = library.place(name) / CORRECTIONS
    if not name or not path.is_file():
        return []
    rows = read_corrections(path, Report()).rows
    return [{str(k): str(v) for k, v in row.items()} for row in rows.to_dict("records")]


def _stamp(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns}:{found.st_size}"


def _maker(
    folder: Path,
    given: Mapping[str, Sequence[Path | str]],
    choices: dict[str, Any],
    lines: list[dict[str, str]],
    *,
    recall: bool,
) -> Any:
    """The work of an attempt; ``recall``: what was put right at an earlier import of this region is applied."""

    def make(progress: Progress) -> Attempt:
        attempt = _attempt(folder, given, choices, lines, progress)
        if recall and not lines and attempt.region is not None and (known := earlier(attempt.region.name)):
            return _attempt(folder, given, choices, known, progress)
        return attempt

    return make


def _attempt(
    folder: Path,
    given: Mapping[str, Sequence[Path | str]],
    choices: dict[str, Any],
    lines: list[dict[str, str]],
    progress: Progress,
) -> Attempt:
    from coverage import assumptions
    from coverage.region import CORRECTIONS, QualityError
    from coverage.region.corrections import write_corrections
    from coverage.region.importer import Choices, Files, import_region
    from coverage.region.postgis import as_file

    files: dict[str, Any] = {}
    for kind, paths in given.items():
        local = [as_file(p, folder) if isinstance(p, str) else p for p in paths]
        files[kind] = tuple(local) if kind in SEVERAL else local[0]
    if lines:
        files["corrections"] = folder / CORRECTIONS
        write_corrections(pd.DataFrame(lines, dtype="str"), files["corrections"])
    try:
        region, report = import_region(Files(**files), Choices(date=today(), **choices), assumptions.load(), progress)
    except QualityError as error:
        return Attempt(None, error.report, tuple(lines))
    return Attempt(region, report, tuple(lines))


def today() -> str:
    """Today's ISO date."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


def result() -> Attempt | None:
    """What came of the last attempt, once it is done; its corrections are those in force."""
    here = desk()
    if here.job is None or here.job.result is None:
        return None
    attempt = cast("Attempt", here.job.result)
    here.corrections = [dict(line) for line in attempt.corrections]
    return attempt


def keep(attempt: Attempt, name: str, *, replace: bool) -> Path:
    """Save a region in the library, with its report and corrections.

    Raises
    ------
    RegionError
        Where one of this name exists (and `replace` is not set), or it cannot be written.
    QualityError
        Where a table breaks its contract.
    NotAllowedError
        Where the user may not import.
    """
    import dataclasses

    from coverage.region import CORRECTIONS, library, save

    people.require("region.import")
    if attempt.region is None:
        raise InputError(_("Files with errors cannot be saved as a region"))
    region = dataclasses.replace(attempt.region, name=name) if name else attempt.region
    folder = library.place(region.name)
    corrections = desk().path / CORRECTIONS
    save(
        region,
        folder,
        overwrite=replace,
        created=today(),
        report=attempt.report,
        corrections=corrections if attempt.corrections else None,
    )
    return folder
