"""How firm a match is: who comes second, by how much, what would turn it round, and whether anyone gains by leaving."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage import cache
from coverage.kept import kept
from coverage.language import _, ngettext, number, rupiah_short
from coverage.outputs import words
from coverage.partnership import Match, match_of_plan, surplus_idr
from coverage.planning import open_deals

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Share of the joint worth by which the division of a whole list may miss the best one.
_WITHIN = 1e-3
#: Differences below these are none: rupiah, people, index points.
_NO_MONEY, _NOBODY, _NO_GAIN = 1.0, 1.0, 1e-12


@dataclass(frozen=True)
class Second:
    """The best deal of another provider beside a recommended one.

    Everybody may know ``price_idr_month``, ``public_idr`` (for this deal alone) and ``people``. For
    staff only: ``asks_more_idr``, how much more the provider of the match may ask before the second
    takes less public money for the very same site (NaN for another site), and ``worth_idr`` and
    ``second_worth_idr``, what village and provider have of either, less public money.
    """

    village_code: str
    deal_id: str
    in_plan: bool
    provider: str
    first_provider: str
    technology: str
    model: str
    price_idr_month: float
    public_idr: float
    people: float
    more_public_idr: float
    fewer_people: float
    less_gain: float
    asks_more_idr: float
    worth_idr: float
    second_worth_idr: float

    @property
    def margin_idr(self) -> float:
        """How much worth the match may lose before the second is worth more; negative where it is already."""
        return self.worth_idr - self.second_worth_idr

    @property
    def sentence(self) -> str:
        """Who comes second, and how it differs."""
        told = _("Second comes {provider}: {technology} ({model}) at {price} a month.").format(
            provider=self.provider, technology=self.technology, model=self.model,
            price=rupiah_short(self.price_idr_month),
        )  # fmt: skip
        return " ".join([told, *self._differences()])

    def _differences(self) -> list[str]:
        told = []
        money = rupiah_short(abs(self.more_public_idr))
        if self.more_public_idr >= _NO_MONEY:
            told.append(_("It takes {money} more public money.").format(money=money))
        elif self.more_public_idr <= -_NO_MONEY:
            told.append(_("It takes {money} less public money.").format(money=money))
        people = number(abs(self.fewer_people))
        if self.fewer_people >= _NOBODY:
            told.append(_("It newly reaches {people} people fewer.").format(people=people))
        elif self.fewer_people <= -_NOBODY:
            told.append(_("It newly reaches {people} people more.").format(people=people))
        return told or [_("It reaches as many people for as much public money.")]

    @property
    def turn(self) -> str:
        """What would put the second first, without figures that only staff may see."""
        first, second = self.first_provider, self.provider
        if pd.notna(self.asks_more_idr):
            return _("It comes first if {first} declines or asks for more than {second}.").format(
                first=first, second=second
            )
        if self.in_plan and self.less_gain > _NO_GAIN:
            return _("It comes first if {first} declines, or if the budget no longer suffices for this match.").format(
                first=first
            )
        return _("It comes first if {first} declines.").format(first=first)

    @property
    def secret(self) -> str:
        """The same in figures, for staff."""
        told = []
        if self.asks_more_idr >= _NO_MONEY:
            told.append(
                _("{first} may ask for {money} more before {second} is cheaper at the same site.").format(
                    first=self.first_provider, second=self.provider, money=rupiah_short(self.asks_more_idr)
                )
            )
        elif self.asks_more_idr <= -_NO_MONEY:
            told.append(
                _(
                    "{second} would be cheaper by {money} at the same site; its capital or crews are needed elsewhere."
                ).format(second=self.provider, money=rupiah_short(-self.asks_more_idr))
            )
        elif pd.notna(self.asks_more_idr):
            told.append(_("Both cost the same at this site: the plan takes one of them, the other is as good."))
        margin = rupiah_short(abs(self.margin_idr))
        facts = {"first": rupiah_short(self.worth_idr), "second": rupiah_short(self.second_worth_idr), "margin": margin}
        both = _(
            "To village and provider together, less public money, the match is worth {first}, the second {second}."
        )
        told.append(both.format(**facts))
        if self.margin_idr >= _NO_MONEY:
            told.append(_("It may become {margin} dearer before the second is worth more.").format(**facts))
        elif self.margin_idr <= -_NO_MONEY:
            why = _("The second is worth {margin} more to these two, but {reason}.")
            told.append(why.format(**facts, reason=self._reason()))
        return " ".join(told)

    def _reason(self) -> str:
        if self.less_gain > _NO_GAIN:
            return _("it moves the indicators less")
        if self.more_public_idr >= _NO_MONEY:
            return _("it takes more public money")
        if abs(self.less_gain) <= _NO_GAIN and abs(self.more_public_idr) < _NO_MONEY:
            return _("for the plan both are alike: it counts the indicators and public money")
        return _("limits of providers, shared links or what staff fixed decide for the whole plan")


@kept
def seconds(analysis: Analysis, village_codes: tuple[str, ...] | None = None) -> dict[str, Second]:
    """The best deal of another provider beside each recommended one, by village code.

    The best is the one of least public money, then of the lowest price: the same as on the match list.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    village_codes : tuple of str, optional
        Villages to look at; by default those of the match list.

    Returns
    -------
    dict
        Villages that only one provider offers anything are missing.
    """
    of = _compared(analysis)
    alone = analysis.deals.loc[analysis.deals["deal_id"].isin(set(analysis.unaided)), "village_code"]
    wanted = {*of.planned.index, *alone} if village_codes is None else set(village_codes)
    found = {}
    for code in sorted(wanted & set(of.deals)):
        mine = of.deals[code]
        chosen = of.planned.loc[code] if code in of.planned.index else None
        first = mine[mine["deal_id"] == (of.best.get(code) if chosen is None else chosen["deal_id"])]
        if first.empty:
            continue
        rest = mine[mine["provider_id"] != first["provider_id"].iloc[0]]
        if not rest.empty:
            second = rest.sort_values(["subsidy_idr", "price_idr_month", "deal_id"], kind="stable").iloc[0]
            found[code] = _second(code, first.iloc[0], second, chosen, of.gain, of.options, of.names)
    return found


@dataclass(frozen=True, eq=False)
class _Compared:
    """What deals are compared by: tables of an analysis under the names they are looked up by."""

    deals: dict[str, pd.DataFrame]
    planned: pd.DataFrame
    best: pd.Series
    gain: pd.Series
    options: pd.DataFrame
    names: pd.Series


@kept
def _compared(analysis: Analysis) -> _Compared:
    return _Compared(
        deals={str(code): mine for code, mine in analysis.deals.groupby("village_code")},
        planned=analysis.plan.chosen.set_index("village_code"),
        best=analysis.gain.set_index("village_code")["best_deal_id"],
        gain=analysis.benefit.groupby("option_id")["index_gain"].sum(),
        options=analysis.option_set.options.set_index("option_id"),
        names=analysis.region.providers.set_index("provider_id")["provider_name"],
    )


def _second(
    code: str, first: Any, second: Any, chosen: Any, gain: pd.Series, options: pd.DataFrame, names: pd.Series
) -> Second:
    """Two rows of deals, and the plan's row of the first where it is in the plan, compared."""
    same = first["option_id"] == second["option_id"]
    value, other = (float(deal["npv_idr"] + deal["backhaul_cost_pv_idr"]) for deal in (first, second))
    links = float((first if chosen is None else chosen)["backhaul_cost_pv_idr"])
    held = first.copy()
    held["npv_idr"] = value - links  # with its share of the plan's links
    worth = surplus_idr(pd.DataFrame([held, second])).tolist()
    reached = options["population_gained"]
    gains = [float(gain.get(deal["option_id"], 0.0)) for deal in (first, second)]
    return Second(
        village_code=code,
        deal_id=str(second["deal_id"]),
        in_plan=chosen is not None,
        provider=str(names.get(second["provider_id"], second["provider_id"])),
        first_provider=str(names.get(first["provider_id"], first["provider_id"])),
        technology=words.technology(str(options.loc[second["option_id"], "technology"])),
        model=words.business_model(str(second["business_model"])),
        price_idr_month=float(second["price_idr_month"]),
        public_idr=float(second["subsidy_idr"]),
        people=float(reached[second["option_id"]]),
        more_public_idr=_more_public(first, second, chosen, same=bool(same)),
        fewer_people=float(reached[first["option_id"]] - reached[second["option_id"]]),
        less_gain=gains[0] - gains[1],
        asks_more_idr=value - other if same else float("nan"),
        worth_idr=worth[0],
        second_worth_idr=worth[1],
    )


def _more_public(first: Any, second: Any, chosen: Any, *, same: bool) -> float:
    """Public money that the second takes more: at the same site both share the links, elsewhere it has its own."""
    if same:
        gaps = [max(0.0, -float(deal["npv_idr"] + deal["backhaul_cost_pv_idr"])) for deal in (first, second)]
        return gaps[1] - gaps[0]
    return float(second["subsidy_idr"]) - float((first if chosen is None else chosen)["subsidy_idr"])


@dataclass(frozen=True, eq=False)
class Firmness:
    """How firm the whole match list is as an agreement of all.

    ``match`` looks at all villages, ``inside`` at those of the list only.
    """

    match: Match
    inside: Match
    provider_names: dict[str, str]
    village_names: dict[str, str]
    village_of: dict[str, str]

    @property
    def sentence(self) -> str:
        """Whether anybody gains by leaving, and at most how much; names nobody."""
        if self.match.stable:
            return _("Stable: no provider and no village gains by leaving the list for each other.")
        told = [
            _(
                "Not stable: with the division found, one provider and villages could gain together at most {gain} "
                "by leaving the list, without public money."
            ).format(gain=rupiah_short(self.match.epsilon_idr))
        ]
        if self.inside.stable:
            told.append(_("Among the villages of the list nobody gains by changing partners."))
        else:
            told.append(
                _("Among the villages of the list it is {gain}.").format(gain=rupiah_short(self.inside.epsilon_idr))
            )
        if outside := len(self.outside):
            told.append(
                ngettext(
                    "{count} village outside the list would be among them: the providers that could serve it have no "
                    "capital or crews left.",
                    "{count} villages outside the list would be among them: the providers that could serve them have "
                    "no capital or crews left.",
                    outside,
                ).format(count=number(outside))
            )
        return " ".join(told)

    @property
    def outside(self) -> list[str]:
        """Codes of the villages outside the list with whom a provider would gain most."""
        listed = set(self.match.table["village_code"])
        deals = self.match.blocking.deal_ids if self.match.blocking else ()
        return sorted({self.village_of[deal] for deal in deals} - listed)

    @property
    def who(self) -> str:
        """Who would gain, for staff; empty where nobody would."""
        told = []
        for found in (self.inside.blocking, self.match.blocking):
            if found is None:
                continue
            facts = {
                "provider": self.provider_names.get(found.provider_id, found.provider_id),
                "gain": rupiah_short(found.gain_idr),
                "villages": ", ".join(self._names(self.village_of[deal] for deal in found.deal_ids)),
                "left": ", ".join(self._names(found.left)),
            }
            if not found.deal_ids:
                told.append(_("{provider} would gain {gain} by giving up: {left}.").format(**facts))
                continue
            told.append(_("{provider} would gain {gain} with: {villages}.").format(**facts))
            if found.left:
                told.append(_("It would leave: {left}.").format(**facts))
        return " ".join(dict.fromkeys(told))

    def _names(self, codes: Iterable[str]) -> list[str]:
        return [self.village_names.get(code, code) for code in codes]

    def split(self, village_code: str) -> tuple[float, float] | None:
        """What village and provider would have so that as little as possible is gained by changing partners, Rp."""
        mine = self.inside.table[self.inside.table["village_code"] == village_code]
        if mine.empty:
            return None
        row = mine.iloc[0]
        return float(row["village_payoff_idr"]), float(row["provider_payoff_idr"])


@kept
def firmness(analysis: Analysis) -> Firmness:
    """The payoffs of the match list and the largest gain that anybody could have by leaving it.

    On the list are the plan's deals and those that are signed without public money. What the scenario
    rules out is open to nobody.
    """
    region = analysis.region
    chosen, providers = analysis.plan.chosen, region.providers
    deals = open_deals(chosen, analysis.deals, analysis.option_set.options, analysis.access.villages, analysis.scenario)
    digest = cache.code_digest("tables", "partnership")

    def settled(*, inside: bool) -> Match:
        content = cache.key(digest, deals, chosen, providers, sorted(analysis.unaided), inside, _WITHIN)
        return cache.remembered(
            "settled",
            content,
            lambda: match_of_plan(deals, chosen, providers, beside=analysis.unaided, inside=inside, within=_WITHIN),
        )

    return Firmness(
        settled(inside=False),
        settled(inside=True),
        dict(zip(providers["provider_id"], providers["provider_name"], strict=True)),
        dict(zip(region.villages["village_code"], region.villages["village_name"], strict=True)),
        dict(zip(analysis.deals["deal_id"], analysis.deals["village_code"], strict=True)),
    )
