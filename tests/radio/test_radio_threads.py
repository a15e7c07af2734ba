"""How many threads the kernels may use is said in one place."""

from __future__ import annotations

import os

import pytest

from coverage.threads import threads


def test_threads_follow_the_environment_and_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_THREADS", "5")
    assert threads() == 5
    for nonsense in ("", "0", "-3", "many"):
        monkeypatch.setenv("JANGKAU_THREADS", nonsense)
        assert threads() == min(2, os.cpu_count() or 1)
