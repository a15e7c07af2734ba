"""Waiting for the analysis that a page asked for."""

from __future__ import annotations

import time

from streamlit.testing.v1 import AppTest

#: Longest wait for anything on a page, in seconds: many times what a slow machine needs.
PATIENCE_S = 240


def settled(at: AppTest) -> AppTest:
    """Run the page until it shows the analysis of the scenario that it asks for.

    An analysis that merely is there may still be the one before.
    """
    ends = time.monotonic() + PATIENCE_S
    at.run()
    while time.monotonic() < ends:
        here = at.session_state["here"] if "here" in at.session_state else None  # noqa: SIM401 - it has no get
        if here is not None and here.analysis is not None and here.analysis is here.job.result:
            return at
        if here is not None:
            here.job.ended.wait(1.0)
        at.run()
    raise AssertionError("the analysis never came")
