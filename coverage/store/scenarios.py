"""Saved scenarios and what they gave."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coverage.errors import InputError, ScenarioError
from coverage.language import _
from coverage.store.schema import Result, SavedScenario

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Analysis
    from coverage.scenario import Scenario
    from coverage.store.database import Store


@dataclass(frozen=True)
class Outcome:
    """What is kept of an analysis.

    ``figures`` are totals by name; ``chosen`` and ``gain`` the rows of :class:`coverage.tables.Chosen`
    and :class:`coverage.tables.Gain`; ``keys`` the content keys of the stages, so that one can tell
    whether the result still holds for today's data.
    """

    figures: dict[str, Any]
    chosen: list[dict[str, Any]] = field(default_factory=list)
    gain: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)


def outcome_of(analysis: Analysis) -> Outcome:
    """What is kept of an analysis."""
    plan = analysis.plan
    chosen, gain = _rows(plan.chosen), _rows(analysis.gain)
    figures: dict[str, Any] = {
        "villages": len({row["village_code"] for row in chosen}),
        "population_gained": sum(row["population_gained"] for row in chosen),
        "index_gain": sum(row["index_gain"] for row in chosen),
        "subsidy_idr": sum(row["subsidy_idr"] for row in chosen),
        "objective": plan.objective,
        "gap": plan.gap,
        "status": plan.status,
    }
    return Outcome({name: _plain(value) for name, value in figures.items()}, chosen, gain, dict(analysis.keys))


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    """A value as JSON knows it: no number for what is not one."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def save(
    store: Store,
    acting: str,
    region_code: str,
    scenario: Scenario,
    *,
    note: str | None = None,
    scenario_id: str = "",
    version: int = 0,
    outcome: Outcome | None = None,
) -> SavedScenario:
    """Save a scenario under its name, with its result where there is one: both or neither.

    Parameters
    ----------
    note : str, optional
        In the planner's words; None leaves it as it is.
    scenario_id, version
        Of the saved scenario that is changed, as it was opened; empty for a new one.
    outcome : Outcome, optional
        What it gave, see :func:`outcome_of`.

    Raises
    ------
    Conflict
        Where somebody changed it in between.
    StoreError
        Where another scenario has the name.
    NotAllowedError, NotFoundError, InputError
    """
    body = scenario.model_dump(mode="json", exclude={"name"})
    values = {"name": _name(scenario.name), "body": body}
    if note is not None:
        values["note"] = note
    with store.work(acting, "scenario.save", region_code) as work:
        if scenario_id:
            saved = work.change(SavedScenario, scenario_id, version, values)
        else:
            saved = work.add(SavedScenario(region_code=region_code, removed=False, **{"note": "", **values}))
        if outcome is not None:
            work.add(_result(saved, outcome))
    return saved


def _name(name: str) -> str:
    if not name.strip():
        raise InputError(_("The scenario has no name"), todo=_("Give it one"))
    return name.strip()


def _result(saved: SavedScenario, outcome: Outcome) -> Result:
    return Result(
        region_code=saved.region_code,
        scenario_id=saved.id,
        scenario_version=saved.version,
        figures=outcome.figures,
        chosen=outcome.chosen,
        gain=outcome.gain,
        keys=outcome.keys,
    )


def save_result(
    store: Store, acting: str, region_code: str, scenario_id: str, version: int, outcome: Outcome
) -> Result:
    """Keep what a saved scenario gave.

    Raises
    ------
    NotAllowedError, NotFoundError, StoreError
    """
    with store.work(acting, "result.save", region_code) as work:
        saved = work.get(SavedScenario, scenario_id)
        result = _result(saved, outcome)
        result.scenario_version = version
        return work.add(result)


def listed(store: Store, acting: str, region_code: str) -> list[SavedScenario]:
    """The saved scenarios of a region, by name.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "scenario.read", region_code, write=False) as work:
        found = list(work.session.scalars(work.select(SavedScenario).where(~SavedScenario.removed)))
    return sorted(found, key=lambda saved: saved.name)


def load(store: Store, acting: str, scenario_id: str) -> tuple[SavedScenario, Scenario]:
    """A saved scenario, as it is kept and ready for :func:`coverage.analysis.analyse`.

    Raises
    ------
    ScenarioError
        Where this version of the program cannot use it.
    NotAllowedError, NotFoundError, StoreError
    """
    from pydantic import ValidationError

    from coverage.scenario import Scenario

    with store.work(acting, "scenario.read", write=False) as work:
        saved = work.get(SavedScenario, scenario_id)
    try:
        return saved, Scenario(**{**saved.body, "name": saved.name})
    except ValidationError as error:
        fields = ", ".join(".".join(str(part) for part in fault["loc"]) for fault in error.errors())
        raise ScenarioError(
            _("The saved scenario does not fit this version of Jangkau"), where=f"{saved.name}: {fields}"
        ) from error


def results(store: Store, acting: str, region_code: str, scenario_id: str) -> list[Result]:
    """What a scenario gave, newest first.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "result.read", region_code, write=False) as work:
        query = work.select(Result).where(Result.scenario_id == scenario_id)
        return list(reversed(list(work.session.scalars(query))))


def latest_results(store: Store, acting: str, region_code: str) -> dict[str, Result]:
    """The newest result of every scenario that has one: scenario id -> result.

    Raises
    ------
    NotAllowedError, StoreError
    """
    with store.work(acting, "result.read", region_code, write=False) as work:
        return {result.scenario_id: result for result in work.all(Result)}


def remove(store: Store, acting: str, scenario_id: str, version: int) -> SavedScenario:
    """Take a scenario off the list; it and its results stay in the store for the trail.

    Raises
    ------
    Conflict, NotAllowedError, NotFoundError, StoreError
    """
    with store.work(acting, "scenario.remove") as work:
        return work.change(SavedScenario, scenario_id, version, {"removed": True})
