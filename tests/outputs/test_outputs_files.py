"""Files that people take along: the same bytes again, no formula, no network, no half of anything."""

import re
import sqlite3
import time

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from coverage.errors import InputError
from coverage.language import using
from coverage.outputs import folder, leaflet, summary, tables, words, write
from coverage.scenario import Scenario
from tests.fake_analysis import make_analysis

HOSTILE = "=cmd()<img src=x onerror=alert(1)></script><script>alert(2)</script>`${alert(3)}`[a](http://evil.test)"


@pytest.fixture(scope="module")
def hostile():
    return make_analysis(hostile=HOSTILE)


def test_the_same_analysis_gives_the_same_bytes(tmp_path):
    first = write(make_analysis(), tmp_path / "a")
    time.sleep(1.1)  # a clock inside a file would show
    second = write(make_analysis(), tmp_path / "b")
    assert [p.name for p in first] == [p.name for p in second]
    assert {"map.html", "summary.md", "summary.html", "jangkau.gpkg", "plan.csv"} <= {p.name for p in first}
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name


def test_text_never_becomes_a_formula(hostile, tmp_path):
    for path in tables.write_csv(hostile, tmp_path):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        for name in frame.columns:
            started = frame[name].str.match(r"^[=@\t\r]|^[+\-](?![\d.])")
            assert not started.any(), (path.name, name)
    assert pd.read_csv(tmp_path / "villages.csv")["village_name"].str.startswith("'=cmd()").all()


def test_numbers_are_not_touched(hostile, tmp_path):
    tables.write_csv(hostile, tmp_path)
    back = pd.read_csv(tmp_path / "deals.csv")
    assert back["npv_idr"].to_numpy() == pytest.approx(hostile.deals["npv_idr"].to_numpy())


def test_the_geopackage_holds_villages_sites_links_and_plan(tmp_path):
    analysis = make_analysis(Scenario(budget_idr=1e9))
    path = tables.write_geopackage(analysis, tmp_path / "x.gpkg")
    assert {name for name, _kind in pyogrio.list_layers(path)} == {"villages", "sites", "links", "plan", "layer_styles"}
    villages = gpd.read_file(path, layer="villages")
    assert villages.crs.to_epsg() == 4326
    assert villages["village_code"].tolist() == analysis.region.villages["village_code"].tolist()
    assert villages.set_index("village_code")["in_plan"].sum() == len(analysis.plan.chosen)
    assert (villages["watermark"] == words.WATERMARK).all()
    assert gpd.read_file(path, layer="links")["in_plan"].sum() == len(analysis.plan.links)
    with sqlite3.connect(path) as database:
        dates = {row[0] for row in database.execute("select last_change from gpkg_contents")}
    assert dates == {"2025-06-30T00:00:00.000Z"}


def test_an_empty_plan_can_be_written(tmp_path):
    paths = write(make_analysis(Scenario(budget_idr=0, technologies=("light_tower",))), tmp_path / "out")
    assert len(gpd.read_file(tmp_path / "out" / "jangkau.gpkg", layer="plan")) == 0
    assert len(paths) > 15


def test_the_map_needs_nothing_from_outside(hostile):
    page = leaflet.standalone(hostile)
    for address in re.findall(r"""(?:src|href)\s*=\s*["']?([^"'\s>]+)""", page):
        assert address.startswith(("data:", "x")), address
    assert "cdn" not in page.replace(HOSTILE, "").lower().split("base64,")[0]


def test_names_cannot_leave_the_script_of_the_map(hostile):
    page = leaflet.standalone(hostile)
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "\\u003cimg src=x" in page


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_summary_tells_totals_sources_and_the_sample(language):
    with using(language):
        analysis = make_analysis(Scenario(budget_idr=1e9, assumptions={"cost.light_tower_idr": 9e8}))
        for text in (summary.markdown(analysis), summary.page(analysis)):
            assert words.WATERMARK in text
            assert ("900.000.000" if language == "id" else "900,000,000") in text
            assert "Sumber villages" in text
        totals = summary.totals(analysis)
        assert totals.subsidy_idr <= 1e9
        assert totals.villages == len(analysis.plan.chosen)
        assert summary.answer(analysis).startswith("Contoh:" if language == "id" else "Example:")


def test_real_layers_carry_no_watermark(tmp_path):
    real = make_analysis(sample=False)
    write(real, tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        assert words.WATERMARK.encode() not in path.read_bytes(), path.name
    assert not summary.answer(real).startswith(("Contoh", "Example"))


def test_markup_in_names_stays_text_in_the_summary(hostile):
    page = summary.page(hostile)
    assert "<img" not in page
    assert "<script" not in page
    assert "[a](http" not in summary.markdown(hostile)


def test_nothing_half_written_stays(monkeypatch, tmp_path):
    out = tmp_path / "out"
    write(make_analysis(), out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    monkeypatch.setattr(folder.summary, "page", lambda _analysis: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(InputError):
        write(make_analysis(Scenario(budget_idr=0)), out)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="out"):
        write(make_analysis(), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
