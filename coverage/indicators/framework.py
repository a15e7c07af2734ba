"""The evaluation framework as data: dimensions and their weights, pillars, indicators, drivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from coverage.assumptions import FOLDER
from coverage.errors import AssumptionError
from coverage.indicators.response import RESPONSES, check_parameters
from coverage.language import _, language, mark

#: The five dimensions, in the ministry's order.
DIMENSIONS = ("baseline", "output", "outcome", "impact", "quick_wins")
PILLARS = (
    "smart_governance",
    "smart_branding",
    "smart_economy",
    "smart_living",
    "smart_society",
    "smart_environment",
)
#: Highest score of an indicator, a dimension and the index (Kominfo's scale runs from 0 to 4).
SCALE = 4.0
DEFAULT_SCHEME = "2022"

_NAMES = {
    "baseline": mark("Baseline"),
    "output": mark("Output"),
    "outcome": mark("Outcome"),
    "impact": mark("Impact"),
    "quick_wins": mark("Quick wins"),
    "smart_governance": mark("Smart governance"),
    "smart_branding": mark("Smart branding"),
    "smart_economy": mark("Smart economy"),
    "smart_living": mark("Smart living"),
    "smart_society": mark("Smart society"),
    "smart_environment": mark("Smart environment"),
}
INDICATOR_COLUMNS = (
    "id", "name_id", "name_en", "dimension", "pillar", "programme_id", "programme_en", "unit", "driver", "area",
    "response", "parameters", "floor", "target", "low", "high", "weight", "source", "year",
)  # fmt: skip
DRIVER_COLUMNS = ("driver", "unit", "name_id", "name_en", "baseline")
#: Columns of an indicator that a user may change.
EDITABLE = ("weight", "floor", "target", "low", "high")
_NUMBERS = ("floor", "target", "low", "high", "weight")


def label(code: str) -> str:
    """Name of a dimension or pillar in the reader's language; an unknown code is shown as it is."""
    return _(_NAMES[code]) if code in _NAMES else code


@dataclass(frozen=True, eq=False)
class Framework:
    """How connectivity is scored.

    Attributes
    ----------
    indicators : DataFrame
        One row per indicator, columns :data:`INDICATOR_COLUMNS`: its ``driver`` is a column of the
        region's own data; ``area`` limits it to districts (codes separated by ``;``, empty for
        all); ``floor`` and ``target`` are the driver's values of scores 0 and 4, ``low`` and
        ``high`` the plausible range of the target; ``weight`` counts within the dimension;
        without ``source`` it is a judgement.
    drivers : DataFrame
        Columns :data:`DRIVER_COLUMNS`; ``baseline`` is the rule that computes it.
    weights : mapping
        Weight of each dimension, sum 1.
    scheme : str
        Which weights they are; ``own`` where the user gave them.
    published : DataFrame
        What indicators start from where somebody counted it, as
        :func:`coverage.indicators.published.with_baselines` finds it; without rows all is calculated.
    """

    indicators: pd.DataFrame
    drivers: pd.DataFrame
    weights: Mapping[str, float]
    scheme: str
    published: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({name: [] for name in ("id", "value", "year", "source", "villages")})
    )

    @property
    def names(self) -> pd.Series[str]:
        """Name of each indicator in the reader's language, by id."""
        return self.indicators.set_index("id")["name_id" if language() == "id" else "name_en"].rename("name")


def load_framework(
    folder: Path = FOLDER, scheme: str = DEFAULT_SCHEME, weights: Mapping[str, float] | None = None
) -> Framework:
    """Read ``indicators.csv``, ``indicators_drivers.csv`` and ``indicators_weights.csv``.

    Parameters
    ----------
    folder : Path
        Where they stand.
    scheme : str
        Evaluation whose dimension weights count (column ``scheme``).
    weights : mapping, optional
        Own weights of the five dimensions in any scale, instead of the scheme's.

    Raises
    ------
    AssumptionError
        With all problems of the tables at once.
    """
    indicators = _read(folder / "indicators.csv")
    drivers = _read(folder / "indicators_drivers.csv")
    if weights is not None:
        return make_framework(indicators, drivers, weights, "own")
    table = _read(folder / "indicators_weights.csv")
    of_scheme = table[table["scheme"] == scheme]
    if of_scheme.empty:
        raise AssumptionError(
            _("There are no dimension weights of this name"),
            where=scheme,
            todo=_("Known are: {names}").format(names=", ".join(sorted(set(table["scheme"])))),
        )
    given = pd.to_numeric(of_scheme.set_index("dimension")["weight"], errors="coerce")
    return make_framework(indicators, drivers, {str(k): float(v) for k, v in given.items()}, scheme)


def schemes(folder: Path = FOLDER) -> pd.DataFrame:
    """The published dimension weights: ``scheme, dimension, weight, year, source``."""
    table = _read(folder / "indicators_weights.csv")
    return table.assign(weight=table["weight"].astype(float))


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise AssumptionError(_("The table cannot be read"), where=path.name) from error


def make_framework(
    indicators: pd.DataFrame, drivers: pd.DataFrame, weights: Mapping[str, float], scheme: str = "own"
) -> Framework:
    """Check tables (read from files or edited by the user) and make a framework of them.

    Raises
    ------
    AssumptionError
        With all problems at once.
    """
    problems = [
        _("{where}: the column is missing").format(where=name)
        for names, table in ((INDICATOR_COLUMNS, indicators), (DRIVER_COLUMNS, drivers))
        for name in names
        if name not in table
    ]
    if not problems:
        table = indicators.reset_index(drop=True).copy()
        for name in _NUMBERS:
            table[name] = pd.to_numeric(table[name], errors="coerce")
        problems = _problems(table, set(drivers["driver"])) + _weight_problems(weights)
    if problems:
        raise AssumptionError(_("The indicator framework has problems"), where="indicators", todo="\n".join(problems))
    total = sum(float(weights[d]) for d in DIMENSIONS)
    shares = MappingProxyType({d: float(weights[d]) / total for d in DIMENSIONS})
    return Framework(table, drivers.reset_index(drop=True), shares, scheme)


def changed_framework(
    base: Framework, changes: Mapping[str, Mapping[str, float]], weights: Mapping[str, float] | None = None
) -> Framework:
    """A framework with some of its numbers changed by the user.

    An indicator whose floor, target or range is changed no longer rests on its source: it becomes a
    judgement. A changed weight leaves the source alone.

    Parameters
    ----------
    base : Framework
        What is changed.
    changes : mapping
        Indicator id → column of :data:`EDITABLE` → value.
    weights : mapping, optional
        Own weights of the five dimensions in any scale.

    Raises
    ------
    AssumptionError
        With all problems at once.
    """
    table = base.indicators.set_index("id", drop=False)
    strange = [_("{where}: there is no such indicator").format(where=i) for i in changes if i not in table.index]
    strange += [
        _("{where}: this cannot be changed").format(where=f"{i}.{name}")
        for i, values in changes.items()
        for name in values
        if name not in EDITABLE
    ]
    if strange:
        raise AssumptionError(
            _("The indicator framework has problems"), where="indicators", todo="\n".join(sorted(strange))
        )
    for indicator, values in changes.items():
        for name, value in values.items():
            table.loc[indicator, name] = float(value)
        if set(values) - {"weight"}:
            table.loc[indicator, "source"] = ""
    scheme = "own" if weights else base.scheme
    made = make_framework(table.reset_index(drop=True), base.drivers, weights or base.weights, scheme)
    return replace(made, published=base.published)


def _weight_problems(weights: Mapping[str, float]) -> list[str]:
    problems = [_("{where}: the weight is missing").format(where=d) for d in DIMENSIONS if d not in weights]
    problems += [_("{where}: there is no such dimension").format(where=d) for d in weights if d not in DIMENSIONS]
    values = np.array([float(value) for value in weights.values()])
    if not (np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0):
        problems.append(_("Weights of dimensions must be zero or more, and not all zero"))
    return problems


def _problems(table: pd.DataFrame, drivers: set[str]) -> list[str]:
    problems: list[str] = []

    def tell(rows: pd.Series[bool], message: str) -> None:
        problems.extend(message.format(where=where) for where in table.loc[rows, "id"])

    tell(table["id"].duplicated(), _("{where}: the id stands here twice"))
    tell(~table["dimension"].isin(DIMENSIONS), _("{where}: there is no such dimension"))
    tell(~table["pillar"].isin(PILLARS), _("{where}: there is no such pillar"))
    tell(~table["driver"].isin(drivers), _("{where}: there is no such driver"))
    tell(~table["response"].isin(RESPONSES), _("{where}: there is no such response"))
    finite = table[list(_NUMBERS)].notna().all(axis=1) & (table[list(_NUMBERS)].abs() < np.inf).all(axis=1)
    tell(~finite, _("{where}: floor, target, low, high and weight must be numbers"))
    tell(finite & table["weight"].lt(0), _("{where}: the weight is negative"))
    ordered = table["floor"].lt(table["low"]) & table["target"].between(table["low"], table["high"])
    tell(finite & ~ordered, _("{where}: floor < low <= target <= high must hold"))
    # what connectivity does to a dimension through one driver counts once
    tell(
        table.duplicated(["dimension", "driver"]),
        _("{where}: its driver already moves another indicator of this dimension"),
    )
    for row in table[table["response"].isin(RESPONSES)].to_dict("records"):
        if message := check_parameters(str(row["response"]), str(row["parameters"])):
            problems.append(f"{row['id']}: {message}")
    weighted = table[table["weight"] > 0]
    problems += [
        _("{where}: no indicator of this dimension has a weight").format(where=d)
        for d in DIMENSIONS
        if d not in set(weighted["dimension"])
    ]
    return problems
