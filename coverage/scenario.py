"""A scenario: named overrides on the assumptions, budgets and an objective.

A scenario file is TOML; its keys are the fields of :class:`Scenario`. With ``base`` it stands on
another one, a ready scenario by name or a file beside it, and says only what differs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from coverage.errors import ScenarioError
from coverage.language import _
from coverage.tables import DISTRICT_CODE, OPTION_TECHNOLOGIES

#: The ready scenarios, one file each.
FOLDER = Path(__file__).parents[1] / "data" / "scenarios"

#: The most that a scenario file may hold, and how many may stand on each other.
LIMIT_BYTES, _DEEPEST = 1024**2, 20

#: What a plan can gain.
Measure = Literal["index_gain", "people", "villages", "equity"]
#: What a plan maximises, or least cost to a target.
Objective = Literal["index_gain", "people", "villages", "equity", "least_cost"]

Money = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]

#: Public money that never binds, in Rp.
PLENTY_IDR = 1e16
#: Work for a plan to be decided upon: branch-and-bound nodes, and the gap at which it may stop.
DECIDED_NODES, DECIDED_GAP = 1_000, 0.005


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DistrictMinimum(_Part):
    """What one district gets at least."""

    #: Villages with a deal.
    villages: int = Field(default=0, ge=0)
    #: Share of the budget that goes to its villages' own deals (their shares of common links not counted).
    budget_share: Share = 0.0


class Minimum(_Part):
    """Minimum shares, so that no part of the region is left out."""

    #: Villages with a deal in every district (all of them, where deals are possible in fewer).
    villages_per_district: int = Field(default=0, ge=0)
    #: More for single districts, by code.
    districts: dict[Annotated[str, Field(pattern=DISTRICT_CODE)], DistrictMinimum] = Field(default_factory=dict)


class Target(_Part):
    """What has to be reached at least cost."""

    #: What is counted.
    of: Measure = "index_gain"
    #: How much of it: index points, people or villages.
    amount: float = Field(gt=0)


class Scenario(BaseModel):
    """What the planner asks for.

    The default is the app's opening question: the most useful plan for Rp 12 billion of public
    money.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    #: Name shown to people.
    name: str = "default"
    #: Public money over the horizon, present value, in Rp. Left out: what the funders' budgets add up
    #: to, where there are any; without limit, where a target is to be reached at least cost.
    budget_idr: Money = 12e9
    #: Public money by funder, present value, in Rp: in all, or one amount per year. Empty: whoever may pay.
    budgets: dict[str, Money | tuple[Money, ...]] = Field(default_factory=dict)
    #: What the plan maximises.
    objective: Objective = "index_gain"
    #: What must be reached where the objective is least cost.
    target: Target | None = None
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
    #: Deals that the plan must hold, by id.
    pinned: tuple[str, ...] = ()
    #: Deals that the plan must not hold, by id.
    forbidden: tuple[str, ...] = ()
    #: Minimum shares of districts.
    minimum: Minimum = Field(default_factory=Minimum)
    #: Years over which costs and income are counted; left out: the assumption.
    horizon_years: int | None = Field(default=None, ge=1, le=50)
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

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        """Fill in a budget that the funders or the target imply."""
        if not isinstance(given, Mapping) or given.get("budget_idr") is not None:
            return given
        budgets = given.get("budgets")
        if isinstance(budgets, Mapping) and budgets:
            try:
                return {**given, "budget_idr": sum(_total(amount) for amount in budgets.values())}
            except (TypeError, ValueError):
                return given  # the field itself is refused below
        return {**given, "budget_idr": PLENTY_IDR} if given.get("objective") == "least_cost" else given

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Refuse what does not fit together."""
        if (self.objective == "least_cost") != (self.target is not None):
            raise PydanticCustomError("words", _("least cost needs a target, and a target goes with least cost only"))
        if any(isinstance(amount, tuple) and not amount for amount in self.budgets.values()):
            raise PydanticCustomError("words", _("budgets: a list of yearly amounts is empty"))
        return self

    @property
    def measure(self) -> Measure:
        """What the plan gains."""
        return self.target.of if self.target is not None else self.objective  # type: ignore[return-value]

    @property
    def years(self) -> int:
        """Years that the funders' budgets speak of; 0 where none is given by year."""
        return max((len(amount) for amount in self.budgets.values() if isinstance(amount, tuple)), default=0)

    @property
    def assumption_overrides(self) -> dict[str, float]:
        """Assumptions to override, the horizon among them."""
        horizon = {} if self.horizon_years is None else {"funding.horizon_years": float(self.horizon_years)}
        return horizon | self.assumptions

    def funder_budget(self, funder: str) -> float:
        """What a funder gives in all, in Rp."""
        return _total(self.budgets[funder])

    def yearly(self, funder: str) -> tuple[float, ...]:
        """What a funder gives by year (at least one); an amount in all is there from the first year on."""
        amount = self.budgets[funder]
        listed = amount if isinstance(amount, tuple) else (amount,)
        return (*listed, *[0.0] * (max(1, self.years) - len(listed)))

    def maximised(self) -> Scenario:
        """Ask for the most of its measure, instead of least cost to a target."""
        return self.model_copy(update={"objective": self.measure, "target": None})

    def decided(self) -> Scenario:
        """Give it the work for a plan to be decided upon, if it asks for less."""
        work = {"node_limit": max(self.node_limit, DECIDED_NODES), "gap_target": min(self.gap_target, DECIDED_GAP)}
        return self.model_copy(update=work)


def _total(amount: Any) -> float:
    return float(sum(amount)) if isinstance(amount, (list, tuple)) else float(amount)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario from a TOML file; keys are the fields of :class:`Scenario`, those left out keep their default.

    ``base`` names a ready scenario (``"best_mix"``) or a file (``"wide.toml"``, from this file's
    folder); tables such as ``assumptions`` are completed, everything else is replaced.

    Raises
    ------
    ScenarioError
        Where a file cannot be read, bases go round in a circle, or with all fields that do not hold
        at once.
    """
    return make_scenario({"name": path.stem, **read_scenario(path)}, path.name)


def read_scenario(path: Path) -> dict[str, Any]:
    """What a scenario file says, its bases included, as :func:`make_scenario` takes it."""
    return _read(path, ())


def make_scenario(given: Mapping[str, Any], where: str) -> Scenario:
    """A scenario from the values of its fields, refused in words where they do not hold.

    Parameters
    ----------
    given : mapping
        Fields of :class:`Scenario`.
    where : str
        Where they come from, for the refusal.
    """
    try:
        scenario = Scenario(**given)
    except ValidationError as error:
        raise ScenarioError(
            _("The scenario file has problems"),
            where=where,
            todo="\n".join(dict.fromkeys(_fault(fault) for fault in error.errors(include_url=False) if _said(fault))),
        ) from error
    unknown = sorted(set(scenario.technologies) - set(OPTION_TECHNOLOGIES))
    if unknown:
        raise ScenarioError(
            _("There is no such technology"),
            where=f"{where}: {_short(', '.join(unknown))}",
            todo=_("Known are: {names}").format(names=", ".join(OPTION_TECHNOLOGIES)),
        )
    return scenario


def _read(path: Path, below: tuple[Path, ...]) -> dict[str, Any]:
    try:
        path = path.resolve()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise ScenarioError(_("The scenario file cannot be read"), where=_short(repr(path.name))) from error
    if path in below:
        circle = [*below[below.index(path) :], path]
        raise ScenarioError(
            _("These scenarios stand on each other in a circle"),
            where=" → ".join(p.name for p in circle),
            todo=_("Let one of them do without a base"),
        )
    if len(below) > _DEEPEST:
        raise ScenarioError(_("Too many scenarios stand on each other"), where=path.name)
    try:
        with path.open("rb") as stream:
            content = stream.read(LIMIT_BYTES + 1)
        if len(content) > LIMIT_BYTES:
            raise ScenarioError(_("The scenario file is too large"), where=path.name)
        given = tomllib.loads(content.decode())
    except OSError as error:
        raise ScenarioError(_("The scenario file cannot be read"), where=path.name) from error
    except (ValueError, RecursionError) as error:  # no TOML or no UTF-8, numbers beyond reason, nested too deeply
        raise ScenarioError(_("The scenario file is not TOML"), where=path.name, todo=_short(error)) from error
    base = given.pop("base", "")
    if not isinstance(base, str):
        raise ScenarioError(_("The base of a scenario is a name or a file"), where=path.name)
    if not base:
        return given
    below_this = _read(_base_path(base, path), (*below, path))
    below_this.pop("name", None)
    return _merged(below_this, given)


def _base_path(base: str, path: Path) -> Path:
    if base.endswith(".toml"):
        return path.parent / base
    ready = sorted(file.stem for file in FOLDER.glob("*.toml"))
    if base not in ready:
        raise ScenarioError(
            _("There is no such ready scenario: {name}").format(name=_short(base)),
            where=path.name,
            todo=_("Known are: {names}").format(names=", ".join(ready)),
        )
    return FOLDER / f"{base}.toml"


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables completed, everything else replaced."""
    result = dict(base)
    for name, value in over.items():
        old = result.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[name] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return result


#: So much of a value is quoted.
_QUOTED = 100
#: Parts of a fault's path that name a choice of types.
_CHOICES = ("constrained-float", "tuple[")


def _said(fault: ErrorDetails) -> bool:
    """Whether a fault says more than that a list is no single amount."""
    return not (fault["type"] == "float_type" and isinstance(fault["input"], (list, tuple)))


def _short(value: object) -> str:
    """A value as a message quotes it: its beginning."""
    text = str(value)
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _fault(fault: ErrorDetails) -> str:
    """A fault that pydantic found, in words."""
    # The parts of a choice of types stand in the path too; they say nothing to people.
    where = ".".join(_short(part) for part in fault["loc"] if part == "[key]" or not str(part).startswith(_CHOICES))
    kind = fault["type"]
    if kind == "words":
        return fault["msg"]
    if kind == "extra_forbidden":
        return _("{where}: there is no such field").format(where=where)
    if kind == "missing":
        return _("{where}: this is missing").format(where=where)
    if kind == "literal_error":
        return _("{where}: {value} is not one of {names}").format(
            where=where, value=_short(fault["input"]), names=fault["ctx"]["expected"].replace(" or ", ", ")
        )
    if kind == "string_pattern_mismatch":
        return _("{where}: {value} is no code of a district, such as 33.27.01").format(
            where=where.removesuffix(".[key]"), value=_short(fault["input"])
        )
    outside = kind in ("greater_than_equal", "less_than_equal", "greater_than")
    wrong = _("{where}: {value} lies outside the limits") if outside else _("{where}: {value} does not fit here")
    return wrong.format(where=where, value=_short(fault["input"]))
