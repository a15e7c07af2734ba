"""The commands ``backup``, ``restore`` and ``users``: keeping, moving and sharing people's work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage.cli.base import command
from coverage.errors import InputError
from coverage.language import _, ngettext

if TYPE_CHECKING:
    from coverage.store import Store

_ROLES = ("viewer", "village", "provider", "planner", "staff", "admin")


@contextmanager
def _store() -> Iterator[Store]:
    """The store that ``DATABASE_URL`` or ``JANGKAU_DATA`` names; who sits here is trusted."""
    from coverage.store import CONSOLE, open_store

    store = open_store(trusted=frozenset({CONSOLE}))
    try:
        yield store
    finally:
        store.close()


def backup_command() -> click.Command:
    """The command ``backup``."""
    return command(
        "backup",
        _("Write regions and all work on them into one file."),
        [
            click.Argument(["file"], type=click.Path(path_type=Path), metavar="FILE"),
            click.Argument(["regions"], type=click.Path(path_type=Path), nargs=-1, metavar="[REGION]..."),
        ],
        _backup,
    )


def _backup(file: Path, regions: tuple[Path, ...]) -> int:
    from coverage.region import load
    from coverage.store import CONSOLE, region_key
    from coverage.store.backup import region_folders, write_backup

    codes = [region_key(load(folder)) for folder in regions] or None
    with _store() as store:
        write_backup(store, CONSOLE, file, regions or region_folders(), codes)
    click.echo(file)
    return 0


def restore_command() -> click.Command:
    """The command ``restore``."""
    return command(
        "restore",
        _("Bring back regions and work from a file written by backup."),
        [
            click.Argument(["file"], type=click.Path(path_type=Path), metavar="FILE"),
            click.Option(
                ["--to", "folder"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help=_("Where the region folders are made, by default in the data folder"),
            ),
            click.Option(["--users", "with_users"], is_flag=True, help=_("Let people sign in as before")),
        ],
        _restore,
    )


def _restore(file: Path, folder: Path | None, with_users: bool) -> int:
    from coverage.store import CONSOLE, data_folder
    from coverage.store.restore import restore_backup

    with _store() as store:
        back = restore_backup(store, CONSOLE, file, folder or data_folder() / "regions", with_users=with_users)
    for made in back.folders:
        click.echo(made)
    click.echo(ngettext("{count} record restored", "{count} records restored", back.rows).format(count=back.rows))
    return 0


def users_command() -> click.Command:
    """The commands ``users add``, ``users list`` and ``users change``."""
    group = click.Group("users", help=_("Who may sign in, and as what."))
    address = click.Argument(["email"], metavar="EMAIL")
    scope = [
        click.Option(["--village", "village_code"], metavar="CODE", help=_("The village whose user it is")),
        click.Option(["--provider", "provider_id"], metavar="ID", help=_("The provider whose user it is")),
        click.Option(["--region", "region_code"], metavar="CODE", help=_("Only this region, by default all")),
    ]
    role = click.Option(["--role"], type=click.Choice(_ROLES), help=_("What the person may do"))
    required = click.Option(["--role"], type=click.Choice(_ROLES), required=True, help=_("What the person may do"))
    name = click.Option(["--name"], help=_("Name shown to others"))
    active = click.Option(["--open/--closed", "active"], default=None, help=_("Open or close the account"))
    group.add_command(command("add", _("Let somebody in."), [address, required, name, *scope], _add))
    group.add_command(command("list", _("List everybody."), [], _list))
    group.add_command(
        command("change", _("Change role or scope, close or open."), [address, role, name, *scope, active], _change)
    )
    return group


def _add(email: str, **given: Any) -> int:
    from coverage.store import CONSOLE, users
    from coverage.store.users import Person

    with _store() as store:
        made = users.add(store, CONSOLE, Person(email, **{key: value or "" for key, value in given.items()}))
    click.echo(_("{email} may sign in as {role}").format(email=made.email, role=made.role))
    return 0


def _list() -> int:
    from coverage.store import CONSOLE, users

    with _store() as store:
        for user in users.listed(store, CONSOLE):
            if user.email:
                scope = " ".join(part for part in (user.region_code, user.village_code, user.provider_id) if part)
                state = "" if user.active else _("closed")
                click.echo("\t".join((user.email, user.role, scope, state)).rstrip())
    return 0


def _change(email: str, **given: Any) -> int:
    from coverage.store import CONSOLE, users

    with _store() as store:
        wanted = email.strip().lower()
        user = next((user for user in users.listed(store, CONSOLE) if user.email == wanted), None)
        if user is None:
            raise InputError(_("Nobody has this address"), where=email)
        changes = {key: value for key, value in given.items() if value is not None}
        users.change(store, CONSOLE, user.id, user.version, **changes)
    click.echo(_("{email} is changed").format(email=user.email))
    return 0
