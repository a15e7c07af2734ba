"""Terms of a deal as people keep them: saved, told with who and when, taken back; two people at once are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _, number, percent, rupiah_short
from coverage.outputs import words
from coverage.partnership import KEPT_FIELDS, KeptTerms
from coverage.store import Conflict, conflicts, deals, region_key
from coverage.store.matches import Offer
from coverage.ui import people, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.region import Region

_TROUBLE = "terms_trouble"
_SAVED = "terms_saved"


def of_region(region: Region) -> dict[str, KeptTerms]:
    """Kept terms by deal id that whoever is at work may see."""
    try:
        return deals.kept(people.here(), people.acting(), region_key(region))
    except JangkauError:
        return {}


def of_deal(region: Region, deal_id: str) -> KeptTerms:
    """Kept terms of one deal; none of its own where nobody set any."""
    return of_region(region).get(deal_id, KeptTerms())


def told(kept: KeptTerms) -> str:
    """Who set which terms and when; empty where all is as calculated."""
    if not kept.any:
        return ""
    terms = ", ".join(
        f"{_label(name)} {_value(name, getattr(kept, name))}" for name in KEPT_FIELDS if getattr(kept, name) is not None
    )
    return _("Set by {name} on {date}: {terms}.").format(name=kept.by, date=words.moment(kept.at), terms=terms)


def of_village(analysis: Analysis, village_code: str, seen: frozenset[str] | None = None) -> None:
    """The terms that people set for a village's deals, a line each; of ``seen`` deals, where not all may be seen."""
    deals_here = analysis.deals[analysis.deals["village_code"] == village_code].set_index("deal_id")
    names = analysis.region.providers.set_index("provider_id")["provider_name"]
    technology = analysis.option_set.options.set_index("option_id")["technology"]
    lines = []
    for deal_id, own in sorted(of_region(analysis.region).items(), key=lambda item: item[0]):
        if not own.any or deal_id not in deals_here.index or (seen is not None and deal_id not in seen):
            continue
        option, provider = (str(deals_here[name][deal_id]) for name in ("option_id", "provider_id"))
        who = f"{words.technology(str(technology[option]))}, {names.get(provider, provider)}"
        lines.append(f"- **{literal(who)}.** {literal(told(own))}")
    if lines:
        head = literal(_("Terms on the table. Everything else on this page is as calculated."))
        st.info("\n".join([head, "", *lines]), icon=":material/edit_note:")


def bar(
    analysis: Analysis, deal_id: str, terms: Mapping[str, float | None], seen: int, after: Callable[[], None]
) -> None:
    """Keep the terms that the controls show, or give them up; who changed what stands below.

    Parameters
    ----------
    terms : mapping
        Name of a term -> what the controls show; None where it is as calculated.
    seen : int
        Version of the kept terms with which the controls were filled.
    after : callable
        Called when something was saved: the controls must be filled anew.
    """
    kept = of_deal(analysis.region, deal_id)
    changed = any(getattr(kept, name) != value for name, value in terms.items())
    with st.container(horizontal=True):
        st.button(
            _("Keep these terms"), icon=":material/save:", type="primary", disabled=not changed,
            key=f"keep-{deal_id}", on_click=_save, args=(analysis, deal_id, seen, dict(terms), after),
            help=_("They then stand in the match list and in the papers, with your name and the date."),
        )  # fmt: skip
        st.button(
            _("Give kept terms up"), icon=":material/undo:", disabled=not kept.any, key=f"drop-{deal_id}",
            on_click=_save, args=(analysis, deal_id, kept.version, dict.fromkeys(terms), after),
            help=_("Everything is as calculated again; the history stays."),
        )  # fmt: skip
    _trouble(after)
    if kept.any:
        st.caption(literal(told(kept)))
    _history(analysis, deal_id)


def _save(
    analysis: Analysis, deal_id: str, version: int, terms: dict[str, float | None], after: Callable[[], None]
) -> None:
    row = analysis.deals.set_index("deal_id").loc[deal_id]
    offer = Offer(
        deal_id, str(row["option_id"]), str(row["village_code"]), str(row["provider_id"]), str(row["business_model"])
    )
    _try(lambda: deals.edit(people.here(), people.acting(), region_key(analysis.region), offer, version, terms), after)


def _try(action: Callable[[], Any], after: Callable[[], None]) -> None:
    """Do it; what went wrong is said at the next drawing."""
    state.speak()  # a callback runs before the page does
    st.session_state.pop(_TROUBLE, None)
    try:
        action()
    except JangkauError as error:
        st.session_state[_TROUBLE] = error
    else:
        st.session_state[_SAVED] = True
        after()


def _trouble(after: Callable[[], None]) -> None:
    if st.session_state.pop(_SAVED, False):
        st.success(_("Saved."), icon=":material/check:")
    error = st.session_state.get(_TROUBLE)
    if error is None:
        return
    if not isinstance(error, Conflict):
        st.session_state.pop(_TROUBLE)
        st.error(f"{literal(error.what)}. {literal(error.todo)}", icon=":material/error:")
        return
    todo = error.todo
    if error.clashes:
        names = ", ".join(_label(name) for name in error.clashes)
        todo = _("Both of you changed: {terms}. Overwrite theirs with yours, or drop yours").format(terms=names)
    st.warning(f"{literal(error.what)}. {literal(todo)}.", icon=":material/group:")
    store, acting = people.here(), people.acting()
    with st.container(horizontal=True):
        st.button(
            _("Merge both"), key="terms_merge", disabled=bool(error.clashes),
            on_click=lambda: _try(lambda: conflicts.merge(store, acting, error), after),
        )  # fmt: skip
        st.button(
            _("Overwrite with mine"), key="terms_overwrite",
            on_click=lambda: _try(lambda: conflicts.overwrite(store, acting, error), after),
        )  # fmt: skip
        st.button(_("Drop mine"), key="terms_drop", on_click=_drop, args=(after,))


def _drop(after: Callable[[], None]) -> None:
    st.session_state.pop(_TROUBLE, None)
    after()


def _history(analysis: Analysis, deal_id: str) -> None:
    """Every change of the deal's terms, the newest first."""
    try:
        past = deals.history(people.here(), people.acting(), region_key(analysis.region), deal_id)
    except JangkauError:
        return
    if not past:
        return
    with st.expander(_("Who changed the terms"), icon=":material/history:"):
        st.dataframe(
            pd.DataFrame(
                {
                    "date": [words.moment(change.at) for change in past],
                    "name": [change.by for change in past],
                    "terms": [_moves(change) for change in past],
                }
            ),
            hide_index=True,
            column_config={
                "date": _("Date"), "name": _("Who"), "terms": st.column_config.TextColumn(_("Change"), width="large"),
            },
        )  # fmt: skip


def _moves(change: deals.TermsChange) -> str:
    return "; ".join(
        f"{_label(name)}: {_value(name, change.before[name])} → {_value(name, change.after[name])}"
        for name in change.after
    )


def _label(name: str) -> str:
    return {
        "price_idr_month": _("price a month"),
        "speed_mbps": _("speed"),
        "term_years": _("term"),
        "village_share": _("share of the BUMDes"),
        "contribution_idr": _("the village pays once"),
        "subsidy_idr": _("public money"),
    }[name]


def _value(name: str, value: float | None) -> str:
    if value is None:
        return _("as calculated")
    if name.endswith(("_idr", "_idr_month")):
        return rupiah_short(value)
    if name == "village_share":
        return percent(value)
    if name == "speed_mbps":
        return _("{speed} Mbps").format(speed=number(value))
    return _("{years} years").format(years=number(value))
