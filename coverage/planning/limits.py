"""What a plan may use at most and must reach at least, beside the public budget.

Whose money may pay for what
----------------------------
Every deal has a gap that public money fills (:mod:`coverage.planning.instance`). Which funders may
fill it follows from the business model (the public, the village, or the universal service fund),
the kind of village and the law (:mod:`coverage.partnership.funders`); a village's own fund gives at
most what it has free per year, times the years of the budgets. Links are shared, so their public
money comes from funders of the whole regency, never from one village's fund.

Money can be divided among funders with budgets ``B`` exactly when for every set ``S`` of funders what
only they may pay is at most what they have together (Gale 1957, A theorem on flows in networks). So
eligibility needs no further variables, only one row per set of funders: ``needs that S alone may
pay <= sum of B over S``. Rows that follow from others, or that no plan can break, are left out.

Providers
---------
What a provider must put up itself (capital of its deals less what subsidies bring, each with its own
route) stays within its ``capital_limit_idr``, and it builds at most ``build_limit`` deals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from coverage.errors import ScenarioError
from coverage.language import _, language, ngettext, rupiah
from coverage.partnership.funders import available_idr, load_funders, refusal
from coverage.partnership.models import MODELS
from coverage.planning.kernels import Floats
from coverage.scenario import Scenario

#: A part of a gap below this is rounding, in Rp.
_ROUNDING = 1.0
#: Parties whose money a plan spends.
PUBLIC_PARTIES = ("public", "village_budget")
_LINK = "capital"

Part = tuple[frozenset[str], float]
_Row = tuple[Floats, float, float, frozenset[str]]


@dataclass(frozen=True)
class Limits:
    """Rows over the candidates (deals) of an instance.

    Attributes
    ----------
    need : ndarray of float, (rows, candidates)
        What each candidate uses, in Rp or deals.
    on_links : ndarray of float, (rows,)
        1 where public money for links counts too.
    most : ndarray of float, (rows,)
        Upper limit.
    tags : list of frozenset of str
        Whose limits make up the row: ``funder:apbd``, ``capital:operator_a``, ``builds:operator_a``.
    cover, least, cover_tags
        The same for what must be reached: ``villages:33.27.01``, ``share:33.27.01``.
    """

    need: Floats
    on_links: Floats
    most: Floats
    tags: list[frozenset[str]]
    cover: Floats
    least: Floats
    cover_tags: list[str]

    def without(self, tag: str) -> Limits:
        """The limits less one of them."""
        keep = np.array([tag not in tags for tags in self.tags], dtype=bool)
        stay = np.array([tag != name for name in self.cover_tags], dtype=bool)
        return Limits(
            self.need[keep], self.on_links[keep], self.most[keep],
            [t for t, k in zip(self.tags, keep, strict=True) if k],
            self.cover[stay], self.least[stay],
            [t for t, k in zip(self.cover_tags, stay, strict=True) if k],
        )  # fmt: skip

    def of(self, candidates: np.ndarray) -> Limits:
        """The limits over some of the candidates."""
        return Limits(
            np.ascontiguousarray(self.need[:, candidates]), self.on_links, self.most, self.tags,
            np.ascontiguousarray(self.cover[:, candidates]), self.least, self.cover_tags,
        )  # fmt: skip

    @property
    def names(self) -> list[str]:
        """All limits, each once."""
        return sorted({name for tags in self.tags for name in tags} | set(self.cover_tags))

    @property
    def without_money(self) -> Limits:
        """Only those that do not limit public money."""
        limits = self
        for name in self.names:
            if name.startswith("funder:"):
                limits = limits.without(name)
        return limits


def none(candidates: int) -> Limits:
    """No limits at all."""
    nothing, no_row = np.zeros((0, candidates)), np.zeros(0)
    return Limits(nothing, no_row, no_row, [], nothing, no_row, [])


def refuse_funders(scenario: Scenario) -> None:
    """Raise ScenarioError where a scenario names funders that do not exist or whose money it cannot spend."""
    funders = load_funders()
    spending = funders[funders.party.isin(PUBLIC_PARTIES)]
    strangers = sorted(set(scenario.budgets) - set(spending.index))
    if strangers:
        raise ScenarioError(
            _("The scenario gives a budget to funders that are not in the list"),
            where=", ".join(strangers),
            todo=_("Known are: {names}").format(names=", ".join(sorted(spending.index))),
        )


def payers(business_model: str, village_kind: str, scenario: Scenario, assumptions: Mapping[str, float]) -> list[str]:
    """Funders of the scenario that may fill the gap of a deal, in order of name."""
    model = MODELS.get(business_model)
    party = "village_budget" if model is not None and model.fills_gap == "village_budget" else "public"
    funders = load_funders()
    return [
        funder
        for funder in sorted(scenario.budgets)
        if funders.party[funder] == party
        and (business_model != "uso_subsidised" or funder == "uso")
        and not refusal(funder, village_kind, _LINK, assumptions)  # type: ignore[arg-type]
    ]


def link_payers(scenario: Scenario, assumptions: Mapping[str, float]) -> list[str]:
    """Funders of the scenario that may pay for shared links, in order of name."""
    return payers("public_subsidy", "desa", scenario, assumptions)


def most_of(funder: str, village_kind: str, scenario: Scenario, assumptions: Mapping[str, float]) -> float:
    """Most that a funder can give to one village's deal over the years of the budgets, Rp."""
    return available_idr(funder, village_kind, _LINK, assumptions) * max(1, scenario.years)  # type: ignore[arg-type]


def gap_parts(
    gap: Floats, deals: pd.DataFrame, kinds: Mapping[str, str], scenario: Scenario, assumptions: Mapping[str, float]
) -> list[list[Part]]:
    """Each deal's gap as parts, and the funders that may pay each part; no funder: nobody may.

    What a village's fund cannot give, because it is limited, has only the other funders.
    """
    known: dict[tuple[str, str], list[tuple[str, float]]] = {}
    result = []
    for amount, model, code in zip(gap.tolist(), deals.business_model, deals.village_code, strict=True):
        kind = kinds[code]
        if (model, kind) not in known:
            mine = payers(model, kind, scenario, assumptions)
            purses = [(f, most_of(f, kind, scenario, assumptions)) for f in mine]
            known[model, kind] = sorted(purses, key=lambda purse: -purse[1])
        able = known[model, kind]
        parts: list[Part] = []
        beyond = amount
        # From the deepest purse to the shallowest: what goes beyond a purse is left to the deeper ones.
        for k in range(len(able), 0, -1):
            here = min(beyond, able[k - 1][1])
            if here > _ROUNDING:
                parts.append((frozenset(f for f, _most in able[:k]), here))
            beyond -= max(here, 0.0)
        if beyond > _ROUNDING:
            parts.append((frozenset(), beyond))
        result.append(parts)
    return result


def limits(
    deals: pd.DataFrame,
    gap: Floats,
    kinds: Mapping[str, str],
    providers: pd.DataFrame | None,
    scenario: Scenario,
    assumptions: Mapping[str, float],
) -> tuple[Limits, np.ndarray]:
    """The limits of a scenario over deals, and which deals have a payer for all of their gap.

    Parameters
    ----------
    deals : DataFrame
        Table Deals; ``capital_idr`` and ``subsidy_idr`` are what a provider has to put up.
    gap : ndarray of float, (deals,)
        What public money fills, in Rp.
    kinds : mapping
        ``desa`` or ``kelurahan`` by village code.
    providers : DataFrame, optional
        Table Providers; without it providers have no limits.
    """
    able = np.ones(len(deals), dtype=bool)
    rows: list[_Row] = []
    if scenario.budgets:
        parts = gap_parts(gap, deals, kinds, scenario, assumptions)
        able = np.array([all(who for who, _amount in mine) for mine in parts], dtype=bool)
        rows += _funder_rows(parts, link_payers(scenario, assumptions), scenario)
    if providers is not None:
        rows += _provider_rows(deals, providers)
    village = deals.village_code.to_numpy()
    kept = [r for k, r in enumerate(rows) if _binds(r, village) and not _follows(k, rows)]
    cover = _cover_rows(deals[able], deals, gap, scenario)
    return Limits(
        need=np.array([r[0] for r in kept]).reshape(len(kept), len(deals)),
        on_links=np.array([r[1] for r in kept]),
        most=np.array([r[2] for r in kept]),
        tags=[r[3] for r in kept],
        cover=np.array([r[0] for r in cover]).reshape(len(cover), len(deals)),
        least=np.array([r[1] for r in cover]),
        cover_tags=[r[2] for r in cover],
    ), able


def _funder_rows(parts: list[list[Part]], links: list[str], scenario: Scenario) -> list[_Row]:
    funders = sorted(scenario.budgets)
    rows = []
    for size in range(len(funders) + 1):
        for some in combinations(funders, size):
            group = set(some)
            need = np.array([sum(a for who, a in mine if who and who <= group) for mine in parts], dtype=float)
            most = sum(scenario.funder_budget(f) for f in some)
            tags = frozenset(f"funder:{f}" for f in (some or funders))
            rows.append((need, float(set(links) <= group), most, tags))
    return rows


def _provider_rows(deals: pd.DataFrame, providers: pd.DataFrame) -> list[_Row]:
    rows = []
    nothing = np.zeros(len(deals))
    own = (deals.capital_idr - deals.subsidy_idr).clip(lower=0.0).to_numpy(float) if "capital_idr" in deals else nothing
    count = providers.build_limit if "build_limit" in providers else pd.Series(np.inf, index=providers.index)
    known = zip(providers.provider_id, providers.capital_limit_idr, count, strict=True)
    for provider, capital, builds in sorted(known):
        mine = (deals.provider_id == provider).to_numpy()
        if not mine.any():
            continue
        if np.isfinite(capital):
            rows.append((np.where(mine, own, 0.0), 0.0, float(capital), frozenset([f"capital:{provider}"])))
        if np.isfinite(builds):
            rows.append((mine.astype(float), 0.0, float(builds), frozenset([f"builds:{provider}"])))
    return rows


def _binds(row: _Row, village: np.ndarray) -> bool:
    """Whether a plan could break the row: one deal per village, links of any cost."""
    need, on_links, most, _tags = row
    return bool(on_links > 0 or pd.Series(need).groupby(village).max().sum() > most)


def _follows(k: int, rows: list[_Row]) -> bool:
    """Whether a row holds wherever another (the earlier of equals) holds."""
    need, on_links, most, _tags = rows[k]
    return any(
        (other[0] >= need).all() and other[1] >= on_links and (other[2] < most or (other[2] == most and j < k))
        for j, other in enumerate(rows)
        if j != k
    )


def _cover_rows(
    able: pd.DataFrame, deals: pd.DataFrame, gap: Floats, scenario: Scenario
) -> list[tuple[Floats, float, str]]:
    minimum = scenario.minimum
    rows: list[tuple[Floats, float, str]] = []
    district = deals.village_code.str[:8]
    possible = able.groupby(able.village_code.str[:8]).village_code.nunique()
    asked = {str(d): min(minimum.villages_per_district, int(n)) for d, n in possible.items()}
    for code, more in minimum.districts.items():
        asked[code] = max(asked.get(code, 0), more.villages)
    for code in sorted(asked):
        here: Floats = np.asarray(district == code, dtype=np.float64)
        if asked[code] > 0:
            rows.append((here, float(asked[code]), f"villages:{code}"))
        share = minimum.districts[code].budget_share if code in minimum.districts else 0.0
        if share > 0:
            rows.append((here * gap, share * scenario.budget_idr, f"share:{code}"))
    return rows


def limit_words(name: str, scenario: Scenario) -> str:
    """A limit in words, for the list of what clashes."""
    kind, _sep, who = name.partition(":")
    if kind == "funder":
        label = str(load_funders().loc[who, f"label_{language()}"])
        return _("at most {amount} from {funder}").format(amount=rupiah(scenario.funder_budget(who)), funder=label)
    if kind == "capital":
        return _("the own capital of provider {provider}").format(provider=who)
    if kind == "builds":
        return _("the number of deals that provider {provider} can build").format(provider=who)
    more = scenario.minimum.districts.get(who)
    if kind == "share":
        return _("district {district} gets its share of the budget").format(district=who)
    count = max(scenario.minimum.villages_per_district, more.villages if more is not None else 0)
    return ngettext(
        "district {district} gets at least {count} village", "district {district} gets at least {count} villages", count
    ).format(district=who, count=count)
