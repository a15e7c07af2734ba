"""Radio: path loss, link budget, signal rasters, interference and capacity of cells.

The room takes rasters, tables and arrays of users and knows no village.
"""

from coverage.radio.capacity import CellLoad, Interferers, Sectors, cell_load
from coverage.radio.clutter import clutter_for
from coverage.radio.explain import Explanation, explain
from coverage.radio.export import write_signal
from coverage.radio.interference import interference, interferers
from coverage.radio.link_budget import reliable_threshold_dbm
from coverage.radio.path_loss import path_loss
from coverage.radio.profile_plot import profile_svg
from coverage.radio.signal import Signal, SignalLayer, signal
from coverage.radio.whatif import update

__all__ = [
    "CellLoad",
    "Explanation",
    "Interferers",
    "Sectors",
    "Signal",
    "SignalLayer",
    "cell_load",
    "clutter_for",
    "explain",
    "interference",
    "interferers",
    "path_loss",
    "profile_svg",
    "reliable_threshold_dbm",
    "signal",
    "update",
    "write_signal",
]
