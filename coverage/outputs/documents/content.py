"""What a document is made of, and what every document says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.errors import InputError, RegionError
from coverage.language import _, ngettext, number, percent, rupiah_short
from coverage.outputs import words
from coverage.outputs.tables import data_date
from coverage.partnership import DUTY_LABELS, PARTY_LABELS, KeptTerms, deal, responsibilities

if TYPE_CHECKING:
    from coverage.analysis import Analysis

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Part:
    """One part of a document: a heading, sentences, then rows.

    ``rows`` are pairs of what and value where ``heads`` is empty, else lines of a table; ``items``
    is a numbered list; ``blanks`` are lines to fill in by hand; ``signs`` are those who sign.
    """

    title: str
    text: tuple[str, ...] = ()
    rows: Rows = ()
    heads: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A document in the language in force; ``warning`` says that it awards nothing."""

    kind: str
    title: str
    subtitle: str
    warning: str
    parts: tuple[Part, ...]
    watermark: str
    data_date: str


@dataclass(frozen=True, eq=False)
class Subject:
    """What a document about one deal speaks of: rows of the tables, as plain mappings.

    ``chosen`` is the plan's row where the deal is in the plan: its figures (with the shared cost of
    links) then stand before those of the deal alone, as on the screen. ``kept`` are terms that people
    set: they stand before both; ``subscribers`` are those at the price that holds.
    """

    analysis: Analysis
    deal: dict[str, Any]
    option: dict[str, Any]
    village: dict[str, Any]
    provider: dict[str, Any]
    chosen: dict[str, Any] | None
    kept: KeptTerms
    subscribers: float

    @property
    def price_idr_month(self) -> float:
        """Price per subscriber, tax included."""
        return held(self.kept.price_idr_month, float(self.deal["price_idr_month"]))

    @property
    def term_years(self) -> float:
        """Years of the contract."""
        return held(self.kept.term_years, float(round(self.analysis.assumptions["funding.horizon_years"])))

    @property
    def speed_mbps(self) -> float:
        """Speed that all share."""
        return held(self.kept.speed_mbps, float(self.option["capacity_mbps"]))

    @property
    def contribution_idr(self) -> float:
        """What the village pays once, at the start."""
        return held(self.kept.contribution_idr, float(self.deal.get("contribution_idr", 0.0)))

    @property
    def village_share(self) -> float:
        """Share of the sales that the village enterprise keeps."""
        return held(self.kept.village_share, float(self.deal.get("village_share", 0.0)))

    @property
    def subsidy_idr(self) -> float:
        """Public money that it takes."""
        return held(self.kept.subsidy_idr, float((self.chosen or self.deal)["subsidy_idr"]))

    @property
    def backhaul_idr(self) -> float:
        """Its part of the links' cost, present value."""
        return float((self.chosen or self.deal)["backhaul_cost_pv_idr"])

    @property
    def access_idr(self) -> float:
        """Cost of the access, present value."""
        return float((self.chosen or self.deal)["access_cost_pv_idr"])

    @property
    def people(self) -> float:
        """People newly reached, also those whom a neighbour's site reaches too."""
        return float(self.option["population_gained"])

    @property
    def people_counted(self) -> float:
        """Of them, those whom the plan counts for this deal: nobody twice."""
        return float(self.chosen["population_gained"]) if self.chosen else self.people


def held(kept: float | None, calculated: float) -> float:
    """What people set, where they set it."""
    return calculated if kept is None else kept


def subject(analysis: Analysis, deal_id: str, kept: KeptTerms | None = None) -> Subject:
    """Look everything up that belongs to a deal.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    deal_id : str
        One of ``analysis.deals``.
    kept : KeptTerms, optional
        Terms that people set.

    Raises
    ------
    InputError
        Where there is no such deal.
    """
    deal = _record(analysis.deals, "deal_id", deal_id)
    if deal is None:
        raise InputError(
            _("There is no such deal"), where=deal_id, todo=_("Choose a deal of the present analysis: it may be older.")
        )
    option = _record(analysis.option_set.options, "option_id", str(deal["option_id"]))
    village = village_of(analysis, str(deal["village_code"]))
    provider = _record(analysis.region.providers, "provider_id", str(deal["provider_id"]))
    if option is None or provider is None:
        raise InputError(_("There is no such deal"), where=deal_id)
    terms = kept or KeptTerms()
    chosen = _record(analysis.plan.chosen, "deal_id", deal_id)
    return Subject(analysis, deal, option, village, provider, chosen, terms, _subscribers(analysis, deal, terms))


def _subscribers(analysis: Analysis, row: dict[str, Any], kept: KeptTerms) -> float:
    """Subscribers at the price that holds: fewer where people set a higher one."""
    if kept.price_idr_month in (None, row["price_idr_month"]):
        return float(row["subscribers"])
    region = analysis.region
    made = deal(str(row["deal_id"]), analysis.option_set, region.villages, region.providers, analysis.assumptions)
    return float(made.project.market.subscribers(kept.price_idr_month))


def village_of(analysis: Analysis, code: str) -> dict[str, Any]:
    """Row of a village.

    Raises
    ------
    RegionError
        Where the region has no village of this code.
    """
    found = _record(analysis.region.villages, "village_code", code)
    if found is None:
        raise RegionError(_("There is no village of this code"), where=code)
    return found


def _record(table: pd.DataFrame, column: str, value: str) -> dict[str, Any] | None:
    found = table[table[column] == value]
    if found.empty:
        return None
    return {str(name): item for name, item in found.iloc[0].items() if name != "geometry"}


def document(analysis: Analysis, kind: str, title: str, subtitle: str, parts: tuple[Part, ...]) -> Document:
    """Put a document together with what all of them say."""
    return Document(
        kind=kind,
        title=title,
        subtitle=subtitle,
        warning=no_award(),
        parts=(*parts, sources(analysis)),
        watermark=words.WATERMARK if analysis.region.is_sample else "",
        data_date=data_date(analysis),
    )


def no_award() -> str:
    """Said in every letter."""
    return _("Draft. Advice, not an award to a provider (bukan penetapan penyedia).")


def procurement(kind: str) -> Part:
    """How the provider is really chosen: the route depends on whose money buys."""
    route = [
        _("Money of the regency or the state: the government's procurement rules hold (Perpres 16/2018 as amended).")
    ]
    if kind == "desa":
        route.append(_("Money of the village: the village's procurement rules (LKPP 12/2019) and the village meeting."))
    else:
        route.append(_("A kelurahan has no budget of its own: the regency buys for it."))
    route.append(_("Only the provider's money: no procurement; permits and the access agreement decide."))
    return Part(
        _("How the provider is chosen"),
        (
            _("This paper chooses nobody. Several providers can be invited on the same terms."),
            *route,
        ),
    )


def duties(business_model: str) -> Part:
    """Who does, pays and owns what."""
    table = responsibilities(business_model)
    rows = tuple(
        (_(DUTY_LABELS.get(duty, duty)), _(PARTY_LABELS.get(party, party)))
        for duty, party in zip(table["duty"], table["party"], strict=True)
    )
    return Part(_("Who does what"), rows=rows, heads=(_("Duty"), _("Who")))


def service_rows(about: Subject) -> Rows:
    """What would be built and for whom."""
    option = about.option
    place = f"{number(float(option['lat']), 4)}, {number(float(option['lon']), 4)}"
    rows = [
        (_("Technology"), words.technology(str(option["technology"]))),
        (_("How it is run"), words.business_model(str(about.deal["business_model"]))),
        (_("Site (latitude, longitude)"), place),
    ]
    if float(option["height_m"]) > 0:
        rows.append((_("Mast"), _("{height} m").format(height=number(float(option["height_m"])))))
    rows += [
        (_("Speed shared by all"), _("{speed} Mbps").format(speed=number(about.speed_mbps))),
        (_("People newly reached"), number(about.people)),
    ]
    if round(about.people_counted) < round(about.people):
        rows.append((_("of these not reached from a neighbour's site"), number(about.people_counted)))
    rows += [
        (_("Homes that can subscribe"), number(float(option["households_passed"]))),
        (_("Expected subscribers"), number(about.subscribers)),
    ]
    return tuple(rows)


def money_rows(about: Subject) -> Rows:
    """What it costs and who pays."""
    whole = about.access_idr + about.backhaul_idr
    rows = [
        (_("Price a month, tax included"), rupiah_short(about.price_idr_month)),
        (_("What people here can bear"), rupiah_short(float(about.deal["affordable_idr_month"]))),
        (_("Building (access)"), rupiah_short(float(about.option["capex_idr"]))),
        (_("Running (access), a year"), rupiah_short(float(about.option["opex_idr_per_year"]))),
        (_("Cost over its life, with its part of the links"), rupiah_short(whole)),
        (_("of this the link to the network"), rupiah_short(about.backhaul_idr)),
        (_("Public money"), rupiah_short(about.subsidy_idr) if about.subsidy_idr > 0 else _("none")),
    ]
    if about.contribution_idr > 0:
        rows.append((_("The village pays once"), rupiah_short(about.contribution_idr)))
    if about.village_share > 0:
        rows.append((_("BUMDes keeps of sales"), percent(about.village_share)))
    return tuple(rows)


def kept_lines(about: Subject) -> tuple[str, ...]:
    """Which terms people set, who and when, beside what was calculated; nothing where all is calculated."""
    kept = about.kept
    if not kept.any:
        return ()
    calculated = (
        (kept.price_idr_month, _("price {value} a month"), rupiah_short(float(about.deal["price_idr_month"]))),
        (kept.subsidy_idr, _("public money {value}"), rupiah_short(float((about.chosen or about.deal)["subsidy_idr"]))),
        (
            kept.contribution_idr,
            _("village pays {value}"),
            rupiah_short(float(about.deal.get("contribution_idr", 0.0))),
        ),
        (kept.village_share, _("BUMDes keeps {value}"), percent(float(about.deal.get("village_share", 0.0)))),
        (kept.term_years, _("term {value} years"), number(about.analysis.assumptions["funding.horizon_years"])),
        (kept.speed_mbps, _("speed {value} Mbps"), number(float(about.option["capacity_mbps"]))),
    )
    told = [template.format(value=value) for changed, template, value in calculated if changed is not None]
    lines = [_("Terms as set by {name} on {date}.").format(name=kept.by, date=words.moment(kept.at))]
    if told:
        lines.append(_("Calculated were: {terms}.").format(terms=", ".join(told)))
    return tuple(lines)


def sources(analysis: Analysis) -> Part:
    """What the figures rest on."""
    marked = [
        words.layer(name) for name, layer in analysis.region.layers.items() if layer.kind in ("estimated", "synthetic")
    ]
    judged = sum(analysis.assumptions.row(name).is_judgement for name in analysis.assumptions)
    text = [_("Figures are present values of a model, indicative, and come from the analysis shown in Jangkau.")]
    if marked:
        text.append(_("Estimated or made up: {layers}.").format(layers=", ".join(marked)))
    text.append(
        ngettext(
            "{judged} of {count} assumption is judgement.",
            "{judged} of {count} assumptions are judgement.",
            len(list(analysis.assumptions)),
        ).format(judged=judged, count=len(list(analysis.assumptions)))
    )
    return Part(_("Where the figures come from"), tuple(text))
