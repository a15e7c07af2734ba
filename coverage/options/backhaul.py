"""The backhaul graph: fibre along roads, microwave hops between masts, satellite.

Roots are where capacity enters: fibre points, the satellite, and existing towers high enough to
feed others. An existing operator tower has a backhaul of its own; how much of it is spare is not
public, so ``options.site_spare_mbps`` (a judgement) stands in its place.

Every link of this graph can be built whatever else is chosen. A microwave hop needs the mast at its
end, so a tower that is fed by its hop hangs on that alone, and no other traffic can pass through it.
What stands on an existing tower, or repeats its signal, hangs on that tower's own connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options.contract import contract
from coverage.options.costs import Line, bill, totals
from coverage.options.draft import Draft
from coverage.options.feeds import existing_lines, fibre_lines, hop_lines, satellite_lines
from coverage.options.hops import Hop
from coverage.options.model import SATELLITE
from coverage.options.roadnet import RoadNet

_NODE_COLUMNS = ["node", "kind", "is_root", "capacity_mbps"]
_LINK_COLUMNS = [
    "link_id",
    "source",
    "target",
    "kind",
    "length_m",
    "capex_idr",
    "opex_idr_per_year",
    "lifetime_years",
    "capacity_mbps",
]


@dataclass
class _Builder:
    """Collects nodes, links and bill lines; geometry in the metric CRS until the end."""

    assumptions: Assumptions
    to_degrees: pyproj.Transformer
    nodes: dict[str, dict[str, object]] = field(default_factory=dict)
    node_xy: dict[str, tuple[float, float]] = field(default_factory=dict)
    links: list[dict[str, object]] = field(default_factory=list)
    paths: list[NDArray[np.float64]] = field(default_factory=list)
    bill: list[dict[str, object]] = field(default_factory=list)

    def node(self, name: str, kind: str, x: float, y: float, root_mbps: float | None = None) -> str:
        row = {"node": name, "kind": kind, "is_root": root_mbps is not None, "capacity_mbps": root_mbps or 0.0}
        self.nodes.setdefault(name, row)
        self.node_xy.setdefault(name, (x, y))
        return name

    def link(
        self,
        kind: str,
        ends: tuple[str, str],
        path: NDArray[np.float64],
        length_m: float,
        lines: tuple[Line, ...],
        lifetime_years: float,
        capacity_mbps: float,
    ) -> None:
        link_id = f"{kind}:{ends[0]}|{ends[1]}"
        rows = bill(link_id, lines, self.assumptions)
        capex, opex = totals(rows)
        values = (link_id, *ends, kind, length_m, capex, opex, lifetime_years, capacity_mbps)
        self.links.append(dict(zip(_LINK_COLUMNS, values, strict=True)))
        self.paths.append(path)
        self.bill.extend(rows)

    def fibre(self, ends: tuple[str, str], path: NDArray[np.float64], length_m: float, terminals: int = 0) -> None:
        a = self.assumptions
        lines = fibre_lines(length_m, terminals)
        self.link("fibre", ends, path, length_m, lines, a["options.fibre_lifetime"], a["options.fibre_mbps"])

    def frames(self) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        xy = np.array([self.node_xy[name] for name in self.nodes]).reshape(-1, 2)
        lon, lat = self.to_degrees.transform(xy[:, 0], xy[:, 1])
        nodes = gpd.GeoDataFrame(
            pd.DataFrame(list(self.nodes.values()), columns=_NODE_COLUMNS),
            geometry=shapely.points(lon, lat),
            crs="EPSG:4326",
        )
        lines = [np.column_stack(self.to_degrees.transform(p[:, 0], p[:, 1])) for p in self.paths]
        shapes = [shapely.LineString(line) for line in lines]
        frame = pd.DataFrame(self.links, columns=_LINK_COLUMNS)
        if not self.links:
            frame = frame.astype(dict.fromkeys(_LINK_COLUMNS[:4], "str")).astype(
                dict.fromkeys(_LINK_COLUMNS[4:], "float64")
            )
        return nodes, gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")


def backhaul(
    drafts: list[Draft],
    net: RoadNet,
    hops: dict[str, Hop],
    sites: pd.DataFrame,
    fibre_points: gpd.GeoDataFrame,
    crs: str,
    assumptions: Assumptions,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[dict[str, object]]]:
    """Nodes, links and their bill for a set of options.

    Parameters
    ----------
    drafts : list of Draft
        Options, with metric coordinates.
    net : RoadNet
        Roads, metric.
    hops : dict
        The hop of every draft that is fed by microwave, by option_id.
    sites : DataFrame
        Existing sites: ``site_id, x_m, y_m``.
    fibre_points : GeoDataFrame
        :class:`coverage.tables.FibrePoints`, any CRS.
    crs : str
        Metric CRS of drafts, roads and hops.
    assumptions : Assumptions
        ``options.*`` and ``cost.*``.

    Returns
    -------
    nodes : GeoDataFrame
        :class:`coverage.tables.Nodes`, EPSG:4326.
    links : GeoDataFrame
        :class:`coverage.tables.Links`, EPSG:4326; at most one between two nodes.
    bill : list of dict
        Rows of :class:`coverage.tables.Bill`.
    """
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    builder = _Builder(assumptions, to_degrees)
    for draft in drafts:
        builder.node(draft.option_id, "option", draft.x, draft.y)
    _fibre(builder, drafts, net, fibre_points.to_crs(crs), assumptions)
    _microwave(builder, drafts, hops, assumptions)
    _existing(builder, drafts, sites, assumptions)
    _satellite(builder, drafts, assumptions)
    nodes, links = builder.frames()
    return nodes, links, builder.bill


def _fibre(
    builder: _Builder,
    drafts: list[Draft],
    net: RoadNet,
    fibre_points: gpd.GeoDataFrame,
    assumptions: Assumptions,
) -> None:
    wanting = [d for d in drafts if d.feed == "fibre"]
    if not len(net) or not wanting or not len(fibre_points):
        return
    roots = fibre_points.sort_values("fibre_id")
    names = [d.option_id for d in wanting]
    where = shapely.get_coordinates(roots.geometry.to_numpy()).tolist()
    for fibre_id, capacity, (x, y) in zip(roots["fibre_id"], roots["capacity_mbps"], where, strict=True):
        names.append(builder.node(f"fibre:{fibre_id}", "fibre_point", x, y, float(capacity)))
    xy = np.array([builder.node_xy[name] for name in names])
    vertex, gap = net.nearest(xy[:, 0], xy[:, 1])
    near = gap <= assumptions["options.road_reach"]

    def road(v: int) -> str:
        x, y = net.xy[v]
        return builder.node(f"road:{round(x)}_{round(y)}", "road", float(x), float(y))

    for chain in contract(net, vertex[near].tolist(), round(assumptions["options.road_links"])):
        builder.fibre((road(chain.path[0]), road(chain.path[-1])), net.xy[list(chain.path)], chain.length_m)
    for name, v, distance, close, at in zip(names, vertex.tolist(), gap.tolist(), near.tolist(), xy, strict=True):
        if close:
            # A root has its terminal already; the path keeps two distinct ends so that it can be drawn.
            stop = net.xy[v] if distance > 0 else at + 0.5
            path = np.array([at, stop])
            length = distance * assumptions["options.route_factor"]
            builder.fibre((name, road(v)), path, length, terminals=0 if builder.nodes[name]["is_root"] else 1)


def _microwave(builder: _Builder, drafts: list[Draft], hops: dict[str, Hop], assumptions: Assumptions) -> None:
    for draft in drafts:
        if draft.feed != "microwave":
            continue
        hop = hops[draft.option_id]
        site = builder.node(f"site:{hop.site_id}", "site", hop.x, hop.y, assumptions["options.site_spare_mbps"])
        builder.link(
            "microwave",
            (draft.option_id, site),
            np.array([(draft.x, draft.y), (hop.x, hop.y)]),
            hop.length_m,
            hop_lines(hop.length_m, assumptions),
            assumptions["options.microwave_lifetime"],
            assumptions["options.microwave_mbps"],
        )


def _existing(builder: _Builder, drafts: list[Draft], sites: pd.DataFrame, assumptions: Assumptions) -> None:
    where = dict(zip(sites["site_id"], sites[["x_m", "y_m"]].to_numpy(float).tolist(), strict=True))
    for draft in drafts:
        if draft.feed not in ("existing", "donor"):
            continue
        x, y = where[draft.site_id]
        site = builder.node(f"site:{draft.site_id}", "site", x, y, assumptions["options.site_spare_mbps"])
        apart = abs(x - draft.x) + abs(y - draft.y) >= 1.0
        # On the tower itself the link has no length; two distinct ends let it be drawn.
        path = np.array([(draft.x, draft.y), (x, y) if apart else (x, y + 1.0)])
        builder.link(
            "existing",
            (draft.option_id, site),
            path,
            float(np.hypot(x - draft.x, y - draft.y)),
            existing_lines(draft),
            assumptions["options.site_port_lifetime"],
            max(draft.backhaul_mbps, 1.0),
        )


def _satellite(builder: _Builder, drafts: list[Draft], assumptions: Assumptions) -> None:
    fed = [draft for draft in drafts if draft.feed in ("fibre", "kits")]
    if not fed:
        return
    middle = np.mean([(d.x, d.y) for d in drafts], axis=0)
    builder.node(SATELLITE, "satellite", float(middle[0]), float(middle[1]), assumptions["options.satellite_root_mbps"])
    for draft in fed:
        builder.link(
            "satellite",
            (draft.option_id, SATELLITE),
            np.array([(draft.x, draft.y), (draft.x, draft.y + 100.0)]),
            0.0,
            satellite_lines(draft),
            assumptions["options.satellite_lifetime"],
            max(draft.backhaul_mbps, 1.0),
        )
