"""Who can build, run or sell, where no list is given: operators seen in the cells and general kinds."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from coverage.assumptions import Assumptions
from coverage.region.layers import required
from coverage.region.sources.columns import table
from coverage.tables import Providers


def default_providers(operators: Sequence[str], assumptions: Assumptions) -> pd.DataFrame:
    """A general list of providers with estimated terms.

    Parameters
    ----------
    operators : sequence of str
        Mobile operators known in the region: each is a provider with an equal share of the market;
        without any, one general mobile operator stands for all.

    Returns
    -------
    DataFrame
        Table *Providers*.
    """
    general = table("providers")
    rows = []
    for row in general.to_dict("records"):
        names = sorted(operators) if row["kind"] == "mobile" and operators else [row["provider_name"]]
        for name in names:
            rows.append(
                {
                    **row,
                    "provider_id": row["provider_id"] if name == row["provider_name"] else _identity(name),
                    "provider_name": name,
                    "hurdle_rate": assumptions[f"region.provider_hurdle_{row['kind']}"],
                    "capital_limit_idr": assumptions[f"region.provider_capital_{row['kind']}_idr"],
                    "market_share": 1 / len(names) if row["kind"] == "mobile" else 0.0,
                    "resale_allowed": row["resale_allowed"] == "True",
                }
            )
    return pd.DataFrame(rows)[list(required(Providers))]


def _identity(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
