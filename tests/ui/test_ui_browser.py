"""The app in a real browser: drawn, clicked, switched, re-planned; nothing leaves the machine."""

import itertools
import re
import time
from pathlib import Path

import axe_playwright_python
import pytest

from coverage.language import _, using
from tests.fake_analysis import COLUMNS, SIDE, SOUTH, WEST, code
from tests.ui.settling import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
#: How soon a click must be answered, in seconds.
CLICK_S = 3.0
PAGES = ("", "desa", "kemitraan", "skenario", "indikator", "data", "asumsi")


def centre(index):
    return SOUTH + (index // COLUMNS + 0.35) * SIDE, WEST + (index % COLUMNS + 0.35) * SIDE


def said(language, text):
    with using(language):
        return _(text)


def panel(seen):
    return seen.page.locator(".st-key-panel")


def settled(seen):
    """The app, when it draws nothing any more."""
    return seen.page.locator("[data-testid=stApp][data-test-script-state=notRunning]")


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
    panel(seen).get_by_role("heading", name="Desa H7").wait_for()
    took = time.monotonic() - began
    assert took < CLICK_S, f"a click took {took:.2f} s"
    seen.page.wait_for_url(re.compile("desa=" + re.escape(code(7))))
    for index, name in ((8, "Desa I8"), (7, "Desa H7")):  # there and back
        seen.press(*centre(index))
        panel(seen).get_by_role("heading", name=name).wait_for()
        seen.frame.wait_for_function(
            "code => document.querySelector('[data-selected]').dataset.selected.includes(code)", arg=code(index)
        )


def test_panning_and_zooming_ask_nothing_of_the_server(serve, visit):
    seen = visit(serve().url + "/?lang=en")
    seen.wait_for_map()
    settled(seen).wait_for()
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
    assert before != "Rp 0"
    slider.press("Home")  # once, while the rest of the page is still being drawn
    metric(seen, "Public money used").filter(has_text=re.compile(r"^Rp 0$")).wait_for(timeout=PATIENCE_S * 1000)
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
    seen.page.frame_locator(".st-key-map iframe").locator("[data-villages='30']").wait_for()
    seen.page.get_by_text("Calculating the first result").wait_for()
    seen.page.get_by_role("button", name="Stop").click()
    seen.page.get_by_text("The calculation was stopped").wait_for()
    seen.page.get_by_role("button", name="Calculate").click()
    seen.wait_for_map()


def _hover_until_told(seen, index, text):
    """Keep the mouse moving over a village: a layer that is painted anew forgets where it stood."""
    seen.page.locator(".st-key-map").scroll_into_view_if_needed()
    told = seen.frame.locator(".leaflet-tooltip").get_by_text(text).first
    ends = time.monotonic() + PATIENCE_S
    for nudge in itertools.count():
        x, y = seen.at(*centre(index))
        seen.page.mouse.move(x + nudge % 3, y + nudge % 2)
        if told.is_visible():
            return
        if time.monotonic() > ends:
            break
        seen.page.wait_for_timeout(100)
    raise AssertionError(f"no tooltip over village {index}")


_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_WCAG = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], iframes: false})"


def barriers(frame):
    """What axe finds against WCAG 2.1 AA in a frame: rule and the element."""
    frame.evaluate(_AXE)
    found = frame.evaluate(f"{_WCAG}.then(r => [r.passes.length, r.violations.map("
                           "v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' | '))])")  # fmt: skip
    assert found[0] > 3, "axe looked at nothing"
    return found[1]


def test_markup_in_names_never_runs_and_nothing_bars_the_way(serve, visit):
    """Every page once, with names that attack: nothing runs, and axe finds no barrier in light and dark."""
    server = serve(mode="hostile")
    seen = visit("about:blank")
    for page in PAGES:
        seen.page.emulate_media(color_scheme="light")
        seen.page.goto(f"{server.url}/{page}?lang=en&desa={code(7)}")
        seen.page.get_by_role("heading", level=2).first.wait_for()
        if page == "":
            seen.wait_for_map()
            for layer in ("Service", "Plan"):
                settled(seen).wait_for()
                seen.page.get_by_test_id("stButtonGroup").get_by_text(layer, exact=True).click()
                _hover_until_told(seen, 7, "<img src=x")
            seen.press(*centre(8))
            panel(seen).get_by_text(code(8)).first.wait_for()
            assert barriers(seen.frame) == []
        settled(seen).wait_for()
        assert barriers(seen.page) == [], page
        seen.page.emulate_media(color_scheme="dark")
        assert barriers(seen.page) == [], f"{page} in the dark"
        for frame in seen.page.frames:
            assert frame.evaluate("window.hacked") is None, page
            assert frame.locator("img[src='x']").count() == 0, page
    seen.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
    assert any(barrier.startswith("image-alt") for barrier in barriers(seen.page))
    seen.outside = [url for url in seen.outside if url != "about:blank"]


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


def test_two_plans_beside_each_other_mark_what_differs(serve, visit):
    """A deep link to another plan: both maps on one layer, the same villages marked, the same selection."""
    seen = visit(serve().url + f"/?lang=en&lapis=layanan&banding=siap-satellite_first&desa={code(1)}")
    seen.wait_for_map("layanan")
    second = seen.page.frame_locator(".st-key-map_second iframe")
    second.locator('[data-layer="layanan"][data-differs="0"]').wait_for(timeout=60_000)
    seen.page.get_by_role("combobox", name="Compare with").wait_for()
    settled(seen).wait_for()  # a button that is being drawn anew may swallow a press
    seen.page.get_by_test_id("stButtonGroup").get_by_text("Plan", exact=True).click()
    second.locator('[data-layer="rencana"]').wait_for(timeout=60_000)
    marks = [seen.frame.locator("[data-differs]"), second.locator("[data-differs]")]
    assert len({mark.get_attribute("data-differs") for mark in marks}) == 1
    other = seen.page.locator(".st-key-map_second iframe").element_handle().content_frame()
    assert other.evaluate("document.querySelector('[data-selected]').dataset.selected") == code(1)
    seen.press(*centre(8))
    second.locator(f'[data-selected="{code(8)}"]').wait_for(timeout=30_000)


def test_two_maps_a_ruler_and_a_picture(serve, visit):
    seen = visit(serve().url + "/?lang=en&lapis=layanan&banding=kebutuhan")
    seen.wait_for_map("layanan")
    other = seen.page.frame_locator(".st-key-map_second iframe")
    other.locator('[data-layer="kebutuhan"]').wait_for()
    second = seen.page.locator(".st-key-map_second iframe").element_handle().content_frame()
    seen.frame.evaluate("jangkau.map().setZoom(12.5, {animate: false})")
    second.wait_for_function("jangkau.map().getZoom() === 12.5")
    # with the keyboard alone: the ruler takes the middle of the map at Enter
    seen.frame.get_by_role("button", name="Measure").press("Enter")
    box = seen.frame.get_by_role("application")
    box.press("Enter")
    seen.frame.evaluate("jangkau.map().panBy([100, 0], {animate: false})")
    box.press("Enter")
    assert re.fullmatch(r"\d+(\.\d+)? km", seen.frame.locator("output").inner_text())
    assert seen.frame.locator("output").inner_text() != "0 km"
    with seen.page.expect_download() as taken:
        seen.frame.get_by_role("button", name="Picture").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"\x89PNG")
    assert "not served: 12" in box.get_attribute("aria-label")
