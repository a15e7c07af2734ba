"""Towers and cells of four fictional operators: dense on the plain, thin in the hills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.region.sample.ground import Ground
from coverage.region.sample.villages import shared_out

Floats = NDArray[np.float64]

OPERATORS = ("Operator A", "Operator B", "Operator C", "Operator D")
#: Fictional tower companies, owners of the structures that operators share.
TOWER_COMPANIES = ("Menara Satu", "Menara Dua")
_SEED = 20_221
#: Bands of 4G in the order in which they are added to a tower.
_BANDS = ("mid", "low", "high")


def share_name(operator: str) -> str:
    """Name of the assumption with an operator's market share."""
    return f"sample.share_{operator.lower().replace(' ', '_')}"


def _hardship(x: Floats, y: Floats, ground: Ground, assumptions: Assumptions) -> Floats:
    """0 on the plain, towards 1 where ridges stand all around: how little a place attracts towers."""
    rough = ground.ruggedness(x, y, assumptions["sample.hardship_radius_m"])
    return np.asarray(1.0 - 1.0 / (1.0 + (rough / assumptions["sample.hardship_relief_m"]) ** 2))


def _main_road_distance(x: Floats, y: Floats, roads: pd.DataFrame) -> Floats:
    main = roads.loc[roads["road_class"].isin(["primary", "secondary"]), "geometry"].to_numpy()
    return np.asarray(shapely.distance(shapely.points(x, y), shapely.union_all(main)))


def _towers_per_village(
    villages: pd.DataFrame, hardship: Floats, road_m: Floats, assumptions: Assumptions
) -> NDArray[np.int64]:
    """How many towers each village has: by people, fewer in hard ground away from main roads."""
    total = round(villages["population"].sum() / assumptions["sample.people_per_site"])
    reached = np.exp(-road_m / assumptions["sample.road_pull_m"])
    thin = 1.0 - hardship * (1.0 - assumptions["sample.hill_site_share"]) * (1.0 - 0.45 * reached)
    towers = shared_out(total, villages["population"].to_numpy() * thin**2)
    return np.where(villages["seat"], np.maximum(towers, 1), towers)


def _place(hamlets: pd.DataFrame, count: int, polygon: shapely.Geometry, rng: np.random.Generator) -> Floats:
    """Spots for a village's towers: beside its hamlets, the largest first."""
    order = np.argsort(-hamlets["population"].to_numpy(), kind="stable")
    spots = []
    for number in range(count):
        home = hamlets.iloc[int(order[number % len(order)])]
        spot = np.array([home.x_m, home.y_m])
        for _try in range(20):
            angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(60.0, 0.8 * home.radius_m + 120.0)
            moved = spot + away * np.array([np.cos(angle), np.sin(angle)])
            if shapely.contains_xy(polygon, *moved):
                spot = moved
                break
        spots.append(spot)
    return np.array(spots).reshape(count, 2)


def _tenants(hardship: Floats, assumptions: Assumptions) -> list[list[str]]:
    """Operators on each tower: on the plain several share one, in the hills mostly Operator A stands alone.

    The chance is carried over from tower to tower, so each operator is spread evenly.
    """
    carried = dict.fromkeys(OPERATORS, 0.5)
    result = []
    for hard in hardship:
        here = []
        for operator in OPERATORS:
            share = assumptions[share_name(operator)]
            plain = share ** assumptions["sample.tenancy_exponent"]
            hills = (
                plain * (share / assumptions[share_name(OPERATORS[0])]) ** assumptions["sample.hill_tenancy_exponent"]
            )
            carried[operator] += plain + (hills - plain) * hard
            if carried[operator] >= 1.0:
                carried[operator] -= 1.0
                here.append(operator)
        result.append(here or [OPERATORS[0]])
    return result


@dataclass(frozen=True)
class Network:
    """Towers (with metric coordinates) and their cells."""

    sites: pd.DataFrame
    cells: pd.DataFrame


def network(
    villages: pd.DataFrame,
    polygons: list[shapely.Geometry],
    hamlets: pd.DataFrame,
    roads: pd.DataFrame,
    ground: Ground,
    assumptions: Assumptions,
) -> Network:
    """Towers and cells.

    Returns
    -------
    Network
        ``sites``: columns of :class:`coverage.tables.Sites`, ``x_m, y_m``; ``cells``: columns of
        :class:`coverage.tables.Cells`.
    """
    rng = np.random.default_rng(_SEED)
    centres = hamlets.drop_duplicates("village_code")
    x, y = centres["x_m"].to_numpy(), centres["y_m"].to_numpy()
    hardship = _hardship(x, y, ground, assumptions)
    counts = _towers_per_village(villages, hardship, _main_road_distance(x, y, roads), assumptions)
    groups = dict(list(hamlets.groupby("village_code", sort=True)))
    spots = np.vstack(
        [
            _place(groups[code], int(count), polygon, rng)
            for code, count, polygon in zip(villages["code"], counts, polygons, strict=True)
        ]
    )
    hard = np.repeat(hardship, counts)
    town = np.repeat(villages["seat"].to_numpy(), counts)
    tenants = _tenants(hard, assumptions)
    sites = _sites(spots, hard, tenants, rng, assumptions)
    people = np.repeat(villages["population"].to_numpy() / np.maximum(counts, 1), counts)
    cells = _cells(sites, tenants, hard, town, people, rng, assumptions)
    return Network(sites, cells)


def _sites(
    spots: Floats, hard: Floats, tenants: list[list[str]], rng: np.random.Generator, assumptions: Assumptions
) -> pd.DataFrame:
    height = assumptions.row("sample.tower_height_m")
    middle = height.low + (height.high - height.low) * (0.15 + 0.7 * hard)
    metres = np.clip(middle + rng.uniform(-5.0, 5.0, len(spots)), height.low, height.high)
    company = rng.integers(0, len(TOWER_COMPANIES), len(spots))
    own = rng.random(len(spots)) < assumptions["sample.own_tower_share"]
    owner = [
        who[0] if len(who) == 1 and alone else TOWER_COMPANIES[number]
        for who, alone, number in zip(tenants, own, company, strict=True)
    ]
    return pd.DataFrame(
        {
            "site_id": [f"S{number:04d}" for number in range(1, len(spots) + 1)],
            "owner": owner,
            "height_m": np.round(metres),
            "position_uncertainty_m": 0.0,
            "x_m": spots[:, 0],
            "y_m": spots[:, 1],
        }
    )


def _cells(
    sites: pd.DataFrame,
    tenants: list[list[str]],
    hard: Floats,
    town: NDArray[np.bool_],
    people: Floats,
    rng: np.random.Generator,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """Cells of every tenant; a tower's tenants use the same bands, more of them where many people share it."""
    rows: list[dict[str, object]] = []
    power, gain = assumptions.row("sample.cell_power_dbm"), assumptions.row("sample.cell_gain_dbi")
    tilt, sectorised = assumptions["sample.town_tilt_deg"], assumptions["sample.town_sector_share"]
    carriers = np.clip(np.round(people / assumptions["sample.people_per_carrier"]), 1, len(_BANDS)).astype(int)
    for site, operators, hardness, in_town, count in zip(sites["site_id"], tenants, hard, town, carriers, strict=True):
        with_2g = rng.random() < assumptions["sample.share_with_2g"]
        for operator in operators:
            draw = rng.random(4)
            radio = {
                "site_id": site,
                "operator": operator,
                "tx_power_dbm": round(power.low + (power.high - power.low) * draw[0], 1),
                "antenna_gain_dbi": round(gain.low + (gain.high - gain.low) * draw[1], 1),
                # Masts that stand close together look down at their own people.
                "downtilt_deg": float(round(tilt * (1 - 0.7 * hardness) + 2 * draw[2])),
            }
            turn = float(round(120 * draw[3]))
            sectors = in_town and operator == OPERATORS[0] and draw[3] < sectorised
            azimuths = [turn, turn + 120, turn + 240] if sectors else [np.nan]
            for band in _BANDS[:count]:
                carrier = _carrier("4g", band, assumptions)
                rows.extend({**radio, **carrier, "azimuth_deg": azimuth} for azimuth in azimuths)
            if with_2g and operator in OPERATORS[:2]:
                rows.append({**radio, **_carrier("2g", "low", assumptions), "azimuth_deg": np.nan})
    frame = pd.DataFrame(rows)
    frame.insert(0, "cell_id", [f"C{number:04d}" for number in range(1, len(frame) + 1)])
    order = ["cell_id", "site_id", "operator", "technology", "frequency_mhz", "bandwidth_mhz", "tx_power_dbm"]
    return frame[[*order, "antenna_gain_dbi", "azimuth_deg", "downtilt_deg"]]


def _carrier(technology: str, band: str, assumptions: Assumptions) -> dict[str, object]:
    width = "sample.gsm_width_mhz" if technology == "2g" else f"sample.{band}_band_width_mhz"
    return {
        "technology": technology,
        "frequency_mhz": assumptions[f"sample.{band}_band_mhz"],
        "bandwidth_mhz": assumptions[width],
    }
