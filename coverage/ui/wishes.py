"""Matches that staff pinned or ruled out, each with a way to leave it free again.

Shown without any plan: where a pinned deal is gone from the region, there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from coverage.errors import JangkauError
from coverage.language import _
from coverage.store import matches, region_key
from coverage.store.matches import Offer
from coverage.ui import people, state
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.region import Region
    from coverage.store.schema import Match


def show(region: Region) -> None:
    """List them."""
    found = [m for m in matches.listed(people.here(), people.acting(), region_key(region)) if m.choice]
    if not found:
        st.info(_("No match is pinned or ruled out: the plan decides."))
    kinds = {"pin": _("must be in the plan"), "forbid": _("must not be in the plan")}
    for match in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(match.deal_id)}** · {kinds[match.choice]}", width="stretch")
            st.button(
                _("Leave free"), key=f"free-{match.id}", icon=":material/lock_open:", on_click=_free,
                args=(match, region_key(region), region.is_sample),
            )  # fmt: skip


def _free(match: Match, key: str, sample: bool) -> None:
    state.speak()  # a callback runs before the page does
    offer = Offer(match.deal_id, match.option_id, match.village_code, match.provider_id, match.business_model)
    try:
        matches.choose(people.here(), people.acting(), key, offer, "", sample=sample)
    except JangkauError as error:
        st.session_state["work_trouble"] = f"{error.what}. {error.todo}"
