"""Wilayah: many regions, from the nation down to one village."""

import streamlit as st

from coverage.batch.results import level
from coverage.language import _
from coverage.ui import drawing, parts, places, places_view

found = places.shown()
if found is None:
    parts.headline(_("No results of many regions yet"), sample=False)
    places_view.how_to()
    places.picker()
else:
    code = places.here(found)
    kind = level(code)
    parts.headline(places_view.answer(found, code), sample=bool(found.totals.get("is_sample")))
    places_view.breadcrumbs(found, code)
    with st.container(key="first"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        places.measures(found)
        places.draw(found, code)
    with right, st.container(border=True, key="panel"):
        if kind == "village":
            places_view.village(found, code)
        else:
            places_view.summary(found, code)
    drawing.let_it_draw()
    if kind in ("nation", "province"):
        st.subheader(_("Regencies compared"), anchor=False)
        places_view.comparisons(found, code)
    st.subheader(_("The same as a table"), anchor=False)
    places_view.table(found, code)
    places_view.problems(found, code)
    places.picker()
