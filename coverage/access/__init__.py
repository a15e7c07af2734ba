"""Access: what people can use, on what evidence, why not more, and how much they need it."""

from coverage.access.assess import access
from coverage.access.calibration import calibrate, calibrated
from coverage.access.model import Access
from coverage.access.reasons import REASONS, reason_sentence
from coverage.access.reception import INTERNET
from coverage.access.statements import statements

__all__ = ["INTERNET", "REASONS", "Access", "access", "calibrate", "calibrated", "reason_sentence", "statements"]
