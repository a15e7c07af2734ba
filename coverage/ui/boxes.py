"""Boxes that files are dropped into, in the reader's language: Streamlit's own words are English alone.

Its words are covered by style: what stands in a box is set by variables (``--box-…``), for all boxes
by :func:`style` and for one box by :func:`tell`.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from coverage.language import _, number

_RULES = """
[data-testid="stFileUploaderDropzone"] [data-testid="stBaseButton-secondary"] [data-testid="stMarkdownContainer"] > *,
[data-testid="stFileUploaderDropzoneInstructions"] > *,
[data-testid="stFileChip"] [role="alert"],
body:has([data-testid="stFileChip"][aria-invalid="true"]) [data-testid="stTooltipErrorContent"],
[data-testid="InputInstructions"] > span:first-child { display: none; }
[data-testid="InputInstructions"] > span::before { content: none !important; }
[data-testid="stFileUploaderDropzone"] [data-testid="stBaseButton-secondary"] [data-testid="stMarkdownContainer"]::after
  { content: var(--box-choose); }
[data-testid="stFileUploaderDropzoneInstructions"]::after { content: var(--box-limit, ""); font-size: .875rem; }
[data-testid="stFileUploaderDropzone"] > div:not([data-testid]):not(:has([data-testid])) { font-size: 0; }
[data-testid="stFileUploaderDropzone"] > div:not([data-testid]):not(:has([data-testid]))::after
  { content: var(--box-drop); font-size: 1rem; }
[data-testid="stFileChip"][aria-invalid="true"] { flex-wrap: wrap; height: auto; max-width: 100%; }
[data-testid="stFileChip"][aria-invalid="true"]::after
  { content: var(--box-refused); flex-basis: 100%; white-space: normal; font-size: .875rem; }
"""


def style() -> str:
    """The rules for all boxes, to stand in the style of the page."""
    return ":root { " + _variables(choose=_("Choose a file"), drop=_("Drop it here")) + " }" + _RULES


def tell(key: str, limit_mb: int, types: Sequence[str] = (), todo: str = "") -> None:
    """Say in the box of a key (or in all whose key begins so, where it ends with ``*``) what it takes.

    Parameters
    ----------
    limit_mb : int
        The largest file.
    types : sequence of str
        Endings that are taken; none: the box does not ask.
    todo : str
        What to do with a larger file.
    """
    largest = _("{size} MB at most").format(size=number(limit_mb))
    limit = " · ".join([largest, *([", ".join(ending.upper() for ending in types)] if types else [])])
    if types:
        refused = _("Not taken: larger than {size} MB, or of another kind").format(size=number(limit_mb))
    else:
        refused = _("Not taken: larger than {size} MB").format(size=number(limit_mb))
    said = _variables(limit=limit, refused=f"{refused}. {todo}." if todo else f"{refused}.")
    where = f'[class*="st-key-{key[:-1]}"]' if key.endswith("*") else f".st-key-{key}"
    st.html(f"<style>{where} {{ {said} }}</style>")


def _variables(**texts: str) -> str:
    return " ".join(f"--box-{name}: {_quoted(text)};" for name, text in texts.items())


def _quoted(text: str) -> str:
    """A text of ours as a string of CSS, which can end neither the string nor the style."""
    return '"' + "".join(f"\\{ord(c):06x}" if c in '"\\<>&\n' else c for c in text) + '"'
