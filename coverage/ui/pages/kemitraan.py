"""Kemitraan: which provider for which village, on what terms; and whether an offer is fair."""

import streamlit as st

from coverage.language import _, ngettext, number
from coverage.outputs import story as tell
from coverage.outputs.match_list import match_list
from coverage.ui import deal_editor, deals, offer_form, panel, papers, parts, state
from coverage.ui.main import progress_of
from coverage.ui.words import literal

here = state.here()
progress_of(here.job)

if here.analysis is None:
    st.header(_("Which provider for which village?"), anchor=False)
    st.write(_("The answer is being calculated."))
else:
    analysis = here.analysis
    matches = match_list(analysis)
    parts.headline(
        ngettext(
            "The plan makes {count} match of a village and a provider",
            "The plan makes {count} matches of villages and providers",
            len(matches),
        ).format(count=number(len(matches))),
        sample=here.region.is_sample,
    )
    parts.advice()
    views = {"matches": _("Matches"), "offer": _("Check an offer")}
    st.session_state.setdefault("partnership_view", "matches")
    view = st.segmented_control(
        _("View"), list(views), format_func=views.__getitem__, key="partnership_view",
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    if view == "offer":
        offer_form.offer_form(analysis.assumptions)
    elif matches.empty:
        st.info(_("Nothing fits into this budget. Raise it, or allow more technologies on the page Scenario."))
        parts.budget("kemitraan")
    else:
        left, right = st.columns([3, 2], gap="medium")
        with left:
            shown = deals.filtered(matches)
            deals.table(shown)
            papers.of_list(analysis, shown["village_code"].tolist())
        code = deals.chosen(shown)
        with right, st.container(border=True, key="panel"):
            if not code:
                st.write(_("No match fits the filter."))
            else:
                row = shown.set_index("village_code").loc[code]
                story = tell(analysis, code)
                panel.heading(story)
                tabs = {"deal": _("Deal"), "terms": _("Other terms"), "others": _("Others"), "papers": _("Papers")}
                st.session_state.setdefault("match_tab", "deal")
                tab = st.segmented_control(
                    _("Show"), list(tabs), format_func=tabs.__getitem__, key="match_tab",
                    label_visibility="collapsed", required=True,
                )  # fmt: skip
                if tab == "terms":
                    deal_editor.editor(analysis, str(row["deal_id"]))
                elif tab == "others":
                    deals.alternatives(analysis, code)
                elif tab == "papers":
                    papers.of_match(analysis, str(row["deal_id"]), code)
                else:
                    deals.terms(analysis, code)
                    st.markdown(literal(str(row["why"])))
                    panel.paragraphs(story, ("deal", "price"))
                    panel.provenance(story)
