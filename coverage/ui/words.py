"""Text from data, made safe for Streamlit's Markdown."""

from __future__ import annotations

import re

#: Every ASCII punctuation mark may be escaped in Markdown; then it has no meaning there, nor in
#: Streamlit's own colour, icon and formula marks.
_MARKS = frozenset("\\`*_{}[]()<>#+-.!|$~:&^=@\"'/")


#: Addresses become links even when escaped; an invisible joiner inside keeps them plain text.
_ADDRESS = re.compile(r"://|www\.|@", re.IGNORECASE)
_JOINER = "\u2060"


def literal(text: object) -> str:
    """Text that Markdown shows as it is: no markup, no links, no pictures, no line breaks."""
    plain = _ADDRESS.sub(lambda found: found.group()[:-1] + _JOINER + found.group()[-1], " ".join(str(text).split()))
    return "".join("\\" + c if c in _MARKS else c for c in plain)
