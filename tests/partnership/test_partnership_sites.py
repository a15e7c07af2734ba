"""Facility location: published optima, and single-source cases with binding capacities by brute force."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.errors import InputError, PlanningError
from coverage.partnership.sites import choose_sites

REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference" / "facility_location"


@pytest.mark.shared
@pytest.mark.parametrize("name", ["cap71.txt", "cap101.txt", "cap131.txt"])
def test_published_optima(name):
    if not REFERENCE.is_dir():
        pytest.skip("the reference instances of ../shared are not here")
    optimum = pd.read_csv(REFERENCE / "expected.csv").set_index("file")["published_optimum"]
    numbers = np.array((REFERENCE / name).read_text().replace("capacity", "0").split(), dtype=float)
    sites, customers = int(numbers[0]), int(numbers[1])
    capacity, fixed = numbers[2 : 2 + 2 * sites].reshape(sites, 2).T
    rest = numbers[2 + 2 * sites :].reshape(customers, sites + 1)
    found = choose_sites(fixed, capacity, rest[:, 0], rest[:, 1:].T)
    assert found.cost == pytest.approx(optimum[name], abs=0.01)
    assert found.gap <= 1e-6
    assert np.allclose(found.share.sum(axis=0), 1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_single_source_with_binding_capacities(seed):
    draw = np.random.default_rng(seed)
    sites, customers = 3, 5
    fixed, capacity = draw.integers(1, 20, sites), draw.integers(4, 11, sites)
    demand, cost = draw.integers(1, 5, customers), draw.integers(1, 10, (sites, customers))
    best = np.inf
    for choice in product(range(sites), repeat=customers):
        load = np.bincount(choice, demand, minlength=sites)
        if (load <= capacity).all():
            used = np.unique(choice)
            best = min(best, fixed[used].sum() + cost[list(choice), range(customers)].sum())
    if not np.isfinite(best):
        with pytest.raises(PlanningError):
            choose_sites(fixed, capacity, demand, cost, single_source=True)
        return
    found = choose_sites(fixed, capacity, demand, cost, single_source=True)
    assert found.cost == pytest.approx(best)
    assert (found.share @ demand <= capacity + 1e-6).all()


def test_capacity_binds_only_where_it_is_short():
    wide = choose_sites([10, 10], [100, 100], [4, 4], [[1, 5], [5, 1]])
    tight = choose_sites([10, 10], [5, 5], [4, 4], [[1, 5], [5, 1]])
    assert wide.opened.sum() == 1
    assert wide.cost == pytest.approx(16)
    assert tight.opened.all()
    assert tight.cost == pytest.approx(22)


def test_nonsense_is_refused():
    with pytest.raises(InputError):
        choose_sites([1], [1, 2], [1], [[1]])
    with pytest.raises(InputError):
        choose_sites([-1], [1], [1], [[1]])
