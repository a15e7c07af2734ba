"""What is kept of an analysis: made once per language and question, never shown for another analysis."""

import copy
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from coverage import kept as module
from coverage.kept import kept
from coverage.language import language, using


@dataclass(frozen=True, eq=False)
class Found:
    value: int


@kept
def told(analysis, *asked, **named):
    analysis.made.append(asked) if hasattr(analysis, "made") else None
    return (analysis.value, language(), asked, tuple(named))


@pytest.mark.parametrize("make", [Found, lambda value: SimpleNamespace(value=value)])
def test_the_same_question_is_answered_once_per_language(make):
    found = make(1)
    first = told(found, "village")
    assert told(found, "village") is first
    assert told(found, "other") != first
    with using("en"):
        assert told(found, "village") == (1, "en", ("village",), ())
    assert told(found, "village") is first


def test_a_copy_with_something_changed_begins_anew():
    found = Found(1)
    assert told(found)[0] == 1
    assert told(replace(found, value=2))[0] == 2
    changed = SimpleNamespace(**{**vars(found), "value": 3})
    assert told(changed)[0] == 3
    twin = copy.copy(found)
    object.__setattr__(twin, "value", 4)
    assert told(twin)[0] == 4
    assert told(found)[0] == 1


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "_MOST", 3)
    found = SimpleNamespace(value=1, made=[])
    for village in ("a", "b", "c", "a", "d", "a", "b"):
        told(found, village)
    assert found.made == [("a",), ("b",), ("c",), ("d",), ("b",)]
