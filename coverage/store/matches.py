"""Matches: the way of a deal from proposed to built, and what plans must or must not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from coverage.errors import InputError
from coverage.language import _
from coverage.store.days import past_day
from coverage.store.schema import CHOICES, Match, StatusChange

if TYPE_CHECKING:
    from coverage.store.database import Store
    from coverage.store.work import Work


@dataclass(frozen=True)
class Offer:
    """The deal that is recommended, as columns of :class:`coverage.tables.Deals`."""

    deal_id: str
    option_id: str
    village_code: str
    provider_id: str
    business_model: str


@dataclass(frozen=True)
class Wishes:
    """Deals that plans must or must not hold."""

    pinned: tuple[str, ...]
    forbidden: tuple[str, ...]


def propose(store: Store, acting: str, region_code: str, offer: Offer, *, sample: bool = False) -> Match:
    """Put a deal on the list of matches; one that is there already comes back as it is.

    Parameters
    ----------
    sample : bool
        Whether the region holds sample data: then every status beyond *proposed* asks for confirmation.

    Raises
    ------
    NotAllowedError, InputError, StoreError
    """
    with store.work(acting, "match.propose", region_code) as work:
        return _existing(work, offer.deal_id) or work.add(_match(region_code, offer, sample))


def _match(region_code: str, offer: Offer, sample: bool) -> Match:
    return Match(
        region_code=region_code, status="proposed", status_date=past_day(""), status_note="", choice="", sample=sample,
        **vars(offer),
    )  # fmt: skip


def _existing(work: Work, deal_id: str) -> Match | None:
    return work.session.scalars(work.select(Match).where(Match.deal_id == deal_id)).first()


def listed(store: Store, acting: str, region_code: str) -> list[Match]:
    """The matches that the user may see, in the order they were proposed.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "match.read", region_code, write=False) as work:
        return work.all(Match)


def set_status(
    store: Store,
    acting: str,
    match_id: str,
    version: int,
    status: str,
    *,
    date: str = "",
    note: str = "",
    sample_confirmed: bool = False,
) -> Match:
    """Take a match one step on, one step back, or off the way; every step is kept.

    Parameters
    ----------
    date : str
        ISO day on which it happened, by default today.
    sample_confirmed : bool
        That the user knows that the match rests on sample data.

    Raises
    ------
    InputError
        Where the step does not follow from where the match is, the date is none or lies ahead, or
        sample data were not confirmed.
    Conflict, NotAllowedError, NotFoundError, StoreError
    """
    day = past_day(date)
    with store.work(acting, "match.status") as work:
        match = work.get(Match, match_id)
        if match.sample and status != "proposed" and not sample_confirmed:
            raise InputError(
                _("This match rests on sample data"), todo=_("Confirm that you know it, or use your own region")
            )
        changes = {"status": status, "status_date": day, "status_note": note}
        return work.change(Match, match_id, version, changes)


def history(store: Store, acting: str, region_code: str, match_id: str) -> list[StatusChange]:
    """The steps of a match, oldest first.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "match.read", region_code, write=False) as work:
        return list(work.session.scalars(work.select(StatusChange).where(StatusChange.match_id == match_id)))


def choose(store: Store, acting: str, region_code: str, offer: Offer, choice: str, *, sample: bool = False) -> Match:
    """Pin a deal (plans must hold it), forbid it, or leave it free (empty `choice`).

    Raises
    ------
    InputError, NotAllowedError, StoreError
    """
    if choice not in CHOICES:
        raise InputError(_("A match is pinned, forbidden or free"), where=choice)
    with store.work(acting, "match.choose", region_code) as work:
        match = _existing(work, offer.deal_id) or work.add(_match(region_code, offer, sample))
        return match if match.choice == choice else work.change(Match, match.id, match.version, {"choice": choice})


def wishes(store: Store, acting: str, region_code: str) -> Wishes:
    """What plans of the region must and must not hold, whoever looks: there is one plan for all.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "match.read", region_code, write=False) as work:
        query = select(Match).where(Match.region_code == region_code, Match.choice != "")
        found = list(work.session.scalars(query))
    return Wishes(
        tuple(sorted(match.deal_id for match in found if match.choice == "pin")),
        tuple(sorted(match.deal_id for match in found if match.choice == "forbid")),
    )
