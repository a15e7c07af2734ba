"""Root cuts: rows that a fractional solution breaks, found by maximum flows, round by round.

For a village ``v`` and any set ``S`` of nodes without node 0, the edges entering ``S`` number at
least the options of ``v`` chosen in ``S`` (at most one is): ``sum y(into S) >= sum x(v, S)``.
These are the directed cuts of Steiner tree models (Koch and Martin 1998, Solving Steiner tree
problems in graphs to optimality); single-commodity flow alone is far weaker.
"""

from __future__ import annotations

import numpy as np

from coverage.planning import kernels
from coverage.planning.instance import Floats, Ints
from coverage.planning.model import Model, Rows

#: Least violation worth a row.
_LEAST = 0.02


class Separator:
    """Finds root cuts for one model; keeps the arrays that do not change."""

    def __init__(self, model: Model, depth: int = 4) -> None:
        instance = model.instance
        self._model = model
        self._depth = depth
        order = np.lexsort((instance.node, instance.village))
        counts = np.bincount(instance.village, minlength=len(instance.village_code))
        self._option_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._option_list = order.astype(np.int64)
        self._start, self._neighbour, edge = instance.network.adjacency
        nodes = np.repeat(np.arange(len(self._start) - 1), np.diff(self._start))
        entry = {(int(e), int(t)): k for k, (e, t) in enumerate(zip(edge, self._neighbour, strict=True))}
        self._twin = np.array([entry[int(e), int(s)] for e, s in zip(edge, nodes, strict=True)], dtype=np.int64)
        self._entry: Ints = np.array(
            [entry[int(e), int(t)] for e, t in zip(model.edge, model.target, strict=True)], dtype=np.int64
        )

    def cuts(self, values: Floats, limit: int = 600) -> Rows:
        """Rows that a solution of the relaxation breaks (at most ``limit``)."""
        model, instance = self._model, self._model.instance
        room = np.zeros(len(self._neighbour))
        room[self._entry] = np.maximum(values[model.y], 0.0) + 1e-5
        share = np.maximum(values[model.x], 0.0)
        side = np.zeros((limit, len(self._start) - 1), dtype=np.bool_)
        of = np.zeros(limit, dtype=np.int64)
        found = kernels.root_cuts(
            self._start, self._neighbour, self._twin, room, self._option_start, self._option_list,
            instance.node, share, self._depth, _LEAST, side, of,
        )  # fmt: skip
        rows = Rows()
        seen = set()
        for k in range(found):
            arcs = np.flatnonzero(side[k][model.target] & ~side[k][model.source])
            mine = self._option_list[self._option_start[of[k]] : self._option_start[of[k] + 1]]
            mine = mine[side[k][instance.node[mine]]]
            name = (arcs.tobytes(), mine.tobytes())
            if name not in seen:
                seen.add(name)
                rows.add(
                    0.0, np.inf,
                    model.y[arcs].tolist() + model.x[mine].tolist(),
                    [1.0] * len(arcs) + [-1.0] * len(mine),
                )  # fmt: skip
        return rows
