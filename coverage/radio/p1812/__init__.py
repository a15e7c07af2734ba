"""Recommendation ITU-R P.1812-8, in full: the yardstick of the radio room.

Written to be read beside the Recommendation, one function per section, with its equation numbers;
speed is the business of :mod:`coverage.radio.kernels`. Distances are in km, heights in m, angles
in mrad, frequencies in GHz, losses in dB.
"""

from coverage.radio.p1812.location import building_entry_loss_db, location_sigma_db, location_variability_db
from coverage.radio.p1812.method import Terms, basic_transmission_loss, field_strength_dbuv_m, terms

__all__ = [
    "Terms",
    "basic_transmission_loss",
    "building_entry_loss_db",
    "field_strength_dbuv_m",
    "location_sigma_db",
    "location_variability_db",
    "terms",
]
