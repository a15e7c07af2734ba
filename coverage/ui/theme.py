"""How the app looks, beyond the theme in ``.streamlit/config.toml``: a few rules, defined once."""

from __future__ import annotations

import streamlit as st

from coverage.ui import boxes

#: Colours of badges by access class and by kind of source: Streamlit's names.
CLASS_COLOUR = {"none": "red", "weak": "orange", "served": "blue", "unknown": "gray"}
KIND_COLOUR = {
    "official": "green",
    "open": "green",
    "sourced": "green",
    "reported": "blue",
    "calculated": "blue",
    "estimated": "orange",
    "judgement": "orange",
    "synthetic": "red",
}
CLASS_ICON = {
    "none": ":material/signal_cellular_off:",
    "weak": ":material/signal_cellular_1_bar:",
    "served": ":material/signal_cellular_4_bar:",
    "unknown": ":material/help:",
}

#: Reads on light and on dark paper: charts and pictures are kept and do not know the page's colours.
INK = "#76766f"
#: Bars and lines of charts, and what stands against them: at least 3 to 1 on light and on dark paper.
ACCENT, OTHER = "#1b8a7d", "#a35fbd"

_STYLE = """<style>
.stMainBlockContainer { padding-top: 4.2rem; padding-bottom: 3rem; max-width: 84rem; }
.st-key-answer { margin-bottom: .6rem; }
.st-key-answer h2 { font-size: 1.55rem; line-height: 1.25; padding: .2rem 0 0; }
.st-key-header [data-testid="stMarkdownContainer"] { margin: 0; }
.st-key-header [data-testid="stMarkdownContainer"] p { margin: 0; }
.st-key-panel h3 { padding-top: 0; }
.st-key-panel p { margin-bottom: .45rem; }
.st-key-foot { margin-top: 1.2rem; padding-top: .4rem; border-top: 1px solid rgba(128, 128, 128, .3); }
@media (max-width: 640px) {
  .stMainBlockContainer { padding-left: 1rem; padding-right: 1rem; }
  .st-key-answer h2 { font-size: 1.25rem; }
  /* The first line is for the answer. The head takes two rows: whose data and in which language, then who
     is new here and the search. */
  .st-key-header { gap: .5rem; }
  .st-key-header > :first-child { flex: 1 1 6rem; min-width: 0; }
  .st-key-header > :has(> .st-key-tour), .st-key-header > :has(> .st-key-person) { order: 1; }
  .st-key-header > .st-key-search { order: 2; flex: 1 1 9rem; min-width: 0; width: auto; }
  .st-key-header > :has(> .st-key-machine) { display: none; }
  .st-key-foot { row-gap: 0; }
  .st-key-map iframe { height: 500px !important; }
  /* On a phone the village's panel comes right after the map, before what can wait: budget, totals, papers. */
  .st-key-first [data-testid="stHorizontalBlock"]:has(.st-key-panel) { flex-direction: column; flex-wrap: nowrap; }
  .st-key-first [data-testid="stColumn"], .st-key-first [data-testid="stColumn"] > [data-testid="stVerticalBlock"] {
    display: contents; }
  .st-key-first :has(> .st-key-later) { order: 3; }
}
/* Where Streamlit folds the pages behind an arrow, they stand in a row beside it. */
:has(> .st-key-pages) { position: absolute; }
.st-key-pages { display: none; }
@media (max-width: 768px) {
  .st-key-pages { display: flex; position: fixed; z-index: 999991; top: .65rem; left: 3.4rem; right: 0; width: auto;
    overflow-x: auto; scrollbar-width: none; gap: 0; }
  .st-key-pages a { padding: .35rem .55rem; white-space: nowrap; }
  .st-key-pages a > span:has([data-testid="stIconMaterial"]) { display: none; }
}
</style>"""


def apply() -> None:
    """Put the rules into the page."""
    st.html(_STYLE + f"<style>{boxes.style()}</style>")
