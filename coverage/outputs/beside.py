"""Two plans on one map layer: which villages the two maps show differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.language import _, ngettext, number
from coverage.outputs import maps

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def differing(left: Analysis, right: Analysis, name: str) -> tuple[int, ...]:
    """Positions of the villages that a layer shows differently for two plans of one region.

    Not the colours are compared but what they stand for, since classes follow each plan's own numbers. On
    the layer of the plan a village also differs where another deal serves it.
    """
    mine, other = maps.layer(left, name), maps.layer(right, name, like=left)
    shown = [a != b for a, b in zip(mine.values, other.values, strict=True)]
    if name == "rencana":
        deals = zip(_deals(left), _deals(right), strict=True)
        shown = [seen or a != b for seen, (a, b) in zip(shown, deals, strict=True)]
    return tuple(position for position, differs in enumerate(shown) if differs)


def _deals(analysis: Analysis) -> list[str]:
    """Technology and provider that the plan gives to each village, in the order of the villages."""
    technologies = maps.deal_technology(analysis)
    chosen = analysis.plan.chosen.sort_values("deal_id")
    made: dict[str, str] = {}
    for code, deal, provider in zip(chosen["village_code"], chosen["deal_id"], chosen["provider_id"], strict=True):
        made[code] = made.get(code, "") + f"{technologies.get(deal)}/{provider};"
    return [made.get(code, "") for code in analysis.region.villages["village_code"]]


def marks(left: Analysis, right: Analysis, name: str) -> dict[str, Any]:
    """What a map's page is told of the differences, for ``jangkau.paint``."""
    found = differing(left, right, name)
    return {"differs": list(found), "differsLabel": _("differs between the maps"), "differsTold": told(len(found))}


def told(count: int) -> str:
    """How many villages differ, in a sentence."""
    if not count:
        return _("On this layer no village differs.")
    return ngettext("{count} village differs on this layer.", "{count} villages differ on this layer.", count).format(
        count=number(count)
    )


def table(left: Analysis, right: Analysis, name: str) -> pd.DataFrame:
    """The differing villages with what each map says of them.

    Returns
    -------
    DataFrame
        Index ``village_code``; columns ``name, district, left, right``; by district and name.
    """
    found = list(differing(left, right, name))
    villages = left.region.villages.iloc[found]
    mine, other = maps.layer(left, name), maps.layer(right, name, like=left)
    frame = pd.DataFrame(
        {
            "name": villages["village_name"].to_numpy(),
            "district": villages["district_name"].to_numpy(),
            "left": [mine.values[position] for position in found],
            "right": [other.values[position] for position in found],
        },
        index=pd.Index(villages["village_code"].to_numpy(), name="village_code"),
    )
    return frame.sort_values(["district", "name"])
