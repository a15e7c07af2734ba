"""The entry: language, commands, and errors as one message."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from coverage.cli.base import BAD_INPUT, language_option
from coverage.cli.batch import batch_command
from coverage.cli.compare import compare_command
from coverage.cli.data import blank_spots_command, check_command, fetch_command, import_command
from coverage.cli.store import backup_command, restore_command, users_command
from coverage.cli.work import publish_command, run_command
from coverage.errors import Cancelled, JangkauError
from coverage.language import DEFAULT, _, mark, using

_CANCELLED = 130
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
    _translate_click()
    with using(_language_of(words)):
        return _run(words)


def _run(words: list[str]) -> int:
    try:
        code = _commands().main(words, prog_name="python -m coverage", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return BAD_INPUT
    except click.ClickException as error:
        _say(error.format_message())
        return BAD_INPUT
    except (click.Abort, Cancelled, KeyboardInterrupt):
        _say(_("Stopped"))
        return _CANCELLED
    except JangkauError as error:
        _say(str(error))
        return BAD_INPUT
    except OSError as error:
        _say(f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))
        return BAD_INPUT
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


def _commands() -> click.Group:
    """The commands, their help in the language in force."""
    group = click.Group(
        name="coverage",
        help=_("Jangkau plans internet coverage for rural Indonesia."),
        params=[language_option()],
        callback=lambda lang: None,  # noqa: ARG005 - read before the commands were made
    )
    for make in (
        fetch_command,
        import_command,
        check_command,
        blank_spots_command,
        run_command,
        publish_command,
        compare_command,
        batch_command,
        backup_command,
        restore_command,
        users_command,
    ):
        group.add_command(make())
    return group
