"""Peta: where the next billion rupiah does the most."""

import streamlit as st

from coverage.language import _
from coverage.outputs import story as tell
from coverage.outputs import summary
from coverage.ui import beside, drawing, map_controls, panel, parts, people, scenarios, state, village_table
from coverage.ui.main import progress_of

here = state.here()
selected = state.village() or (summary.next_best(here.analysis) if here.analysis else None) or ""

scenarios.note(here)
parts.answer(here)
progress_of(here.job)

comparing = here.analysis is not None and beside.show(here, here.analysis, selected)
with st.container(key="first"):
    left, right = st.columns([3, 2], gap="medium")
with left:
    if not comparing:
        map_controls.choose()
        map_controls.draw(selected)
    with st.container(key="later"):
        map_controls.tools()
        parts.budget("peta")
        if here.analysis is not None:
            parts.totals(here.analysis)

with right, st.container(border=True, key="panel"):
    if here.analysis is None:
        st.subheader(_("Calculating the first result"), anchor=False)
        st.write(
            _("The map already shows the villages. In a moment it tells how each is served and what would help most.")
        )
    elif not selected:
        st.write(_("Press a village on the map, or find it by name."))
    else:
        story = tell(here.analysis, selected)
        panel.heading(story)
        panel.paragraphs(story, people.topics(here.analysis, selected))
        st.page_link(parts.page("desa"), label=_("Open the village's page"), icon=":material/home:")
        panel.provenance(story)

if here.analysis is not None:
    drawing.let_it_draw()
    st.subheader(_("The same as a table"), anchor=False)
    village_table.show(selected)
