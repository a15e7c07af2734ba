"""``python -m coverage.region.sample OUT`` builds the embedded region into a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from coverage import assumptions
from coverage.region.sample import build


def main(arguments: list[str]) -> int:
    """Build into the folder named by the only argument."""
    if len(arguments) != 1:
        sys.stderr.write("python -m coverage.region.sample OUT\n")
        return 2
    build(Path(arguments[0]), assumptions.load())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
