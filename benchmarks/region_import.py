"""Import of the real files by the command line: seconds, processor seconds and memory of each.

Run from the repository: ``.venv/bin/python benchmarks/region_import.py [FOLDER_OF_REAL_FILES]``. The
last line fails where all villages of Central Java take more than 20 s or 2 GiB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "data" / "real"
LIMIT_S, LIMIT_GIB = 20.0, 2.0
RUNS = {
    "Pemalang, Kemendagri": ["--boundaries", "desa_3327_pemalang_kemendagri.geojson"],
    "Pemalang, Kemendagri, overlaps cut": [
        "--boundaries", "desa_3327_pemalang_kemendagri.geojson", "--resolve-overlaps",
    ],
    "Pemalang, HDX with crosswalk": [
        "--boundaries", "desa_3327_pemalang_hdx_bps2020.geojson",
        "--crosswalk", "crosswalk_3327_kemendagri_bps.csv",
    ],
    "Pemalang, cells of Indonesia, terrain, schools": [
        "--boundaries", "desa_3327_pemalang_kemendagri.geojson", "--cells", "opencellid_510.csv",
        "--terrain", "java_srtm30plus_z6_51_33_epsg3857.tif", "--facilities", "sma_smk_3327_pemalang_2021.csv",
    ],
    "Central Java": ["--boundaries", "desa_33_jawa_tengah_kemendagri.geojson"],
}  # fmt: skip


def measured(folder: Path, real: Path, words: list[str]) -> tuple[float, float, float]:
    """Seconds, processor seconds and GiB of one import in a process of its own."""
    files = [str(real / word) if (real / word).is_file() else word for word in words]
    command = [sys.executable, "-m", "coverage", "import", str(folder), *files, "--lang", "en", "--replace"]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the import failed: {' '.join(command)}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2


def main() -> None:
    """Print one line per import."""
    real = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL
    print("| import | seconds | processor seconds | GiB |\n| --- | --- | --- | --- |")
    seconds = gib = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, words in RUNS.items():
            seconds, cpu, gib = measured(Path(folder) / "r", real, words)
            print(f"| {name} | {seconds:.1f} | {cpu:.1f} | {gib:.2f} |", flush=True)
    assert seconds <= LIMIT_S
    assert gib <= LIMIT_GIB


if __name__ == "__main__":
    main()
