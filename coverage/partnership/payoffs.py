"""Payoffs of a match that nobody would break, or as nearly as limits allow.

Blocking sets are found one after the other by a knapsack per provider and added to a linear
programme of the payoffs, until none gains more than epsilon (cutting planes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coverage.partnership.knapsack import greedy, knapsack
from coverage.partnership.linear import minimise

Floats = NDArray[np.float64]

#: Rounds in which payoffs are bettered where they need not be exact.
_TURNS = 100
#: Where they need not be exact, the largest blocking gain may be missed by this part of itself.
_PART = 0.05
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
class Game:
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


def is_rounding(epsilon_idr: float, surplus_idr: float) -> bool:
    """Whether a blocking gain is zero but for rounding, beside the joint worth."""
    return epsilon_idr <= 2 * _TOLERANCE * max(1.0, abs(surplus_idr))


def payoffs(game: Game, taken: NDArray[np.bool_], within: float) -> tuple[Floats, float]:
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
    turns = 0
    while True:
        turns += 1
        payoff, epsilon = _divide(n, matched, mine, game, blocks, limit)
        slack = min(within, _PART * epsilon) if epsilon > 2 * _TOLERANCE else 0.0
        gap = within if slack > 0 else 1e-9
        fresh = [b for p in range(len(mine)) if (b := _block(game, p, mine[p], payoff, epsilon + slack, scale, gap))]
        blocks.extend(fresh)
        enough = slack > 0 and turns >= _TURNS
        if enough or (not fresh and limit is not None):
            if slack > 0:
                epsilon = max(_gain(game, p, mine[p], payoff, scale) for p in range(len(mine)))
            return payoff * scale, max(0.0, epsilon) * scale
        if not fresh:
            limit = epsilon + slack


def _joining(game: Game, mine: list[NDArray[np.bool_]], scale: float) -> list[tuple[Floats, float]]:
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
    game: Game,
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
    game: Game,
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


def _gain(game: Game, provider: int, mine: NDArray[np.bool_], payoff: Floats, scale: float) -> float:
    """Most that a provider gains by serving other villages than its own; 0 where it gains nothing."""
    joined = _joined(game, provider, mine, payoff, 0.0, scale, best=True)
    if joined is None:
        return 0.0
    both = [float((game.worth[k] / scale - payoff[game.village[k]]).sum()) for k in (joined, np.flatnonzero(mine))]
    return both[0] - both[1]


def _joined(
    game: Game,
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


def blocking(game: Game, taken: NDArray[np.bool_], payoff_idr: Floats, epsilon_idr: float) -> Blocking | None:
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
