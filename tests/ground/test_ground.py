"""The ground that every room stands on: languages, assumptions, raster, cache, import of numba."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from affine import Affine

from coverage import cache
from coverage.assumptions import COLUMNS, Assumption, Assumptions, load
from coverage.errors import AssumptionError, InputError
from coverage.language import date, number, percent, rupiah, rupiah_short, using
from coverage.raster import Raster


def test_numbers_in_both_languages() -> None:
    assert rupiah(1_250_000) == "Rp 1.250.000"
    assert rupiah_short(1_234_000_000) == "Rp 1,2 miliar"
    assert rupiah_short(118_400) == "Rp 118 ribu"
    assert rupiah_short(-2.3e9) == "-Rp 2,3 miliar"
    assert number(12345.6, 1) == "12.345,6"
    assert percent(0.123, 1) == "12,3%"
    assert date(dt.date(2026, 8, 17)) == "17 Agustus 2026"
    with using("en"):
        assert rupiah(1_250_000) == "Rp 1,250,000"
        assert rupiah_short(1_234_000_000) == "Rp 1.2 billion"
    assert rupiah(1_250_000) == "Rp 1.250.000"


def test_every_assumption_file_is_sound() -> None:
    everything = load()
    frame = everything.frame()
    assert len(frame) > 50
    assert frame["unit"].ne("").all()
    assert frame["note_id"].ne("").all()
    assert frame["note_en"].ne("").all()


def test_assumptions_tell_all_problems_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        ",".join(COLUMNS) + "\nx.a,1,2,3,m,,2024,a,a\nx.b,one,0,2,m,,2024,b,b\nx.c,1,0,2,m,,,c,c\nx.c,1,0,2,m,,,c,c\n"
    )
    with pytest.raises(AssumptionError) as caught:
        load(tmp_path)
    assert all(f"a.csv:{line}" in str(caught.value) for line in (2, 3, 5))


def test_a_topic_hides_the_others_and_overrides_are_checked() -> None:
    row = Assumption("radio.x", 1.0, 0.0, 2.0, "dB", "", "", "a", "a", "f.csv")
    both = Assumptions({"radio.x": row, "cost.y": row})
    assert list(both.topic("radio")) == ["radio.x"]
    with pytest.raises(AssumptionError):
        both.topic("radio")["cost.y"]
    with pytest.raises(AssumptionError, match=r"radio\.x"):
        both.override({"radio.z": 1.0})
    with pytest.raises(AssumptionError):
        both.override({"radio.x": float("nan")})
    assert both.override({"radio.x": 2.0})["radio.x"] == 2.0
    assert both["radio.x"] == 1.0


def test_raster_round_trip_and_sampling(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    values[0, 0] = np.nan
    raster = Raster(values, Affine(90, 0, 300_000, 0, -90, 9_200_000), "EPSG:32749")
    raster.write(tmp_path / "a.tif")
    again = Raster.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(again.values, values)
    assert (again.transform, again.crs) == (raster.transform, raster.crs)
    x, y = raster.xy([1, 2], [1, 3])
    np.testing.assert_array_equal(raster.sample(x, y), values[[1, 2], [1, 3]])
    assert np.isnan(raster.sample([0.0], [0.0]))[0]


def test_a_truncated_raster_is_refused_in_words(tmp_path: Path) -> None:
    raster = Raster(
        np.random.default_rng(1).random((300, 300), dtype=np.float32),
        Affine(90, 0, 300_000, 0, -90, 9_200_000),
        "EPSG:32749",
    )
    raster.write(tmp_path / "a.tif")
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "b.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"b\.tif"):
        Raster.read(tmp_path / "b.tif")


def test_keys_follow_content_and_corrupt_entries_are_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]})
    assert cache.key(frame) == cache.key(frame.copy())
    assert cache.key(frame) != cache.key(frame.assign(a=[1.0, 2.5]))
    assert cache.key(frame) != cache.key(frame.rename(columns={"a": "c"}))
    assert cache.key(1) != cache.key(1.0) != cache.key("1.0")
    with pytest.raises(TypeError):
        cache.key(object())

    monkeypatch.setenv("JANGKAU_CACHE", str(tmp_path))
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return 7

    assert [cache.remembered("n", "k", make) for _round in range(3)] == [7, 7, 7]
    assert len(made) == 1
    cache._store(tmp_path).set("n-k", b"\x80\x05garbage")
    assert cache.remembered("n", "k", make) == 7
    assert len(made) == 2


def test_the_cache_keeps_within_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_CACHE", str(tmp_path))
    bound, entry = 5_000_000, 100_000
    monkeypatch.setattr(cache, "_LIMIT_BYTES", bound)
    for n in range(120):
        cache.remembered("big", str(n), lambda n=n: np.full(entry // 8, n, dtype=np.float64))
    store = cache._store(tmp_path)
    assert store.volume() <= bound + 2 * entry
    assert 25 <= len(store) <= 50  # it lets go of ten at a time, those used longest ago
    assert cache.remembered("big", "119", lambda: np.zeros(1))[0] == 119


_USE_THE_CACHE = """
import sys
from coverage import cache
for turn in range(40):
    number = (turn * int(sys.argv[1])) % 20
    assert cache.remembered("shared", str(number), lambda: [number] * 1000) == [number] * 1000, number
print("done")
"""


def test_processes_share_the_cache_and_each_reads_what_was_written(tmp_path: Path) -> None:
    users = [
        subprocess.Popen(
            [sys.executable, "-c", _USE_THE_CACHE, step],
            env=os.environ | {"JANGKAU_CACHE": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for step in ("3", "7")
    ]
    assert [user.communicate()[0].strip() for user in users] == ["done", "done"]


def test_numba_and_the_package_live_together() -> None:
    """The package's name shadows coverage.py, which numba looks for (see coverage/__init__.py)."""
    code = "import coverage, numba; print(numba.njit(lambda x: x + 1)(1)); import coverage.language"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert done.stdout.strip() == "2"


def test_importing_a_room_does_not_load_the_house() -> None:
    code = "import sys, coverage, coverage.language; print(sorted(m for m in sys.modules if m.startswith('coverage.')))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert done.stdout.strip() == "['coverage.language']"
