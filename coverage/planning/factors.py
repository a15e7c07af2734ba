"""What is uncertain, in which groups, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from coverage.assumptions import Assumption, Assumptions
from coverage.language import mark

Floats = NDArray[np.float64]

#: Groups of assumptions that are wrong together: name -> label and prefixes of assumption names.
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "signal": (
        mark("Signal prediction"),
        ("uncertainty.signal_common_db", "radio.threshold_usable_dbm", "access.uplink_max_coupling_loss_db"),
    ),
    "sites": (mark("Single towers"), ("uncertainty.signal_site_db",)),
    "people": (mark("People and traffic"), ("uncertainty.population_village", "demand.gb_", "demand.busy_hour")),
    "building": (
        mark("Cost of building"),
        (
            "uncertainty.cost_overrun",
            "cost.idr_per_usd",
            "cost.tower_",
            "cost.fibre_",
            "cost.ftth_",
            "cost.microwave_",
            "cost.satellite_terminal",
            "cost.satellite_kit",
            "cost.wifi_",
        ),
    ),
    "running": (
        mark("Bandwidth and care"),
        ("cost.transit", "cost.satellite_mbps", "cost.satellite_subscription", "cost.customer_care"),
    ),
    "adoption": (
        mark("Who subscribes"),
        (
            "market.takeup_",
            "market.penetration_mobile",
            "market.share_where_alone",
            "market.sims_per_user",
            "market.adoption_",
            "market.mbps_per_",
        ),
    ),
    "paying": (
        mark("What people pay"),
        (
            "market.arpu_mobile",
            "market.household_income",
            "market.household_size",
            "market.willing_",
            "market.cannibalised",
            "market.usage_uplift",
        ),
    ),
    "effects": (mark("What technologies achieve"), ("indicators.effect_", "indicators.speed_")),
    "shares": (mark("What connectivity moves"), ("indicators.share_", "uncertainty.targets")),
    "rates": (mark("Interest and rest values"), ("funding.social_rate", "funding.residual_share")),
}

#: Standard deviations: the size of draws of their own, one per tower or village.
SPREADS = ("uncertainty.signal_site_db", "uncertainty.population_village")


@dataclass(frozen=True, eq=False)
class Draws:
    """Values of the uncertain assumptions.

    Attributes
    ----------
    values : dict of str to ndarray, shape (draws,)
        By name of assumption.
    site, tower, village : ndarray, shapes (draws, sites), (draws, towers), (draws, villages)
        Standard normal numbers, one per thing that errs by itself.
    """

    values: dict[str, Floats]
    site: Floats
    tower: Floats
    village: Floats

    def __len__(self) -> int:
        return len(self.site)

    def slice(self, start: int, stop: int) -> Draws:
        """Some of the draws, in order."""
        values = {name: value[start:stop] for name, value in self.values.items()}
        return Draws(values, self.site[start:stop], self.tower[start:stop], self.village[start:stop])

    def __getitem__(self, name: str) -> Floats:
        return self.values[name]


def uncertain(assumptions: Assumptions) -> dict[str, list[Assumption]]:
    """The assumptions that are drawn, by group: those with a range, in order of name."""
    found: dict[str, list[Assumption]] = {}
    for group, (_label, prefixes) in GROUPS.items():
        rows = [assumptions.row(name) for name in sorted(assumptions) if name.startswith(prefixes)]
        found[group] = [row for row in rows if min(row.low, row.value) < max(row.high, row.value)]
    return found


def quantile(row: Assumption, share: Floats) -> Floats:
    """Value below which an assumption lies with a probability: triangular from low over value to high.

    A value outside its range (an override) widens the range.
    """
    low, high = min(row.low, row.value), max(row.high, row.value)
    middle = (row.value - low) / (high - low)
    u = np.asarray(share, dtype=float)
    below = low + np.sqrt(u * middle) * (high - low)
    above = high - np.sqrt((1.0 - u) * (1.0 - middle)) * (high - low)
    return np.asarray(np.where(u < middle, below, above), dtype=float)


def nominal(assumptions: Assumptions, counts: tuple[int, int, int], draws: int = 1) -> Draws:
    """Draws in which every assumption has its value and nothing errs by itself."""
    names = [row.name for rows in uncertain(assumptions).values() for row in rows]
    values = {name: np.full(draws, assumptions[name]) for name in names}
    return Draws(values, *(np.zeros((draws, count)) for count in counts))


def latin_hypercube(assumptions: Assumptions, counts: tuple[int, int, int], draws: int, seed: int) -> Draws:
    """Latin hypercube over the ranges of the uncertain assumptions.

    Parameters
    ----------
    counts : tuple of int
        Number of sites, new towers and villages, which err by themselves besides.
    draws, seed : int
        How many, and what makes them the same every time.
    """
    rows = [row for found in uncertain(assumptions).values() for row in found]
    cube = qmc.LatinHypercube(len(rows), rng=np.random.default_rng(seed)).random(draws)
    values = {row.name: quantile(row, cube[:, k]) for k, row in enumerate(rows)}
    own = np.random.default_rng([seed, 1])
    return Draws(values, *(own.standard_normal((draws, count)) for count in counts))


def grouped(assumptions: Assumptions, counts: tuple[int, int, int], cube: Floats, seed: int) -> Draws:
    """Draws in which each group moves as one: column g of ``cube`` (0..1) moves group g.

    Within a group every assumption moves to the same quantile, towards more cost or less gain as its
    name's range has it; the things that err by themselves all lie at the quantile of their group in
    a fixed random direction each.
    """
    values: dict[str, Floats] = {}
    own = np.random.default_rng([seed, 2])
    signs = [own.standard_normal(count) for count in counts]
    at = dict(zip(GROUPS, cube.T, strict=True))
    for group, rows in uncertain(assumptions).items():
        for row in rows:
            values[row.name] = quantile(row, at[group])
    bend = {group: norm.ppf(np.clip(at[group], 0.001, 0.999)) for group in ("sites", "people")}
    return Draws(
        values,
        bend["sites"][:, None] * signs[0],
        bend["sites"][:, None] * signs[1],
        bend["people"][:, None] * signs[2],
    )


def one_at_a_time(assumptions: Assumptions, counts: tuple[int, int, int]) -> tuple[list[Assumption], Draws]:
    """Each assumption alone at its low (even draws) and high end (odd draws), all else nominal."""
    rows = [row for found in uncertain(assumptions).values() for row in found if row.name not in SPREADS]
    draws = nominal(assumptions, counts, 2 * len(rows))
    values: Mapping[str, Floats] = draws.values
    for k, row in enumerate(rows):
        values[row.name][2 * k] = min(row.low, row.value)
        values[row.name][2 * k + 1] = max(row.high, row.value)
    return rows, draws
