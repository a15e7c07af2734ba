"""Where the gain arises: of the whole index, a pillar, a programme or one indicator; and why there.

A layer of this kind is named ``gain:<measure>:<scope>:<item>``, so that the map of the app draws it
like any other.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.indicators import PILLARS, Worth, label, worth
from coverage.language import _, language, mark, number, percent
from coverage.outputs import maps, words

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Within the plan; by the village's recommended deal alone; the same per billion rupiah.
MEASURES = ("plan", "alone", "per_billion")
SCOPES = ("index", "pillar", "programme", "indicator")
_PREFIX = "gain"
_BILLION = 1e9
_REASONS = 2
_MEASURES = {
    "plan": mark("Within the plan"),
    "alone": mark("Each village alone"),
    "per_billion": mark("Alone, per Rp 1 billion"),
}
_LEGENDS = {
    "plan": mark("Index points within the plan"),
    "alone": mark("Index points, each village alone"),
    "per_billion": mark("Index points per Rp 1 billion"),
}


@dataclass(frozen=True)
class Choice:
    """What to show: ``measure`` of :data:`MEASURES` and ``scope`` of :data:`SCOPES` with its ``item``."""

    measure: str = "plan"
    scope: str = "index"
    item: str = ""

    @property
    def name(self) -> str:
        """Name of the layer."""
        return f"{_PREFIX}:{self.measure}:{self.scope}:{self.item}"


def choice(name: str) -> Choice | None:
    """The choice that a layer's name stands for, or nothing where it is another layer."""
    prefix, *parts = name.split(":", 3)
    if prefix != _PREFIX or len(parts) != len(("measure", "scope", "item")):
        return None
    measure, scope, item = parts
    return Choice(measure, scope, item) if measure in MEASURES and scope in SCOPES else None


def measure_title(measure: str) -> str:
    """``per_billion`` → *Alone, per Rp 1 billion*."""
    return _(_MEASURES[measure])


def scopes(analysis: Analysis) -> dict[tuple[str, str], str]:
    """Every (scope, item) that can be chosen, with its words; indicators without data are left out."""
    table = analysis.scores.indicators
    table = table[table["included"]]
    programme = _column("programme")
    found = {("index", ""): _("The whole index")}
    found |= {("pillar", p): _("Pillar: {name}").format(name=label(p)) for p in PILLARS if (table["pillar"] == p).any()}
    for item, name in sorted(set(zip(table["programme_id"], table[programme], strict=True))):
        found["programme", item] = _("Programme: {name}").format(name=name)
    for item, name in zip(table["id"], table[_column("name")], strict=True):
        found["indicator", item] = f"{item}: {name}"
    return found


def _column(stem: str) -> str:
    return f"{stem}_{'id' if language() == 'id' else 'en'}"


def indicators_of(analysis: Analysis, chosen: Choice) -> list[str]:
    """Ids of the included indicators that a choice counts."""
    table = analysis.scores.indicators
    mine = table["included"].to_numpy(bool)
    if chosen.scope != "index":
        column = {"pillar": "pillar", "programme": "programme_id", "indicator": "id"}[chosen.scope]
        mine = mine & (table[column] == chosen.item).to_numpy(bool)
    return list(table.loc[mine, "id"])


def village_gains(analysis: Analysis, chosen: Choice) -> pd.Series[float]:
    """The gain of every village, in index points (per billion rupiah where so chosen).

    Returns
    -------
    Series
        Indexed by village code in the order of the villages; missing where there is no deal. Gains
        alone count all that the recommended deal brings, also to neighbours: do not add.
    """
    codes = analysis.region.villages["village_code"]
    if chosen.measure == "plan":
        rows = analysis.scores.villages
        rows = rows[rows["indicator_id"].isin(indicators_of(analysis, chosen))]
        within: pd.Series[float] = rows.groupby("village_code")["gain"].sum().reindex(codes).fillna(0.0).clip(lower=0.0)
        return within
    best = analysis.gain.set_index("village_code").reindex(codes)
    if chosen.scope == "index":
        alone = best["index_gain_alone"]
    else:
        option = best["best_deal_id"].map(analysis.deals.set_index("deal_id")["option_id"])
        points = _worth(analysis).points(indicators_of(analysis, chosen))
        alone = option.map(points.groupby("option_id")["index_gain"].sum())
    alone = alone.astype(float).where(best["best_deal_id"].notna())
    if chosen.measure == "alone":
        return alone
    cost = best["cost_pv_idr"].astype(float)
    per_billion: pd.Series[float] = alone / (cost.where(cost > 0) / _BILLION)
    return per_billion


#: The worth asked for last, with the table of whose analysis it is: who looks at one indicator looks at the next.
_last: tuple[weakref.ref[pd.DataFrame], Worth] | None = None


def _worth(analysis: Analysis) -> Worth:
    global _last  # noqa: PLW0603 - one, exchanged whole
    if (last := _last) is not None and last[0]() is analysis.benefit:
        return last[1]
    region = analysis.region
    made = worth(
        analysis.option_set,
        region.villages,
        region.settlements,
        analysis.access,
        region.facilities,
        analysis.framework,
        analysis.assumptions,
        places=analysis.places if len(analysis.places) else None,
    )
    _last = (weakref.ref(analysis.benefit), made)
    return made


def layer(analysis: Analysis, chosen: Choice) -> maps.MapLayer:
    """The choice as a layer of the map."""
    note = (
        _("Gains within the plan add up to its whole gain. Indicative, not the ministry's score.")
        if chosen.measure == "plan"
        else _("Each village by its best deal alone; do not add. Indicative, not the ministry's score.")
    )
    said = scopes(analysis).get((chosen.scope, chosen.item), chosen.item)
    gains = village_gains(analysis, chosen)
    return maps.graded(analysis, gains, chosen.name, said, _(_LEGENDS[chosen.measure]), note)


def ranking(analysis: Analysis, chosen: Choice) -> pd.DataFrame:
    """The villages that gain, the greatest gain first, each with the reason in words.

    Returns
    -------
    DataFrame
        Index ``village_code``; columns ``name, district, gain, reason``.
    """
    gains = village_gains(analysis, chosen)
    villages = analysis.region.villages.set_index("village_code")
    reasons = _plan_reasons(analysis, chosen) if chosen.measure == "plan" else _deal_reasons(analysis)
    frame = pd.DataFrame(
        {
            "name": villages["village_name"],
            "district": villages["district_name"],
            "gain": gains,
            "reason": reasons.reindex(villages.index),
        }
    )
    frame = frame[frame["gain"] > 0].assign(code=lambda f: f.index)
    return frame.sort_values(["gain", "code"], ascending=[False, True]).drop(columns="code")


def _plan_reasons(analysis: Analysis, chosen: Choice) -> pd.Series[str]:
    """Which indicators move most in each village, from what to what."""
    table = analysis.scores.indicators.set_index("id")
    drivers = analysis.framework.drivers.set_index("driver")[_column("name")]
    rows = analysis.scores.villages
    rows = rows[rows["indicator_id"].isin(indicators_of(analysis, chosen)) & (rows["gain"] > 0)]
    rows = rows.assign(driver=rows["indicator_id"].map(table["driver"]), unit=rows["indicator_id"].map(table["unit"]))
    # one driver moves several indicators: it is one reason
    keys = ["village_code", "driver", "unit"]
    rows = rows.groupby(keys, as_index=False).agg(
        before=("before", "first"), after=("after", "first"), gain=("gain", "sum")
    )
    rows = rows.sort_values(["village_code", "gain", "driver"], ascending=[True, False, True])
    rows = rows.groupby("village_code").head(_REASONS)
    said = [
        _("{what} {before} → {after}").format(what=drivers.get(d, d), before=_amount(b, u), after=_amount(a, u))
        for d, b, a, u in zip(rows["driver"], rows["before"], rows["after"], rows["unit"], strict=True)
    ]
    joined = pd.Series(said, index=rows["village_code"].to_numpy(), dtype=object)
    return joined.groupby(level=0, sort=True).agg("; ".join)


def _amount(value: float, unit: str) -> str:
    if np.isnan(value):
        return "–"
    return percent(value) if unit == "share" else number(value, 1)


def _deal_reasons(analysis: Analysis) -> pd.Series[str]:
    """What each village's recommended deal is, and whom it newly reaches."""
    best = analysis.gain.dropna(subset=["best_deal_id"])
    deals = analysis.deals.set_index("deal_id")["option_id"]
    options = analysis.option_set.options.set_index("option_id")
    said = {}
    for code, deal in zip(best["village_code"], best["best_deal_id"], strict=True):
        option = options.loc[deals[deal]]
        said[code] = _("{technology}, {people} people newly reached").format(
            technology=words.technology(option["technology"]), people=number(option["population_gained"])
        )
    return pd.Series(said, dtype=object)
