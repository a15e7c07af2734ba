"""How fast draws are re-scored, how well they agree with the whole chain, and what holds.

    .venv/bin/python benchmarks/uncertainty.py [REGION] [--draws 1000] [--check 1]

``--check`` runs the whole chain again under that many draws of the assumptions (about a minute each)
and compares it with the re-scoring.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from coverage.analysis import Analysis, analyse
from coverage.planning import factors
from coverage.planning.instance import eligible
from coverage.planning.rescoring import Rescorer, rescorer
from coverage.planning.uncertainty import uncertainty
from coverage.region import load

ROOT = Path(__file__).parents[1]


def agreement(analysis: Analysis, scorer: Rescorer, draws: int) -> pd.DataFrame:
    """Re-scoring against the whole chain: options keep village and technology, though their site may move."""
    rows = []
    sample = factors.latin_hypercube(analysis.assumptions, scorer.reach.counts, draws, seed=7)
    for k in range(draws):
        values = {n: float(v[k]) for n, v in sample.values.items() if not n.startswith("uncertainty.")}
        one = factors.nominal(analysis.assumptions, scorer.reach.counts)
        one.values.update({name: np.array([value]) for name, value in values.items()})
        out = scorer.draw(one)
        again = analyse(analysis.region, analysis.scenario.model_copy(update={"assumptions": values, "node_limit": 1}))
        ours = _by_kind(scorer.reach.rows.assign(g=out.gain[0]).groupby("option_id")["g"].sum())
        theirs = _by_kind(again.benefit.groupby("option_id")["index_gain"].sum())
        both = ours.index.intersection(theirs.index)
        covered = float((scorer.reach.covered(one)[0] * scorer.reach.population).sum())
        truth = float(again.access.settlements["population_covered"].sum())
        error = (ours[both] - theirs[both]).abs() / theirs[both].clip(lower=1e-6)
        rows.append(
            {
                "options": len(both),
                "gain, all": ours[both].sum() / theirs[both].sum() - 1,
                "gain, median error": error.median(),
                "rank correlation": ours[both].rank().corr(theirs[both].rank()),
                "covered": covered / truth - 1,
            }
        )
    return pd.DataFrame(rows)


def _by_kind(gains: pd.Series[float]) -> pd.Series[float]:
    return gains.groupby(gains.index.str.split(":").str[:2].str.join(":")).max()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("region", nargs="?", type=Path, default=ROOT / "data" / "pemalang")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--check", type=int, default=1)
    asked = parser.parse_args()
    analysis = analyse(load(asked.region))
    offered = eligible(analysis.deals, analysis.option_set.options, analysis.access.villages, analysis.scenario)
    began = time.perf_counter()
    scorer = rescorer(analysis, offered[list(analysis.deals.columns)])
    print(f"taking the chain apart: {time.perf_counter() - began:.1f} s, {len(scorer.reach.rows)} rows of reach")
    sample = factors.latin_hypercube(analysis.assumptions, scorer.reach.counts, asked.draws, seed=1)
    began = time.perf_counter()
    scorer.draw(sample)
    print(f"{asked.draws} draws re-scored: {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    found = uncertainty(analysis.plan, analysis, analysis.scenario, draws=asked.draws)
    print(f"everything (candidates, tornado, Sobol as well): {time.perf_counter() - began:.1f} s")
    for table in (found.totals, found.robust.candidates, found.tornado.head(8), found.sobol, found.villages.head(12)):
        print(table.to_string(index=False), end="\n\n")
    if asked.check:
        print(agreement(analysis, scorer, asked.check).to_string(index=False))


if __name__ == "__main__":
    main()
