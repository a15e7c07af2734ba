"""Our own parsers at the hands of chance: an answer or a refusal in words, nothing else."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coverage import assumptions
from coverage.access.replies import replies
from coverage.cli.work import money, override
from coverage.errors import JangkauError
from coverage.partnership.reply import read_reply
from coverage.region import Report
from coverage.region.corrections import read_corrections
from coverage.region.sources.opencellid import COLUMNS, read_opencellid
from coverage.region.sources.tabular import decoded, delimiter, read_table
from coverage.region.text import harmless, numbers, unharmed, village_codes
from coverage.scenario import Scenario, load_scenario, make_scenario
from coverage.store.forms import CODE, DATE, REPORTER, read_form
from coverage.ui.import_work import pointed
from tests.fake_analysis import code, make_region

_REGION = make_region()
_ASSUMPTIONS = assumptions.load()
_BOX = (109.0, -7.5, 110.0, -6.5)
#: Pieces that our formats are made of, so that chance comes further than the first line.
_PIECES = [
    "kode_desa", "nama_desa", "penduduk", "dusun", "sinyal Operator A", "tidak ada", "baik", "33.27.01.2001", code(0),
    "JANGKAU ", "Dusun:", "Sinyal:", "Tanggal:", "layer", "match_column", "match_value", "column", "value", "LTE",
    "GSM", "510", "10", "109.3", "-7.1", "1731399807", "-1", "1e308", "nan", "inf", "1.234,5", "1,234.5", "12 miliar",
    "rp", "juta", "2026-11-24", "24/11/26", "provider_id", "technologies", "ftth", ",", ";", "\t", "\n", "\r", '"', "'",
    "=", "[", "]", "{", "}", "\x00", "\ufeff", "é", "٣", "budget_idr", "budgets", "assumptions", "base", "objective",
    "least_cost", "target", "true", "[[x]]", ".", "#", "\\", "-", "+", "(", ")", "market.ppn", CODE, DATE, REPORTER,
]  # fmt: skip
_TEXT = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=6)), max_size=60).map("".join)
_BYTES = st.one_of(_TEXT.map(lambda text: text.encode(errors="replace")), st.binary(max_size=200))
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(_PIECES), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(_PIECES), inner, max_size=4)),
    max_leaves=8,
)


def _file(content: bytes, name: str, read: Callable[[Path], object]) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return read(path)


def _cells(content: bytes) -> None:
    row = b"LTE,510,10,3837,48566017,-1,109.32,-7.07,1000,23,1,1731399807,1731432544,0\n"
    for text in (content, row + content, ",".join(COLUMNS).encode() + b"\n" + row + content):
        _file(text, "c.csv", lambda p: read_opencellid(p, _BOX, _ASSUMPTIONS, Report()))


#: What is read, and from what.
PARSERS: dict[str, tuple[Callable[[Any], object], st.SearchStrategy[Any]]] = {
    "scenario file": (lambda c: _file(c, "s.toml", load_scenario), _BYTES),
    "scenario fields": (
        lambda v: make_scenario(v, "x"),
        st.dictionaries(st.sampled_from(list(Scenario.model_fields)), _VALUES, max_size=5),
    ),
    "cells": (_cells, _BYTES),
    "table": (lambda c: _file(c, "t.csv", lambda p: read_table(p, "population", Report())), _BYTES),
    "table of records": (lambda c: _file(c, "t.json", lambda p: read_table(p, "population", Report())), _BYTES),
    "corrections": (lambda c: _file(c, "c.csv", lambda p: read_corrections(p, Report())), _BYTES),
    "form of reports": (
        lambda c: _file(
            f"{CODE};{DATE};{REPORTER};sinyal A\n{code(0)};".encode() + c, "f.csv",
            lambda p: read_form(p, _REGION.villages, _REGION.settlements),
        ),
        _BYTES,
    ),
    "reply of a provider": (
        lambda c: _file(b"provider_id,technologies,kind\n" + c, "r.csv", lambda p: read_reply(p, _REGION.villages)),
        _BYTES,
    ),
    "messages": (
        lambda t: replies(f"JANGKAU {code(0)} {t}", _REGION.villages, _REGION.settlements, dt.date(2026, 11, 24)),
        _TEXT,
    ),
    "amount": (money, _TEXT),
    "override": (override, _TEXT),
    "files by path": (pointed, _TEXT),
}  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_answers_or_refuses_in_words(name: str, long_run: bool) -> None:
    parse, strategy = PARSERS[name]
    seen = {"answered": 0, "refused": 0}

    @settings(
        max_examples=2_000 if long_run else 40, deadline=5_000, derandomize=not long_run, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(strategy)
    def attempt(value: Any) -> None:
        try:
            parse(value)
            seen["answered"] += 1
        except JangkauError as error:
            seen["refused"] += 1
            assert str(error).strip()  # noqa: PT017 - either is right
            assert len(str(error)) < 20_000  # noqa: PT017

    attempt()
    assert sum(seen.values()) >= 30


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(_TEXT, min_size=1, max_size=5))
def test_text_becomes_numbers_and_codes_or_nothing(texts: list[str]) -> None:
    series = pd.Series([text.replace("\ud800", "") for text in texts], dtype=object)
    for whole in (False, True):
        found = numbers(series, whole=whole)
        assert found.isna().to_numpy().__or__(np.isfinite(found.to_numpy())).all()
    assert set(village_codes(series).str.len()) <= {0, 10}
    for text in texts:
        assert unharmed(harmless(text)) == text
        assert harmless(harmless(text)) == harmless(text)
        assert decoded(text.encode(errors="replace")) is not None
        assert delimiter(text) in ";\t|,"
