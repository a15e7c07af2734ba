"""The term sheet and the draft letter of intent of one deal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.language import _, number, rupiah_short
from coverage.outputs import words
from coverage.outputs.documents.content import (
    Document,
    Part,
    Subject,
    document,
    duties,
    kept_lines,
    money_rows,
    procurement,
    service_rows,
    subject,
)
from coverage.outputs.site.bring import to_bring

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.partnership import KeptTerms


def term_sheet(analysis: Analysis, deal_id: str, kept: KeptTerms | None = None) -> Document:
    """What both sides would sign, on one or two pages.

    It shows nothing that only staff may see: no hurdle rate, no reservation price, no provider's NPV.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    deal_id : str
        One of ``analysis.deals``.
    kept : KeptTerms, optional
        Terms that people set: they stand in place of those calculated, and the sheet says so.

    Raises
    ------
    InputError
        Where there is no such deal.
    """
    about = subject(analysis, deal_id, kept)
    parts = (
        Part(_("Parties"), rows=_parties(about)),
        Part(_("Service"), rows=service_rows(about)),
        Part(
            _("Money"),
            text=kept_lines(about),
            rows=(*money_rows(about), (_("Term"), _("{years} years").format(years=number(about.term_years)))),
        ),
        duties(str(about.deal["business_model"])),
        Part(_("What the village brings"), items=_village_brings(about)),
        Part(_("What must be settled before signing"), items=_open_points(about)),
        procurement(str(about.village["kind"])),
    )
    return document(analysis, "term_sheet", _("Term sheet"), _heading(about), parts)


def letter_of_intent(analysis: Analysis, deal_id: str, kept: KeptTerms | None = None) -> Document:
    """Draft memorandum between a village and a provider, with blanks and places to sign.

    Parameters
    ----------
    analysis, deal_id, kept
        As for :func:`term_sheet`.

    Raises
    ------
    InputError
        Where there is no such deal.
    """
    about = subject(analysis, deal_id, kept)
    village, provider = str(about.village["village_name"]), str(about.provider["provider_name"])
    head = _("Head of the village") if about.village["kind"] == "desa" else _("Head of the kelurahan")
    years = number(about.term_years)
    price = rupiah_short(about.price_idr_month)
    parts = (
        Part(
            _("Between"),
            text=(
                _("{village}, represented by its head, and {provider}, represented by its director.").format(
                    village=f"{words.kind(str(about.village['kind'])).capitalize()} {village}", provider=provider
                ),
            ),
            blanks=(_("Number"), _("Date"), _("Holds until"), _("Name of the head"), _("Name of the director")),
        ),
        Part(
            _("Article 1. Intent"),
            text=(_("Both sides intend to bring internet to {village} together.").format(village=village),),
        ),
        Part(_("Article 2. What is built"), rows=service_rows(about)),
        Part(_("Article 3. Duties"), text=(_("The duties are shared like this."),), rows=_duty_rows(about)),
        Part(
            _("Article 4. Price and service"),
            items=(
                _("The price is {price} a month per subscriber, tax included.").format(price=price),
                _("Village hall, schools and health posts are connected first."),
                _("The provider regularly tells the village how fast and how often the service worked."),
                _("The price changes only with the written consent of both sides."),
            ),
        ),
        Part(_("Article 5. Money"), text=kept_lines(about), rows=money_rows(about)),
        Part(
            _("Article 6. Term"),
            items=(
                _("The intent holds until the date above, the agreement that follows for {years} years.").format(
                    years=years
                ),
                _("Either side may step back in writing; neither then owes the other anything."),
            ),
        ),
        procurement(str(about.village["kind"])),
        Part(
            _("Signed"),
            signs=(
                f"{head} {village}",
                _("Director, {provider}").format(provider=provider),
                _("Known to: Diskominfo {region}").format(region=analysis.region.name),
            ),
        ),
    )
    return document(analysis, "letter_of_intent", _("Memorandum of intent"), _heading(about), parts)


def _heading(about: Subject) -> str:
    return _("{village}, district of {district} · {code}").format(
        village=about.village["village_name"],
        district=about.village["district_name"],
        code=about.village["village_code"],
    )


def _parties(about: Subject) -> tuple[tuple[str, str], ...]:
    provider = words.provider_kind(str(about.provider["kind"]))
    return (
        (words.kind(str(about.village["kind"])).capitalize(), str(about.village["village_name"])),
        (provider[:1].upper() + provider[1:], str(about.provider["provider_name"])),
        (_("In the plan?"), _("yes") if about.chosen else _("no")),
    )


def _duty_rows(about: Subject) -> tuple[tuple[str, ...], ...]:
    return duties(str(about.deal["business_model"])).rows


def _village_brings(about: Subject) -> tuple[str, ...]:
    return to_bring(
        str(about.option["technology"]),
        str(about.deal["business_model"]),
        str(about.village["kind"]),
        subscribers=about.subscribers,
        subsidy_idr=about.subsidy_idr,
    )


def _open_points(about: Subject) -> tuple[str, ...]:
    points = [
        _("The site is visited, and the owner of the land agrees in writing."),
        _("The signal and the line of sight are measured on the spot."),
        _("The list of people who want to subscribe is collected."),
    ]
    if about.subsidy_idr > 0:
        points.append(
            _("The public money of {amount} is promised by whoever may give it.").format(
                amount=rupiah_short(about.subsidy_idr)
            )
        )
    if about.backhaul_idr > 0:
        points.append(_("The way of the link is checked, and what neighbours pay of it is agreed."))
    return tuple(points)
