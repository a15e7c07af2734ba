"""Many regions: a province on a laptop, the nation on a cluster, with one budget over all of them."""

from coverage.batch.budget import Allocation, allocate
from coverage.batch.parts import Inputs, Part, split
from coverage.batch.run import Finished, Outcome, Settings, run_batch, steps, timings
from coverage.batch.summary import note_text, sum_up
from coverage.batch.task import Order, Result, run_order

__all__ = [
    "Allocation",
    "Finished",
    "Inputs",
    "Order",
    "Outcome",
    "Part",
    "Result",
    "Settings",
    "allocate",
    "note_text",
    "run_batch",
    "run_order",
    "split",
    "steps",
    "sum_up",
    "timings",
]
