"""The command line: ``python -m coverage import | check | run | publish``.

Every error that a user can cause is one message on standard error and exit code 2, in the language
of ``--lang`` (Indonesian by default, or ``JANGKAU_LANG``).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from coverage.errors import Cancelled, InputError, JangkauError
from coverage.language import DEFAULT, LANGUAGES, _, mark, ngettext, set_language

_BAD_INPUT, _CANCELLED = 2, 130
#: click asks gettext for these words of its own and offers no hook; they are in our catalogue.
_CLICK_WORDS = (
    mark("Usage:"),
    mark("Options"),
    mark("Commands"),
    mark("Positional arguments"),
    mark("Show this message and exit."),
    mark("Missing argument"),
    mark("Missing option"),
    mark("Missing command."),
    mark("Missing parameter"),
    mark("Invalid value: {message}"),
    mark("Invalid value for {param_hint}: {message}"),
    mark("No such option {name!r}."),
    mark("No such command {name!r}."),
    mark("default: {default}"),
    mark("required"),
)
_UNITS = {
    "ribu": 1e3,
    "thousand": 1e3,
    "juta": 1e6,
    "million": 1e6,
    "miliar": 1e9,
    "milyar": 1e9,
    "billion": 1e9,
    "triliun": 1e12,
    "trillion": 1e12,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        0 when all went well, 2 for bad input, 130 when the user stopped it.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    set_language(_language_of(words))
    _translate_click()
    try:
        code = _commands().main(words, prog_name="python -m coverage", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return _BAD_INPUT
    except click.ClickException as error:
        _say(error.format_message())
        return _BAD_INPUT
    except (click.Abort, Cancelled, KeyboardInterrupt):
        _say(_("Stopped"))
        return _CANCELLED
    except JangkauError as error:
        _say(str(error))
        return _BAD_INPUT
    except OSError as error:
        _say(f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))
        return _BAD_INPUT
    return int(code or 0)


def _say(message: str) -> None:
    click.echo(_("Error: {message}").format(message=message), err=True)


def _language_of(words: Sequence[str]) -> str:
    """The language must be known before the help texts are made."""
    for position, word in enumerate(words):
        if word == "--lang" and position + 1 < len(words):
            return words[position + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return os.environ.get("JANGKAU_LANG", DEFAULT)


def _translate_click() -> None:
    for name in ("core", "decorators", "exceptions", "formatting", "parser", "types"):
        module = sys.modules.get(f"click.{name}")
        if module is not None and hasattr(module, "_"):
            vars(module)["_"] = _


def money(text: str) -> float:
    """Rupiah as people write them: ``12 miliar``, ``1,5 triliun``, ``12.000.000.000``, ``12e9``.

    Raises
    ------
    InputError
        Where the text is no amount of money.
    """
    match = re.fullmatch(r"(?:rp\.?)?\s*([\d.,]+(?:e\d+)?)\s*([a-z]*)", text.strip().lower())
    if match and (not match[2] or match[2] in _UNITS):
        number, unit = match[1], _UNITS.get(match[2], 1.0)
        if re.fullmatch(r"\d{1,3}([.,]\d{3})+", number) and unit == 1.0:
            number = re.sub(r"[.,]", "", number)
        try:
            return float(number.replace(",", ".")) * unit
        except ValueError:
            pass
    raise InputError(
        _("This is not an amount of money"), where=text, todo=_("Write it as 12000000000, 12e9 or '12 miliar'")
    )


def _commands() -> click.Group:
    """The commands, their help in the language in force."""
    group = click.Group(
        name="coverage",
        help=_("Jangkau plans internet coverage for rural Indonesia."),
        params=[_language_option()],
        callback=lambda lang: None,  # noqa: ARG005 - read before the commands were made
    )
    for make in (_fetch_command, _import_command, _check_command, _run_command, _publish_command):
        group.add_command(make())
    return group


def _language_option() -> click.Option:
    return click.Option(["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the messages"), expose_value=True)


def _file(name: str, text: str, *, required: bool = False, multiple: bool = False) -> click.Option:
    kind = click.Path(path_type=Path)
    return click.Option([name], type=kind, required=required, multiple=multiple, metavar="FILE", help=text)


def _command(
    name: str, text: str, parameters: list[click.Parameter], callback: Callable[..., int | None]
) -> click.Command:
    def without_language(lang: str | None, **values: Any) -> int | None:  # noqa: ARG001 - read before
        return callback(**values)

    return click.Command(name, params=[*parameters, _language_option()], help=text, callback=without_language)


# ---------------------------------------------------------------- fetch


def _fetch_command() -> click.Command:
    return _command(
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
            _file("--boundaries", _("Boundaries at hand, where they are not fetched")),
        ],
        _fetch,
    )


def _fetch(code: str, wanted: str, folder: Path | None, boundaries: Path | None) -> int:
    from coverage import cache
    from coverage.region.fetch import fetch, items, layers

    kinds = [kind.strip() for kind in wanted.split(",") if kind.strip()] or layers()
    folder = folder or cache.folder() / "downloads" / code
    results = []
    if "boundaries" in kinds and boundaries is None:
        results = fetch(items(code, ["boundaries"], None), folder, {}, _progress)
        boundaries = results[0].path
    others = [kind for kind in kinds if kind != "boundaries"]
    if others and boundaries is not None:
        asked = items(code, others, _box_of(boundaries, code))
        results += fetch(asked, folder, _keys({item.key_env for item in asked if item.key_env}), _progress)
    elif others and not results:
        items(code, others, None)  # tells that the place is not known
    for result in results:
        if result.path is not None:
            click.echo(f"{result.item.layer}: {result.path} sha256:{result.sha256}")
        elif result.problem:
            click.echo(f"{_('WARNING')} {result.item.layer}: {result.problem}. {result.todo}", err=True)
    return _BAD_INPUT if any(result.problem for result in results) else 0


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


# ---------------------------------------------------------------- import


def _import_command() -> click.Command:
    return _command(
        "import",
        _("Build a region from files as they were downloaded."),
        [
            click.Argument(["region"], type=click.Path(path_type=Path), metavar="NEW_REGION"),
            _file("--boundaries", _("Village boundaries (GeoJSON, GeoPackage, zipped Shapefile …)"), required=True),
            _file("--cells", _("Cells or towers (OpenCelliD CSV …); may be repeated"), multiple=True),
            _file("--terrain", _("Heights (GeoTIFF, HGT); may be repeated"), multiple=True),
            _file("--population", _("People by village (CSV, XLSX), or a raster of people")),
            _file("--crosswalk", _("Table of Kemendagri and BPS codes")),
            _file("--settlements", _("Hamlet points (table with coordinates, GeoJSON …)")),
            _file("--roads", _("Roads (OSM extract, Overpass JSON, lines)")),
            _file("--fibre", _("Fibre points or lines (OFDS, table, lines)")),
            _file("--facilities", _("Schools, health centres … with coordinates; may be repeated"), multiple=True),
            _file("--providers", _("Providers and their terms (CSV, XLSX)")),
            _file(
                "--evidence", _("Survey or measurement (PODES, IDM, Ookla, own list); may be repeated"), multiple=True
            ),
            _file("--corrections", _("Corrections to apply; those of the replaced folder by default")),
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
    made, report = import_region(
        Files(corrections=corrections, **files), Choices(date=day, **given), assumptions.load(), _progress
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


def _progress(label: str, share: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{share:4.0%} {label}", err=True, nl=share >= 1)


def _show(report: Any) -> None:
    """The quality report, errors first, one line each."""
    for problem in report:
        place = " ".join(part for part in (problem.layer, problem.row, problem.column) if part)
        value = f" [{problem.value}]" if problem.value and problem.value != problem.row else ""
        click.echo(f"{_SEVERITIES_SHOWN[problem.severity]()} {place}: {problem.what}{value}. {problem.todo}".rstrip())


_SEVERITIES_SHOWN: dict[str, Callable[[], str]] = {
    "error": lambda: _("ERROR"),
    "warning": lambda: _("WARNING"),
    "info": lambda: _("NOTE"),
}


# ---------------------------------------------------------------- check


def _check_command() -> click.Command:
    return _command(
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
    from coverage.region import QualityError, load, load_report

    try:
        found, report = load(region), load_report(region)
    except QualityError as error:
        found, report = None, error.report
    if csv_file:
        report.frame().to_csv(csv_file, index=False, encoding="utf-8-sig", lineterminator="\n")
    _show(report)
    if found is None:
        return _BAD_INPUT
    for layer in found.layers.values():
        click.echo(f"{layer.name}: {_KINDS[layer.kind]()} · {_(layer.source)} · {layer.licence} · {layer.date}")
    click.echo(
        _("{name}: {errors} errors, {warnings} warnings, {notes} notes").format(
            name=found.name, errors=0, warnings=report.count("warning"), notes=report.count("info")
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


# ---------------------------------------------------------------- run


def _run_command() -> click.Command:
    objectives = ("index_gain", "people", "villages")
    return _command(
        "run",
        _("Analyse a region and write tables, a map and a summary."),
        [
            click.Argument(["region"], type=click.Path(path_type=Path), metavar="REGION"),
            click.Option(["--budget"], help=_("Public money over the horizon, such as 12e9 or '12 miliar'")),
            click.Option(
                ["--out"],
                type=click.Path(path_type=Path),
                required=True,
                metavar="DIR",
                help=_("Folder for the results"),
            ),
            click.Option(["--objective"], type=click.Choice(objectives), help=_("What the plan maximises")),
            click.Option(
                ["--include-unknown"], is_flag=True, help=_("Let villages whose access is unknown enter the plan")
            ),
            click.Option(
                ["--set", "overrides"],
                multiple=True,
                metavar="NAME=VALUE",
                help=_("Override an assumption; may be repeated"),
            ),
        ],
        _run,
    )


def _run(
    region: Path,
    budget: str | None,
    out: Path,
    objective: str | None,
    include_unknown: bool,
    overrides: tuple[str, ...],
) -> int:
    from coverage.region import load
    from coverage.scenario import Scenario

    settings: dict[str, Any] = {"include_unknown": include_unknown, "assumptions": dict(map(_override, overrides))}
    if budget is not None:
        settings["budget_idr"] = money(budget)
    if objective is not None:
        settings["objective"] = objective
    scenario = Scenario(**settings)
    found = load(region)
    from coverage import outputs
    from coverage.analysis import analyse

    analysis = analyse(found, scenario, _progress)
    for path in outputs.write(analysis, out):
        click.echo(path)
    return 0


def _override(text: str) -> tuple[str, float]:
    name, _equals, value = text.partition("=")
    try:
        return name.strip(), float(value.replace(",", "."))
    except ValueError as error:
        raise InputError(_("An override is written NAME=VALUE"), where=text) from error


# ---------------------------------------------------------------- publish


def _publish_command() -> click.Command:
    return _command(
        "publish",
        _("Write a small static site: a page per village, in Indonesian and English."),
        [
            click.Argument(["region"], type=click.Path(path_type=Path), metavar="REGION"),
            click.Argument(["out"], type=click.Path(path_type=Path), metavar="OUT"),
            click.Option(["--sample"], is_flag=True, help=_("Publish sample data, marked as such on every page")),
        ],
        _publish,
    )


def _publish(region: Path, out: Path, sample: bool) -> int:
    from coverage.outputs import site
    from coverage.region import load

    found = load(region)
    site.check_sample(found, sample=sample)
    from coverage.analysis import analyse

    pages = site.publish(analyse(found, progress=_progress), out, sample=sample, progress=_progress)
    click.echo(
        ngettext("{count} page written to {folder}", "{count} pages written to {folder}", len(pages)).format(
            count=len(pages), folder=out
        )
    )
    return 0
