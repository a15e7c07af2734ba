"""What stands around the map of the first page: layers, overlays, comparison, a place asked about, downloads."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from coverage.language import _, language, number
from coverage.outputs import maps, words
from coverage.ui import drawing, other_plan, people, state, why_signal
from coverage.ui.words import literal

_PLACE = "tried_place"


def choose() -> None:
    """Which layer the map shows, and what is drawn over it."""
    _layer()
    _overlays()


def _layer() -> None:
    state.mirror("layer_choice", state.layer())
    st.segmented_control(
        _("Map layer"),
        maps.LAYERS,
        format_func=maps.title,
        key="layer_choice",
        required=True,
        label_visibility="collapsed",
        wrap=True,
        on_change=lambda: st.session_state.update(lapis=st.session_state["layer_choice"]),
    )


def _overlays() -> None:
    st.pills(
        _("Over it"),
        maps.OVERLAYS,
        default=["relief"],
        format_func=maps.overlay_title,
        selection_mode="multi",
        key="over",
        label_visibility="collapsed",
        wrap=True,
        persist_state="session",
    )


def over() -> tuple[str, ...]:
    """What is drawn over the layer."""
    chosen = st.session_state.get("over") or []
    return tuple(name for name in maps.OVERLAYS if name in chosen)


def draw(selected: str, *, linked: bool = False, against: drawing.Plan | None = None) -> None:
    """The map with its sentence; ``linked`` to a second one, which may show another plan."""
    here = state.here()
    trying, asking = bool(st.session_state.get("trying")), bool(st.session_state.get("asking"))
    view = drawing.View(
        state.layer(),
        over(),
        linked=linked,
        placing=trying or asking,
        tried=st.session_state.get(_PLACE) if trying or asking else None,
        against=against,
    )
    drawing.show(view, selected, lambda lat, lon: st.session_state.update({_PLACE: (lat, lon)}))
    if here.analysis is not None:
        st.caption(literal(maps.layer(here.analysis, state.layer()).note))
    if trying:
        _trial()
    elif asking:
        _why()


def tools() -> None:
    """Try a tower, ask why the signal is so, compare, take the map along."""
    here = state.here()
    if here.analysis is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(
            _("Try a tower"),
            key="trying",
            help=_("Press a place on the map: whom would a tower there reach?"),
            on_change=_only,
            args=("trying", "asking"),
        )
        st.toggle(
            _("Explain the signal"),
            key="asking",
            help=_("Press a place on the map: which tower serves it, and what stands in the way?"),
            on_change=_only,
            args=("asking", "trying"),
        )
        other_plan.choose(here)
        with st.popover(_("Download"), icon=":material/download:"):
            downloads()


def _only(chosen: str, other: str) -> None:
    """A press on the map asks one thing at a time."""
    if st.session_state.get(chosen):
        st.session_state[other] = False


def _why() -> None:
    here = state.here()
    place = st.session_state.get(_PLACE)
    if place is None:
        st.info(
            _("Press a place on the map: which tower serves it, and what stands in the way?"),
            icon=":material/add_location:",
        )
    elif here.analysis is not None:
        with st.container(border=True, key="why"):
            why_signal.place(here.analysis, *place)


@st.cache_data(max_entries=32, show_spinner=False)
def _tried(analysis_key: str, lat: float, lon: float, _analysis: Any) -> Any:
    from coverage.outputs.trial import try_tower

    del analysis_key  # names the entry
    try:
        return try_tower(_analysis, lat, lon)
    except ValueError:
        return None


def _trial() -> None:
    here = state.here()
    place = st.session_state.get(_PLACE)
    if place is None:
        st.info(_("Press a place on the map: whom would a tower there reach?"), icon=":material/add_location:")
        return
    found = _tried(here.analysis_key, place[0], place[1], here.analysis)
    if found is None:
        st.warning(_("This place lies outside the region. Press a place inside."))
        return
    with st.container(border=True, key="trial"):
        st.markdown(
            literal(
                _("A tower of {height} m here newly reaches {gained} people, of {reached} in its signal.").format(
                    height=number(found.height_m),
                    gained=number(found.population_gained),
                    reached=number(found.population_reached),
                )
            )
        )
        rows = found.villages[found.villages["gained"] >= 1].head(4)
        named = [f"{n} {number(g)}" for n, g in zip(rows["village_name"], rows["gained"], strict=True)]
        if named:
            st.caption(literal(_("Most in: {villages}").format(villages=", ".join(named))))
        st.caption(_("Calculated by the radio model: one light tower for all operators, without its cost."))


def downloads() -> None:
    """The map as a page, for QGIS and for Google Earth; the picture is taken on the map itself."""
    here = state.here()
    offered = (
        ("html", _("Map as one page (HTML)"), "text/html"),
        ("gpkg", _("Tables with styles for QGIS (GeoPackage)"), "application/geopackage+sqlite3"),
        ("kml", _("For Google Earth (KML)"), "application/vnd.google-earth.kml+xml"),
    )
    # The tables hold every deal with its terms: whoever may see only their own takes the map alone.
    everything = here.analysis is None or people.own_deals(here.analysis) is None
    for kind, label, mime in offered if everything else offered[:1]:
        st.download_button(
            label,
            data=partial(_file, here.analysis_key, language(), state.layer(), kind, here.analysis),
            file_name=f"jangkau-{state.layer()}.{kind}",
            mime=mime,
            key=f"take_{kind}",
            on_click="ignore",
            width="stretch",
        )
    st.caption(_("For a picture (PNG), press Picture on the map."))
    if here.region.is_sample:
        st.caption(words.WATERMARK)


@st.cache_data(max_entries=8, show_spinner=False)
def _file(analysis_key: str, spoken: str, layer: str, kind: str, _analysis: Any) -> bytes:
    from coverage.outputs import takeaway

    del analysis_key, spoken  # they name the entry
    return takeaway.file(_analysis, layer, kind)
