"""The command line from real files to results: a partial list of cells says served or unknown, never none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from coverage.cli import main


@pytest.mark.shared
def test_real_files_are_imported_and_analysed(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = shared / "data" / "real"
    words = ["import", str(tmp_path / "r"), "--boundaries", str(real / "desa_3327_pemalang_kemendagri.geojson")]
    words += ["--cells", str(real / "opencellid_510.csv"), "--date", "2026-11-24", "--lang", "en"]
    words += ["--terrain", str(real / "java_srtm30plus_z6_51_33_epsg3857.tif")]
    assert main(words) == 0
    assert "unknown, not none" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "r"), "--lang", "en", "--csv", str(tmp_path / "q.csv")]) == 0
    assert "cells: open · OpenCelliD https://opencellid.org/ · CC BY-SA 4.0 · 2025-07-09" in capsys.readouterr().out
    assert set(pd.read_csv(tmp_path / "q.csv")["severity"]) == {"warning", "info"}

    run = ["run", str(tmp_path / "r"), "--budget", "12 miliar", "--out", str(tmp_path / "out"), "--lang", "en"]
    assert main(run) == 0
    access = pd.read_csv(tmp_path / "out" / "access_villages.csv")["access_class"].value_counts()
    assert access["served"] >= 1
    assert access["unknown"] >= 1
    assert set(access.index) == {"served", "unknown"}
    assert (tmp_path / "out" / "map.html").stat().st_size > 10_000
