"""What people take away: stories, maps, tables, summaries."""

from coverage.outputs.folder import write
from coverage.outputs.story import Offer, Paragraph, Source, Story, story

__all__ = ["Offer", "Paragraph", "Source", "Story", "story", "write"]
