"""The static site of a region: index, districts, villages."""

from coverage.outputs.site.publish import check_sample, publish

__all__ = ["check_sample", "publish"]
