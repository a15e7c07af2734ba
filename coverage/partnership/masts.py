"""One mast for several villages: who would do with a common one, and how its cost is shared.

A mast serves a village where it newly reaches nearly as many of its people
(``funding.shared_mast_share``) as the village's own recommended option; what a mast can carry is in
the people that it reaches, so one that is full serves nobody more. Only mobile technologies take each
other's place. A coalition builds at sites of its own members, whichever cover all of them most cheaply,
link included; that game is priced for every coalition.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.options import OptionSet, social_cost
from coverage.partnership.clusters import Cluster, cost_game
from coverage.partnership.linear import minimise
from coverage.partnership.routes import link_costs, routes
from coverage.partnership.shares import split
from coverage.partnership.steiner import LIMIT
from coverage.tables import MOBILE_TECHNOLOGIES

#: Most villages of one mast: beside their own options the common one must be priced too.
_MOST = LIMIT - 1


@dataclass(frozen=True, eq=False)
class _World:
    """Masts and whom they serve.

    ``pairs`` has ``option_id, village_code, owner``: a mast, a village that it serves, the village at
    whose site it stands. ``access`` and ``alone`` are present values by mast: without and with its own route.
    """

    pairs: pd.DataFrame
    access: dict[str, float]
    alone: dict[str, float]


def shared_masts(option_set: OptionSet, chosen: pd.DataFrame, assumptions: Assumptions) -> list[Cluster]:
    """Groups of villages that one mast would serve more cheaply than a mast each, with a fair split.

    Which masts to build where nobody shares a link is an integer programme per set of villages that
    masts connect; villages that it gives one mast are a group.

    Parameters
    ----------
    option_set : OptionSet
        Options, whom they reach, and backhaul.
    chosen : DataFrame
        One deal per village (rows of :class:`coverage.tables.Deals`).
    assumptions : Assumptions
        ``funding.*``.

    Returns
    -------
    list of Cluster
        With ``masts``: what is built where all join. ``alone_idr`` is each one's cheapest mast with its own
        route, ``together_idr`` the cheapest masts and network for all.
    """
    own = _players(option_set, chosen)
    world = _world(option_set, own, assumptions)
    own = own[own["option_id"].isin(world.alone)]
    found = []
    for part in _connected(world.pairs):
        for members in _assigned(part, world):
            mine = own[own["village_code"].isin(members)].sort_values(["village_code", "deal_id"])
            found.append(_group(option_set, mine, world, assumptions))
    return sorted(found, key=lambda cluster: cluster.deal_ids)


def _players(option_set: OptionSet, chosen: pd.DataFrame) -> pd.DataFrame:
    """Villages whose chosen deal is a mast: ``village_code, deal_id, option_id``, ``need`` (newly reached there)."""
    technology = option_set.options.set_index("option_id")["technology"]
    rows = chosen.loc[chosen["option_id"].map(technology).isin(MOBILE_TECHNOLOGIES)]
    rows = rows[["village_code", "deal_id", "option_id"]].drop_duplicates("village_code")
    rows = rows.merge(_gained(option_set), on=["option_id", "village_code"])
    rows = rows.rename(columns={"population_gained": "need"})
    return rows[rows["need"] >= 1.0]


def _gained(option_set: OptionSet) -> pd.DataFrame:
    """People that an option newly reaches in a village."""
    keys = ["option_id", "village_code"]
    return option_set.reach.groupby(keys)["population_gained"].sum().reset_index()


def _world(option_set: OptionSet, own: pd.DataFrame, assumptions: Assumptions) -> _World:
    options = option_set.options
    route = routes(option_set, assumptions)
    able = options["technology"].isin(MOBILE_TECHNOLOGIES) & options["village_code"].isin(set(own["village_code"]))
    masts = options[able & options["option_id"].isin(route)]
    access = dict(zip(masts["option_id"], social_cost(masts, assumptions).tolist(), strict=True))
    link = dict(zip(option_set.links["link_id"], link_costs(option_set, assumptions).tolist(), strict=True))
    alone = {m: cost + sum(link[name] for name in route[m].links) for m, cost in access.items()}
    pairs = _gained(option_set)
    pairs = pairs[pairs["option_id"].isin(access)].merge(own[["village_code", "need"]], on="village_code")
    enough = assumptions["funding.shared_mast_share"] * pairs["need"]
    pairs = pairs.loc[pairs["population_gained"] >= enough, ["option_id", "village_code"]]
    pairs = pairs.assign(owner=pairs["option_id"].map(masts.set_index("option_id")["village_code"]))
    # Who gives the site is among those served.
    self_served = set(pairs.loc[pairs["owner"] == pairs["village_code"], "option_id"])
    pairs = pairs[pairs["option_id"].isin(self_served)].sort_values(["option_id", "village_code"], ignore_index=True)
    return _World(pairs, access, {m: alone[m] for m in sorted(self_served)})


def _connected(pairs: pd.DataFrame) -> list[pd.DataFrame]:
    """The pairs of each set of villages that masts connect, of two villages or more."""
    import networkx as nx

    meets: nx.Graph[str] = nx.Graph()
    meets.add_edges_from(zip("mast:" + pairs["option_id"], "village:" + pairs["village_code"], strict=True))
    parts = [pairs[("mast:" + pairs["option_id"]).isin(part)] for part in nx.connected_components(meets)]
    return [part for part in parts if len(set(part["village_code"])) > 1]


def _assigned(pairs: pd.DataFrame, world: _World) -> list[set[str]]:
    """Villages that share a mast where all masts with their own routes cost least."""
    masts, villages = sorted(set(pairs["option_id"])), sorted(set(pairs["village_code"]))
    mast = pairs["option_id"].map({name: k for k, name in enumerate(masts)}).to_numpy()
    village = pairs["village_code"].map({name: k for k, name in enumerate(villages)}).to_numpy()
    m, p = len(masts), len(pairs)
    serves = np.eye(m)[mast].T  # masts x pairs
    each = np.eye(len(villages))[village].T  # villages x pairs
    gives = serves * (pairs["owner"] == pairs["village_code"]).to_numpy()
    rows = np.vstack(
        [
            np.hstack([np.zeros((len(villages), m)), each]),  # every village has one mast
            np.hstack([-np.eye(m)[mast], np.eye(p)]),  # that is built
            np.hstack([-_MOST * np.eye(m), serves]),
            np.hstack([np.eye(m), -gives]),  # at the site of one whom it serves
        ]
    )
    low = np.full(len(rows), -np.inf)
    low[: len(villages)] = 1.0
    high = np.zeros(len(rows))
    high[: len(villages)] = 1.0
    cost = np.array([world.alone[name] for name in masts])
    objective = np.concatenate([cost / max(1.0, float(cost.max())), np.zeros(p)])
    found = minimise(objective, rows, low, high, upper=1.0, integer=np.ones(m + p, dtype=bool))
    taken = pairs[found.x[m:] > 0.5]
    groups = [set(rows["village_code"]) for _mast, rows in taken.groupby("option_id")]
    return [group for group in groups if len(group) > 1]


def _group(option_set: OptionSet, members: pd.DataFrame, world: _World, assumptions: Assumptions) -> Cluster:
    codes = members["village_code"].tolist()
    masts = _candidates(members, world)
    serves, owner = _bits(masts, codes, world)
    total = cost_game(option_set, masts, assumptions) + _sums([world.access[name] for name in masts])
    game, best = mast_game(total, serves, owner, len(codes))
    return Cluster(
        tuple(members["deal_id"]),
        tuple(codes),
        tuple(members["option_id"]),
        game[[1 << i for i in range(len(codes))]],
        float(game[-1]),
        split(game),
        every_network=True,
        masts=tuple(name for k, name in enumerate(masts) if best >> k & 1),
    )


def _candidates(members: pd.DataFrame, world: _World) -> list[str]:
    """The members' own options, and the cheapest of their masts that serve several of them."""
    codes, own = set(members["village_code"]), members["option_id"].tolist()
    mine = world.pairs[world.pairs["owner"].isin(codes) & world.pairs["village_code"].isin(codes)]
    count = mine.groupby("option_id")["village_code"].size()
    common = [name for name in count.index[count > 1] if name not in own]
    # First what serves most of them, then what costs least.
    common.sort(key=lambda name: (-count[name], world.alone[name], name))
    return [*own, *common[: LIMIT - len(own)]]


def _bits(masts: list[str], codes: list[str], world: _World) -> tuple[list[int], list[int]]:
    """Whom each mast serves, as a coalition; and who gives its site."""
    bit = {code: 1 << i for i, code in enumerate(codes)}
    pairs = world.pairs[world.pairs["option_id"].isin(masts) & world.pairs["village_code"].isin(bit)]
    serves = {str(name): sum(bit[code] for code in rows["village_code"]) for name, rows in pairs.groupby("option_id")}
    owner = dict(zip(pairs["option_id"], pairs["owner"], strict=True))
    return [serves[name] for name in masts], [bit[owner[name]] for name in masts]


def _sums(each: list[float]) -> NDArray[np.float64]:
    """Sum over every set of things; bit k of a set is the k-th of them."""
    found = np.zeros(1)
    for value in each:
        found = np.concatenate([found, found + value])
    return found


def mast_game(
    total: NDArray[np.float64], serves: list[int], owner: list[int], villages: int
) -> tuple[NDArray[np.float64], int]:
    """What every coalition of villages pays at least to be served by masts of its own.

    Parameters
    ----------
    total : ndarray, shape (2 ** masts,)
        Cost of every set of masts with the network that joins them.
    serves, owner : list of int
        Of each mast the villages that it serves, and the one that gives its site; bit i is village i.
    villages : int
        Players.

    Returns
    -------
    ndarray, shape (2 ** villages,)
        0 for nobody.
    int
        The set of masts that serves all most cheaply.
    """
    count = len(total)
    covered, sites = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for k, (whom, whose) in enumerate(zip(serves, owner, strict=True)):
        built = (np.arange(count) >> k & 1).astype(bool)
        covered[built] |= whom
        sites[built] |= whose
    game = np.zeros(1 << villages)
    best = 0
    for coalition in range(1, 1 << villages):
        able = np.flatnonzero((sites & ~coalition == 0) & (covered & coalition == coalition))
        best = int(able[total[able].argmin()])
        game[coalition] = total[best]
    return game, best
