"""What holds when the assumptions are wrong: how stable ranking, options and plan are, and what matters.

Latin hypercube over the ranges of the assumptions (McKay, Beckman and Conover, 1979), every draw
re-scored by :mod:`coverage.planning.rescoring`; Sobol indices (Saltelli, 2010, through SALib) on
groups of assumptions; a tornado of single ones; and the plan of least regret.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from SALib.analyze import sobol as sobol_indices
from SALib.sample import sobol as sobol_sample

from coverage.assumptions import Assumption
from coverage.errors import PlanningError
from coverage.language import _
from coverage.planning import factors
from coverage.planning.instance import eligible
from coverage.planning.plan import Plan
from coverage.planning.rescoring import Outcomes, Rescorer, ScoredTables, rescorer
from coverage.planning.robust import Carried, Robust, carry_out, robust, worth_of_rows
from coverage.progress import Progress, part
from coverage.radio.offsets import OFFSETS_DB
from coverage.scenario import Scenario

Floats = NDArray[np.float64]

#: Villages whose place among the first is asked about.
TOP = 10
_SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What a plan and a ranking rest on.

    Attributes
    ----------
    villages : DataFrame
        One row per village with a deal that the scenario allows, most often among the first first:
        ``village_code``, ``top_share`` (share of draws in which it is among the first ``top`` by gain
        per rupiah of its best deal), ``rank`` (nominal), ``in_plan``, ``in_robust``,
        ``best_option_id`` (nominal), ``best_share`` (share of draws in which that option stays the
        village's best), ``gain_low, gain_middle, gain_high`` (10, 50 and 90 % of its best option's
        worth).
    totals : DataFrame
        Rows ``worth, people, public_idr`` of the nominal plan: ``nominal, low, middle, high``.
    tornado : DataFrame
        One row per assumption, the widest first: ``name, group, low, high, worth_low, worth_high,
        public_low_idr, public_high_idr, swing`` (share of the nominal worth).
    sobol : DataFrame
        One row per group: ``group, first, total`` (of the variance of the plan's worth within its
        budget) and ``total_error`` (95 %).
    coverage : DataFrame
        ``offset_db, share_covered``: people covered today against an error of the signal.
    robust : Robust
        The plan of least regret beside the nominal one.
    within_budget : float
        Share of draws in which the nominal plan costs no more public money than the budget.
    draws, seed, top : int
    """

    villages: pd.DataFrame
    totals: pd.DataFrame
    tornado: pd.DataFrame
    sobol: pd.DataFrame
    coverage: pd.DataFrame
    robust: Robust
    within_budget: float
    draws: int
    seed: int
    top: int


def uncertainty(
    made: Plan,
    tables: ScoredTables,
    scenario: Scenario,
    *,
    draws: int = 1000,
    seed: int = 1,
    top: int = TOP,
    candidates: int = 6,
    sobol_base: int = 64,
    progress: Progress | None = None,
) -> Uncertainty:
    """Ask what of a plan survives when the assumptions are wrong.

    Parameters
    ----------
    made : Plan
        The plan at the assumptions in force.
    tables : ScoredTables
        The analysis that it was made from.
    draws, seed : int
        Size of the Latin hypercube, and what makes it the same every time.
    top : int
        How many villages count as the first.
    candidates : int
        Plans made for other assumptions, among which the robust plan is looked for.
    sobol_base : int
        Base sample of the Sobol indices, a power of two; 0 leaves them out.
    progress : callable, optional
        May raise :class:`coverage.errors.Cancelled`.

    Raises
    ------
    PlanningError
        Where the scenario allows no deal at all.
    """
    if scenario.objective == "least_cost":  # what its money buys, when the money is given
        scenario = scenario.maximised().model_copy(update={"budget_idr": made.public_idr})
    offered = eligible(tables.deals, tables.option_set.options, tables.access.villages, scenario)
    kept = pd.concat([offered, tables.deals[tables.deals["deal_id"].isin(set(made.chosen["deal_id"]))]])
    kept = kept.drop_duplicates("option_id", keep="last").sort_values("option_id")
    if kept.empty:
        raise PlanningError(_("The scenario allows no deal, so nothing can be compared"))
    scorer = rescorer(tables, kept[list(tables.deals.columns)], part(progress, 0.0, 0.3))
    counts = scorer.reach.counts
    sample = factors.latin_hypercube(tables.assumptions, counts, draws, seed)
    outcomes = scorer.draw(sample, part(progress, 0.3, 0.6))
    now = scorer.draw(factors.nominal(tables.assumptions, counts))
    found, carried = robust(made, tables, scorer, sample, outcomes, scenario, candidates, part(progress, 0.6, 0.85))
    tell = part(progress, 0.85, 1.0)
    tell(_("Finding what matters most"), 0.0)
    trial = _Trial.of(made, tables, scorer, scenario)
    nominal = trial.carried(factors.nominal(tables.assumptions, counts))
    return Uncertainty(
        villages=_villages(tables, scorer, now, outcomes, scenario, top, made, found.plan),
        totals=_totals(nominal, carried[0]),
        tornado=_tornado(trial, nominal),
        sobol=_sobol(trial, sobol_base, seed, tell),
        coverage=_coverage(scorer),
        robust=found,
        within_budget=float((carried[0].public_idr <= scenario.budget_idr + 1.0).mean()),
        draws=draws,
        seed=seed,
        top=top,
    )


@dataclass(frozen=True, eq=False)
class _Trial:
    """The nominal plan alone, scored quickly."""

    made: Plan
    tables: ScoredTables
    scorer: Rescorer
    scenario: Scenario

    @classmethod
    def of(cls, made: Plan, tables: ScoredTables, scorer: Rescorer, scenario: Scenario) -> _Trial:
        links = np.flatnonzero(tables.option_set.links["link_id"].isin(set(made.links["link_id"])).to_numpy())
        return cls(made, tables, scorer.only(set(made.chosen["option_id"]), links), scenario)

    def carried(self, draws: factors.Draws) -> Carried:
        if self.made.chosen.empty:
            nothing = np.zeros(len(draws))
            return Carried(nothing, nothing, nothing, nothing)
        outcomes = self.scorer.draw(draws)
        worth = worth_of_rows(outcomes, self.scorer.reach.rows, self.scenario, self.tables)
        every = np.arange(outcomes.link.shape[1])
        return carry_out(self.made, self.scorer, outcomes, worth, every, self.scenario.budget_idr)


def _villages(
    tables: ScoredTables,
    scorer: Rescorer,
    now: Outcomes,
    outcomes: Outcomes,
    scenario: Scenario,
    top: int,
    made: Plan,
    steady: Plan,
) -> pd.DataFrame:
    village = scorer.deals["village_code"]
    codes, names = pd.factorize(village, sort=True)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    rows_start = np.flatnonzero(np.diff(scorer.reach.option, prepend=-1))

    def merit(found: Outcomes) -> tuple[Floats, Floats]:
        """Worth per rupiah and worth of every option, options in order of their villages."""
        worth = np.add.reduceat(worth_of_rows(found, scorer.reach.rows, scenario, tables), rows_start, axis=1)
        return (worth / np.maximum(found.access + found.route, 1.0))[:, order], worth[:, order]

    per, worth = merit(outcomes)
    per_now, _worth_now = merit(now)
    best = np.maximum.reduceat(per, starts, axis=1)
    best_now = np.maximum.reduceat(per_now, starts, axis=1)[0]
    # The first of equals, as the ranking of deals has it.
    winner = np.array([start + int(np.argmax(per_now[0, start:stop])) for start, stop in _spans(starts, len(codes))])
    stays = per[:, winner] >= best * (1 - 1e-12)
    place = np.argsort(np.argsort(-best, axis=1, kind="stable"), axis=1, kind="stable")
    among = (place < top) & (best > 0)
    low, middle, high = np.quantile(worth[:, winner], _SHARES, axis=0)
    table = pd.DataFrame(
        {
            "village_code": names,
            "top_share": among.mean(axis=0),
            "rank": np.argsort(np.argsort(-best_now, kind="stable"), kind="stable") + 1,
            "in_plan": pd.Series(names).isin(set(made.chosen["village_code"])),
            "in_robust": pd.Series(names).isin(set(steady.chosen["village_code"])),
            "best_option_id": scorer.deals["option_id"].to_numpy()[order][winner],
            "best_share": stays.mean(axis=0),
            "gain_low": low,
            "gain_middle": middle,
            "gain_high": high,
        }
    )
    return table.sort_values(["top_share", "rank"], ascending=[False, True], kind="stable", ignore_index=True)


def _spans(starts: NDArray[np.int64], end: int) -> list[tuple[int, int]]:
    return list(zip(starts.tolist(), [*starts[1:].tolist(), end], strict=True))


def _totals(nominal: Carried, over: Carried) -> pd.DataFrame:
    rows = []
    for name, one, many in (
        ("worth", nominal.worth, over.worth),
        ("people", nominal.people, over.people),
        ("public_idr", nominal.public_idr, over.public_idr),
    ):
        rows.append((name, float(one[0]), *np.quantile(many, _SHARES).tolist()))
    return pd.DataFrame(rows, columns=["what", "nominal", "low", "middle", "high"])


def _tornado(trial: _Trial, nominal: Carried) -> pd.DataFrame:
    assumptions = trial.tables.assumptions
    rows, draws = factors.one_at_a_time(assumptions, trial.scorer.reach.counts)
    found = trial.carried(draws)
    group = {row.name: name for name, rows in factors.uncertain(assumptions).items() for row in rows}
    base = max(float(nominal.whole[0]), 1e-12)
    table = pd.DataFrame(
        {
            "name": [row.name for row in rows],
            "group": [group[row.name] for row in rows],
            "low": _ends(rows, "low"),
            "high": _ends(rows, "high"),
            "worth_low": found.whole[0::2],
            "worth_high": found.whole[1::2],
            "public_low_idr": found.public_idr[0::2],
            "public_high_idr": found.public_idr[1::2],
        }
    )
    table["swing"] = (table["worth_high"] - table["worth_low"]).abs() / base
    table["money_swing_idr"] = (table["public_high_idr"] - table["public_low_idr"]).abs()
    return table.sort_values(["swing", "money_swing_idr", "name"], ascending=[False, False, True], ignore_index=True)


def _ends(rows: list[Assumption], end: str) -> list[float]:
    """The ends of the ranges of assumptions, ``low`` or ``high``, holding their values."""
    pick = min if end == "low" else max
    return [pick(getattr(row, end), row.value) for row in rows]


def _sobol(trial: _Trial, base: int, seed: int, progress: Progress) -> pd.DataFrame:
    columns = ["group", "first", "total", "total_error"]
    names = list(factors.GROUPS)
    if base == 0 or trial.made.chosen.empty:
        return pd.DataFrame(columns=columns)
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    cube = sobol_sample.sample(problem, base, calc_second_order=False, seed=seed)
    progress(_("Finding what matters most"), 0.3)
    drawn = factors.grouped(trial.tables.assumptions, trial.scorer.reach.counts, cube, seed)
    worth = trial.carried(drawn).worth
    if worth.std() == 0:
        return pd.DataFrame({"group": names, "first": 0.0, "total": 0.0, "total_error": 0.0}, columns=columns)
    found = sobol_indices.analyze(problem, worth, calc_second_order=False, seed=seed)
    table = pd.DataFrame(
        {"group": names, "first": found["S1"], "total": found["ST"], "total_error": found["ST_conf"]}, columns=columns
    )
    return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def _coverage(scorer: Rescorer) -> pd.DataFrame:
    reach = scorer.reach
    covered = reach.curves.sum(axis=0) + reach.always.sum()
    return pd.DataFrame({"offset_db": OFFSETS_DB, "share_covered": np.clip(covered / reach.population.sum(), 0, 1)})
