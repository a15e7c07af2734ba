"""The app on a machine without any network but itself: what the README's start command opens, the whole way."""

import os
import re
from pathlib import Path

import pyogrio
import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
#: The first start of a fresh clone compiles the kernels and computes the signal, perhaps beside other tests.
COLD_MS = 1_800_000


def metric(seen, label):
    return seen.page.locator("[data-testid=stMetric]").filter(has_text=label).locator("[data-testid=stMetricValue]")


def _try_a_tower(seen):
    """A press on the map asks whom a tower there would newly reach; the place is marked."""
    toggle = seen.page.get_by_text("Try a tower", exact=True)
    toggle.click()
    seen.page.get_by_text("Press a place on the map: whom would a tower there reach?").first.wait_for()
    seen.frame.wait_for_selector(".jangkau-placing")
    seen.press(-7.16, 109.33)
    told = seen.page.get_by_text(re.compile("A tower of .* here newly reaches .* people"))
    told.wait_for()
    people = re.search(r"newly reaches ([\d,]+) people, of ([\d,]+)", told.inner_text())
    gained, reached = (int(group.replace(",", "")) for group in people.groups())
    assert 0 <= gained <= reached
    assert reached > 0
    toggle.click()
    told.wait_for(state="detached")


def _take_the_map_along(seen, folder):
    """The files of the map open where they are meant for: GDAL reads them, the page draws by itself."""
    seen.page.get_by_role("button", name="Download").first.click()
    taken = {}
    for label, ending in (("(HTML)", ".html"), ("(GeoPackage)", ".gpkg"), ("(KML)", ".kml")):
        with seen.page.expect_download() as coming:
            seen.page.get_by_role("button", name=re.compile(re.escape(label))).click()
        taken[ending] = folder / f"map{ending}"
        coming.value.save_as(taken[ending])
    assert len(pyogrio.read_dataframe(taken[".gpkg"], layer="villages")) == 223
    assert "layer_styles" in {name for name, _kind in pyogrio.list_layers(taken[".gpkg"])}
    assert len(pyogrio.read_dataframe(taken[".kml"], layer=0)) == 223
    page = seen.page.context.new_page()
    page.on("request", lambda request: seen.outside.append(request.url) if request.url.startswith("http") else None)
    page.goto(taken[".html"].as_uri())
    page.locator("[data-villages='223'][data-layer]").wait_for()
    page.close()
    seen.page.keyboard.press("Escape")


@pytest.mark.skipif(not (ROOT / "data/pemalang/datapackage.json").is_file(), reason="no embedded region")
def test_the_embedded_region_goes_the_whole_way_without_a_network(serve, visit, ground, tmp_path):
    """The journey on the real chain: map, click, language, a tower tried, the map taken along, budget.

    Only loopback is up, for the server as for the browser; the server's audit hook and the browser's
    requests show that neither tries to leave (``serve`` and ``visit`` look when they end).
    """
    server = serve("app.py")
    seen = visit(server.url + "/")
    seen.wait_for_map(timeout=COLD_MS)
    assert int(seen.frame.evaluate("document.querySelector('[data-villages]').dataset.villages")) == 223
    first = seen.page.locator(".st-key-panel").get_by_role("heading").first.inner_text()
    seen.page.mouse.click(*seen.at(-7.03, 109.40))
    seen.page.wait_for_function("name => document.querySelector('.st-key-panel h3').innerText !== name", arg=first)
    seen.page.get_by_test_id("stButtonGroup").get_by_text("EN", exact=True).click()
    seen.page.get_by_role("heading", name=re.compile("Example: ")).wait_for()
    _try_a_tower(seen)
    _take_the_map_along(seen, tmp_path)
    before = metric(seen, "Public money used").inner_text()
    slider = seen.page.get_by_role("slider").first
    slider.focus()
    slider.press("Home")
    seen.page.wait_for_function(
        "text => ![...document.querySelectorAll('[data-testid=stMetricValue]')].some(e => e.innerText === text)",
        arg=before,
    )
    if not ground.apart:
        pytest.skip("the journey passed, but this machine does not let the network be taken away")
    assert ground.holds(server.process.pid)
    assert not ground.holds(os.getpid())
    assert seen.page.evaluate("navigator.onLine") is False  # the browser sees no network either
