"""Desa: how well one village is served, why, and what can be done."""

import streamlit as st

from coverage.language import _
from coverage.outputs import story as tell
from coverage.outputs import summary
from coverage.ui import kept_terms, local, panel, parts, people, state, together, why_signal
from coverage.ui.main import progress_of
from coverage.ui.words import literal

here = state.here()
progress_of(here.job)

if here.analysis is None:
    st.header(_("How well is the village served?"), anchor=False)
    st.write(_("The answer is being calculated."))
else:
    code = state.village() or summary.next_best(here.analysis) or here.region.villages["village_code"].iloc[0]
    story = tell(here.analysis, code)
    parts.headline(story.headline, sample=story.sample)
    st.caption(f"{literal(story.place)} · {literal(code)}")
    panel.badges(story)
    panel.paragraphs(story, ("service", "why", "left_out"))

    st.subheader(_("What can be done"), anchor=False)
    topics = people.topics(here.analysis, code)
    panel.paragraphs(story, tuple(topic for topic in ("deal",) if topic in topics))
    seen = people.own_deals(here.analysis)
    kept_terms.of_village(here.analysis, code, seen)
    panel.offers(story, seen)
    panel.paragraphs(story, tuple(topic for topic in ("price", "second", "gain", "plan") if topic in topics))
    parts.advice()

    st.subheader(_("Hamlet by hamlet"), anchor=False)
    local.settlements(here.analysis, code)

    st.subheader(_("Why is the signal so?"), anchor=False)
    why_signal.panel(here.analysis, code)

    st.subheader(_("The neighbours"), anchor=False)
    if "deal" in topics:
        together.sentence(here.analysis, code)
    local.neighbours(here.analysis, code)
    panel.provenance(story)
