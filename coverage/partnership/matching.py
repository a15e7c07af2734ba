"""Who with whom: the match of most joint worth, and payoffs that nobody would break.

Each village takes at most one deal; each provider as many as its capital and its crews allow. The
match of most joint worth is an integer programme. Its payoffs then divide each deal's worth between
village and provider so that the largest *blocking gain* is as small as it can be: what a provider
and any set of villages could win by leaving their partners and dealing with each other instead,
within the provider's limits. That gain, epsilon, is reported; the match is *stable* only when it is
zero. With capital limits no payoffs may reach zero (the core may be empty), so it is never assumed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.errors import PlanningError
from coverage.language import _
from coverage.partnership.knapsack import scaled
from coverage.partnership.linear import minimise
from coverage.partnership.payoffs import Blocking, Game, blocking, is_rounding, payoffs


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
        return is_rounding(self.epsilon_idr, self.surplus_idr)


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
    deals, chosen, providers : DataFrame
        As for :func:`match_of_plan`.

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


def _holding(game: Game, pinned: NDArray[np.bool_]) -> Game:
    """The game in which every provider has at least what the pinned pairs use: rounding must not rule them out."""
    capital = np.bincount(game.provider[pinned], game.capital[pinned], len(game.providers))
    builds = np.bincount(game.provider[pinned], minlength=len(game.providers))
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
    payoff, epsilon = payoffs(game, taken, within)
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
    who = None if is_rounding(epsilon, surplus) else blocking(game, taken, payoff, epsilon)
    return Match(table, epsilon, surplus, gap, who)


def _check_pins(deals: pd.DataFrame, pins: Mapping[str, str], forbidden: Collection[str]) -> None:
    village_of = dict(zip(deals["deal_id"], deals["village_code"], strict=True))
    for village, deal_id in sorted(pins.items()):
        if village_of.get(deal_id) != village or deal_id in forbidden:
            raise PlanningError(
                _("The pinned deal is unknown, ruled out, or another village's"),
                where=f"{village}: {deal_id}",
                todo=_("Choose a deal of this village, or take the pin away"),
            )


def _game(deals: pd.DataFrame, providers: pd.DataFrame, fixed: set[str], forbidden: set[str]) -> Game:
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
    return Game(
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


def _best(game: Game, pinned: NDArray[np.bool_], banned: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], float]:
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


def _runner_up(game: Game, pair: int) -> int | None:
    """The pair of another provider that is worth most to the village and that provider."""
    others = np.flatnonzero((game.village == game.village[pair]) & (np.arange(len(game.worth)) != pair))
    return int(others[np.argmax(game.worth[others])]) if others.size else None


def _margin(game: Game, taken: NDArray[np.bool_], pinned: NDArray[np.bool_], pair: int) -> float:
    """Worth lost by the best match that does without this pair."""
    banned = np.arange(len(game.worth)) == pair
    other, _gap = _best(game, pinned & ~banned, banned)
    return float(game.worth[taken].sum() - game.worth[other].sum())
