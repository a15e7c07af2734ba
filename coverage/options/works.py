"""What it takes to bring a road and electricity to the place of a mast."""

from __future__ import annotations

from collections.abc import Iterable

from coverage.options.costs import Line, bill, totals
from coverage.options.world import World


def track_lines(x: float, y: float, world: World) -> tuple[Line, ...]:
    """Bill of the track from the nearest road; nothing beside a road."""
    metres = world.track_metres(x, y)
    return (Line("cost.access_track", metres),) if metres > 0 else ()


def power_lines(x: float, y: float, grid: str, panels: str, world: World) -> tuple[Line, ...]:
    """Bill of the electricity: a connection to the grid with its line, or panels where those cost less.

    Parameters
    ----------
    x, y : float
        Metric coordinates.
    grid, panels : str
        Bill items of the connection and of the panels.
    world : World
        The region.
    """
    metres = world.line_metres(x, y)
    connected = (Line(grid, 1), *((Line("cost.power_line", metres),) if metres > 0 else ()))
    own = (Line(panels, 1),)
    return connected if capex_idr(connected, world) <= capex_idr(own, world) else own


def capex_idr(lines: Iterable[Line], world: World) -> float:
    """What some lines cost to build, Rp."""
    return totals(bill("", lines, world.assumptions))[0]
