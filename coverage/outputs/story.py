"""A village's story in plain words: how it is served, why, what would help, what it costs.

The story is data: the app, the PDF and the static page print the same paragraphs. Every paragraph
says where its numbers come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.access import reason_sentence
from coverage.errors import RegionError
from coverage.kept import kept
from coverage.language import _, ngettext, number, percent, rupiah_short
from coverage.outputs import maps, words
from coverage.outputs.standing import seconds
from coverage.tables import HOME_TECHNOLOGIES

if TYPE_CHECKING:
    from coverage.analysis import Analysis


_DEAL_COLUMNS = [
    "deal_id",
    "village_code",
    "option_id",
    "provider_id",
    "business_model",
    "price_idr_month",
    "affordable_idr_month",
    "subsidy_idr",
    "access_cost_pv_idr",
    "backhaul_cost_pv_idr",
]


@dataclass(frozen=True)
class Source:
    """Where the numbers of a paragraph come from.

    ``kind`` is the kind of a layer (``official … synthetic``), ``judgement`` or ``sourced`` for
    assumptions, ``calculated`` for a method; ``topic`` names the assumptions to look up.
    """

    text: str
    kind: str
    topic: str = ""


@dataclass(frozen=True)
class Paragraph:
    """One thing that the story tells: ``topic`` is a stable name for it."""

    topic: str
    title: str
    text: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Offer:
    """One option with its best provider, as a line of the village's table.

    What is in the plan has the plan's figures of money (its share of common links), everything else
    those of a deal that stands alone. ``population_gained`` are all whom the option newly reaches.
    """

    deal_id: str
    technology: str
    label: str
    provider: str
    business_model: str
    price_idr_month: float
    affordable: bool
    subsidy_idr: float
    cost_pv_idr: float
    population_gained: float
    is_best: bool
    in_plan: bool

    @property
    def bearable(self) -> str:
        """Whether people can bear the price, in words."""
        return words.bearable(self.technology, self.affordable)


@dataclass(frozen=True)
class Story:
    """The story of one village; ``headline`` can stand alone."""

    village_code: str
    village_name: str
    place: str
    access_class: str
    headline: str
    paragraphs: tuple[Paragraph, ...]
    offers: tuple[Offer, ...]
    sample: bool

    def paragraph(self, topic: str) -> Paragraph | None:
        """The paragraph on ``topic``, if the story has one."""
        return next((p for p in self.paragraphs if p.topic == topic), None)


@kept
def story(analysis: Analysis, village_code: str) -> Story:
    """Tell the story of a village in the language in force.

    Raises
    ------
    RegionError
        Where the region has no village of this code.
    """
    villages = analysis.region.villages
    found = villages[villages["village_code"] == village_code]
    if found.empty:
        raise RegionError(_("There is no village of this code"), where=village_code)
    village = found.iloc[0]
    access = _row(analysis.access.villages, village_code)
    gain = _row(analysis.gain, village_code)
    paragraphs = [
        _service(analysis, access),
        _why(analysis, access),
        _left_out(analysis, access),
        _best_deal(analysis, gain, access),
        _price(analysis, gain),
        _second(analysis, village_code),
        _gain(analysis, gain),
        _planned(analysis, gain, access),
    ]
    return Story(
        village_code,
        village["village_name"],
        _("{kind} in the district of {district}").format(
            kind=words.kind(village["kind"]).capitalize(), district=village["district_name"]
        ),
        access["access_class"] if access is not None else "unknown",
        _headline(village["village_name"], access),
        tuple(p for p in paragraphs if p is not None),
        offers(analysis, village_code),
        analysis.region.is_sample,
    )


def offers(analysis: Analysis, village_code: str) -> tuple[Offer, ...]:
    """The best deal of each technology for the village: smallest subsidy, then cheapest."""
    deals = _deals_of(analysis).get(village_code)
    if deals is None:
        return ()
    options = _options(analysis)
    deals = deals.assign(technology=deals["option_id"].map(options["technology"]))
    gain = _row(analysis.gain, village_code)
    best = gain["best_deal_id"] if gain is not None else None
    deals = deals.assign(is_best=deals["deal_id"] == best)
    deals = deals.sort_values(
        ["is_best", "subsidy_idr", "price_idr_month", "deal_id"], ascending=[False, True, True, True]
    )
    providers = analysis.region.providers.set_index("provider_id")["provider_name"]
    planned = analysis.plan.chosen.set_index("deal_id")
    deals = deals.drop_duplicates("technology").set_index("deal_id", drop=False)
    # In the plan neighbours share links: its figures are those that hold.
    deals.update(planned[["backhaul_cost_pv_idr", "subsidy_idr"]])
    return tuple(
        Offer(
            deal["deal_id"],
            deal["technology"],
            words.technology(deal["technology"]),
            str(providers.get(deal["provider_id"], deal["provider_id"])),
            words.business_model(deal["business_model"]),
            float(deal["price_idr_month"]),
            bool(deal["price_idr_month"] <= deal["affordable_idr_month"]),
            float(deal["subsidy_idr"]),
            float(deal["access_cost_pv_idr"] + deal["backhaul_cost_pv_idr"]),
            float(options.loc[deal["option_id"], "population_gained"]),
            bool(deal["is_best"]),
            deal["deal_id"] in planned.index,
        )
        for deal in deals.to_dict("records")
    )


@kept
def _deals_of(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """The deals by village."""
    return {str(code): rows for code, rows in analysis.deals[_DEAL_COLUMNS].groupby("village_code", sort=False)}


@kept
def _options(analysis: Analysis) -> pd.DataFrame:
    """The options by their id."""
    return analysis.option_set.options.set_index("option_id")


def _row(table: pd.DataFrame, village_code: str) -> Any:
    found = table[table["village_code"] == village_code]
    return None if found.empty else found.iloc[0]


def _present(value: Any) -> bool:
    return value is not None and not pd.isna(value)


@kept
def layer_sources(analysis: Analysis, *names: str) -> tuple[Source, ...]:
    """Provenance of the layers that exist in the region, one source each."""
    return tuple(
        Source(
            _("{layer}: {source}, {date}").format(
                layer=words.layer(name), source=layer.source_said, date=layer.date or _("no date")
            ),
            layer.kind,
        )
        for name in names
        if (layer := analysis.region.layers.get(name)) is not None
    )


@kept
def _assumptions(analysis: Analysis, *topics: str) -> tuple[Source, ...]:
    made = []
    for topic in topics:
        rows = [analysis.assumptions.row(name) for name in analysis.assumptions.topic(topic)]
        if rows:
            judged = sum(row.is_judgement for row in rows)
            text = ngettext(
                "{count} assumption on {topic}, {judged} of them judgement",
                "{count} assumptions on {topic}, {judged} of them judgement",
                len(rows),
            ).format(count=len(rows), topic=words.topic(topic), judged=judged)
            made.append(Source(text, "judgement" if judged else "sourced", topic))
    return tuple(made)


def _headline(name: str, access: Any) -> str:
    templates = {
        "none": _("{name} is not served yet."),
        "weak": _("{name} is served, but weakly."),
        "served": _("{name} is served."),
        "unknown": _("Whether {name} is served is not known."),
    }
    return templates[access["access_class"] if access is not None else "unknown"].format(name=name)


def _service(analysis: Analysis, access: Any) -> Paragraph:
    title = _("How it is served")
    sources = layer_sources(analysis, "settlements", "sites", "cells", "terrain", "evidence")
    sources += _assumptions(analysis, "radio", "access")
    if access is None:
        return Paragraph("service", title, _("Nothing is known about this village."), sources)
    facts = {
        "people": number(access["population"]),
        "covered": number(access["population_covered"]),
        "share": percent(access["covered_share"]),
    }
    if access["access_class"] == "unknown":
        text = _(
            "Of {people} people, the towers that we know of reach {covered}. The list of towers is not complete, "
            "so the others may be served too: this is not known."
        ).format(**facts)
        return Paragraph("service", title, text, sources)
    if access["population_covered"] < 1:
        text = _("Of {people} people nobody gets a usable 4G signal.").format(**facts)
    else:
        text = _("Of {people} people, {covered} ({share}) get a usable 4G signal.").format(**facts)
    if _present(access["downlink_mbps"]) and access["population_covered"] > 0:
        text += " " + _("They get about {speed} Mbps in the busy hour.").format(speed=number(access["downlink_mbps"]))
        if _present(access.get("uplink_mbps")):
            text += " " + _("They can send about {speed} Mbps.").format(speed=number(access["uplink_mbps"], 1))
    if _present(access["best_operator"]) and access["population_covered"] > 0:
        text += " " + _("{operator} covers the most.").format(operator=access["best_operator"])
    basis = {
        "measured": _("This rests on measurements."),
        "reported": _("This rests on a report from the field."),
        "modelled": _("This is calculated from terrain and towers, not measured."),
    }[access["evidence"]]
    return Paragraph("service", title, f"{text} {basis}", sources)


def _why(analysis: Analysis, access: Any) -> Paragraph | None:
    if access is None or not access["reasons"]:
        return None
    towers = analysis.access.towers
    tower = _row(towers, access["village_code"])
    named = tower is not None and _present(tower["site_id"])
    sentences = [
        reason_sentence(
            code,
            site=str(tower["site_id"]) if named else "",
            distance_m=float(tower["distance_m"]) if named else None,
            facilities=int(access["facilities_offline"]),
        )
        for code in access["reasons"].split(";")
    ]
    return Paragraph(
        "why", _("Why"), " ".join(dict.fromkeys(sentences)), layer_sources(analysis, "terrain", "sites", "facilities")
    )


def _left_out(analysis: Analysis, access: Any) -> Paragraph | None:
    if access is None or access["population_left_out"] < 1 or not _present(access["worst_settlement_id"]):
        return None
    found = analysis.access.settlements
    found = found[found["settlement_id"] == access["worst_settlement_id"]]
    people = number(access["population_left_out"])
    if access["access_class"] == "unknown":
        text = _("For {people} people no signal is proven.").format(people=people)
    else:
        text = _("{people} people are left out.").format(people=people)
    if not found.empty:
        worst = found.iloc[0]
        share = worst["population_covered"] / worst["population"] if worst["population"] > 0 else 0.0
        text += " " + _("Worst off is {hamlet}: {share} of its {people} people are covered.").format(
            hamlet=worst["settlement_name"], share=percent(share), people=number(worst["population"])
        )
    return Paragraph("left_out", _("Who is left out"), text, layer_sources(analysis, "settlements"))


def fed_by(option: Any) -> str:
    """What links an option to the network, in words; empty where that is not told."""
    feed = option.get("feed")
    return words.link_kind(feed) if isinstance(feed, str) and feed else ""


def _deal(analysis: Analysis, gain: Any) -> Any:
    if gain is None or not _present(gain["best_deal_id"]):
        return None
    found = _deals_of(analysis).get(gain["village_code"])
    if found is None:
        return None
    found = found[found["deal_id"] == gain["best_deal_id"]]
    return None if found.empty else found.iloc[0]


def _provider(analysis: Analysis, deal: Any) -> str:
    names = analysis.region.providers.set_index("provider_id")["provider_name"]
    return str(names.get(deal["provider_id"], deal["provider_id"]))


def _best_deal(analysis: Analysis, gain: Any, access: Any) -> Paragraph:
    title, deal = _("The best deal"), _deal(analysis, gain)
    if deal is None:
        text = _("No option gains anything here with what is known.")
        return Paragraph("deal", title, text)
    option = _options(analysis).loc[deal["option_id"]]
    providers = analysis.region.providers.set_index("provider_id")["provider_name"]
    if access is not None and access["access_class"] != "unknown":
        text = _("{technology} by {provider}: {model}. It would newly reach {people} people.")
    else:
        text = _("{technology} by {provider}: {model}. It would reach {people} people without proven signal.")
    text = text.format(
        technology=words.technology(option["technology"]),
        provider=providers.get(deal["provider_id"], deal["provider_id"]),
        model=words.business_model(deal["business_model"]),
        people=number(option["population_gained"]),
    )
    planned = analysis.plan.chosen
    planned = planned[planned["deal_id"] == deal["deal_id"]]
    if not planned.empty:
        text = f"{text} {counted(option['population_gained'], planned.iloc[0]['population_gained'])}".rstrip()
    if feed := fed_by(option):
        text += " " + _("Its link to the network: {link}.").format(link=feed)
    text += " " + _("This is advice, not an award: several providers can be invited.")
    sources = layer_sources(analysis, "providers", "roads", "fibre_points")
    return Paragraph("deal", title, text, sources + _assumptions(analysis, "options", "technologies"))


def counted(reached: float, in_plan: float) -> str:
    """Says why the plan counts fewer people for a deal than it reaches; empty where it counts all of them."""
    if round(reached) <= round(in_plan):
        return ""
    return _(
        "The plan counts {counted} of them here: the others are reached from a neighbour's site too, and nobody "
        "counts twice."
    ).format(counted=number(in_plan))


def _price(analysis: Analysis, gain: Any) -> Paragraph | None:
    deal = _deal(analysis, gain)
    if deal is None:
        return None
    planned = analysis.plan.chosen
    planned = planned[planned["deal_id"] == deal["deal_id"]]
    # In the plan neighbours share links: its figures are those that hold.
    held = deal if planned.empty else planned.iloc[0]
    cost = held["access_cost_pv_idr"] + held["backhaul_cost_pv_idr"]
    text = _("{price} a month per subscriber, tax included.").format(price=rupiah_short(deal["price_idr_month"]))
    able = deal["price_idr_month"] <= deal["affordable_idr_month"]
    if _options(analysis).loc[deal["option_id"], "technology"] in HOME_TECHNOLOGIES:
        limit = (
            _("A household here can bear up to {limit}.")
            if able
            else _("That is more than a household here can bear: {limit}.")
        )
    else:
        limit = (
            _("One person here can bear up to {limit}.")
            if able
            else _("That is more than one person here can bear: {limit}.")
        )
    text += " " + limit.format(limit=rupiah_short(deal["affordable_idr_month"]))
    text += " " + _("Over its lifetime it costs {cost}, of which {backhaul} is the link to the network.").format(
        cost=rupiah_short(cost), backhaul=rupiah_short(held["backhaul_cost_pv_idr"])
    )
    if held["subsidy_idr"] > 0:
        text += " " + _("It needs {subsidy} of public money.").format(subsidy=rupiah_short(held["subsidy_idr"]))
    else:
        text += " " + _("It needs no public money.")
    return Paragraph(
        "price",
        _("Price and subsidy"),
        text,
        _assumptions(analysis, "cost", "costs", "market", "funding", "partnership"),
    )


def _second(analysis: Analysis, village_code: str) -> Paragraph | None:
    second = seconds(analysis, (village_code,)).get(village_code)
    if second is None:
        return None
    return Paragraph("second", _("Who comes second"), f"{second.sentence} {second.turn}")


def _gain(analysis: Analysis, gain: Any) -> Paragraph | None:
    if gain is None or gain["index_gain_alone"] <= 0:
        return None
    digits = maps.gain_digits(analysis.gain["index_gain_alone"])
    text = _("The index rises by {gain} points if only this is built.").format(
        gain=number(gain["index_gain_alone"], digits)
    )
    if _present(gain["gain_per_billion"]):
        per = number(gain["gain_per_billion"], maps.gain_digits(analysis.gain["gain_per_billion"]))
        text += " " + _("That is {gain} points per Rp 1 billion.").format(gain=per)
    text += " " + _("Do not add such gains up: totals come from a plan. Indicative, not the ministry's score.")
    return Paragraph("gain", _("What the indicators gain"), text, _assumptions(analysis, "indicators", "indicator"))


def _planned(analysis: Analysis, gain: Any, access: Any) -> Paragraph:
    budget = rupiah_short(analysis.scenario.budget_idr)
    chosen = analysis.plan.chosen
    code = gain["village_code"] if gain is not None else ""
    mine = chosen[chosen["village_code"] == code]
    if not mine.empty:
        row = mine.iloc[0]
        if row["subsidy_idr"] > 0:
            text = _("Yes: with a budget of {budget} it is built, with {subsidy} of public money.")
        else:
            text = _("Yes: with a budget of {budget} it is built, without public money.")
        text = text.format(budget=budget, subsidy=rupiah_short(row["subsidy_idr"]))
    elif gain is not None and gain["in_plan"]:
        text = _("It is reached from a neighbour that the plan builds for a budget of {budget}.").format(budget=budget)
    else:
        text = _("No: with a budget of {budget} other villages come first.").format(budget=budget)
        deal = _deal(analysis, gain)
        if deal is not None and deal["deal_id"] in set(analysis.unaided):
            text += " " + _(
                "It need not wait for the plan: the village and {provider} would both sign without public money."
            ).format(provider=_provider(analysis, deal))
        elif deal is None:
            text = _("No: there is nothing to build here.")
        elif access is not None and access["access_class"] == "unknown" and not analysis.scenario.include_unknown:
            text = _("No: too little is known of it. Report the signal, or include such villages in the scenario.")
    return Paragraph("plan", _("In the plan?"), text)
