"""Memory of the process that splits a nation's files: one province beside five.

Run: ``python benchmarks/batch_memory.py`` (needs the real boundary file in ``../shared``)

The other four provinces are copies of Central Java, moved and with codes of their own. Each count is
split in a process of its own, whose most resident memory is printed beside that of the imports
alone; what grows with the number of villages would show here. The workers' memory, bounded by the
largest regency, is in ``batch_central_java.py``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

BOUNDARIES = ROOT.parent / "shared" / "data" / "real" / "desa_33_jawa_tengah_kemendagri.geojson"
#: Codes of the copies' provinces and how far east each is moved, in degrees.
COPIES = {"61": -2.0, "62": 3.0, "63": 6.0, "64": 9.0}


def moved(coordinates: Any, east: float) -> Any:
    """Coordinates of a geometry, moved."""
    if isinstance(coordinates[0], list):
        return [moved(part, east) for part in coordinates]
    return [coordinates[0] + east, *coordinates[1:]]


def copy_to(path: Path, province: str, east: float) -> None:
    """Another province of the same shape."""
    world = json.loads(BOUNDARIES.read_text(encoding="utf-8"))
    for feature in world["features"]:
        for name, value in feature["properties"].items():
            if isinstance(value, str) and (value == "33" or value.startswith("33.")):
                feature["properties"][name] = province + value[2:]
        feature["geometry"]["coordinates"] = moved(feature["geometry"]["coordinates"], east)
    path.write_text(json.dumps(world), encoding="utf-8")


def peak_mb() -> float:
    """The most memory that this process held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def split_here(files: list[Path], folder: Path) -> None:
    """Split in this process and print what it took."""
    from coverage import assumptions
    from coverage.batch import Inputs
    from coverage.batch.parts import split

    used = assumptions.load()
    extent = {side: used[f"region.country_{side}_deg"] for side in ("west", "south", "east", "north")}
    before = peak_mb()
    parts = split(Inputs(tuple(files)), folder, used["region.margin_m"], extent)
    villages = sum(part.villages for part in parts)
    print(f"{len(files):9d} {len(parts):9d} {villages:8d} {before:10.0f} {peak_mb():8.0f}")


def main() -> None:
    """One process per count."""
    if len(sys.argv) > 2:
        split_here([Path(name) for name in sys.argv[2:]], Path(sys.argv[1]))
        return
    if not BOUNDARIES.is_file():
        sys.exit("the real boundary file beside the repository is absent")
    print("provinces regencies villages imports_MB peak_MB", flush=True)
    with tempfile.TemporaryDirectory() as name:
        files = [BOUNDARIES]
        for province, east in COPIES.items():
            files.append(Path(name) / f"{province}.geojson")
            copy_to(files[-1], province, east)
        for count in (1, len(files)):
            folder = str(Path(name) / f"parts-{count}")
            subprocess.run([sys.executable, __file__, folder, *map(str, files[:count])], check=True)


if __name__ == "__main__":
    main()
