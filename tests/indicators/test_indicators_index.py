import math

import numpy as np
import pytest

from coverage.errors import JangkauError
from coverage.indicators import DIMENSIONS, achievement_index

SCORES = {"baseline": 3.1, "output": 2.0, "outcome": 3.5, "impact": 1.25, "quick_wins": 4.0}
WEIGHTS = {"baseline": 10, "output": 20, "outcome": 30, "impact": 20, "quick_wins": 20}


def test_the_index_by_hand():
    assert achievement_index(SCORES, WEIGHTS) == pytest.approx(0.31 + 0.4 + 1.05 + 0.25 + 0.8)
    other = {**WEIGHTS, "impact": 30, "quick_wins": 10}
    assert achievement_index(SCORES, other) == pytest.approx(0.31 + 0.4 + 1.05 + 0.375 + 0.4)


@pytest.mark.parametrize("scale", [1e-300, 0.01, 1, 7, 1e300])
def test_weights_count_in_any_scale(scale):
    weights = {d: w * scale for d, w in WEIGHTS.items()}
    assert achievement_index(SCORES, weights) == pytest.approx(achievement_index(SCORES, WEIGHTS))


def test_full_scores_make_four_and_none_make_zero():
    rng = np.random.default_rng(4)
    for _round in range(50):
        weights = dict(zip(DIMENSIONS, rng.uniform(0, 1, 5), strict=True))
        assert achievement_index(dict.fromkeys(DIMENSIONS, 4), weights) == pytest.approx(4)
        assert achievement_index(dict.fromkeys(DIMENSIONS, 4), weights) <= 4
        assert achievement_index(dict.fromkeys(DIMENSIONS, 0), weights) == 0
        scores = dict(zip(DIMENSIONS, rng.uniform(0, 4, 5), strict=True))
        assert min(scores.values()) <= achievement_index(scores, weights) <= max(scores.values())


def test_one_weight_is_that_dimension():
    assert achievement_index(SCORES, {**dict.fromkeys(DIMENSIONS, 0), "impact": 3}) == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("scores", "weights"),
    [
        ({k: v for k, v in SCORES.items() if k != "impact"}, WEIGHTS),
        (SCORES, {k: v for k, v in WEIGHTS.items() if k != "impact"}),
        ({**SCORES, "speed": 1}, WEIGHTS),
        (SCORES, {**WEIGHTS, "speed": 1}),
        ({**SCORES, "impact": 4.01}, WEIGHTS),
        ({**SCORES, "impact": -0.01}, WEIGHTS),
        ({**SCORES, "impact": math.nan}, WEIGHTS),
        ({**SCORES, "impact": "3"}, WEIGHTS),
        ({**SCORES, "impact": None}, WEIGHTS),
        ({**SCORES, "impact": True}, WEIGHTS),
        (SCORES, {**WEIGHTS, "impact": -1}),
        (SCORES, {**WEIGHTS, "impact": math.inf}),
        (SCORES, dict.fromkeys(DIMENSIONS, 0)),
        ({}, {}),
    ],
)
def test_nonsense_is_refused(scores, weights):
    with pytest.raises(JangkauError) as caught:
        achievement_index(scores, weights)
    assert isinstance(caught.value, ValueError)
    assert caught.value.where
