"""Files torn, flipped and garbled at random: one message, exit code 0 or 2, never a traceback."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from region_files import boundaries, cells

from coverage import region as room
from coverage.cli import main

_OVERPASS = {
    "generator": "Overpass API",
    "elements": [{"type": "node", "id": 7, "lat": -7.07, "lon": 109.35, "tags": {"operator": "XL", "name": "SD 1"}}],
}
_IDM = {
    "mapData": {
        "SUMMARIES": {"TAHUN": 2024},
        "ROW": [{"INDIKATOR": "Skor Sinyal Tlp", "SKOR": 3}],
        "IDENTITAS": [{"id_desa": "3327012001"}],
    }
}
_OFDS = {"networks": [{"nodes": [{"id": "1", "location": {"type": "Point", "coordinates": [109.31, -7.08]}}]}]}
_SWAPS = ((b"109", b"1e308"), (b"-7", b"nan"), (b"33", b"null"), (b",", b";"), (b"1", b""), (b"[", b"{"), (b'"', b"'"))


def sound(folder: Path) -> list[tuple[str, Path]]:
    """One small sound file of many kinds, with the option that takes it."""
    texts = {
        "p.csv": ("--population", "kode_desa,penduduk\n33.27.01.2001,10\n"),
        "h.csv": ("--settlements", "dusun,jiwa,lat,lon\nKrajan,300,-7.08,109.31\n"),
        "f.csv": ("--facilities", "nama,npsn,lat,lon\nSD 1,1,-7.08,109.31\n"),
        "o.json": ("--cells", json.dumps(_OVERPASS)),
        "i.json": ("--evidence", json.dumps(_IDM)),
        "n.json": ("--fibre", json.dumps(_OFDS)),
        "e.csv": ("--evidence", "desa,kecamatan,status\nPlakaran,Moga,lemah\n"),
        "c.csv": ("--corrections", "layer,match_column,match_value,column,value\nfacilities,facility_id,3,lon,1\n"),
    }
    files = [("--boundaries", boundaries(folder)), ("--boundaries", boundaries(folder, "v.fgb"))]
    files.append(("--cells", cells(folder)))
    for name, (option, text) in texts.items():
        (folder / name).write_text(text)
        files.append((option, folder / name))
    return files


def mutilated(content: bytes, dice: random.Random) -> bytes:
    body = bytearray(content)
    way = dice.randrange(4)
    if way == 0:
        return bytes(body[: dice.randrange(len(body))])
    if way == 1:
        for _flip in range(dice.choice([1, 5, 30])):
            body[dice.randrange(len(body))] = dice.randrange(256)
    elif way == 2:
        start = dice.randrange(len(body))
        body[start : start + 40] = body[start : start + 40] * dice.randrange(4)
    else:
        for before, after in dice.sample(_SWAPS, 2):
            body = bytearray(bytes(body).replace(before, after))
    return bytes(body)


@pytest.mark.parametrize("seed", range(3))
def test_mutilated_files_never_crash(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    whole = tmp_path / "whole"
    whole.mkdir()
    for option, path in sound(whole):
        broken = tmp_path / path.name
        broken.write_bytes(mutilated(path.read_bytes(), dice))
        target = tmp_path / f"r-{path.name}"
        words = ["import", str(target), option, str(broken)]
        if option != "--boundaries":
            words += ["--boundaries", str(whole / "villages.geojson")]
        code = main(words)
        assert code in (0, 2), (path.name, seed)
        if code == 0:
            room.load(target)
        else:
            assert not target.exists()
            assert capsys.readouterr().err.startswith(("Galat:", "Error:"))
