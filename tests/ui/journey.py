"""The journey of a user on the real chain; run by ``test_ui_offline.py``, where there is no network."""

import re

import pytest

pytestmark = pytest.mark.browser


def metric(seen, label):
    return seen.page.locator("[data-testid=stMetric]").filter(has_text=label).locator("[data-testid=stMetricValue]")


def test_the_embedded_region_goes_the_whole_way(serve, visit):
    """The journey on the real chain: map, click, language, budget."""
    seen = visit(serve("app.py").url + "/")
    seen.wait_for_map(timeout=480_000)
    assert int(seen.frame.evaluate("document.querySelector('[data-villages]').dataset.villages")) == 223
    first = seen.page.locator(".st-key-panel").get_by_role("heading").first.inner_text()
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
