"""Edited terms of deals, and which figures of a deal each role may see."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from coverage.errors import InputError
from coverage.language import _
from coverage.store.conflicts import Conflict
from coverage.store.faults import NotAllowedError
from coverage.store.people import built_in_name
from coverage.store.schema import AuditEntry, DealEdit, User

if TYPE_CHECKING:
    import pandas as pd

    from coverage.partnership import KeptTerms
    from coverage.store.database import Store
    from coverage.store.matches import Offer
    from coverage.store.work import Work

#: Terms that may be edited, and the side that may set them.
TERMS = {
    "price_idr_month": "provider",
    "speed_mbps": "provider",
    "term_years": "provider",
    "village_share": "provider",
    "contribution_idr": "village",
    "subsidy_idr": "office",
}
#: Column of :class:`coverage.tables.Deals` -> sides that may see it. A column that is not named here
#: is for staff alone: hurdle rates, reservation prices and village maxima are.
_ALL = frozenset({"public", "village", "provider", "office"})
_SEEN_BY: dict[str, frozenset[str]] = {
    **dict.fromkeys(("deal_id", "option_id", "village_code", "provider_id", "business_model"), _ALL),
    **dict.fromkeys(("price_idr_month", "subscribers", "backhaul_kind", "speed_mbps", "term_years"), _ALL),
    "contribution_idr": frozenset({"village", "provider", "office"}),
    "village_share": frozenset({"village", "provider", "office"}),
    "subsidy_idr": frozenset({"provider", "office"}),
    "access_cost_pv_idr": frozenset({"provider", "office"}),
    "backhaul_cost_pv_idr": frozenset({"provider", "office"}),
    "capital_idr": frozenset({"provider"}),
    "revenue_idr_per_year": frozenset({"provider"}),
    "income_pv_idr": frozenset({"provider"}),
    "npv_idr": frozenset({"provider"}),
    "village_payoff_idr": frozenset({"village"}),
    "enterprise_npv_idr": frozenset({"village"}),
}
_SIDES = {"viewer": "public", "village": "village", "provider": "provider", "planner": "office"}


def visible(store: Store, acting: str, region_code: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows and columns of a table of deals (or of a plan's) that the user may see.

    Parameters
    ----------
    frame : DataFrame
        Any table with ``village_code`` and ``provider_id``, such as :class:`coverage.tables.Deals`.

    Returns
    -------
    DataFrame
        All of it for staff; for others only columns that their side may see, for villages and
        providers only their own rows.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "deal.read", region_code, write=False) as work:
        return _visible(work.user, region_code, frame)


def _visible(user: User, region_code: str, frame: pd.DataFrame) -> pd.DataFrame:
    if user.region_code and user.region_code != region_code:
        return frame.iloc[:0][["village_code", "provider_id"]]
    if user.role in ("staff", "admin"):
        return frame
    side = _SIDES[user.role]
    columns = [name for name in frame.columns if side in _SEEN_BY.get(str(name), frozenset())]
    own = {"village": ("village_code", user.village_code), "provider": ("provider_id", user.provider_id)}
    if user.role in own:
        column, value = own[user.role]
        return frame.loc[(frame[column] == value) & bool(value), columns].reset_index(drop=True)
    return frame[columns]


def secret_figures(store: Store, acting: str, region_code: str = "") -> bool:
    """Whether the user may see hurdle rates, reservation prices and village maxima.

    Raises
    ------
    StoreError
    """
    try:
        with store.work(acting, "figures.secret", region_code, write=False):
            return True
    except NotAllowedError:
        return False


def edit(
    store: Store, acting: str, region_code: str, offer: Offer, version: int, terms: dict[str, float | None]
) -> DealEdit:
    """Change terms of a deal; terms that are not named stay as they are.

    Parameters
    ----------
    version : int
        Of the edited terms as the user saw them; 0 where nobody had edited them.
    terms : dict
        Name in :data:`TERMS` -> number, or None for what was worked out.

    Raises
    ------
    InputError
        Where a term is unknown or no number.
    NotAllowedError
        Where the deal or the term is another side's.
    Conflict
        Where somebody changed them in between.
    StoreError
    """
    _check_terms(terms)
    with store.work(acting, "deal.edit", region_code) as work:
        _check_side(work.user, terms)
        row = work.session.scalars(work.select(DealEdit).where(DealEdit.deal_id == offer.deal_id)).first()
        if row is None:
            named = ("deal_id", "village_code", "provider_id")
            made = DealEdit(region_code=region_code, **{name: getattr(offer, name) for name in named}, **terms)
            return _shown(work, work.add(made))
        try:
            return _shown(work, work.change(DealEdit, row.id, version, terms))
        except Conflict as conflict:
            for hidden in _hidden_terms(work.user):
                conflict.base.pop(hidden, None)
                conflict.theirs.pop(hidden, None)
            raise


def _check_terms(terms: dict[str, Any]) -> None:
    for name, value in terms.items():
        if name not in TERMS:
            raise InputError(_("This term cannot be edited"), where=name)
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if value is not None and not (number and value >= 0):
            raise InputError(_("A term is a number of zero or more"), where=name)
        if name == "village_share" and value is not None and value > 1:
            raise InputError(_("A share is at most one"), where=name)


def _check_side(user: User, terms: dict[str, float | None]) -> None:
    side = _SIDES.get(user.role, "staff")
    if side in ("village", "provider"):
        for name in terms:
            if TERMS[name] != side:
                raise NotAllowedError(_("This term is for the other side to set"), where=name)


def edits(store: Store, acting: str, region_code: str) -> dict[str, DealEdit]:
    """Edited terms that the user may see: deal id -> edit; terms of another side's come empty.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "deal.read", region_code, write=False) as work:
        return {row.deal_id: _shown(work, row) for row in work.all(DealEdit)}


def kept(store: Store, acting: str, region_code: str) -> dict[str, KeptTerms]:
    """The terms in force of edited deals that the user may see, with who set them and when, by deal id.

    Deals whose terms are all as calculated again are among them: their version is needed to change them.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "deal.read", region_code, write=False) as work:
        names = _names(work)
        return {row.deal_id: _kept(row, names) for row in (_shown(work, row) for row in work.all(DealEdit))}


def _kept(row: DealEdit, names: dict[str, str]) -> KeptTerms:
    from coverage.partnership import KeptTerms

    terms = {name: getattr(row, name) for name in TERMS}
    return KeptTerms(**terms, by=names.get(row.changed_by, row.changed_by), at=row.changed_at, version=row.version)


def _names(work: Work) -> dict[str, str]:
    return {user.id: built_in_name(user.id) or user.name or user.id for user in work.session.scalars(select(User))}


@dataclass(frozen=True)
class TermsChange:
    """One change of a deal's terms: who, when (UTC, ISO), and every changed term before and after."""

    by: str
    at: str
    before: dict[str, float | None]
    after: dict[str, float | None]


def history(store: Store, acting: str, region_code: str, deal_id: str) -> list[TermsChange]:
    """Every change of a deal's terms, the newest first; terms of another side are left out.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "deal.read", region_code, write=False) as work:
        row = work.session.scalars(work.select(DealEdit).where(DealEdit.deal_id == deal_id)).first()
        if row is None:
            return []
        query = select(AuditEntry).where(AuditEntry.kind == DealEdit.__tablename__, AuditEntry.entity_id == row.id)
        names, hidden = _names(work), set(_hidden_terms(work.user))
        found = []
        for entry in work.session.scalars(query.order_by(AuditEntry.id.desc())):
            before, after = entry.before or {}, entry.after or {}
            moved = [name for name in TERMS if name not in hidden and before.get(name) != after.get(name)]
            if moved:
                told = ({name: state.get(name) for name in moved} for state in (before, after))
                found.append(TermsChange(names.get(entry.user_id, entry.user_id), entry.at, *told))
        return found


def _hidden_terms(user: User) -> list[str]:
    side = _SIDES.get(user.role)
    return [] if side is None else [name for name in TERMS if side not in _SEEN_BY[name]]


def _shown(work: Work, row: DealEdit) -> DealEdit:
    """The row without terms that the user may not see; what is stored stays as it is."""
    work.session.flush()
    work.session.expunge(row)
    for name in _hidden_terms(work.user):
        setattr(row, name, None)
    return row
