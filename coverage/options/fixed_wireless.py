"""Fixed wireless and a village radio network (RT/RW-Net): one mast feeds the hamlets that it sees.

The mast is an existing, connected tower near the village, or a guyed mast of the village's own at its
largest hamlet. Every hamlet that sees it (100 % of the first Fresnel zone clear at median refraction,
ITU-R P.530) gets a receiving radio on a pole, from which homes near its centre are connected; a
hamlet that sees only another served hamlet is relayed once. The band is the one of the class
licence, which no operator owns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.options.feeds import existing_lines, network_yearly_idr, yearly_idr
from coverage.options.world import NOWHERE, Floats, Mask, World
from coverage.radio.hops import hops


@dataclass(frozen=True, eq=False)
class _Base:
    """A mast that could feed hamlets: metric place, antenna, and the site that it is, if one stands there."""

    x: float
    y: float
    height_m: float
    site_id: str = ""
    owner: str = ""


@dataclass(frozen=True, eq=False)
class _Village:
    """Hamlets large enough for a radio, the people near their centres, and the masts that are tried."""

    code: str
    xy: Floats
    people: Floats
    near: list[np.ndarray[tuple[int], np.dtype[np.intp]]]
    bases: list[_Base]


def fixed_wireless(village_codes: list[str], world: World) -> list[Draft]:
    """A village radio network for every village where a mast sees at least one hamlet.

    Of the masts tried, the one is taken that costs least in a year per person reached, its feed
    included.
    """
    towers = _towers(world)
    tried = [village for code in village_codes if (village := _village(code, towers, world)) is not None]
    seen = _sight(tried, world)
    drafts = []
    for village, (direct, between) in zip(tried, seen, strict=True):
        options = [
            draft
            for number, base in enumerate(village.bases)
            if (draft := _draft(village, base, direct[number], between, world)) is not None
        ]
        if options:
            drafts.append(min(options, key=lambda draft: (_yearly_per_person(draft, world), draft.option_id)))
    return drafts


def _village(code: str, towers: list[_Base], world: World) -> _Village | None:
    a = world.assumptions
    hamlets, xy = world.hamlets_of(code)
    near = []
    for hamlet, (x, y) in zip(hamlets, xy.tolist(), strict=True):
        at = world.places_of_hamlet.get(hamlet, NOWHERE)
        gap = np.hypot(world.people.xy[at, 0] - x, world.people.xy[at, 1] - y)
        near.append(at[gap <= a["options.wireless_reach"]])
    people = np.array([float(world.people.population[at].sum()) for at in near])
    keep = np.flatnonzero(people >= a["options.wifi_min_people"])
    if not keep.size:
        return None
    xy, people, near = xy[keep], people[keep], [near[k] for k in keep]
    largest = int(np.argmax(people))
    hub = _Base(float(xy[largest, 0]), float(xy[largest, 1]), a["options.wireless_base_height"])
    return _Village(code, xy, people, near, [*_masts(xy, towers, world), hub])


def _towers(world: World) -> list[_Base]:
    """Existing towers tall enough to feed others."""
    a, sites = world.assumptions, world.sites
    tall = sites[sites["height_m"] >= a["options.site_min_height"]]
    below = a["options.radio_below_top"]
    return [
        _Base(float(x), float(y), float(h) - below, str(name), owner if isinstance(owner, str) else "")
        for name, owner, h, x, y in tall[["site_id", "owner", "height_m", "x_m", "y_m"]].itertuples(
            index=False, name=None
        )
    ]


def _masts(xy: Floats, towers: list[_Base], world: World) -> list[_Base]:
    """Those of the towers that are nearest to any hamlet, the nearest first."""
    if not towers:
        return []
    a = world.assumptions
    place = np.array([(base.x, base.y) for base in towers])
    gap = np.hypot(place[:, None, 0] - xy[None, :, 0], place[:, None, 1] - xy[None, :, 1]).min(axis=1)
    order = [k for k in np.argsort(gap, kind="stable").tolist() if gap[k] <= a["options.wireless_range"]]
    return [towers[k] for k in order[: round(a["options.wireless_sites"])]]


def _sight(villages: list[_Village], world: World) -> list[tuple[list[Mask], Mask]]:
    """Per village: which hamlets every mast sees, and which hamlets see each other."""
    a = world.assumptions
    pole = a["options.wireless_client_height"]
    ends_a, ends_b, counts = [], [], []
    for village in villages:
        hamlets = np.column_stack([village.xy, np.full(len(village.xy), pole)])
        masts = np.array([(b.x, b.y, b.height_m) for b in village.bases])
        both = np.vstack([masts, hamlets])
        ends_a.append(np.repeat(both, len(hamlets), axis=0))
        ends_b.append(np.tile(hamlets, (len(both), 1)))
        counts.append((len(masts), len(hamlets)))
    if not villages:
        return []
    first, second = np.vstack(ends_a), np.vstack(ends_b)
    canopy = world.clutter
    if canopy is None:
        canopy = world.terrain.with_values(np.full(world.terrain.shape, a["options.wireless_canopy"], dtype=np.float32))
    found = hops(
        world.terrain,
        (first[:, 0], first[:, 1], first[:, 2]),
        (second[:, 0], second[:, 1], second[:, 2]),
        a["options.wireless_frequency"] / 1000,
        a,
        clutter=canopy,
    )
    clear = found.clear & (found.length_m <= a["options.wireless_range"])
    result, start = [], 0
    for masts_count, hamlets_count in counts:
        block = clear[start : start + (masts_count + hamlets_count) * hamlets_count].reshape(-1, hamlets_count)
        result.append(([block[k] for k in range(masts_count)], block[masts_count:]))
        start += block.size
    return result


def _draft(village: _Village, base: _Base, direct: Mask, between: Mask, world: World) -> Draft | None:
    a, people = world.assumptions, world.people
    relayed = ~direct & between[direct].any(axis=0) if direct.any() else np.zeros(len(direct), dtype=bool)
    served = np.flatnonzero(direct | relayed)
    if not served.size:
        return None
    size = world.household_size[village.code]
    homes = float(village.people[served].sum()) / size
    asked = homes * a["options.wireless_takeup"] * a["market.mbps_per_home"]
    sectors = min(a["options.wireless_sectors"], max(1, math.ceil(asked / a["options.wireless_sector_mbps"])))
    capacity = sectors * a["options.wireless_sector_mbps"]
    if base.site_id:
        capacity = min(capacity, a["options.site_spare_mbps"])
    share = min(1.0, capacity / max(asked, 1e-9))
    reached = np.zeros(len(people.population))
    for k in served:
        reached[village.near[k]] = people.population[village.near[k]] * share
    connected = homes * share * a["options.wireless_takeup"]
    backhaul = min(capacity, max(asked, 1.0))
    hamlets, relays = len(served), int(relayed.sum())
    mast = () if base.site_id else (Line("cost.guyed_mast_metre", base.height_m),)
    rent = (Line("cost.tower_rent_small", 1),) if base.site_id else ()
    dark = sum(not world.has_power(*xy) for xy in village.xy[served].tolist())
    solar = (Line("cost.wireless_power_solar", dark),) if dark else ()
    place = base.site_id or f"h{round(base.x)}_{round(base.y)}"
    return Draft(
        option_id=f"{village.code}:fixed_wireless:{place}",
        village_code=village.code,
        technology="fixed_wireless",
        x=base.x,
        y=base.y,
        height_m=base.height_m,
        lifetime_years=a["options.wireless_lifetime"],
        capacity_mbps=capacity,
        backhaul_mbps=backhaul,
        households_passed=float(reached.sum()) / size,
        reached=reached,
        lines=(
            *mast,
            Line("cost.wireless_base", sectors),
            Line("cost.guyed_mast_metre", hamlets * a["options.wireless_client_height"]),
            Line("cost.wireless_client", hamlets + relays),
            *solar,
            Line("cost.wireless_customer", connected),
            *rent,
            Line("cost.wifi_upkeep", hamlets),
            Line("cost.transit", backhaul),
        ),
        feed="existing" if base.site_id else "fibre",
        site_id=base.site_id,
        site_owner=base.owner,
    )


def _yearly_per_person(draft: Draft, world: World) -> float:
    a = world.assumptions
    own = yearly_idr(draft.lines, draft.lifetime_years, a)
    feed = (
        yearly_idr(existing_lines(draft), a["options.site_port_lifetime"], a)
        if draft.feed == "existing"
        else network_yearly_idr(draft, world)
    )
    return (own + feed) / max(float(draft.reached.sum()), 1.0)
