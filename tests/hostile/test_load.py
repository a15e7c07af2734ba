"""The measure of a crowd: it tells broken limits; in a long run a small crowd is let at a real server."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from benchmarks.load import P95_LIMIT_S, Tally, Visitor, crowd, quarters, report, serve


def tally(seconds: float, *errors: str, growth: float = 1.0) -> Tally:
    made = Tally(errors=list(errors), memory=[(float(n), 500.0 * (growth if n >= 30 else 1.0)) for n in range(40)])
    made.seconds["page"] = [seconds] * 100
    return made


def test_a_broken_limit_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(tally(P95_LIMIT_S / 2)) == 0
    assert report(tally(P95_LIMIT_S * 2)) == 1
    assert report(tally(0.1, "exception: x")) == 1
    assert report(tally(0.1, growth=1.5)) == 1
    assert report(Tally(memory=[(0.0, 1.0)])) == 1
    assert "errors: 1" in capsys.readouterr().out


def test_a_crowd_is_served_and_sees_what_it_clicked(tmp_path: Path, long_run: bool) -> None:
    app = "tests/ui/fake_app.py" if long_run else "tests/hostile/plain_app.py"
    one = Visitor("", random.Random(1), Tally())  # noqa: S311 - no secret

    async def see() -> Any:
        async with connect(one.url, subprotocols=["streamlit"], max_size=None) as one.socket:
            await one._run()
            for _time in range(3):
                await one._click("village")

    with serve(app, tmp_path) as (process, port):
        one.url = f"ws://localhost:{port}/_stcore/stream"
        found = asyncio.run(crowd(one.url, process.pid, 3, 20.0)) if long_run else Tally()
        asyncio.run(see())
    assert found.errors == one.tally.errors == []
    assert "desa=" in one.query
    if long_run:
        assert sum(map(len, found.seconds.values())) >= 9
        assert min(quarters(found.memory)) > 0
    assert "Traceback" not in (tmp_path / "server.log").read_text()
