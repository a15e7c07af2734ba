"""A region as the people at work know it: with accepted reports and corrections, and the session's providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage import cache
from coverage.store import corrections, evidence, region_key
from coverage.ui import people, provider_replies

if TYPE_CHECKING:
    from coverage.region import Region


def known(region: Region, name: str) -> tuple[Region, str]:
    """The region with what staff has accepted and replies of providers, and the name under which its results are kept.

    Parameters
    ----------
    region : Region
        As its folder tells it.
    name : str
        Names the folder and its state.

    Raises
    ------
    NotAllowedError, StoreError
    """
    store, acting, key = people.here(), people.acting(), region_key(region)
    fixes = corrections.accepted(store, acting, key)
    reports = evidence.accepted(store, acting, key)
    if fixes or reports:
        state = cache.key([[row.id, row.version] for row in fixes], [[row.id, row.version] for row in reports])
        region, name = _with_work(name, state, region, fixes, reports), f"{name}:{state}"
    region, replied = provider_replies.in_session(region)
    return region, name if replied is None else f"{name}:{cache.key(replied)}"


@st.cache_resource(max_entries=4, show_spinner=False)
def _with_work(name: str, state: str, _region: Region, _fixes: Any, _reports: Any) -> Region:
    del name, state  # they name the entry
    corrected, _unused = corrections.with_corrections(_region, _fixes)
    return evidence.with_evidence(corrected, evidence.as_evidence(_reports))
