"""Where imported regions are kept, by name."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from coverage.region.package import PACKAGE


def folder() -> Path:
    """Where regions are kept: ``JANGKAU_REGIONS``, else the user's data folder."""
    if chosen := os.environ.get("JANGKAU_REGIONS"):
        return Path(chosen)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "jangkau" / "regions"


def place(name: str) -> Path:
    """The folder of a region of this name: one plain word inside :func:`folder`, whatever the name holds."""
    word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return folder() / (word[:60].strip("-") or "region")


def kept() -> dict[Path, str]:
    """The regions that are there: their folders and titles, in the order of the folders' names."""
    found = {}
    for package in sorted(folder().glob(f"*/{PACKAGE}")):
        if package.parent.name.startswith("."):
            continue
        try:
            title = json.loads(package.read_text(encoding="utf-8")).get("title")
        except (OSError, ValueError, AttributeError):
            title = None
        found[package.parent] = str(title or package.parent.name)
    return found
