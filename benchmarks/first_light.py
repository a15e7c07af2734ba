"""From nothing to the first map: ``python benchmarks/first_light.py [rounds]``.

Measures, side by side with the limits that we set ourselves, each in fresh processes and with a
fresh folder of results: ``analyse`` cold, with the radio's results kept, and warm; a re-plan for another
budget; the app to its first map, all cold (kernels compiled anew), on a new server, in a fresh and in
a returning browser; a layer switch and a click, in seconds and kilobytes. Wall seconds, median of
the rounds, with the load of the machine beside them.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.server import chromium, listening, running  # noqa: E402
from benchmarks.wire import Wire  # noqa: E402

LIMITS = {
    "analyse, cold": 60.0,
    "analyse, radio kept": 10.0,
    "analyse, all kept": float("nan"),
    "another budget": float("nan"),
    "first map, all cold": 15.0,
    "first map, new server": 2.5,
    "first map, fresh browser": 2.5,
    "first map, returning browser": 2.5,
    "layer switch": 0.4,
    "layer switch, KB": 60.0,
    "click": 0.4,
    "click, KB": 60.0,
}
ANALYSE = """
import sys, time
from coverage import cache, region
from coverage.analysis import analyse
from coverage.scenario import Scenario
made = region.load("data/pemalang")
start = time.perf_counter()
if sys.argv[1] == "radio":
    keep = ("grid", "places", "signal", "interference", "calibration")
    cache.remembered = (lambda inner: lambda name, *rest, **more: inner(name, *rest, **more)
                        if name in keep else rest[1]())(cache.remembered)
analyse(made, Scenario(budget_idr=float(sys.argv[2])))
print(time.perf_counter() - start)
"""
#: A cold analysis on a busy machine is done by then.
_PATIENCE_MS = 900_000


def analyse(mode: str, budget: float, environment: dict[str, str]) -> float:
    """Seconds that ``analyse`` takes in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", ANALYSE, mode, str(budget)],
        cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def _drawn(page: Any) -> None:
    canvas = page.frame_locator(".st-key-map iframe").locator("canvas.leaflet-zoom-animated")
    canvas.first.wait_for(state="attached", timeout=_PATIENCE_MS)


def _painted(page: Any, layer: str) -> None:
    page.frame_locator(".st-key-map iframe").locator(f'[data-layer="{layer}"]').wait_for(timeout=_PATIENCE_MS)


def visits(environment: dict[str, str], *, only_first: bool = False) -> dict[str, float]:
    """Seconds to the villages drawn in three states, and what a layer switch and a click cost.

    A new server with a fresh browser; a running server with a fresh browser; a browser that comes
    back. Kilobytes are what the wire carries to the browser. With `only_first` the first state
    alone, without waiting for the analysis.
    """
    from playwright.sync_api import sync_playwright

    found: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        start = time.perf_counter()
        with running(environment=environment) as (_process, port):
            listening(port)
            wire = Wire(port)
            for name in ("new server", "fresh browser"):
                page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
                start = time.perf_counter() if name == "fresh browser" else start
                page.goto(f"http://localhost:{wire.port}/?lang=en")
                _drawn(page)
                found[name] = time.perf_counter() - start
                if only_first:
                    return found
                _painted(page, "manfaat")
                page.wait_for_timeout(2500)
            start = time.perf_counter()
            page.goto(f"http://localhost:{wire.port}/?lang=en")
            _drawn(page)
            found["returning browser"] = time.perf_counter() - start
            _painted(page, "manfaat")
            page.wait_for_timeout(2500)
            wire.reset()
            start = time.perf_counter()
            page.get_by_test_id("stButtonGroup").get_by_text("Service", exact=True).click()
            _painted(page, "layanan")
            found["layer switch"] = time.perf_counter() - start
            page.wait_for_timeout(1500)
            found["layer switch, KB"] = wire.kilobytes
            wire.reset()
            panel = page.locator(".st-key-panel h3")
            before = panel.inner_text()
            box = page.locator(".st-key-map iframe").bounding_box()
            start = time.perf_counter()
            page.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.35)
            page.wait_for_function("b => document.querySelector('.st-key-panel h3').innerText !== b", arg=before)
            found["click"] = time.perf_counter() - start
            page.wait_for_timeout(1500)
            found["click, KB"] = wire.kilobytes
            return found


def main(rounds: int) -> None:
    """Print the table; ``0`` rounds measure only the app, with what is kept on this machine."""
    if rounds == 0:
        for name, value in visits({**os.environ}).items():
            print(f"{name:28}{value:10.2f}")
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        return
    found: dict[str, list[float]] = {name: [] for name in LIMITS}
    for _round in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "JANGKAU_CACHE": f"{folder}/a", "NUMBA_CACHE_DIR": f"{folder}/n"}
            found["analyse, cold"].append(analyse("all", 12e9, environment))
            found["analyse, radio kept"].append(analyse("radio", 12e9, environment))
            found["analyse, all kept"].append(analyse("all", 12e9, environment))
            found["another budget"].append(analyse("all", 9e9, environment))
            cold = {**environment, "JANGKAU_CACHE": f"{folder}/b", "NUMBA_CACHE_DIR": f"{folder}/m"}
            found["first map, all cold"].append(visits(cold, only_first=True)["new server"])
            for name, value in visits(environment).items():
                found[name if name in found else f"first map, {name}"].append(value)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {rounds} rounds")
    print(f"{'':28}{'median':>10}{'limit':>10}")
    for name, limit in LIMITS.items():
        print(f"{name:28}{statistics.median(found[name]):10.2f}{limit:10.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
