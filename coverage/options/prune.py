"""Leave out options that are beaten in everything by two others of their village.

An option is beaten by another of the same service (mobile, homes, Wi-Fi) that costs no more in a
year, its feed included, and newly covers at least as many people at every place and reaches as many
in all. One that is beaten once stays: it is the runner-up that a village looks at when the best
falls through.
"""

from __future__ import annotations

from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.options.feeds import existing_lines, hop_lines, network_yearly_idr, satellite_lines, yearly_idr
from coverage.options.hops import Hop
from coverage.options.world import Floats, World
from coverage.tables import HOME_TECHNOLOGIES, MOBILE_TECHNOLOGIES

#: As many others may beat an option without its being left out.
_RUNNERS_UP = 1
#: A person more or less at a place decides nothing.
_PERSONS = 1.0


def prune(drafts: list[Draft], hops: dict[str, Hop], world: World) -> list[Draft]:
    """The drafts without those that two others beat, in their order."""
    groups: dict[tuple[str, str], list[Draft]] = {}
    for draft in drafts:
        groups.setdefault((draft.village_code, service(draft.technology)), []).append(draft)
    gone: set[str] = set()
    for group in groups.values():
        if len(group) <= _RUNNERS_UP + 1:
            continue
        known = [(yearly_with_feed_idr(d, hops, world), d.reached, d.reached[~world.people.covered]) for d in group]
        for draft, mine in zip(group, known, strict=True):
            if sum(_beats(other, mine) for other in known if other is not mine) > _RUNNERS_UP:
                gone.add(draft.option_id)
    return [draft for draft in drafts if draft.option_id not in gone]


def service(technology: str) -> str:
    """What a technology brings: options are compared only within it."""
    if technology in MOBILE_TECHNOLOGIES:
        return "mobile"
    return "home" if technology in HOME_TECHNOLOGIES else "wifi"


def yearly_with_feed_idr(draft: Draft, hops: dict[str, Hop], world: World) -> float:
    """What an option and its feed cost in a year on their own, Rp."""
    a = world.assumptions
    own = yearly_idr(draft.lines, draft.lifetime_years, a)
    if draft.feed == "fibre":
        return own + network_yearly_idr(draft, world)
    lines: tuple[Line, ...]
    if draft.feed == "microwave":
        lines, life = hop_lines(hops[draft.option_id].length_m, a), a["options.microwave_lifetime"]
    elif draft.feed == "kits":
        lines, life = satellite_lines(draft), a["options.satellite_lifetime"]
    else:
        lines, life = existing_lines(draft), a["options.site_port_lifetime"]
    return own + yearly_idr(lines, life, a)


def _beats(other: tuple[float, Floats, Floats], mine: tuple[float, Floats, Floats]) -> bool:
    cheaper = other[0] <= mine[0]
    return cheaper and bool((other[2] >= mine[2] - _PERSONS).all()) and other[1].sum() >= mine[1].sum() - _PERSONS
