"""What pages ask of an analysis and that takes seconds to find: found before anybody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.outputs import together

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def prepare(analysis: Analysis) -> None:
    """Leave in the content cache who would share links and masts."""
    together.groups(analysis)
    together.masts(analysis)
