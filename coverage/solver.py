"""HiGHS without its banner, the same on every machine."""

from __future__ import annotations

import highspy


class QuietHighs(highspy.Highs):
    """A silent, single-threaded HiGHS with a fixed seed, so that results repeat."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        for name, setting in (("threads", 1), ("random_seed", seed), ("parallel", "off")):
            self.setOptionValue(name, setting)

    def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS's name
        """Called by HiGHS's own constructor, which would otherwise print a banner to standard output."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]
