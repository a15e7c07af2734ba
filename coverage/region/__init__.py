"""A region: everything known about one regency, as a folder of layers with provenance."""

from coverage.region.region import Layer, Region

__all__ = ["Layer", "Region"]
