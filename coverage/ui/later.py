"""What takes seconds to find and is not needed to begin with: found in a thread while the page is used."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
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
_turn = threading.Lock()


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
    at_work: Future[Any] = Future()

    def work() -> None:
        with _turn:
            try:
                at_work.set_result(find(analysis))
            except Exception as error:  # noqa: BLE001 - raised again where the page asks for the result
                at_work.set_exception(error)

    # The copied context carries the reader's language into the thread; the server's end does not wait for it.
    threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True, name="later").start()
    return at_work


@st.fragment(run_every=0.5)
def _watch(at_work: Future[Any]) -> None:
    if at_work.done():
        st.rerun()
