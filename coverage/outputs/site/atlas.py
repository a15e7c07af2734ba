"""What many pages need from one analysis, looked up once: neighbours, borders, hamlets, best deals.

Nothing here depends on the language.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coverage.outputs.signal_path import explained, hamlets_on_grid, heard_at
from coverage.radio import Explanation

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Borders on a village's map may move by this much (degrees, about 20 m): half a pixel there.
_FINE_DEG = 0.0002
#: On the map of the regency (about 150 m): again half a pixel.
_COARSE_DEG = 0.0014
#: Villages nearer than this (degrees, about 50 m) are neighbours: borders from files may not quite touch.
_TOUCH_DEG = 0.0005
Record = dict[str, Any]
#: Marks that turn the direction of text: a name may not rearrange the page around it.
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


def clean(text: object) -> str:
    """One line of text that every format can hold: no control characters, no direction marks."""
    spaced = " ".join(str(text).split())
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs", "Cn") and c not in _DIRECTION_MARKS)


class Atlas:
    """Lookups over one analysis.

    Parameters
    ----------
    analysis : Analysis
        What the chain found; vector layers in EPSG:4326.
    """

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        region = analysis.region
        #: Rows of ``Villages`` by code, in the order of the table.
        self.villages = _by(region.villages, "village_code")
        self.codes: list[str] = list(self.villages)
        #: Rows of ``VillageAccess`` by code.
        self.access = _by(analysis.access.villages, "village_code")
        #: Rows of ``Options`` and ``Deals`` by their keys.
        self.options = _by(analysis.option_set.options, "option_id")
        self.deals = _by(analysis.deals, "deal_id")
        self.providers: dict[str, str] = {
            k: str(row["provider_name"]) for k, row in _by(region.providers, "provider_id").items()
        }
        self._best = dict(zip(analysis.gain["village_code"], analysis.gain["best_deal_id"], strict=True))
        self._shapes = np.asarray(region.villages.geometry.to_numpy())
        #: Ground of the villages' maps once drawn: the same in every language.
        self.drawn: dict[str, tuple[str, bool]] = {}
        #: Paths to the hamlets that are worst off, once explained: the same in every language.
        self._paths: dict[str, tuple[str, Explanation] | None] = {}
        self._position = {code: i for i, code in enumerate(self.codes)}

    # ---------------------------------------------------------------- borders

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index over the borders, in the order of :attr:`codes`."""
        return shapely.STRtree(self._shapes)

    @cached_property
    def fine(self) -> NDArray[np.object_]:
        """Borders for a village's map; neighbours stay joined."""
        return _simplified(self._shapes, _FINE_DEG)

    @cached_property
    def coarse(self) -> NDArray[np.object_]:
        """Borders for the map of the regency."""
        return _simplified(self._shapes, _COARSE_DEG)

    def shape(self, code: str) -> Any:
        """The border of a village as stored."""
        return self._shapes[self._position[code]]

    def position(self, code: str) -> int:
        """Row of a village."""
        return self._position[code]

    def within(self, box: tuple[float, float, float, float]) -> list[str]:
        """Codes of the villages that a box (west, south, east, north) touches, in order."""
        return [self.codes[i] for i in sorted(self.tree.query(shapely.box(*box), predicate="intersects"))]

    def neighbours(self, code: str) -> list[str]:
        """Codes of the villages that touch a village, in order."""
        near = self.tree.query(self.shape(code), predicate="dwithin", distance=_TOUCH_DEG)
        return [self.codes[i] for i in sorted(near) if self.codes[i] != code]

    # ---------------------------------------------------------------- signal

    def worst_path(self, code: str) -> tuple[str, Explanation] | None:
        """The hamlet of a village that is worst off and the path of its best signal.

        None where nobody is left out or no mast of the list reaches it.
        """
        if code not in self._paths:
            self._paths[code] = self._worst_path(code)
        return self._paths[code]

    def _worst_path(self, code: str) -> tuple[str, Explanation] | None:
        access = self.access.get(code)
        if access is None or access["population_left_out"] < 1:
            return None
        points = hamlets_on_grid(self.analysis)
        worst = str(access["worst_settlement_id"])
        if worst not in points:
            return None
        x, y = float(points[worst].x), float(points[worst].y)
        for operator, technology in heard_at(self.analysis, x, y):
            why = explained(self.analysis, x, y, operator, technology)
            if why is not None:
                return self._names[worst], why
        return None

    @cached_property
    def _names(self) -> dict[str, str]:
        found = self.analysis.region.settlements
        return dict(zip(found["settlement_id"], found["settlement_name"].astype(str), strict=True))

    # ---------------------------------------------------------------- points and lines

    @cached_property
    def roads(self) -> tuple[NDArray[np.object_], shapely.STRtree, list[str]]:
        """Road lines simplified, an index over them, and their classes."""
        lines = shapely.simplify(self.analysis.region.roads.geometry.to_numpy(), _FINE_DEG)
        return lines, shapely.STRtree(lines), self.analysis.region.roads["road_class"].tolist()

    @cached_property
    def towers(self) -> dict[str, tuple[float, float]]:
        """(lon, lat) of every tower."""
        sites = self.analysis.region.sites
        return dict(zip(sites["site_id"], zip(sites.geometry.x, sites.geometry.y, strict=True), strict=True))

    @cached_property
    def _tower_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.analysis.region.sites.geometry.to_numpy())

    def towers_within(self, box: tuple[float, float, float, float]) -> list[tuple[float, float]]:
        """(lon, lat) of the towers in a box (west, south, east, north)."""
        places = list(self.towers.values())
        return [places[i] for i in sorted(self._tower_tree.query(shapely.box(*box)))]

    @cached_property
    def hamlet_points(self) -> dict[str, tuple[float, float]]:
        """(lon, lat) of every hamlet."""
        found = self.analysis.region.settlements
        return dict(zip(found["settlement_id"], zip(found.geometry.x, found.geometry.y, strict=True), strict=True))

    def nearest_tower(self, code: str) -> tuple[str, float] | None:
        """The tower that a village's reasons name, and its distance in m."""
        found = self._towers_of.get(code)
        if found is None or pd.isna(found[0]) or pd.isna(found[1]) or found[0] not in self.towers:
            return None
        return str(found[0]), float(found[1])

    @cached_property
    def _towers_of(self) -> dict[str, tuple[Any, Any]]:
        table = self.analysis.access.towers
        return dict(
            zip(table["village_code"], zip(table["site_id"], table["distance_m"], strict=True), strict=True),
        )

    def hamlets(self, code: str) -> list[Record]:
        """Hamlets of a village, the worst first: rows of ``SettlementAccess`` with ``left_out``, ``share``."""
        return self._hamlets.get(code, [])

    @cached_property
    def _hamlets(self) -> dict[str, list[Record]]:
        found = self.analysis.access.settlements
        share = (found["population_covered"] / found["population"]).where(found["population"] > 0, 0.0)
        left = (found["population"] - found["population_covered"]).clip(lower=0)
        ranked = found.assign(share=share, left_out=left)
        return _grouped(ranked.sort_values(["share", "left_out", "settlement_id"], ascending=[True, False, True]))

    def facilities(self, code: str) -> list[Record]:
        """Public places of a village with ``lon``, ``lat`` and ``is_online`` (``None`` where it is not known)."""
        return self._facilities.get(code, [])

    @cached_property
    def _facilities(self) -> dict[str, list[Record]]:
        places = self.analysis.region.facilities
        table = getattr(self.analysis.access, "facilities", None)
        online = {} if table is None else dict(zip(table["facility_id"], table["online"].astype(bool), strict=True))
        known = [online.get(facility) for facility in places["facility_id"]]
        plain = pd.DataFrame(places.drop(columns="geometry"))
        return _grouped(
            plain.assign(
                lon=places.geometry.x,
                lat=places.geometry.y,
                is_online=pd.Series(known, index=plain.index, dtype=object),
            )
        )

    # ---------------------------------------------------------------- options and deals

    def best_deal(self, code: str) -> Record | None:
        """The recommended deal of a village, if it has one."""
        deal = self._best.get(code)
        return None if deal is None or pd.isna(deal) else self.deals[deal]

    def access_class(self, code: str) -> str:
        """``none``, ``weak``, ``served`` or ``unknown``."""
        row = self.access.get(code)
        return str(row["access_class"]) if row else "unknown"

    @cached_property
    def reached(self) -> dict[tuple[str, str], float]:
        """People newly reached by an option in a village: ``(option_id, village_code)``."""
        sums = self.analysis.option_set.reach.groupby(["option_id", "village_code"], as_index=False)[
            "population_gained"
        ].sum()
        keys = zip(sums["option_id"], sums["village_code"], strict=True)
        return dict(zip(keys, sums["population_gained"].tolist(), strict=True))


def _by(table: pd.DataFrame | gpd.GeoDataFrame, key: str) -> dict[str, Record]:
    """Rows of a table by a key that is unique, in the order of the table, without geometry."""
    rows: list[Record] = pd.DataFrame(table.drop(columns="geometry", errors="ignore")).to_dict("records")  # type: ignore[assignment]
    return {str(row[key]): row for row in rows}


def _grouped(table: pd.DataFrame) -> dict[str, list[Record]]:
    """Rows of a table by village, each group in the order of the table."""
    found: dict[str, list[Record]] = {}
    rows: list[Record] = table.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        found.setdefault(str(row["village_code"]), []).append(row)
    return found


def _simplified(shapes: NDArray[np.object_], tolerance: float) -> NDArray[np.object_]:
    simple = np.asarray(shapely.coverage_simplify(shapes, tolerance))
    # A sliver may vanish: it then keeps its true border.
    return np.where(shapely.is_empty(simple), shapes, simple)
