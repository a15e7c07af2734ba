"""Many regions in the app: from the nation to one village, by address, table and click; small, quick, harmless."""

from __future__ import annotations

import base64
import json
import re
import shutil
import sys
import time
import types
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coverage.batch.results import open_results
from coverage.errors import InputError
from coverage.ui import main, people
from tests.many_regions import centre, squares, village, write_results
from tests.ui.fake_names import HOSTILE
from tests.ui.settling import PATIENCE_S, settled
from tests.ui.test_ui_browser import barriers
from tests.ui.test_ui_pages import APP, _fresh, _warm, everything, pytestmark
from tests.ui.test_ui_pseudo_locale import bare, wrapping

__all__ = ["_fresh", "_warm", "pytestmark", "wrapping"]

#: What one step of the map may weigh, and how long it may take beside other tests (``benchmarks/drill_down.py``
#: measures it alone).
STEP_S, STEP_BYTES = 4.0, 300_000


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("many") / "hasil", squares())


@pytest.fixture
def started(results, monkeypatch, tmp_path):
    """The app, started with a folder of results."""
    monkeypatch.setenv("JANGKAU_REGIONS", str(tmp_path / "regions"))
    monkeypatch.setenv("JANGKAU_BATCHES", str(tmp_path / "batches"))
    monkeypatch.setattr(main, "region_folder", lambda: results)

    def start(**query):
        at = AppTest.from_file(str(APP), default_timeout=PATIENCE_S)
        for name, value in query.items():
            at.query_params[name] = value
        return at.run()

    return start


def subheaders(at):
    return [element.value for element in at.subheader]


def test_every_level_adds_up_to_the_one_above(results):
    found = open_results(results)
    sums = ["villages", "population", "population_left_out", "public_idr", "villages_planned", "population_gained"]
    nation = found.children("")
    for province in nation.index:
        regencies = found.children(province)
        assert regencies[sums].sum().to_list() == pytest.approx(nation.loc[province, sums].to_list())
        for regency in regencies.index:
            villages = found.children(regency)
            assert villages[sums].sum().to_list() == pytest.approx(regencies.loc[regency, sums].to_list())
            assert [f["properties"]["code"] for f in found.borders(regency)["features"]] == list(villages.index)
    assert found.way("33.27.01.2001") == ["", "33", "33.27", "33.27.01.2001"]


def test_the_first_screen_compares_and_names_what_failed(started):
    at = started(lang="en")
    assert not at.exception
    assert at.header[0].value == r"The next Rp 1 billion helps most in Kabupaten 33\.28"
    shown = everything(at)
    assert "1 regency failed" in shown
    assert r"Kabupaten Gagal" in shown
    assert "Served worst" in shown
    ranked = [b.label for b in at.button if b.key.startswith("go_need")]
    assert [label.split(" · ")[0].replace("\\", "") for label in ranked] == [
        "Kabupaten 33.28", "Kabupaten 61.71", "Kabupaten 33.27",
    ]  # fmt: skip


def test_one_goes_down_and_back_by_buttons(started):
    at = started(lang="en")
    at.button(key="go_next_per_billion_33.28").click().run()
    assert not at.exception
    assert subheaders(at)[0] == r"Kabupaten 33\.28"
    assert at.query_params["wilayah"] in ("33.28", ["33.28"])
    at.button(key="crumb_33").click().run()
    assert subheaders(at)[0] == "Jawa Tengah"
    at.button(key="crumb_nation").click().run()
    assert subheaders(at)[0] == "Indonesia"
    assert "wilayah" not in at.query_params


def test_a_link_opens_a_village_with_its_figures(started, results):
    code = village("33.27", 4)  # not served
    at = started(lang="en", wilayah=code, ukuran="kebutuhan")
    row = open_results(results).children("33.27").loc[code]
    assert "Desa 27\\-4 is not served" in at.header[0].value
    assert "Desa 27\\-4" in subheaders(at)
    assert f"{row['population_left_out']:,.0f}" in everything(at).replace("\\", "")
    assert at.session_state["measure"] == "kebutuhan"


@pytest.mark.parametrize("bad", ["99", "33.99", "../../etc", "33.27.01.9999", "<script>", "33.27.01"])
def test_an_address_that_leads_nowhere_shows_the_top(started, bad):
    at = started(lang="en", wilayah=bad, ukuran=bad, hasil=bad)
    assert not at.exception
    assert not at.error
    assert subheaders(at)[0] == "Indonesia"


def test_a_regency_that_is_imported_opens_whole(started):
    at = started(lang="en", wilayah=village("33.27", 4))
    assert "open_whole" not in [b.key for b in started(lang="en", wilayah="33.28").button]
    at.button(key="open_whole").click()
    settled(at)
    assert not at.exception
    assert at.session_state["here"].region.code == "33.27"
    # the pages of a region know the way back
    at.switch_page("../../coverage/ui/pages/wilayah.py").run()
    assert not at.exception
    assert "Desa 27\\-4" in subheaders(at)


def test_without_results_the_page_says_what_to_do(started, monkeypatch, tmp_path):
    monkeypatch.setattr(main, "region_folder", lambda: tmp_path)
    at = started(lang="en")
    at.switch_page("../../coverage/ui/pages/wilayah.py").run()
    assert not at.exception
    assert at.header[0].value == "No results of many regions yet"
    assert "python -m coverage batch" in at.code[0].value


def test_results_among_the_users_data_are_found(started, monkeypatch, results, tmp_path):
    shutil.copytree(results, tmp_path / "batches" / "lama")
    at = started(lang="en", hasil="lama")
    assert not at.exception
    assert at.selectbox(key="results_shown").value == "lama"


@pytest.mark.parametrize("lost", ["batch.json", "summary.parquet", "map/33.27.geojson", "villages/regency=33.27"])
def test_what_is_damaged_is_told_with_what_to_do(started, monkeypatch, results, tmp_path, lost):
    copy = shutil.copytree(results, tmp_path / "copy")
    (copy / ".batch").mkdir()
    gone = copy / lost
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    monkeypatch.setattr(main, "region_folder", lambda: copy)
    at = started(lang="en", wilayah="33.27")
    assert not at.exception
    assert Path(lost).name.split("=")[0] in at.error[0].value.replace("\\", "") or lost == "batch.json"
    assert "Run the same command again" in at.error[0].value


def test_codes_of_a_foreign_folder_cannot_lead_out_of_it(results, tmp_path):
    copy = shutil.copytree(results, tmp_path / "copy")
    path = copy / "provinces.csv"
    path.write_text(path.read_text().replace("\n33,", "\n../../33,"))
    with pytest.raises(InputError):
        open_results(copy)


def test_others_terms_stay_shut_to_a_village(started, monkeypatch):
    own = types.SimpleNamespace(id="u", role="village", village_code=village("33.27", 4), name="Desa", email="")
    monkeypatch.setattr(people, "user", lambda: own)
    for code, told in ((own.village_code, True), (village("33.27", 5), False)):
        at = started(lang="en", wilayah=code)
        assert not at.exception
        assert ("Best deal" in everything(at)) is told
        assert at.dataframe[0].value["public_idr"].notna().sum() == 1


def test_a_provider_is_not_let_in(started, monkeypatch):
    monkeypatch.setattr(people, "may_open", lambda _user, page: page != "wilayah")
    at = started(lang="en")
    assert not at.exception
    assert not at.subheader
    assert "Your role needs a region" in at.info[0].value


@pytest.mark.parametrize("place", ["", "33.27", village("33.27", 4)])
def test_no_word_lies_outside_the_catalogue(started, wrapping, results, place):
    found = open_results(results)
    names = [*found.regencies["regency_name"], *found.provinces["province_name"], *found.problems["problem"],
             "Kabupaten Gagal", "Jawa Tengah", "operator_a", "Desa", "Kecamatan"]  # fmt: skip
    at = started(lang="en", wilayah=place)
    assert not at.exception
    for kind in ("markdown", "caption", "header", "subheader", "metric", "button", "expander", "info"):
        for element in at.get(kind):
            text = element.label if kind in ("button", "metric", "expander") else element.value
            assert bare(text, sorted(names, key=len, reverse=True)) == [], f"{kind}: {text}"


class Wire:
    """What a page receives from the server: files as they come over the wire, messages as they are read."""

    def __init__(self, page):
        self.files, self.messages = 0, 0
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: self._add(files=event["encodedDataLength"]))
        session.on("Network.webSocketFrameReceived", lambda event: self._add(messages=self._size(event["response"])))

    @staticmethod
    def _size(response):
        text = response["payloadData"]
        return len(base64.b64decode(text)) if response["opcode"] == 2 else len(text)

    def _add(self, files=0, messages=0):
        self.files += int(files)
        self.messages += messages

    def taken(self):
        """Bytes since the last time."""
        found, self.files, self.messages = (self.files, self.messages), 0, 0
        return found


def step(seen, wire, action, ready):
    """Seconds and bytes from a click until the new map and the words beside it are there."""
    wire.taken()
    began = time.monotonic()
    action()
    ready()
    took = time.monotonic() - began
    seen.page.wait_for_timeout(300)  # what still comes counts, too
    return took, sum(wire.taken())


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_in_a_browser_each_step_down_is_quick_and_small(serve, visit, tmp_path_factory):
    folder = write_results(tmp_path_factory.mktemp("many") / "hasil", squares(HOSTILE), hostile=HOSTILE)
    seen = visit(serve(app="app.py", data=str(folder)).url + "/?lang=en&ukuran=kebutuhan")
    seen.wait_for_map("kebutuhan")
    wire = Wire(seen.page)
    panel = seen.page.locator(".st-key-panel")

    def arrived(count, heading):
        seen.page.frame_locator(".st-key-map iframe").locator(f"[data-villages='{count}']").wait_for(
            timeout=1000 * PATIENCE_S
        )
        panel.get_by_role("heading", name=heading).first.wait_for()

    arrived(2, "Indonesia")
    seen.page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    while sum(wire.taken()):  # the app's own program, once per visitor
        seen.page.wait_for_timeout(500)
    down = [
        (centre("33.27", 5), 2, "Jawa Tengah"),
        (centre("33.28", 4), 9, re.compile(r"Kabupaten 33\.28")),
        (centre("33.28", 4), 9, re.compile(r"Desa 28-4")),
    ]
    figures = []
    for place, count, heading in down:
        figures.append(step(seen, wire, lambda at=place: seen.press(*at), lambda c=count, h=heading: arrived(c, h)))
    assert all(took < STEP_S and size < STEP_BYTES for took, size in figures), figures
    seen.page.wait_for_url(re.compile("wilayah=" + re.escape(village("33.28", 4))))
    seen.frame.wait_for_function(
        "code => document.querySelector('[data-selected]').dataset.selected === code", arg=village("33.28", 4)
    )
    # the map of before is gone: as many outlines as villages
    drawn = "(() => { let n = 0; jangkau.map().eachLayer(l => { n += l.feature ? 1 : 0; }); return n; })()"
    assert seen.frame.evaluate(drawn) == 9
    assert barriers(seen.page) == []
    assert barriers(seen.frame) == []
    took, size = step(
        seen, wire, lambda: seen.page.get_by_role("button", name="Indonesia").click(), lambda: arrived(2, "Indonesia")
    )
    assert took < STEP_S
    assert size < STEP_BYTES
    for frame in seen.page.frames:
        assert frame.evaluate("window.hacked") is None
        assert frame.locator("img[src='x']").count() == 0


def test_maps_of_places_carry_nothing_but_names_and_borders(results):
    found = open_results(results)
    for feature in found.borders("33")["features"]:
        assert set(feature["properties"]) == {"code", "name", "district"}
    assert json.loads((results / "map" / "33.geojson").read_text())["features"][0]["properties"]["code"] == "33.27"
    assert sys.getsizeof(json.dumps(found.borders("33"))) < STEP_BYTES
