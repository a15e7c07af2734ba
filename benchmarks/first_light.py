"""From nothing to the first map: ``python benchmarks/first_light.py [rounds]``.

Measures, side by side with the limits that we set ourselves, each in fresh processes and with a
fresh folder of results: ``analyse`` cold, with the signal kept, and warm; a re-plan for another
budget; the app from start to the first map, cold (kernels compiled anew) and warm. Wall seconds,
median of the rounds, with the load of the machine beside them.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMITS = {
    "analyse, cold": 60.0,
    "analyse, signal kept": 10.0,
    "analyse, all kept": float("nan"),
    "another budget": float("nan"),
    "app to first map, cold": 15.0,
    "app to first map, warm": 3.0,
}
ANALYSE = """
import sys, time
from coverage import cache, region
from coverage.analysis import analyse
from coverage.scenario import Scenario
made = region.load("data/pemalang")
start = time.perf_counter()
if sys.argv[1] == "signal":
    keep = ("grid", "places", "signal")
    cache.remembered = (lambda inner: lambda name, *rest, **more: inner(name, *rest, **more)
                        if name in keep else rest[1]())(cache.remembered)
analyse(made, Scenario(budget_idr=float(sys.argv[2])))
print(time.perf_counter() - start)
"""


def analyse(mode: str, budget: float, environment: dict[str, str]) -> float:
    """Seconds that ``analyse`` takes in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", ANALYSE, mode, str(budget)],
        cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def first_map(environment: dict[str, str]) -> float:
    """Seconds from starting the server to villages painted in the browser."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        start = time.perf_counter()
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    socket.create_connection(("localhost", port), 0.2).close()
                    break
                except OSError:
                    time.sleep(0.05)
            page.goto(f"http://localhost:{port}/")
            while not any(frame.locator("canvas.leaflet-zoom-animated").count() for frame in page.frames):
                time.sleep(0.05)
            return time.perf_counter() - start
        finally:
            server.terminate()
            browser.close()


def main(rounds: int) -> None:
    """Print the table."""
    found: dict[str, list[float]] = {name: [] for name in LIMITS}
    for _round in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "JANGKAU_CACHE": f"{folder}/a", "NUMBA_CACHE_DIR": f"{folder}/n"}
            found["analyse, cold"].append(analyse("all", 12e9, environment))
            found["analyse, signal kept"].append(analyse("signal", 12e9, environment))
            found["analyse, all kept"].append(analyse("all", 12e9, environment))
            found["another budget"].append(analyse("all", 9e9, environment))
            cold = {**environment, "JANGKAU_CACHE": f"{folder}/b", "NUMBA_CACHE_DIR": f"{folder}/m"}
            found["app to first map, cold"].append(first_map(cold))
            found["app to first map, warm"].append(first_map(environment))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {rounds} rounds")
    print(f"{'':28}{'median s':>10}{'limit s':>10}")
    for name, limit in LIMITS.items():
        print(f"{name:28}{statistics.median(found[name]):10.1f}{limit:10.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
