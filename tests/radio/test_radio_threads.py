"""How many threads the kernels may use is said in one place."""

from __future__ import annotations

import os

import numpy as np
import pytest
from test_radio_signal import assumptions, centre, land  # noqa: F401 - a fixture

from coverage.radio.path_loss import Mast, ground, sweep
from coverage.threads import threads


def test_threads_follow_the_environment_and_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_THREADS", "5")
    assert threads() == 5
    for nonsense in ("", "0", "-3", "many"):
        monkeypatch.setenv("JANGKAU_THREADS", nonsense)
        assert threads() == min(2, os.cpu_count() or 1)


@pytest.mark.parametrize("sector", [(0.0, 1.0), (-0.2, 0.3), (0.6, 1.4)])
def test_threads_that_share_a_circle_find_what_one_finds(assumptions, sector):  # noqa: F811
    terrain = ground(land(np.random.default_rng(8).normal(300, 60, (140, 130))))
    mast = Mast(*centre(60, 70), 35.0, 1800.0)  # on a pixel's very centre, which lies in no wedge
    one, two, three = (sweep(terrain, mast, 9_000.0, assumptions, sector=sector, threads=n).loss for n in (1, 2, 3))
    assert (one > 0).any()
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, three)
