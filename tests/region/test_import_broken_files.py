"""A folder of small broken files, one per failure: each is refused whole, with exactly the message expected.

``broken/expected.csv`` names the file, the option that takes it and the whole message.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest
from region_files import boundaries

from coverage.cli import main
from coverage.language import using
from coverage.region.importer import Files
from coverage.region.layers import LAYERS
from coverage.region.messages import layer_said

FOLDER = Path(__file__).parent / "broken"
EXPECTED = pd.read_csv(FOLDER / "expected.csv", dtype=str, keep_default_na=False)


def test_every_file_of_the_folder_has_its_message() -> None:
    assert sorted(EXPECTED["file"]) == sorted(p.name for p in FOLDER.iterdir() if p.name != "expected.csv")
    assert EXPECTED["message"].str.startswith("Error: ").all()
    assert len(EXPECTED) >= 60


@pytest.mark.parametrize(("name", "option", "message"), EXPECTED.to_numpy().tolist(), ids=EXPECTED["file"].tolist())
def test_it_is_refused_with_its_message(
    tmp_path: Path, name: str, option: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["import", str(tmp_path / "new"), "--lang", "en", option, str(FOLDER / name)]
    if option != "--boundaries":
        words += ["--boundaries", str(boundaries(tmp_path))]
    assert main(words) == 2
    assert capsys.readouterr().err.strip().replace(str(tmp_path / "new"), "NEW") == message
    assert not (tmp_path / "new").exists()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".new")]


def test_every_kind_of_file_has_a_name_in_the_readers_language() -> None:
    kinds = {f.name for f in fields(Files)} | set(LAYERS)
    with using("id"):
        assert not [kind for kind in sorted(kinds) if layer_said(kind) == kind]
