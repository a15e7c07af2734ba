"""Skenario: what another budget, other rules or other assumptions would buy."""

import streamlit as st

from coverage.language import _
from coverage.ui import compare_view, parts, plan_views, scenario_rules, scenarios, state, uncertainty_view
from coverage.ui.main import progress_of

here = state.here()
scenarios.note(here)

if here.analysis is None:
    st.header(_("What does a budget buy?"), anchor=False)
else:
    parts.headline(scenarios.answer(here.analysis), sample=here.region.is_sample)
progress_of(here.job)

left, right = st.columns([1, 2], gap="large")
with left:
    scenarios.controls(here.region)
with right:
    if here.analysis is None:
        st.write(_("The answer is being calculated."))
    else:
        views = {
            "result": _("Result"),
            "frontier": _("Budgets"),
            "next": _("Next billion"),
            "years": _("Years"),
            "why": _("Why"),
            "compare": _("Compare"),
            "uncertainty": _("How sure"),
        }
        # A widget forgets its value on pages where it is not drawn; the copy in the session does not.
        state.mirror("plan_view_picked", st.session_state.setdefault("plan_view", "result"))
        view = st.segmented_control(
            _("Show"),
            list(views),
            format_func=views.__getitem__,
            key="plan_view_picked",
            label_visibility="collapsed",
            required=True,
            wrap=True,
            on_change=lambda: st.session_state.update(plan_view=st.session_state["plan_view_picked"]),
        )
        if view == "frontier":
            plan_views.frontier(here, here.analysis)
        elif view == "next":
            plan_views.next_billion(here, here.analysis)
        elif view == "years":
            plan_views.years(here, here.analysis)
        elif view == "why":
            plan_views.why(here, here.analysis)
        elif view == "compare":
            compare_view.show(here, here.analysis)
        elif view == "uncertainty":
            uncertainty_view.show(here, here.analysis)
        else:
            parts.totals(here.analysis)
            scenarios.changed_assumptions(here.analysis)
            scenario_rules.funding(here.analysis)
            st.subheader(_("Plans of this session"), anchor=False)
            scenarios.compare()
