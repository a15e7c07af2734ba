"""Kemitraan: which provider for which village, on what terms."""

import streamlit as st

from coverage.language import _, ngettext, number
from coverage.outputs import story as tell
from coverage.ui import deals, panel, parts, state
from coverage.ui.main import progress_of

here = state.here()
progress_of(here.job)

if here.analysis is None:
    st.header(_("Which provider for which village?"), anchor=False)
    st.write(_("The answer is being calculated."))
else:
    matches = deals.matches(here.analysis)
    parts.headline(
        ngettext(
            "The plan makes {count} match of a village and a provider",
            "The plan makes {count} matches of villages and providers",
            len(matches),
        ).format(count=number(len(matches))),
        sample=here.region.is_sample,
    )
    parts.advice()
    if matches.empty:
        st.info(_("Nothing fits into this budget. Raise it, or allow more technologies on the page Scenario."))
        parts.budget("kemitraan")
    else:
        left, right = st.columns([3, 2], gap="medium")
        with left:
            shown = deals.filtered(matches)
            deals.table(shown)
        code = deals.chosen(shown)
        with right, st.container(border=True, key="panel"):
            if not code:
                st.write(_("No match fits the filter."))
            else:
                story = tell(here.analysis, code)
                panel.heading(story)
                deals.terms(here.analysis, code)
                panel.paragraphs(story, ("deal", "price"))
                panel.provenance(story)
