"""Published facts that come with Jangkau."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parents[2] / "data" / "facts"


@cache
def province_names() -> dict[str, str]:
    """Official names of the provinces by the first two digits of Kemendagri codes (Kepmendagri 300.2.2-2138/2025)."""
    table = pd.read_csv(FOLDER / "provinces.csv", dtype=str, encoding="utf-8")
    return dict(zip(table["province_code"], table["province_name"], strict=True))
