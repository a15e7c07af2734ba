"""The static pages in a real browser: on a phone, on paper, and with names that would like to run."""

import re
import shutil

import pytest

from coverage.outputs.site import publish
from tests.fake_analysis import code, make_analysis

pytestmark = pytest.mark.browser
HOSTILE = '"><script>document.title="run"</script><img src=x onerror="document.title=\'run\'"></svg>{{7*7}} '
PAGES = (
    "index.html",
    "en/kecamatan/33.27.01.html",
    f"desa/{code(0)}.html",
    f"en/desa/{code(0)}.html",
    f"en/desa/{code(2)}.html",
    f"en/desa/{code(9)}.html",
)


@pytest.fixture(scope="module")
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        except api.Error as error:
            pytest.skip(f"no Chromium here: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(chromium):
    page = chromium.new_page(viewport={"width": 360, "height": 640})
    yield page
    page.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "site"
    publish(make_analysis(), out, sample=True)
    return out


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(tab, site, name):
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((site / name).as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert set(asked) == {(site / name).as_uri()}


@pytest.mark.parametrize("name", [name for name in PAGES if "desa/" in name])
def test_a_village_prints_on_one_sheet(tab, site, name):
    tab.goto((site / name).as_uri())
    sheets = re.findall(rb"/Type\s*/Page\b", tab.pdf(format="A4", prefer_css_page_size=True))
    assert len(sheets) == 1


def test_text_has_enough_contrast(tab, site):
    """Every text on a plain ground: WCAG 2.2 AA, 4.5 to 1."""
    tab.goto((site / PAGES[2]).as_uri())
    assert tab.evaluate(_CONTRAST) == []


def test_a_hostile_name_does_not_run(tab, tmp_path):
    publish(make_analysis(hostile=HOSTILE), tmp_path / "site", sample=True)
    for name in PAGES[:4]:
        tab.goto((tmp_path / "site" / name).as_uri())
        assert "script" in tab.title() or "Pemalang" in tab.title()
        assert tab.title() != "run"
        assert tab.locator("script, img").count() == 0
        assert "49" not in tab.title()


_CONTRAST = """() => {
  const light = c => { const v = c / 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const lum = ([r, g, b]) => .2126 * light(r) + .7152 * light(g) + .0722 * light(b);
  const bad = [];
  for (const e of document.querySelectorAll("main *, header *, footer *")) {
    if (e.closest("svg") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    let ground = e, fill = [255, 255, 255];
    while (ground) {
      const c = parts(getComputedStyle(ground).backgroundColor);
      if (c.length === 3 || c[3] === 1) { fill = c; break; }
      ground = ground.parentElement;
    }
    const a = lum(parts(getComputedStyle(e).color)), b = lum(fill);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push([e.tagName, e.className, e.textContent.slice(0, 30), ratio]);
  }
  return bad;
}"""
