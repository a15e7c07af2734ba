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
from coverage.access.statements import COLUMNS
from coverage.outputs import blank_spots as room
from coverage.outputs import tables
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


def test_what_was_found_out_survives_the_way_out_and_back(tmp_path: Path) -> None:
    """Exported, handed in again and exported once more: the same list, hamlet by hamlet, and nothing calculated."""
    analysis = make_analysis(sample=False)
    found = analysis.access.settlements.copy()
    own = found.index[(found["population"] > 0) & found["access_class"].isin(["none", "weak"])][:2]
    found["evidence"] = "modelled"
    found.loc[own, "access_class"], found.loc[own, "evidence"] = ["none", "weak"], ["measured", "reported"]
    evidence = pd.DataFrame(
        {
            "evidence_id": ["a", "b"],
            "village_code": found.loc[own, "village_code"].to_numpy(),
            "settlement_id": found.loc[own, "settlement_id"].to_numpy(),
            "evidence": ["measured", "reported"],
            "access_class": ["none", "weak"],
            "date": ["2026-03-01", "2026-02-01"],
            "source": ["Balai Monitor", "Pemerintah desa"],
            "samples": [500.0, 1.0],
            "method": ["drive_test", "survey"],
        }
    )
    access = SimpleNamespace(**{**vars(analysis.access), "settlements": found})
    first = SimpleNamespace(
        **{**vars(analysis), "access": access, "region": replace(analysis.region, evidence=evidence)}
    )
    listed = room.blank_spots(first)
    villages = analysis.region.villages.rename(
        columns={"village_code": "kode", "village_name": "nama", "district_name": "kec_nama"}
    )
    villages[["kode", "nama", "kec_nama", "geometry"]].to_file(tmp_path / "desa.gpkg")
    _villages, context = villages_context(Files(tmp_path / "desa.gpkg"), Choices(), assumptions.load(), Report())
    context = replace(context, settlements=analysis.region.settlements)
    (tmp_path / "daftar.csv").write_bytes(room.as_csv(listed))
    (tmp_path / "daftar.xlsx").write_bytes(room.as_xlsx(listed, "2026-03-01"))
    for name in ("daftar.csv", "daftar.xlsx"):
        report = Report()
        back = read("evidence", tmp_path / name, context, report).frame
        assert report.codes() == ["calculated_left_out"]
        same = ["village_code", "settlement_id", "evidence", "access_class", "date", "source", "method"]
        by_hamlet = back.sort_values("settlement_id", ignore_index=True)  # it is read in the order of the dates
        pd.testing.assert_frame_equal(by_hamlet[same], evidence[same], check_dtype=False)
        second = SimpleNamespace(
            **{**vars(analysis), "access": access, "region": replace(analysis.region, evidence=back)}
        )
        assert room.as_csv(room.blank_spots(second)) == room.as_csv(listed)


def test_the_table_of_evidence_is_written_with_rank_refusal_and_conflict(tmp_path: Path) -> None:
    analysis = make_analysis()
    code = analysis.region.villages["village_code"].iloc[0]
    evidence = pd.DataFrame(
        {
            "evidence_id": ["a", "b", "c"],
            "village_code": code,
            "settlement_id": "",
            "evidence": ["measured", "reported", "reported"],
            "access_class": ["served", "none", "weak"],
            "date": ["2026-01-01", "2026-01-02", "2010-01-01"],
            "source": ["survei", "=HYPERLINK(1)", "lama"],
            "samples": [500.0, 5.0, 5.0],
            "method": ["drive_test", "survey", "survey"],
        }
    )
    known = SimpleNamespace(**{**vars(analysis), "region": replace(analysis.region, evidence=evidence)})
    paths = {path.name: path for path in tables.write_csv(known, tmp_path)}
    written = pd.read_csv(paths["evidence.csv"], keep_default_na=False)
    assert written.columns[: len(COLUMNS)].tolist() == list(COLUMNS)
    assert written["evidence"].tolist() == ["measured", "reported", "reported", "modelled"]
    assert written["source"].tolist() == ["survei", "'=HYPERLINK(1)", "lama", ""]
    assert written["rank"].tolist() == [1, 2, 0, 0]
    assert written["refused"].tolist() == ["", "", "old", ""]
    assert written["conflict"].tolist()[:3] == [True, True, False]
    assert set(written["watermark"]) == {WATERMARK}  # of a sample, as in every table
