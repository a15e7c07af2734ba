"""Planning: the best plan that money can buy, proven."""

from coverage.planning.check import check_plan
from coverage.planning.explain import Why, why
from coverage.planning.frontier import Frontier, frontier
from coverage.planning.package import Package, next_package
from coverage.planning.plan import Plan, plan
from coverage.planning.schedule import Schedule, schedule
from coverage.planning.steiner import Tree, connect_terminals
from coverage.planning.unaided import open_deals, unaided

__all__ = [
    "Frontier",
    "Package",
    "Plan",
    "Schedule",
    "Tree",
    "Why",
    "check_plan",
    "connect_terminals",
    "frontier",
    "next_package",
    "open_deals",
    "plan",
    "schedule",
    "unaided",
    "why",
]
