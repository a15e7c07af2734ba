"""How an option is fed: which of the ways open to it costs least on its own.

Every option has one feed. ``fibre`` stands for the network of roads (or one satellite terminal where
that is cheaper): the plan chooses the route and may share it. ``microwave`` is a clear hop to an
existing tower, through which no other traffic can pass. ``existing`` is the connection that a tower
has already, ``donor`` the cell that a repeater repeats, ``kits`` a satellite kit per hamlet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from coverage.assumptions import Assumptions
from coverage.options.costs import Line, annuity_factor, bill, totals
from coverage.options.draft import Draft
from coverage.options.hops import Hop, nearest_hops
from coverage.options.world import World


def fibre_lines(length_m: float, terminals: int) -> tuple[Line, ...]:
    """Bill of a fibre link."""
    lines: tuple[Line, ...] = (Line("cost.fibre_metre", length_m), Line("cost.fibre_upkeep", length_m))
    return (*lines, Line("cost.fibre_terminal", terminals)) if terminals else lines


def hop_lines(length_m: float, assumptions: Assumptions) -> tuple[Line, ...]:
    """Bill of a microwave hop."""
    short = length_m <= assumptions["options.microwave_short"]
    return Line("cost.microwave_short" if short else "cost.microwave_long", 1), Line("cost.microwave_upkeep", 1)


def satellite_lines(draft: Draft) -> tuple[Line, ...]:
    """Bill of the satellite link of an option: a kit per hamlet, or one terminal with its capacity."""
    if draft.terminals:
        return Line("cost.satellite_kit", draft.terminals), Line("cost.satellite_subscription", draft.terminals)
    return Line("cost.satellite_terminal", 1), Line("cost.satellite_mbps", draft.backhaul_mbps)


def existing_lines(draft: Draft) -> tuple[Line, ...]:
    """Bill of the connection that an existing tower has already: nothing for a repeater, whose donor has paid it."""
    if draft.feed == "donor":
        return ()
    return Line("cost.site_port", 1), Line("cost.site_transport", draft.backhaul_mbps)


def yearly_idr(lines: Iterable[Line], lifetime_years: float, assumptions: Assumptions) -> float:
    """What some lines cost in a year: the annuity of building them, and running them, Rp/year."""
    capex, opex = totals(bill("", lines, assumptions))
    return capex / annuity_factor(assumptions["options.feed_rate"], lifetime_years) + opex


def network_yearly_idr(draft: Draft, world: World) -> float:
    """Yearly cost of feeding an option by fibre along the roads, shared as is usual, or by one satellite terminal.

    Fibre counts one part in ``options.feed_sharers``, because villages on the same road share it.
    """
    a = world.assumptions
    ways = []
    metres = world.fibre_metres(draft.x, draft.y)
    if metres < float("inf"):
        shared = yearly_idr(fibre_lines(metres, 0), a["options.fibre_lifetime"], a) / a["options.feed_sharers"]
        ways.append(shared + yearly_idr([Line("cost.fibre_terminal", 1)], a["options.fibre_lifetime"], a))
    ways.append(yearly_idr(satellite_lines(draft), a["options.satellite_lifetime"], a))
    return min(ways)


def choose_feeds(drafts: list[Draft], world: World) -> tuple[list[Draft], dict[str, Hop]]:
    """The drafts with their feed, and the hops of those that are fed by microwave.

    A new tower that sees an existing one takes the hop where that costs less in a year than its part
    of the network.
    """
    a = world.assumptions
    towers = [draft for draft in drafts if draft.feed == "fibre" and draft.height_m > 0]
    found = nearest_hops(towers, world.terrain, world.sites, a)
    made: list[Draft] = []
    hops: dict[str, Hop] = {}
    for draft in drafts:
        hop = found.get(draft.option_id)
        if hop is not None and draft.backhaul_mbps <= a["options.site_spare_mbps"]:
            by_hop = yearly_idr(hop_lines(hop.length_m, a), a["options.microwave_lifetime"], a)
            if by_hop < network_yearly_idr(draft, world):
                hops[draft.option_id] = hop
                made.append(replace(draft, feed="microwave", site_id=hop.site_id))
                continue
        made.append(draft)
    return made, hops
