"""Kemitraan: which provider for which village, on what terms; and whether an offer is fair."""

import streamlit as st

from coverage.language import _, ngettext, number
from coverage.outputs import story as tell
from coverage.outputs.match_list import match_list
from coverage.partnership import KeptTerms
from coverage.store import deals as store_deals
from coverage.store import region_key
from coverage.ui import (
    deal_editor,
    deals,
    kept_terms,
    offer_form,
    panel,
    papers,
    parts,
    people,
    progress_of_match,
    provider_replies,
    state,
    terms_form,
    together,
)
from coverage.ui.main import progress_of
from coverage.ui.words import literal

here = state.here()
progress_of(here.job)

if here.analysis is None:
    st.header(_("Which provider for which village?"), anchor=False)
    st.write(_("The answer is being calculated."))
else:
    analysis = here.analysis
    kept = kept_terms.of_region(here.region)
    matches = match_list(analysis, kept)
    user = people.user()
    office = user is not None and user.role in ("planner", "staff", "admin")
    seen = store_deals.visible(people.here(), people.acting(), region_key(here.region), analysis.deals)
    matches = matches[matches["deal_id"].isin(set(seen["deal_id"]))]
    if not office:  # what the others would offer is not for a provider to see
        matches = matches.assign(next_best="", second="", turn="")
    planned = int(matches["deal_id"].isin(set(analysis.plan.chosen["deal_id"])).sum())
    parts.headline(
        ngettext(
            "The plan makes {count} match of a village and a provider",
            "The plan makes {count} matches of villages and providers",
            planned,
        ).format(count=number(planned)),
        sample=here.region.is_sample,
    )
    if unaided := len(matches) - planned:
        st.markdown(
            literal(
                ngettext(
                    "{count} more village and its provider would sign without public money.",
                    "{count} more villages and their providers would sign without public money.",
                    unaided,
                ).format(count=number(unaided))
            )
        )
    parts.advice()
    views = {"matches": _("Matches"), "offer": _("Check an offer")}
    if office and people.secrets():  # hurdle rates stand in the replies
        views["replies"] = _("Replies of providers")
    if st.session_state.get("partnership_view") not in views:
        st.session_state["partnership_view"] = "matches"
    # A widget forgets its value while the page calculates; the copy in the session does not.
    state.mirror("partnership_picked", st.session_state["partnership_view"])
    view = st.segmented_control(
        _("View"), list(views), format_func=views.__getitem__, key="partnership_picked",
        label_visibility="collapsed", required=True,
        on_change=lambda: st.session_state.update(partnership_view=st.session_state["partnership_picked"]),
    )  # fmt: skip
    if view == "offer":
        offer_form.offer_form(analysis.assumptions)
    elif view == "replies":
        provider_replies.show(here.region)
    elif matches.empty and not office:
        st.info(_("The plan has no match with you yet."))
    elif matches.empty:
        st.info(_("Nothing fits into this budget. Raise it, or allow more technologies on the page Scenario."))
        parts.budget("kemitraan")
    else:
        with st.container(key="first"):
            left, right = st.columns([3, 2], gap="medium")
        with left:
            shown = deals.filtered(matches.assign(status=matches["deal_id"].map(progress_of_match.statuses(analysis))))
            deals.table(shown)
            if office:
                with st.container(key="later"):
                    deals.whole_list(analysis, secrets=people.secrets())
                    papers.of_list(analysis, shown["village_code"].tolist(), kept)
        code = deals.chosen(shown)
        with right, st.container(border=True, key="panel"):
            if not code:
                st.write(_("No match fits the filter."))
            else:
                row = shown.set_index("village_code").loc[code]
                story = tell(analysis, code)
                panel.heading(story)
                tabs = {"deal": _("Deal"), "steps": _("Steps"), "papers": _("Papers")}
                if office:
                    tabs |= {"others": _("Others"), "together": _("Together")}
                tabs |= {"terms": _("Other terms")}
                if st.session_state.get("match_tab") not in tabs:
                    st.session_state["match_tab"] = "deal"
                tab = st.segmented_control(
                    _("Show"), list(tabs), format_func=tabs.__getitem__, key="match_tab",
                    label_visibility="collapsed", required=True, wrap=True,
                )  # fmt: skip
                mine = kept.get(str(row["deal_id"]), KeptTerms())
                if tab == "terms" and people.secrets():
                    deal_editor.editor(analysis, str(row["deal_id"]))
                elif tab == "terms":
                    terms_form.form(analysis, str(row["deal_id"]), mine)
                elif tab == "others":
                    deals.firm(analysis, code, secrets=people.secrets())
                    deals.alternatives(analysis, code)
                    deals.refused_ones(analysis, code)
                elif tab == "together":
                    together.show(analysis, code)
                elif tab == "steps":
                    progress_of_match.steps(analysis, str(row["deal_id"]))
                elif tab == "papers":
                    papers.of_match(analysis, str(row["deal_id"]), code, mine, village=office)
                else:
                    deals.terms(analysis, str(row["deal_id"]), mine, npv="npv_idr" in seen.columns)
                    st.markdown(literal(str(row["why"])))
                    topics = people.topics(analysis, code)
                    panel.paragraphs(story, tuple(t for t in ("deal", "price", "second") if t in topics))
                    panel.provenance(story)
