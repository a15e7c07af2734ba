"""One option before it is priced, and the steps that turn drafts into tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options.costs import Line, bill, totals

#: The bill items that are paid to the owner of a structure.
RENTS = ("cost.tower_rent", "cost.tower_rent_small")
#: Kind of the link that each feed needs.
_LINK_KIND = {
    "fibre": "fibre",
    "microwave": "microwave",
    "existing": "existing",
    "donor": "existing",
    "kits": "satellite",
}


@dataclass(frozen=True, eq=False)
class Draft:
    """What a technology proposes for a village.

    ``reached`` is the number of people it covers per place (aligned with Places); ``lines`` is its
    bill of quantities; x and y are metric coordinates of its site; ``feed`` is as told in
    :mod:`coverage.options.feeds` (``terminals`` counts the satellite kits). ``site_id`` is the
    existing site that carries or feeds it, ``site_owner`` whom it pays rent, ``only_operator`` the
    one whose signal it repeats, ``operators_there`` those who have such a radio there already,
    ``tenants`` those who are on the structure with any radio.
    """

    option_id: str
    village_code: str
    technology: str
    x: float
    y: float
    height_m: float
    lifetime_years: float
    capacity_mbps: float
    backhaul_mbps: float
    households_passed: float
    reached: NDArray[np.float64]
    lines: tuple[Line, ...]
    feed: str = "fibre"
    terminals: int = 0
    site_id: str = ""
    site_owner: str = ""
    only_operator: str = ""
    operators_there: str = ""
    tenants: str = ""


def option_row(
    draft: Draft, lon: float, lat: float, covered: NDArray[np.bool_], assumptions: Assumptions
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Row of :class:`coverage.tables.Options` and its bill.

    Parameters
    ----------
    draft : Draft
        The option.
    lon, lat : float
        Its site in EPSG:4326.
    covered : ndarray of bool
        Places that are covered today.
    assumptions : Assumptions
        Unit costs.
    """
    rows = bill(draft.option_id, draft.lines, assumptions)
    capex, opex = totals(rows)
    option: dict[str, object] = {
        "option_id": draft.option_id,
        "village_code": draft.village_code,
        "technology": draft.technology,
        "node": draft.option_id,
        "lon": lon,
        "lat": lat,
        "height_m": draft.height_m,
        "capex_idr": capex,
        "opex_idr_per_year": opex,
        "lifetime_years": draft.lifetime_years,
        "capacity_mbps": draft.capacity_mbps,
        "backhaul_mbps": draft.backhaul_mbps,
        "households_passed": draft.households_passed,
        "population_reached": float(draft.reached.sum()),
        "population_gained": float(draft.reached[~covered].sum()),
        "feed": _LINK_KIND[draft.feed],
        "site_id": draft.site_id,
        "site_owner": draft.site_owner,
        "rent_idr_per_year": sum((float(r["amount_idr"]) for r in rows if r["item"] in RENTS), 0.0),  # type: ignore[arg-type]
        "only_operator": draft.only_operator,
        "operators_there": draft.operators_there,
        "tenants": draft.tenants,
    }
    return option, rows


def reach_frame(drafts: list[Draft], places: pd.DataFrame, covered: NDArray[np.bool_]) -> pd.DataFrame:
    """The coverage matrix of all options, long form (:class:`coverage.tables.Reach`)."""
    codes, settlements = pd.factorize(places["settlement_id"], sort=True)
    village = places["village_code"].to_numpy()[np.unique(codes, return_index=True)[1]]
    numbers, of_option, reached, gained = [], [], [], []
    for draft in drafts:
        at = np.flatnonzero(draft.reached > 0)
        people = np.bincount(codes[at], draft.reached[at], minlength=len(settlements))
        fresh = np.bincount(codes[at], np.where(covered[at], 0.0, draft.reached[at]), minlength=len(settlements))
        touched = np.flatnonzero(people > 0)
        numbers.append(touched)
        of_option.append(np.full(touched.size, draft.option_id, dtype=object))
        reached.append(people[touched])
        gained.append(fresh[touched])
    number = np.concatenate(numbers) if drafts else np.empty(0, dtype=int)
    option = np.concatenate(of_option) if drafts else np.empty(0, dtype=object)
    return pd.DataFrame(
        {
            "option_id": pd.Series(option, dtype="str"),
            "settlement_id": pd.Series(np.asarray(settlements)[number], dtype="str"),
            "village_code": pd.Series(village[number], dtype="str"),
            "population_reached": np.concatenate(reached) if drafts else np.empty(0),
            "population_gained": np.concatenate(gained) if drafts else np.empty(0),
        }
    )
