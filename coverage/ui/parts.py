"""Pieces that several pages share: answer line, budget, totals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from coverage.language import _, language, number, percent, rupiah_short
from coverage.outputs import maps, summary
from coverage.outputs import story as tell
from coverage.ui import state, theme
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_BILLION = 1e9
#: Right end of the slider; a scenario may ask for more.
_MOST_BILLION = 60


def page(name: str) -> Path:
    """The file of a page, for links."""
    return Path(__file__).parent / "pages" / f"{name}.py"


def drawing(svg: str, width: int | Literal["stretch"] = "stretch") -> None:
    """An SVG drawing as a picture, never wider than its place: Streamlit takes bare ``<svg>`` out of HTML."""
    st.image(svg.replace("currentColor", theme.INK), width=width)


def village_box(label: str, villages: dict[str, str], key: str, chosen: Callable[[], None], **looks: Any) -> None:
    """A box that finds a village; ``chosen`` is called when one is, which is then in the session under ``key``.

    Parameters
    ----------
    villages : dict
        What every village is found by (name, district and code), by its code.
    """
    # A widget forgets its value on pages where it is not drawn; the copy in the session does not.
    state.mirror(key, state.village() or None)
    st.selectbox(
        label,
        list(villages),
        index=None,
        format_func=lambda code: villages.get(code, code),
        key=key,
        placeholder=_("Find a village…"),
        on_change=chosen,
        **looks,
    )


def headline(text: str, *, sample: bool) -> None:
    """The page's answer in large letters; sample data say so first."""
    text = text.rstrip(".")
    with st.container(key="answer"):
        st.header(literal(_("Example: {answer}").format(answer=text) if sample else text), anchor=False)


def answer(here: state.Here) -> None:
    """The map's question, answered before anything is touched."""
    with st.container(key="answer"):
        if here.analysis is None:
            st.header(_("Where does the next Rp 1 billion do the most?"), anchor=False)
            return
        best = summary.next_best(here.analysis)
        st.header(literal(summary.answer(here.analysis)), anchor=False)
        if best is None:
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            why = _why_best(here.analysis_key, language(), best, here.analysis)
            st.markdown(literal(why), width="content")
            st.button(
                _("Show it"),
                icon=":material/arrow_forward:",
                type="tertiary",
                on_click=state.choose_village,
                args=(best,),
            )


@st.cache_data(max_entries=32, show_spinner=False)
def _why_best(analysis_key: str, spoken: str, code: str, _analysis: Any) -> str:
    del analysis_key, spoken  # they name the entry
    analysis: Analysis = _analysis
    per_billion = analysis.gain.set_index("village_code")["gain_per_billion"][code]
    offer = next(o for o in tell(analysis, code).offers if o.is_best)
    return _("+{gain} index points per Rp 1 billion · {people} people newly reached · {price} a month").format(
        gain=number(float(per_billion), maps.gain_digits(analysis.gain["gain_per_billion"])),
        people=number(offer.population_gained),
        price=rupiah_short(offer.price_idr_month),
    )


def budget(place: str) -> None:
    """The budget slider: moving it makes a new plan. ``place`` tells the sliders of the pages apart."""
    key = f"budget_{place}"
    now = round(state.scenario().budget_idr / _BILLION)
    state.mirror(key, now)
    st.slider(
        _("Budget of public money"),
        0,
        max(_MOST_BILLION, now),
        key=key,
        format=_("Rp %d billion"),
        on_change=lambda: state.change_scenario(budget_idr=st.session_state[key] * _BILLION),
        help=_("Present value over the whole period. Moving it makes a new plan."),
    )


def totals(analysis: Analysis) -> None:
    """What the plan adds up to, in large numbers."""
    sums = summary.totals(analysis)
    digits = maps.gain_digits(analysis.gain["index_gain_plan"])
    with st.container(horizontal=True, key="totals"):
        st.metric(_("Villages in the plan"), number(sums.villages), width="content")
        st.metric(_("People newly reached"), number(sums.population_gained), width="content")
        st.metric(
            _("Index gain"),
            "+" + number(sums.index_gain, digits),
            help=_("Indicative, not the ministry's score"),
            width="content",
        )
        st.metric(_("Public money used"), rupiah_short(sums.subsidy_idr), width="content")
        st.metric(
            _("Proven gap"),
            percent(sums.gap, 1),
            help=_("No plan within this budget can be better by more than this"),
            width="content",
        )


def advice() -> None:
    """What a match is not."""
    st.caption(_("A match is advice, not an award to a provider (bukan penetapan penyedia). Procurement rules decide."))
