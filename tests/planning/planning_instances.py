"""Made-up regions for the planning room: seeded, of any size, with dense or scarce fibre."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd

from coverage.assumptions import Assumptions, load
from coverage.options import social_cost

KM = 1000.0
#: Size of the made-up region from which 220 villages are cut, in km.
WIDTH, HEIGHT = 38.0, 62.0


@dataclass(frozen=True)
class Case:
    """Everything that ``plan`` takes, and that ``check_plan`` calls an analysis."""

    deals: pd.DataFrame
    option_set: SimpleNamespace
    benefit: pd.DataFrame
    region: SimpleNamespace
    access: SimpleNamespace
    assumptions: Assumptions

    @property
    def villages(self) -> pd.DataFrame:
        return self.region.villages

    def arguments(self) -> tuple:
        return self.deals, self.option_set, self.benefit, self.villages, self.access


def make_case(
    n_villages: int = 40,
    fibre_points: int = 4,
    seed: int = 1,
    *,
    link_capacity: float = 10_000.0,
    root_capacity: float = 10_000.0,
    sites: int = 3,
    settlements_per_village: int = 3,
    road_nodes_per_village: float = 4.0,
    overrides: dict[str, float] | None = None,
) -> Case:
    """A region whose south is badly served; density of villages like Pemalang's at any size."""
    rng = np.random.default_rng(seed)
    shrink = np.sqrt(n_villages / 220)
    width, height = WIDTH * shrink, HEIGHT * shrink
    centres = np.column_stack([rng.uniform(0, width, n_villages), rng.uniform(0, height, n_villages)])
    villages = _villages(rng, n_villages, centres, height)
    settlements, places = _settlements(rng, villages, centres, settlements_per_village)
    covered = villages.set_index("village_code").covered_share
    graph, positions = _roads(rng, centres, width, height, int(n_villages * road_nodes_per_village))
    nodes, links = _backhaul(rng, graph, positions, centres, fibre_points, link_capacity, root_capacity)
    options, reach, more_nodes, more_links = _options(
        rng, villages, settlements, places, centres, graph, positions, covered, sites, link_capacity
    )
    nodes = pd.concat([nodes, more_nodes], ignore_index=True)
    links = pd.concat([links, more_links], ignore_index=True)
    assumptions = load().override({"funding.residual_share": 0.0} | (overrides or {}))
    benefit = reach[["option_id", "settlement_id", "village_code"]].copy()
    weight = settlements.set_index("settlement_id").weight
    benefit["index_gain"] = reach.population_gained * reach.settlement_id.map(weight) * 1e-7
    deals = _deals(rng, options, nodes, links, assumptions)
    access = SimpleNamespace(
        villages=pd.DataFrame(
            {
                "village_code": villages.village_code,
                "population": villages.population,
                "population_covered": villages.population * villages.covered_share,
                "access_class": villages.access_class,
                "need": 100 * (1 - villages.covered_share),
            }
        )
    )
    option_set = SimpleNamespace(options=options, reach=reach, links=links, nodes=nodes)
    return Case(deals, option_set, benefit, SimpleNamespace(villages=villages, providers=None), access, assumptions)


def _villages(rng, n, centres, height):
    district = (centres[:, 1] / height * 14).astype(int).clip(0, 13) + 1
    south = centres[:, 1] / height
    share = np.clip(rng.normal(0.35 + 0.5 * (1 - south), 0.2, n), 0, 0.97)
    classes = np.where(share < 0.3, "none", np.where(share < 0.8, "weak", "served"))
    classes = np.where(rng.random(n) < 0.05, "unknown", classes)
    codes = [f"33.27.{d:02d}.{2001 + i}" for i, d in enumerate(district)]
    population = rng.lognormal(8.6, 0.5, n).round()
    return pd.DataFrame(
        {
            "village_code": codes,
            "village_name": [f"Desa {i}" for i in range(n)],
            "kind": "desa",
            "district_code": [c[:8] for c in codes],
            "district_name": [f"Kecamatan {d}" for d in district],
            "population": population,
            "households": (population / 3.6).round(),
            "covered_share": share,
            "access_class": classes,
        }
    )


def _settlements(rng, villages, centres, per_village):
    rows, places = [], []
    for i, village in enumerate(villages.itertuples()):
        count = int(rng.integers(1, per_village + 1))
        parts = rng.dirichlet(np.ones(count) * 2) * village.population
        for k in range(count):
            rows.append((f"{village.village_code}.{k}", village.village_code, parts[k], rng.uniform(0.7, 1.3)))
            places.append(centres[i] + rng.normal(0, 0.9, 2))
    return pd.DataFrame(rows, columns=["settlement_id", "village_code", "population", "weight"]), np.array(places)


def _roads(rng, centres, width, height, extra):
    positions = np.vstack([centres, np.column_stack([rng.uniform(0, width, extra), rng.uniform(0, height, extra)])])
    graph = nx.Graph()
    graph.add_nodes_from(range(len(positions)))
    distances = np.hypot(*(positions[:, None] - positions[None]).transpose(2, 0, 1))
    for i in range(len(positions)):
        for j in np.argsort(distances[i], kind="stable")[1:4]:
            graph.add_edge(i, int(j), km=float(distances[i, j]) * rng.uniform(1.1, 1.4))
    parts = [sorted(p) for p in nx.connected_components(graph)]
    while len(parts) > 1:
        first, rest = parts[0], [n for p in parts[1:] for n in p]
        block = distances[np.ix_(first, rest)]
        i, j = np.unravel_index(block.argmin(), block.shape)
        graph.add_edge(first[i], rest[j], km=float(block.min()) * 1.3)
        parts = [sorted(p) for p in nx.connected_components(graph)]
    return graph, positions


def _link(key, a, b, kind, km, capex, opex_share, life, capacity):
    return (key, a, b, kind, km * KM, capex, capex * opex_share, life, capacity)


LINK_COLUMNS = [
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


def _backhaul(rng, graph, positions, centres, fibre_points, link_capacity, root_capacity):
    road = [f"r{i}" for i in graph.nodes]
    links = [
        _link(f"f{k}", f"r{a}", f"r{b}", "fibre", data["km"], data["km"] * 25e6, 0.05, 20, link_capacity)
        for k, (a, b, data) in enumerate(sorted(graph.edges(data=True)))
    ]
    roots = sorted(rng.choice(len(centres), size=fibre_points, replace=False))
    nodes = pd.DataFrame(
        {
            "node": road,
            "kind": ["fibre_point" if i in roots else "road" for i in graph.nodes],
            "is_root": [i in roots for i in graph.nodes],
            "capacity_mbps": [root_capacity if i in roots else 0.0 for i in graph.nodes],
        }
    )
    return nodes, pd.DataFrame(links, columns=LINK_COLUMNS)


def _options(rng, villages, settlements, places, centres, graph, positions, covered, sites, link_capacity):
    options, reach, nodes, links = [], [], [], []
    nodes.append(("sat", "satellite", True, 1e6))
    uncovered = settlements.population * (1 - settlements.village_code.map(covered))

    def add(key, code, technology, node, capex, opex, life, demand, who, share):
        gained = uncovered.iloc[who] * share
        whole = settlements.population.iloc[who] * share
        options.append(
            (
                key,
                code,
                technology,
                node,
                109.0,
                -7.0,
                30.0,
                capex,
                opex,
                life,
                300.0,
                demand,
                0.0,
                whole.sum(),
                gained.sum(),
            )
        )
        for s, p, g in zip(who, whole, gained, strict=True):
            reach.append((key, settlements.settlement_id[s], settlements.village_code[s], p, g))

    for i, village in enumerate(villages.itertuples()):
        code = village.village_code
        own = np.flatnonzero(settlements.village_code == code)
        towers = []
        for k in range(sites):
            site = centres[i] + rng.normal(0, 1.2, 2)
            distance = np.hypot(*(places - site).T)
            who = np.flatnonzero(distance < rng.uniform(2.0, 3.5))
            if not len(who):
                continue
            key, node = f"{code}-tower-{k}", f"s{i}.{k}"
            towers.append((node, site))
            nodes.append((node, "option", False, 0.0))
            near = np.argsort(np.hypot(*(positions - site).T), kind="stable")[:2]
            for j in near:
                km = float(np.hypot(*(positions[j] - site))) * 1.3 + 0.05
                capacity = min(link_capacity, 10_000.0)
                links.append(_link(f"a{i}.{k}.{j}", node, f"r{j}", "fibre", km, km * 25e6, 0.05, 20, capacity))
            far = int(rng.integers(0, len(centres)))
            capacity = min(link_capacity, 400.0)
            links.append(_link(f"m{i}.{k}", node, f"r{far}", "microwave", 8.0, 450e6, 0.06, 10, capacity))
            share = np.clip(1.1 - distance[who] / 5 + rng.normal(0, 0.1, len(who)), 0.2, 1.0)
            add(key, code, "light_tower", node, 900e6 * rng.uniform(0.8, 1.6), 70e6, 15, 120.0, who, share)
        homes = village.households
        add(
            *(f"{code}-ftth", code, "ftth", f"r{i}", 1.6e6 * homes * 0.5 + 60e6, 30e6, 20, 200.0),
            *(own, np.full(len(own), 0.5)),
        )
        node = f"v{i}"
        nodes.append((node, "option", False, 0.0))
        links.append(_link(f"sat{i}", node, "sat", "satellite", 0.0, 15e6, 1.6, 5, 100.0))
        add(f"{code}-sat", code, "satellite_wifi", node, 90e6, 15e6, 5, 40.0, own, np.full(len(own), 0.12))
    columns = [
        *("option_id", "village_code", "technology", "node", "lon", "lat", "height_m", "capex_idr"),
        *("opex_idr_per_year", "lifetime_years", "capacity_mbps", "backhaul_mbps", "households_passed"),
        *("population_reached", "population_gained"),
    ]
    return (
        pd.DataFrame(options, columns=columns),
        pd.DataFrame(
            reach, columns=["option_id", "settlement_id", "village_code", "population_reached", "population_gained"]
        ),
        pd.DataFrame(nodes, columns=["node", "kind", "is_root", "capacity_mbps"]),
        pd.DataFrame(links, columns=LINK_COLUMNS),
    )


def _deals(rng, options, nodes, links, assumptions):
    cost = social_cost(links, assumptions)
    graph = nx.Graph()
    for a, b, c in zip(links.source, links.target, cost, strict=True):
        if not graph.has_edge(a, b) or graph[a][b]["cost"] > c:
            graph.add_edge(a, b, cost=c)
    roots = [n for n in nodes.node[nodes.is_root] if n in graph]
    alone = nx.multi_source_dijkstra_path_length(graph, roots, weight="cost")
    access = social_cost(options, assumptions)
    rows = []
    for k, option in enumerate(options.itertuples()):
        for provider in ("P1", "P2"):
            users = option.population_gained * rng.uniform(0.02, 0.07)
            revenue = users * 35_000 * 12
            backhaul = alone.get(option.node, 0.0)
            value = revenue * 6.1 - access[k] - backhaul
            rows.append(
                (
                    f"{option.option_id}|{provider}",
                    option.option_id,
                    option.village_code,
                    provider,
                    "sharing",
                    50000.0,
                    60000.0,
                    users,
                    revenue,
                    access[k],
                    backhaul,
                    value,
                    max(0.0, -value),
                )
            )
    return pd.DataFrame(
        rows,
        columns=[
            *("deal_id", "option_id", "village_code", "provider_id", "business_model", "price_idr_month"),
            *("affordable_idr_month", "subscribers", "revenue_idr_per_year", "access_cost_pv_idr"),
            *("backhaul_cost_pv_idr", "npv_idr", "subsidy_idr"),
        ],
    )
