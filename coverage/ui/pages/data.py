"""Data: what the region is made of, what is wrong with it, and how to bring in another."""

import streamlit as st

from coverage.language import _, ngettext, number
from coverage.ui import import_page, layers, parts, pasted, people, standing, state

here = state.here()
made_up = layers.made_up(here.region)
if made_up:
    text = ngettext(
        "{count} of {all} layers is made up (sample)", "{count} of {all} layers are made up (sample)", made_up
    )
else:
    text = _("All {all} layers come from real sources")
parts.headline(text.format(count=number(made_up), all=number(len(here.region.layers))), sample=here.region.is_sample)

importing = people.may_do("region.import")
names = [_("This region"), _("Reports and measurements"), *([_("Import")] if importing else [])]
region, evidence, *bring = st.tabs(names)
with region:
    import_page.regions()
    st.subheader(_("Problems"), anchor=False)
    layers.problems(here.region)
    st.subheader(_("Layers"), anchor=False)
    layers.cards(here.region)
with evidence:
    pasted.show(here.region)
    standing.show(here)
if bring:
    with bring[0]:
        import_page.show()
