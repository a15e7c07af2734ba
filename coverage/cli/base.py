"""What all commands share: options, progress, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from coverage.language import LANGUAGES, _

_SCHEMES = ("postgresql://", "postgres://")

BAD_INPUT = 2


def language_option() -> click.Option:
    """The option ``--lang``; it is read before the commands are made."""
    return click.Option(["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the messages"), expose_value=True)


class FileOrTable(click.Path):
    """A file, as a path; or the address of a database, as it was written (a path would mangle it)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A path, or the address itself."""
        return str(value) if str(value).lower().startswith(_SCHEMES) else super().convert(value, param, ctx)


def file_option(name: str, text: str, *, required: bool = False, multiple: bool = False) -> click.Option:
    """An option that takes a file, or a table ``postgresql://host/database#schema.table``."""
    kind = FileOrTable(path_type=Path)
    return click.Option([name], type=kind, required=required, multiple=multiple, metavar="FILE", help=text)


def plan_options(*objectives: str) -> list[click.Parameter]:
    """What every command that plans may be told beside its money."""
    return [
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
    ]


def command(
    name: str, text: str, parameters: list[click.Parameter], callback: Callable[..., int | None]
) -> click.Command:
    """A command whose callback does not see ``--lang``."""

    def without_language(lang: str | None, **values: Any) -> int | None:  # noqa: ARG001 - read before
        return callback(**values)

    return click.Command(name, params=[*parameters, language_option()], help=text, callback=without_language)


def show_progress(label: str, share: float) -> None:
    """Progress on standard error, where somebody watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{share:4.0%} {label}", err=True, nl=share >= 1)
