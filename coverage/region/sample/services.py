"""Fibre points, facilities, providers and (no) evidence of the embedded region."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.region.sample.network import OPERATORS, TOWER_COMPANIES, share_name
from coverage.region.sample.villages import read_regency, seats
from coverage.tables import HOME_TECHNOLOGIES, MOBILE_TECHNOLOGIES

Floats = NDArray[np.float64]

#: Fictional internet providers.
ISPS = ("Serat Pesisir Net", "Lintas Bukit Net")
_SEED = 20_222
#: Where capacity is handed over: (district, owner, in a town). More on the coast, few in the hills.
_FIBRE = (
    ("Pemalang", ISPS[0], True),
    ("Pemalang", ISPS[1], True),
    ("Taman", ISPS[0], True),
    ("Petarukan", ISPS[0], True),
    ("Ampelgading", ISPS[0], True),
    ("Comal", ISPS[0], True),
    ("Ulujami", ISPS[0], True),
    ("Bodeh", ISPS[1], False),
    ("Bantarbolang", ISPS[1], False),
    ("Randudongkal", ISPS[1], False),
    ("Moga", ISPS[1], False),
    ("Belik", ISPS[1], False),
)
#: Districts whose tourism the regency promotes, with the number of places.
_TOURISM = {"Moga": 5, "Pulosari": 5, "Belik": 3, "Bodeh": 2}
_HILLS = ("Moga", "Pulosari", "Belik", "Watukumpul", "Bodeh", "Bantarbolang", "Randudongkal")
#: Kinds that only a desa has: village-head elections and village enterprises.
_DESA_ONLY = {"polling_place": "TPS Pilkades {name}", "enterprise": "BUMDes {name}"}


def fibre_points(villages: pd.DataFrame, centres: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Points where fibre capacity is handed over, each at a village centre and so on a road.

    Returns
    -------
    DataFrame
        Columns of :class:`coverage.tables.FibrePoints`, ``x_m, y_m``.
    """
    rows, used = [], dict.fromkeys((d for d, _owner, _town in _FIBRE), 0)
    for number, (district, owner, town) in enumerate(_FIBRE, start=1):
        at = centres.iloc[seats(villages, district)[used[district]]]
        used[district] += 1
        capacity = assumptions["sample.fibre_town_mbps" if town else "sample.fibre_hill_mbps"]
        rows.append((f"F{number:02d}", owner, capacity, at.x_m, at.y_m))
    return pd.DataFrame(rows, columns=["fibre_id", "owner", "capacity_mbps", "x_m", "y_m"])


def _away(polygon: shapely.Geometry, homes: Floats, rng: np.random.Generator) -> tuple[Floats, float]:
    """A spot in the village as far as possible from where people live, and how far that is in metres."""
    west, south, east, north = shapely.bounds(polygon)
    drawn = rng.random((200, 2)) * (east - west, north - south) + (west, south)
    drawn = drawn[shapely.contains_xy(shapely.buffer(polygon, -100.0), drawn[:, 0], drawn[:, 1])]
    gap = np.min([np.hypot(*(drawn - home).T) for home in homes], axis=0)
    return drawn[int(np.argmax(gap))], float(gap.max())


class _Register:
    """Collects facilities and numbers them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._rows: list[tuple[object, ...]] = []

    def add(
        self, kind: str, name: str, village_code: str, spot: Floats, polygon: shapely.Geometry, near: float
    ) -> None:
        """A facility within ``near`` metres of a spot, inside the village."""
        x, y = spot
        for _try in range(10):
            angle, away = self._rng.uniform(0, 2 * np.pi), self._rng.uniform(0, near)
            moved = spot + away * np.array([np.cos(angle), np.sin(angle)])
            if shapely.contains_xy(polygon, *moved):
                x, y = moved
                break
        self._rows.append((f"P{len(self._rows) + 1:04d}", name, kind, village_code, float(x), float(y)))

    def frame(self) -> pd.DataFrame:
        """One row per facility."""
        return pd.DataFrame(self._rows, columns=["facility_id", "facility_name", "kind", "village_code", "x_m", "y_m"])


def facilities(
    villages: pd.DataFrame, polygons: list[shapely.Geometry], hamlets: pd.DataFrame, assumptions: Assumptions
) -> pd.DataFrame:
    """Public places of every village.

    A village hall in each (as many away from the hamlets as the regency reports), schools and health
    posts by population, health centres and licensing offices at the district seats, tourism and
    disaster posts in the hills; polling places and village enterprises in desa only.

    Returns
    -------
    DataFrame
        Columns of :class:`coverage.tables.Facilities`, ``x_m, y_m``.
    """
    rng = np.random.default_rng(_SEED)
    register = _Register(rng)
    homes = [group[["x_m", "y_m"]].to_numpy() for _code, group in hamlets.groupby("village_code", sort=True)]
    remote = [_away(polygon, spots, rng) for polygon, spots in zip(polygons, homes, strict=True)]
    by_distance = np.argsort([-gap for _spot, gap in remote], kind="stable")
    halls_away = set(by_distance[: int(read_regency()["village_halls_away"])].tolist())
    who = villages[["code", "name", "kind", "population"]].to_dict("records")
    for number, (row, polygon, spots) in enumerate(zip(who, polygons, homes, strict=True)):
        code, name = row["code"], row["name"]
        hall = remote[number][0] if number in halls_away else spots[0]
        word = "Kantor Kelurahan" if row["kind"] == "kelurahan" else "Balai Desa"
        register.add("village_hall", f"{word} {name}", code, hall, polygon, 90.0)
        for turn in range(max(1, round(row["population"] / assumptions["sample.people_per_school"]))):
            spot = spots[turn % len(spots)]
            register.add("school", f"SD Negeri {turn + 1} {name}", code, spot, polygon, 250.0)
        register.add("health_post", f"Posyandu {name}", code, spots[min(1, len(spots) - 1)], polygon, 150.0)
        if row["kind"] == "desa":
            for kind, pattern in _DESA_ONLY.items():
                register.add(kind, pattern.format(name=name), code, spots[0], polygon, 150.0)
    _district_facilities(register, villages, polygons, homes, assumptions)
    return register.frame()


def _district_facilities(
    register: _Register,
    villages: pd.DataFrame,
    polygons: list[shapely.Geometry],
    homes: list[Floats],
    assumptions: Assumptions,
) -> None:
    for district, group in villages.groupby("district", sort=True):
        name, seat = str(district), seats(villages, str(district))[0]
        code = villages["code"].to_numpy()
        register.add("licensing_office", f"Layanan Perizinan {name}", code[seat], homes[seat][0], polygons[seat], 200.0)
        # Health centres: at the seat, then in the largest other villages.
        order = group["population"].where(group.index != seat, np.inf).sort_values(ascending=False, kind="stable")
        count = max(1, round(group["population"].sum() / assumptions["sample.people_per_health_centre"]))
        for turn, at in enumerate(order.index[:count]):
            title = f"Puskesmas {name}" if turn == 0 else f"Puskesmas {villages['name'][at]}"
            register.add("health_centre", title, code[at], homes[at][0], polygons[at], 250.0)
        highest = group.sort_values(["elevation_m", "code"], ascending=[False, True]).index
        for at in highest[: _TOURISM.get(name, 0)]:
            register.add("tourism", f"Wisata {villages['name'][at]}", code[at], homes[at][-1], polygons[at], 600.0)
        if name in _HILLS:
            for at in highest[: int(assumptions["sample.disaster_posts_per_district"])]:
                title = f"Pos Siaga Bencana {villages['name'][at]}"
                register.add("disaster_post", title, code[at], homes[at][0], polygons[at], 200.0)


def providers(assumptions: Assumptions) -> pd.DataFrame:
    """Who can build, run or sell here; all fictional (columns of :class:`coverage.tables.Providers`)."""
    rows: list[tuple[object, ...]] = []

    def add(key: str, name: str, kind: str, technologies: str, capital: float, share: float, resale: bool) -> None:
        rows.append((key, name, kind, technologies, assumptions[f"sample.hurdle_{kind}"], capital, share, resale))

    for operator in OPERATORS:
        share = assumptions[share_name(operator)]
        capital = share * assumptions["sample.capital_mobile_idr"]
        add(
            operator.lower().replace(" ", "_"),
            operator,
            "mobile",
            ";".join(MOBILE_TECHNOLOGIES),
            capital,
            share,
            resale=False,
        )
    for isp in ISPS:
        capital = assumptions["sample.capital_isp_idr"]
        add(
            isp.lower().replace(" ", "_"),
            isp,
            "isp",
            ";".join((*HOME_TECHNOLOGIES, "satellite_wifi")),
            capital,
            0.0,
            resale=True,
        )
    company = TOWER_COMPANIES[0]
    capital = assumptions["sample.capital_tower_idr"]
    add(company.lower().replace(" ", "_"), company, "tower", "light_tower;macro_tower", capital, 0.0, resale=True)
    capital = assumptions["sample.capital_bumdes_idr"]
    add("bumdes", "BUMDes", "bumdes", ";".join((*HOME_TECHNOLOGIES, "satellite_wifi")), capital, 0.0, resale=True)
    capital = assumptions["sample.capital_satellite_idr"]
    add("satelit_langit", "Satelit Langit", "satellite", "satellite_wifi", capital, 0.0, resale=False)
    add("satelit_nusa", "Satelit Nusa", "satellite", "satellite_wifi", capital, 0.0, resale=True)
    columns = ["provider_id", "provider_name", "kind", "technologies", "hurdle_rate", "capital_limit_idr"]
    return pd.DataFrame(rows, columns=[*columns, "market_share", "resale_allowed"])
