"""One village on one A4 sheet as PDF, to be printed, signed on and passed on.

Typst lays it out. Text goes in as JSON and is never read as markup; the map is the one of the static
page; only fonts that come with Typst are used and no date is written, so the same analysis gives
the same bytes on every machine.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.language import language
from coverage.outputs.site.atlas import Atlas
from coverage.outputs.site.pages import foot, village_words
from coverage.outputs.site.village import village_page
from coverage.outputs.site.village_map import description, village_svg
from coverage.outputs.typeset import typeset

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_TEMPLATE = Path(__file__).with_name("brief.typ")


def village_brief(analysis: Analysis, village_code: str) -> bytes:
    """The brief of a village in the language in force.

    It says what the village's static page says: served or not, why, who is left out, options with
    what they cost and ask, neighbours, next steps, how to report the signal, contacts to fill in,
    sources. Sample data carry the watermark.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    village_code : str
        Kemendagri code of the village.

    Returns
    -------
    bytes
        A PDF of one A4 page.

    Raises
    ------
    RegionError
        Where the region has no village of this code.
    """
    return atlas_brief(Atlas(analysis), village_code)


def atlas_brief(atlas: Atlas, village_code: str) -> bytes:
    """As :func:`village_brief`, for many villages of one analysis."""
    page = village_page(atlas, village_code)
    data = {
        "page": asdict(page),
        "say": village_words(page) | {"foot": foot()},
        "title": f"{page.name}, {page.district}",
        "language": language(),
        "alt": description(atlas, village_code),
    }
    return typeset(_TEMPLATE, data, map=village_svg(atlas, village_code))
