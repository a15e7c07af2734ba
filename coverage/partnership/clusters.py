"""Together is cheaper: villages whose backhaul meets, what each pays alone and together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options import OptionSet
from coverage.partnership.deals import some_deals
from coverage.partnership.pricing import price_deal
from coverage.partnership.project import Asset, project
from coverage.partnership.routes import Route, link_costs, routes
from coverage.partnership.shares import Split, shapley_of_uses, split
from coverage.partnership.steiner import LIMIT, coalition_costs, distances, without_throughways

#: Stands for all roots at once: capacity enters the region there.
_SOURCE = "*"


@dataclass(frozen=True, eq=False)
class Cluster:
    """Villages that would share backhaul.

    Attributes
    ----------
    deal_ids, village_codes, option_ids : tuple of str
        The deals that meet, aligned.
    alone_idr : ndarray
        Present value of each one's own cheapest route.
    together_idr : float
        Present value of the cheapest network for all of them.
    split : Split
        How they share it.
    every_network : bool
        Whether every coalition's own cheapest network was priced; else all keep to their own routes.
    masts : tuple of str
        Options that are built where all join, if the group shares masts and links; empty where links only.
    """

    deal_ids: tuple[str, ...]
    village_codes: tuple[str, ...]
    option_ids: tuple[str, ...]
    alone_idr: NDArray[np.float64]
    together_idr: float
    split: Split
    every_network: bool
    masts: tuple[str, ...] = ()

    def invite_first(self, village_code: str) -> tuple[str, ...]:
        """The other villages, the one whose route alone is worth most to share first."""
        saving = self.alone_idr - self.split.shares
        order = sorted(zip(-saving, self.village_codes, strict=True))
        return tuple(code for _saving, code in order if code != village_code)


def clusters(
    option_set: OptionSet, chosen: pd.DataFrame, assumptions: Assumptions, *, exact_up_to: int = LIMIT
) -> list[Cluster]:
    """Groups of deals whose own routes share a link, each with a fair split of the common network.

    Up to `exact_up_to` villages every coalition is priced exactly by its
    own cheapest tree. A larger group keeps to the union of its members' routes: the Shapley value then
    divides each link equally among those whose route uses it, exactly for any number of villages, and no
    coalition can do better on those routes, because sharing a link only lowers what each pays.

    Parameters
    ----------
    option_set : OptionSet
        Options and backhaul.
    chosen : DataFrame
        One deal per village (rows of :class:`coverage.tables.Deals`), e.g. from
        :func:`coverage.partnership.best_deals` or a plan.
    assumptions : Assumptions
        ``funding.*``.
    exact_up_to : int
        Largest group whose coalitions are all priced.

    Returns
    -------
    list of Cluster
        Groups of two or more, in order of their first village.
    """
    own = routes(option_set, assumptions)
    rows = chosen[chosen["option_id"].isin(own)].sort_values(["village_code", "deal_id"])
    cost = dict(zip(option_set.links["link_id"], link_costs(option_set, assumptions).tolist(), strict=True))
    import networkx as nx

    meets: nx.Graph[str] = nx.Graph()
    for option in rows["option_id"]:
        meets.add_edges_from((f"option:{option}", f"link:{link}") for link in own[option].links)
    found = []
    for part in nx.connected_components(meets):
        group = rows[("option:" + rows["option_id"]).isin(part)]
        if len(group) > 1:
            found.append(_cluster(option_set, group, own, cost, assumptions, exact_up_to))
    return sorted(found, key=lambda cluster: cluster.deal_ids)


def _cluster(
    option_set: OptionSet,
    group: pd.DataFrame,
    own: Mapping[str, Route],
    cost: Mapping[str, float],
    assumptions: Assumptions,
    exact_up_to: int,
) -> Cluster:
    ids = group["option_id"].tolist()
    alone = np.array([sum(cost[link] for link in own[option].links) for option in ids])
    if len(ids) <= exact_up_to:
        game = cost_game(option_set, ids, assumptions)
        settled, together = split(game), float(game[-1])
    else:
        shares = shapley_of_uses([own[option].links for option in ids], cost)
        settled, together = Split("shapley", shares, 0.0, float((shares - alone).max())), float(shares.sum())
    return Cluster(
        tuple(group["deal_id"]),
        tuple(group["village_code"]),
        tuple(ids),
        alone,
        together,
        settled,
        len(ids) <= exact_up_to,
    )


def cost_game(option_set: OptionSet, option_ids: Sequence[str], assumptions: Assumptions) -> NDArray[np.float64]:
    """Cost of the cheapest network for every coalition of options, present value at the social rate.

    Parameters
    ----------
    option_set : OptionSet
        Options and backhaul.
    option_ids : sequence of str
        The players; bit i of a coalition is the i-th of them.
    assumptions : Assumptions
        ``funding.*``.

    Returns
    -------
    ndarray, shape (2 ** n,)
    """
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(option_set.nodes["node"])
    costs = link_costs(option_set, assumptions).tolist()
    ends = option_set.links["source"], option_set.links["target"]
    graph.add_weighted_edges_from(zip(*ends, costs, strict=True), weight="cost")
    for root in option_set.nodes.loc[option_set.nodes["is_root"], "node"]:
        graph.add_edge(_SOURCE, root, cost=0.0)
    node_of = dict(zip(option_set.options["option_id"], option_set.options["node"], strict=True))
    terminals = [node_of[option] for option in option_ids]
    keep = {_SOURCE, *terminals}
    # No way leads through an option that is not built.
    graph.remove_nodes_from([n for n in set(node_of.values()) - keep if n in graph])
    without_throughways(graph, keep)
    nodes = sorted(graph)
    places = [nodes.index(t) for t in terminals]
    return coalition_costs(distances(graph, nodes, ends=places), places, nodes.index(_SOURCE))


def prices_together(
    cluster: Cluster,
    option_set: OptionSet,
    villages: gpd.GeoDataFrame,
    providers: pd.DataFrame,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """What each village pays alone and with the others.

    The route's cost is scaled to the village's share of the common network and the deal priced again.

    Returns
    -------
    DataFrame
        One row per village: ``village_code, deal_id, backhaul_alone_idr, backhaul_together_idr,
        price_alone_idr_month, price_together_idr_month, subsidy_alone_idr, subsidy_together_idr``.
    """
    rows = []
    found = some_deals(cluster.deal_ids, option_set, villages, providers, assumptions)
    for k, deal_id in enumerate(cluster.deal_ids):
        alone = found[deal_id]
        plan = alone.project
        scale = cluster.split.shares[k] / cluster.alone_idr[k] if cluster.alone_idr[k] > 0 else 0.0
        access, *route = plan.assets
        shared = [
            replace(a, capex_idr=a.capex_idr * scale, opex_idr_per_year=a.opex_idr_per_year * scale) for a in route
        ]
        technology = str(option_set.options.set_index("option_id").loc[cluster.option_ids[k], "technology"])
        assets: tuple[Asset, ...] = (access, *shared)
        plan = project(assets, plan.market, plan.business_model, technology, plan.finance.hurdle_rate, assumptions)
        # A deal that needed public money alone may stand by itself together.
        cheaper = price_deal(plan, technology, assumptions)
        price = cheaper.terms.price_idr_month if cheaper else alone.terms.price_idr_month
        rows.append(
            {
                "village_code": cluster.village_codes[k],
                "deal_id": deal_id,
                "backhaul_alone_idr": float(cluster.alone_idr[k]),
                "backhaul_together_idr": float(cluster.split.shares[k]),
                "price_alone_idr_month": alone.terms.price_idr_month,
                "price_together_idr_month": price,
                "subsidy_alone_idr": alone.priced.row["subsidy_idr"],
                "subsidy_together_idr": cheaper.row["subsidy_idr"] if cheaper else 0.0,
            }
        )
    return pd.DataFrame(rows)
