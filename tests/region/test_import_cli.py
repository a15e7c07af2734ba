"""The command line speaks both languages and understands money."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from coverage.cli import main
from coverage.cli.work import money
from coverage.errors import InputError
from coverage.language import using


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12 miliar", 12e9),
        ("Rp 1,5 triliun", 1.5e12),
        ("12.000.000.000", 12e9),
        ("12e9", 12e9),
        ("500 juta", 5e8),
        ("2.5 billion", 2.5e9),
        ("0", 0),
    ],
)
def test_money_as_people_write_it(text: str, value: float) -> None:
    assert money(text) == value


@pytest.mark.parametrize("text", ["", "a lot", "12 kg", "-5", "1,2,3", "1e999", "nan", "12..5"])
def test_what_is_no_money(text: str) -> None:
    with pytest.raises(InputError):
        money(text)


@pytest.mark.parametrize("command", ["fetch", "import", "check", "run", "publish"])
def test_help_in_both_languages(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for language in ("id", "en"):
        assert main([command, "--help", "--lang", language]) == 0
        shown[language] = capsys.readouterr().out
    assert "Cara pakai:" in shown["id"]
    assert "Usage:" in shown["en"]
    assert "Bahasa pesan" in shown["id"]


def test_language_from_the_environment(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JANGKAU_LANG", "en")
    with using("id"):
        assert main(["check", "/nowhere"]) == 2
        assert capsys.readouterr().err.startswith("Error: /nowhere: This is not a region")


@pytest.mark.shared
def test_real_files_by_the_command_line(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = shared / "data" / "real"
    words = ["import", str(tmp_path / "r"), "--boundaries", str(real / "desa_3327_pemalang_kemendagri.geojson")]
    assert main([*words, "--cells", str(real / "opencellid_510.csv"), "--date", "2026-11-24", "--lang", "en"]) == 0
    assert "unknown, not none" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "r"), "--lang", "en", "--csv", str(tmp_path / "q.csv")]) == 0
    assert (
        "cells: open · grade B · OpenCelliD https://opencellid.org/ · CC BY-SA 4.0 · 2025-07-09"
        in capsys.readouterr().out
    )
    assert set(pd.read_csv(tmp_path / "q.csv")["severity"]) == {"warning", "info"}
    (tmp_path / "r" / "cells.csv").write_text("torn")
    assert main(["check", str(tmp_path / "r"), "--lang", "en"]) == 2
    assert "fingerprint differs" in capsys.readouterr().out
