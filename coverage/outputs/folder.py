"""Writes everything that people take along into one folder, all or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.errors import InputError
from coverage.language import _
from coverage.outputs import summary, tables, words
from coverage.radio import write_signal
from coverage.swap import draft_folder, exchange

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def write(analysis: Analysis, out: Path) -> list[Path]:
    """Write tables (CSV, one GeoPackage), signal rasters, ``map.html`` and a summary into a folder.

    Everything is made in a temporary folder beside `out` first: if anything fails, `out` is as it
    was. Files of the same name are replaced, others are left alone. The same analysis in the same
    language gives the same bytes.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    out : Path
        Folder, made if it does not exist.

    Returns
    -------
    list of Path
        The files, in order of their names.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    return written(Path(out), lambda folder: _make(analysis, folder))


def written(out: Path, make: Callable[[Path], list[Path]]) -> list[Path]:
    """Write files into a folder, all or nothing.

    A folder that is new or holds nothing but such files changes in one step; where it holds others
    too, the files are replaced one by one, each whole.

    Parameters
    ----------
    out : Path
        Folder, made if it does not exist.
    make : callable
        Writes files anywhere below the temporary folder that it is given, and returns them.

    Returns
    -------
    list of Path
        The files in `out`, in order of their names.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    try:
        if out.exists() and not out.is_dir():
            raise NotADirectoryError(str(out))
        out.parent.mkdir(parents=True, exist_ok=True)
        workshop = draft_folder(out)
    except OSError as error:
        raise _unwritable(out) from error
    try:
        made = [path.relative_to(workshop) for path in make(workshop)]
        _move(workshop, out, made)
    except OSError as error:
        raise _unwritable(out) from error
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return sorted(out / path for path in made)


def _move(workshop: Path, out: Path, made: list[Path]) -> None:
    workshop.chmod(0o755)
    if not out.exists():
        os.replace(workshop, out)  # noqa: PTH105 - one step
        return
    known = set(made)
    there = (path.relative_to(out) for path in out.rglob("*") if path.is_symlink() or not path.is_dir())
    if all(path in known for path in there) and exchange(workshop, out):
        return
    for path in made:
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(workshop / path, out / path)  # noqa: PTH105 - atomic, and replaces


def _unwritable(out: Path) -> InputError:
    return InputError(
        _("The folder cannot be written"), where=str(out), todo=_("Choose another folder or make room on the disk")
    )


def _make(analysis: Analysis, folder: Path) -> list[Path]:
    from coverage.outputs import leaflet  # folium takes half a second to load

    made = tables.write_csv(analysis, folder)
    made.append(tables.write_geopackage(analysis, folder / "jangkau.gpkg"))
    made += write_signal(analysis.signal, folder / "signal", analysis.assumptions, **_status(analysis))
    for name, text in (
        ("map.html", leaflet.standalone(analysis)),
        ("summary.md", summary.markdown(analysis)),
        ("summary.html", summary.page(analysis)),
    ):
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        made.append(path)
    return made


def _status(analysis: Analysis) -> dict[str, str]:
    """The mark that files of sample data carry in their metadata."""
    return {"status": words.WATERMARK} if analysis.region.is_sample else {}
