"""Who with whom: the match of most joint worth, and payoffs that nobody would break.

Each village takes at most one deal; each provider as many as its capital and its crews allow. The
match of most joint worth is an integer programme. Its payoffs then divide each deal's worth between
village and provider so that the largest *blocking gain* is as small as it can be: what a provider
and any set of villages could win by leaving their partners and dealing with each other instead,
within the provider's limits. That gain, epsilon, is reported; the match is *stable* only when it is
zero. With capital limits no payoffs may reach zero (the core may be empty), so it is never assumed.
Blocking sets are found one after the other by a knapsack per provider and added to a linear
programme, until none gains more than epsilon (cutting planes).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.errors import PlanningError
from coverage.language import _
from coverage.partnership.knapsack import greedy, knapsack, scaled
from coverage.partnership.linear import minimise

Floats = NDArray[np.float64]

#: Rounds in which payoffs are bettered where they need not be exact.
_TURNS = 100
#: Gains below this share of the joint worth are rounding.
_TOLERANCE = 1e-8


@dataclass(frozen=True)
class Blocking:
    """Who gains most by leaving the match: a provider with the villages that it would serve instead.

    ``deal_ids`` are the deals that they would make, ``left`` the villages that it would leave.
    """

    provider_id: str
    deal_ids: tuple[str, ...]
    left: tuple[str, ...]
    gain_idr: float


@dataclass(frozen=True, eq=False)
class Match:
    """The matched deals with payoffs.

    Attributes
    ----------
    table : DataFrame
        One row per matched village: ``village_code, deal_id, provider_id, surplus_idr,
        village_payoff_idr, provider_payoff_idr, runner_up_deal_id, margin_idr``. The margin is how
        much the deal's worth may fall before another match is better; NaN where it was not asked. Of a
        plan's deals it is how much that is before the runner-up is worth more to both sides: negative
        where it is already; NaN where there is none.
    epsilon_idr : float
        Largest blocking gain left.
    surplus_idr : float
        Joint worth of all deals.
    gap : float
        Relative gap of the integer programme.
    blocking : Blocking or None
        Who would gain ``epsilon_idr``; nobody where the match is stable.
    """

    table: pd.DataFrame
    epsilon_idr: float
    surplus_idr: float
    gap: float
    blocking: Blocking | None

    @property
    def stable(self) -> bool:
        """Whether nobody gains by breaking the match (within a rounding error)."""
        return _is_rounding(self.epsilon_idr, self.surplus_idr)


def _is_rounding(epsilon_idr: float, surplus_idr: float) -> bool:
    return epsilon_idr <= 2 * _TOLERANCE * max(1.0, abs(surplus_idr))


@dataclass(frozen=True, eq=False)
class _Game:
    """The pairs that matter, one per village and provider, and the providers' limits."""

    pairs: pd.DataFrame
    worth: Floats
    capital: Floats
    village: NDArray[np.intp]
    provider: NDArray[np.intp]
    villages: list[str]
    providers: list[str]
    capital_limit: Floats
    build_limit: Floats

    def limits(self) -> tuple[Floats, Floats]:
        """Rows of all limits over the pairs, and their upper bounds."""
        villages = (np.arange(len(self.villages))[:, None] == self.village).astype(float)
        mine = (np.arange(len(self.providers))[:, None] == self.provider).astype(float)
        rows = np.vstack([villages, mine * self.capital, mine])
        return rows, np.concatenate([np.ones(len(self.villages)), self.capital_limit, self.build_limit])


def surplus_idr(deals: pd.DataFrame) -> pd.Series:
    """Joint worth of each deal: what village and provider have from it together, without public money."""
    return deals["village_payoff_idr"] + deals["npv_idr"]


def signs_unaided(deals: pd.DataFrame) -> pd.Series:
    """Whether both sides would sign each deal as it stands alone: no public money, neither loses."""
    return (deals["subsidy_idr"] <= 0) & (deals["npv_idr"] >= 0) & (deals["village_payoff_idr"] >= 0)


def match_beside(deals: pd.DataFrame, chosen: pd.DataFrame, providers: pd.DataFrame) -> tuple[str, ...]:
    """The match of most joint worth without public money in villages outside a plan.

    Every provider's capital and crews are those that the plan leaves it. A village of the plan keeps the
    plan's deal, so nobody has two.

    Parameters
    ----------
    deals : DataFrame
        As :func:`coverage.partnership.deals` makes it.
    chosen : DataFrame
        :class:`coverage.tables.Chosen`, the plan's deals.
    providers : DataFrame
        :class:`coverage.tables.Providers`.

    Returns
    -------
    tuple of str
        Their deal ids, in order.
    """
    planned = deals["deal_id"].isin(set(chosen["deal_id"]))
    open_ones = signs_unaided(deals) & ~deals["village_code"].isin(set(chosen["village_code"]))
    game = _game(deals[planned | open_ones], providers, set(chosen["deal_id"]), set())
    pinned = game.pairs["deal_id"].isin(set(chosen["deal_id"])).to_numpy()
    taken, _gap = _best(_holding(game, pinned), pinned, np.zeros_like(pinned))
    return tuple(sorted(game.pairs.loc[taken & ~pinned, "deal_id"]))


def _holding(game: _Game, pinned: NDArray[np.bool_]) -> _Game:
    """The game in which every provider has at least what the pinned pairs use: rounding must not rule them out."""
    count = len(game.providers)
    capital = np.bincount(game.provider[pinned], game.capital[pinned], count)
    builds = np.bincount(game.provider[pinned], minlength=count)
    return replace(
        game,
        capital_limit=np.maximum(game.capital_limit, capital),
        build_limit=np.maximum(game.build_limit, builds),
    )


def match_of_plan(
    deals: pd.DataFrame,
    chosen: pd.DataFrame,
    providers: pd.DataFrame,
    *,
    beside: Collection[str] = (),
    inside: bool = False,
    within: float = 0.0,
) -> Match:
    """The payoffs of a plan's deals, and of those beside it: how firm the list is as an agreement of all.

    A deal of the plan is worth what both sides have from it with its share of the links and its public
    money. Public money stays with the plan, and a village cannot pay out what its households save: so
    only deals that need neither are open to who leaves it.

    Parameters
    ----------
    deals : DataFrame
        As :func:`coverage.partnership.deals` makes it.
    chosen : DataFrame
        :class:`coverage.tables.Chosen`, the plan's deals.
    providers : DataFrame
        :class:`coverage.tables.Providers`.
    beside : collection of str
        Deals outside the plan that are signed without public money (:func:`match_beside`).
    inside : bool
        Whether to look at the villages of the list only: who of them would change partners.
    within : float
        As for :func:`match`.
    """
    listed = set(chosen["deal_id"]) | set(beside)
    if inside:
        villages = set(deals.loc[deals["deal_id"].isin(listed), "village_code"])
        deals = deals[deals["village_code"].isin(villages)]
    planned = chosen.set_index("deal_id").reindex(deals["deal_id"])
    linked = planned["backhaul_cost_pv_idr"].to_numpy(float)
    value = (
        deals["npv_idr"] + deals["backhaul_cost_pv_idr"] - linked + planned["subsidy_idr"].to_numpy(float)
    )  # NaN outside the plan
    repriced = deals.assign(npv_idr=value.fillna(deals["npv_idr"]))
    taken = deals["deal_id"].isin(listed)
    return match(repriced[taken | (deals["subsidy_idr"] <= 0)], providers, chosen=frozenset(listed), within=within)


def match(
    deals: pd.DataFrame,
    providers: pd.DataFrame,
    *,
    pins: Mapping[str, str] | None = None,
    forbidden: Collection[str] = (),
    chosen: Collection[str] | None = None,
    margins: bool = False,
    within: float = 0.0,
) -> Match:
    """Match villages and providers.

    Parameters
    ----------
    deals : DataFrame
        As :func:`coverage.partnership.deals` makes it.
    providers : DataFrame
        :class:`coverage.tables.Providers`; ``build_limit`` (deals that its crews can build) where known.
    pins : mapping of str to str, optional
        Village code to the deal that staff fixed for it.
    forbidden : collection of str
        Deals that staff ruled out.
    chosen : collection of str, optional
        Deals of a plan: then only the payoffs are computed, so that match and plan are the same.
    margins : bool
        Whether to solve once more without each matched pair, to tell its margin.
    within : float
        Share of the joint worth by which payoffs may miss the least epsilon, so that large lists are soon
        settled; ``epsilon_idr`` is what the payoffs told really leave, and *stable* stays exact.

    Returns
    -------
    Match

    Raises
    ------
    PlanningError
        Where the pins break a limit, or name a deal that is unknown, forbidden or another village's.
    """
    pins = dict(pins or {})
    _check_pins(deals, pins, forbidden)
    fixed = set(pins.values()) | set(chosen or ())
    game = _game(deals, providers, fixed, set(forbidden))
    deal_ids = game.pairs["deal_id"].to_numpy()
    pinned = np.isin(deal_ids, list(pins.values()))
    if chosen is not None:
        taken, gap = np.isin(deal_ids, list(fixed)), 0.0
    else:
        taken, gap = _best(game, pinned, np.zeros_like(pinned))
    payoff, epsilon = _payoffs(game, taken, within)
    pairs = np.flatnonzero(taken).tolist()
    seconds = [_runner_up(game, k) for k in pairs]
    if chosen is not None:
        margin = [
            game.worth[k] - game.worth[s] if s is not None else np.nan for k, s in zip(pairs, seconds, strict=True)
        ]
    else:
        margin = [_margin(game, taken, pinned, k) if margins else np.nan for k in pairs]
    table = game.pairs.loc[taken, ["village_code", "deal_id", "provider_id"]].assign(
        surplus_idr=game.worth[taken],
        village_payoff_idr=payoff[game.village[taken]],
        provider_payoff_idr=game.worth[taken] - payoff[game.village[taken]],
        runner_up_deal_id=pd.array([None if k is None else deal_ids[k] for k in seconds], dtype="str"),
        margin_idr=np.array(margin, dtype=float),
    )
    table = table.sort_values("village_code", ignore_index=True)
    surplus = float(game.worth[taken].sum())
    blocking = None if _is_rounding(epsilon, surplus) else _blocking(game, taken, payoff, epsilon)
    return Match(table, epsilon, surplus, gap, blocking)


def _check_pins(deals: pd.DataFrame, pins: Mapping[str, str], forbidden: Collection[str]) -> None:
    village_of = dict(zip(deals["deal_id"], deals["village_code"], strict=True))
    for village, deal_id in sorted(pins.items()):
        if village_of.get(deal_id) != village or deal_id in forbidden:
            raise PlanningError(
                _("The pinned deal is unknown, ruled out, or another village's"),
                where=f"{village}: {deal_id}",
                todo=_("Choose a deal of this village, or take the pin away"),
            )


def _game(deals: pd.DataFrame, providers: pd.DataFrame, fixed: set[str], forbidden: set[str]) -> _Game:
    kept = deals[~deals["deal_id"].isin(forbidden)]
    kept = kept.assign(_worth=surplus_idr(kept), _fixed=kept["deal_id"].isin(fixed))
    kept = kept[(kept["_worth"] > 0) | kept["_fixed"]]
    # Of the deals between one village and one provider the best (or the fixed one) is enough.
    order = kept.sort_values(
        ["village_code", "provider_id", "_fixed", "_worth", "deal_id"], ascending=[True, True, False, False, True]
    )
    pairs = order.drop_duplicates(["village_code", "provider_id"]).reset_index(drop=True)
    villages, names = sorted(set(pairs["village_code"])), sorted(set(pairs["provider_id"]))
    known = providers.set_index("provider_id").reindex(names)
    build = known["build_limit"] if "build_limit" in known else pd.Series(np.inf, index=known.index)
    own_money = (pairs["capital_idr"] - pairs["subsidy_idr"]).clip(lower=0.0)
    return _Game(
        pairs=pairs,
        worth=pairs["_worth"].to_numpy(dtype=float),
        capital=own_money.to_numpy(dtype=float),
        village=pairs["village_code"].map({v: i for i, v in enumerate(villages)}).to_numpy(dtype=np.intp),
        provider=pairs["provider_id"].map({p: i for i, p in enumerate(names)}).to_numpy(dtype=np.intp),
        villages=villages,
        providers=names,
        capital_limit=known["capital_limit_idr"].fillna(np.inf).to_numpy(dtype=float),
        build_limit=np.asarray(build.fillna(np.inf), dtype=float),
    )


def _best(game: _Game, pinned: NDArray[np.bool_], banned: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], float]:
    if not len(game.worth):
        return np.zeros(0, dtype=bool), 0.0
    rows, high = scaled(*game.limits())
    found = minimise(
        -game.worth / (float(np.abs(game.worth).max()) or 1.0),
        rows,
        np.full(len(rows), -np.inf),
        high,
        lower=pinned.astype(float),
        upper=(~banned).astype(float),
        integer=np.ones(len(game.worth), dtype=bool),
    )
    return found.x > 0.5, found.gap


def _payoffs(game: _Game, taken: NDArray[np.bool_], within: float) -> tuple[Floats, float]:
    """Village payoffs that minimise the largest blocking gain, and of those the evenest; epsilon.

    Both up to `within` of the joint worth and no longer than some rounds, except where nothing may be gained
    at all: that is told exactly. The epsilon told is in any case what the payoffs really leave.
    """
    n = len(game.villages)
    scale = max(1.0, float(game.worth[taken].sum()))
    matched = np.zeros(n)
    matched[game.village[taken]] = game.worth[taken] / scale
    mine = [taken & (game.provider == p) for p in range(len(game.providers))]
    blocks = _joining(game, mine, scale)
    payoff, epsilon = matched / 2, 0.0
    limit: float | None = None
    for turn in count():
        payoff, epsilon = _divide(n, matched, mine, game, blocks, limit)
        slack = min(within, epsilon / 20) if epsilon > 2 * _TOLERANCE else 0.0
        gap = within if slack > 0 else 1e-9
        fresh = [b for p in range(len(mine)) if (b := _block(game, p, mine[p], payoff, epsilon + slack, scale, gap))]
        blocks.extend(fresh)
        enough = slack > 0 and turn + 1 >= _TURNS
        if enough or (not fresh and limit is not None):
            if slack > 0:
                epsilon = max(_gain(game, p, mine[p], payoff, scale) for p in range(len(mine)))
            return payoff * scale, max(0.0, epsilon) * scale
        if not fresh:
            limit = epsilon + slack
    return payoff * scale, epsilon * scale


def _joining(game: _Game, mine: list[NDArray[np.bool_]], scale: float) -> list[tuple[Floats, float]]:
    """The simplest blocking sets: one more village joins a provider that can still afford it."""
    blocks = []
    for k in range(len(game.worth)):
        p = int(game.provider[k])
        spent = float(game.capital[mine[p]].sum()) + float(game.capital[k])
        if mine[p][k] or spent > game.capital_limit[p] or mine[p].sum() + 1 > game.build_limit[p]:
            continue
        members = np.zeros(len(game.villages))
        members[game.village[k]] = 1.0
        blocks.append((members, float(game.worth[k] / scale)))
    return blocks


def _divide(
    n: int,
    matched: Floats,
    mine: list[NDArray[np.bool_]],
    game: _Game,
    blocks: list[tuple[Floats, float]],
    limit: float | None,
) -> tuple[Floats, float]:
    """Solve for payoffs: least epsilon, or (with `limit` on it) least distance from halves.

    Variables: a payoff per village, epsilon, and the distance of each payoff from half.
    """
    cost = np.concatenate([np.zeros(n), [1.0], np.zeros(n)])
    if limit is not None:
        cost = np.concatenate([np.zeros(n), [0.0], np.ones(n)])
    rows, low, high = [], [], []
    for of_provider in mine:  # each provider keeps something of its deals
        row = np.zeros(2 * n + 1)
        row[game.village[of_provider]] = 1.0
        total = float(matched[game.village[of_provider]].sum())
        rows.append(row)
        low.append(-np.inf)
        high.append(max(0.0, total))
    for members, worth in blocks:
        rows.append(np.concatenate([-members, [-1.0], np.zeros(n)]))
        low.append(-np.inf)
        high.append(-worth)
    for i in range(n):
        for sign in (1.0, -1.0):
            row = np.zeros(2 * n + 1)
            row[i], row[n + 1 + i] = sign, -1.0
            rows.append(row)
            low.append(-np.inf)
            high.append(sign * matched[i] / 2)
    # Who has no deal has nothing to divide; a pinned deal that loses money is borne by its village.
    top = np.concatenate(
        [np.where(matched > 0, np.inf, 0.0), [np.inf if limit is None else limit + 1e-12], np.full(n, np.inf)]
    )
    bottom = np.concatenate([np.minimum(matched, 0.0), [0.0], np.zeros(n)])
    found = minimise(cost, np.array(rows), low, high, lower=bottom, upper=top)
    return found.x[:n], float(found.x[n])


def _block(
    game: _Game,
    provider: int,
    mine: NDArray[np.bool_],
    payoff: Floats,
    epsilon: float,
    scale: float,
    gap: float = 1e-9,
) -> tuple[Floats, float] | None:
    """The set of villages with which a provider would gain most, if more than epsilon.

    Returns the change of each village's part (+1 joins, -1 is left) and the worth gained.
    """
    joined = _joined(game, provider, mine, payoff, epsilon + _TOLERANCE, scale, gap=gap)
    if joined is None:
        return None
    members = np.zeros(len(game.villages))
    members[game.village[joined]] += 1.0
    members[game.village[mine]] -= 1.0
    return members, float((game.worth[joined].sum() - game.worth[mine].sum()) / scale)


def _gain(game: _Game, provider: int, mine: NDArray[np.bool_], payoff: Floats, scale: float) -> float:
    """Most that a provider gains by serving other villages than its own; 0 where it gains nothing."""
    joined = _joined(game, provider, mine, payoff, 0.0, scale, best=True)
    if joined is None:
        return 0.0
    both = [float((game.worth[k] / scale - payoff[game.village[k]]).sum()) for k in (joined, np.flatnonzero(mine))]
    return both[0] - both[1]


def _joined(
    game: _Game,
    provider: int,
    mine: NDArray[np.bool_],
    payoff: Floats,
    wanted: float,
    scale: float,
    *,
    best: bool = False,
    gap: float = 1e-9,
) -> NDArray[np.intp] | None:
    """Pairs with which a provider would gain more than `wanted` over its own, if there are any.

    With `best` those with which it would gain most, else any that suffice.
    """
    own = np.flatnonzero(game.provider == provider)
    gain = game.worth[own] / scale - payoff[game.village[own]]
    able, gain = own[gain > 1e-12], gain[gain > 1e-12]
    now = float((game.worth[mine] / scale - payoff[game.village[mine]]).sum())
    wanted += now
    money, builds = float(game.capital_limit[provider]), float(game.build_limit[provider])
    picked, most = greedy(gain, game.capital[able], money, builds)
    if (best or gain[picked].sum() <= wanted) and most > wanted:
        picked = knapsack(gain, game.capital[able], money, builds, gap)
    return able[picked] if gain[picked].sum() > wanted else None


def _blocking(game: _Game, taken: NDArray[np.bool_], payoff_idr: Floats, epsilon_idr: float) -> Blocking | None:
    """Who has the largest blocking gain: the first provider that reaches it."""
    scale = max(1.0, float(game.worth[taken].sum()))
    payoff, reached = payoff_idr / scale, epsilon_idr / scale - 2 * _TOLERANCE
    for p in range(len(game.providers)):
        mine = taken & (game.provider == p)
        joined = _joined(game, p, mine, payoff, reached, scale, best=True)
        if joined is not None:
            kept, before = set(game.village[joined].tolist()), set(game.village[mine].tolist())
            fresh = [k for k in joined.tolist() if not mine[k]]
            return Blocking(
                game.providers[p],
                tuple(sorted(game.pairs["deal_id"].iloc[fresh])),
                tuple(sorted(game.villages[v] for v in before - kept)),
                epsilon_idr,
            )
    return None


def _runner_up(game: _Game, pair: int) -> int | None:
    """The pair of another provider that is worth most to the village and that provider."""
    others = np.flatnonzero((game.village == game.village[pair]) & (np.arange(len(game.worth)) != pair))
    return int(others[np.argmax(game.worth[others])]) if others.size else None


def _margin(game: _Game, taken: NDArray[np.bool_], pinned: NDArray[np.bool_], pair: int) -> float:
    """Worth lost by the best match that does without this pair."""
    banned = np.arange(len(game.worth)) == pair
    other, _gap = _best(game, pinned & ~banned, banned)
    return float(game.worth[taken].sum() - game.worth[other].sum())
