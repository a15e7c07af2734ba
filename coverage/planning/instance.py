"""From the tables of the chain to the arrays that the planning room works on.

Public money
------------
Every deal has a value to its provider before backhaul, ``npv_idr + backhaul_cost_pv_idr`` (a
deal's own columns include its stand-alone route). Where that is negative, public money must fill
the ``gap``; where it is positive, the ``surplus`` may pay for links, but only for links on the
deal's own way to a fibre point. A link is built once, whoever shares it. So for a plan

    public money = sum of gaps + cost of unique links - what surpluses pay for links,

and with every link's cost divided among the deals that use it, ``subsidy = max(0, share - value)``
holds for each deal, no chosen deal loses money, and what all funders pay adds up to what the
unique assets cost (:mod:`coverage.planning.pricing`).

Every node of the network has one uplink, so the links of a plan form trees hanging from the fibre
points and "its own way" is unambiguous. Rings for safety are outside this model.

Reductions made here lose nothing: of the deals on one option, one is dropped where another is worth
more to its provider (so that it needs less public money for the same people) and uses no more of any
limit (:mod:`coverage.planning.limits`), so without limits one is left; parallel links that are dearer and
thinner than another are dropped; road nodes of degree two are joined into one link, dead ends cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.errors import PlanningError, ScenarioError
from coverage.language import _
from coverage.options import social_cost
from coverage.planning import limits as rules
from coverage.planning.limits import Limits
from coverage.planning.network import Network, build_network
from coverage.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Smallest demand put on the network, in Mbit/s: an option that asks for nothing must be connected all the same.
LEAST_DEMAND_MBPS = 1.0


class OptionTables(Protocol):
    """What planning reads of the options room."""

    @property
    def options(self) -> pd.DataFrame:
        """Table Options."""

    @property
    def reach(self) -> pd.DataFrame:
        """Table Reach."""

    @property
    def links(self) -> Any:
        """Table Links."""

    @property
    def nodes(self) -> Any:
        """Table Nodes."""


class AccessTables(Protocol):
    """What planning reads of the access room."""

    @property
    def villages(self) -> pd.DataFrame:
        """Table VillageAccess."""


@dataclass(frozen=True)
class Instance:
    """A planning problem as arrays. Money in Rp, demand in Mbit/s.

    What is called option here is a candidate: an option with a deal, in order of ``option_id``; there
    may be several deals on an option where limits tell them apart. Benefit rows of option ``o`` are
    ``row_start[o]:row_start[o + 1]``: settlement (of ``settlement_village``) and worth.
    ``threshold`` is per village: with it, a village counts 1 when the worth gathered in it reaches
    the threshold (infinite: does not count), and worth itself counts only times ``worth_weight``.
    A finite ``target`` (in worth) turns the problem around: least money that reaches it.
    """

    scenario: Scenario
    option_id: list[str]
    deal_id: list[str]
    village: Ints
    node: Ints
    demand: Floats
    gap: Floats
    surplus: Floats
    access_cost: Floats
    row_start: Ints
    row_settlement: Ints
    row_worth: Floats
    village_code: list[str]
    settlement_id: list[str]
    settlement_village: Ints
    threshold: Floats
    worth_weight: float
    must: NDArray[np.bool_]
    network: Network
    link_cost: Floats
    budget: float
    penalty: float
    limits: Limits
    #: ``desa`` or ``kelurahan`` by village code.
    kinds: Mapping[str, str]
    target: float = -np.inf
    #: With a target: how much a rupiah of the whole cost counts beside one of public money.
    cost_weight: float = 0.0

    @property
    def counts_villages(self) -> bool:
        """Whether villages are counted instead of what settlements are worth."""
        return bool(np.isfinite(self.threshold).any())

    @property
    def least_cost(self) -> bool:
        """Whether least money is asked for instead of most worth."""
        return bool(np.isfinite(self.target))

    @cached_property
    def candidate(self) -> dict[str, int]:
        """Candidate of every deal."""
        return {deal: o for o, deal in enumerate(self.deal_id)}


def build(
    deals: pd.DataFrame,
    option_set: OptionTables,
    benefit: pd.DataFrame,
    access: AccessTables,
    scenario: Scenario,
    assumptions: Mapping[str, float],
    *,
    villages: pd.DataFrame | None = None,
    providers: pd.DataFrame | None = None,
) -> Instance:
    """Read the tables into an :class:`Instance`.

    Parameters
    ----------
    villages : DataFrame, optional
        Table Villages, for the kind of village; without it the code tells (desa: ``2xxx``).
    providers : DataFrame, optional
        Table Providers; without it providers have no limits.

    Raises
    ------
    PlanningError
        Where a deal names an option, or an option a node, that is not in its table, or where a
        village that must be served has no deal that the scenario allows.
    """
    rules.refuse_funders(scenario)
    pins = pinned_deals(deals, scenario)
    chosen = allowed(deals, option_set.options, access.villages, scenario)
    value = (chosen.npv_idr + chosen.backhaul_cost_pv_idr).to_numpy(dtype=float)
    kinds = _kinds(villages, chosen)
    limits, able = rules.limits(chosen, np.maximum(0.0, -value), kinds, providers, scenario, assumptions)
    _refuse_unserved(chosen[able], pins, scenario)
    must = set(scenario.must) | set(pins)
    worth = worth_rows(option_set.reach, benefit, access.villages, scenario, assumptions)
    worth = worth[worth.option_id.isin(set(chosen.option_id)) & (worth.worth > 0)]
    asked = chosen.village_code.isin(must).to_numpy() | (limits.cover > 0).any(axis=0)
    useful = able & (chosen.option_id.isin(set(worth.option_id)).to_numpy() | asked)
    kept = np.flatnonzero(useful & _undominated(chosen.option_id.tolist(), value, useful, limits))
    chosen, value, limits = chosen.iloc[kept].reset_index(drop=True), value[kept], limits.of(kept)
    candidates = pd.DataFrame({"option_id": chosen.option_id, "option": np.arange(len(chosen))})
    worth = worth.merge(candidates, on="option_id").sort_values(
        ["option", "village_code", "settlement_id"], kind="stable"
    )
    codes = sorted(set(access.villages.village_code) | set(chosen.village_code) | set(worth.village_code))
    place_village = worth.drop_duplicates("settlement_id").set_index("settlement_id").village_code.sort_index()
    code_index = {code: i for i, code in enumerate(codes)}
    threshold = _thresholds(codes, access.villages, scenario, assumptions)
    demand = np.maximum(chosen.backhaul_mbps.to_numpy(dtype=float), LEAST_DEMAND_MBPS)
    link_cost = social_cost(option_set.links, assumptions)
    network = build_network(option_set.nodes, option_set.links, link_cost, chosen.node.tolist())
    place_index = {s: i for i, s in enumerate(place_village.index)}
    counts = np.bincount(worth.option.to_numpy(dtype=np.int64), minlength=len(chosen))
    total = float(worth.groupby("settlement_id").worth.max().sum()) if len(worth) else 0.0
    counting = scenario.measure == "villages"
    most = float(np.isfinite(threshold).sum()) if counting else total
    best = chosen.drop_duplicates("option_id")
    alone = best.access_cost_pv_idr + best.backhaul_cost_pv_idr
    cheapest = float(alone.groupby(best.village_code).min().sum()) if len(best) else 0.0
    penalty = assumptions["planning.cost_penalty"]
    return Instance(
        scenario=scenario,
        option_id=chosen.option_id.tolist(),
        deal_id=chosen.deal_id.tolist(),
        village=np.array([code_index[c] for c in chosen.village_code], dtype=np.int64),
        node=network.terminal_nodes(chosen.node.tolist()),
        demand=demand,
        gap=np.maximum(0.0, -value),
        surplus=np.maximum(0.0, value),
        access_cost=chosen.access_cost_pv_idr.to_numpy(dtype=float),
        row_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        row_settlement=np.array([place_index[s] for s in worth.settlement_id], dtype=np.int64),
        row_worth=worth.worth.to_numpy(dtype=float),
        village_code=codes,
        settlement_id=list(place_village.index),
        settlement_village=np.array([code_index[c] for c in place_village], dtype=np.int64),
        threshold=threshold,
        worth_weight=0.01 / total if counting and total > 0 else 1.0,
        must=np.array([c in must for c in codes], dtype=bool),
        network=network,
        link_cost=link_cost,
        budget=float(scenario.budget_idr),
        penalty=penalty * most / cheapest if cheapest > 0 else 0.0,
        limits=limits,
        kinds=kinds,
        target=-np.inf if scenario.target is None else scenario.target.amount,
        cost_weight=0.0 if scenario.target is None else penalty,
    )


def _kinds(villages: pd.DataFrame | None, deals: pd.DataFrame) -> dict[str, str]:
    """Kind of every village; where no table tells, by the fourth part of its code (1xxx: kelurahan)."""
    kinds = {code: "kelurahan" if code.split(".")[-1].startswith("1") else "desa" for code in deals.village_code}
    if villages is not None and "kind" in villages:
        kinds |= dict(zip(villages.village_code, villages.kind, strict=True))
    return kinds


def _undominated(option_id: list[str], value: Floats, useful: NDArray[np.bool_], limits: Limits) -> NDArray[np.bool_]:
    """Deals that no earlier deal on the same option beats or equals in everything (rows go by falling value)."""
    keep = np.zeros(len(option_id), dtype=bool)
    kept: list[int] = []
    for k, option in enumerate(option_id):
        if not useful[k]:
            continue
        kept = [j for j in kept if option_id[j] == option]
        if not any(
            value[j] >= value[k]
            and (limits.need[:, j] <= limits.need[:, k]).all()
            and (limits.cover[:, j] >= limits.cover[:, k]).all()
            for j in kept
        ):
            keep[k] = True
            kept.append(k)
    return keep


def allowed(
    deals: pd.DataFrame, options: pd.DataFrame, village_access: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """The deals that the scenario allows, with the option's columns, each option's best first.

    Forbidden deals are left out, and where one is pinned all others of its village.

    Parameters
    ----------
    deals, options, village_access : DataFrame
        Tables Deals, Options, VillageAccess.

    Returns
    -------
    DataFrame
        Columns of Deals plus ``technology, node, backhaul_mbps, population_gained``, in order of
        ``option_id`` and falling value to the provider.
    """
    missing = set(deals.option_id) - set(options.option_id)
    if missing:
        raise PlanningError(
            _("A deal names an option that is not in the list of options"), where=", ".join(sorted(missing)[:3])
        )
    wanted = options[["option_id", "technology", "node", "backhaul_mbps", "population_gained"]]
    table = deals.merge(wanted, on="option_id", how="left", validate="many_to_one")
    unknown = set(village_access.village_code[village_access.access_class == "unknown"])
    pins = pinned_deals(deals, scenario)
    shut = set(scenario.never) | (set() if scenario.include_unknown else unknown - set(scenario.must) - set(pins))
    table = table[table.technology.isin(scenario.technologies) & ~table.village_code.isin(shut)]
    free = ~table.village_code.isin(pins) | table.deal_id.isin(scenario.pinned)
    table = table[free & ~table.deal_id.isin(scenario.forbidden)]
    if scenario.business_models:
        table = table[table.business_model.isin(scenario.business_models)]
    value = table.npv_idr + table.backhaul_cost_pv_idr
    table = table.assign(_value=value).sort_values(
        ["option_id", "_value", "price_idr_month", "deal_id"], ascending=[True, False, True, True], kind="stable"
    )
    return table.drop(columns="_value").reset_index(drop=True)


def pinned_deals(deals: pd.DataFrame, scenario: Scenario) -> dict[str, str]:
    """The pinned deal of every village that has one, in order of the villages.

    Raises
    ------
    ScenarioError
        Where a pinned or forbidden deal is not in the table, one is both, or a village has two pins.
    """
    if not scenario.pinned and not scenario.forbidden:
        return {}
    strangers = sorted((set(scenario.pinned) | set(scenario.forbidden)) - set(deals.deal_id))
    if strangers:
        raise ScenarioError(
            _("Deals are pinned or ruled out that this region does not have"),
            where=", ".join(strangers),
            todo=_("Take them off the list; deals change with the technologies, the providers and the data"),
        )
    both = sorted(set(scenario.pinned) & set(scenario.forbidden))
    if both:
        raise ScenarioError(_("A deal cannot be both pinned and ruled out"), where=", ".join(both))
    mine = deals[deals.deal_id.isin(scenario.pinned)].sort_values(["village_code", "deal_id"], kind="stable")
    twice = mine[mine.village_code.duplicated(keep=False)]
    if len(twice):
        raise ScenarioError(
            _("Only one deal of a village can be pinned"),
            where=", ".join(twice.deal_id),
            todo=_("Leave one of them free"),
        )
    return dict(zip(mine.village_code, mine.deal_id, strict=True))


def eligible(
    deals: pd.DataFrame, options: pd.DataFrame, village_access: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """The best deal of every option that the scenario allows: the first of its rows in :func:`allowed`."""
    return allowed(deals, options, village_access, scenario).drop_duplicates("option_id").reset_index(drop=True)


def worth_rows(
    reach: pd.DataFrame,
    benefit: pd.DataFrame,
    village_access: pd.DataFrame,
    scenario: Scenario,
    assumptions: Mapping[str, float],
) -> pd.DataFrame:
    """What each option is worth in each settlement under the scenario's objective.

    With an equity weight a settlement counts 1 + weight × need / 100 times, by the need (0 to 100)
    of its village; the objective *equity* takes ``planning.equity_weight`` where the scenario gives
    none. Villages that are counted are not weighed: each is one.

    Returns
    -------
    DataFrame
        Columns ``option_id, settlement_id, village_code, worth`` (index points, or people newly
        covered for *people* and *villages*).
    """
    keys = ["option_id", "settlement_id", "village_code"]
    measure = scenario.measure
    if measure in ("index_gain", "equity"):
        table = benefit[[*keys, "index_gain"]].rename(columns={"index_gain": "worth"})
    else:
        table = reach[[*keys, "population_gained"]].rename(columns={"population_gained": "worth"})
    weight = scenario.equity_weight
    if measure == "equity" and weight <= 0:
        weight = assumptions["planning.equity_weight"]
    if weight > 0 and measure != "villages":
        need = table.village_code.map(village_access.set_index("village_code").need).astype(float).fillna(0.0)
        table = table.assign(worth=table.worth * (1 + weight * need / 100))
    return table.groupby(keys, as_index=False, sort=True).max()


def _thresholds(
    codes: list[str], village_access: pd.DataFrame, scenario: Scenario, assumptions: Mapping[str, float]
) -> Floats:
    """People each village still lacks to leave the blank-spot list; infinite where it does not count."""
    threshold = np.full(len(codes), np.inf)
    if scenario.measure != "villages":
        return threshold
    share = assumptions["planning.off_list_covered_share"]
    listed = {"none", "weak"} | ({"unknown"} if scenario.include_unknown else set())
    index = {code: i for i, code in enumerate(codes)}
    lacking = (share * village_access.population - village_access.population_covered).to_numpy(dtype=float)
    for code, kind, people in zip(village_access.village_code, village_access.access_class, lacking, strict=True):
        if kind in listed and people > 0:
            threshold[index[code]] = people
    return threshold


def refuse_strangers(scenario: Scenario, villages: pd.DataFrame) -> None:
    """Raise ScenarioError where the scenario names villages that are not in the table."""
    strangers = sorted((set(scenario.must) | set(scenario.never)) - set(villages.village_code))
    if strangers:
        raise ScenarioError(_("The scenario names villages that are not in this region"), where=", ".join(strangers))
    both = sorted(set(scenario.must) & set(scenario.never))
    if both:
        raise ScenarioError(_("A village cannot be both served and left out"), where=", ".join(both))


def _refuse_unserved(chosen: pd.DataFrame, pins: Mapping[str, str], scenario: Scenario) -> None:
    barred = sorted(set(pins.values()) - set(chosen.deal_id))
    if barred:
        raise PlanningError(
            _("These deals are pinned, but the scenario does not allow them"),
            where=", ".join(barred),
            todo=_("Leave them free, or allow their village, technology, business model or funder"),
        )
    lost = sorted(set(scenario.must) - set(chosen.village_code))
    if lost:
        raise PlanningError(
            _("These villages must be served, but no deal for them is allowed in this scenario"),
            where=", ".join(lost),
            todo=_("Allow more technologies, take them off the list of villages to leave out, or off this list"),
        )
