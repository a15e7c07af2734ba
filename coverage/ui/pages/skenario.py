"""Skenario: what another budget or another aim would buy."""

import streamlit as st

from coverage.language import _
from coverage.outputs import words
from coverage.tables import OPTION_TECHNOLOGIES
from coverage.ui import parts, scenarios, state
from coverage.ui.main import progress_of

here = state.here()
scenarios.note(here)

if here.analysis is None:
    st.header(_("What does a budget buy?"), anchor=False)
else:
    parts.headline(scenarios.answer(here.analysis), sample=here.region.is_sample)
progress_of(here.job)

left, right = st.columns([2, 3], gap="large")
with left:
    parts.budget("skenario")
    scenarios.keep("objective")
    st.radio(
        _("Aim"),
        scenarios.OBJECTIVES,
        format_func=lambda code: words.objective(code).capitalize(),
        key="pick_objective",
        on_change=scenarios.take,
        args=("objective",),
    )
    scenarios.keep("technologies")
    st.pills(
        _("What may be built"),
        OPTION_TECHNOLOGIES,
        format_func=words.technology,
        selection_mode="multi",
        key="pick_technologies",
        on_change=scenarios.take,
        args=("technologies",),
    )
    names = scenarios.village_names(here.region)
    scenarios.keep("must")
    st.multiselect(
        _("Villages that must be served"),
        list(names),
        format_func=lambda code: names.get(code, code),
        placeholder=_("none"),
        key="pick_must",
        on_change=scenarios.take,
        args=("must",),
    )
    scenarios.keep("never")
    st.multiselect(
        _("Villages that stay out"),
        list(names),
        format_func=lambda code: names.get(code, code),
        placeholder=_("none"),
        key="pick_never",
        on_change=scenarios.take,
        args=("never",),
    )
    scenarios.keep("include_unknown")
    st.toggle(
        _("Include villages of which too little is known"),
        key="pick_include_unknown",
        on_change=scenarios.take,
        args=("include_unknown",),
    )
    st.button(_("Back to the start"), icon=":material/restart_alt:", on_click=state.reset_scenario, type="tertiary")
with right:
    if here.analysis is None:
        st.write(_("The answer is being calculated."))
    else:
        parts.totals(here.analysis)
        scenarios.changed_assumptions(here.analysis)
        st.subheader(_("Plans of this session"), anchor=False)
        scenarios.compare()
