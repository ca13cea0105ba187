"""Joined reads for pages: frames and small frozen records. Filters and limits are the data base's work."""
