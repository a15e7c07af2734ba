"""Longer work on a plan that is there: frontier, comparison, uncertainty; in a thread, with progress, stoppable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from coverage.language import _
from coverage.progress import Progress
from coverage.ui import state
from coverage.ui.main import show_error
from coverage.ui.work import Job, Workshop


@st.cache_resource(show_spinner=False)
def _bench() -> Workshop:
    """Apart from the analyses, so that neither stops the other."""
    return Workshop()


def clear() -> None:
    """Forget all results (for tests)."""
    _bench.clear()


def result(view: str, key: str, label: str, make: Callable[[Progress], Any], why: str = "") -> Any | None:
    """The result of some work, or a way to start it, its progress, or what went wrong.

    Parameters
    ----------
    view : str
        Which part of the page asks; it has one piece of work at a time.
    key : str
        Names everything that the result depends on. Whatever was worked out for another key is not shown.
    label : str
        On the button that starts it.
    make : callable
        Does the work; takes a progress.
    why : str
        What to expect, told before it is started.
    """
    return _result(view, key, label, make, why)


def now(view: str, key: str, make: Callable[[Progress], Any]) -> Any | None:
    """As :func:`result`, but begun at once: for what somebody has just asked for."""
    job: Job | None = st.session_state.get(f"work_{view}")
    if job is None or job.key != key:
        _start(view, key, make, again=False)
        st.session_state[f"work_{view}"].ended.wait(_PATIENCE_S)
    return _result(view, key, _("Calculate"), make, "")


#: What was calculated before is there sooner than this: nothing then needs to be drawn twice.
_PATIENCE_S = 0.35


def _result(view: str, key: str, label: str, make: Callable[[Progress], Any], why: str) -> Any | None:
    job: Job | None = st.session_state.get(f"work_{view}")
    with st.container(key=f"bench_{view}"):  # always there, so that what follows keeps its place
        if job is None or job.key != key:
            if why:
                st.write(why)
            _button(view, key, label, make, ":material/play_arrow:")
        elif job.state == "running":
            _watch(view)
        elif job.state == "failed" and job.error is not None:
            show_error(job.error)
            _button(view, key, _("Try again"), make, ":material/refresh:")
        elif job.state == "cancelled":
            st.info(_("The calculation was stopped."))
            _button(view, key, label, make, ":material/play_arrow:")
        else:
            return job.result
    return None


def _button(view: str, key: str, label: str, make: Callable[[Progress], Any], icon: str) -> None:
    st.button(label, key=f"start_{view}", icon=icon, type="primary", on_click=_start, args=(view, key, make))


def _start(view: str, key: str, make: Callable[[Progress], Any], *, again: bool = True) -> None:
    context = get_script_run_ctx()
    session = context.session_id if context else ""
    st.session_state[f"work_{view}"] = _bench().ask(key, session, make, again=again)


@st.fragment(run_every=0.5)
def _watch(view: str) -> None:
    state.speak()
    job: Job = st.session_state[f"work_{view}"]
    if job.state != "running":
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=job.label or _("Calculating…"))
        st.button(_("Stop"), key=f"stop_{view}", on_click=job.stop.set, icon=":material/stop_circle:", width="content")
