"""The only place that knows the order of the chain.

``region -> demand -> signal -> access -> options -> benefit -> deals -> plan -> gain``

Every stage is remembered under a key made of what it depends on: the keys of the stages before it,
its layers, the source text of its rooms, and only the assumption topics that it is given. A stage
cannot read an assumption outside its topics, so changing one assumption re-runs only what depends
on it, and nothing kept is ever stale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd

from coverage import cache
from coverage.access import INTERNET, Access, access, calibrate, calibrated
from coverage.assumptions import Assumptions, load
from coverage.demand import demand
from coverage.indicators import Framework, Scores, benefit, changed_framework, load_framework, score, with_baselines
from coverage.language import _
from coverage.options import OptionSet, options
from coverage.partnership import best_deals, deals, load_funders
from coverage.planning import Plan, plan, unaided
from coverage.progress import Progress, part
from coverage.radio import Interferers, Signal, clutter_for, interference, signal
from coverage.raster import Raster
from coverage.region import Region
from coverage.scenario import Scenario
from coverage.tables import Gain

T = TypeVar("T")

#: A billion rupiah, the unit of "gain per billion".
BILLION = 1e9


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything that the chain found for one region and one scenario; tables as in ``tables.py``."""

    region: Region
    scenario: Scenario
    assumptions: Assumptions
    grid: Raster
    places: pd.DataFrame
    signal: Signal
    access: Access
    option_set: OptionSet
    framework: Framework
    benefit: pd.DataFrame
    deals: pd.DataFrame
    plan: Plan
    scores: Scores
    gain: pd.DataFrame
    #: Content key of every stage: what a result depends on.
    keys: dict[str, str]
    #: ``Calibration``: by how much evidence shifted ``signal``, per operator.
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)
    #: Deals outside the plan that both sides would sign without public money, in order of their names.
    unaided: tuple[str, ...] = ()


def analyse(
    region: Region, scenario: Scenario | None = None, progress: Progress | None = None, made: Plan | None = None
) -> Analysis:
    """Run the whole chain.

    Parameters
    ----------
    region : Region
        Everything known about one regency.
    scenario : Scenario, optional
        Budget, objective and overrides; by default ``Scenario()``.
    progress : callable, optional
        ``progress(label, share)``; it may raise :class:`coverage.errors.Cancelled`.
    made : Plan, optional
        The plan, where it was made already but stopped before its end.

    Returns
    -------
    Analysis
        Every table of the chain. The same inputs give the same result.

    Raises
    ------
    JangkauError
        Where the region or the scenario cannot be used; it says what, where and what to do.
    """
    scenario = scenario or Scenario()
    chain = _Chain(load().override(scenario.assumption_overrides), progress)
    grid = chain.grid(region)
    places = chain.places(region, grid)
    modelled = chain.signal(region, grid)
    calibration = chain.calibration(region, modelled)
    found_signal = calibrated(modelled, calibration)
    found_access = chain.access(region, places, found_signal, chain.interference(region, grid, places, modelled))
    option_set = chain.options(region, grid, places, found_access, found_signal)
    framework = changed_framework(load_framework(), scenario.indicators, scenario.dimension_weights)
    framework = with_baselines(framework, region.baselines, region.villages)
    gains = chain.benefit(region, places, found_access, option_set, framework)
    offers = chain.deals(region, found_access, option_set)
    made = chain.plan(region, found_access, option_set, gains, offers, scenario, made)
    if not made.reproducible:
        chain.mute()  # stopped while planning: the best plan found is still scored and shown
    scores = chain.scores(region, places, found_access, option_set, framework, made)
    alone = chain.unaided(region, found_access, option_set, offers, scenario, made)
    return Analysis(
        region=region,
        scenario=scenario,
        assumptions=chain.assumptions,
        grid=grid,
        places=places,
        signal=found_signal,
        access=found_access,
        option_set=option_set,
        framework=framework,
        benefit=gains,
        deals=offers,
        plan=made,
        scores=scores,
        gain=village_gains(region.villages, gains, offers, made, scores, alone),
        keys=dict(chain.keys),
        calibration=calibration,
        unaided=alone,
    )


def village_gains(
    villages: pd.DataFrame,
    gains: pd.DataFrame,
    offers: pd.DataFrame,
    made: Plan,
    scores: Scores,
    unaided_ids: Sequence[str] = (),
) -> pd.DataFrame:
    """What each village gains by its recommended deal alone, and within the plan.

    A village in the plan is recommended the plan's deal, so that one screen never shows two best
    providers; one outside that signs without public money (`unaided_ids`) that deal; elsewhere it is the deal of
    highest gain per rupiah. Gains alone count all that the
    deal brings, also to neighbours, and must not be added up.

    Returns
    -------
    DataFrame
        :class:`coverage.tables.Gain`, in the order of the villages.
    """
    planned = offers[offers["deal_id"].isin({*made.chosen["deal_id"], *unaided_ids})]
    elsewhere = offers[~offers["village_code"].isin(set(planned["village_code"]))]
    best = pd.concat([planned, best_deals(elsewhere, gains)]).set_index("village_code")
    best = best[~best.index.duplicated()].reindex(villages["village_code"])
    of_option = gains.groupby("option_id")["index_gain"].sum()
    alone = of_option.reindex(best["option_id"]).fillna(0.0).to_numpy(float)
    cost = (best["access_cost_pv_idr"] + best["backhaul_cost_pv_idr"]).fillna(0.0).to_numpy(float)
    within = scores.villages.groupby("village_code")["gain"].sum().reindex(villages["village_code"]).fillna(0.0)
    served = set(made.chosen["village_code"])
    frame = pd.DataFrame(
        {
            "village_code": villages["village_code"].to_numpy(),
            "best_deal_id": best["deal_id"].to_numpy(),
            "index_gain_alone": alone,
            "cost_pv_idr": cost,
            "gain_per_billion": [
                g / (c / BILLION) if c > 0 else float("nan") for g, c in zip(alone, cost, strict=True)
            ],
            "index_gain_plan": within.clip(lower=0.0).to_numpy(float),
            "in_plan": villages["village_code"].isin(served).to_numpy(),
        }
    )
    return Gain.validate(frame)


class _Chain:
    """Runs the stages and remembers them."""

    def __init__(self, assumptions: Assumptions, progress: Progress | None) -> None:
        self.assumptions = assumptions
        self.keys: dict[str, str] = {}
        self._progress = progress

    def mute(self) -> None:
        """Tell nobody any more how far the work is, so that nobody stops it."""
        self._progress = None

    def _part(self, label: str, start: float, stop: float) -> Progress:
        told = part(self._progress, start, stop)
        told(label, 0.0)
        return told

    def _stage(
        self,
        name: str,
        *,
        rooms: Sequence[str],
        topics: Sequence[str],
        after: Sequence[str],
        layers: Sequence[Any],
        make: Callable[[Assumptions], T],
        keep: Callable[[T], bool] = lambda _result: True,
    ) -> T:
        given = self.assumptions.topic(*topics)
        self.keys[name] = cache.key(
            cache.code_digest("tables", "raster", *rooms),
            given.values_key(),
            [self.keys[stage] for stage in after],
            list(layers),
        )
        return cache.remembered(name, self.keys[name], lambda: make(given), keep)

    def grid(self, region: Region) -> Raster:
        """Terrain on the metric computing grid."""
        return self._stage(
            "grid",
            rooms=["region/region"],
            topics=["analysis"],
            after=[],
            layers=[region.terrain, list(region.bounds)],
            make=lambda a: region.metric_terrain(a["analysis.grid_m"], a["analysis.grid_margin_m"]),
        )

    def places(self, region: Region, grid: Raster) -> pd.DataFrame:
        """Where people live, on the grid."""
        self._part(_("Spreading people over the map"), 0.0, 0.02)
        return self._stage(
            "places",
            rooms=["demand"],
            topics=["demand"],
            after=["grid"],
            layers=[region.settlements],
            make=lambda a: demand(region.settlements, grid, a),
        )

    def signal(self, region: Region, grid: Raster) -> Signal:
        """Predicted signal of every operator."""
        told = self._part(_("Computing the signal over the terrain"), 0.02, 0.5)
        return self._stage(
            "signal",
            rooms=["radio"],
            topics=["radio"],
            after=["grid"],
            layers=[region.sites, region.cells, region.land_cover],
            make=lambda a: signal(grid, region.sites, region.cells, a, told, land_cover=region.land_cover_on(grid)),
        )

    def interference(
        self, region: Region, grid: Raster, places: pd.DataFrame, modelled: Signal
    ) -> dict[tuple[str, str], Interferers]:
        """What people hear of an operator's other cells; calibration shifts all cells of an operator alike."""
        self._part(_("Computing the signal over the terrain"), 0.5, 0.5)
        rows, cols = places["row"].to_numpy(), places["col"].to_numpy()
        return self._stage(
            "interference",
            rooms=["radio"],
            topics=["radio"],
            after=["places", "signal"],
            layers=[],
            make=lambda a: interference(
                grid,
                modelled,
                rows,
                cols,
                INTERNET,
                a,
                clutter=clutter_for(region.land_cover_on(grid), a),
            ),
        )

    def calibration(self, region: Region, found: Signal) -> pd.DataFrame:
        """What evidence says about the signal; from here on ``signal`` means the shifted one."""
        made = self._stage(
            "calibration",
            rooms=["access"],
            topics=["access", "radio"],
            after=["signal"],
            layers=[region.settlements, region.evidence],
            make=lambda a: calibrate(found, region.settlements, region.evidence, a),
        )
        self.keys["signal"] = cache.key(self.keys["signal"], made[made["applied"]])
        return made

    def access(
        self, region: Region, places: pd.DataFrame, found: Signal, heard: dict[tuple[str, str], Interferers]
    ) -> Access:
        """What people can use, why not more, and how much they need it."""
        self._part(_("Finding who is served"), 0.5, 0.53)
        return self._stage(
            "access",
            rooms=["access", "radio"],
            topics=["access", "radio"],
            after=["places", "signal", "interference"],
            layers=[region.villages, region.settlements, region.facilities, region.evidence, region.completeness],
            make=lambda a: access(
                region.villages,
                region.settlements,
                places,
                region.facilities,
                found,
                region.evidence,
                region.completeness,
                a,
                heard,
            ),
        )

    def options(
        self, region: Region, grid: Raster, places: pd.DataFrame, found: Access, found_signal: Signal
    ) -> OptionSet:
        """What could be built, where, and how it would be fed."""
        told = self._part(_("Siting towers, fibre and satellite links"), 0.53, 0.8)
        return self._stage(
            "options",
            rooms=["options", "radio"],
            topics=["options", "cost", "radio", "market"],
            after=["access"],
            layers=[region.sites, region.roads, region.fibre_points, region.land_cover, region.exclusions],
            make=lambda a: options(
                region.villages,
                region.settlements,
                places,
                found,
                grid,
                region.sites,
                region.roads,
                region.fibre_points,
                found_signal,
                a,
                progress=told,
                exclusions=region.exclusions,
                clutter=clutter_for(region.land_cover_on(grid), a),
            ),
        )

    def benefit(
        self, region: Region, places: pd.DataFrame, found: Access, option_set: OptionSet, framework: Framework
    ) -> pd.DataFrame:
        """What each option is worth to the indicators."""
        self._part(_("Weighing the indicators"), 0.8, 0.83)
        return self._stage(
            "benefit",
            rooms=["indicators"],
            topics=["indicators", "access"],
            after=["options"],
            layers=[framework.indicators, dict(framework.weights), framework.published],
            make=lambda a: benefit(
                option_set,
                region.villages,
                region.settlements,
                found,
                region.facilities,
                framework,
                a,
                places=places,
            ),
        )

    def deals(self, region: Region, found: Access, option_set: OptionSet) -> pd.DataFrame:
        """Every option with every provider that could offer it, priced."""
        self._part(_("Working out deals"), 0.83, 0.88)
        return self._stage(
            "deals",
            rooms=["partnership", "options"],
            topics=["market", "funding", "cost"],
            after=["options"],
            layers=[region.providers, load_funders()],
            make=lambda a: deals(option_set, region.villages, found, region.providers, a),
        )

    def plan(
        self,
        region: Region,
        found: Access,
        option_set: OptionSet,
        gains: pd.DataFrame,
        offers: pd.DataFrame,
        scenario: Scenario,
        made: Plan | None = None,
    ) -> Plan:
        """The best plan for the budget; ``made`` where it was made elsewhere and stopped half-way."""
        told = self._part(_("Looking for the best plan"), 0.88, 0.98)
        asked = scenario.model_dump(mode="json", exclude={"name", "assumptions", "indicators", "dimension_weights"})
        return self._stage(
            "plan",
            rooms=["planning", "scenario"],
            topics=["planning", "funding"],
            after=["benefit", "deals"],
            layers=[asked, region.providers],
            make=lambda a: (
                made
                or plan(
                    offers, option_set, gains, region.villages, found, scenario, a, told, providers=region.providers
                )
            ),
            keep=lambda made: made.reproducible,
        )

    def unaided(
        self,
        region: Region,
        found: Access,
        option_set: OptionSet,
        offers: pd.DataFrame,
        scenario: Scenario,
        made: Plan,
    ) -> tuple[str, ...]:
        """Deals outside the plan that both sides would sign without public money."""
        return self._stage(
            "unaided",
            rooms=["planning", "partnership", "scenario"],
            topics=[],
            after=["deals", "plan"],
            layers=[sorted(made.chosen["deal_id"])],  # a plan that was stopped half-way has the key of the whole one
            make=lambda _a: unaided(
                made.chosen, offers, option_set.options, found.villages, region.providers, scenario
            ),
        )

    def scores(
        self,
        region: Region,
        places: pd.DataFrame,
        found: Access,
        option_set: OptionSet,
        framework: Framework,
        made: Plan,
    ) -> Scores:
        """Indicators before and after the plan."""
        self._part(_("Scoring again"), 0.98, 1.0)
        chosen = set(made.chosen["option_id"])
        return self._stage(
            "scores",
            rooms=["indicators"],
            topics=["indicators", "access"],
            after=["benefit", "plan"],
            layers=[sorted(chosen)],  # a plan that was stopped half-way has the same key as the whole one
            make=lambda a: score(
                region.villages,
                region.settlements,
                found,
                region.facilities,
                framework,
                a,
                option_set=option_set,
                chosen=chosen,
                places=places,
            ),
        )
