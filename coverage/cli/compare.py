"""The command ``compare``: plans of one region side by side."""

from __future__ import annotations

from pathlib import Path

import click

from coverage.cli.base import command, show_progress
from coverage.language import _


def compare_command() -> click.Command:
    """The command ``compare``."""
    return command(
        "compare",
        _("Compare up to five scenarios: workbook, GeoPackage and PDF."),
        [
            click.Argument(["region"], type=click.Path(path_type=Path), metavar="REGION"),
            click.Option(
                ["--scenario", "scenarios"],
                type=str,
                multiple=True,
                required=True,
                metavar="FILE",
                help=_("A scenario file, or the name of a ready one (best_mix …); give it two to five times"),
            ),
            click.Option(
                ["--out"],
                type=click.Path(path_type=Path),
                required=True,
                metavar="DIR",
                help=_("Folder for the results"),
            ),
        ],
        _compare,
    )


def _compare(region: Path, scenarios: tuple[str, ...], out: Path) -> int:
    from coverage.progress import part
    from coverage.region import load
    from coverage.scenario import FOLDER, load_scenario

    ready = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
    asked = [load_scenario(ready[name] if name in ready else Path(name)) for name in scenarios]
    found = load(region)
    from coverage.analysis import analyse
    from coverage.outputs import compare, compare_files

    compare.check_count(len(asked))
    analyses = []
    for k, scenario in enumerate(asked):
        analyses.append(analyse(found, scenario, part(show_progress, k / len(asked), (k + 1) / len(asked))))
    comparison = compare.compare(analyses)
    click.echo(compare.headline(comparison))
    for path in compare_files.write(comparison, out):
        click.echo(path)
    return 0
