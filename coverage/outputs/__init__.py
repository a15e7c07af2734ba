"""What people take away: stories, maps, tables, summaries."""

from coverage.outputs.story import Offer, Paragraph, Source, Story, story
from coverage.outputs.folder import write

__all__ = ["Offer", "Paragraph", "Source", "Story", "story", "write"]
