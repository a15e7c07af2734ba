"""The static site of a region: index, districts, villages."""

from coverage.outputs.site.publish import publish

__all__ = ["publish"]
