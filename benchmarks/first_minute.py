"""How soon a newcomer has the answer: ``python benchmarks/first_minute.py``.

Opens the app on the embedded region in a real browser, with results kept from before and a fresh folder for
people's work, and walks the journeys of :mod:`tests.ui.journeys` at desk and phone size. Prints what the
hand does and the seconds from the address to the answer; ends with 1 where one takes longer than a minute.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.server import chromium, listening, running  # noqa: E402
from tests.ui.journeys import JOURNEYS, SIZES, Newcomer  # noqa: E402

LIMIT_S = 60.0
PATIENCE_MS = 300_000
VILLAGE = "Gunungtiga"


def main() -> int:
    """Walk and print."""
    slow = False
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {"JANGKAU_DATA": data}
        with running(environment=environment) as (_process, port), sync_playwright() as playwright:
            url, browser = f"http://localhost:{port}", chromium(playwright)
            listening(port)
            _first_result(browser, url)
            for kind, walk in JOURNEYS.items():
                for size, (width, height) in SIZES.items():
                    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
                    page.set_default_timeout(PATIENCE_MS)
                    began = time.perf_counter()
                    page.goto(url)
                    person = Newcomer(page)
                    walk(person, *([VILLAGE] if kind == "village_head" else []))
                    took = time.perf_counter() - began
                    slow |= took > LIMIT_S
                    print(f"{kind:14}{size:9}{person.hand} steps {took:6.1f} s", flush=True)
                    if len(sys.argv) > 1:
                        page.screenshot(path=Path(sys.argv[1]) / f"{kind}_{size}.png")
                    page.close()
            browser.close()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return int(slow)


def _first_result(browser: Any, url: str) -> None:
    """Until the app has its first result: that is the machine's time, not the newcomer's."""
    page = browser.new_page()
    page.goto(url)
    page.frame_locator(".st-key-map iframe").locator("[data-layer]").wait_for(timeout=PATIENCE_MS)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
