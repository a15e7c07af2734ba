"""Where indicators stand today: the regency's own counts, or published values."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coverage.region.quality import Report
from coverage.region.sources import columns
from coverage.region.sources.points import text_of
from coverage.region.sources.registry import Context, Read, Reader
from coverage.region.sources.tabular import read_table
from coverage.region.text import area_codes, numbers

_NEEDED = ("indicator", "area_code", "value", "year")
#: Lengths of the dotted codes of a regency and a district.
_LEVELS = (len("33.27"), len("33.27.01"))


def read_baselines(path: Path, context: Context, report: Report) -> Read:
    """A table *Baselines*: indicator, area (village, district or regency), value, year, source.

    Codes are Kemendagri's, with or without dots. Rows of other areas are told and left out.
    """
    frame = context.renamed(read_table(path, "baselines", report), "baselines", report)
    columns.require(frame, "baselines", _NEEDED, report)
    report.refuse_errors(path.name)
    codes = area_codes(frame["area_code"])
    villages = set(context.villages["village_code"])
    known = villages | {code[:length] for code in villages for length in _LEVELS}
    elsewhere = ~codes.isin(known)
    report.add_rows("warning", "unknown_area", "baselines", frame["area_code"][elsewhere], "area_code")
    value, year = numbers(frame["value"]), numbers(frame["year"])
    for name, found in (("value", value), ("year", year)):
        report.add_rows("warning", "wrong_type_number", "baselines", frame[name][found.isna()], name)
    made = pd.DataFrame(
        {
            "indicator": text_of(frame, "indicator"),
            "area_code": codes,
            "value": value,
            "year": year,
            "source": text_of(frame, "source", path.name),
        }
    )[~elsewhere & value.notna() & year.notna()]
    twice = made.duplicated(["indicator", "area_code", "year"])
    report.add_rows("warning", "duplicate_dropped", "baselines", made["indicator"][twice], "indicator")
    made = made[~twice].reset_index(drop=True)
    years = made["year"].map("{:.0f}".format).astype("str")
    made.insert(0, "baseline_id", made["indicator"] + "-" + made["area_code"] + "-" + years)
    date = f"{made['year'].max():.0f}-12-31" if len(made) else ""
    return Read(made, columns.sources()["baseline_table"], date)


READERS = (Reader("baselines", lambda p: p.is_table or p.suffix == ".json", read_baselines),)
