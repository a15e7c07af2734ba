"""How long work tells where it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable

#: ``progress(label, share)``: ``label`` is a translated phrase, ``share`` in 0..1 of the whole.
#: It may raise :class:`coverage.errors.Cancelled`, which stops the work at that point.
Progress = Callable[[str, float], None]


def silent(label: str, share: float) -> None:
    """Progress that tells nobody."""


def part(progress: Progress | None, start: float, stop: float) -> Progress:
    """A progress for a part of the work, scaled into ``start..stop`` of the whole."""
    if progress is None:
        return silent

    def scaled(label: str, share: float) -> None:
        progress(label, start + (stop - start) * min(max(share, 0.0), 1.0))

    return scaled
