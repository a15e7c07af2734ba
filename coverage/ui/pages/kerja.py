"""Kerja: saved scenarios, signal reports, people, and the log of who did what."""

import streamlit as st

from coverage.language import _
from coverage.store.people import may
from coverage.ui import administration, foot, offline_form, parts, people, reports, saved, state, wishes
from coverage.ui.words import literal

here = state.here()
user = people.user()
parts.headline(_("What was saved, reported and decided"), sample=here.region.is_sample)
if user is not None:
    views = {
        "scenarios": (_("Saved scenarios"), "scenario.save"),
        "report": (_("Report the signal"), "evidence.report"),
        "queue": (_("Reports to review"), "evidence.review"),
        "wishes": (_("Pinned and ruled out"), "match.choose"),
        "feedback": (_("Feedback"), "feedback.read"),
        "people": (_("Users"), "user.change"),
        "log": (_("Log"), "audit.read"),
    }
    allowed = {name: label for name, (label, action) in views.items() if may(user, action)}
    st.session_state.setdefault("work_view", next(iter(allowed), ""))
    if st.session_state["work_view"] not in allowed:
        st.session_state["work_view"] = next(iter(allowed), "")
    if not allowed:
        st.info(_("Your role keeps nothing here."))
    else:
        view = st.segmented_control(
            _("View"), list(allowed), format_func=allowed.__getitem__, key="work_view",
            label_visibility="collapsed", required=True, wrap=True,
        )  # fmt: skip
        if trouble := st.session_state.pop("work_trouble", ""):
            st.error(literal(trouble), icon=":material/error:")
        if view == "scenarios":
            saved.show(here)
        elif view == "report":
            reports.form(here.region, user)
            offline_form.show(here.region, user)
        elif view == "queue":
            reports.queue(here.region)
            offline_form.show(here.region, user)
        elif view == "wishes":
            wishes.show(here.region)
        elif view == "feedback":
            foot.received(here.region)
        elif view == "people":
            administration.persons(here.region)
        else:
            administration.log(here.region)
