"""What is taken along from the map, what is said of it, and a tower tried on it."""

import sqlite3
from types import SimpleNamespace
from xml.etree import ElementTree

import pyogrio
import pytest

from coverage import assumptions, radio
from coverage.access import access
from coverage.demand import demand
from coverage.language import using
from coverage.outputs import maps, painting, signal_path, styles, takeaway, trial, words
from coverage.outputs.site.atlas import Atlas
from coverage.outputs.site.pages import MOST_BYTES, village_html
from tests.fake_analysis import make_analysis
from tests.ridge_world import FAR, NEAR, ridge_region
from tests.ui.fake_names import HOSTILE


@pytest.fixture(scope="module")
def hostile():
    return make_analysis(hostile=HOSTILE)


@pytest.fixture(scope="module")
def ridge():
    """The world behind a ridge, as far as a tower tried there needs it."""
    region, a = ridge_region(500.0), assumptions.load()
    grid = region.metric_terrain(a["analysis.grid_m"], a["analysis.grid_margin_m"])
    places = demand(region.settlements, grid, a)
    signal = radio.signal(grid, region.sites, region.cells, a)
    found = access(
        region.villages,
        region.settlements,
        places,
        region.facilities,
        signal,
        region.evidence,
        region.completeness,
        a,
    )
    return SimpleNamespace(region=region, assumptions=a, grid=grid, places=places, signal=signal, access=found)


def test_a_tower_behind_the_ridge_reaches_those_whom_the_ridge_hides(ridge):
    behind = trial.try_tower(ridge, -7.1, 109.362)
    assert behind.population_gained == pytest.approx(1300, rel=0.05)
    assert list(behind.villages["village_code"]) == [FAR]
    assert behind.population_reached >= behind.population_gained
    before = trial.try_tower(ridge, -7.1, 109.328)
    assert before.population_gained < 0.05 * behind.population_gained
    assert NEAR not in set(before.villages["village_code"])
    with pytest.raises(ValueError, match="outside"):
        trial.try_tower(ridge, 0.0, 0.0)


def test_the_picture_of_the_signal_lies_where_the_region_lies(ridge):
    png, ((south, west), (north, east)) = painting.signal_picture(ridge)
    assert png.startswith(b"\x89PNG")
    assert south < -7.14 < -7.06 < north
    assert west < 109.30 < 109.40 < east


def test_the_geopackage_opens_styled_as_the_map_is_coloured(hostile, tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_bytes(takeaway.file(hostile, "layanan", "gpkg"))
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT styleName, styleQML, useAsDefault, f_table_name FROM layer_styles").fetchall()
        assert [row[0] for row in rows] == [maps.title(name) for name in maps.LAYERS]
        assert [row[2] for row in rows] == [1] + [0] * (len(maps.LAYERS) - 1)
        for name, row in zip(maps.LAYERS, rows, strict=True):
            root = ElementTree.fromstring(row[1].split("\n", 1)[1])  # noqa: S314 - our own style
            wanted = {c.get("value") for c in root.iter("category")}
            told = {r[0] for r in database.execute(f"SELECT {styles.column(name)} FROM villages")}  # noqa: S608
            assert told <= wanted, name
            assert root.find("renderer-v2").get("attr") == styles.column(name)
        assert "layer_styles" in {r[0] for r in database.execute("SELECT table_name FROM gpkg_contents")}
    assert path.read_bytes() == takeaway.file(hostile, "layanan", "gpkg")


def test_kml_is_coloured_marked_and_harmless(hostile):
    root = ElementTree.fromstring(takeaway.file(hostile, "layanan", "kml"))  # noqa: S314 - our own file
    space = {"k": "http://www.opengis.net/kml/2.2"}
    places = root.findall(".//k:Document/k:Placemark", space)
    assert len(places) == len(hostile.region.villages)
    assert words.WATERMARK in root.findtext(".//k:Document/k:name", namespaces=space)
    assert all("<" not in p.findtext("k:description", namespaces=space) for p in places)
    colour = root.findtext(".//k:Style[@id='c2']/k:PolyStyle/k:color", namespaces=space)
    assert colour == "ccb27200"  # blue #0072b2, last byte first


def test_gdal_reads_both_files_whole(hostile, tmp_path):
    codes = set(hostile.region.villages["village_code"])
    package, kml = tmp_path / "map.gpkg", tmp_path / "map.kml"
    package.write_bytes(takeaway.file(hostile, "layanan", "gpkg"))
    kml.write_bytes(takeaway.file(hostile, "layanan", "kml"))
    layers = dict(pyogrio.list_layers(package))
    assert layers["layer_styles"] is None  # a table without places
    villages = pyogrio.read_dataframe(package, layer="villages")
    assert set(villages["village_code"]) == codes
    assert villages.geometry.is_valid.all()
    assert villages.crs == "EPSG:4326"
    placed = pyogrio.read_dataframe(kml, layer=0)
    assert len(placed) == len(codes)
    west, south, east, north = hostile.region.villages.total_bounds
    assert placed.total_bounds == pytest.approx([west, south, east, north], abs=1e-4)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", maps.LAYERS)
def test_every_map_says_in_words_how_many_villages_are_in_each_class(name, language):
    with using(language):
        layer = maps.layer(make_analysis(), name)
        text = maps.told(layer)
        assert sum(layer.counts) == len(layer.classes)
        for item, count in zip(layer.legend, layer.counts, strict=True):
            assert (f"{item.label}: {count}" in text) == (count > 0)


def test_a_place_behind_the_ridge_is_told_which_tower_serves_it_and_what_hides_it(ridge):
    """Any place may be asked about, in both languages; one off the region hears nothing."""
    x, y = signal_path.on_grid(ridge, -7.1, 109.362)
    (operator, technology), *_others = signal_path.heard_at(ridge, x, y)
    why = signal_path.explained(ridge, x, y, operator, technology)
    assert why.obstruction == "terrain"
    told = {}
    for language, hill in (("id", "bukit"), ("en", "A hill")):
        with using(language):
            told[language] = signal_path.sentence(why)
            rows = signal_path.losses(why)
        assert hill.casefold() in told[language].casefold()
        assert str(why.cell["site_id"]) in told[language]
        assert rows["db"].iloc[:-1].sum() == pytest.approx(rows["db"].iloc[-1])
    assert told["id"] != told["en"]
    assert signal_path.heard_at(ridge, *signal_path.on_grid(ridge, 0.0, 0.0)) == {}


def test_the_page_of_a_village_shows_the_profile_to_the_hamlet_that_is_worst_off(ridge):
    x, y = signal_path.on_grid(ridge, -7.1, 109.362)
    (operator, technology), *_others = signal_path.heard_at(ridge, x, y)
    why = signal_path.explained(ridge, x, y, operator, technology)
    atlas = Atlas(make_analysis())
    atlas.worst_path = lambda _code: (HOSTILE, why)
    for language, heading in (("id", "Mengapa sinyal begini di"), ("en", "Why the signal is so in")):
        with using(language):
            page = village_html(atlas, atlas.codes[0])
        assert len(page.encode()) <= MOST_BYTES
        assert heading in page
        assert str(why.cell["site_id"]) in page
        assert page.count("<svg") == 2  # the map and the profile
        assert "<script" not in page
