"""The blank-spot list goes out in the ministries' form and comes back as evidence; what is calculated does not."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import python_calamine
from fake_analysis import make_analysis
from region.region_files import boundaries

from coverage import assumptions
from coverage.access import statements
from coverage.outputs import blank_spots as room
from coverage.outputs.words import WATERMARK
from coverage.region import Report
from coverage.region.importer import Choices, Files, villages_context
from coverage.region.sources.registry import read


@pytest.fixture(scope="module")
def listed() -> pd.DataFrame:
    return room.blank_spots(make_analysis(hostile="=1+1"))


def test_it_holds_hamlets_without_signal_and_never_the_unknown(listed: pd.DataFrame) -> None:
    analysis = make_analysis()
    found = analysis.access.settlements
    blank = found[found["access_class"].isin(["none", "weak"]) & (found["population"] > 0)]
    assert tuple(listed.columns) == room.HEADINGS
    assert len(listed) == len(blank) > 0
    assert set(listed["Status Sinyal"]) <= {"tidak ada sinyal", "sinyal lemah"}
    assert listed["No"].tolist() == list(range(1, len(listed) + 1))
    assert set(listed["Keterangan"]) == {WATERMARK}
    more = room.blank_spots(analysis, unknown=True)
    assert (more["Status Sinyal"] == "belum diketahui").sum() == (found["access_class"] == "unknown").sum()


def test_files_are_the_same_each_time_and_run_nothing(listed: pd.DataFrame) -> None:
    book = room.as_xlsx(listed, "2026-11-24")
    assert book == room.as_xlsx(listed, "2026-11-24")
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sheet[0] == list(room.HEADINGS)
    assert len(sheet) == len(listed) + 1
    assert not any(line.startswith("=") for line in room.as_csv(listed).decode("utf-8-sig").split(","))


def test_it_comes_back_as_evidence_without_what_was_only_calculated(tmp_path: Path) -> None:
    rows = pd.DataFrame("", index=range(3), columns=list(room.HEADINGS))
    rows["Kode Desa"] = ["33.27.01.2001", "33.27.01.2002", "33.27.01.1003"]
    rows["Desa/Kelurahan"] = ["Plakaran", "Mandiraja", "Walangsanga"]
    rows["Status Sinyal"] = ["tidak ada sinyal", "sinyal lemah", "tidak ada sinyal"]
    rows["Bukti"] = ["dilaporkan", "terukur", "perhitungan"]
    rows["Tanggal"], rows["Sumber"] = "2026-03-01", "Diskominfo"
    rows["Operator Terdengar"] = "Operator A -112 dBm"
    (tmp_path / "daftar.csv").write_bytes(room.as_csv(rows))
    (tmp_path / "daftar.xlsx").write_bytes(room.as_xlsx(rows, "2026-03-01"))
    _villages, context = villages_context(Files(boundaries(tmp_path)), Choices(), assumptions.load(), Report())
    for name in ("daftar.csv", "daftar.xlsx"):
        report = Report()
        made = read("evidence", tmp_path / name, context, report).frame.set_index("village_code")
        assert made["access_class"].to_dict() == {"33.27.01.2001": "none", "33.27.01.2002": "weak"}
        assert made["evidence"].tolist() == ["reported", "measured"]
        assert "operator" not in made  # who is heard there is not whom it speaks of
        assert "calculated_left_out" in report.codes()


def test_statements_stand_side_by_side_and_clashes_are_told() -> None:
    analysis = make_analysis()
    region = analysis.region
    codes = region.villages["village_code"].tolist()
    evidence = pd.DataFrame(
        {
            "evidence_id": ["a", "b", "c", "d"],
            "village_code": [codes[0], codes[0], codes[1], codes[0]],
            "evidence": ["reported", "measured", "reported", "measured"],
            "access_class": ["none", "served", "weak", "none"],
            "date": ["2026-01-01", "2025-12-01", "2015-01-01", "2026-01-01"],
            "source": ["desa", "survei", "lama", "uji"],
            "samples": [5.0, 500.0, 5.0, 500.0],
            "settlement_id": "",
            "method": ["survey", "drive_test", "survey", "speed_test"],
        }
    )
    known = SimpleNamespace(**{**vars(analysis), "region": replace(region, evidence=evidence)})
    table = statements(
        evidence, region.settlements, analysis.access.operators, region.completeness, analysis.assumptions
    )
    first = table[table["village_code"] == codes[0]]
    assert first["rank"].tolist()[:2] == [1, 2]
    assert first["evidence"].tolist()[:2] == ["measured", "reported"]  # a measurement outranks a newer report
    assert first["conflict"].tolist()[:2] == [True, True]
    assert first.loc[first["refused"] != "", "refused"].tolist() == ["absence_by_speed_test"]
    second = table[table["village_code"] == codes[1]]
    assert second["refused"].tolist() == ["old", ""]
    assert second["evidence"].tolist() == ["reported", "modelled"]
    assert not second["conflict"].any()
    assert len(room.blank_spots(known))
    assert statements(evidence.head(0), region.settlements, analysis.access.operators, {}, analysis.assumptions).empty
