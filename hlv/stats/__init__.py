"""Statistics of human label variation and meta-evaluation: numpy and scipy only."""
