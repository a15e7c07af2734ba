"""What operators pay when they share a tower, by how much they share.

Formulae of the open cost models (podis): with N operators, passive sharing divides site and backhaul
by N; MORAN also the radio access network; a single rural network also the core, in rural areas only.
"""

from __future__ import annotations

import pandas as pd

from coverage.errors import InputError
from coverage.language import _, mark

#: What each way of sharing divides among the operators.
SHARING = {
    "alone": frozenset[str](),
    "passive": frozenset({"site", "backhaul"}),
    "moran": frozenset({"site", "backhaul", "ran"}),
    "single_rural_network": frozenset({"site", "backhaul", "ran", "core"}),
}

SHARING_LABELS = {
    "alone": mark("Each operator builds its own"),
    "passive": mark("Shared tower, own radios"),
    "moran": mark("Shared tower and radios"),
    "single_rural_network": mark("One network for all"),
}

#: Which part of the network a cost line of a tower belongs to; everything else is the site.
_PARTS = {
    "cost.tower_radio": "ran",
    "cost.macro_radio": "ran",
    "cost.tower_maintenance": "ran",
    "cost.macro_maintenance": "ran",
    "cost.transit": "core",
}


def own_parts(bill: pd.DataFrame) -> pd.DataFrame:
    """What one operator more would add to each tower that it shares, by way of sharing.

    Parameters
    ----------
    bill : DataFrame
        :class:`coverage.tables.Bill` of options.

    Returns
    -------
    DataFrame
        Indexed by ``item_of, sharing``: ``capex_idr`` and ``opex_idr_per_year`` of the parts that are
        not shared.
    """
    lines = bill.assign(part=bill["item"].map(lambda item: _PARTS.get(item, "site")))
    tables = []
    for name, shared in SHARING.items():
        own = lines.assign(own=lines["amount_idr"].where(~lines["part"].isin(shared), 0.0))
        sums = own.pivot_table(index="item_of", columns="kind", values="own", aggfunc="sum", fill_value=0.0)
        sums = sums.reindex(columns=["capex", "opex"], fill_value=0.0)
        sums.columns = pd.Index(["capex_idr", "opex_idr_per_year"])
        tables.append(sums.assign(sharing=name).set_index("sharing", append=True))
    return pd.concat(tables).sort_index()


def sharing_costs(
    tower_bill: pd.DataFrame, backhaul_bill: pd.DataFrame, operators: int, *, rural: bool = True
) -> pd.DataFrame:
    """Cost of serving one place by several operators under each way of sharing.

    Parameters
    ----------
    tower_bill, backhaul_bill : DataFrame
        :class:`coverage.tables.Bill` of a tower and of the links that feed it, as one operator alone
        would pay.
    operators : int
        Operators who serve the place.
    rural : bool
        Whether the single rural network is open to them.

    Returns
    -------
    DataFrame
        Columns ``sharing, operators, operator_capex_idr, operator_opex_idr_per_year,
        total_capex_idr, total_opex_idr_per_year``.

    Raises
    ------
    InputError
        Where there is no operator.
    """
    if operators < 1:
        raise InputError(_("At least one operator is needed"))
    part = tower_bill["item"].map(lambda item: _PARTS.get(item, "site"))
    lines = pd.concat([tower_bill.assign(part=part), backhaul_bill.assign(part="backhaul")], ignore_index=True)
    rows = []
    for name, shared in SHARING.items():
        if name == "single_rural_network" and not rural:
            continue
        each = lines["amount_idr"] / lines["part"].isin(shared).map({True: operators, False: 1})
        by_kind = each.groupby(lines["kind"]).sum()
        capex, opex = float(by_kind.get("capex", 0.0)), float(by_kind.get("opex", 0.0))
        rows.append((name, operators, capex, opex, capex * operators, opex * operators))
    columns = [
        "sharing",
        "operators",
        "operator_capex_idr",
        "operator_opex_idr_per_year",
        "total_capex_idr",
        "total_opex_idr_per_year",
    ]
    return pd.DataFrame(rows, columns=columns)
