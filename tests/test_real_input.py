"""Real files, as downloaded, through import and the whole chain (skipped where ../shared is absent)."""

from __future__ import annotations

from pathlib import Path

import pytest

from coverage.analysis import Analysis, analyse
from coverage.cli import main
from coverage.language import using
from coverage.outputs.story import story
from coverage.planning import check_plan
from coverage.region import load
from coverage.scenario import Scenario

SODONG_BASARI = "33.27.03.2013"  # split off after 2020: the older boundary file does not have it

pytestmark = pytest.mark.shared


def build(shared: Path, folder: Path, boundaries: str, *more: str) -> int:
    real = shared / "data" / "real"
    return main(
        [
            "import",
            str(folder),
            *("--boundaries", str(real / boundaries)),
            *("--cells", str(real / "opencellid_510.csv")),
            *("--terrain", str(real / "java_srtm30plus_z6_51_33_epsg3857.tif")),
            *more,
        ]
    )


@pytest.fixture(scope="module")
def kemendagri(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder = tmp_path_factory.mktemp("real") / "pemalang"
    assert build(shared, folder, "desa_3327_pemalang_kemendagri.geojson") == 0
    return analyse(load(folder), Scenario(budget_idr=5e9))


def test_a_partial_list_of_cells_gives_served_or_unknown_and_says_why(kemendagri: Analysis) -> None:
    assert len(kemendagri.region.villages) == 223
    assert set(kemendagri.region.completeness.values()) == {"partial"}
    classes = kemendagri.access.villages["access_class"].value_counts()
    assert classes.get("served", 0) >= 1
    assert classes.get("unknown", 0) >= 1
    assert set(classes.index) <= {"served", "unknown"}
    unknown = kemendagri.access.villages.query("access_class == 'unknown'").iloc[0]
    with using("en"):
        told = " ".join(p.text for p in story(kemendagri, unknown["village_code"]).paragraphs)
    assert "list of towers is not complete" in told


def test_unknown_villages_enter_a_plan_only_when_asked(kemendagri: Analysis) -> None:
    unknown = set(kemendagri.access.villages.query("access_class == 'unknown'")["village_code"])
    assert not unknown & set(kemendagri.plan.chosen["village_code"])
    asked = analyse(kemendagri.region, Scenario(budget_idr=5e9, include_unknown=True))
    assert unknown & set(asked.plan.chosen["village_code"])
    assert asked.plan.chosen["subsidy_idr"].sum() <= 5e9
    for made in (kemendagri, asked):
        assert check_plan(made.plan, made, made.scenario) == []


def test_the_other_boundary_source_runs_through_the_chain_and_the_command_line(shared: Path, tmp_path: Path) -> None:
    crosswalk = shared / "data" / "real" / "crosswalk_3327_kemendagri_bps.csv"
    folder, out = tmp_path / "region", tmp_path / "out"
    assert build(shared, folder, "desa_3327_pemalang_hdx_bps2020.geojson", "--crosswalk", str(crosswalk)) == 0
    region = load(folder)
    assert len(region.villages) == 222
    assert SODONG_BASARI not in set(region.villages["village_code"])
    assert main(["run", str(folder), "--budget", "5 miliar", "--out", str(out), "--lang", "en"]) == 0
    written = {path.name for path in out.iterdir()}
    assert "map.html" in written
    assert {".csv", ".gpkg", ".html", ".md"} & {Path(name).suffix for name in written} >= {".csv", ".gpkg"}
