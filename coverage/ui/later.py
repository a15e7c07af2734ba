"""What takes seconds to find and is not needed to begin with: found in a thread while the page is used."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING, Any, TypeVar, cast

import streamlit as st

from coverage.kept import kept

if TYPE_CHECKING:
    from coverage.analysis import Analysis

R = TypeVar("R")

#: What is there sooner is waited for, instead of drawing the page twice.
_PATIENCE_S = 0.3
#: One after the other, so that pages stay quick.
_threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="later")


def found(find: Callable[[Analysis], R], analysis: Analysis) -> R | None:
    """What ``find`` makes of an analysis, or None while it is still at it; what it raises is raised here."""
    try:
        return cast(R, _begun(analysis, find).result(_PATIENCE_S))
    except NotYet:
        return None


def watch(find: Callable[[Analysis], Any], analysis: Analysis) -> None:
    """Draw the page again when :func:`found` has something to tell."""
    _watch(_begun(analysis, find))


@kept
def _begun(analysis: Analysis, find: Callable[[Analysis], Any]) -> Future[Any]:
    # The copied context carries the reader's language into the thread.
    return _threads.submit(contextvars.copy_context().run, find, analysis)


@st.fragment(run_every=0.5)
def _watch(at_work: Future[Any]) -> None:
    if at_work.done():
        st.rerun()
