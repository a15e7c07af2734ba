"""What people take away: stories, maps, tables, summaries."""
