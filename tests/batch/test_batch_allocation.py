"""Money over many regencies: against every combination, with floors, and where slopes mislead."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from coverage.batch import Allocation, allocate
from coverage.errors import PlanningError


def frontier(code: str, cost: list[float], benefit: list[float]) -> pd.DataFrame:
    """Points of one regency, in Rp billion."""
    return pd.DataFrame(
        {
            "regency_code": code,
            "budget_idr": np.array(cost) * 1e9,
            "public_idr": np.array(cost) * 1e9,
            "benefit": benefit,
            "villages": np.arange(1, len(cost) + 1),
            "population_gained": np.array(benefit) * 10,
        }
    )


def best(points: pd.DataFrame, budget: float, floors: dict[str, float]) -> float:
    """The most benefit of any combination of points, each tried."""
    choices = []
    for code, rows in points.groupby("regency_code"):
        mine = list(zip(rows["public_idr"], rows["benefit"], strict=True))
        choices.append([(str(code), 0.0, 0.0), *((str(code), c, b) for c, b in mine)])
    dearest = {code: max(c for _code, c, _b in rows) for rows in choices for code in [rows[0][0]]}
    found = -np.inf
    for chosen in itertools.product(*choices):
        if sum(c for _code, c, _b in chosen) > budget + 1:
            continue
        kept = all(
            sum(c for code, c, _b in chosen if place in (code, code[:2])) + 1
            >= min(floor, sum(most for code, most in dearest.items() if place in (code, code[:2])))
            for place, floor in floors.items()
        )
        if kept:
            found = max(found, sum(b for _code, _c, b in chosen))
    return found


def check(points: pd.DataFrame, budget: float, floors: dict[str, float]) -> Allocation | None:
    """Compare with every combination, also where nothing keeps the floors."""
    truth = best(points, budget, floors)
    if truth == -np.inf:
        with pytest.raises(PlanningError):
            allocate(points, budget, floors)
        return None
    found = allocate(points, budget, floors)
    assert found.benefit == pytest.approx(truth, abs=1e-9)
    assert found.bound == pytest.approx(truth, abs=1e-6)
    assert found.public_idr <= budget + 1
    assert found.regions["benefit"].sum() == pytest.approx(found.benefit)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_equal_concave_steps_by_slope_are_best_with_any_floors(seed: int) -> None:
    random = np.random.default_rng(seed)
    parts = []
    for code in ("33.01", "33.02", "34.01", "34.02"):
        gains = np.sort(random.uniform(0.1, 5.0, 4))[::-1]
        parts.append(frontier(code, [2.0, 4.0, 6.0, 8.0], list(np.cumsum(gains))))
    points = pd.concat(parts, ignore_index=True)
    floors = {"34": 6e9, "33.01": 2e9} if seed % 2 else {}
    for budget in (6e9, 12e9, 20e9, 40e9):
        found = check(points, budget, floors)
        if found is not None:
            assert found.method == "slopes"
            assert not len(found.bends)


@pytest.mark.parametrize("seed", range(12))
def test_any_frontiers_are_best_and_tell_where_they_bend(seed: int) -> None:
    random = np.random.default_rng(100 + seed)
    parts = []
    for code in ("33.01", "33.02", "34.01", "34.02"):
        cost = np.sort(random.uniform(0.5, 10.0, 4))
        parts.append(frontier(code, list(cost), list(np.sort(random.uniform(0.0, 9.0, 4)))))
    points = pd.concat(parts, ignore_index=True)
    for budget, floors in ((5e9, {}), (12e9, {"33": 6e9}), (18e9, {"34.02": 4e9, "33": 3e9}), (9e9, {"34": 8e9})):
        found = check(points, budget, floors)
        if found is not None:
            bent = set(found.regions.loc[~found.regions["concave"], "regency_code"])
            assert set(found.bends["regency_code"]) == bent
            assert (found.bends["below"] > 0).all()


def test_greed_misses_what_the_knapsack_finds_and_the_bend_is_named() -> None:
    # A network in 33.02 is worth nothing until it is whole; two smaller ones look better per rupiah.
    points = pd.concat(
        [frontier("33.01", [6.0], [7.0]), frontier("33.02", [5.0, 10.0], [1.0, 11.0])], ignore_index=True
    )
    found = allocate(points, 10e9)
    assert found.benefit == 11.0
    assert found.method == "knapsack"
    assert found.gap == 0.0
    bend = found.bends.iloc[0]
    assert (bend["regency_code"], bend["budget_idr"]) == ("33.02", 5e9)
    assert bend["below"] == pytest.approx(5.5 - 1.0)


def test_next_billion_is_the_slope_beyond_the_chosen_point() -> None:
    found = allocate(frontier("33.01", [2.0, 4.0], [6.0, 7.0]), 2e9)
    assert found.regions["next_per_billion"].iloc[0] == pytest.approx(0.5)


def test_a_floor_above_all_that_can_be_built_asks_for_no_more() -> None:
    found = allocate(frontier("33.01", [2.0], [6.0]), 50e9, {"33.01": 30e9})
    assert found.public_idr == 2e9


def test_wrong_floors_are_refused_in_words() -> None:
    points = frontier("33.01", [2.0, 4.0], [6.0, 7.0])
    with pytest.raises(PlanningError, match="99"):
        allocate(points, 4e9, {"99": 1e9})
    with pytest.raises(PlanningError, match="Rp"):
        allocate(points, 1e9, {"33": 4e9})


def test_a_nation_is_shared_in_moments() -> None:
    random = np.random.default_rng(7)
    parts = []
    for k in range(514):
        cost = np.cumsum(random.uniform(1.0, 20.0, 5))
        parts.append(frontier(f"{11 + k // 30}.{1 + k % 30:02d}", list(cost), list(np.cumsum(random.uniform(1, 9, 5)))))
    found = allocate(pd.concat(parts, ignore_index=True), 3e12, {"11": 2e11})
    assert found.gap < 1e-3
    assert 2.99e12 < found.public_idr <= 3e12 + 1
