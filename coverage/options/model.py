"""The result of the options room: tables that belong together, and their backhaul graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

if TYPE_CHECKING:
    import networkx as nx

#: The node where satellite capacity enters the region.
SATELLITE = "satellite"


@dataclass(frozen=True, eq=False)
class OptionSet:
    """Options with what they reach, what they cost and the backhaul that could feed them.

    Attributes
    ----------
    options : DataFrame
        :class:`coverage.tables.Options`.
    reach : DataFrame
        :class:`coverage.tables.Reach`.
    links : GeoDataFrame
        :class:`coverage.tables.Links`, EPSG:4326.
    nodes : GeoDataFrame
        :class:`coverage.tables.Nodes`, EPSG:4326.
    bill : DataFrame
        :class:`coverage.tables.Bill`: every cost line of every option and link.
    """

    options: pd.DataFrame
    reach: pd.DataFrame
    links: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    bill: pd.DataFrame

    def graph(self) -> nx.Graph[str]:
        """The backhaul graph.

        Returns
        -------
        networkx.Graph
            Nodes carry ``kind, is_root, capacity_mbps``; edges ``link_id, kind, length_m, capex_idr,
            opex_idr_per_year, lifetime_years, capacity_mbps``. Two nodes have at most one link.
        """
        import networkx as nx  # a tenth of a second, which a start with kept results can do without

        graph: nx.Graph[str] = nx.Graph()
        for node in self.nodes.drop(columns="geometry").to_dict("records"):
            graph.add_node(node["node"], **{str(k): v for k, v in node.items() if k != "node"})
        for link in self.links.drop(columns="geometry").to_dict("records"):
            attributes = {str(k): v for k, v in link.items() if k not in ("source", "target")}
            graph.add_edge(link["source"], link["target"], **attributes)
        return graph

    def bill_of(self, item_of: str) -> pd.DataFrame:
        """The bill of one option or link."""
        return self.bill[self.bill["item_of"] == item_of].reset_index(drop=True)
