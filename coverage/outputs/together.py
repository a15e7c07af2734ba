"""Together is cheaper: with whom a village would share its link, what that saves each, and whom to ask first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from coverage.kept import kept
from coverage.language import _, ngettext, number, rupiah_short
from coverage.partnership import Cluster, clusters, prices_together

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Neighbours that a sentence names.
_NAMED = 4
#: A saving below this is none, Rp.
_NO_MONEY = 1e6


@dataclass(frozen=True, eq=False)
class Together:
    """A group of villages whose recommended deals would share links, with what that saves.

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
        """What the group pays less for its links than all of its villages alone, present value."""
        return float(self.cluster.alone_idr.sum()) - self.cluster.together_idr

    def first(self, village_code: str) -> tuple[str, ...]:
        """Names of the villages to ask first: those whose joining saves the group most."""
        return tuple(self.names.get(c, c) for c in self.cluster.invite_first(village_code)[:_NAMED])

    def sentence(self, village_code: str) -> str:
        """What the link costs the village alone and together, and whom to ask first."""
        k = self.at(village_code)
        alone, share = float(self.cluster.alone_idr[k]), float(self.cluster.split.shares[k])
        told = ngettext(
            "Together with {count} other village the link costs {together} instead of {alone}.",
            "Together with {count} other villages the link costs {together} instead of {alone}.",
            len(self.cluster.village_codes) - 1,
        ).format(
            count=number(len(self.cluster.village_codes) - 1), together=rupiah_short(share), alone=rupiah_short(alone)
        )
        return f"{told} " + _("Ask first: {villages}.").format(villages=", ".join(self.first(village_code)))

    @property
    def rule(self) -> str:
        """How the cost is divided, and whether the group holds."""
        split = self.cluster.split
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
    best = set(analysis.gain["best_deal_id"].dropna())
    chosen = analysis.deals[analysis.deals["deal_id"].isin(best)]
    villages = analysis.region.villages
    names = dict(zip(villages["village_code"], villages["village_name"], strict=True))
    found: dict[str, Together] = {}
    for cluster in clusters(analysis.option_set, chosen, analysis.assumptions):
        group = Together(cluster, names)
        if group.saving_idr >= _NO_MONEY:
            found |= dict.fromkeys(cluster.village_codes, group)
    return found


@kept
def prices(analysis: Analysis, group: Together) -> pd.DataFrame:
    """What every village of a group pays alone and together, with its name; see :func:`prices_together`."""
    region = analysis.region
    told = prices_together(group.cluster, analysis.option_set, region.villages, region.providers, analysis.assumptions)
    return told.assign(name=told["village_code"].map(group.names))
