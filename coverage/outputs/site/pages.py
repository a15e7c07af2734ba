"""The pages as HTML: templates with every text escaped, one style, no script."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coverage.language import _, language, ngettext, number
from coverage.outputs import summary, words
from coverage.outputs.site import overview
from coverage.outputs.site.atlas import Atlas, clean
from coverage.outputs.site.marks import watermark
from coverage.outputs.site.village import VillagePage, provenance, village_page
from coverage.outputs.site.village_map import village_svg

#: Pages stay below this, so that they open on a weak signal.
MOST_BYTES = 60_000
_ORDER = ("none", "weak", "served", "unknown")
_PACKAGE = "coverage.outputs.site"
#: Where the pages of each language begin, seen from the folder of the site.
ROOTS = {"id": "", "en": "en/"}
_LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _style() -> Markup:
    return Markup((files(_PACKAGE) / "templates" / "style.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


def village_html(atlas: Atlas, code: str) -> str:
    """The page of a village in the language in force."""
    page = village_page(atlas, code)
    return _page(
        "village.html",
        f"desa/{page.file}",
        title=f"{page.name}, {page.district}",
        description=page.headline,
        watermark=page.watermark,
        crumbs=[
            {"text": page.region, "href": "../index.html"},
            {"text": page.district, "href": f"../kecamatan/{page.district_code}.html"},
        ],
        here=page.name,
        say=village_words(page),
        page=page,
        data_date=page.data_date,
        map=Markup(village_svg(atlas, code)),  # noqa: S704 - every name in it is escaped
        profile=Markup(page.path.svg) if page.path else "",  # noqa: S704 - it holds numbers and our own words
    )


def foot() -> str:
    """Last line of every page."""
    return _("Made with Jangkau. Figures are for planning; the signal in the field decides.")


def village_words(page: VillagePage) -> dict[str, str]:
    """Headings and labels of a village's page."""
    return {
        "basis": _("basis"),
        "others": _("Other options"),
        "price": _("Price"),
        "why": _("Why"),
        "left_out": _("Hamlets, and who is left out"),
        "hamlet": _("Hamlet"),
        "people": _("People"),
        "without": _("Left out"),
        "options": _("What can be done"),
        "bring": _("What the village must bring"),
        "plan": _("In the plan?"),
        "second": _("Who comes second?"),
        "together": _("Together is cheaper."),
        "neighbours": _("Neighbours to team up with") if page.cards else _("The neighbours"),
        "next": _("What to do next"),
        "report": _("How good is your signal?"),
        "report_how": _("Send this message, filled in, to the village office or to Diskominfo {region}.").format(
            region=page.region
        ),
        "contacts": _("Contacts"),
        "blank": _("name, telephone: fill in"),
        "sources": _("Where the data come from"),
    }


def district_html(atlas: Atlas, code: str) -> str:
    """The page of a district: its villages on a map and in a table."""
    codes = [c for c in atlas.codes if atlas.villages[c]["district_code"] == code]
    name = clean(atlas.villages[codes[0]]["district_name"])
    links = {c: f"../desa/{c}.html" for c in codes}
    rows = []
    for c in codes:
        deal = atlas.best_deal(c)
        best = words.technology(atlas.options[deal["option_id"]]["technology"]) if deal is not None else "–"
        kind = atlas.access_class(c)
        left = atlas.access[c]["population_left_out"] if c in atlas.access else 0.0
        cells = ("?" if kind == "unknown" else number(left), best)
        rows.append(
            {
                "href": links[c],
                "name": clean(atlas.villages[c]["village_name"]),
                "access_class": kind,
                "service": words.access_class(kind),
                "cells": cells,
            }
        )
    return _list(
        atlas,
        f"kecamatan/{code}.html",
        here=name,
        crumbs=[{"text": clean(atlas.analysis.region.name), "href": "../index.html"}],
        heading=_("District of {district}").format(district=name),
        codes=codes,
        sentences=[],
        map=Markup(overview.district_svg(atlas, codes, links)),  # noqa: S704 - every name in it is escaped
        columns=[_("Village"), _("People left out"), _("Recommended")],
        rows=rows,
        groups=[],
    )


def index_html(atlas: Atlas) -> str:
    """The first page: the regency, its districts, and every village by its district."""
    found = districts(atlas)
    groups = [
        {
            "name": name,
            "villages": [
                {"href": f"desa/{c}.html", "name": clean(atlas.villages[c]["village_name"])}
                for c in sorted(codes, key=lambda c: str(atlas.villages[c]["village_name"]))
            ],
        }
        for name, codes in found.values()
    ]
    page = _index(atlas, found, groups)
    # In a large regency the villages are found through the districts alone.
    return page if len(page.encode()) <= MOST_BYTES else _index(atlas, found, [])


def _index(atlas: Atlas, found: dict[str, tuple[str, list[str]]], groups: list[dict[str, Any]]) -> str:
    links = {code: f"kecamatan/{code}.html" for code in found}
    rows = []
    for code, (name, codes) in found.items():
        behind = sum(atlas.access_class(c) in ("none", "weak") for c in codes)
        rows.append({"href": links[code], "name": name, "service": "", "cells": (number(len(codes)), number(behind))})
    name = clean(atlas.analysis.region.name)
    return _list(
        atlas,
        "index.html",
        here=name,
        crumbs=[],
        heading=_("Internet in the villages of {region}").format(region=name),
        codes=atlas.codes,
        sentences=[clean(summary.answer(atlas.analysis)) + "."],
        map=Markup(overview.region_svg(atlas, found, links)),  # noqa: S704 - every name in it is escaped
        columns=[_("District"), _("Villages"), _("Not or weakly served")],
        rows=rows,
        groups=groups,
    )


def districts(atlas: Atlas) -> dict[str, tuple[str, list[str]]]:
    """Name and villages of each district, by its code."""
    found: dict[str, tuple[str, list[str]]] = {}
    for code, village in atlas.villages.items():
        found.setdefault(village["district_code"], (clean(village["district_name"]), []))[1].append(code)
    return dict(sorted(found.items()))


def _list(atlas: Atlas, path: str, *, here: str, heading: str, codes: list[str], **content: Any) -> str:
    kinds = [atlas.access_class(code) for code in codes]
    legend = [
        {"colour": colour, "text": f"{words.access_class(kind)} ({number(kinds.count(kind))})"}
        for kind, colour in overview.legend_colours().items()
        if kind in kinds
    ]
    behind = kinds.count("none") + kinds.count("weak")
    headline = ngettext(
        "Of {count} village, {behind} is not served or weakly served.",
        "Of {count} villages, {behind} are not served or weakly served.",
        len(codes),
    ).format(count=number(len(codes)), behind=number(behind))
    return _page(
        "list.html",
        path,
        title=heading,
        description=headline,
        watermark=watermark(atlas.analysis.region.is_sample),
        here=here,
        say={"sources": _("Where the data come from"), "all": _("All villages")},
        heading=heading,
        headline=headline,
        legend=legend,
        advice=_("What is recommended is advice, not an award to a provider."),
        **provenance(atlas),
        **content,
    )


def _page(template: str, path: str, *, say: dict[str, str], **content: Any) -> str:
    here = language()
    other = next(code for code in ROOTS if code != here)
    up = "../" * (ROOTS[here] + path).count("/")
    say = {
        "where": _("Where you are"),
        "foot": foot(),
        **say,
    }
    return (
        _environment()
        .get_template(template)
        .render(
            language=here,
            style=_style(),
            say=say,
            other={"code": other, "name": _LANGUAGE_NAMES[other], "href": f"{up}{ROOTS[other]}{path}"},
            **content,
        )
    )
