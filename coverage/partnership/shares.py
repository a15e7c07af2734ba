"""Splitting a shared cost: Shapley value, core, nucleolus, and the subsidy that keeps a group together.

A cost game is an array of 2^n costs: entry S (bits are players) is what coalition S would pay alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from coverage.partnership.linear import minimise

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Split:
    """How a group shares its cost.

    Attributes
    ----------
    method : str
        ``shapley`` where no coalition would do better alone, ``nucleolus`` where Shapley's shares
        would break the group but others hold it, ``subsidised`` where nothing holds it without
        public money.
    shares : ndarray, shape (n,)
        What each player pays; with a subsidy, after it.
    subsidy : float
        Public money that keeps the group together; 0 where it holds by itself.
    excess : float
        Largest amount by which any coalition pays more than it would alone; at most 0 when stable.
    """

    method: str
    shares: Floats
    subsidy: float
    excess: float

    @property
    def stable(self) -> bool:
        """Whether no coalition would do better alone (within a rounding error)."""
        return self.excess <= 1e-6 * max(1.0, float(np.abs(self.shares).sum()))


def players(game: Floats) -> int:
    """Number of players of a game."""
    return len(game).bit_length() - 1


def _members(n: int) -> Floats:
    """Which players belong to each coalition, shape (2^n, n)."""
    return ((np.arange(1 << n)[:, None] >> np.arange(n)) & 1).astype(float)


def shapley(game: Floats) -> Floats:
    """Exact Shapley value: each player's average marginal cost over all orders of joining."""
    n = players(game)
    size = _members(n).sum(axis=1).astype(int)
    weight = np.array([factorial(s) * factorial(n - 1 - s) / factorial(n) if s < n else 0.0 for s in size])
    value = np.empty(n)
    every = np.arange(1 << n)
    for i in range(n):
        without = every[(every >> i) & 1 == 0]
        value[i] = float((weight[without] * (game[without | (1 << i)] - game[without])).sum())
    return value


def shapley_of_uses(used: Sequence[Iterable[str]], cost: Mapping[str, float]) -> Floats:
    """Shapley value where a coalition pays once for every part that any of its members uses.

    Each part's cost is divided equally among its users (Littlechild and Owen, *A simple expression
    for the Shapley value in a special case*, 1973). The value is exact for any number of players and
    lies in the core.

    Parameters
    ----------
    used : sequence of iterables of str
        Parts of each player.
    cost : mapping
        Part -> what it costs.

    Returns
    -------
    ndarray, shape (n,)
        What each player pays, in the unit of `cost`.
    """
    users = Counter(part for parts in used for part in set(parts))
    return np.array([sum(cost[part] / users[part] for part in sorted(set(parts))) for parts in used], dtype=float)


def excess(game: Floats, shares: Floats) -> float:
    """Largest amount by which a coalition (not everybody) pays more than it would alone."""
    n = players(game)
    over = _members(n) @ shares - game
    proper = over[1:-1]
    return float(proper.max()) if proper.size else 0.0


def nucleolus(game: Floats) -> Floats:
    """Shares that make the most dissatisfied coalition as content as possible, and so on down.

    Schmeidler, *The nucleolus of a characteristic function game* (1969), by successive linear
    programmes: each fixes the coalitions whose excess can fall no further (positive dual) until the
    shares are determined. The core holds it whenever the core is not empty.
    """
    n = players(game)
    members = _members(n)
    scale = max(1e-12, float(np.abs(game[-1])))
    fixed: list[int] = [len(game) - 1]
    value: list[float] = [float(game[-1]) / scale]
    while len(fixed) < n:
        free = np.flatnonzero(_undetermined(members, fixed))
        rows = np.vstack([np.hstack([members[free], -np.ones((len(free), 1))]), _padded(members[fixed])])
        high = np.concatenate([game[free] / scale, value])
        low = np.concatenate([np.full(len(free), -np.inf), value])
        found = minimise(np.eye(n + 1)[n], rows, low, high, lower=-np.inf)
        duals = np.abs(found.duals[: len(free)])
        for k in np.argsort(-duals, kind="stable"):
            if duals[k] <= 1e-9:
                break
            # Of tight coalitions that depend on each other the first says all.
            if _undetermined(members, fixed)[free[k]]:
                fixed.append(int(free[k]))
                value.append(float(game[free[k]] / scale + found.x[n]))
    solved = np.linalg.solve(members[fixed], np.array(value))
    return np.asarray(solved * scale, dtype=float)


def _undetermined(members: Floats, fixed: list[int]) -> NDArray[np.bool_]:
    """Coalitions whose total does not follow from those fixed."""
    basis, _upper = np.linalg.qr(members[fixed].T)
    rest = members - (members @ basis) @ basis.T
    return np.asarray(np.abs(rest).max(axis=1) > 1e-9)


def _padded(rows: Floats) -> Floats:
    return np.hstack([rows, np.zeros((len(rows), 1))])


def stabilising_subsidy(game: Floats) -> tuple[float, Floats]:
    """Least public money with which no coalition does better alone, and the shares that go with it."""
    n = players(game)
    scale = max(1e-12, float(np.abs(game[-1])))
    found = minimise(-np.ones(n), _members(n)[1:], np.full(len(game) - 1, -np.inf), game[1:] / scale, lower=-np.inf)
    shares = found.x * scale
    return max(0.0, float(game[-1] - shares.sum())), shares


def split(game: Floats) -> Split:
    """Share a cost so that the group holds: Shapley, else nucleolus, else with a subsidy."""
    size = 1e-9 * max(1.0, float(np.abs(game).max()))
    shares = shapley(game)
    if (over := excess(game, shares)) <= size:
        return Split("shapley", shares, 0.0, over)
    subsidy, helped = stabilising_subsidy(game)
    if subsidy <= size:
        shares = nucleolus(game)
        return Split("nucleolus", shares, 0.0, excess(game, shares))
    return Split("subsidised", helped, subsidy, excess(game, helped))
