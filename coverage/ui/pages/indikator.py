"""Indikator: what the plan moves, and where."""

import streamlit as st

from coverage.language import _
from coverage.ui import equity, evaluation, framework_editor, gain_map, gains, parts, state
from coverage.ui.main import progress_of

here = state.here()
progress_of(here.job)

if here.analysis is None:
    st.header(_("What do the indicators gain?"), anchor=False)
    st.write(_("The answer is being calculated."))
else:
    parts.headline(gains.answer(here.analysis), sample=here.region.is_sample)
    st.badge(_("Indicative, not the ministry's score"), icon=":material/info:", color="orange")
    gains.certainty(here.analysis)
    equity.quick_wins()
    st.subheader(_("The five dimensions"), anchor=False)
    gains.dimensions(here.analysis)
    equity.published(here.analysis)
    equity.excluded(here.analysis)
    evaluation.downloads(here.analysis)
    st.subheader(_("Where the gain arises"), anchor=False)
    gain_map.show(here.analysis)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(_("What moves them"), anchor=False)
        gains.drivers(here.analysis)
        st.subheader(_("The six pillars"), anchor=False)
        gains.pillars(here.analysis)
        st.subheader(_("Who gains"), anchor=False)
        equity.groups(here.analysis)
    with right:
        st.subheader(_("Gain per district"), anchor=False)
        gains.districts(here.analysis)
        st.subheader(_("Programmes"), anchor=False)
        gains.programmes(here.analysis)
        st.subheader(_("Scores place by place"), anchor=False)
        equity.places(here.analysis)
    with st.expander(_("Change indicators and weights"), icon=":material/tune:"):
        framework_editor.show()
