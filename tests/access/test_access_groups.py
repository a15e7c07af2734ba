import numpy as np

from coverage.access.groups import heaviest, weighted_median


def brute_median(values, weights):
    order = np.argsort(values)
    running = np.cumsum(weights[order])
    return values[order][np.searchsorted(running, running[-1] / 2 * (1 - 1e-12))]


def test_the_weighted_median_of_each_group():
    rng = np.random.default_rng(2)
    groups = rng.integers(0, 40, 3000)
    groups[groups == 7] = 8  # one group has no members
    values, weights = rng.normal(-100, 10, 3000).astype(np.float32), rng.uniform(0, 5, 3000)
    weights[rng.random(3000) < 0.1] = 0
    found = weighted_median(groups, values, weights, 40)
    assert np.isnan(found[7])
    for group in set(range(40)) - {7}:
        mine = (groups == group) & (weights > 0)
        assert found[group] == brute_median(values[mine].astype(float), weights[mine])


def test_no_signal_for_half_of_the_people_is_no_median():
    groups = np.array([0, 0, 0, 1, 1, 1])
    values = np.array([np.nan, -90, -80, np.nan, -90, -80])
    weights = np.array([1.0, 1, 1, 5, 1, 1])
    found = weighted_median(groups, values, weights, 2)
    assert found[0] == -90
    assert np.isnan(found[1])


def test_the_heaviest_label_wins_and_the_smaller_of_equals():
    groups = np.array([0, 0, 0, 1, 1, 2, 3, 3])
    labels = np.array([4, 4, 9, 2, 1, -1, -1, 5])
    weights = np.array([1.0, 1.5, 2, 3, 3, 9, 100, 1])
    assert heaviest(groups, labels, weights, 5).tolist() == [4, 1, -1, 5, -1]
