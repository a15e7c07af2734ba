"""A scenario: named overrides on the assumptions, a budget and an objective."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from coverage.tables import OPTION_TECHNOLOGIES

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
    #: Option technologies that may be built.
    technologies: tuple[str, ...] = OPTION_TECHNOLOGIES
    #: Whether villages whose access is unknown may enter the plan.
    include_unknown: bool = False
    #: Villages that must be served, by code.
    must: tuple[str, ...] = ()
    #: Villages that must stay out, by code.
    never: tuple[str, ...] = ()
    #: Assumptions to override, by name.
    assumptions: dict[str, float] = Field(default_factory=dict)
    #: Work limit of the optimiser: branch-and-bound nodes.
    node_limit: int = Field(default=200, ge=1)
    #: Relative gap at which the optimiser may stop.
    gap_target: float = Field(default=0.01, ge=0, le=1)
