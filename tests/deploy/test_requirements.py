"""What Jangkau stands on is pinned to the last package, and the pins are what is installed and tested."""

from __future__ import annotations

import re
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def listed(name: str) -> list[tuple[Requirement, str]]:
    """The requirements of a file, each with the reason behind it."""
    lines = (line.partition("#") for line in (ROOT / name).read_text().splitlines())
    return [(Requirement(text), reason.strip()) for text, _mark, reason in lines if text.strip() and text[0] != "-"]


def asked() -> list[Requirement]:
    return [need for name in ("requirements.txt", "requirements-dev.txt") for need, _reason in listed(name)]


def brought_along() -> dict[str, str]:
    """Every package that the requirements bring along, to the version that is installed."""
    found: dict[str, str] = {}
    waiting = [(need, "") for need in asked()]
    seen: set[tuple[str, str]] = set()
    while waiting:
        need, extra = waiting.pop()
        if need.marker is not None and not need.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(need.name)
        for wanted in ("", *sorted(need.extras)):
            if (name, wanted) in seen:
                continue
            seen.add((name, wanted))
            there = distribution(name)
            found[name] = there.version
            waiting += [(Requirement(text), wanted) for text in there.requires or []]
    return found


def test_every_requirement_is_pinned_and_has_its_reason() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert listed(name)
        for need, reason in listed(name):
            assert re.fullmatch(r"==[\w.]+", str(need.specifier)), f"{name}: {need}"
            assert reason, f"{name}: {need}"


def test_the_constraints_cover_all_that_comes_along() -> None:
    pins = {canonicalize_name(need.name): str(need.specifier) for need, _reason in listed("constraints.txt")}
    assert all(re.fullmatch(r"==[\w.]+", pin) for pin in pins.values())
    found = brought_along()
    assert len(found) > 100
    assert {name: f"=={version}" for name, version in found.items()} == {name: pins.get(name) for name in found}
    for need in asked():
        assert pins[canonicalize_name(need.name)] == str(need.specifier)
