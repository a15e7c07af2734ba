"""A request for information to providers: the same questions to all, about named villages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coverage.errors import InputError
from coverage.language import _, ngettext, number, percent
from coverage.outputs import words
from coverage.outputs.documents.content import Document, Part, document, village_of

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def request_for_information(analysis: Analysis, village_codes: Sequence[str]) -> Document:
    """What providers are asked; it names no provider and no price that was calculated.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    village_codes : sequence of str
        Villages that are asked about, at least one.

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
