"""A request for information to providers: the same questions to all, about named villages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coverage.errors import InputError
from coverage.language import _, ngettext, number, percent, rupiah_short
from coverage.outputs import words
from coverage.outputs.documents.content import Document, Part, document, village_of

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.partnership import KeptTerms


def request_for_information(
    analysis: Analysis, village_codes: Sequence[str], kept: Mapping[str, KeptTerms] | None = None
) -> Document:
    """What providers are asked; it names no provider, no price and no public money.

    Of the terms that people set, what is wanted of every provider alike is told: the speed, the term, what
    the village would pay and what its enterprise would keep. A price belongs to the provider who named it.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    village_codes : sequence of str
        Villages that are asked about, at least one.
    kept : mapping, optional
        Terms that people set, by deal id.

    Raises
    ------
    InputError
        Where no village is named.
    RegionError
        Where the region has no village of one of these codes.
    """
    codes = list(dict.fromkeys(village_codes))
    if not codes:
        raise InputError(_("No village is named"), todo=_("Choose the villages that providers are asked about."))
    access = {row["village_code"]: row for row in analysis.access.villages.to_dict("records")}
    rows = []
    for code in codes:
        village = village_of(analysis, code)
        found = access.get(code)
        known = found is not None and found["access_class"] != "unknown"
        rows.append(
            (
                code,
                str(village["village_name"]),
                str(village["district_name"]),
                number(float(village["population"])),
                words.access_class(str(found["access_class"]) if found is not None else "unknown"),
                percent(float(found["covered_share"])) if found is not None and known else "?",
            )
        )
    parts = (
        Part(
            _("Why you are asked"),
            text=(
                _(
                    "The regency brings providers and villages together, so that agreements lower prices and improve "
                    "the network. Your answer binds nobody: it helps to see what is possible."
                ),
            ),
        ),
        Part(
            ngettext("{count} village", "{count} villages", len(codes)).format(count=number(len(codes))),
            rows=tuple(rows),
            heads=(_("Code"), _("Village"), _("District"), _("People"), _("Service"), _("Covered")),
        ),
        *_wishes(analysis, codes, kept or {}),
        Part(
            _("Please answer for each village"),
            items=(
                _("Your towers, fibre and points of presence near it, with coordinates."),
                _("What you would build or sell there, and when it could work."),
                _("Price a month for homes and for the village hall, tax included, and the speed for it."),
                _("What you would invest, and what you would ask of the village, the regency or a fund."),
                _("Whether a village enterprise (BUMDes) may resell, and on what share."),
                _("Whether you would share a tower or a link, and with whom."),
                _("Your licence for the service."),
            ),
        ),
        Part(
            _("How to answer"),
            text=(_("Fill in the enclosed workbook and send it back; keep the names of its columns."),),
            blanks=(_("Answer until"), _("To (name, e-mail, phone)"), _("Provider"), _("Contact")),
        ),
    )
    subtitle = _("To all providers of telecommunications in {region}").format(region=analysis.region.name)
    return document(analysis, "request_for_information", _("Request for information"), subtitle, parts)


def _wishes(analysis: Analysis, codes: list[str], kept: Mapping[str, KeptTerms]) -> tuple[Part, ...]:
    """What villages have in mind already; nothing where nobody set such terms."""
    village_of_deal = dict(zip(analysis.deals["deal_id"], analysis.deals["village_code"], strict=True))
    last: dict[str, KeptTerms] = {}
    for deal_id, own in sorted(kept.items(), key=lambda item: (item[1].at, item[0])):
        if (code := village_of_deal.get(deal_id)) in codes and any(_wish(own)):
            last[str(code)] = own
    if not last:
        return ()
    rows = tuple(
        (str(village_of(analysis, code)["village_name"]), *_wish(last[code])) for code in codes if code in last
    )
    heads = (_("Village"), _("Speed"), _("Term"), _("The village pays once"), _("BUMDes keeps of sales"))
    said = _("The same is asked of every provider; say where you would do it differently.")
    return (Part(_("What villages have in mind"), text=(said,), rows=rows, heads=heads),)


def _wish(own: KeptTerms) -> tuple[str, str, str, str]:
    return (
        "" if own.speed_mbps is None else _("{speed} Mbps").format(speed=number(own.speed_mbps)),
        "" if own.term_years is None else _("{years} years").format(years=number(own.term_years)),
        "" if own.contribution_idr is None else rupiah_short(own.contribution_idr),
        "" if own.village_share is None else percent(own.village_share),
    )
