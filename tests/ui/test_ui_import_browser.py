"""The import in a real browser: files handed in and refused, seen on the map, put right, saved, opened."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as TooLate
from region.region_files import cells, village_frame
from shapely.geometry import box
from ui.settling import PATIENCE_S

from coverage import region as room

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def hand_in(page, label: str, *paths: Path) -> None:
    """Done when the server has the files and the box names them: from then on they go with every click."""
    uploader = page.locator("[data-testid=stFileUploader]").filter(has_text=label).first
    for path in paths:
        with page.expect_response(lambda answer: "upload_file" in answer.url and answer.request.method == "PUT"):
            uploader.locator("input[type=file]").set_input_files(str(path))
        uploader.get_by_text(path.name).first.wait_for()


def choose(page, label: str, wanted: str) -> None:
    """Choose in a box; its list closes by itself where the page still moves below it."""
    place = page.get_by_role("combobox", name=label)
    option = page.get_by_role("option").filter(has_text=wanted)
    ends = time.monotonic() + PATIENCE_S
    while wanted not in place.input_value():
        assert time.monotonic() < ends, f"{wanted} could not be chosen"
        place.press("ArrowDown")
        with suppress(TooLate):
            option.click(timeout=5_000)


def test_from_the_files_to_the_map_of_a_new_region(serve, visit, tmp_path) -> None:
    frame = village_frame()
    frame.loc[1, "geometry"] = box(109.33, -7.10, 109.38, -7.05)  # a quarter of the first village is disputed
    frame.to_file(tmp_path / "desa.geojson")
    (tmp_path / "penduduk.csv").write_text("desa;kecamatan;penduduk\nPlakaran;Moga;1.234\nXyzzy;Moga;777\n")
    (tmp_path / "program.exe").write_bytes(b"MZ\x00")
    server = serve()
    seen = visit(server.url + "/data?lang=en")
    page = seen.page

    page.get_by_role("tab", name="Import").click()
    hand_in(page, "Boundaries", tmp_path / "program.exe")
    page.locator("[data-testid=stAlert]").get_by_text("A file of this ending cannot be read here").wait_for()
    hand_in(page, "Boundaries", tmp_path / "desa.geojson")
    hand_in(page, "Cells", cells(tmp_path))
    hand_in(page, "Population", tmp_path / "penduduk.csv")
    page.get_by_text("Cut disputed ground off the larger village").click()
    page.get_by_role("button", name="Check the files").click()
    page.get_by_text("3 villages, 3 towers").first.wait_for()
    drawing = page.locator("[data-testid^=stImage] img").first
    drawing.wait_for()
    assert drawing.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    page.get_by_text("Xyzzy could not be matched to a village").first.wait_for()
    choose(page, "Xyzzy (Population)", "33.27.01.2002")
    page.get_by_role("button", name="Use and check again").click()
    page.get_by_text("1 correction is in force").wait_for()
    name = page.get_by_role("textbox", name="Name", exact=True)
    name.fill("Uji Coba")
    name.press("Enter")
    page.get_by_role("button", name="Save and switch to it").click()
    page.get_by_text("Jangkau · Uji Coba").first.wait_for()

    kept = room.load(server.regions / "uji-coba")
    assert kept.villages.set_index("village_code")["population"]["33.27.01.2002"] == 777
    shapes = kept.villages.to_crs(kept.metric_crs).geometry
    assert shapes.area.sum() == pytest.approx(shapes.union_all().area, rel=1e-6)  # the dispute is cut
    page.get_by_role("link", name="Map").first.click()
    seen.wait_for_map()  # with what the whole chain found in the files
    assert seen.frame.evaluate("document.querySelector('[data-villages]').dataset.villages") == "3"
    shutil.rmtree(server.regions)


def test_a_box_speaks_the_readers_language_and_refuses_what_is_too_large(serve, visit, tmp_path) -> None:
    """Streamlit's own words in a box are English alone: none of them may be seen."""
    large = tmp_path / "medan.tif"
    with large.open("wb") as stream:
        stream.truncate(205 * 1024**2)
    page = visit(serve().url + "/data").page
    page.get_by_role("tab", name="Impor").click()
    box_ = page.locator("[data-testid=stFileUploader]").filter(has_text="Medan").first
    box_.get_by_role("button", name="Pilih berkas").wait_for()
    after = "e => getComputedStyle(e, '::after').content"
    assert "paling besar 200 MB" in box_.get_by_test_id("stFileUploaderDropzoneInstructions").evaluate(after)
    assert "Upload" not in box_.inner_text()
    box_.locator("input[type=file]").set_input_files(str(large))
    chip = box_.get_by_test_id("stFileChip")
    chip.wait_for()
    said = chip.evaluate(after)
    assert "lebih besar dari 200 MB" in said
    assert "Potong dulu sebatas kabupaten" in said
    chip.hover()
    page.get_by_test_id("stTooltipErrorContent").wait_for(state="attached")
    assert "must be" not in page.locator("body").inner_text()
    assert "per file" not in page.locator("body").inner_text()
