"""Why a village is served as it is: codes in tables, sentences when shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.access.reception import INTERNET
from coverage.assumptions import Assumptions
from coverage.language import _, mark, number

if TYPE_CHECKING:
    from coverage.radio import Signal

#: Every reason, in the order in which a village names them.
REASONS = (
    "no_data",
    "partial_list",
    "terrain_shadow",
    "distance",
    "no_capacity",
    "uplink",
    "facility_offline",
    "single_operator",
    "price",
)

_SENTENCES = {
    "no_data": mark("Nothing is known about the towers here."),
    "partial_list": mark(
        "The list of towers is not complete, so what it shows is not all there is. Report your signal to settle it."
    ),
    "terrain_shadow": mark("A hill or ridge cuts the signal of the nearest tower."),
    "distance": mark("The nearest tower is too far away."),
    "no_capacity": mark("There is signal, but at busy hours the towers are full for part of the people."),
    "uplink": mark("The phone hears the tower, but the tower does not hear the phone."),
    "facility_offline": mark("Some public places have no usable internet."),
    "single_operator": mark("Only one operator serves most people, so there is no choice and no fallback."),
    "price": mark("Internet costs more here than people can afford."),
}
_WITH_TOWER = {
    "terrain_shadow": mark("A hill or ridge cuts the signal of tower {site}, {km} km away."),
    "distance": mark("The nearest tower, {site}, is too far away: {km} km."),
}


def reason_sentence(code: str, *, site: str = "", distance_m: float | None = None, facilities: int = 0) -> str:
    """A reason in the reader's language.

    Parameters
    ----------
    code : str
        One of :data:`REASONS`; an unknown code is shown as it is.
    site : str
        The tower concerned (terrain_shadow, distance); with `distance_m` it is named.
    distance_m : float, optional
        Distance to that tower in m.
    facilities : int
        How many facilities are offline (facility_offline).
    """
    if site and distance_m is not None and code in _WITH_TOWER:
        return _(_WITH_TOWER[code]).format(site=site, km=number(distance_m / 1000.0, 1))
    if facilities and code == "facility_offline":
        return _("{count} public places have no usable internet.").format(count=number(facilities))
    return _(_SENTENCES[code]) if code in _SENTENCES else code


def smooth_earth_reach_m(cells: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.float64]:
    """How far each cell would be usable if there were no hills.

    The shorter of free space (ITU-R P.525: 32.4 + 20 log f + 20 log d) and the plane earth
    (40 log d − 20 log h₁h₂, antennas above flat ground), and not beyond ``radio.radius_max_m``.
    """
    loss = cells["reference_dbm"].to_numpy(float) - assumptions["radio.threshold_usable_dbm"]
    free = 1000.0 * 10.0 ** ((loss - 32.4 - 20.0 * np.log10(cells["frequency_mhz"].to_numpy(float))) / 20.0)
    heights = cells["height_m"].to_numpy(float) * assumptions["radio.receiver_height_m"]
    plane = np.sqrt(heights) * 10.0 ** (loss / 40.0)
    return np.asarray(np.minimum(np.minimum(free, plane), assumptions["radio.radius_max_m"]))


def nearest_tower(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], signal: Signal, assumptions: Assumptions
) -> pd.DataFrame:
    """The nearest site with 4G or 5G, and whether it would be usable there without hills.

    Returns
    -------
    DataFrame
        One row per point: ``site_id`` (missing without any site), ``distance_m``,
        ``within_reach``.
    """
    cells = signal.cells[signal.cells["technology"].isin(INTERNET)]
    if cells.empty or x_m.size == 0:
        return pd.DataFrame(
            {
                "site_id": pd.Series(pd.NA, index=range(x_m.size), dtype="str"),
                "distance_m": np.nan,
                "within_reach": False,
            }
        )
    sites = (
        cells.assign(reach_m=smooth_earth_reach_m(cells, assumptions))
        .groupby("site_id", as_index=False)
        .agg(x_m=("x_m", "first"), y_m=("y_m", "first"), reach_m=("reach_m", "max"))
    )
    tree = shapely.STRtree(np.atleast_1d(np.asarray(shapely.points(sites[["x_m", "y_m"]].to_numpy()))))
    (asked, found), distance = tree.query_nearest(
        shapely.points(np.column_stack([x_m, y_m])), return_distance=True, all_matches=True
    )
    order = np.lexsort((found, asked))  # of equally near sites the first by name
    asked, found, distance = asked[order], found[order], distance[order]
    _unique, first = np.unique(asked, return_index=True)
    found, distance = found[first], distance[first]
    return pd.DataFrame(
        {
            "site_id": sites["site_id"].take(found).array,
            "distance_m": distance,
            "within_reach": distance <= sites["reach_m"].to_numpy()[found],
        }
    )


def join_reasons(masks: Sequence[tuple[str, NDArray[np.bool_]]], count: int) -> list[str]:
    """Codes of each village joined by ``;``, in the order of :data:`REASONS`."""
    ordered = sorted(masks, key=lambda pair: REASONS.index(pair[0]))
    return [";".join(code for code, mask in ordered if mask[row]) for row in range(count)]
