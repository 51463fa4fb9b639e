"""Agreement of automatic metrics with a human ranking."""
