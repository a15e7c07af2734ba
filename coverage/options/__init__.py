"""Options: what could be built for a village, where, at what cost, and how it would be fed."""

from coverage.options.build import options, villages_in_need
from coverage.options.costs import annuity_factor, capital_flow, present_value, social_cost, unit_cost
from coverage.options.hops import clearance_m
from coverage.options.model import SATELLITE, OptionSet

__all__ = [
    "SATELLITE",
    "OptionSet",
    "annuity_factor",
    "capital_flow",
    "clearance_m",
    "options",
    "present_value",
    "social_cost",
    "unit_cost",
    "villages_in_need",
]
