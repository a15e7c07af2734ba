"""The villages: names, codes and areas as published; people by a rule that is written down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import ArrayLike, NDArray

from coverage.assumptions import Assumptions

#: Metric CRS of the regency.
METRIC_CRS = "EPSG:32749"
FACTS = Path(__file__).parents[3] / "data" / "facts"

#: Districts on the coastal plain among those whose population of 2010 is not published.
_COASTAL = ("Ampelgading", "Ulujami")


def read_regency() -> dict[str, float]:
    """Facts about the whole regency by name (``data/facts/pemalang_regency.csv``)."""
    frame = pd.read_csv(FACTS / "pemalang_regency.csv")
    return dict(zip(frame["name"], frame["value"].astype(float), strict=True))


def read_villages() -> pd.DataFrame:
    """The published facts about the villages, with metric coordinates and the mark of a district seat.

    Returns
    -------
    DataFrame
        Columns of ``data/facts/pemalang_villages.csv``; ``x_m, y_m`` (EPSG:32749) and ``seat``
        (bool); sorted by code.
    """
    frame = pd.read_csv(FACTS / "pemalang_villages.csv", dtype={"code": str, "bps_code_2020": str})
    frame = frame.sort_values("code", ignore_index=True)
    to_metric = pyproj.Transformer.from_crs("EPSG:4326", METRIC_CRS, always_xy=True)
    frame["x_m"], frame["y_m"] = to_metric.transform(frame["lon"].to_numpy(), frame["lat"].to_numpy())
    frame["seat"] = (frame["kind"] == "kelurahan") | (frame["name"] == frame["district"])
    # A district without kelurahan or namesake gets its most central village as seat.
    for _district, group in frame.groupby("district", sort=True):
        if not group["seat"].any():
            frame.loc[_most_central(group)[0], "seat"] = True
    return frame


def _most_central(group: pd.DataFrame) -> list[int]:
    """Rows of a group of villages, from its middle outwards."""
    x, y = group["x_m"].to_numpy(), group["y_m"].to_numpy()
    order = np.argsort(np.hypot(x - x.mean(), y - y.mean()), kind="stable")
    return [int(row) for row in group.index.to_numpy()[order]]


def seats(villages: pd.DataFrame, district: str) -> list[int]:
    """Rows of a district's seat villages: its namesake first, then from the middle outwards."""
    rows = _most_central(villages[(villages["district"] == district) & villages["seat"]])
    return sorted(rows, key=lambda row: bool(villages["name"][row] != district))


def shared_out(total: int, weights: ArrayLike) -> NDArray[np.int64]:
    """Whole numbers in proportion to weights that sum exactly to a total (largest remainders)."""
    share = np.asarray(weights, dtype=float)
    exact = total * share / share.sum()
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    rest = total - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:rest]] += 1
    return whole


def district_populations(assumptions: Assumptions) -> pd.Series:
    """People of 2022 per district code.

    Nine districts' populations of 2010 are published. The rest of the regency's total of 2010 is
    shared among the other five by area, the two on the coast at a higher density
    (``sample.coastal_density_factor``). Everything is then scaled to the total of 2022.
    """
    regency = read_regency()
    frame = pd.read_csv(FACTS / "pemalang_districts.csv", dtype={"district_code": str})
    people = frame["population_2010"].astype(float)
    coastal = frame["district"].isin(_COASTAL)
    weight = frame["area_km2"] * np.where(coastal, assumptions["sample.coastal_density_factor"], 1.0)
    missing = people.isna()
    rest = regency["population_2010"] - people.sum()
    people[missing] = rest * weight[missing] / weight[missing].sum()
    total = shared_out(int(regency["population_2022"]), people.to_numpy())
    return pd.Series(total, index=frame["district_code"], name="population")


def village_populations(villages: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.int64]:
    """People of 2022 per village, in the order of the rows.

    Within a district by area; villages at the district seat (kelurahan, or the village that bears
    the district's name) are denser by ``sample.seat_density_factor``.
    """
    people = np.zeros(len(villages), dtype=np.int64)
    density = np.where(villages["seat"], assumptions["sample.seat_density_factor"], 1.0)
    weight = villages["area_km2"].to_numpy() * density
    for code, total in district_populations(assumptions).items():
        rows = np.flatnonzero(villages["district_code"] == code)
        people[rows] = shared_out(int(total), weight[rows])
    return people
