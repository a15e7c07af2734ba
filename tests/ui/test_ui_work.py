"""Analyses in a thread: shared, stoppable, and honest about faults."""

import threading

from coverage.errors import InputError
from coverage.language import _, language, using
from coverage.ui import journal
from coverage.ui.work import Workshop

WAIT_S = 120


def patient(gate):
    def make(progress):
        while not gate.wait(0.02):
            progress("step", 0.5)
        return "result"

    return make


def test_two_sessions_share_one_computation():
    calls = []
    shop = Workshop()
    first = shop.ask("k", "a", lambda progress: calls.append(1) or "x")
    second = shop.ask("k", "b", lambda progress: calls.append(1) or "x")
    assert first is second
    assert first.ended.wait(WAIT_S)
    assert (first.state, first.result, calls) == ("done", "x", [1])


def test_a_new_question_stops_the_old_one_of_the_same_session_only():
    shop, gate = Workshop(), threading.Event()
    mine = shop.ask("old", "a", patient(gate))
    shop.ask("new", "a", lambda progress: "y")
    assert mine.ended.wait(WAIT_S)
    assert mine.state == "cancelled"

    shared = shop.ask("shared", "a", patient(gate))
    shop.ask("shared", "b", patient(gate))
    other = shop.ask("other", "a", lambda progress: "z")  # its turn comes when the shared one has ended
    assert not shared.stop.is_set()
    assert shared.state == "running"
    assert other.state == "running"
    gate.set()
    assert shared.ended.wait(WAIT_S)
    assert shared.state == "done"


def test_stopping_keeps_it_stopped_until_asked_again():
    shop, gate = Workshop(), threading.Event()
    job = shop.ask("k", "a", patient(gate))
    job.stop.set()
    assert job.ended.wait(WAIT_S)
    assert job.state == "cancelled"
    assert shop.ask("k", "a", patient(gate)) is job
    gate.set()
    again = shop.ask("k", "a", patient(gate), again=True)
    assert again is not job
    assert again.ended.wait(WAIT_S)
    assert again.result == "result"


def test_a_stopped_question_that_comes_back_is_computed():
    shop, gate = Workshop(), threading.Event()
    shop.ask("k", "a", patient(gate))
    shop.ask("other", "a", lambda progress: "y").ended.wait(WAIT_S)
    gate.set()
    back = shop.ask("k", "a", patient(gate))
    assert back.ended.wait(WAIT_S)
    assert back.result == "result"


def test_bad_input_is_kept_as_it_was_said():
    def make(progress):
        raise InputError("broken", where="file.csv", todo="mend it")

    job = Workshop().ask("k", "a", make)
    assert job.ended.wait(WAIT_S)
    assert job.state == "failed"
    assert (job.error.what, job.error.where, job.error.todo) == ("broken", "file.csv", "mend it")


def test_a_fault_of_the_program_is_told_without_its_traceback(monkeypatch):
    told = []
    monkeypatch.setattr(journal._LOG, "error", lambda _name, extra: told.append(extra["values"]))
    job = Workshop().ask("k", "a", lambda progress: 1 / 0)
    assert job.ended.wait(WAIT_S)
    assert job.state == "failed"
    assert "division" not in str(job.error)
    assert told
    assert told[0]["kind"] == "ZeroDivisionError"
    assert told[0]["id"] in job.error.todo


def test_the_work_speaks_the_language_of_who_asked():
    with using("en"):
        job = Workshop().ask("k", "a", lambda progress: (language(), _("Map")))
    assert job.ended.wait(WAIT_S)
    assert job.result == ("en", "Map")


def test_only_the_latest_results_are_kept():
    shop = Workshop()
    jobs = [shop.ask(str(i), "a", lambda progress, i=i: i) for i in range(12)]
    for job in jobs:
        assert job.ended.wait(WAIT_S)
    shop.ask("last", "a", lambda progress: 0)
    assert len(shop._jobs) <= 8
