"""Where imported regions are kept, by name."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

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
    places = sorted(package.parent for package in folder().glob(f"*/{PACKAGE}"))
    return titles(tuple(place for place in places if not place.name.startswith(".")))


def titles(folders: tuple[Path, ...]) -> dict[Path, str]:
    """Titles of region folders; the folder's name where it has none."""
    return {place: str(_described(place).get("title") or place.name) for place in folders}


def of_regency(code: str, others: tuple[Path, ...] = ()) -> Path | None:
    """The folder of a regency's region: one that is kept here, else one of ``others``; none where there is none."""
    return next((place for place in (*kept(), *others) if _described(place).get("code") == code), None)


def _described(place: Path) -> dict[str, Any]:
    """A region's description; nothing where it cannot be read, which is told where the region is opened."""
    try:
        found = json.loads((place / PACKAGE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
