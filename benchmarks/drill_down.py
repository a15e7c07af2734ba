"""The way down from a province to a village in a real browser: seconds and bytes of every step.

Run: ``python benchmarks/drill_down.py [RESULTS_FOLDER]`` (needs Chromium)

RESULTS_FOLDER is what ``python -m coverage batch`` left. Without one, the real borders of the 35
regencies of Central Java (8,563 villages, in ``../shared``) are used with figures that are made up:
maps, summary and page are the real ones, only the numbers on them mean nothing. Seconds run from
the click until map and words of the next place are drawn; bytes are files as they come over the
wire and messages unpacked.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import geopandas as gpd  # noqa: E402
import shapely  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from benchmarks.server import chromium, listening, running  # noqa: E402
from coverage.batch.results import open_results  # noqa: E402
from tests.many_regions import write_results  # noqa: E402
from tests.ui.test_ui_regions import Wire  # noqa: E402

BOUNDARIES = ROOT.parent / "shared" / "data" / "real" / "desa_33_jawa_tengah_kemendagri.geojson"
_SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


def made_up(folder: Path) -> Path:
    """Results of Central Java with real borders and figures of no meaning."""
    if not BOUNDARIES.is_file():
        sys.exit("the real boundary file beside the repository is absent; give a folder of results")
    read = gpd.read_file(BOUNDARIES)
    villages = gpd.GeoDataFrame(
        {
            "village_code": read["kode"].astype(str), "village_name": read["nama"].astype(str),
            "district_name": read["kec_nama"].astype(str), "regency_name": read["kab_nama"].astype(str),
        },
        geometry=shapely.make_valid(read.geometry.to_numpy()), crs=4326,
    )  # fmt: skip
    began = time.perf_counter()
    write_results(folder, villages)
    regencies = villages["village_code"].str[:5].nunique()
    print(f"{len(villages)} villages, {regencies} regencies: maps made in {time.perf_counter() - began:.0f} s")
    return folder


def print_sizes(folder: Path) -> None:
    """Bytes of the map files."""
    sizes = sorted((path.stat().st_size, path.name) for path in (folder / "map").glob("*.geojson"))
    print(f"map files: {len(sizes)}, the largest {sizes[-1][1]} with {sizes[-1][0]:,} bytes")
    for size, name in sizes:
        if len(Path(name).stem) < len("33.27"):
            print(f"  {name}: {size:,} bytes")


def walk(page: Any, address: str, folder: Path) -> None:
    """Every regency once: from its province to it and to a village in it, then back."""
    results = open_results(folder)
    began = time.monotonic()
    page.goto(address)
    _arrived(page, results.top, len(results.children(results.top)), results.name(results.top))
    print(f"first map: {time.monotonic() - began:.2f} s")
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for(timeout=60_000)
    wire = Wire(page)
    page.wait_for_timeout(3000)
    wire.taken()
    rows: dict[str, list[tuple[float, int, str]]] = {"regency": [], "village": [], "back": []}
    for code in results.regencies["regency_code"]:
        villages = results.children(code)
        steps = [("regency", code, len(villages), results.name(code))]
        first = str(villages.index[len(villages) // 2])
        steps.append(("village", first, len(villages), str(villages["name"][first])))
        above = code[:2]
        steps.append(("back", above, len(results.children(above)), results.name(above)))
        for kind, target, count, name in steps:
            began = time.monotonic()
            if kind == "back":
                page.locator(f".st-key-crumb_{above} button").click()
            else:  # a click on the map, as its page tells it to the app
                frame = page.locator(".st-key-map iframe").element_handle().content_frame()
                detail = "c => window.dispatchEvent(new CustomEvent('jangkau-select', {detail: {code: c}}))"
                frame.evaluate(detail, target)
            _arrived(page, target, count, name)
            took = time.monotonic() - began
            page.locator(_SETTLED).wait_for(timeout=30_000)
            page.wait_for_timeout(150)
            rows[kind].append((took, sum(wire.taken()), target))
    print("step      count  median_s  slowest_s  median_bytes  most_bytes")
    for kind, found in rows.items():
        seconds, sizes = sorted(f[0] for f in found), sorted(f[1] for f in found)
        middle = len(found) // 2
        most = max(found)[2], max(found, key=lambda f: f[1])[2]
        print(f"{kind:8s} {len(found):6d} {seconds[middle]:9.2f} {seconds[-1]:10.2f} "
              f"{sizes[middle]:13,d} {sizes[-1]:11,d}  {most}")  # fmt: skip


def _arrived(page: Any, code: str, count: int, name: str) -> None:
    frame = page.frame_locator(".st-key-map iframe")
    chosen = code if len(code) > len("33.27") else ""
    frame.locator(f"[data-villages='{count}'][data-selected='{chosen}']").wait_for(timeout=60_000)
    page.locator(".st-key-panel").get_by_role("heading", name=name, exact=True).first.wait_for(timeout=60_000)


def main() -> None:
    """Start the app on the results and walk through them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    given = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as scratch:
        folder = given or made_up(Path(scratch) / "out")
        print_sizes(folder)
        with running(str(folder)) as (_process, port), sync_playwright() as playwright:
            browser = chromium(playwright)
            listening(port)
            time.sleep(10)
            walk(browser.new_page(), f"http://localhost:{port}/?lang=en", folder)
            browser.close()


if __name__ == "__main__":
    main()
