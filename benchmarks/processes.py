"""Processes of this machine: their children, memory and processor time (Linux)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def family(process: int) -> list[int]:
    """A process and those that it started."""
    found = [process]
    for known in found:
        with suppress(OSError):
            for task in Path(f"/proc/{known}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def resident_mb(process: int) -> float:
    """Resident memory of a process in MB."""
    text = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS")) / 1024


def proportional_mb(process: int) -> float:
    """Memory of a process in MB, pages shared with others divided among them (PSS); 0 for one that is gone."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


def worked_s(process: int) -> float:
    """Processor time that a process has taken, in seconds."""
    values = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")
