"""Deals outside the plan that both sides would sign without public money."""

from __future__ import annotations

import pandas as pd

from coverage.partnership import match_beside
from coverage.planning.instance import allowed
from coverage.scenario import Scenario


def unaided(
    chosen: pd.DataFrame,
    deals: pd.DataFrame,
    options: pd.DataFrame,
    village_access: pd.DataFrame,
    providers: pd.DataFrame,
    scenario: Scenario,
) -> tuple[str, ...]:
    """The deals that the market can make beside a plan: see :func:`coverage.partnership.match_beside`.

    The plan spends public money where it moves the indicators most; villages that move them little it
    leaves out although a provider and the village may both want a deal. What the scenario rules out
    (technologies, ways to run it, villages, single deals, villages of which nothing is known) is no deal
    here either.

    Parameters
    ----------
    chosen : DataFrame
        :class:`coverage.tables.Chosen`, the plan's deals.
    deals, options, village_access, providers : DataFrame
        Tables Deals, Options, VillageAccess, Providers.
    scenario : Scenario
        The plan's.

    Returns
    -------
    tuple of str
        Deals, at most one per village, none of a village of the plan; in order of their names.
    """
    return match_beside(open_deals(chosen, deals, options, village_access, scenario), chosen, providers)


def open_deals(
    chosen: pd.DataFrame,
    deals: pd.DataFrame,
    options: pd.DataFrame,
    village_access: pd.DataFrame,
    scenario: Scenario,
) -> pd.DataFrame:
    """The rows of Deals that the scenario leaves open to anybody, and the plan's; arguments as for :func:`unaided`."""
    able = allowed(deals, options, village_access, scenario)["deal_id"]
    return deals[deals["deal_id"].isin({*able, *chosen["deal_id"]})]
