"""Readers of the public sources: one small module per kind of file, found through one registry.

A new source is one module with a tuple ``READERS``; its column names, label and licence are rows
of ``data/sources``.
"""

from coverage.region.sources.registry import Context, Read, Reader, read, readers

__all__ = ["Context", "Read", "Reader", "read", "readers"]
