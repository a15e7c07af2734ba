"""Radio: path loss, link budget, signal rasters, interference and capacity of cells.

The room takes rasters, tables and arrays of users and knows no village.
"""

from coverage.radio.path_loss import path_loss
from coverage.radio.signal import Signal, SignalLayer, signal
from coverage.radio.whatif import update

__all__ = ["Signal", "SignalLayer", "path_loss", "signal", "update"]
