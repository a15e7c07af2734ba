"""What a hand on the map waits for: ``python benchmarks/map_clicks.py [times]``.

Opens the app on the embedded region in a real browser, with results kept from before, and repeats each
action. Prints the median seconds until the browser shows it and the median kilobytes that the wire
carries to the browser, beside their limits; ends with 1 where a limit is broken.
"""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.server import chromium, listening, running  # noqa: E402
from benchmarks.wire import Wire  # noqa: E402

#: Seconds and kilobytes.
LIMITS = {
    "first map": (2.5, None),
    "click": (0.4, 60.0),
    "layer switch": (0.4, 60.0),
    "overlay": (0.4, 60.0),
    "click beside": (None, None),
}
#: Layers in turn: a name in English and in the address.
LAYERS = (("Service", "layanan"), ("Need", "kebutuhan"), ("Plan", "rencana"), ("Benefit", "manfaat"))
#: Where villages are clicked, as shares of the map.
PLACES = ((0.45, 0.35), (0.5, 0.55), (0.4, 0.6), (0.55, 0.4), (0.48, 0.48))
QUIET = "[data-testid=stApp][data-test-script-state=notRunning]"
OTHER = "/?lang=en&lapis=rencana&banding=siap-satellite_first"


class Hand:
    """One browser page, the clock and the scale."""

    def __init__(self, page: Any, wire: Wire) -> None:
        self.page = page
        self.wire = wire
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.kilobytes: dict[str, list[float]] = defaultdict(list)

    def open(self, address: str) -> None:
        """Go there and wait until all is quiet."""
        self.page.goto(address)
        self.page.frame_locator(".st-key-map iframe").locator("[data-layer]").wait_for(timeout=300_000)
        self.settle()

    def settle(self) -> None:
        """Wait until the page is drawn and nothing more comes."""
        self.page.wait_for_timeout(300)
        self.page.locator(QUIET).wait_for(timeout=300_000)
        self.page.wait_for_timeout(500)

    def measure(self, name: str, act: Callable[[], None], seen: Callable[[], None]) -> None:
        """Do something, wait until it is seen, and then until nothing more comes."""
        self.wire.reset()
        began = time.perf_counter()
        act()
        seen()
        self.seconds[name].append(time.perf_counter() - began)
        self.settle()
        self.kilobytes[name].append(self.wire.kilobytes)

    def click(self, name: str, place: tuple[float, float]) -> None:
        """Press a village on the map; its name in the panel is the answer."""
        head = self.page.locator(".st-key-panel h3")
        before, box = head.inner_text(), self.page.locator(".st-key-map iframe").bounding_box()
        self.measure(
            name,
            lambda: self.page.mouse.click(box["x"] + box["width"] * place[0], box["y"] + box["height"] * place[1]),
            lambda: self.page.wait_for_function(
                "b => document.querySelector('.st-key-panel h3').innerText !== b", arg=before
            ),
        )

    def villages(self) -> list[tuple[float, float]]:
        """The places that lead to villages of their own, found by pressing each once."""
        head, found = self.page.locator(".st-key-panel h3"), {}
        for place in PLACES:
            box = self.page.locator(".st-key-map iframe").bounding_box()
            self.page.mouse.click(box["x"] + box["width"] * place[0], box["y"] + box["height"] * place[1])
            self.page.wait_for_timeout(1500)
            self.settle()
            found.setdefault(head.inner_text(), place)
        if len(found) < 2:
            raise RuntimeError("too few villages under the places to press")
        return list(found.values())

    def layer(self, label: str, name: str) -> None:
        """Switch the layer; the map that is painted with it is the answer."""
        self.measure(
            "layer switch",
            lambda: self.page.get_by_test_id("stButtonGroup").get_by_text(label, exact=True).click(),
            lambda: self.page.frame_locator(".st-key-map iframe").locator(f'[data-layer="{name}"]').wait_for(),
        )

    def overlay(self) -> None:
        """Show or hide the facilities; the page that is drawn with them is the answer."""
        button = self.page.get_by_test_id("stButtonGroup").get_by_text("Facilities", exact=True)
        self.measure(
            "overlay",
            button.click,
            lambda: (self.page.wait_for_timeout(50), self.page.locator(QUIET).wait_for()),  # type: ignore[func-returns-value]
        )


def measure(times: int) -> Hand:
    """Every action so many times."""
    with running() as (_process, port), sync_playwright() as playwright:
        browser = chromium(playwright)
        listening(port)
        wire = Wire(port)
        url = f"http://localhost:{wire.port}"
        hand = Hand(browser.new_context(viewport={"width": 1366, "height": 900}).new_page(), wire)
        hand.open(f"{url}/?lang=en")
        for _time in range(times):
            page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
            began = time.perf_counter()
            page.goto(f"{url}/?lang=en")
            page.frame_locator(".st-key-map iframe").locator("canvas.leaflet-zoom-animated").first.wait_for()
            hand.seconds["first map"].append(time.perf_counter() - began)
            page.close()
        places, layers = itertools.cycle(hand.villages()), itertools.cycle(LAYERS)
        for _time in range(times):
            hand.click("click", next(places))
            hand.layer(*next(layers))
            hand.overlay()
        hand.open(url + OTHER)
        hand.page.frame_locator(".st-key-map_second iframe").locator("[data-layer]").wait_for(timeout=300_000)
        hand.settle()
        for _time in range(times):
            hand.click("click beside", next(places))
        browser.close()
        return hand


def main(times: int) -> int:
    """Print the table."""
    hand = measure(times)
    broken = False
    print(f"{times} times each, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':16}{'s':>8}{'limit':>8}{'KB':>8}{'limit':>8}")
    for name, limits in LIMITS.items():
        found = (hand.seconds[name], hand.kilobytes[name])
        told = [
            (statistics.median(values) if values else None, limit) for values, limit in zip(found, limits, strict=True)
        ]
        broken |= any(value is not None and limit is not None and value > limit for value, limit in told)
        cells = [f"{'' if n is None else f'{n:.2f}':>8}" for pair in told for n in pair]
        print(f"{name:16}" + "".join(cells))
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7))
