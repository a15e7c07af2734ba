"""A region: everything known about one regency, as a folder of layers with provenance."""

from coverage.region.excluded import excluded
from coverage.region.grades import GRADES, grades
from coverage.region.layers import LAYERS, LayerSpec, empty
from coverage.region.package import CORRECTIONS, load, load_report, save
from coverage.region.quality import Problem, QualityError, Report
from coverage.region.region import Layer, Region, utm_crs

__all__ = [
    "CORRECTIONS",
    "GRADES",
    "LAYERS",
    "Layer",
    "LayerSpec",
    "Problem",
    "QualityError",
    "Region",
    "Report",
    "empty",
    "excluded",
    "grades",
    "load",
    "load_report",
    "save",
    "utm_crs",
]
