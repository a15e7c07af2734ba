"""The command ``batch``: many regencies, here or on a cluster."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from coverage.cli.base import BAD_INPUT, command, file_option, plan_options
from coverage.cli.work import money, override
from coverage.errors import InputError
from coverage.language import _, ngettext, number, percent, rupiah_short

_SHOWN_EVERY_S = 0.5


def batch_command() -> click.Command:
    """The command ``batch``."""
    return command(
        "batch",
        _("Run many regencies from boundary, cell and terrain files, and share one budget among them."),
        [
            click.Argument(["out"], type=click.Path(path_type=Path), metavar="OUT"),
            file_option(
                "--boundaries",
                _("Village boundaries with Kemendagri codes, of one or many provinces; may be repeated"),
                required=True,
                multiple=True,
            ),
            file_option("--cells", _("Cells or towers (OpenCelliD CSV …); may be repeated"), multiple=True),
            file_option("--terrain", _("Heights (GeoTIFF, HGT); may be repeated"), multiple=True),
            file_option("--population", _("People by village (CSV, XLSX), or a raster of people")),
            file_option("--roads", _("Roads (lines, of one or many provinces)")),
            file_option("--fibre", _("Fibre points or lines (table, lines)")),
            click.Option(
                ["--complete"],
                multiple=True,
                help=_("Operator whose cells are all in the lists given; may be repeated"),
            ),
            click.Option(
                ["--code", "only"],
                multiple=True,
                help=_("Keep only villages whose code begins so, such as 33.27; may be repeated"),
            ),
            click.Option(["--crs"], default="", help=_("Coordinate system of a file that states none")),
            click.Option(["--date"], default="", help=_("Day of the import (YYYY-MM-DD), by default none")),
            click.Option(["--budget"], help=_("Public money for all regencies, such as '500 miliar'")),
            click.Option(
                ["--floor", "floors"],
                multiple=True,
                metavar="CODE=MONEY",
                help=_("Least money for a province or regency, such as 33.27=5e9; may be repeated"),
            ),
            *plan_options("people", "villages", "index_gain"),
            click.Option(
                ["--effort"], type=click.IntRange(1), default=50, show_default=True, help=_("Work limit of every plan")
            ),
            click.Option(["--scheduler"], default="", help=_("Address of a Dask scheduler, such as tcp://host:8786")),
            click.Option(
                ["--workers"],
                type=click.IntRange(0),
                default=0,
                help=_("Processes on this machine, by default as many as fit"),
            ),
        ],
        _batch,
    )


def _batch(
    out: Path,
    boundaries: tuple[Path, ...],
    cells: tuple[Path, ...],
    terrain: tuple[Path, ...],
    population: Path | None,
    roads: Path | None,
    fibre: Path | None,
    crs: str,
    budget: str | None,
    floors: tuple[str, ...],
    objective: str | None,
    include_unknown: bool,
    overrides: tuple[str, ...],
    effort: int,
    **given: Any,
) -> int:
    from coverage import assumptions
    from coverage.batch import Inputs, Settings, run_batch, sum_up, timings
    from coverage.scenario import Scenario

    scenario = Scenario.model_validate(
        {
            "objective": objective or "people",
            "include_unknown": include_unknown,
            "assumptions": dict(map(override, overrides)),
            "node_limit": effort,
        }
    )
    least = dict(map(_floor, floors))
    money_given = None if budget is None else money(budget)
    inputs = Inputs(boundaries, cells, terrain, population, roads, fibre, crs)
    outcome = run_batch(inputs, out, Settings(scenario=scenario, **given), _Teller())
    timings(outcome.finished).to_csv(out / ".batch" / "timings.csv", index=False, lineterminator="\n")
    villages = sum(f.facts["villages"] for f in outcome.finished.values())
    each = assumptions.load().override(scenario.assumptions)["batch.budget_idr_village"]
    shared = sum_up(outcome, out, villages * each if money_given is None else money_given, least, scenario.objective)
    for code, fault in outcome.faults.items():
        click.echo(
            _("ERROR in {code} {name}: {fault}").format(code=code, name=outcome.names[code], fault=fault), err=True
        )
    done = len(outcome.finished)
    click.echo(
        ngettext(
            "{count} regency finished ({before} of them before), {failed} failed: {folder}",
            "{count} regencies finished ({before} of them before), {failed} failed: {folder}",
            done,
        ).format(count=done, before=len(outcome.reused), failed=len(outcome.faults), folder=out)
    )
    if shared is not None:
        click.echo(
            _("{money} of public money shared: {benefit} gained, at most {gap} below the best possible").format(
                money=rupiah_short(shared.public_idr), benefit=number(shared.benefit), gap=percent(shared.gap, 1)
            )
        )
        if len(shared.bends):
            click.echo(
                _("Frontiers that are not concave: {codes} (bends.csv)").format(
                    codes=", ".join(sorted(set(shared.bends["regency_code"])))
                )
            )
    return BAD_INPUT if outcome.faults or shared is None else 0


def _floor(text: str) -> tuple[str, float]:
    code, equals, value = text.partition("=")
    if not equals:
        raise InputError(_("A floor is written CODE=MONEY"), where=text)
    return code.strip(), money(value)


class _Teller:
    """One line per regency that ended; where somebody watches, also what is at work."""

    def __init__(self) -> None:
        self._at_work: dict[str, float] = {}
        self._last = 0.0
        self._waiting = ""

    def __call__(self, code: str, label: str, share: float) -> None:
        watched = sys.stderr.isatty()
        if code and share >= 1:
            self._at_work.pop(code, None)
            click.echo(("\r\033[K" if watched else "") + f"{code}: {label}", err=True)
            return
        if code:
            self._at_work[code] = share
        elif label != self._waiting:
            self._waiting = label
            if label:
                click.echo(label, err=True)
        if watched and time.monotonic() - self._last > _SHOWN_EVERY_S:
            self._last = time.monotonic()
            line = "  ".join(f"{c} {s:.0%}" for c, s in sorted(self._at_work.items()))
            click.echo(f"\r\033[K{line}", err=True, nl=False)
