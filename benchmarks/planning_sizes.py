"""Time, gap and greedy's loss against the number of villages and links: ``python benchmarks/planning_sizes.py``."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "planning")]

from planning_instances import make_case  # noqa: E402

from coverage.planning import check_plan, plan  # noqa: E402
from coverage.scenario import Scenario  # noqa: E402


def main(sizes: list[int], node_limit: int) -> None:
    """One line per size and number of fibre points."""
    print("villages fibre links deals seconds gap_% greedy_below_% chosen sound peak_MB")
    for villages in sizes:
        for fibre in (3, 12):
            case = make_case(villages, fibre, seed=1)
            scenario = Scenario(budget_idr=12e9 * villages / 220, node_limit=node_limit)
            start = time.process_time()
            made = plan(*case.arguments(), scenario, case.assumptions)
            seconds = time.process_time() - start
            below = 100 * (1 - made.greedy_objective / made.objective) if made.objective > 0 else 0.0
            sound = not check_plan(made, case, scenario)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{villages:8d} {fibre:5d} {len(case.option_set.links):5d} {len(case.deals):5d} {seconds:7.1f} "
                f"{100 * made.gap:5.2f} {below:14.1f} {len(made.chosen):6d} {sound!s:>5} {peak:7.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main([int(a) for a in sys.argv[2:]] or [20, 60, 120, 220], int(sys.argv[1]) if len(sys.argv) > 1 else 200)
