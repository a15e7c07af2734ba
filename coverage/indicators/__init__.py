"""Indicators: the evaluation framework, scores before and after, and what options bring.

Everything here is indicative, not the ministry's score.
"""

from coverage.indicators.drivers import driver_state
from coverage.indicators.effects import effects
from coverage.indicators.framework import (
    DIMENSIONS,
    EDITABLE,
    PILLARS,
    SCALE,
    Framework,
    changed_framework,
    label,
    load_framework,
    make_framework,
    schemes,
)
from coverage.indicators.gain import Worth, benefit, worth
from coverage.indicators.groups import GROUPINGS, LEVELS, by_group
from coverage.indicators.index import IndexInputError, achievement_index
from coverage.indicators.published import with_baselines
from coverage.indicators.reports import (
    by_dimension,
    by_district,
    by_driver,
    by_pillar,
    by_place,
    by_programme,
    by_village,
)
from coverage.indicators.scoring import Scores, score

__all__ = [
    "DIMENSIONS",
    "EDITABLE",
    "GROUPINGS",
    "LEVELS",
    "PILLARS",
    "SCALE",
    "Framework",
    "IndexInputError",
    "Scores",
    "Worth",
    "achievement_index",
    "benefit",
    "by_dimension",
    "by_district",
    "by_driver",
    "by_group",
    "by_pillar",
    "by_place",
    "by_programme",
    "by_village",
    "changed_framework",
    "driver_state",
    "effects",
    "label",
    "load_framework",
    "make_framework",
    "schemes",
    "score",
    "with_baselines",
    "worth",
]
