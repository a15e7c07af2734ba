"""When no price suits both sides: what would close the gap, and how firm the range of prices is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.language import _, number, percent, rupiah_short
from coverage.outputs import words
from coverage.partnership import LEVERS, Deal, Terms, cheapest_way, ways_to_close, zone_sensitivity
from coverage.ui import together
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def show(analysis: Analysis, deal_id: str, found: Deal, terms: Terms) -> None:
    """The levers, the cheapest first told; and the range of prices with other adoption and costs."""
    row = analysis.deals[analysis.deals["deal_id"] == deal_id].iloc[0]
    other = _another(analysis, row)
    ways = ways_to_close(
        found.project, terms, analysis.assumptions,
        neighbours_carry=_carried(analysis, row),
        other_subsidy_idr=float("nan") if other is None else float(other["subsidy_idr"]),
    )  # fmt: skip
    if not ways.empty:
        _levers(ways, analysis, other)
    with st.expander(_("How firm is the range of prices?"), icon=":material/query_stats:"):
        _sensitivity(found, terms)


def _another(analysis: Analysis, row: pd.Series) -> Any:
    """The deal of another technology that takes the least public money here; None where there is none."""
    technology = analysis.option_set.options.set_index("option_id")["technology"]
    mine = analysis.deals[analysis.deals["village_code"] == row["village_code"]]
    others = mine[mine["option_id"].map(technology) != technology[row["option_id"]]]
    if others.empty:
        return None
    return others.sort_values(["subsidy_idr", "price_idr_month", "deal_id"]).iloc[0]


def _carried(analysis: Analysis, row: pd.Series) -> float:
    """Share of the link's cost that the neighbours of this very deal would carry; NaN where none is known to join."""
    group = together.group(analysis, str(row["village_code"]))
    if group is None or row["option_id"] not in group.cluster.option_ids:
        return float("nan")
    k = group.cluster.option_ids.index(row["option_id"])
    alone = float(group.cluster.alone_idr[k])
    return 1.0 - float(group.cluster.split.shares[k]) / alone if alone > 0 else 0.0


def _levers(ways: pd.DataFrame, analysis: Analysis, other: Any) -> None:
    cheapest = cheapest_way(ways)
    with st.expander(_("What would close the gap?"), icon=":material/construction:", expanded=True):
        lines, mark = [], literal(_("least given up"))
        for way in ways.to_dict("records"):
            best = f" :green-badge[{mark}]" if way["lever"] == cheapest else ""
            lever = LEVERS[way["lever"]]
            name = literal(_(lever))
            lines.append(f"- {name}: **{literal(_amount(way, analysis, other))}**{best}")
        st.markdown("\n".join(lines))
        st.caption(
            _("Each by itself, at the price above. Least given up: what village and public funds lose, present value.")
        )


def _amount(way: dict[Any, Any], analysis: Analysis, other: Any) -> str:
    if way["lever"] == "another_technology":
        return _other_words(way, analysis, other)
    if way["lever"] == "join_neighbours":
        return _neighbours_words(way)
    if not way["closes"]:
        return _("cannot do it alone")
    amount = float(way["amount"])
    return {
        "Rp": lambda: rupiah_short(amount),
        "Rp/month": lambda: _("{price} a month").format(price=rupiah_short(amount)),
        "year": lambda: _("{years} years").format(years=number(amount)),
        "share": lambda: percent(amount),
        "subscribers": lambda: _("{count} subscribers").format(count=number(-(-amount // 1))),
    }[way["unit"]]()


def _neighbours_words(way: dict[Any, Any]) -> str:
    if pd.notna(way["available"]):
        said = _("neighbours must carry {needed} of the link; those who could join carry {there}").format(
            needed=percent(float(way["amount"])), there=percent(float(way["available"]))
        )
        return said if way["closes"] else said + _(": not enough alone")
    if not way["closes"]:
        return _("cannot do it alone")
    return _("neighbours must carry {needed} of the link; nobody is known to join").format(
        needed=percent(float(way["amount"]))
    )


def _other_words(way: dict[Any, Any], analysis: Analysis, other: Any) -> str:
    if other is None:
        return _("there is none here")
    options = analysis.option_set.options.set_index("option_id")
    name = words.technology(str(options.loc[other["option_id"], "technology"]))
    facts = {"technology": name, "money": rupiah_short(float(other["subsidy_idr"]))}
    if not way["closes"]:
        return _("{technology} needs even more public money: {money}").format(**facts)
    if float(other["subsidy_idr"]) > 0:
        return _("{technology}, with {money} of public money").format(**facts)
    return _("{technology}, without public money").format(**facts)


def _sensitivity(found: Deal, terms: Terms) -> None:
    """Between which prices the provider would sign when more or fewer people join, or building costs more or less."""
    table = zone_sensitivity(found.project, terms)
    people = sorted(table["adoption_factor"].unique())
    rows = []
    for factor in sorted(table["cost_factor"].unique()):
        mine = table[table["cost_factor"] == factor].set_index("adoption_factor")
        rows.append({"cost": percent(factor), **{percent(p): _range(mine.loc[p]) for p in people}})
    st.dataframe(
        pd.DataFrame(rows), hide_index=True,
        column_config={"cost": st.column_config.TextColumn(_("Cost"), pinned=True)}
        | {percent(p): st.column_config.TextColumn(_("Subscribers {share}").format(share=percent(p))) for p in people},
    )  # fmt: skip
    st.caption(_("Prices a month at which the provider would sign, without any change of the other terms."))


def _range(row: pd.Series) -> str:
    if pd.isna(row["price_lowest_idr_month"]):
        return _("at no price")
    low, high = (rupiah_short(float(row[name])) for name in ("price_lowest_idr_month", "price_highest_idr_month"))
    return low if low == high else _("{low} to {high}").format(low=low, high=high)
