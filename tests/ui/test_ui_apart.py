"""The chain in a process of its own: its stages come from the cache, and nobody depends on the process."""

import os
import signal

import pytest

import coverage.analysis
from coverage.errors import Cancelled
from coverage.language import using
from coverage.scenario import Scenario
from coverage.ui import apart, journal
from tests.ridge_world import ridge_region

NOTHING = Scenario(budget_idr=0.0)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("JANGKAU_CACHE", str(tmp_path / "cache"))
    made = apart.Apart()
    yield made
    made.close()


def test_what_the_process_made_is_taken_from_the_cache_and_a_dead_process_is_replaced(shop, monkeypatch):
    region, told = ridge_region(450.0), []
    assert shop.run(region, NOTHING, lambda *said: told.append(said)) is None
    assert told == []  # no process runs: the server does the work itself
    assert shop.start()
    with using("en"):
        assert shop.run(region, NOTHING, lambda *said: told.append(said)) is None
    assert "Computing the signal over the terrain" in {label for label, _share in told}

    def again(*_args, **_named):
        raise AssertionError("it is made already")

    with monkeypatch.context() as without:
        for stage in ("signal", "access", "options", "plan", "score"):
            without.setattr(coverage.analysis, stage, again)
        assert len(coverage.analysis.analyse(region, NOTHING).gain) == len(region.villages)

    lost = []
    monkeypatch.setattr(journal, "failure", lambda name, _error: lost.append(name))
    first = shop._process
    os.kill(first.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    first.wait()
    assert shop.run(region, NOTHING, lambda *_said: None) is None
    assert lost == ["second_process_lost"]
    assert shop._process is not first

    def stop(_label, _share):
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        shop.run(region, Scenario(budget_idr=1e9, assumptions={"radio.threshold_usable_dbm": -101.0}), stop)
    assert shop._process.poll() is None


def test_without_a_place_to_hand_results_over_there_is_no_process(shop, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("JANGKAU_CACHE", str(tmp_path / "file" / "cache"))
    assert not shop.start()


def test_a_fault_in_the_process_is_left_to_the_server(shop, monkeypatch):
    monkeypatch.setattr(apart, "__name__", "coverage.no_such_module")
    assert shop.start()
    monkeypatch.setattr(journal, "failure", lambda _name, _error: None)
    assert shop.run(ridge_region(450.0), NOTHING, lambda *_said: None) is None
