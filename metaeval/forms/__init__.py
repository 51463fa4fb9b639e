"""Input of pages: typed values, and errors in words."""
