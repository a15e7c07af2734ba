"""Waiting for the analysis that a page asked for."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

_PATIENCE = 600


def settled(at: AppTest) -> AppTest:
    """Run the page until it shows the analysis of the scenario that it asks for.

    An analysis that merely is there may still be the one before.
    """
    at.run()
    for _attempt in range(_PATIENCE):
        here = at.session_state["here"] if "here" in at.session_state else None  # noqa: SIM401 - it has no get
        if here is not None and here.analysis is not None and here.analysis is here.job.result:
            return at
        if here is not None:
            here.job.ended.wait(0.1)
        at.run()
    raise AssertionError("the analysis never came")
