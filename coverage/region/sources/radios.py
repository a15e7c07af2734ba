"""What every list of cells or towers is brought to: one row per radio, or per tower without radios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.region.sources.columns import table

#: Columns of a table of radios and what they hold when a source does not tell.
COLUMNS: dict[str, object] = {
    "radio_id": "",
    "station": "",  # radios of one station stand together: base-station identity, or the id in a list
    "operator": "",  # empty: a tower whose tenants are not known
    "technology": "",
    "lon": np.nan,
    "lat": np.nan,
    "position_uncertainty_m": np.nan,
    "height_m": np.nan,
    "frequency_mhz": np.nan,
    "owner": "",
    "samples": 1.0,
}


def as_radios(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with exactly :data:`COLUMNS`, missing ones filled."""
    return pd.DataFrame(
        {name: frame[name] if name in frame.columns else default for name, default in COLUMNS.items()},
        index=frame.index,
    )


def operators_at(date: str) -> dict[tuple[int, int], str]:
    """Who ran each network (MCC, MNC) on an ISO date: mergers change it."""
    rows = table("operators").to_dict("records")
    return {
        (int(r["mcc"]), int(r["mnc"])): str(r["operator"])
        for r in rows
        if (r["since"] or "0") <= date <= (r["until"] or "9")
    }
