"""The steps of a match, from proposed to built."""

from __future__ import annotations

from coverage.errors import InputError
from coverage.language import _

#: From a status to those that may follow: one step on, one step back, or off.
NEXT = {
    "proposed": ("contacted", "declined"),
    "contacted": ("negotiating", "declined", "proposed"),
    "negotiating": ("agreed", "declined", "contacted"),
    "agreed": ("built", "declined", "negotiating"),
    "built": ("agreed",),
    "declined": ("proposed",),
}


def status_label(status: str) -> str:
    """A status in the reader's language."""
    return {
        "proposed": _("proposed"),
        "contacted": _("contacted"),
        "negotiating": _("negotiating"),
        "agreed": _("agreed"),
        "built": _("built"),
        "declined": _("declined"),
    }.get(status, status)


def check_step(status: str, wanted: str) -> None:
    """Refuse a status that does not follow from the one a match has.

    Raises
    ------
    InputError
    """
    following = NEXT[status]
    if wanted not in following:
        raise InputError(
            _("A match that is {status} cannot become {wanted}").format(
                status=status_label(status), wanted=status_label(wanted)
            ),
            todo=_("It can become: {names}").format(names=", ".join(status_label(name) for name in following)),
        )
