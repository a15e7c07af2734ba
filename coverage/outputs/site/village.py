"""What a village's page and its PDF say, in plain words and in the language in force.

Only words and numbers here: :mod:`coverage.outputs.site.pages` lays them out as HTML,
:mod:`coverage.outputs.brief` as PDF.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from coverage.language import _, ngettext, number, percent, rupiah_short
from coverage.outputs import words
from coverage.outputs.signal_path import predicted, sentence
from coverage.outputs.site.atlas import Atlas, clean
from coverage.outputs.site.bring import to_bring
from coverage.outputs.site.dates import in_words
from coverage.outputs.site.marks import watermark
from coverage.outputs.site.neighbours import Neighbour, neighbours
from coverage.outputs.story import Offer, Story, fed_by, story
from coverage.outputs.together import ask_first
from coverage.outputs.together import told as told_together
from coverage.radio import profile_svg

#: Hamlets that a page names; it must stay on one sheet.
_HAMLETS = 6
#: Kinds of evidence whose page wears a mark.
_MARKED = ("estimated", "synthetic")


@dataclass(frozen=True)
class Hamlet:
    """One line of the table of hamlets."""

    name: str
    access_class: str
    service: str
    people: str
    left_out: str


@dataclass(frozen=True)
class Card:
    """One option: what it is, what it costs, what the village must bring."""

    label: str
    provider: str
    price: str
    bearable: str
    is_bearable: bool
    facts: tuple[tuple[str, str], ...]
    bring: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Provenance:
    """Layers of one source that the page rests on; ``is_marked`` for what is estimated or made up."""

    layers: str
    kind: str
    is_marked: bool
    source: str
    date: str


@dataclass(frozen=True)
class Report:
    """The message that a resident sends about the signal; links without a number, so that who sends it chooses."""

    text: str
    sms: str
    whatsapp: str


#: Options that a page tells in full; the others are lines of a table, so that it prints on one sheet.
MOST_CARDS = 3


@dataclass(frozen=True)
class SignalPath:
    """Why the signal of the hamlet that is worst off is so: a heading, a sentence, and its profile as SVG."""

    heading: str
    text: str
    note: str
    svg: str


@dataclass(frozen=True)
class VillagePage:
    """Everything that one page says."""

    code: str
    name: str
    place: str
    region: str
    district: str
    district_code: str
    watermark: str
    access_class: str
    service_word: str
    evidence: str
    headline: str
    service: str
    why: str
    path: SignalPath | None
    left_out: str
    hamlets: tuple[Hamlet, ...]
    hamlets_more: str
    cards: tuple[Card, ...]
    others: tuple[Card, ...]
    no_cards: str
    advice: str
    plan: str
    second: str
    gain: str
    together: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]
    steps: tuple[str, ...]
    contacts: tuple[str, ...]
    report: Report
    sources: tuple[Provenance, ...]
    method: str
    data_date: str
    file: str


def village_page(atlas: Atlas, code: str) -> VillagePage:
    """Write the page of a village in the language in force.

    Parameters
    ----------
    atlas : Atlas
        Lookups over the analysis.
    code : str
        Kemendagri code of the village.

    Raises
    ------
    RegionError
        Where the region has no village of this code.
    """
    told = story(atlas.analysis, code)
    village = atlas.villages[code]
    near = neighbours(atlas, code)
    access = atlas.access.get(code)
    cards = tuple(_card(atlas, offer, str(village["kind"])) for offer in told.offers)
    return VillagePage(
        code=code,
        name=clean(told.village_name),
        place=clean(told.place),
        region=clean(atlas.analysis.region.name),
        district=clean(village["district_name"]),
        district_code=str(village["district_code"]),
        watermark=watermark(told.sample),
        access_class=told.access_class,
        service_word=words.access_class(told.access_class),
        evidence=words.evidence(str(access["evidence"])) if access else "",
        headline=clean(told.headline),
        service=_text(told, "service"),
        why=_text(told, "why"),
        path=_path(atlas, code),
        left_out=_text(told, "left_out"),
        **_hamlets(atlas, code),
        cards=cards[:MOST_CARDS],
        others=cards[MOST_CARDS:],
        no_cards=_no_cards(told),
        advice=_advice(),
        plan=_text(told, "plan"),
        second=_text(told, "second"),
        gain=_text(told, "gain"),
        together=tuple(clean(sentence) for sentence in told_together(atlas.analysis, code)),
        neighbours=near,
        steps=_steps(told, ask_first(atlas.analysis, code) or _partners(near), str(village["kind"])),
        contacts=_contacts(atlas, code),
        report=report(code, told.village_name),
        **provenance(atlas),
        file=f"{code}.html",
    )


def _text(told: Story, topic: str) -> str:
    paragraph = told.paragraph(topic)
    return clean(paragraph.text) if paragraph else ""


def _path(atlas: Atlas, code: str) -> SignalPath | None:
    """The path to the hamlet that is worst off; None where nobody is left out, or nobody is heard."""
    found = atlas.worst_path(code)
    if found is None:
        return None
    hamlet, why = found
    heading = _("Why the signal is so in {hamlet}").format(hamlet=clean(hamlet))
    return SignalPath(heading, clean(sentence(why)), predicted(), profile_svg(why))


def _advice() -> str:
    """Stands wherever a provider is named."""
    return _(
        "Advice, not an award to a provider: several providers can be invited, and buying follows the rules "
        "for public procurement."
    )


def _no_cards(told: Story) -> str:
    if told.offers:
        return ""
    if told.access_class == "served":
        return _("The village is served: nothing has to be built. Report where the signal is bad all the same.")
    return _("With what is known, nothing that could be built gains anything here. Report your signal to settle it.")


def _hamlets(atlas: Atlas, code: str) -> dict[str, Any]:
    found = atlas.hamlets(code)
    rows = tuple(
        Hamlet(
            clean(row["settlement_name"]),
            row["access_class"],
            words.access_class(row["access_class"]),
            number(row["population"]),
            _left(row["left_out"], row["access_class"]),
        )
        for row in found[:_HAMLETS]
    )
    more = len(found) - len(rows)
    text = ngettext("and {count} hamlet better served", "and {count} hamlets better served", more) if more > 0 else ""
    return {"hamlets": rows, "hamlets_more": text.format(count=number(more))}


def _left(people: float, access_class: str) -> str:
    """People left out; where the list of towers is not complete nobody knows how many."""
    return "?" if access_class == "unknown" and people >= 1 else number(people)


def _card(atlas: Atlas, offer: Offer, kind: str) -> Card:
    deal = atlas.deals[offer.deal_id]
    option = atlas.options[deal["option_id"]]
    subsidy = rupiah_short(offer.subsidy_idr) if offer.subsidy_idr > 0 else _("none")
    subscribers = float(deal["subscribers"])
    marks = [(offer.is_best, _("recommended")), (offer.in_plan, _("in the plan"))]
    return Card(
        label=offer.label,
        provider=clean(f"{offer.provider} · {offer.business_model}"),
        price=_("{price} a month").format(price=rupiah_short(offer.price_idr_month)),
        bearable=offer.bearable,
        is_bearable=offer.affordable,
        facts=(
            (_("Newly reached"), _gained(atlas, offer, str(deal["village_code"]))),
            (_("Speed shared by all"), _("{speed} Mbps").format(speed=number(float(option["capacity_mbps"])))),
            *([(_("Link to the network"), feed)] if (feed := fed_by(option)) else []),
            (_("Public money"), subsidy),
        ),
        bring=to_bring(
            offer.technology,
            str(deal["business_model"]),
            kind,
            subscribers=subscribers,
            subsidy_idr=offer.subsidy_idr,
        ),
        marks=tuple(text for true, text in marks if true),
    )


def _gained(atlas: Atlas, offer: Offer, code: str) -> str:
    """People newly reached; how many of them live here, where a neighbour shares."""
    here = atlas.reached.get((str(atlas.deals[offer.deal_id]["option_id"]), code), 0.0)
    if round(here) == round(offer.population_gained):
        return _("{people} people").format(people=number(here))
    return _("{people} people, {here} of them here").format(people=number(offer.population_gained), here=number(here))


def _partners(near: Iterable[Neighbour]) -> tuple[str, ...]:
    return tuple(n.name for n in near if n.is_partner)


def _steps(told: Story, partners: Iterable[str], kind: str) -> tuple[str, ...]:
    """What to do next; ``partners`` are the villages to ask first."""
    asked = ", ".join(clean(name) for name in partners)
    meeting = _("village meeting") if kind == "desa" else _("kelurahan meeting")
    steps = [_("Report the signal of your hamlet, also if it is good.")]
    if told.offers:
        steps.append(_("Choose an option in the {meeting} and who brings what.").format(meeting=meeting))
        if asked:
            steps.append(_("Ask {villages} to do it together: what is shared costs each less.").format(villages=asked))
        steps.append(_("Ask the regency (Diskominfo) to invite several providers."))
    return tuple(steps)


def _contacts(atlas: Atlas, code: str) -> tuple[str, ...]:
    village = atlas.villages[code]
    head = _("Village head") if village["kind"] == "desa" else _("Head of the kelurahan")
    contacts = [
        head,
        _("District office {district}").format(district=clean(village["district_name"])),
        _("Diskominfo {region}").format(region=clean(atlas.analysis.region.name)),
    ]
    if village["kind"] == "desa":
        contacts.insert(1, _("BUMDes"))
    return tuple(contacts)


def report(code: str, name: str) -> Report:
    """The prefilled message about the signal of a village.

    The first line is the same in every language, so that replies can be sorted by village.
    """
    lines = [
        f"JANGKAU {code} {clean(name)}",
        _("Hamlet:"),
        _("Operator:"),
        _("Signal (none/weak/good):"),
        _("Internet (no/slow/fine):"),
        _("Date:"),
    ]
    text = "\n".join(lines)
    encoded = quote(text, safe="")
    return Report(text, f"sms:?body={encoded}", f"https://wa.me/?text={encoded}")


def provenance(atlas: Atlas) -> dict[str, Any]:
    """Layers, method and date behind a page: ``sources``, ``method``, ``data_date``."""
    layers = atlas.analysis.region.layers
    order = {name: i for i, name in enumerate(words.LAYER_NAMES)}
    found: dict[tuple[str, str, str], list[str]] = {}
    for name, layer in sorted(layers.items(), key=lambda item: (order.get(item[0], len(order)), item[0])):
        found.setdefault((layer.kind, layer.source_said, layer.date), []).append(words.layer(name))
    rows = tuple(
        Provenance(
            ", ".join([names[0], *(name[:1].lower() + name[1:] for name in names[1:])]),
            words.layer_kind(kind),
            kind in _MARKED,
            clean(source).rstrip(".") + ".",
            clean(in_words(date)) or _("no date"),
        )
        for (kind, source, date), names in found.items()
    )
    assumptions = atlas.analysis.assumptions
    judged = sum(assumptions.row(name).is_judgement for name in assumptions)
    method = _(
        "Service, options, prices and gains are calculated (a model), not measured, with {count} assumptions; "
        "{share} of them are judgement."
    ).format(count=number(len(assumptions)), share=percent(judged / max(len(assumptions), 1)))
    dates = [layer.date for layer in layers.values() if layer.date]
    return {"sources": rows, "method": method, "data_date": _data_date(max(dates, default=""))}


def _data_date(newest: str) -> str:
    return _("Data of {date}").format(date=clean(in_words(newest))) if newest else ""
