"""What people say of the app, page by page, for the staff to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.errors import InputError
from coverage.language import _
from coverage.store.schema import Feedback

if TYPE_CHECKING:
    from coverage.store.database import Store


def give(store: Store, acting: str, region_code: str, page: str, words: str, village_code: str = "") -> Feedback:
    """Keep what somebody says of a page.

    Raises
    ------
    InputError
        Where nothing is said, or too much.
    NotAllowedError, StoreError
    """
    if not words.strip():
        raise InputError(_("The message is empty"), todo=_("Write what is wrong or missing"))
    with store.work(acting, "feedback.give", region_code) as work:
        return work.add(Feedback(region_code=region_code, page=page, village_code=village_code, words=words.strip()))


def listed(store: Store, acting: str, region_code: str) -> list[Feedback]:
    """What was said about a region, the latest first.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "feedback.read", region_code, write=False) as work:
        return list(reversed(work.all(Feedback)))
