"""Data: what the region is made of, and what is wrong with it."""

import streamlit as st

from coverage.language import _, ngettext, number
from coverage.ui import layers, parts, state

here = state.here()
made_up = layers.made_up(here.region)
if made_up:
    text = ngettext(
        "{count} of {all} layers is made up (sample)", "{count} of {all} layers are made up (sample)", made_up
    )
else:
    text = _("All {all} layers come from real sources")
parts.headline(text.format(count=number(made_up), all=number(len(here.region.layers))), sample=here.region.is_sample)

st.subheader(_("Problems"), anchor=False)
layers.problems(here.region)

st.subheader(_("Layers"), anchor=False)
layers.cards(here.region)
