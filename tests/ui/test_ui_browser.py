"""The app in a real browser: drawn, clicked, switched, re-planned; nothing leaves the machine."""

import re
import time

import pytest

from coverage.language import _, using
from tests.fake_analysis import COLUMNS, SIDE, SOUTH, WEST, code
from tests.ui.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGES = ("", "desa", "kemitraan", "skenario", "indikator", "data", "asumsi")


def centre(index):
    return SOUTH + (index // COLUMNS + 0.35) * SIDE, WEST + (index % COLUMNS + 0.35) * SIDE


def said(language, text):
    with using(language):
        return _(text)


def panel(seen):
    return seen.page.locator(".st-key-panel")


def metric(seen, label):
    return seen.page.locator("[data-testid=stMetric]").filter(has_text=label).locator("[data-testid=stMetricValue]")


def test_the_map_is_drawn_and_coloured(serve, visit):
    seen = visit(serve().url + "/?lang=en&lapis=layanan")
    seen.wait_for_map("layanan")
    assert seen.frame.evaluate("document.querySelector('[data-villages]').dataset.villages") == "30"
    served, unserved = seen.colour(*centre(2)), seen.colour(*centre(0))
    assert min(served[3], unserved[3]) > 150
    assert served[2] > served[0]  # blue
    assert unserved[0] > unserved[2]  # orange
    assert seen.frame.locator("#jangkau-legend").inner_text().count("\n") >= 4
    assert "not known: no data" in seen.frame.locator("#jangkau-legend").inner_text()


def test_clicking_a_village_tells_its_story(serve, visit):
    seen = visit(serve().url + "/?lang=en")
    seen.wait_for_map()
    panel(seen).get_by_text("Desa D29").first.wait_for()
    began = time.monotonic()
    seen.press(*centre(7))
    panel(seen).get_by_role("heading", name="Desa H7").wait_for(timeout=5000)
    took = time.monotonic() - began
    assert took < 3, f"a click took {took:.2f} s"
    seen.page.wait_for_url(re.compile("desa=" + re.escape(code(7))))
    seen.press(*centre(8))
    panel(seen).get_by_role("heading", name="Desa I8").wait_for(timeout=5000)
    assert code(8) in seen.frame.evaluate("document.querySelector('[data-selected]').dataset.selected")
    seen.press(*centre(7))
    panel(seen).get_by_role("heading", name="Desa H7").wait_for(timeout=5000)


def test_panning_and_zooming_ask_nothing_of_the_server(serve, visit):
    seen = visit(serve().url + "/?lang=en")
    seen.wait_for_map()
    seen.page.wait_for_timeout(800)
    frames = []
    seen.page.on("websocket", lambda socket: frames.append("new"))
    before = seen.page.locator("[data-testid=stApp]").get_attribute("data-test-run-count")
    x, y = seen.at(*centre(14))
    seen.page.mouse.move(x, y)
    seen.page.mouse.down()
    seen.page.mouse.move(x + 60, y + 30, steps=4)
    seen.page.mouse.up()
    seen.page.mouse.wheel(0, -300)
    seen.page.wait_for_timeout(800)
    assert frames == []
    assert seen.page.locator("[data-testid=stApp]").get_attribute("data-test-run-count") == before


def test_the_language_switch_changes_the_words(serve, visit):
    seen = visit(serve().url + "/")
    seen.wait_for_map()
    seen.page.get_by_role("heading", name=re.compile(said("id", "Example: {answer}").split(" ")[0])).wait_for()
    seen.page.get_by_test_id("stButtonGroup").get_by_text("EN", exact=True).click()
    seen.page.get_by_role("heading", name=re.compile("Example: The next Rp 1 billion")).wait_for()
    seen.page.wait_for_url(re.compile("lang=en"))
    seen.frame.locator("#jangkau-legend").get_by_text("Index points per Rp 1 billion").wait_for()


def test_the_budget_makes_another_plan(serve, visit):
    seen = visit(serve().url + "/?lang=en&lapis=rencana")
    seen.wait_for_map("rencana")
    before = metric(seen, "Public money used").inner_text()
    slider = seen.page.get_by_role("slider").first
    slider.focus()
    slider.press("Home")
    metric(seen, "Public money used").filter(has_text="Rp 0").wait_for(timeout=10_000)
    assert before != "Rp 0"
    seen.frame.locator("#jangkau-legend").get_by_text("not yet in the plan").wait_for()


def test_layer_and_table_follow_the_same_selection(serve, visit):
    seen = visit(serve().url + f"/?lang=en&desa={code(1)}")
    seen.wait_for_map()
    panel(seen).get_by_role("heading", name="Desa B1").wait_for()
    seen.page.get_by_text("Service", exact=True).first.click()
    seen.wait_for_map("layanan")
    seen.page.wait_for_url(re.compile("lapis=layanan"))
    assert code(1) in seen.frame.evaluate("document.querySelector('[data-selected]').dataset.selected")


def test_the_first_screen_is_never_empty_and_can_be_stopped(serve, visit):
    seen = visit(serve(mode="slow").url + "/?lang=en")
    seen.page.frame_locator(".st-key-map iframe").locator("[data-villages='30']").wait_for(timeout=20_000)
    seen.page.get_by_text("Calculating the first result").wait_for()
    seen.page.get_by_role("button", name="Stop").click()
    seen.page.get_by_text("The calculation was stopped").wait_for(timeout=10_000)
    seen.page.get_by_role("button", name="Calculate").click()
    seen.wait_for_map(timeout=20_000)


def _hover_until_told(seen, index, text):
    """Keep the mouse moving over a village: a layer that is painted anew forgets where it stood."""
    told = seen.frame.locator(".leaflet-tooltip").get_by_text(text).first
    for nudge in range(60):
        x, y = seen.at(*centre(index))
        seen.page.mouse.move(x + nudge % 3, y + nudge % 2)
        if told.is_visible():
            return
        seen.page.wait_for_timeout(250)
    raise AssertionError(f"no tooltip over village {index}")


def test_markup_in_names_never_runs(serve, visit):
    server = serve(mode="hostile")
    for page in PAGES:
        seen = visit(f"{server.url}/{page}?lang=en&desa={code(7)}")
        seen.page.get_by_role("heading", level=2).first.wait_for(timeout=30_000)
        if page == "":
            seen.wait_for_map()
            for layer in ("Service", "Deal", "Plan"):
                seen.page.get_by_test_id("stButtonGroup").get_by_text(layer, exact=True).click()
                seen.page.wait_for_timeout(400)
                for index in (0, 7, 12):
                    _hover_until_told(seen, index, "<img src=x")
            seen.press(*centre(8))
            panel(seen).get_by_text(code(8)).first.wait_for(timeout=10_000)
        for frame in seen.page.frames:
            assert frame.evaluate("window.hacked") is None, page
            assert frame.locator("img[src='x']").count() == 0, page
        assert seen.page.locator("a[href^='javascript']").count() == 0
        seen.page.close()


@pytest.mark.parametrize("page", PAGES)
def test_pages_fit_a_phone(serve, visit, page):
    seen = visit(f"{serve().url}/{page}?lang=id", width=390, height=844)
    seen.page.get_by_role("heading", level=2).first.wait_for(timeout=30_000)
    if page == "":
        seen.wait_for_map()
        seen.page.wait_for_timeout(300)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    main = seen.page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_the_standalone_map_opens_without_anything_else(visit, tmp_path):
    from coverage.outputs import leaflet
    from tests.fake_analysis import make_analysis
    from tests.ui.fake_names import HOSTILE

    path = tmp_path / "map.html"
    path.write_text(leaflet.standalone(make_analysis(hostile=HOSTILE)), encoding="utf-8")
    seen = visit("about:blank")
    seen.page.goto(path.as_uri())
    seen.page.locator("[data-villages='30']").wait_for()
    for button in seen.page.locator("#jangkau-layers button").all():
        button.click()
        seen.page.mouse.move(600, 400)
        seen.page.mouse.move(640, 430)
    assert seen.page.evaluate("window.hacked") is None
    assert seen.page.locator("#jangkau-badge").inner_text() == "CONTOH – BUKAN DATA RESMI"
    seen.outside = [url for url in seen.outside if url not in ("about:blank", path.as_uri())]


@pytest.mark.skipif(not (ROOT / "data/pemalang/datapackage.json").is_file(), reason="no embedded region")
def test_the_embedded_region_goes_the_whole_way(serve, visit):
    """The journey on the real chain: map, click, language, budget."""
    seen = visit(serve("app.py").url + "/")
    seen.wait_for_map(timeout=240_000)
    assert int(seen.frame.evaluate("document.querySelector('[data-villages]').dataset.villages")) == 223
    first = panel(seen).get_by_role("heading").first.inner_text()
    seen.page.mouse.click(*seen.at(-7.03, 109.40))
    seen.page.wait_for_function(
        "name => document.querySelector('.st-key-panel h3').innerText !== name", arg=first, timeout=10_000
    )
    seen.page.get_by_test_id("stButtonGroup").get_by_text("EN", exact=True).click()
    seen.page.get_by_role("heading", name=re.compile("Example: ")).wait_for()
    before = metric(seen, "Public money used").inner_text()
    slider = seen.page.get_by_role("slider").first
    slider.focus()
    slider.press("Home")
    seen.page.wait_for_function(
        "text => ![...document.querySelectorAll('[data-testid=stMetricValue]')].some(e => e.innerText === text)",
        arg=before,
        timeout=60_000,
    )
