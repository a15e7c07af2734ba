"""Planning: the best plan that money can buy, proven."""

from coverage.planning.check import check_plan
from coverage.planning.plan import Plan, plan
from coverage.planning.steiner import Tree, connect_terminals

__all__ = ["Plan", "Tree", "check_plan", "connect_terminals", "plan"]
