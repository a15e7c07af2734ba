"""Days as people enter them."""

from __future__ import annotations

import datetime as dt

from coverage.errors import InputError
from coverage.language import _


def past_day(text: str) -> str:
    """An ISO day that is not ahead; empty means today.

    Raises
    ------
    InputError
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    try:
        day = dt.date.fromisoformat(text) if text else today
    except ValueError as error:
        raise InputError(_("This is not a date"), where=text[:40], todo=_("Write it as 2026-11-24")) from error
    if day > today + dt.timedelta(days=1):  # somewhere it may be tomorrow already
        raise InputError(_("The date lies ahead"), where=text)
    return day.isoformat()
