"""Time, gap and greedy's loss against the number of villages and links.

``python benchmarks/planning_sizes.py [--quick] [--made-up 20,60] [--fibre 12,3] [--real DIR]``

The embedded region comes first, with all its fibre points and with three of them; with ``--real``
(the folder of real files) a region of real boundaries, masts and terrain, whose roads, fibre points
and facilities are the embedded region's, and all of whose villages may be planned for; then made-up
regions. Seconds are processor time of planning alone; ``bound`` is what no plan can exceed.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "planning")]

from planning_instances import make_case  # noqa: E402

from coverage.analysis import Analysis, analyse  # noqa: E402
from coverage.assumptions import load as load_assumptions  # noqa: E402
from coverage.planning import check_plan, plan  # noqa: E402
from coverage.region import Region, load  # noqa: E402
from coverage.region.importer import Choices, Files, import_region  # noqa: E402
from coverage.scenario import Scenario  # noqa: E402

HEAD = (
    "instance                villages fibre links options deals     s greedy   ours   bound  "
    " gap_% greedy_below_% sound   MB"
)


def line(name: str, tables: Any, scenario: Scenario) -> None:
    """Plan, check and print one instance."""
    start = time.process_time()
    made = plan(
        tables.deals, tables.option_set, tables.benefit, tables.region.villages, tables.access,
        scenario, tables.assumptions, providers=tables.region.providers,
    )  # fmt: skip
    seconds = time.process_time() - start
    nodes = tables.option_set.nodes
    below = 100 * (1 - made.greedy_objective / made.objective) if made.objective > 0 else 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:22s} {len(tables.region.villages):9d} {int((nodes.is_root & (nodes.kind == 'fibre_point')).sum()):5d} "
        f"{len(tables.option_set.links):5d} {len(tables.option_set.options):7d} {len(tables.deals):5d} {seconds:5.1f} "
        f"{made.greedy_objective:7.5f} {made.objective:6.5f} {made.bound:6.5f} {100 * made.gap:6.2f} {below:14.1f} "
        f"{not check_plan(made, tables, scenario)!s:>5} {peak:4.0f}",
        flush=True,
    )


def with_fibre(analysis: Analysis, points: int) -> Any:
    """The tables of an analysis with only so many of its fibre points as roots, evenly taken."""
    nodes = analysis.option_set.nodes
    fibre = sorted(nodes.node[nodes.kind == "fibre_point"])
    kept = set(fibre[:: max(1, len(fibre) // points)][:points])
    fewer = nodes.assign(is_root=nodes.is_root & ((nodes.kind != "fibre_point") | nodes.node.isin(kept)))
    return SimpleNamespace(
        deals=analysis.deals,
        option_set=replace(analysis.option_set, nodes=fewer),
        benefit=analysis.benefit,
        region=analysis.region,
        access=analysis.access,
        assumptions=analysis.assumptions,
    )


def real_region(folder: Path, sample: Region) -> Region:
    """Real boundaries, masts and terrain; what the files lack is the sample's."""
    files = Files(
        folder / "desa_3327_pemalang_kemendagri.geojson",
        cells=(folder / "opencellid_510.csv",),
        terrain=(folder / "java_srtm30plus_z6_51_33_epsg3857.tif",),
    )
    made, _report = import_region(files, Choices(resolve_overlaps=True), load_assumptions())
    return replace(
        made,
        roads=sample.roads,
        fibre_points=sample.fibre_points,
        facilities=sample.facilities,
        providers=sample.providers,
    )


def main() -> None:
    """One line per instance."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="the work of the app instead of that of a decision")
    parser.add_argument("--made-up", default="20,60", help="sizes of made-up regions, in villages")
    parser.add_argument("--fibre", default="12,3", help="fibre points of made-up regions")
    parser.add_argument("--real", type=Path, help="folder of the real files")
    given = parser.parse_args()
    asked = Scenario() if given.quick else Scenario().decided()
    print(HEAD)
    sample = load(ROOT / "data" / "pemalang")
    embedded = analyse(sample)
    for points in (int((embedded.option_set.nodes.kind == "fibre_point").sum()), 3):
        line("embedded Pemalang", with_fibre(embedded, points), asked)
    if given.real:
        unknown = Scenario(include_unknown=True)
        line(
            "real boundaries",
            analyse(real_region(given.real, sample), unknown),
            asked.model_copy(update={"include_unknown": True}),
        )
    for villages in map(int, given.made_up.split(",") if given.made_up else []):
        for points in map(int, given.fibre.split(",")):
            case = make_case(villages, points, seed=1)
            line("made up", case, asked.model_copy(update={"budget_idr": 12e9 * villages / 220}))


if __name__ == "__main__":
    main()
