"""The cheapest backhaul of each option if it stood alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options import OptionSet, present_value, social_cost
from coverage.partnership.project import Asset

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Route:
    """Links from an option to a root, in order, and what they are as assets."""

    links: tuple[str, ...]
    assets: tuple[Asset, ...]


def link_costs(option_set: OptionSet, assumptions: Assumptions) -> NDArray[np.float64]:
    """Present value of every link at the social rate, Rp, in the order of the links."""
    return social_cost(option_set.links, assumptions)


def routes(option_set: OptionSet, assumptions: Assumptions) -> dict[str, Route]:
    """Cheapest route of every option by present value at the social rate, as if nobody shared it.

    Links and roots that cannot carry the option's traffic are left out. An option that no root
    reaches is missing from the result.

    Returns
    -------
    dict
        By option_id.
    """
    import networkx as nx

    graph = option_set.graph()
    cost = link_costs(option_set, assumptions)
    nx.set_edge_attributes(
        graph,
        dict(zip(zip(option_set.links["source"], option_set.links["target"], strict=True), cost.tolist(), strict=True)),
        "cost",
    )
    roots = sorted(option_set.nodes.loc[option_set.nodes["is_root"], "node"])
    found: dict[str, Route] = {}
    if not roots:
        return found
    paths: dict[str, list[str]]
    _lengths, paths = nx.multi_source_dijkstra(graph, roots, weight="cost")  # type: ignore[assignment]
    wanting = option_set.options.sort_values("option_id")
    for option_id, node, need in wanting[["option_id", "node", "backhaul_mbps"]].itertuples(index=False, name=None):
        path = paths.get(node)
        if path is not None and not _carries(graph, path, need):
            path = _wider(graph, roots, node, need)
        if path is not None:
            found[option_id] = _route(graph, path)
    return found


def _carries(graph: nx.Graph[str], path: list[str], need_mbps: float) -> bool:
    root_fits = graph.nodes[path[0]]["capacity_mbps"] >= need_mbps
    return root_fits and all(graph[a][b]["capacity_mbps"] >= need_mbps for a, b in pairwise(path))


def _wider(graph: nx.Graph[str], roots: list[str], node: str, need_mbps: float) -> list[str] | None:
    import networkx as nx

    wide = nx.subgraph_view(graph, filter_edge=lambda a, b: graph[a][b]["capacity_mbps"] >= need_mbps)
    able = [root for root in roots if graph.nodes[root]["capacity_mbps"] >= need_mbps]
    try:
        return list(nx.multi_source_dijkstra(wide, able, target=node, weight="cost")[1]) if able else None
    except nx.NetworkXNoPath:
        return None


def _route(graph: nx.Graph[str], path: list[str]) -> Route:
    steps = [graph[a][b] for a, b in pairwise(path)][::-1]
    return Route(
        tuple(step["link_id"] for step in steps),
        tuple(Asset(step["capex_idr"], step["opex_idr_per_year"], step["lifetime_years"]) for step in steps),
    )


def route_frame(found: dict[str, Route]) -> pd.DataFrame:
    """Routes in long form: columns ``option_id, step, link_id``, from the option to the root."""
    rows = [(option, step, link) for option, route in found.items() for step, link in enumerate(route.links)]
    return pd.DataFrame(rows, columns=["option_id", "step", "link_id"])


def lifetime_worth(bill: pd.DataFrame, lifetime_years: float, assumptions: Assumptions) -> NDArray[np.float64]:
    """Present value of every line of an option's bill over the horizon at the social rate, Rp.

    Parameters
    ----------
    bill : DataFrame
        :class:`coverage.tables.Bill` of one option.
    lifetime_years : float
        Of the option.
    assumptions : Assumptions
        ``funding.*``.
    """
    once = (bill["kind"] == "capex").to_numpy()
    amount = bill["amount_idr"].to_numpy(float)
    return present_value(
        np.where(once, amount, 0.0),
        np.where(once, 0.0, amount),
        np.full(len(bill), lifetime_years),
        rate=assumptions["funding.social_rate"],
        horizon_years=round(assumptions["funding.horizon_years"]),
        residual_share=assumptions["funding.residual_share"],
    )
