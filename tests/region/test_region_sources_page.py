"""The page of sources is the registry's: every source and every reader stands there, and none that is not."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from coverage.region.sources.columns import sources
from coverage.region.sources.registry import readers

PAGE = Path(__file__).parents[2] / "docs" / "sources.py"
#: Read apart from the registry: rasters of several tiles.
APART = {"read_terrain", "read_land_cover"}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sources_page", PAGE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(script: ModuleType) -> None:
    assert script.TARGET.read_text(encoding="utf-8") == script.page(), "run: python docs/sources.py"


def test_every_source_has_a_reader_that_exists_and_every_reader_a_source(script: ModuleType) -> None:
    told = script.rows("readers")
    assert {row["source"] for row in told} == set(sources())
    functions = set()
    for row in told:
        module, name = row["reader"].rsplit(".", 1)
        functions.add(getattr(importlib.import_module(f"coverage.region.{module}"), name))
        assert row["tested_on"]
    layers = {source.layer for source in sources().values()}
    registered = {reader.read for layer in layers for reader in readers(layer)}
    assert registered <= functions
    assert {function.__name__ for function in functions - registered} == APART
