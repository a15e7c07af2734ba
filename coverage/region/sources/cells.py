"""Any file of cells or towers, by what it holds."""

from __future__ import annotations

from pathlib import Path

from coverage.assumptions import Assumptions
from coverage.region.quality import Report
from coverage.region.sources.files import opened
from coverage.region.sources.opencellid import looks_like, read_opencellid
from coverage.region.sources.radios import Radios

_HEAD_BYTES = 512


def read_cells(path: Path, box: tuple[float, float, float, float], assumptions: Assumptions, report: Report) -> Radios:
    """Radios within a box from a file as downloaded.

    Parameters
    ----------
    box : tuple
        (west, south, east, north) in degrees.

    Raises
    ------
    QualityError
        Where the file is of no known kind or cannot be read.
    """
    with opened(path, "cells", report) as inner:
        with inner.open("rb") as stream:
            head = stream.read(_HEAD_BYTES).decode("utf-8", errors="replace")
        if looks_like(head):
            return read_opencellid(inner, box, assumptions, report)
        report.add("error", "unknown_format", "cells", value=path.name, columns=head[:60], expected="OpenCelliD CSV")
        report.refuse_errors(path.name)
        raise AssertionError("an error refuses the file")
