"""Text from data, made safe for Streamlit's Markdown."""

from __future__ import annotations

#: Every ASCII punctuation mark may be escaped in Markdown; then it has no meaning there, nor in
#: Streamlit's own colour, icon and formula marks.
_MARKS = frozenset("\\`*_{}[]()<>#+-.!|$~:&^=@\"'/")


def literal(text: object) -> str:
    """Text that Markdown shows as it is: no markup, no links, no pictures, no line breaks."""
    return " ".join("".join("\\" + c if c in _MARKS else c for c in str(text)).split())
