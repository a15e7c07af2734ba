"""The commands ``run`` and ``publish``: from a region to results."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage.cli.base import FileOrTable, command, plan_options, show_progress
from coverage.errors import InputError
from coverage.language import _, ngettext

if TYPE_CHECKING:
    from coverage.scenario import Scenario

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


def money(text: str) -> float:
    """Rupiah as people write them: ``12 miliar``, ``1,5 triliun``, ``12.000.000.000``, ``12e9``.

    Raises
    ------
    InputError
        Where the text is no amount of money.
    """
    match = re.fullmatch(r"(?:rp\.?)?\s*(\d[\d.,]*(?:e\d{1,2})?)\s*([a-z]*)", text.strip().lower())
    number, word = (match[1], match[2]) if match else ("", "")
    if not word and re.fullmatch(r"\d{1,3}([.,]\d{3})+", number):
        number = re.sub(r"[.,]", "", number)
    number = number.replace(",", ".")
    if not re.fullmatch(r"\d+(\.\d*)?(e\d+)?", number) or word not in {"", *_UNITS}:
        raise InputError(
            _("This is not an amount of money"), where=text, todo=_("Write it as 12000000000, 12e9 or '12 miliar'")
        )
    return float(number) * _UNITS.get(word, 1.0)


def run_command() -> click.Command:
    """The command ``run``."""
    return command(
        "run",
        _("Analyse a region and write tables, a map and a summary."),
        [
            click.Argument(["region"], type=click.Path(path_type=Path), metavar="REGION"),
            click.Option(
                ["--scenario", "scenario_file"],
                metavar="FILE",
                help=_("Scenario file (TOML), or the name of a ready scenario; the other choices here go before it"),
            ),
            click.Option(
                ["--decide"], is_flag=True, help=_("Work longer, for a plan that is proven well enough to decide upon")
            ),
            click.Option(["--budget"], help=_("Public money over the horizon, such as 12e9 or '12 miliar'")),
            click.Option(
                ["--out"],
                type=FileOrTable(path_type=Path),
                required=True,
                metavar="DIR",
                help=_("Folder for the results, or a schema postgresql://host/database#schema"),
            ),
            *plan_options("index_gain", "people", "villages", "equity"),
        ],
        _run,
    )


def _run(
    region: Path,
    scenario_file: str | None,
    decide: bool,
    budget: str | None,
    out: Path | str,
    objective: str | None,
    include_unknown: bool,
    overrides: tuple[str, ...],
) -> int:
    from coverage.region import load

    scenario = _scenario(scenario_file, budget, objective, include_unknown, overrides)
    scenario = scenario.decided() if decide else scenario
    found = load(region)
    from coverage import outputs
    from coverage.analysis import analyse

    analysis = analyse(found, scenario, show_progress)
    if isinstance(out, str):
        from coverage.outputs import postgis
        from coverage.region.postgis import place

        for name in postgis.write(analysis, place(out)):
            click.echo(name)
        return 0
    for path in outputs.write(analysis, out):
        click.echo(path)
    return 0


def _scenario(
    file: str | None, budget: str | None, objective: str | None, include_unknown: bool, overrides: tuple[str, ...]
) -> Scenario:
    """The scenario of a file, with what the command line says instead."""
    from coverage.scenario import FOLDER, make_scenario, read_scenario

    settings: dict[str, Any] = {}
    path = None
    if file is not None:
        ready = FOLDER / f"{file}.toml"
        path = ready if re.fullmatch(r"\w+", file) and ready.exists() else Path(file)
        settings = {"name": path.stem, **read_scenario(path)}
    if budget is not None:
        settings["budget_idr"] = money(budget)
    if objective is not None:
        settings["objective"] = objective
    if include_unknown:
        settings["include_unknown"] = True
    settings["assumptions"] = {**settings.get("assumptions", {}), **dict(map(override, overrides))}
    return make_scenario(settings, path.name if path is not None else "run")


def override(text: str) -> tuple[str, float]:
    """An assumption and its value from ``NAME=VALUE``.

    Raises
    ------
    InputError
        Where the value is no number.
    """
    name, _equals, value = text.partition("=")
    try:
        return name.strip(), float(value.replace(",", "."))
    except ValueError as error:
        raise InputError(_("An override is written NAME=VALUE"), where=text) from error


def publish_command() -> click.Command:
    """The command ``publish``."""
    return command(
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

    pages = site.publish(analyse(found, progress=show_progress), out, sample=sample, progress=show_progress)
    click.echo(
        ngettext("{count} page written to {folder}", "{count} pages written to {folder}", len(pages)).format(
            count=len(pages), folder=out
        )
    )
    return 0
