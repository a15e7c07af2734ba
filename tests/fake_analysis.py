"""An analysis made by hand: thirty square villages whose every number is known beforehand.

The outputs and the app read nothing but the tables of :mod:`coverage.tables`, so this stands in for
the whole chain wherever a test is about what is shown and not about how it was computed.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from shapely.geometry import LineString, Point, box

from coverage import cache, tables
from coverage.assumptions import Assumption, Assumptions, load
from coverage.indicators import Framework, Scores, load_framework
from coverage.options import OptionSet
from coverage.radio import Signal
from coverage.raster import Raster
from coverage.region import Layer, Region
from coverage.scenario import Scenario

T = TypeVar("T")

COLUMNS, ROWS = 6, 5
WEST, SOUTH, SIDE = 109.30, -7.20, 0.03
CLASSES = ("none", "weak", "served", "unknown", "none")
REASONS = {
    "none": "terrain_shadow;facility_offline",
    "weak": "distance;single_operator",
    "served": "",
    "unknown": "no_data",
}
TECHNOLOGIES = ("light_tower", "ftth", "satellite_wifi")
FEEDS = {"light_tower": "microwave", "ftth": "fibre", "satellite_wifi": "satellite"}
PROVIDERS = ("operator_a", "isp_b", "sat_c")
BUSINESS_MODELS = ("provider_alone", "bumdes_resale", "public_subsidy")
SHARE = {"none": 0.1, "weak": 0.45, "served": 0.95, "unknown": 0.6}


def code(index: int) -> str:
    """The code of the village at ``index``: three districts of ten villages."""
    return f"33.27.{index // 10 + 1:02d}.{2001 + index % 10}"


def access_class(index: int) -> str:
    """The class of the village at ``index``."""
    return CLASSES[index % len(CLASSES)]


def _name(index: int, hostile: str) -> str:
    return f"{hostile}{index}" if hostile else f"Desa {chr(65 + index % 26)}{index}"


_MADE: dict[str, bytes] = {}


def _once(content: str, make: Callable[[], T]) -> T:
    """What ``make`` makes, made once; everybody gets a copy of their own, for tests change what they are given."""
    if content not in _MADE:
        _MADE[content] = pickle.dumps(make(), protocol=5)
    return pickle.loads(_MADE[content])  # noqa: S301 - our own


def make_region(*, sample: bool = True, hostile: str = "") -> Region:
    """The region; ``hostile`` is put into every text field that a file could bring."""
    return _once(f"region {sample} {hostile}", lambda: _region(sample, hostile))


def _region(sample: bool, hostile: str) -> Region:
    n = COLUMNS * ROWS
    codes = [code(i) for i in range(n)]
    squares = [
        box(WEST + (i % COLUMNS) * SIDE, SOUTH + (i // COLUMNS) * SIDE, WEST + (i % COLUMNS + 1) * SIDE,
            SOUTH + (i // COLUMNS + 1) * SIDE)
        for i in range(n)
    ]  # fmt: skip
    villages = gpd.GeoDataFrame(
        {
            "village_code": codes,
            "village_name": [_name(i, hostile) for i in range(n)],
            "kind": ["kelurahan" if i % 10 == 9 else "desa" for i in range(n)],
            "district_code": [c[:8] for c in codes],
            "district_name": [f"{hostile}Kecamatan {c[6:8]}" for c in codes],
            "population": [1000.0 + 100 * i for i in range(n)],
            "households": [250.0 + 25 * i for i in range(n)],
        },
        geometry=squares,
        crs="EPSG:4326",
    )
    settlements = gpd.GeoDataFrame(
        {
            "settlement_id": [f"{c}-{k}" for c in codes for k in (1, 2)],
            "village_code": [c for c in codes for _ in (1, 2)],
            "settlement_name": [f"{hostile}Dusun {k}" for _ in codes for k in (1, 2)],
            "population": [p * part for p in villages["population"] for part in (0.7, 0.3)],
            "radius_m": 400.0,
        },
        geometry=[Point(s.centroid.x + d, s.centroid.y) for s in squares for d in (-0.006, 0.008)],
        crs="EPSG:4326",
    )
    site_at = [2, 7, 12, 17, 22, 27]
    sites = gpd.GeoDataFrame(
        {
            "site_id": [f"S{i:03d}{hostile}" for i in site_at],
            "owner": [f"{hostile}Operator A"] * len(site_at),
            "height_m": 42.0,
            "position_uncertainty_m": 50.0,
        },
        geometry=[squares[i].centroid for i in site_at],
        crs="EPSG:4326",
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"C{i}-{t}" for i in site_at for t in ("4g", "2g")],
            "site_id": [f"S{i:03d}{hostile}" for i in site_at for _ in range(2)],
            "operator": [f"{hostile}Operator {'AB'[i % 2]}" for i in site_at for _ in range(2)],
            "technology": ["4g", "2g"] * len(site_at),
            "frequency_mhz": 900.0,
            "bandwidth_mhz": 10.0,
            "tx_power_dbm": 43.0,
            "antenna_gain_dbi": 15.0,
            "azimuth_deg": np.nan,
            "downtilt_deg": 0.0,
        }
    )
    rows, cols = 60, 70
    y, x = np.mgrid[0:rows, 0:cols]
    heights = (300 + 250 * np.sin(x / 6) * np.cos(y / 9)).astype(np.float32)
    terrain = Raster(heights, Affine(0.003, 0, WEST - 0.015, 0, -0.003, SOUTH + ROWS * SIDE + 0.015), "EPSG:4326")
    roads = gpd.GeoDataFrame(
        {"road_id": ["R1"], "road_class": ["primary"]},
        geometry=[LineString([(WEST, SOUTH + 0.075), (WEST + 0.18, SOUTH + 0.075)])],
        crs="EPSG:4326",
    )
    fibre = gpd.GeoDataFrame(
        {"fibre_id": ["F1"], "owner": [f"{hostile}ISP B"], "capacity_mbps": [10_000.0]},
        geometry=[Point(WEST + 0.09, SOUTH + 0.075)],
        crs="EPSG:4326",
    )
    facilities = gpd.GeoDataFrame(
        {
            "facility_id": [f"H{i}" for i in range(n)],
            "facility_name": [f"{hostile}Balai {i}" for i in range(n)],
            "kind": "village_hall",
            "village_code": codes,
        },
        geometry=[s.centroid for s in squares],
        crs="EPSG:4326",
    )
    providers = pd.DataFrame(
        {
            "provider_id": PROVIDERS,
            "provider_name": [f"{hostile}{name}" for name in ("Operator A", "ISP B", "Satelit C")],
            "kind": ["mobile", "isp", "satellite"],
            "technologies": TECHNOLOGIES,
            "hurdle_rate": 0.12,
            "capital_limit_idr": 1e11,
            "market_share": [0.5, 0.0, 0.0],
            "resale_allowed": [False, True, False],
        }
    )
    evidence = pd.DataFrame(
        {
            "evidence_id": ["E1"],
            "village_code": [codes[1]],
            "evidence": ["reported"],
            "access_class": ["weak"],
            "date": ["2026-03-01"],
            "source": [f"{hostile}Laporan desa"],
            "samples": [1.0],
        }
    )
    kinds = {
        "villages": "official", "settlements": "estimated", "terrain": "open",
        "roads": "synthetic" if sample else "open",
        "sites": "synthetic" if sample else "open", "cells": "synthetic" if sample else "open", "evidence": "reported",
        "fibre_points": "synthetic" if sample else "reported", "facilities": "estimated", "providers": "reported",
    }  # fmt: skip
    completeness = {"Operator A": "complete" if sample else "partial"}
    layers = {
        name: Layer(
            name, kind, f"{hostile}Sumber {name}", "CC-BY-4.0", "2025-06-30",
            path=f"{name}.parquet", completeness=completeness if name == "cells" else {},
        )
        for name, kind in sorted(kinds.items())
    }  # fmt: skip
    return Region(
        "33.27", f"Pemalang{hostile}", villages, settlements, terrain, sites, cells, roads, fibre, facilities,
        providers, evidence, layers,
    )  # fmt: skip


def make_assumptions(changed: dict[str, float] | None = None) -> Assumptions:
    """Three assumptions: one with a source, two judgements."""
    rows = [
        (
            "radio.threshold_usable_dbm",
            -105,
            -110,
            -100,
            "dBm",
            "",
            "Ambang sinyal yang dapat dipakai",
            "Usable signal",
        ),
        ("cost.light_tower_idr", 8e8, 5e8, 1.2e9, "Rp", "https://example.org/biaya", "Menara ringan", "Light tower"),
        ("market.affordability_share", 0.02, 0.01, 0.05, "share", "", "Batas keterjangkauan", "Affordability line"),
    ]
    made = {
        name: Assumption(name, value, low, high, unit, source, "2024", note_id, note_en, "fake.csv")
        for name, value, low, high, unit, source, note_id, note_en in rows
    }
    made |= {name: load().row(name) for name in load().topic("access", "indicators", "funding")}
    return Assumptions(made).override(changed or {})


def _silence(region: Region) -> Signal:
    """A signal in which nobody is heard."""
    if region.terrain is None:
        return Signal(Affine.identity(), "EPSG:4326", (0, 0), pd.DataFrame(), {})
    return Signal(region.terrain.transform, region.terrain.crs, region.terrain.shape, pd.DataFrame(), {})


def _scores(framework: Framework, planned: pd.Series) -> Scores:
    """Every indicator moves from 2 to 2.5; the gain (``planned``, per village) is spread evenly over them."""
    gain = float(planned.sum())
    count = len(framework.indicators)
    indicators = framework.indicators.assign(
        included=True,
        judgement=framework.indicators["source"] == "",
        share=1 / framework.indicators.groupby("dimension")["id"].transform("size"),
        before=0.5,
        after=0.6,
        score_before=2.0,
        score_after=2.5,
        gain=gain / count,
        gain_low=gain / count / 2,
        gain_high=gain / count * 2,
    )
    villages = planned.rename("gain").rename_axis("village_code").reset_index()
    villages = villages.merge(indicators["id"].rename("indicator_id"), how="cross")
    villages = villages.assign(gain=villages["gain"] / count, before=0.5, after=0.6, score_before=2.0, score_after=2.5)
    return Scores(indicators, villages, 2.0, 2.0 + gain, gain, gain / 2, gain * 2)


def _access(region: Region) -> SimpleNamespace:
    n = len(region.villages)
    classes = [access_class(i) for i in range(n)]
    share = np.array([SHARE[c] for c in classes])
    population = region.villages["population"].to_numpy()
    site_ids = region.sites["site_id"].tolist()
    operators = region.cells["operator"].tolist()
    villages = pd.DataFrame(
        {
            "village_code": region.villages["village_code"],
            "population": population,
            "population_covered": population * share,
            "population_served": population * share * 0.9,
            "covered_share": share,
            "operators": [2 if c == "served" else 1 if c == "weak" else 0 for c in classes],
            "rsrp_dbm": [np.nan if c == "unknown" else -130 + 45 * s for c, s in zip(classes, share, strict=True)],
            "downlink_mbps": [
                np.nan if c in ("none", "unknown") else 8 * s for c, s in zip(classes, share, strict=True)
            ],
            "best_operator": [None if c in ("none", "unknown") else operators[0] for c in classes],
            "site_id": [None if c == "unknown" else site_ids[i // 5 % 6] for i, c in enumerate(classes)],
            "worst_settlement_id": [f"{c}-2" for c in region.villages["village_code"]],
            "population_left_out": population * (1 - share),
            "facilities": 1,
            "facilities_offline": [int(c == "none") for c in classes],
            "access_class": classes,
            "evidence": ["reported" if i == 1 else "modelled" for i in range(n)],
            "reasons": [REASONS[c] for c in classes],
            "need": np.round(100 * (1 - share), 1),
        }
    )
    of_village = np.repeat(np.arange(n), 2)
    place = np.tile([1.0, 0.5], n)
    settlements = region.settlements.drop(columns=["geometry", "radius_m"])
    settlements = pd.DataFrame(settlements).assign(
        population_covered=lambda f: f["population"] * share[of_village] * place,
        population_served=lambda f: f["population"] * share[of_village] * place * 0.9,
        rsrp_dbm=villages["rsrp_dbm"].to_numpy()[of_village],
        downlink_mbps=villages["downlink_mbps"].to_numpy()[of_village],
        operators=villages["operators"].to_numpy()[of_village],
        access_class=np.array(classes)[of_village],
        evidence="modelled",
    )
    by_operator = pd.DataFrame(
        {
            "settlement_id": settlements["settlement_id"],
            "village_code": settlements["village_code"],
            "operator": operators[0],
            "technology": "4g",
            "population": settlements["population"],
            "population_covered": settlements["population_covered"],
            "population_weak": 0.0,
            "rsrp_dbm": settlements["rsrp_dbm"],
            "site_id": villages["site_id"].to_numpy()[of_village],
        }
    )
    towers = pd.DataFrame(
        {"village_code": villages["village_code"], "site_id": villages["site_id"], "distance_m": 6600.0}
    )
    facilities = pd.DataFrame(region.facilities[["facility_id", "village_code", "kind"]]).assign(
        settlement_id=villages["worst_settlement_id"],
        rsrp_dbm=villages["rsrp_dbm"],
        online=villages["facilities_offline"] == 0,
        uplink_reliable=False,
    )
    return SimpleNamespace(
        facilities=tables.FacilityAccess.validate(facilities),
        towers=towers,
        operators=tables.OperatorAccess.validate(by_operator),
        settlements=tables.SettlementAccess.validate(settlements),
        villages=tables.VillageAccess.validate(villages),
    )


def _options(region: Region) -> SimpleNamespace:
    rows, reach, benefit, links, nodes = [], [], [], [], []
    for i, village in enumerate(region.villages.itertuples()):
        if access_class(i) == "served":
            continue
        centre = village.geometry.centroid
        for k, technology in enumerate(TECHNOLOGIES):
            option = f"{village.village_code}/{technology}"
            gained = village.population * (0.9 - 0.2 * k) * (1 - SHARE[access_class(i)])
            rows.append((option, village.village_code, technology, f"n:{village.village_code}", centre.x + 0.002 * k,
                         centre.y, 25.0 if k == 0 else 0.0, (8e8, 5e8, 1.2e8)[k], (6e7, 4e7, 5e7)[k], 10.0,
                         (60.0, 200.0, 20.0)[k], 20.0, village.households, gained * 1.2, gained))  # fmt: skip
            for part, part_share in ((1, 0.7), (2, 0.3)):
                settlement = f"{village.village_code}-{part}"
                reach.append((option, settlement, village.village_code, gained * part_share * 1.2, gained * part_share))
                benefit.append((option, settlement, village.village_code, gained * part_share * 1e-7))
        node, route = f"n:{village.village_code}", LineString([region.fibre_points.geometry.iloc[0], centre])
        links.append((f"L{village.village_code}", "f:F1", node, "microwave", 8000.0, 2e8, 1e7, 10.0, 300.0, route))
        nodes.append((f"n:{village.village_code}", "option", False, 0.0, centre))
    nodes.append(("f:F1", "fibre_point", True, 10_000.0, region.fibre_points.geometry.iloc[0]))
    columns = [name for name, column in tables.Options.to_schema().columns.items() if column.required]
    options = pd.DataFrame(rows, columns=columns)
    link_frame = gpd.GeoDataFrame(
        pd.DataFrame(links, columns=[*tables.Links.to_schema().columns, "geometry"]), crs="EPSG:4326"
    )
    node_frame = gpd.GeoDataFrame(
        pd.DataFrame(nodes, columns=[*tables.Nodes.to_schema().columns, "geometry"]), crs="EPSG:4326"
    )
    costs = zip(options["option_id"], options["capex_idr"], strict=True)
    bill = pd.DataFrame(
        [(option, "cost.light_tower_idr", "capex", 1.0, "unit", cost, cost) for option, cost in costs],
        columns=list(tables.Bill.to_schema().columns),
    )
    made = OptionSet(
        tables.Options.validate(options.assign(feed=options["technology"].map(FEEDS))),
        tables.Reach.validate(pd.DataFrame(reach, columns=list(tables.Reach.to_schema().columns))),
        link_frame,
        node_frame,
        bill,
    )
    return SimpleNamespace(
        **{name: getattr(made, name) for name in ("options", "reach", "links", "nodes", "bill", "graph")},
        benefit=tables.Benefit.validate(pd.DataFrame(benefit, columns=list(tables.Benefit.to_schema().columns))),
    )


def _deals(options: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for option in options.itertuples():
        k = TECHNOLOGIES.index(option.technology)
        cost = option.capex_idr + 6 * option.opex_idr_per_year
        revenue = option.households_passed * 0.4 * 12 * 90_000
        npv = 5 * revenue * 0.5 - cost - 3e8
        price = (118_000.0, 165_000.0, 250_000.0)[k]
        rows.append((f"{option.option_id}@{PROVIDERS[k]}", option.option_id, option.village_code, PROVIDERS[k],
                     BUSINESS_MODELS[k], price, 150_000.0, option.households_passed * 0.4, revenue, cost, 3e8, npv,
                     max(0.0, -npv)))  # fmt: skip
    made = tables.Deals.validate(pd.DataFrame(rows, columns=list(tables.Deals.to_schema().columns)))
    return made.assign(capital_idr=made["access_cost_pv_idr"], village_payoff_idr=made["subscribers"] * 1e6)


def _calibration() -> pd.DataFrame:
    rows = [("Operator A", 3.1, 1.2, 20, 0, 6, True, ""), ("Operator B", np.nan, np.nan, 0, 0, 0, False, "few_places")]
    return pd.DataFrame(rows, columns=list(tables.Calibration.to_schema().columns))


def _framework() -> Framework:
    """The framework of the app, read once; a plain mapping can be copied."""
    made = _once("framework", lambda: replace(load_framework(), weights=dict(load_framework().weights)))
    return replace(made, weights=MappingProxyType(made.weights))


def _chain(region: Region) -> tuple[SimpleNamespace, SimpleNamespace, pd.DataFrame]:
    """What does not depend on the scenario: access, options, deals."""

    def make() -> tuple[SimpleNamespace, SimpleNamespace, pd.DataFrame]:
        found = _options(region)
        return _access(region), found, _deals(found.options)

    read = (
        region.villages,
        region.settlements,
        region.sites,
        region.cells,
        region.facilities,
        region.fibre_points,
    )
    return _once("chain " + cache.key(*read), make)


def make_analysis(
    scenario: Scenario | None = None, *, sample: bool = True, hostile: str = "", region: Region | None = None
) -> Any:
    """The analysis: the cheapest-per-gain light towers, taken in order until the budget is spent."""
    scenario = scenario or Scenario()
    region = region or make_region(sample=sample, hostile=hostile)
    access, found, deals = _chain(region)
    table = deals.merge(found.options[["option_id", "technology", "population_gained"]], on="option_id")
    table["gain"] = table["option_id"].map(found.benefit.groupby("option_id")["index_gain"].sum())
    table["cost"] = table["access_cost_pv_idr"] + table["backhaul_cost_pv_idr"]
    table["per_billion"] = table["gain"] / (table["cost"] / 1e9)
    table = table[table["technology"].isin(scenario.technologies)]
    best = table.sort_values(["per_billion", "deal_id"], ascending=[False, True]).drop_duplicates("village_code")
    spent, chosen = 0.0, []
    for row in best.itertuples():
        if spent + row.subsidy_idr <= scenario.budget_idr and row.village_code not in scenario.never:
            spent += row.subsidy_idr
            chosen.append((row.deal_id, row.option_id, row.village_code, row.provider_id, row.access_cost_pv_idr, 3e8,
                           row.subsidy_idr, row.population_gained, row.gain))  # fmt: skip
    chosen_frame = pd.DataFrame(chosen, columns=list(tables.Chosen.to_schema().columns))
    links = found.links[found.links["link_id"].isin([f"L{c}" for c in chosen_frame["village_code"]])]
    by_village = best.set_index("village_code")
    gain = pd.DataFrame({"village_code": region.villages["village_code"]})
    gain["best_deal_id"] = gain["village_code"].map(by_village["deal_id"])
    gain["index_gain_alone"] = gain["village_code"].map(by_village["gain"]).fillna(0.0)
    gain["cost_pv_idr"] = gain["village_code"].map(by_village["cost"]).fillna(0.0)
    gain["gain_per_billion"] = gain["village_code"].map(by_village["per_billion"])
    planned = chosen_frame.set_index("village_code")["index_gain"]
    gain["index_gain_plan"] = gain["village_code"].map(planned).fillna(0.0)
    gain["in_plan"] = gain["village_code"].isin(planned.index)
    objective = float(chosen_frame["index_gain"].sum())
    plan = SimpleNamespace(
        chosen=tables.Chosen.validate(chosen_frame),
        links=links,
        funding=chosen_frame[["deal_id", "village_code"]].assign(
            funder="public", amount_idr=chosen_frame["subsidy_idr"].astype(float), links_idr=0.0
        ),
        objective=objective,
        bound=objective * 1.01,
        gap=0.01,
        status="optimal",
    )
    changed, framework = dict(scenario.assumptions), _framework()
    return SimpleNamespace(
        keys={},
        calibration=_calibration(),
        unaided=(),
        region=region,
        scenario=scenario,
        assumptions=make_assumptions(changed),
        grid=replace(region.terrain) if region.terrain else None,
        places=pd.DataFrame(),
        signal=_silence(region),
        access=access,
        option_set=found,
        benefit=found.benefit,
        deals=deals,
        plan=plan,
        gain=tables.Gain.validate(gain),
        framework=framework,
        scores=_scores(framework, gain.set_index("village_code")["index_gain_plan"]),
    )
