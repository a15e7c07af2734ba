"""A scenario: named overrides on the assumptions, a budget and an objective."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from coverage.errors import ScenarioError
from coverage.language import _
from coverage.tables import OPTION_TECHNOLOGIES

#: The ready scenarios, one file each.
FOLDER = Path(__file__).parents[1] / "data" / "scenarios"

Objective = Literal["index_gain", "people", "villages"]


class Scenario(BaseModel):
    """What the planner asks for.

    The default is the app's opening question: the most useful plan for Rp 12 billion of public
    money.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Name shown to people.
    name: str = "default"
    #: Public money over the horizon, present value, in Rp.
    budget_idr: float = Field(default=12e9, ge=0)
    #: What the plan maximises.
    objective: Objective = "index_gain"
    #: How much more a gain counts where need is greatest: 0 not at all, 1 twice.
    equity_weight: float = Field(default=0.0, ge=0, le=10)
    #: Option technologies that may be built.
    technologies: tuple[str, ...] = OPTION_TECHNOLOGIES
    #: Business models that deals may have; empty: all.
    business_models: tuple[str, ...] = ()
    #: Whether villages whose access is unknown may enter the plan.
    include_unknown: bool = False
    #: Villages that must be served, by code.
    must: tuple[str, ...] = ()
    #: Villages that must stay out, by code.
    never: tuple[str, ...] = ()
    #: Assumptions to override, by name.
    assumptions: dict[str, float] = Field(default_factory=dict)
    #: Numbers of the indicator framework to override: indicator id -> weight, floor, target, low, high.
    indicators: dict[str, dict[str, float]] = Field(default_factory=dict)
    #: Own weights of the five dimensions, in any scale; empty for those of the evaluation.
    dimension_weights: dict[str, float] = Field(default_factory=dict)
    #: Work limit of the optimiser: branch-and-bound nodes.
    node_limit: int = Field(default=200, ge=1)
    #: Relative gap at which the optimiser may stop.
    gap_target: float = Field(default=0.01, ge=0, le=1)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario from a TOML file; keys are the fields of :class:`Scenario`, those left out keep their default.

    Raises
    ------
    ScenarioError
        Where the file cannot be read, or with all fields that do not hold at once.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(_("The scenario file cannot be read"), where=path.name) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(_("The scenario file is not TOML"), where=path.name, todo=str(error)) from error
    try:
        scenario = Scenario(**given)
    except ValidationError as error:
        raise ScenarioError(
            _("The scenario file has problems"),
            where=path.name,
            todo="\n".join(_fault(fault) for fault in error.errors(include_url=False)),
        ) from error
    unknown = sorted(set(scenario.technologies) - set(OPTION_TECHNOLOGIES))
    if unknown:
        raise ScenarioError(
            _("There is no such technology"),
            where=f"{path.name}: {', '.join(unknown)}",
            todo=_("Known are: {names}").format(names=", ".join(OPTION_TECHNOLOGIES)),
        )
    return scenario


def _fault(fault: ErrorDetails) -> str:
    """A fault that pydantic found, in words."""
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return _("{where}: there is no such field").format(where=where)
    if fault["type"] in ("greater_than_equal", "less_than_equal"):
        return _("{where}: {value} lies outside the limits").format(where=where, value=fault["input"])
    return _("{where}: {value} does not fit here").format(where=where, value=fault["input"])
