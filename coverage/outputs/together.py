"""Together is cheaper: with whom a village would share a link or a mast, what that saves, whom to ask first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from coverage import cache
from coverage.kept import kept
from coverage.language import _, ngettext, number, rupiah_short
from coverage.partnership import Cluster, clusters, prices_together, shared_masts

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.analysis import Analysis
    from coverage.assumptions import Assumptions
    from coverage.options import OptionSet

#: Neighbours that a sentence names.
_NAMED = 4
#: A saving below this is none, Rp.
_NO_MONEY = 1e6


@dataclass(frozen=True, eq=False)
class Together:
    """A group of villages that would share links, or masts with their links, with what that saves.

    Attributes
    ----------
    cluster : Cluster
        The group and how it divides the cost of its links.
    names : dict
        Village code -> name.
    """

    cluster: Cluster
    names: dict[str, str]

    def at(self, village_code: str) -> int:
        """Position of a village in the group."""
        return self.cluster.village_codes.index(village_code)

    @property
    def saving_idr(self) -> float:
        """What the group pays less than all of its villages alone, present value."""
        return float(self.cluster.alone_idr.sum()) - self.cluster.together_idr

    def first(self, village_code: str) -> tuple[str, ...]:
        """Names of the villages to ask first: those whose joining saves the group most."""
        return tuple(self.names.get(c, c) for c in self.cluster.invite_first(village_code)[:_NAMED])

    def sentence(self, village_code: str) -> str:
        """What the village pays alone and together, and whom to ask first."""
        k = self.at(village_code)
        alone, share = float(self.cluster.alone_idr[k]), float(self.cluster.split.shares[k])
        first = _("Ask first: {villages}.").format(villages=", ".join(self.first(village_code)))
        if self.cluster.masts:
            return f"{self._one_mast(alone, share)} {first}"
        told = ngettext(
            "Together with {count} other village the link costs {together} instead of {alone}.",
            "Together with {count} other villages the link costs {together} instead of {alone}.",
            len(self.cluster.village_codes) - 1,
        ).format(
            count=number(len(self.cluster.village_codes) - 1), together=rupiah_short(share), alone=rupiah_short(alone)
        )
        return f"{told} {first}"

    def _one_mast(self, alone_idr: float, share_idr: float) -> str:
        """How many masts serve the whole group, and what the village pays for its part of them."""
        masts, others = len(self.cluster.masts), len(self.cluster.village_codes) - 1
        told = ngettext(
            "{villages} villages need only {masts} mast together.",
            "{villages} villages need only {masts} masts together.",
            masts,
        ).format(villages=number(others + 1), masts=number(masts))
        if share_idr < 0:
            # Its site saves the others more than its part of the cost.
            paid = _("Alone mast and link cost {alone}; together the others pay this village {paid} for its site.")
            return f"{told} " + paid.format(alone=rupiah_short(alone_idr), paid=rupiah_short(-share_idr))
        paid = _("Mast and link then cost this village {together} instead of {alone}.")
        return f"{told} " + paid.format(together=rupiah_short(share_idr), alone=rupiah_short(alone_idr))

    @property
    def rule(self) -> str:
        """How the cost is divided, and whether the group holds."""
        split = self.cluster.split
        if self.cluster.masts and split.method == "shapley":
            return _(
                "Each pays what it adds to the cost of masts and links, averaged over all orders of joining "
                "(Shapley). No group of them would be better off alone with masts at its own sites."
            )
        if split.method == "subsidised":
            return _("No division holds this group together by itself: it takes {money} of public money.").format(
                money=rupiah_short(split.subsidy)
            )
        if split.method == "nucleolus":
            return _(
                "The usual fair division (Shapley) would drive some villages out, so the one is taken that contents "
                "the least contented most (nucleolus). No group of them would be better off alone."
            )
        if not self.cluster.every_network:
            return _(
                "Each keeps its own route, and the villages that use a link divide its cost equally (Shapley). No "
                "group of them would be better off alone on these routes."
            )
        return _(
            "Each pays what it adds to the cost, averaged over all orders of joining (Shapley). No group of them "
            "would be better off alone."
        )


@kept
def groups(analysis: Analysis) -> dict[str, Together]:
    """The group of every village whose recommended deal would share a link, by village code.

    Recommended is the plan's deal, elsewhere the best one that stands alone.
    """
    return _by_village(analysis, _found("clusters", analysis, clusters))


@kept
def masts(analysis: Analysis) -> dict[str, Together]:
    """The group of every village whose recommended mast could be one with its neighbours', by village code."""
    return _by_village(analysis, _found("masts", analysis, shared_masts))


def _found(
    name: str, analysis: Analysis, find: Callable[[OptionSet, pd.DataFrame, Assumptions], list[Cluster]]
) -> list[Cluster]:
    """Groups among the recommended deals, from the content cache where they were found before."""
    chosen = _recommended(analysis)
    return cache.remembered(name, _content(analysis), lambda: find(analysis.option_set, chosen, analysis.assumptions))


def _recommended(analysis: Analysis) -> pd.DataFrame:
    """The plan's deals, elsewhere the best ones that stand alone."""
    return analysis.deals[analysis.deals["deal_id"].isin(set(analysis.gain["best_deal_id"].dropna()))]


@kept
def _content(analysis: Analysis) -> str:
    """Names what groups are found from."""
    found = analysis.option_set
    return cache.key(
        cache.code_digest("tables", "options", "partnership"),
        analysis.assumptions.values_key(),
        _recommended(analysis),
        [found.options, found.reach, found.links, found.nodes, found.bill],
    )


def _by_village(analysis: Analysis, found: list[Cluster]) -> dict[str, Together]:
    """The groups that save something, by village code."""
    villages = analysis.region.villages
    names = dict(zip(villages["village_code"], villages["village_name"], strict=True))
    groups = [Together(cluster, names) for cluster in found]
    return {code: group for group in groups if group.saving_idr >= _NO_MONEY for code in group.cluster.village_codes}


def told(analysis: Analysis, village_code: str) -> tuple[str, ...]:
    """What sharing a mast, and sharing a link, saves a village: a sentence each, where it does."""
    found = (masts(analysis).get(village_code), groups(analysis).get(village_code))
    return tuple(group.sentence(village_code) for group in found if group is not None)


def ask_first(analysis: Analysis, village_code: str) -> tuple[str, ...]:
    """Names of the villages to ask first: for a common mast, else for a common link."""
    group = masts(analysis).get(village_code) or groups(analysis).get(village_code)
    return group.first(village_code) if group is not None else ()


@dataclass(frozen=True)
class PublicMoney:
    """Public money that the masts of a group take: one for each village alone, and those of the group together."""

    alone_idr: float
    together_idr: float


def public_money(analysis: Analysis, group: Together) -> PublicMoney | None:
    """Public money of a group's masts, each deal alone with its own link; None where a mast has no deal.

    The common masts are priced for all whom they reach. Single deals may count the same people of a
    neighbour twice, so what they take alone is rather too little.
    """
    deals = analysis.deals
    least = deals.groupby("option_id")["subsidy_idr"].min()
    if not set(group.cluster.masts) <= set(least.index):
        return None
    alone = deals.loc[deals["deal_id"].isin(group.cluster.deal_ids), "subsidy_idr"].sum()
    return PublicMoney(float(alone), float(least[list(group.cluster.masts)].sum()))


@kept
def prices(analysis: Analysis, group: Together) -> pd.DataFrame:
    """What every village of a group pays alone and together, with its name; see :func:`prices_together`."""
    region = analysis.region
    told = prices_together(group.cluster, analysis.option_set, region.villages, region.providers, analysis.assumptions)
    return told.assign(name=told["village_code"].map(group.names))
