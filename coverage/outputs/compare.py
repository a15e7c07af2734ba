"""Up to five plans of one region side by side: totals, what they move, where they differ and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.errors import ScenarioError
from coverage.indicators import DIMENSIONS, PILLARS, by_dimension, by_pillar, label
from coverage.language import _, language, mark, number, percent, rupiah_short
from coverage.outputs import maps, summary, words
from coverage.partnership.funders import load_funders
from coverage.partnership.models import MODELS

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Plans that fit side by side.
MOST = 5
_LETTERS = "ABCDE"
#: Public money above this is no budget but "as much as it takes".
_PLENTY_IDR = 1e15

#: The ready scenarios by the name in their file.
READY = {
    "uso_towers": mark("USO towers"),
    "market_led": mark("Market-led with sharing"),
    "bumdes_first": mark("Village enterprise first"),
    "satellite_first": mark("Satellite first"),
    "best_mix": mark("Best mix"),
    "quick_wins": mark("Quick wins"),
    "default": mark("The app's first plan"),
}
#: Whose money: all that a plan costs is paid by these.
FUNDERS = {
    "provider": mark("Providers, from income"),
    "public": mark("Public money (regency, province, state)"),
    "uso": mark("Universal service fund (USO)"),
    "village_budget": mark("Village budgets"),
}


def scenario_name(name: str) -> str:
    """A scenario's name for people: ready ones in the reader's language."""
    return _(READY[name]) if name in READY else name.replace("_", " ")


@dataclass(frozen=True)
class Row:
    """One line of the comparison: a number per plan; ``kind`` says how it is written."""

    code: str
    label: str
    kind: str
    values: tuple[float, ...]
    group: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Plans side by side.

    Attributes
    ----------
    names : tuple of str
        Letter and name of each plan.
    rows : tuple of Row
        Totals, money by funder, index by dimension and by pillar, price.
    villages : DataFrame
        One row per village that any plan serves, in order of code: ``village_code, village_name,
        district_name, differs`` (not the same technology and provider in every plan), and per
        plan (``_a`` to ``_e``) ``in, technology, provider, price_idr_month, public_idr, why``.
    """

    analyses: tuple[Analysis, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    villages: pd.DataFrame

    @property
    def letters(self) -> tuple[str, ...]:
        """Small letters of the plans: endings of the columns."""
        return tuple(_LETTERS[: len(self.names)].lower())

    @property
    def differing(self) -> pd.DataFrame:
        """The villages that are not served alike in every plan."""
        return self.villages[self.villages["differs"]].reset_index(drop=True)

    @property
    def gain_digits(self) -> int:
        """Decimals that tell the gains apart."""
        return maps.gain_digits(pd.Series([v for row in self.rows if row.kind == "gain" for v in row.values]))


def compare(analyses: Sequence[Analysis]) -> Comparison:
    """Put analyses of one region side by side.

    Parameters
    ----------
    analyses : sequence of Analysis
        Two to five, of the same region, each of another scenario.

    Raises
    ------
    ScenarioError
        Where there are fewer than two or more than five, or they are of different regions.
    """
    check_count(len(analyses))
    codes = [a.region.villages["village_code"].tolist() for a in analyses]
    if any(c != codes[0] for c in codes):
        raise ScenarioError(_("The scenarios are of different regions"), todo=_("Compare scenarios of one region"))
    names = tuple(f"{letter} · {scenario_name(a.scenario.name)}" for letter, a in zip(_LETTERS, analyses, strict=False))
    return Comparison(tuple(analyses), names, tuple(_rows(analyses)), _villages(analyses))


def check_count(count: int) -> None:
    """Refuse fewer than two scenarios, and more than fit side by side.

    Raises
    ------
    ScenarioError
    """
    if not 2 <= count <= MOST:
        raise ScenarioError(
            _("{count} scenarios cannot be compared").format(count=count),
            todo=_("Choose two to {most}").format(most=MOST),
        )


def said(row: Row, value: float, digits: int) -> str:
    """A value of a row as people read it."""
    if row.kind == "budget" and value >= _PLENTY_IDR:
        return _("as much as it takes")
    if np.isnan(value):
        return "–"
    write: dict[str, Callable[[float], str]] = {
        "money": rupiah_short,
        "budget": rupiah_short,
        "count": number,
        "share": lambda v: percent(v, 1),
        "gain": lambda v: "+" + number(v, digits),
    }
    return write[row.kind](value)


def _rows(analyses: Sequence[Analysis]) -> list[Row]:
    sums = [summary.totals(a) for a in analyses]
    paid = [_paid(a) for a in analyses]

    def row(code: str, text: str, kind: str, values: Sequence[float], group: str = "") -> Row:
        return Row(code, text, kind, tuple(float(v) for v in values), group)

    rows = [
        row("budget", _("Budget of public money"), "budget", [a.scenario.budget_idr for a in analyses]),
        row("villages", _("Villages in the plan"), "count", [s.villages for s in sums]),
        row("people", _("People newly reached"), "count", [s.population_gained for s in sums]),
        row("gain", _("Index gain"), "gain", [s.index_gain for s in sums]),
        row("price", _("Price a month (mean, by subscribers)"), "money", [_price(a) for a in analyses]),
        row("cost", _("Cost over the lifetime, all funds"), "money", [s.cost_pv_idr for s in sums]),
        row("subsidy", _("Public money used"), "money", [s.subsidy_idr for s in sums]),
        row("gap", _("Proven gap"), "share", [s.gap for s in sums]),
    ]
    money = _("Who pays")
    named = sorted(set().union(*paid) - set(FUNDERS))
    for funder in [*FUNDERS, *named]:
        values = [p.get(funder, 0.0) for p in paid]
        if any(v > 0 for v in values):
            rows.append(row(f"funder:{funder}", _funder_label(funder), "money", values, money))
    dimensions = [by_dimension(a.scores, a.framework, a.assumptions).set_index("dimension")["gain"] for a in analyses]
    pillars = [by_pillar(a.scores).set_index("pillar")["gain"] for a in analyses]
    for group, codes, tables in (
        (_("Index gain by dimension"), DIMENSIONS, dimensions),
        (_("Index gain by pillar"), PILLARS, pillars),
    ):
        rows += [row(f"index:{code}", label(code), "gain", [t[code] for t in tables], group) for code in codes]
    return rows


def _paid(analysis: Analysis) -> dict[str, float]:
    """What each funder pays of a plan, Rp present value; together the cost of all unique assets.

    Where the scenario names funders the plan says what each pays; else the business models tell.
    """
    if analysis.scenario.budgets:
        paid = analysis.plan.funding.groupby("funder")["amount_idr"].sum()
        return {str(funder): float(amount) for funder, amount in paid.items()}
    chosen = analysis.plan.chosen
    model = chosen["deal_id"].map(analysis.deals.set_index("deal_id")["business_model"])
    payer = model.map({code: m.fills_gap for code, m in MODELS.items()} | {"uso_subsidised": "uso"})
    # Money for links that a deal without subsidy of its own would need is public as well.
    payer = payer.where(payer.isin(list(FUNDERS)) & (payer != "provider"), "public")
    by_payer = chosen["subsidy_idr"].groupby(payer.to_numpy()).sum()
    cost = float((chosen["access_cost_pv_idr"] + chosen["backhaul_cost_pv_idr"]).sum())
    public = {funder: float(by_payer.get(funder, 0.0)) for funder in FUNDERS if funder != "provider"}
    return {"provider": cost - sum(public.values())} | public


def _funder_label(funder: str) -> str:
    if funder in FUNDERS:
        return _(FUNDERS[funder])
    known = load_funders()
    return str(known.loc[funder, f"label_{language()}"]) if funder in known.index else funder


def _price(analysis: Analysis) -> float:
    """Mean price of the plan's deals by their subscribers, Rp a month; missing where nobody subscribes."""
    chosen = analysis.deals[analysis.deals["deal_id"].isin(set(analysis.plan.chosen["deal_id"]))]
    people = chosen["subscribers"].to_numpy(float)
    return float(np.average(chosen["price_idr_month"], weights=people)) if people.sum() > 0 else float("nan")


def _villages(analyses: Sequence[Analysis]) -> pd.DataFrame:
    served = sorted(set().union(*(set(a.plan.chosen["village_code"]) for a in analyses)))
    names = analyses[0].region.villages.set_index("village_code")
    table = pd.DataFrame(
        {
            "village_code": pd.Series(served, dtype="str"),
            "village_name": [str(names.loc[c, "village_name"]) for c in served],
            "district_name": [str(names.loc[c, "district_name"]) for c in served],
        }
    )
    kinds = []
    for letter, analysis in zip(_LETTERS.lower(), analyses, strict=False):
        deals = analysis.plan.chosen[["deal_id", "village_code", "subsidy_idr"]].merge(
            analysis.deals[["deal_id", "option_id", "provider_id", "price_idr_month"]], on="deal_id"
        )
        technology = analysis.option_set.options.set_index("option_id")["technology"]
        mine = deals.set_index("village_code").reindex(served)
        inside = mine["deal_id"].notna()
        table[f"in_{letter}"] = inside.to_numpy()
        table[f"technology_{letter}"] = mine["option_id"].map(technology).to_numpy()
        table[f"provider_{letter}"] = mine["provider_id"].to_numpy()
        table[f"price_idr_month_{letter}"] = mine["price_idr_month"].to_numpy(float)
        table[f"public_idr_{letter}"] = mine["subsidy_idr"].to_numpy(float)
        kinds.append(
            [f"{t}|{p}" for t, p in zip(table[f"technology_{letter}"], table[f"provider_{letter}"], strict=True)]
        )
    table["differs"] = [len(set(kind)) > 1 for kind in zip(*kinds, strict=True)]
    for letter, analysis in zip(_LETTERS.lower(), analyses, strict=False):
        left = analysis.scenario.budget_idr - float(analysis.plan.chosen["subsidy_idr"].sum())
        reasons = [
            "" if inside or not differs else why_out(analysis, code, left)
            for code, inside, differs in zip(served, table[f"in_{letter}"], table["differs"], strict=True)
        ]
        table[f"why_{letter}"] = reasons
    return table


def why_out(analysis: Analysis, code: str, left_idr: float) -> str:
    """Why a plan leaves a village out, from its rules and its money, without planning again."""
    scenario = analysis.scenario
    access = analysis.access.villages.set_index("village_code")["access_class"]
    deals = analysis.deals[analysis.deals["village_code"] == code]
    technology = deals["option_id"].map(analysis.option_set.options.set_index("option_id")["technology"])
    buildable = deals[technology.isin(scenario.technologies)]
    models = scenario.business_models
    allowed = buildable[buildable["business_model"].isin(models)] if models else buildable
    unknown = access.get(code) == "unknown" and not scenario.include_unknown and code not in scenario.must
    for holds, text in (
        (code in scenario.never, _("left out by the scenario")),
        (unknown, _("too little is known of it")),
        (deals.empty, _("no provider offers anything")),
        (buildable.empty, _("nothing of what may be built")),
        (allowed.empty, _("no business model that is allowed")),
    ):
        if holds:
            return text
    least, left = float(allowed["subsidy_idr"].min()), max(left_idr, 0.0)
    if least > left:
        return _("needs {public}, and {left} is left").format(public=rupiah_short(least), left=rupiah_short(left))
    return _("others gain more for the same money")


def cell(comparison: Comparison, village: pd.Series[str], letter: str) -> str:
    """What one plan does in a village, in a few words."""
    if not village[f"in_{letter}"]:
        return str(village[f"why_{letter}"]) or "–"
    providers = comparison.analyses[0].region.providers.set_index("provider_id")["provider_name"]
    provider = str(village[f"provider_{letter}"])
    return _("{technology} · {provider} · {price} a month").format(
        technology=words.technology(str(village[f"technology_{letter}"])),
        provider=providers.get(provider, provider),
        price=rupiah_short(float(village[f"price_idr_month_{letter}"])),
    )


def headline(comparison: Comparison) -> str:
    """Which plan reaches most people and which gains most for the public money, in one sentence."""
    by_code = {row.code: row.values for row in comparison.rows}
    people, gain, public = (np.array(by_code[code]) for code in ("people", "gain", "subsidy"))
    most, best = int(people.argmax()), int(gain.argmax())
    if most == best:
        told = _("{name} reaches most people ({people}) and lifts the index most (+{gain}, {public} of public money)")
    else:
        told = _(
            "{name} reaches most people ({people}); {best} lifts the index most (+{gain}, {public} of public money)"
        )
    return told.format(
        name=comparison.names[most],
        people=number(people[most]),
        best=comparison.names[best],
        gain=number(gain[best], comparison.gain_digits),
        public=rupiah_short(public[best]),
    )
