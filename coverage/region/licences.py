"""Licences in the words of a layer and as a Data Package names them."""

from __future__ import annotations

from functools import cache

from coverage.region.sources.columns import table

#: Identifiers of the Open Definition register for what has no name there.
_OTHER, _NONE = "other-closed", "notspecified"
_BETWEEN = "; "


@cache
def _known() -> dict[str, dict[str, str]]:
    rows = table("data_licences").to_dict("records")
    return {r["licence"]: {name: r[name] for name in ("name", "path") if r[name]} for r in rows}


def packaged(licence: str) -> list[dict[str, str]]:
    """A layer's licences as a Data Package lists them: the register's identifier or an address, and our words.

    Terms of a data giver that the register does not know are ``other-closed``.
    """
    if not licence:
        return [{"name": _NONE}]
    return [{**_known().get(part, {"name": _OTHER}), "title": part} for part in licence.split(_BETWEEN)]


def worded(licences: list[tuple[str, str]]) -> str:
    """A layer's licence from the (name, title) pairs of a package."""
    return _BETWEEN.join(title or name for name, title in licences if title or name != _NONE)
