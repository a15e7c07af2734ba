"""The real files in ../shared: what they hold and what is wrong with them."""

from __future__ import annotations

import dataclasses
import resource
import time
from pathlib import Path

import pandas as pd
import pytest

from coverage import assumptions
from coverage.region import Report
from coverage.region.corrections import guesses, write_corrections
from coverage.region.importer import Choices, Files, import_region

pytestmark = pytest.mark.shared


@pytest.fixture
def real(shared: Path) -> Path:
    return shared / "data" / "real"


def problems(report: Report, code: str) -> list[tuple[str, str]]:
    return [(p.row, p.what) for p in report if p.code == code]


def test_kemendagri_villages_cells_and_coarse_terrain(real: Path) -> None:
    files = Files(
        real / "desa_3327_pemalang_kemendagri.geojson",
        cells=(real / "opencellid_510.csv",),
        terrain=(real / "java_srtm30plus_z6_51_33_epsg3857.tif",),
    )
    region, report = import_region(files, Choices(), assumptions.load())
    assert len(region.villages) == 223
    assert (region.villages["kind"] == "kelurahan").sum() == 11
    assert (region.code, region.name) == ("33.27", "Kabupaten Pemalang")
    overlaps = problems(report, "overlap")
    assert [row for row, _what in overlaps] == ["33.27.03.2013"] * 2
    assert "5.47" in overlaps[0][1]
    assert "1.51" in overlaps[1][1]
    (slivers,) = (p.facts for p in report if p.code == "slivers")
    assert slivers == {"gaps": "1074", "gap_area": "0.31", "overlaps": "430", "overlap_area": "0.39"}
    assert region.completeness == {
        "Indosat Ooredoo Hutchison": "partial",
        "Telkomsel": "partial",
        "XLSmart": "partial",
    }
    assert region.cells["sectors"].sum() == 93
    south = region.villages["district_name"].isin(["Moga", "Pulosari", "Belik", "Watukumpul"])
    assert not region.sites.within(region.villages[south].union_all()).any()
    assert region.terrain is not None
    assert region.terrain.values.max() > 2000  # Mount Slamet
    assert {"voids_filled", "terrain_coarse"} <= set(report.codes("warning"))


def test_overlap_of_sodong_basari_is_cut_on_request(real: Path) -> None:
    files = Files(real / "desa_3327_pemalang_kemendagri.geojson")
    region, report = import_region(files, Choices(resolve_overlaps=True), assumptions.load())
    assert len(problems(report, "overlap_cut")) == 2
    metric = region.villages.to_crs(region.metric_crs).set_index("village_code").geometry
    for other in ("33.27.03.2011", "33.27.03.2010"):
        assert metric["33.27.03.2013"].intersection(metric[other]).area < 1


def test_hdx_villages_come_out_with_kemendagri_codes(real: Path, tmp_path: Path) -> None:
    files = Files(real / "desa_3327_pemalang_hdx_bps2020.geojson", crosswalk=real / "crosswalk_3327_kemendagri_bps.csv")
    region, report = import_region(files, Choices(), assumptions.load())
    assert len(region.villages) == 222
    assert region.villages["village_code"].str.match(r"33\.27\.\d\d\.[12]\d{3}").all()
    assert [row for row, _what in problems(report, "new_village")] == ["33.27.03.2013"]
    assert [row for row, _what in problems(report, "doubtful_match")] == ["33.27.08.2006"]
    (doubt,) = guesses(report)
    lines = pd.DataFrame([doubt.settled("33.27.08.2006")])
    write_corrections(lines, tmp_path / "corrections.csv")  # whoever has looked confirms it, and is not asked again
    settled, report = import_region(
        dataclasses.replace(files, corrections=tmp_path / "corrections.csv"), Choices(), assumptions.load()
    )
    assert settled.villages["village_code"].tolist() == region.villages["village_code"].tolist()
    assert guesses(report) == []
    assert region.layers["villages"].kind == "official"


def test_central_java_is_imported_quickly(real: Path) -> None:
    before = time.process_time()
    region, report = import_region(
        Files(real / "desa_33_jawa_tengah_kemendagri.geojson"), Choices(name="Jawa Tengah"), assumptions.load()
    )
    assert len(region.villages) == 8563
    assert region.code == "33"
    assert report.errors == []
    assert time.process_time() - before < 20  # 12 s measured on an idle machine
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 * 1024**2  # KiB: the whole process stays below 2 GiB
