"""The table of villages: coverage, class, reasons and need."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.access import reasons
from coverage.access.evidence import class_of
from coverage.access.groups import group_sum, heaviest
from coverage.access.need import need_score
from coverage.access.picture import Floats, Ints, Mask, Picture, compare_operators, names_at
from coverage.access.reception import any_of
from coverage.assumptions import Assumptions


def village_access(
    villages: pd.DataFrame,
    picture: Picture,
    settlement_table: pd.DataFrame,
    facility_table: pd.DataFrame,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """``VillageAccess``, in the order of the villages.

    A village without settlements is ``unknown``, and all its people count as left out.
    """
    groups, count = picture.people.village, picture.people.villages
    operators = compare_operators(picture, groups, count, assumptions)
    covered_share = picture.share(groups, picture.covered, count)
    served_share = picture.share(groups, picture.served, count)
    weak_share = picture.share(groups, picture.weak_or_better, count)
    access_class = class_of(served_share, covered_share, weak_share, picture.of_village, picture.complete, assumptions)
    has_places = np.bincount(groups, minlength=count) > 0
    on_places = picture.total(groups, np.ones(picture.covered.size), count)
    total = np.where(has_places, on_places, villages["population"].to_numpy(float))
    covered = picture.total(groups, picture.covered, count)
    served = picture.total(groups, picture.served, count)
    worst = _worst(settlement_table, villages)
    facilities, offline = _facilities(facility_table, villages)

    masks = causes(picture, total, assumptions)
    unknown, no_cells = access_class == "unknown", picture.signal.cells.empty
    masks |= {
        "no_data": unknown & (no_cells | ~has_places),
        "partial_list": unknown & (not no_cells) & has_places,
        "no_capacity": picture.complete & (covered - served > assumptions["access.reason_share"] * total),
        "facility_offline": picture.complete & (offline > 0),
        "single_operator": picture.complete & (operators.count == 1),
        "price": _too_dear(villages, assumptions),
    }
    names = pd.Index(list(picture.by_operator), dtype="str")
    return pd.DataFrame(
        {
            "village_code": villages["village_code"].array,
            "population": total,
            "population_covered": covered,
            "population_served": served,
            "covered_share": np.nan_to_num(covered_share),
            "operators": operators.count.astype(np.int64),
            "rsrp_dbm": operators.rsrp_dbm,
            "downlink_mbps": picture.mean_mbps(picture.load.downlink_mbps, groups, count),
            "uplink_mbps": picture.mean_mbps(picture.load.uplink_mbps, groups, count),
            "best_operator": names_at(names, operators.best),
            "site_id": _serving_site(picture, names, operators.best),
            "worst_settlement_id": worst["settlement_id"].array,
            "population_left_out": total - covered,
            "facilities": facilities.astype(np.int64),
            "facilities_offline": offline.astype(np.int64),
            "access_class": pd.array(access_class, dtype="str"),
            "evidence": pd.array(
                np.where(picture.of_village.evidence != "", picture.of_village.evidence, "modelled"), dtype="str"
            ),
            "reasons": pd.array(reasons.join_reasons(list(masks.items()), count), dtype="str"),
            "need": need_score(
                total - covered,
                1.0 - np.nan_to_num(served_share),
                1.0 - worst["share"].fillna(0.0).to_numpy(float),
                np.divide(offline, facilities, out=np.full(count, np.nan), where=facilities > 0),
                operators.count.astype(float),
                assumptions,
            ),
        }
    )


def causes(picture: Picture, total: Floats, assumptions: Assumptions) -> dict[str, Mask]:
    """Villages where enough people are left out by a hill, by distance, or by the uplink.

    Where the nearest site would be usable on a smooth earth, it is the terrain; else the distance.
    Only a complete list can say why: in a partial one the tower that matters may be missing. Where
    evidence denies what the model sees there is no cause to tell.
    """
    people = picture.people
    if not picture.complete:
        nobody = np.zeros(people.villages, dtype=bool)
        return {"terrain_shadow": nobody, "distance": nobody, "uplink": nobody}
    size = picture.covered.size
    unheard = any_of((r.uplink_fails for r in picture.internet), size)
    usable = any_of((r.usable for r in picture.internet), size)
    out = people.population * (~picture.covered & ~usable)
    dark = out * ~unheard
    x, y, known = picture.middle(people.settlement, dark, people.settlements)
    within = np.zeros(people.settlements, dtype=bool)
    within[known] = reasons.nearest_tower(x[known], y[known], picture.signal, assumptions)["within_reach"]
    by_hill = dark * within[people.settlement]
    enough = np.maximum(assumptions["access.reason_share"] * total, np.finfo(float).tiny)

    def mask(weight: Floats) -> Mask:
        return np.asarray(group_sum(people.village, weight, people.villages) >= enough)

    return {"terrain_shadow": mask(by_hill), "distance": mask(dark - by_hill), "uplink": mask(out * unheard)}


def nearest_towers(villages: pd.DataFrame, picture: Picture, assumptions: Assumptions) -> pd.DataFrame:
    """The nearest tower to the middle of the people left out of each village (else of everyone).

    Returns
    -------
    DataFrame
        ``village_code, site_id, distance_m``; the last two missing where there is none.
    """
    people = picture.people
    out = people.population * ~picture.covered
    anyone = group_sum(people.village, out, people.villages) > 0
    weight = np.where(anyone[people.village], out, people.population)
    x, y, known = picture.middle(people.village, weight, people.villages)
    found = reasons.nearest_tower(x[known], y[known], picture.signal, assumptions)
    found.index = pd.Index(np.flatnonzero(known))
    table = found[["site_id", "distance_m"]].reindex(range(people.villages))
    table.insert(0, "village_code", villages["village_code"].array)
    return table


def _worst(settlement_table: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    """Per village the inhabited settlement with the smallest covered share, the larger of equals."""
    lived_in = settlement_table[settlement_table["population"] > 0]
    share = lived_in["population_covered"] / lived_in["population"]
    ranked = lived_in.assign(share=share).sort_values(
        ["share", "population", "settlement_id"], ascending=[True, False, True], kind="stable"
    )
    return (
        ranked.drop_duplicates("village_code")
        .set_index("village_code")[["settlement_id", "share"]]
        .reindex(villages["village_code"])
        .reset_index(drop=True)
    )


def _facilities(facility_table: pd.DataFrame, villages: pd.DataFrame) -> tuple[Floats, Floats]:
    """Number of facilities of each village, and of those offline."""
    village = pd.Index(villages["village_code"]).get_indexer(facility_table["village_code"])
    offline = ~facility_table["online"].to_numpy(bool)
    here = village >= 0
    return (
        group_sum(village[here], np.ones(int(here.sum())), len(villages)),
        group_sum(village[here], offline[here], len(villages)),
    )


def _serving_site(picture: Picture, names: pd.Index, best: Ints) -> pd.Series[str]:
    """The site that serves most people of each village, through its best operator."""
    people = picture.people
    places, sites = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for reception in picture.internet:
        mine = reception.usable & ~picture.denied & (names.get_loc(reception.operator) == best[people.village])
        places.append(np.flatnonzero(mine))
        sites.append(picture.site_of(reception.cell[mine]))
    at = np.concatenate(places)
    winner = heaviest(people.village[at], np.concatenate(sites), people.population[at], people.villages)
    return names_at(picture.sites[1], winner)


def _too_dear(villages: pd.DataFrame, assumptions: Assumptions) -> Mask:
    """Where the cheapest plan costs more than people can afford; never where that is not known."""
    if not {"price_idr_month", "income_idr_month"} <= set(villages.columns):
        return np.zeros(len(villages), dtype=bool)
    line = assumptions["access.affordable_income_share"] * villages["income_idr_month"].to_numpy(float)
    return np.asarray(villages["price_idr_month"].to_numpy(float) > line)
