"""Resampling in seeded chunks."""
