"""Hamlets of every village: made up, inside its border, with its people shared out among them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.region.sample.ground import Ground
from coverage.region.sample.villages import shared_out

_SEED = 20_220
#: Javanese names of the eight directions from the village's centre, from east anticlockwise.
_DIRECTIONS = ("Wetan", "Lor Wetan", "Lor", "Lor Kulon", "Kulon", "Kidul Kulon", "Kidul", "Kidul Wetan")
_ORDINALS = ("", " II", " III", " IV", " V", " VI", " VII")


def _count(population: int, assumptions: Assumptions) -> int:
    wanted = 2 + round(population / assumptions["sample.people_per_hamlet"])
    return int(np.clip(wanted, assumptions["sample.hamlets_least"], assumptions["sample.hamlets_most"]))


def _centre(polygon: shapely.Geometry, x: float, y: float) -> tuple[float, float]:
    """The published centre, or the nearest spot well inside the made-up border."""
    inner = shapely.buffer(polygon, -150.0)
    home = inner if not inner.is_empty else polygon
    point = shapely.Point(x, y)
    if shapely.contains(home, point):
        return x, y
    spot = shapely.get_coordinates(shapely.shortest_line(home, point))[0]
    return float(spot[0]), float(spot[1])


def _spots(
    polygon: shapely.Geometry, centre: tuple[float, float], count: int, ground: Ground, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Places for hamlets: the centre first, then spots far from the others, on gentle or (some) high ground.

    Returns
    -------
    ndarray, shape (count, 2)
        Metric coordinates.
    """
    inner = shapely.buffer(polygon, -180.0)
    home = inner if shapely.area(inner) > 0.2 * shapely.area(polygon) else shapely.buffer(polygon, -60.0)
    west, south, east, north = shapely.bounds(home)
    drawn = rng.random((600, 2)) * (east - west, north - south) + (west, south)
    drawn = drawn[shapely.contains_xy(home, drawn[:, 0], drawn[:, 1])]
    height = ground.height(drawn[:, 0], drawn[:, 1])
    steep = ground.ruggedness(drawn[:, 0], drawn[:, 1], 250.0)
    size = np.sqrt(shapely.area(polygon) / np.pi)
    spots = [np.array(centre)]
    for number in range(1, count):
        gap = np.min([np.hypot(*(drawn - s).T) for s in spots], axis=0)
        # Every third hamlet sits on a shoulder above the others; the rest seek level ground.
        climb = (height - height.mean()) / (height.std() + 5.0) * (0.25 if number % 3 == 2 else -0.05)
        worth = np.minimum(gap / size, 0.8) + climb - 0.01 * steep + 0.25 * rng.random(len(drawn))
        spots.append(drawn[int(np.argmax(worth))])
    return np.array(spots)


def _names(spots: NDArray[np.float64], kind: str) -> list[str]:
    """Names by direction from the centre; the centre is Krajan, as in most Javanese villages."""
    word = "Lingkungan" if kind == "kelurahan" else "Dusun"
    names, seen = [f"{word} Krajan"], dict.fromkeys(_DIRECTIONS, 0)
    for dx, dy in spots[1:] - spots[0]:
        direction = _DIRECTIONS[int(np.round(np.arctan2(dy, dx) / (np.pi / 4))) % 8]
        names.append(f"{word} {direction}{_ORDINALS[seen[direction]]}")
        seen[direction] += 1
    return names


def settlements(
    villages: pd.DataFrame, polygons: list[shapely.Geometry], ground: Ground, assumptions: Assumptions
) -> pd.DataFrame:
    """Hamlets with their people.

    Parameters
    ----------
    villages : DataFrame
        Columns ``code, kind, x_m, y_m, population``.
    polygons : list of Polygon
        Borders in EPSG:32749, in the order of the rows.

    Returns
    -------
    DataFrame
        ``settlement_id, village_code, settlement_name, population, radius_m, x_m, y_m``; the first
        hamlet of a village is its centre. Populations sum exactly to the village's.
    """
    rows = villages[["code", "kind", "x_m", "y_m", "population"]].to_dict("records")
    frames = [
        _hamlets(row, polygon, ground, np.random.default_rng([_SEED, number]), assumptions)
        for number, (row, polygon) in enumerate(zip(rows, polygons, strict=True))
    ]
    return pd.concat(frames, ignore_index=True)


def _hamlets(
    village: dict[Hashable, Any],
    polygon: shapely.Geometry,
    ground: Ground,
    rng: np.random.Generator,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """The hamlets of one village."""
    people = int(village["population"])
    count = _count(people, assumptions)
    spots = _spots(polygon, _centre(polygon, village["x_m"], village["y_m"]), count, ground, rng)
    weight = rng.uniform(0.5, 1.5, count)
    weight[0] = weight[1:].sum() * assumptions["sample.centre_share"] / (1 - assumptions["sample.centre_share"])
    residents = shared_out(people, weight)
    # In a crowded village the hamlets cover most of its area, elsewhere people live close together.
    density = max(assumptions["sample.hamlet_density_km2"], 1.6e6 * people / float(shapely.area(polygon)))
    return pd.DataFrame(
        {
            "settlement_id": [f"{village['code']}-{number:02d}" for number in range(1, count + 1)],
            "village_code": village["code"],
            "settlement_name": _names(spots, village["kind"]),
            "population": residents.astype(float),
            "radius_m": np.round(np.sqrt(residents / density / np.pi) * 1000.0, -1).clip(100.0),
            "x_m": spots[:, 0],
            "y_m": spots[:, 1],
        }
    )
