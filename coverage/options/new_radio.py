"""A new radio on a tower that stands already: another operator's, or one on a band that reaches farther.

Only operators without a 4G or 5G radio on a low band there may add one. It hangs below the top, on
structures that are tall enough and carry few enough operators, and pays rent to the structure's
owner (the deal takes the rent off for the owner itself, and most of it for an operator who rents its
place there already). The tower is connected already; the
capacity that is left over on that connection is an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor

import numpy as np
import pandas as pd

from coverage.options.costs import Line
from coverage.options.draft import Draft
from coverage.options.siting import Choice, fresh_traffic, ranked, within_capacity
from coverage.options.tower import sector_capacity_mbps, tower_radio
from coverage.options.world import NOWHERE, Heard, Ints, World
from coverage.radio.link_budget import WITH_BLOCKS


def open_sites(world: World, cells: pd.DataFrame) -> pd.DataFrame:
    """Existing sites on which an operator may still hang a low-band 4G radio.

    Parameters
    ----------
    world : World
        Its ``sites``.
    cells : DataFrame
        Table ``Cells``: who is there today. A site that carries no cell is not known to be connected,
        so it is left out.

    Returns
    -------
    DataFrame
        ``site_id, owner, x_m, y_m``, ``mount_m`` (height of the new antenna), ``tenants`` and
        ``operators_there`` (those who have such a radio; both separated by ``;``), in order of
        ``site_id``.
    """
    a = world.assumptions
    low = cells["technology"].isin(WITH_BLOCKS) & (cells["frequency_mhz"] <= a["options.radio_low_band"])
    everyone = sorted(set(cells["operator"]))
    tenants, there = _names(cells), _names(cells[low])
    table = world.sites[["site_id", "owner", "height_m", "x_m", "y_m"]].copy()
    table["mount_m"] = table["height_m"] - a["options.radio_below_top"]
    table["tenants"] = [tenants.get(site, "") for site in table["site_id"]]
    table["operators_there"] = [there.get(site, "") for site in table["site_id"]]
    count = table["tenants"].map(_count)
    taken = table["operators_there"].map(_count)
    fits = (count < a["options.mast_tenants"]) | (taken < count)
    tall = table["mount_m"] >= a["options.radio_least_height"]
    useful = (count > 0) & fits & tall & (taken < len(everyone))
    return table[useful].reset_index(drop=True)


def _names(cells: pd.DataFrame) -> dict[str, str]:
    """Operators of the cells on every site, separated by ``;``."""
    return {str(site): ";".join(sorted(set(names))) for site, names in cells.groupby("site_id")["operator"]}


def _count(names: str) -> int:
    return len(names.split(";")) if names else 0


def new_radios(village_codes: list[str], world: World, cells: pd.DataFrame, pool: Executor) -> list[Draft]:
    """The existing tower of every village from which a new radio newly covers most people.

    The nearest ``options.radio_sites`` towers to the people left out are tried, each computed once
    whichever villages try it: first for the people left out of these villages alone, then, only
    where a tower is the best of some village, for everybody.

    Parameters
    ----------
    village_codes : list of str
        Villages in need.
    world : World
        The region.
    cells : DataFrame
        Table ``Cells``.
    pool : Executor
        Threads for the path loss.
    """
    sites = open_sites(world, cells)
    tried = {code: _nearest(code, world, sites) for code in village_codes}
    out = {code: _left_out(code, world) for code in village_codes}
    asked: dict[int, list[Ints]] = {}
    for code, numbers in tried.items():
        for number in numbers:
            asked.setdefault(number, []).append(out[code])
    first = _heard({number: np.concatenate(groups) for number, groups in asked.items()}, sites, world, pool)
    best = {code: _best_for_own(code, numbers, first, world) for code, numbers in tried.items()}
    heard = _heard(dict.fromkeys(number for numbers in best.values() for number in numbers), sites, world, pool)
    drafts = []
    for code in village_codes:
        choices = ranked(world.numbers[code], [heard[number] for number in best[code]], world.people)
        if choices:
            drafts.append(_draft(code, sites.iloc[best[code][choices[0].number]], choices[0], world))
    return drafts


def _heard(among: Mapping[int, Ints | None], sites: pd.DataFrame, world: World, pool: Executor) -> dict[int, Heard]:
    """Who hears a new radio on each site, by its number, among some places or all (None)."""
    numbers = sorted(among)
    spots = sites.loc[numbers, ["x_m", "y_m", "mount_m"]].to_numpy(float).tolist()

    def listen(number: int, spot: list[float]) -> Heard:
        x, y, mount = spot
        return world.heard(x, y, tower_radio(mount, world.assumptions), among[number])

    return dict(zip(numbers, pool.map(listen, numbers, spots), strict=True))


def _best_for_own(village_code: str, numbers: list[int], heard: Mapping[int, Heard], world: World) -> list[int]:
    """The towers from which most of a village's own people are newly covered; none where that is nobody.

    A radio that brings nobody new is a capacity upgrade, which is another question.
    """
    people, village = world.people, world.numbers[village_code]
    own = []
    for number in numbers:
        at = heard[number].at
        own.append(round(float(people.population[at[people.village[at] == village]].sum()), 6))
    most = max(own, default=0.0)
    return [number for number, count in zip(numbers, own, strict=True) if count == most] if most > 0 else []


def _left_out(village_code: str, world: World) -> Ints:
    """Positions of a village's places whose people nobody covers today."""
    people = world.people
    own = world.places_of_village.get(village_code, NOWHERE)
    return own[~people.covered[own] & (people.population[own] > 0)]


def _nearest(village_code: str, world: World, sites: pd.DataFrame) -> list[int]:
    """Numbers of the sites nearest to any of the village's people left out, within the radio's reach."""
    a, people = world.assumptions, world.people
    out = _left_out(village_code, world)
    if not out.size or not len(sites):
        return []
    xy = people.xy[out]
    gap = np.hypot(sites["x_m"].to_numpy()[:, None] - xy[None, :, 0], sites["y_m"].to_numpy()[:, None] - xy[None, :, 1])
    # Near to the people left out on the whole, not to a single straggler.
    mean = np.average(gap, axis=1, weights=people.population[out])
    order = np.argsort(mean, kind="stable")
    within = order[gap.min(axis=1)[order] <= a["options.tower_radius"]]
    return [int(number) for number in within[: round(a["options.radio_sites"])]]


def _draft(village_code: str, site: pd.Series, choice: Choice, world: World) -> Draft:
    a, people = world.assumptions, world.people
    """The option of one tower; `site` is a row of :func:`open_sites`."""
    capacity = sector_capacity_mbps(a["options.radio_total_bandwidth"], a)
    reached = within_capacity(choice.order, people.population, people.demand_mbps, capacity)
    least = capacity * a["options.tower_backhaul_least"]
    backhaul = min(capacity, a["options.site_spare_mbps"], max(fresh_traffic(reached, people), least))
    return Draft(
        option_id=f"{village_code}:new_radio:{site['site_id']}",
        village_code=village_code,
        technology="new_radio",
        x=float(site["x_m"]),
        y=float(site["y_m"]),
        height_m=float(site["mount_m"]),
        lifetime_years=a["options.radio_lifetime"],
        capacity_mbps=capacity,
        backhaul_mbps=backhaul,
        households_passed=float(reached.sum()) / world.household_size[village_code],
        reached=reached,
        lines=(
            Line("cost.tower_radio", 1),
            Line("cost.radio_install", 1),
            Line("cost.tower_rent", 1),
            Line("cost.radio_maintenance", 1),
            Line("cost.radio_energy", 1),
            Line("cost.transit", backhaul),
        ),
        feed="existing",
        site_id=str(site["site_id"]),
        site_owner="" if pd.isna(site["owner"]) else str(site["owner"]),
        operators_there=str(site["operators_there"]),
        tenants=str(site["tenants"]),
    )
