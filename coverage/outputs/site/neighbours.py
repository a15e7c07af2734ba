"""Whom a village can team up with, and why."""

from __future__ import annotations

from dataclasses import dataclass

from coverage.language import _, number
from coverage.outputs import words
from coverage.outputs.site.atlas import Atlas, clean

#: Neighbours that a page names.
_MOST = 4


@dataclass(frozen=True)
class Neighbour:
    """A neighbour, how it is served, and what speaks for doing it together."""

    code: str
    name: str
    access_class: str
    service: str
    reason: str
    is_partner: bool


def neighbours(atlas: Atlas, code: str) -> tuple[Neighbour, ...]:
    """Neighbours of a village, the best partners first, at most four.

    A neighbour is a partner where one's recommended option would reach people of the other, or
    where the same provider is recommended for both. The reasons look at recommended deals alone;
    what a joint price would be is for the provider to say.
    """
    ranked = []
    for other in atlas.neighbours(code):
        rank, reason = _reason(atlas, code, other)
        ranked.append((rank, other, reason))
    ranked.sort(key=lambda item: (item[0], item[1]))
    return tuple(
        Neighbour(
            other,
            clean(atlas.villages[other]["village_name"]),
            atlas.access_class(other),
            words.access_class(atlas.access_class(other)),
            reason,
            bool(rank[0] < 2),
        )
        for rank, other, reason in ranked[:_MOST]
    )


def _reason(atlas: Atlas, code: str, other: str) -> tuple[tuple[int, float], str]:
    mine, theirs = atlas.best_deal(code), atlas.best_deal(other)
    gives = atlas.reached.get((mine["option_id"], other), 0.0) if mine is not None else 0.0
    takes = atlas.reached.get((theirs["option_id"], code), 0.0) if theirs is not None else 0.0
    if gives >= 1 and gives >= takes:
        text = _("Your recommended option would also reach {people} people there.")
        return (0, -gives), text.format(people=number(gives))
    if takes >= 1:
        text = _("Its recommended option would also reach {people} people here.")
        return (0, -takes), text.format(people=number(takes))
    if mine is not None and theirs is not None and mine["provider_id"] == theirs["provider_id"]:
        name = clean(atlas.providers.get(mine["provider_id"], mine["provider_id"]))
        return (1, 0.0), _("{provider} is recommended for both: ask together.").format(provider=name)
    if theirs is not None:
        return (2, 0.0), _("Looks for a provider too.")
    if atlas.access_class(other) == "served":
        return (4, 0.0), _("Served already.")
    return (3, 0.0), _("No option found there yet.")
