"""A village's story on the page: headline, paragraphs, and where each number comes from."""

from __future__ import annotations

import streamlit as st

from coverage.language import _, ngettext, number, rupiah_short
from coverage.outputs import Offer, Source, Story, glossary, words
from coverage.ui import theme
from coverage.ui.words import literal


def badges(story: Story) -> None:
    """Class of access, and the sample mark where it belongs."""
    with st.container(horizontal=True, gap="small"):
        code = story.access_class
        st.badge(words.access_class(code).capitalize(), icon=theme.CLASS_ICON[code], color=theme.CLASS_COLOUR[code])  # type: ignore[arg-type]
        if story.sample:
            st.badge(_("Sample data"), icon=":material/science:", color="red")


def heading(story: Story) -> None:
    """The headline with its badges."""
    st.subheader(literal(story.village_name), anchor=False)
    st.caption(f"{literal(story.place)} · {literal(story.village_code)}")
    badges(story)


def paragraphs(story: Story, topics: tuple[str, ...] | None = None) -> None:
    """The story's paragraphs in order, or only those on some topics."""
    for paragraph in story.paragraphs:
        if topics is None or paragraph.topic in topics:
            stop = "" if paragraph.title.endswith("?") else "."
            told = f"**{literal(paragraph.title)}{stop}** {literal(paragraph.text)}"
            st.markdown(told, help=glossary.explain(f"{paragraph.title} {paragraph.text}"))


def provenance(story: Story) -> None:
    """Where each number of the story comes from, folded away."""
    with st.expander(_("Where do these numbers come from?"), icon=":material/info:"):
        for paragraph in story.paragraphs:
            if paragraph.sources:
                said = " ".join([paragraph.title, *(source.text for source in paragraph.sources)])
                st.markdown(f"**{literal(paragraph.title)}**", help=glossary.explain(said))
                st.markdown("\n".join(f"- {_source(source)}" for source in paragraph.sources))
        st.caption(
            _("Plans and gains are calculated from all of these. Every assumption stands on the page Assumptions.")
        )


def _source(source: Source) -> str:
    kind = {"judgement": _("judgement"), "sourced": _("with source"), "calculated": _("calculated")}.get(
        source.kind, words.layer_kind(source.kind)
    )
    return f":{theme.KIND_COLOUR.get(source.kind, 'gray')}-badge[{literal(kind)}] {literal(source.text)}"


#: Options that are shown at once, beside each other; the others are folded away.
_ABREAST = 3


def offers(story: Story, seen: frozenset[str] | None = None) -> None:
    """The options side by side: price, subsidy, people; the best one first. Of ``seen`` deals, where not all are."""
    found = [offer for offer in story.offers if seen is None or offer.deal_id in seen]
    if not found:
        st.info(_("No option gains anything here with what is known."))
        return
    _cards(found[:_ABREAST])
    if others := found[_ABREAST:]:
        told = ngettext("{count} other option", "{count} other options", len(others))
        with st.expander(told.format(count=number(len(others))), icon=":material/more_horiz:"):
            _cards(others)


def _cards(offers: list[Offer]) -> None:
    columns = [column for _row in range(0, len(offers), _ABREAST) for column in st.columns(_ABREAST)]
    for column, offer in zip(columns, offers, strict=False):
        with column.container(border=True, height="stretch"):
            marks = [(offer.is_best, _("best"), "green"), (offer.in_plan, _("in the plan"), "blue")]
            shown = " ".join(f":{colour}-badge[{literal(text)}]" for true, text, colour in marks if true)
            st.markdown(f"**{literal(offer.label)}** {shown}", help=glossary.explain(offer.label))
            run_by = f"{offer.provider} · {offer.business_model}"
            st.caption(literal(run_by), help=glossary.explain(offer.business_model))
            price = _("{price} a month").format(price=rupiah_short(offer.price_idr_month))
            colour = "green" if offer.affordable else "orange"
            st.markdown(f"{literal(price)}  \n:{colour}[{literal(offer.bearable)}]")
            subsidy = rupiah_short(offer.subsidy_idr) if offer.subsidy_idr > 0 else _("none")
            people = _("{people} people").format(people=number(offer.population_gained))
            rows = (
                (_("Public money"), subsidy),
                (_("Lifetime cost"), rupiah_short(offer.cost_pv_idr)),
                (_("Newly reached"), people),
            )
            st.markdown("  \n".join(f"{literal(label)}: {literal(value)}" for label, value in rows))
