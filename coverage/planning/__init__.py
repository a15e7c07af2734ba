"""Planning: the best plan that money can buy, proven."""

from coverage.planning.check import check_plan
from coverage.planning.plan import Plan, plan

__all__ = ["Plan", "check_plan", "plan"]
