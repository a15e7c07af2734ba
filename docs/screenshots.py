"""Make the pictures of the README from the running app: ``python docs/screenshots.py`` (needs Chromium)."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from benchmarks.server import chromium, listening, running  # noqa: E402

COLOURS = 96
#: Picture, address, width and height in pixels.
PICTURES = (
    ("peta", "/?desa=33.27.02.2005", 1366, 900),
    ("desa", "/desa?desa=33.27.02.2005", 1366, 900),
    ("skenario", "/skenario", 1366, 760),
    ("indikator", "/indikator", 1366, 900),
    ("telepon", "/desa?desa=33.27.02.2005", 390, 844),
)


def main() -> None:
    """Start the app on a free port, wait for its first result, take the pictures."""
    with running() as (_process, port), sync_playwright() as playwright:
        browser = chromium(playwright)
        listening(port)
        for name, address, width, height in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height})
            _open(page, f"http://localhost:{port}{address}")
            page.screenshot(path=DOCS / f"{name}.png")
            picture = Image.open(DOCS / f"{name}.png").convert("RGB")
            picture.quantize(COLOURS).save(DOCS / f"{name}.png", optimize=True)
        browser.close()


def _open(page: Page, address: str, patience_s: float = 120.0) -> None:
    page.goto(address)
    page.wait_for_function(
        "document.body.innerText.includes('Contoh:') || /Belum|Terlayani/.test(document.body.innerText)",
        timeout=patience_s * 1000,
    )
    page.wait_for_timeout(4000)


if __name__ == "__main__":
    main()
