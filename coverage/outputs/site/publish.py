"""Writes the static site of a region: small pages that open on any phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from coverage.errors import JangkauError
from coverage.language import _, using
from coverage.outputs.folder import written
from coverage.outputs.site.atlas import Atlas
from coverage.outputs.site.pages import ROOTS, district_html, districts, index_html, village_html
from coverage.progress import Progress, silent

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.region import Region


def publish(analysis: Analysis, out: Path, *, sample: bool = False, progress: Progress | None = None) -> list[Path]:
    """Write the site: an index, one page per district and per village, in Indonesian and English.

    ``index.html``, ``kecamatan/<code>.html`` and ``desa/<code>.html`` are Indonesian, the same below
    ``en/`` English. Pages hold their style and map, need no script and load nothing. All are made in
    a temporary folder beside `out` first: if anything fails, `out` is as it was. Pages of the same
    name are replaced, other files left alone. The same analysis gives the same bytes.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    out : Path
        Folder of the site, made if it does not exist.
    sample : bool
        Sample data are published only where this says so; every page then carries the watermark.
    progress : callable, optional
        ``progress(label, share)``; it may raise :class:`coverage.errors.Cancelled`.

    Returns
    -------
    list of Path
        The pages, in order of their names.

    Raises
    ------
    JangkauError
        Where the region holds sample data and `sample` does not say so.
    InputError
        Where the folder cannot be written.
    """
    check_sample(analysis.region, sample=sample)
    tell = progress or silent

    def make(folder: Path) -> list[Path]:
        atlas = Atlas(analysis)
        made: list[Path] = []
        for step, (code, root) in enumerate(ROOTS.items()):
            with using(code):
                made += _write(atlas, folder / root, tell, step / len(ROOTS), 1 / len(ROOTS))
        return made

    return written(Path(out), make)


def check_sample(region: Region, *, sample: bool) -> None:
    """Refuse to publish a region of sample data unless `sample` says so.

    Raises
    ------
    JangkauError
        Where it is refused.
    """
    if region.is_sample and not sample:
        raise JangkauError(
            _("These are sample data: nobody may take them for facts"),
            where=region.name,
            todo=_("Say --sample to publish them with a watermark on every page"),
        )


def _write(atlas: Atlas, folder: Path, tell: Progress, start: float, part: float) -> list[Path]:
    """The pages of the language in force."""
    made = [_save(folder / "index.html", index_html(atlas))]
    made += [_save(folder / "kecamatan" / f"{code}.html", district_html(atlas, code)) for code in districts(atlas)]
    label = _("Writing the pages")
    for i, code in enumerate(atlas.codes):
        tell(label, start + part * i / len(atlas.codes))
        made.append(_save(folder / "desa" / f"{code}.html", village_html(atlas, code)))
    tell(label, start + part)
    return made


def _save(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
