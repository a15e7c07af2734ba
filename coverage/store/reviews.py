"""The review of what people report: accept, reject, or ask back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from coverage.errors import InputError
from coverage.language import _
from coverage.store.schema import Reviewed

if TYPE_CHECKING:
    from coverage.store.database import Store

Q = TypeVar("Q", bound=Reviewed)

#: Verdict of staff -> state.
VERDICTS = {"accept": "accepted", "reject": "rejected", "ask": "asked"}


def state_label(state: str) -> str:
    """A state of a report in the reader's language."""
    return {
        "open": _("to be reviewed"),
        "asked": _("asked back"),
        "accepted": _("accepted"),
        "rejected": _("rejected"),
    }.get(state, state)


def review(
    store: Store, acting: str, action: str, table: type[Q], row_id: str, version: int, verdict: str, note: str
) -> Q:
    """Accept, reject or ask; rejecting and asking need a word to the reporter.

    Raises
    ------
    InputError, Conflict, NotAllowedError, NotFoundError, StoreError
    """
    if verdict not in VERDICTS:
        raise InputError(_("A report is accepted, rejected or asked back"), where=verdict)
    if verdict != "accept" and not note.strip():
        raise InputError(_("Tell the reporter why"), where="review_note")
    with store.work(acting, action) as work:
        changes = {
            "state": VERDICTS[verdict],
            "review_note": note,
            "reviewed_at": work.now,
            "reviewed_by": work.user.id,
        }
        return work.change(table, row_id, version, changes)


def answer(
    store: Store, acting: str, action: str, table: type[Q], row_id: str, version: int, changes: dict[str, Any]
) -> Q:
    """Complete a report that staff asked about, so that it is reviewed again.

    Raises
    ------
    InputError
        Where it has been accepted or rejected already.
    Conflict, NotAllowedError, NotFoundError, StoreError
    """
    with store.work(acting, action) as work:
        row = work.get(table, row_id)
        if row.state in ("accepted", "rejected"):
            raise InputError(
                _("This report is {state} already").format(state=state_label(row.state)), todo=_("Make a new report")
            )
        return work.change(table, row_id, version, {**changes, "state": "open"})
