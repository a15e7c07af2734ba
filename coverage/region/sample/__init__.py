"""The embedded region: builds ``data/pemalang`` from committed facts (see :mod:`coverage.region.sample.build`)."""

from coverage.region.sample.build import build, sample_region

__all__ = ["build", "sample_region"]
