"""The import page: problems shown, matches fixed and kept, a region saved and shown; hostile names stay text."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import pytest
from region.region_files import boundaries, village_frame
from shapely.geometry import box
from streamlit.testing.v1 import AppTest

from coverage import assumptions
from coverage import region as room
from coverage.region import library
from coverage.region.importer import Choices, Files, import_region
from coverage.ui import preview
from tests.ui.settling import PATIENCE_S

# Streamlit's own test runner drops its context in threads that it did not start.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(autouse=True)
def _library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JANGKAU_REGIONS", str(tmp_path / "regions"))


def app() -> None:
    """The import alone, as the page Data shows it."""
    from coverage.ui import import_page, state

    state.begin()
    import_page.regions()
    import_page.show()


def page() -> AppTest:
    at = AppTest.from_function(app, default_timeout=PATIENCE_S)
    at.query_params["lang"] = "en"
    return at.run()


def check(at: AppTest, text: str) -> AppTest:
    at.text_area(key="import_paths").set_value(text).run()
    at.button(key="import_check").click().run()
    return waited(at)


def waited(at: AppTest) -> AppTest:
    job = at.session_state["import_desk"].job
    assert job is None or job.ended.wait(PATIENCE_S), "the import did not end"
    return at.run()


def said(at: AppTest) -> str:
    kinds = ("markdown", "caption", "subheader", "error", "info", "warning", "success")
    return "\n".join(str(element.value) for kind in kinds for element in at.get(kind)).replace("\\", "")


def test_files_with_errors_show_their_report_and_cannot_be_saved(tmp_path: Path) -> None:
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    at = check(page(), f"boundaries = {tmp_path / 'b.geojson'}")
    assert not at.exception
    assert "cannot be used as they are: 1 errors" in said(at)
    assert any("The file has no rows of data" in frame.value.to_csv() for frame in at.dataframe)
    assert "import_save" not in [button.key for button in at.button]


def hostile(folder: Path) -> dict[Path, str]:
    """Files that nobody should hand in, with what is said about each."""
    bomb, away, huge = folder / "bom.zip", folder / "keluar.zip", folder / "jauh.geojson"
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("desa.geojson", "{}")
    content = bytearray(bomb.read_bytes())
    size = content.rfind(b"PK\x01\x02") + 24
    content[size : size + 4] = (3 << 30).to_bytes(4, "little")  # it says that it unpacks to 3 GiB
    bomb.write_bytes(content)
    with zipfile.ZipFile(away, "w") as archive:
        archive.writestr("../../desa.geojson", "{}")
    ring = [[1e300, 1e300], [2e300, 1e300], [2e300, 2e300], [1e300, 1e300]]
    place = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"kode": "33.27.01.2001", "nama": "A"}, "geometry": place}
    huge.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (folder / "kosong.geojson").write_bytes(b"")
    return {
        folder / "kosong.geojson": "The file is empty. Download it again",
        bomb: "The file is larger than 2048 MB once unpacked. Cut it to the regency first",
        away: "The archive holds a path that leaves its folder, or a link. Unpack it by hand",
        huge: "The coordinates do not lie in Indonesia",
    }


def test_hostile_files_are_told_in_a_sentence_each(tmp_path: Path) -> None:
    at = page()
    for path, sentence in hostile(tmp_path).items():
        at = check(at, f"boundaries = {path}")
        assert not at.exception
        assert sentence in said(at)
        assert path.name in said(at) or path.name == "jauh.geojson"  # a row is named where there is one
    assert not library.kept()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("boundaries", "does not name a kind and a file"),
        ("colour = x.csv", "does not name a kind and a file"),
        ("cells = x.csv", "Boundaries of the villages are needed"),
    ],
)
def test_what_is_no_file_is_told(text: str, expected: str) -> None:
    at = page()
    at.text_area(key="import_paths").set_value(text).run()
    if "import_check" in [button.key for button in at.button]:
        at.button(key="import_check").click().run()
    assert not at.exception
    assert expected in said(at)


def test_a_match_is_fixed_kept_and_the_region_is_shown(tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)> [x](http://evil.example)"
    path = boundaries(tmp_path, nama=["Plakaran", "Mandiraja", hostile])
    people = tmp_path / "p.csv"
    people.write_text("desa;kecamatan;penduduk\nPlakaran;Moga;1.234\nXyzzy;Moga;777\n")
    given = f"boundaries = {path}\npopulation = {people}"
    at = check(page(), given)
    assert not at.exception
    assert "Names to check" in said(at)
    assert "onerror" not in "".join(str(element.value) for element in at.get("html") if "<svg" in str(element.value))
    doubt = next(box for box in at.selectbox if "Xyzzy" in box.label)
    place = next(n for n, label in enumerate(doubt.options) if "33.27.01.2002" in label)
    doubt.select_index(place).run()
    next(button for button in at.button if button.label == "Use and check again").click().run()
    at = waited(at)
    assert "1 correction is in force" in said(at)
    at.text_input(key="import_save_name").set_value("../../Uji Coba").run()
    at.button(key="import_save").click().run()
    assert not at.exception
    folder = library.folder() / "uji-coba"
    made = room.load(folder)
    assert made.villages.set_index("village_code")["population"]["33.27.01.2002"] == 777
    assert "Xyzzy" in (folder / room.CORRECTIONS).read_text()
    assert at.session_state["region_folder"] == str(folder)
    assert library.kept() == {folder: "../../Uji Coba"}
    at.selectbox(key="region_shown").select_index(0).run()
    assert not at.session_state["region_folder"]


def test_villages_of_several_parts_are_drawn(tmp_path: Path) -> None:
    frame = village_frame()
    frame.loc[0, "geometry"] = frame.geometry[0].union(box(109.2, -7.1, 109.25, -7.05))
    frame.to_file(tmp_path / "v.gpkg")
    region, _report = import_region(Files(tmp_path / "v.gpkg"), Choices(), assumptions.load())
    drawing, _legend = preview.drawn(region)
    assert drawing.count("Z") == 4


def test_an_import_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from coverage.region import importer

    def slow(files, choices, assumptions, progress):  # type: ignore[no-untyped-def]
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            progress("Reading", 0.5)
            time.sleep(0.05)
        raise AssertionError("it was not stopped")

    monkeypatch.setattr(importer, "import_region", slow)
    at = page()
    at.text_area(key="import_paths").set_value(f"boundaries = {boundaries(tmp_path)}").run()
    at.button(key="import_check").click().run()
    at.button(key="import_stop").click().run()
    at = waited(at)
    assert "The import was stopped" in said(at)
    assert not library.kept()
