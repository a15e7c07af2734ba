"""The commands ``fetch``, ``import`` and ``check``: from files to a region."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from coverage.cli.base import BAD_INPUT, command, file_option, show_progress
from coverage.errors import InputError
from coverage.language import _, ngettext


def fetch_command() -> click.Command:
    """The command ``fetch``."""
    return command(
        "fetch",
        _("Download what is open for a regency from its live sources."),
        [
            click.Argument(["code"], metavar="CODE"),
            click.Option(["--layers", "wanted"], default="", metavar="A,B", help=_("Kinds of files, by default all")),
            click.Option(
                ["--to", "folder"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help=_("Folder for the files, by default in the cache"),
            ),
            file_option("--boundaries", _("Boundaries at hand, where they are not fetched")),
        ],
        _fetch,
    )


def _fetch(code: str, wanted: str, folder: Path | None, boundaries: Path | None) -> int:
    from coverage import cache
    from coverage.outputs import words
    from coverage.region.fetch import fetch, items, layers, needs_place
    from coverage.region.text import area_code

    code = area_code(code)
    kinds = [kind.strip() for kind in wanted.split(",") if kind.strip()] or layers()
    folder = folder or cache.folder() / "downloads" / code
    results = []
    if "boundaries" in kinds and boundaries is None:
        results = fetch(items(code, ["boundaries"], None), folder, {}, show_progress)
        boundaries = results[0].path
    others = [kind for kind in kinds if kind != "boundaries"]
    later = []
    if boundaries is None and results:  # what needs no place can be had all the same
        later = [kind for kind in others if needs_place(kind)]
        others = [kind for kind in others if kind not in later]
    box = _box_of(boundaries, code) if boundaries is not None and others else None
    asked = items(code, others, box)
    results += fetch(asked, folder, _keys({item.key_env for item in asked if item.key_env}), show_progress)
    for result in results:
        if result.path is not None:
            click.echo(f"{result.item.layer}: {result.path} sha256:{result.sha256}")
        elif result.problem:
            said = f"{words.layer(result.item.layer)}: {result.problem}. {result.todo}"
            click.echo(_("WARNING: {message}").format(message=said), err=True)
    if later:
        todo = _("When the boundaries are there, run this command again")
        unknown = _("The place of the regency is not known yet")
        said = f"{', '.join(map(words.layer, later))}: {unknown}. {todo}"
        click.echo(_("WARNING: {message}").format(message=said), err=True)
    return BAD_INPUT if any(result.problem for result in results) else 0


def _box_of(boundaries: Path, code: str) -> tuple[float, float, float, float]:
    from coverage import assumptions
    from coverage.region import Report
    from coverage.region.importer import Choices, Files, villages_context

    _villages, context = villages_context(Files(boundaries), Choices(code=code), assumptions.load(), Report())
    return context.box


def _keys(names: set[str]) -> dict[str, str]:
    """Secret keys from the environment, or asked for where somebody sits at the terminal."""
    keys = {name: os.environ.get(name, "") for name in sorted(names)}
    for name, key in keys.items():
        if not key and sys.stdin.isatty():
            keys[name] = click.prompt(name, default="", hide_input=True, show_default=False)
    return keys


def import_command() -> click.Command:
    """The command ``import``."""
    return command(
        "import",
        _("Build a region from files as they were downloaded, or from tables postgresql://host/database#schema.table."),
        [
            click.Argument(["region"], type=click.Path(path_type=Path), metavar="NEW_REGION"),
            file_option(
                "--boundaries", _("Village boundaries (GeoJSON, GeoPackage, zipped Shapefile …)"), required=True
            ),
            file_option("--cells", _("Cells or towers (OpenCelliD CSV …); may be repeated"), multiple=True),
            file_option("--terrain", _("Heights (GeoTIFF, HGT); may be repeated"), multiple=True),
            file_option("--population", _("People by village (CSV, XLSX), or a raster of people")),
            file_option("--crosswalk", _("Table of Kemendagri and BPS codes")),
            file_option("--settlements", _("Hamlet points (table with coordinates, GeoJSON …)")),
            file_option("--roads", _("Roads (OSM extract, Overpass JSON, lines)")),
            file_option("--fibre", _("Fibre points or lines (OFDS, table, lines)")),
            file_option(
                "--facilities", _("Schools, health centres … with coordinates; may be repeated"), multiple=True
            ),
            file_option("--providers", _("Providers and their terms (CSV, XLSX)")),
            file_option(
                "--evidence", _("Survey or measurement (PODES, IDM, Ookla, own list); may be repeated"), multiple=True
            ),
            file_option("--land-cover", _("Land cover (ESA WorldCover GeoTIFF); may be repeated"), multiple=True),
            file_option(
                "--exclusions",
                _("Areas not to build on (forest estate, hazard zones, spatial plan); may be repeated"),
                multiple=True,
            ),
            file_option("--baselines", _("Indicators today (CSV, XLSX); may be repeated"), multiple=True),
            file_option("--corrections", _("Corrections to apply; those of the replaced folder by default")),
            click.Option(
                ["--complete"],
                multiple=True,
                help=_("Operator whose cells are all in the lists given; may be repeated"),
            ),
            click.Option(["--code"], default="", help=_("Keep only villages whose code begins so, such as 33.27")),
            click.Option(["--name"], default="", help=_("Name of the region")),
            click.Option(["--crs"], default="", help=_("Coordinate system of a file that states none")),
            click.Option(["--resolve-overlaps"], is_flag=True, help=_("Cut disputed ground off the larger village")),
            click.Option(["--date"], default="", help=_("Day of the import (YYYY-MM-DD), by default today")),
            click.Option(["--replace"], is_flag=True, help=_("Replace the folder if it exists")),
        ],
        _import,
    )


def _import(
    region: Path,
    date: str,
    replace: bool,
    corrections: Path | None,
    **given: Any,
) -> int:
    import datetime as dt

    from coverage import assumptions
    from coverage.errors import RegionError
    from coverage.region import CORRECTIONS, save
    from coverage.region.importer import Choices, Files, import_region
    from coverage.region.postgis import as_file, is_database

    if region.exists() and not replace:
        raise RegionError(
            _("The folder exists already"),
            where=str(region),
            todo=_("Choose another name, or say --replace to overwrite it"),
        )
    day = _day(date) if date else dt.datetime.now(tz=dt.UTC).date().isoformat()
    if corrections is None and (region / CORRECTIONS).is_file():
        corrections = region / CORRECTIONS
    files = {name: given.pop(name) for name in vars(Files(Path())) if name in given}
    with tempfile.TemporaryDirectory(prefix="jangkau-") as work:

        def local(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(local(each) for each in value)
            return as_file(value, Path(work)) if is_database(value) else value

        files = {name: local(value) for name, value in files.items()}
        made, report = import_region(
            Files(corrections=corrections, **files), Choices(date=day, **given), assumptions.load(), show_progress
        )
    save(made, region, overwrite=replace, created=day, report=report, corrections=corrections)
    _show(report)
    villages = len(made.villages)
    click.echo(
        ngettext(
            "{name}: {count} village written to {folder}", "{name}: {count} villages written to {folder}", villages
        ).format(name=made.name, count=villages, folder=region)
    )
    return 0


def _day(text: str) -> str:
    import datetime as dt

    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError(_("This is not a date"), where=text, todo=_("Write it as 2026-11-24")) from error


def check_command() -> click.Command:
    """The command ``check``."""
    return command(
        "check",
        _("Check a region folder and show its quality report."),
        [
            click.Argument(["region"], type=click.Path(path_type=Path), metavar="REGION"),
            click.Option(
                ["--csv", "csv_file"],
                type=click.Path(path_type=Path),
                metavar="FILE",
                help=_("Write the report as CSV as well"),
            ),
        ],
        _check,
    )


def _check(region: Path, csv_file: Path | None) -> int:
    from coverage.outputs import words
    from coverage.outputs.tables import defused
    from coverage.partnership import provider_problems
    from coverage.region import QualityError, grades, load, load_report

    try:
        found, report = load(region), load_report(region)
        report.extend(provider_problems(found.providers, words.technology))
    except QualityError as error:
        found, report = None, error.report
    if csv_file:
        defused(report.frame()).to_csv(csv_file, index=False, encoding="utf-8-sig", lineterminator="\n")
    _show(report)
    if found is None:
        return BAD_INPUT
    graded = grades(found.layers, report).set_index("layer")["grade"]
    for layer in found.layers.values():
        mark = _("grade {letter}").format(letter=graded[layer.name])
        said = [_KINDS[layer.kind](), mark, _(layer.source), layer.licence, layer.date]
        click.echo(f"{layer.name}: {' · '.join(part for part in said if part)}")
    click.echo(
        _("{name}: {errors} errors, {warnings} warnings, {notes} notes").format(
            name=found.name, errors=0, warnings=report.count("warning"), notes=report.count("info")
        )
    )
    return 0


def blank_spots_command() -> click.Command:
    """The command ``blank-spots``."""
    return command(
        "blank-spots",
        _("Write the list of hamlets without signal in the ministries' form (CSV or XLSX)."),
        [
            click.Argument(["region"], type=click.Path(path_type=Path), metavar="REGION"),
            click.Argument(["out"], type=click.Path(path_type=Path), metavar="FILE"),
            click.Option(["--unknown"], is_flag=True, help=_("Also hamlets of which nothing is known, to be measured")),
        ],
        _blank_spots,
    )


def _blank_spots(region: Path, out: Path, unknown: bool) -> int:
    from coverage.analysis import analyse
    from coverage.outputs import blank_spots
    from coverage.outputs.tables import data_date
    from coverage.region import load

    if out.suffix.lower() not in {".csv", ".xlsx"}:
        raise InputError(_("The list is written as CSV or XLSX"), where=str(out), todo=_("Name a file that ends so"))
    analysis = analyse(load(region), progress=show_progress)
    frame = blank_spots.blank_spots(analysis, unknown=unknown)
    is_csv = out.suffix.lower() == ".csv"
    out.write_bytes(blank_spots.as_csv(frame) if is_csv else blank_spots.as_xlsx(frame, data_date(analysis)))
    count = len(frame)
    click.echo(
        ngettext("{count} hamlet written to {file}", "{count} hamlets written to {file}", count).format(
            count=count, file=out
        )
    )
    return 0


_KINDS: dict[str, Callable[[], str]] = {
    "official": lambda: _("official"),
    "open": lambda: _("open"),
    "reported": lambda: _("reported"),
    "estimated": lambda: _("estimated"),
    "synthetic": lambda: _("synthetic"),
}


def _show(report: Any) -> None:
    """The quality report, errors first, one line each."""
    from coverage.outputs import words

    for problem in report:
        layer = words.layer(problem.layer)
        place = " ".join(part for part in (layer, problem.row, problem.column) if part)
        value = f" [{problem.value}]" if problem.value and problem.value != problem.row else ""
        click.echo(f"{_SEVERITIES_SHOWN[problem.severity]()} {place}: {problem.what}{value}. {problem.todo}".rstrip())


_SEVERITIES_SHOWN: dict[str, Callable[[], str]] = {
    "error": lambda: _("ERROR"),
    "warning": lambda: _("WARNING"),
    "info": lambda: _("NOTE"),
}
