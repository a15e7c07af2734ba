"""Roads as a fine network of vertices that fibre can follow.

Lines are noded where they cross, cut into pieces of at most :data:`STEP_M` and joined where their
ends meet, so that any place can be attached to a vertex near it. Coordinates are in the metric CRS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import networkx as nx

#: Longest piece between two vertices, in metres: the pixel of the grid, so attaching costs no more.
STEP_M = 100.0
#: Ends closer than this are one vertex, in metres.
SNAP_M = 1.0


@dataclass(frozen=True, eq=False)
class RoadNet:
    """Vertices and the pieces of road between them.

    Attributes
    ----------
    xy : ndarray, shape (n, 2)
        Metric coordinates, sorted by x, then y.
    edges : ndarray of int, shape (m, 2)
        Vertex numbers, the smaller first, each pair once.
    length_m : ndarray, shape (m,)
        Length along the route.
    """

    xy: NDArray[np.float64]
    edges: NDArray[np.intp]
    length_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.xy)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(_points(self.xy))

    def nearest(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Nearest vertex of each point and its distance in metres."""
        points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
        index = np.asarray(self._tree.nearest(_points(points)), dtype=np.intp)
        gap = self.xy[index] - points
        return index, np.hypot(gap[:, 0], gap[:, 1])

    @cached_property
    def neighbours(self) -> list[list[tuple[int, float]]]:
        """Of every vertex the vertices that a piece leads to, with its length in metres."""
        found: list[list[tuple[int, float]]] = [[] for _vertex in range(len(self.xy))]
        for (a, b), length in zip(self.edges.tolist(), self.length_m.tolist(), strict=True):
            found[a].append((b, length))
            found[b].append((a, length))
        return found

    @cached_property
    def _matrix(self) -> Any:
        from scipy.sparse import csr_array  # with csgraph a fifth of a second, which a warm start can do without

        ends = np.concatenate([self.edges, self.edges[:, ::-1]])
        size = len(self.xy)
        return csr_array((np.tile(self.length_m, 2), (ends[:, 0], ends[:, 1])), shape=(size, size))

    def metres_from(self, roots: Sequence[int], limit_m: float = np.inf) -> NDArray[np.float64]:
        """Length of the shortest way from the nearest of some vertices to every vertex; infinite beyond a limit."""
        from scipy.sparse.csgraph import dijkstra

        found: NDArray[np.float64] = dijkstra(self._matrix, indices=list(roots), limit=limit_m, min_only=True)
        return found

    @cached_property
    def graph(self) -> nx.Graph[int]:
        """Vertices numbered as in `xy`; edges carry ``weight`` in metres."""
        import networkx as nx

        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(len(self.xy)))
        graph.add_weighted_edges_from(
            (a, b, w) for (a, b), w in zip(self.edges.tolist(), self.length_m.tolist(), strict=True)
        )
        return graph


def road_network(
    roads: gpd.GeoDataFrame,
    settlements: gpd.GeoDataFrame,
    fibre_points: gpd.GeoDataFrame,
    crs: str,
    route_factor: float,
) -> RoadNet:
    """The network of a region's roads, or a substitute where it has none.

    Without roads, straight lines join neighbouring settlements and fibre points (the edges of their
    Delaunay triangles), `route_factor` times as long as they look.

    Parameters
    ----------
    roads : GeoDataFrame
        :class:`coverage.tables.Roads`, any CRS.
    settlements, fibre_points : GeoDataFrame
        Points that the substitute joins.
    crs : str
        Metric CRS of the result.
    route_factor : float
        Route over straight line, used by the substitute only.
    """
    lines = roads.geometry.to_crs(crs).to_numpy() if len(roads) else np.empty(0, dtype=object)
    lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    if len(lines):
        return _network(shapely.union_all(lines, grid_size=SNAP_M), 1.0)
    points = np.concatenate(
        [layer.geometry.to_crs(crs).to_numpy() for layer in (settlements, fibre_points) if len(layer)]
        or [np.empty(0, dtype=object)]
    )
    points = np.unique(shapely.get_coordinates(points), axis=0)
    if len(points) < 2:
        return _network(shapely.GeometryCollection(), route_factor)
    triangles = shapely.delaunay_triangles(shapely.MultiPoint(points), only_edges=True)
    # Two points, or points on one line, have no triangles: sorted, they make the line itself.
    return _network(shapely.LineString(points) if shapely.is_empty(triangles) else triangles, route_factor)


def _points(xy: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.points(xy), dtype=object).reshape(-1)


def _network(noded: Any, factor: float) -> RoadNet:
    pieces = shapely.get_parts(noded)
    pieces = pieces[shapely.get_dimensions(pieces) == 1]
    if not len(pieces):
        return RoadNet(np.empty((0, 2)), np.empty((0, 2), dtype=np.intp), np.empty(0))
    coordinates, piece = shapely.get_coordinates(shapely.segmentize(pieces, STEP_M), return_index=True)
    vertices, number = np.unique(np.round(coordinates / SNAP_M) * SNAP_M, axis=0, return_inverse=True)
    inside = piece[1:] == piece[:-1]
    pairs = np.sort(np.column_stack([number[:-1][inside], number[1:][inside]]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.intp)
    step = vertices[pairs[:, 0]] - vertices[pairs[:, 1]]
    return RoadNet(vertices, pairs, np.hypot(step[:, 0], step[:, 1]) * factor)
