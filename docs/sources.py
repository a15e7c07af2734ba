"""Write ``docs/sources.md``: every source, its reader, what it was tested on, and what it cannot do.

Run from the repository: ``python docs/sources.py``. A test checks that the page is up to date and
that no registered reader is missing.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "sources.md"
_HEAD = """# Sources

Written by `docs/sources.py` from `data/sources/sources.csv` and `data/sources/readers.csv`. A new
source is a reader in `coverage/region/sources/`, found by itself, and a line in both files.

| kind of file | source | licence | reader | tested on | known gaps |
| --- | --- | --- | --- | --- | --- |
"""
_TAIL = """
## What an import costs

`python benchmarks/region_import.py`, the real files by the command line, each in a process of its own, on
two cores that did nothing else; the limit for all of Central Java is 20 s and 2 GiB.

| import | seconds | processor seconds | GiB |
| --- | --- | --- | --- |
| Pemalang, Kemendagri (223 villages) | 3.7 | 3.9 | 0.32 |
| Pemalang, Kemendagri, overlaps cut | 3.7 | 3.9 | 0.32 |
| Pemalang, HDX with crosswalk (222 villages) | 3.8 | 4.0 | 0.32 |
| Pemalang, cells of Indonesia, terrain, schools | 4.6 | 4.8 | 0.35 |
| Central Java (8,563 villages) | 15.4 | 18.8 | 0.49 |

A terrain file of 196 MB, handed in with a real browser on a busy machine: with the server after
2 s, checked and drawn 7 s after the click; the server grew from 364 MB to 916 MB at most. A file of
more than 200 MB is refused by the page before anything is sent.
"""


def rows(name: str) -> list[dict[str, str]]:
    """The lines of a table of ``data/sources``."""
    with (ROOT / "data" / "sources" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def page() -> str:
    """The page as Markdown."""
    told = {row["source"]: row for row in rows("readers")}
    lines = []
    for source in rows("sources"):
        about = told[source["source"]]
        title = f"[{source['title']}]({source['url']})" if source["url"] else source["title"]
        module, function = about["reader"].rsplit(".", 1)
        reader = f"`{module}` {function.strip('_')}"
        cells = [source["layer"], title, source["licence"], reader, about["tested_on"], about["gaps"] or "–"]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return _HEAD + "\n".join(lines) + "\n" + _TAIL


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{TARGET}\n")
