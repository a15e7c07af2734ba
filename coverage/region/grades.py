"""A grade per layer: how far its content can be leaned on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from coverage.region.layers import LAYERS
from coverage.region.quality import Report
from coverage.region.region import Layer

#: From best to worst.
GRADES = "ABCDE"

_BY_KIND = {"official": 0, "open": 0, "reported": 1, "estimated": 3, "synthetic": 4}
#: Which kinds of files feed which layer.
_FEEDS = {
    "boundaries": "villages",
    "crosswalk": "villages",
    "population": "villages",
    "fibre": "fibre_points",
    "sites": "sites",
}


def grades(layers: Mapping[str, Layer], report: Report) -> pd.DataFrame:
    """Grade each layer by its kind and by what the import found.

    Official and open layers start at A, reported ones at B, estimated ones at D, synthetic ones
    are E. Each of these costs one grade: any warning, no date, a licence that is not stated, a
    list that is not complete. A layer that is missing has no grade.

    Returns
    -------
    DataFrame
        Columns ``layer, kind, grade, warnings, notes``; one row per layer of a region, in their
        order; ``kind`` and ``grade`` are empty for a missing layer.
    """
    rows = []
    for name in LAYERS:
        found = [p for p in report if _FEEDS.get(p.layer, p.layer) == name]
        warnings = sum(p.severity == "warning" for p in found)
        layer = layers.get(name)
        grade = ""
        if layer is not None:
            partial = any(said != "complete" for said in layer.completeness.values())
            lost = (warnings > 0) + (not layer.date) + (not layer.licence) + partial
            grade = GRADES[min(_BY_KIND[layer.kind] + lost, len(GRADES) - 1)]
        rows.append(
            {
                "layer": name,
                "kind": layer.kind if layer else "",
                "grade": grade,
                "warnings": warnings,
                "notes": sum(p.severity == "info" for p in found),
            }
        )
    return pd.DataFrame(rows)
